"""Which spelling of an address, a meeting's UID or a Message-ID is the one we compare?

Rules: rules.md section 1 (addresses); design section 2 (series UID, recurrence id).
Nothing here raises on bad input: what cannot be normalised comes back trimmed and in lower case.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from functools import lru_cache

import idna

#: No address is longer: RFC 5321 4.5.3.1.3 allows 254 characters, forwarding services and Exchange
#: write more, and a whole header line has 998.
LONGEST_ADDRESS = 998
#: What DNS can hold (RFC 1035 2.3.4); turning more into ASCII costs its square.
_LONGEST_DOMAIN = 253
_GMAIL = {"gmail.com", "googlemail.com"}
#: Signs that nobody sees: they come along where a text was copied out of a page.
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_QUOTES = ("'", '"')
#: Some programs quote what has two dots in a row, as at Japanese phones; others do not.
_NEEDLESS = re.compile(r'^"([^\s"\\(),:;<>@\[\]]+)"$')
_SPLIT = re.compile(r"_r\d{8}(t\d{6}z?)?(?=@|$)")
_GLOBAL_OBJECT_ID = "040000008200e00074c5b7101a82e008"
_FOREIGN = b"vCal-Uid\x01\x00\x00\x00"


@lru_cache(maxsize=200_000)
def address(text: str) -> str:
    """`Dana+crm@Client.Example` -> `dana@client.example`; "" where there is no address, or one
    that is longer than any can be.

    Lower case, IDNA (the ASCII form), the +tag cut; googlemail.com is gmail.com, and only there
    are the dots of the local part cut. Quotes that change nothing are cut, and letters with marks are
    one letter (RFC 5321 4.1.2, RFC 6532 3.1). Nothing else is folded, and nobody is merged by name.
    """
    text = text.strip().strip("<>").strip().lower()
    if text[:1] in _QUOTES and text[:1] == text[-1:]:
        # Outlook writes an address in quotes where it was typed as a name.
        text = text[1:-1].strip()
    if not text.isascii():
        text = _composed(text)
    if text.startswith(("mailto:", "smtp:")):
        text = text.partition(":")[2].strip()
    if len(text) > LONGEST_ADDRESS:
        return ""
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        return ""
    domain = domain.rstrip(".")
    if not domain.isascii():
        domain = _ascii(domain)
        if not domain.isascii():
            return f"{local}@{domain}"
    local = _untagged(local)
    if domain in _GMAIL:
        domain = "gmail.com"
        local = local.replace(".", "")
    return f"{local}@{domain}"


def _untagged(local: str) -> str:
    """The part before the @ without quotes that change nothing, and without its +tag."""
    if local[0] == '"':
        local = _NEEDLESS.sub(r"\1", local)
    return local if local.startswith("+") else local.partition("+")[0]


def _composed(text: str) -> str:
    """Letters with their marks as one, without signs that nobody sees, which are copied out of a page."""
    text = unicodedata.normalize("NFC", UNSEEN.sub("", text)).strip()
    # A large Turkish I with its dot, as in config.phrasing.
    return text.replace("i\u0307", "i")


def a_labels(text: str) -> str:
    """`Kate@Müller.example` -> `Kate@xn--mller-kva.example`: as it must travel, otherwise as it is."""
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{domain if domain.isascii() else _ascii(domain)}"


def _ascii(domain: str) -> str:
    """The domain in ASCII (IDNA); as it is where it has no such form."""
    if len(domain) > _LONGEST_DOMAIN:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain


def domain_of(normal: str) -> str:
    """The part behind the @ of a normalised address; "" where there is none."""
    return normal.rpartition("@")[2] if "@" in normal else ""


@lru_cache(maxsize=200_000)
def series_uid(uid: str) -> str:
    """The UID that all copies and all occurrences of a series share, in lower case.

    Google's suffix of a split series (`_R20241112T140000`) is cut. An Exchange Global Object ID
    is unwrapped to the foreign UID that it carries (`vCal-Uid`), else its instance date (bytes
    16 to 19) is zeroed. Source: facts/google.md 1.2; MS-OXOCAL 2.2.1.27; facts/detection.md 1.
    """
    text = uid.strip().lower()
    if text.startswith(_GLOBAL_OBJECT_ID):
        try:
            raw = bytearray(bytes.fromhex(text))
        except ValueError:
            return text
        at = bytes(raw).find(_FOREIGN)
        if at >= 0:
            foreign = bytes(raw[at + len(_FOREIGN) :]).split(b"\x00", 1)[0]
            return series_uid(foreign.decode("utf-8", "replace"))
        if len(raw) >= 20:
            raw[16:20] = b"\x00\x00\x00\x00"
        return bytes(raw).hex()
    return _SPLIT.sub("", text)


def instance_day(uid: str) -> date | None:
    """The day that an Exchange UID of one instance carries; None for a whole series or another UID.

    An instance that was sent by itself (the guest was invited to this one alone) comes as a single
    entry, and only bytes 16 to 19 of its UID tell it from its brothers. Source: MS-OXOCAL 2.2.1.27.
    """
    text = uid.strip().lower()
    if not text.startswith(_GLOBAL_OBJECT_ID) or len(text) < 40:
        return None
    try:
        return date(int(text[32:36], 16), int(text[36:38], 16), int(text[38:40], 16))
    except ValueError:
        return None


def single_id(uid: str) -> str:
    """The recurrence id of an entry that names no original start: its instance day, or ""."""
    return recurrence_id(instance_day(uid))


def recurrence_id(original: datetime | date | None) -> str:
    """The original start of an occurrence: `20261116T090000Z`, `20261116` for all-day, else "".

    Always the original start and never the current one. Raises ValueError for a datetime
    without a zone.
    """
    if original is None:
        return ""
    if isinstance(original, datetime):
        if original.tzinfo is None:
            raise ValueError("an original start needs a zone")
        return original.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return original.strftime("%Y%m%d")
