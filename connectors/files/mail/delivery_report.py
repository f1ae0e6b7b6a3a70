"""Which addresses failed, and which mail came back, by what a delivery report says below its header?

Most servers say it there alone: in a part for machines (RFC 3464), or in no more than a text with the mail
that came back behind it (qmail, and whoever was before the RFC). Of a report two things are looked at: the
status of each recipient, and the Message-ID among the headers of the mail that came back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.files.mail.header_scan import Fields
from connectors.model import normal_forms
from connectors.model.headers.message_ids import answered

_REPORT = re.compile(r"multipart/report\b", re.IGNORECASE)
_STATUS = re.compile(rb"^content-type:[ \t]*message/(?:global-)?delivery-status\b", re.I | re.M)
_RETURNED = re.compile(
    rb"^content-type:[ \t]*(?:text/rfc822-headers|message/(?:rfc822|global)(?:-headers)?)\b",
    re.I | re.M,
)
#: Where no part is typed: the header of the mail that came back stands in the text, perhaps quoted.
_NAMED = re.compile(rb"^[> \t]*message-id:[ \t]*(?:\n[ \t]+)?(<[^<>\s]{1,900}>)", re.I | re.M)
#: An address in a text.
_ADDRESS = re.compile(rb"(?<![\w.+'=-])[\w.+'=-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
#: Who signs reports where the sender is not simply empty.
_SERVER = re.compile(r"(?:mailer-daemon|postmaster)(?![a-z])", re.IGNORECASE)
_FOLD = re.compile(rb"\n[ \t]+")
_FIELD = re.compile(rb"^([a-z-]+):[ \t]*([^\n]*)$", re.I | re.M)
#: A status is some lines a recipient; what is longer is built to be slow.
_LONGEST = 64 * 1024
#: How far behind the header the mail that came back may begin, and what the server itself says.
_REACH = 256 * 1024
_SAID = 4 * 1024
_MOST = 100
#: RFC 3464 2.3.3. What the part says and no header does is kept as a parameter of the report's type, and so
#: is whom a text is about, for it may be about anything: whether that failed, the report's subject says.
_NO_FAILURE = ("delivered", "relayed", "expanded", "delayed")
_SAYS, _ABOUT = "x-action", "x-about"


def is_one(found: Fields) -> bool:
    """Is the mail with these fields a report? Its type says so, or who sent it: nobody, or a server."""
    if any(_REPORT.match(one) for one in found.get("content-type", ())):
        return True
    if any(one.strip() in ("", "<>") for one in found.get("return-path", ())):
        return True
    senders = (*found.get("from", ()), *found.get("return-path", ()))
    return any(_SERVER.search(one) for one in senders)


def completed(found: Fields, whole: bytes) -> Fields:
    """The fields with the addresses that failed, and the mail that came back, where only its text names them.

    whole: the report with its header, as far as it is held.
    """
    more: Fields = {}
    status = _block(_STATUS, whole, 0)
    told, end = status or (b"", 0)
    actions = _actions(told)
    failed = dict.fromkeys(one for action, some in actions for one in some if action == "failed")
    reached = [action for action, _ in actions if action in _NO_FAILURE]
    types = found.get("content-type", [""])
    if reached and len(reached) == len(actions):
        more["content-type"] = [f"{one}; {_SAYS}={reached[0]}" for one in types]
    if not reached and not any(found.get("in-reply-to", ())):
        answers = _returned(whole, end)
        if answers:
            more["in-reply-to"] = [f"<{answers}>"]
        elif status is None and not any(found.get("references", ())):
            about = _about(found, whole)
            if about:
                more["content-type"] = [f"{one}; {_ABOUT}={about}" for one in types]
    if failed and "x-failed-recipients" not in found:
        more["x-failed-recipients"] = [", ".join(failed)]
    return found | more


def _returned(whole: bytes, start: int) -> str:
    """The Message-ID of the mail that came back; empty where none is named. start: where its part is looked for."""
    part = _block(_RETURNED, whole, start)
    if part is not None:
        fields = _fields(part[0].partition(b"\n\n")[0])
        named = fields.get(b"message-id", "")
    else:
        line = _NAMED.search(_text(whole))
        named = line[1].decode("utf-8", "replace") if line else ""
    return answered(named, "")[0]


def _about(found: Fields, whole: bytes) -> str:
    """The one address outside that a server's text names, beside whose report it is; "" of several.

    Whoever is away sends with an empty return path, too, and names who is there instead.
    """
    authors = found.get("from", ())
    if any("@" in one and not _SERVER.search(one) for one in authors):
        return ""
    known = "\n".join(one for name in ("to", "from", "return-path") for one in found.get(name, ()))
    others = _addresses(_text(whole)[:_SAID]) - _addresses(known.encode("utf-8", "replace"))
    return "".join(one for one in others if not _SERVER.match(one)) if len(others) == 1 else ""


def _text(whole: bytes) -> bytes:
    """What stands below the header, as far as it is looked at."""
    return whole[:_REACH].replace(b"\r\n", b"\n").partition(b"\n\n")[2]


def _addresses(text: bytes) -> set[str]:
    return {normal_forms.address(one.decode()) for one in _ADDRESS.findall(text)}


def _block(kind: re.Pattern[bytes], whole: bytes, start: int) -> tuple[bytes, int] | None:
    """The text of the first part of this kind after `start`, unfolded, and where it ends."""
    head = kind.search(whole, start)
    if head is None:
        return None
    text = whole[head.end() : head.end() + _LONGEST].replace(b"\r\n", b"\n")
    _, _, text = text.partition(b"\n\n")
    return _FOLD.sub(b" ", text.partition(b"\n--")[0]), head.end()


def _actions(status: bytes) -> list[tuple[str, list[str]]]:
    """What it says of each recipient, with the recipient in normal form, under both names."""
    blocks = map(_fields, status.split(b"\n\n")[:_MOST])
    return [
        (one[b"action"].partition(" ")[0].lower(), [*_recipients(one)])
        for one in blocks
        if one.get(b"action")
    ]


def _recipients(fields: dict[bytes, str]) -> Iterator[str]:
    for name in (b"final-recipient", b"original-recipient"):
        kind, typed, address = fields.get(name, "").rpartition(";")
        known = not typed or kind.strip().lower() in ("rfc822", "utf-8", "utf8")
        if known and "@" in address:
            yield normal_forms.address(address.strip(" <>"))


def _fields(block: bytes) -> dict[bytes, str]:
    return {
        name.lower(): value.decode("utf-8", "replace").strip()
        for name, value in _FIELD.findall(block)
    }
