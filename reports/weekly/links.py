"""Where does a link of the report lead, and which text of other people may stand in it?

Names and subjects are written by strangers: they are flattened, cut, and lose addresses that a
mail program would turn into links. Only https links that a provider gave, and links built here,
leave this module.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

_URL = re.compile(r"(?i)\b(?:https?|ftp|file|javascript|data|vbscript):\S+|\bwww\.\S+")
_REPLY = re.compile(r"(?i)^(?:(?:re|aw|fwd?|wg|sv|vs|antw|rv|tr)\s*:\s*)+")
_ADDRESS = re.compile(r"[^\s@<>()\[\]\"',;:]+@[^\s@<>()\[\]\"',;:]+\.[^\s@<>()\[\]\"',;:.]+")
_ELLIPSIS = "…"


def clean(text: str, longest: int = 60) -> str:
    """Foreign text as one harmless line: no control or direction characters, no URL, cut.

    Format characters (category Cf: direction overrides, zero-width, tags) can make a text read
    as another; a URL in a subject would become a link that seems to be ours.
    """
    flat = "".join(
        " " if unicodedata.category(char) in ("Zl", "Zp", "Zs") or char in "\t\r\n" else char
        for char in unicodedata.normalize("NFC", text)
        if char in "\t\r\n" or unicodedata.category(char)[0] != "C"
    )
    flat = " ".join(_URL.sub(_ELLIPSIS, flat).split())
    if len(flat) <= longest:
        return flat
    return flat[: longest - 1].rstrip() + _ELLIPSIS


def called(name: str, address: str) -> str:
    """How somebody is printed: by their name, or by their address where they wrote none.

    A name that holds another address is none: what is said of one would read as said of the other.
    """
    shown = clean(name, 48)
    held = _ADDRESS.findall(unicodedata.normalize("NFKC", clean(name, 200)).lower())
    return shown if shown and all(one == address for one in held) else clean(address)


def topic(subject: str, longest: int = 60) -> str:
    """What a mail is about, without `Re:` and its like, as `clean` makes it."""
    return clean(_REPLY.sub("", subject.strip()), longest)


def web(link: str) -> str:
    """The link if it is a plain https one of bearable length, else ""."""
    if len(link) > 400 or not link.isascii() or any(char.isspace() for char in link):
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme == "https" and parts.netloc and "@" not in parts.netloc else ""


def thread(provider: str, mailbox: str, thread_id: str) -> str:
    """A link that opens a Gmail thread for its owner; "" for others.

    Gmail opens `#all/<hex thread id>`, with `authuser` choosing the account. Outlook's links need
    an id that immutable ids are not, so none is made up here (facts/microsoft.md, section 2).
    """
    if provider != "google" or not re.fullmatch(r"[0-9a-f]{8,32}", thread_id):
        return ""
    return f"https://mail.google.com/mail/?authuser={quote(mailbox, safe='@')}#all/{thread_id}"


def answer(mailbox: str, claim_id: str, word: str) -> str:
    """A link that opens the answer to a claim as a mail to oneself (rules.md section 9)."""
    return mailto(mailbox, f"noshow {claim_id} {word}")


def mailto(to: str, subject: str, body: str = "") -> str:
    """A mailto link (RFC 6068); everything but the address's @ is percent-encoded."""
    link = f"mailto:{quote(to, safe='@')}?subject={quote(subject, safe='')}"
    return link + (f"&body={quote(body, safe='')}" if body else "")
