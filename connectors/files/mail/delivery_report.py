"""Which addresses failed, and which mail came back, by the part of a delivery report that is for machines?

Most servers say it there alone (RFC 3464) and not in a header of the report. Of the report's parts two are
looked at: the status of each recipient, and the Message-ID among the headers of the mail that came back.
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
_FOLD = re.compile(rb"\n[ \t]+")
_FIELD = re.compile(rb"^([a-z-]+):[ \t]*([^\n]*)$", re.I | re.M)
#: A status is some lines a recipient; what is longer is built to be slow.
_LONGEST = 64 * 1024
_MOST = 100
#: RFC 3464 2.3.3. What the part says and no header does is kept as a parameter of the report's type.
_NO_FAILURE = ("delivered", "relayed", "expanded", "delayed")
_SAYS = "x-action"


def is_one(found: Fields) -> bool:
    """Is the mail with these fields a report? Its header must say so."""
    return any(_REPORT.match(one) for one in found.get("content-type", ()))


def completed(found: Fields, whole: bytes) -> Fields:
    """The fields with the addresses that failed, and the mail that came back, where only parts name them.

    whole: the report with its header, as far as it is held.
    """
    status = _block(_STATUS, whole, 0)
    if status is None:
        return found
    told, end = status
    more: Fields = {}
    actions = _actions(told)
    failed = dict.fromkeys(one for action, some in actions for one in some if action == "failed")
    reached = [action for action, _ in actions if action in _NO_FAILURE]
    if reached and len(reached) == len(actions):
        more["content-type"] = [f"{one}; {_SAYS}={reached[0]}" for one in found["content-type"]]
    if failed and "x-failed-recipients" not in found:
        more["x-failed-recipients"] = [", ".join(failed)]
    returned = _block(_RETURNED, whole, end)
    if failed and not reached and returned is not None and not any(found.get("in-reply-to", ())):
        fields = _fields(returned[0].partition(b"\n\n")[0])
        answers, _ = answered(fields.get(b"message-id", ""), "")
        if answers:
            more["in-reply-to"] = [f"<{answers}>"]
    return found | more


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
        kind, _, address = fields.get(name, "").partition(";")
        if kind.strip().lower() in ("rfc822", "utf-8", "utf8") and "@" in address:
            yield normal_forms.address(address)


def _fields(block: bytes) -> dict[bytes, str]:
    return {
        name.lower(): value.decode("utf-8", "replace").strip()
        for name, value in _FIELD.findall(block)
    }
