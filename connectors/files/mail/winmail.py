"""Which kind of meeting mail, or receipt, lies in a winmail.dat, the form of Outlook's own that no other program reads?

Of the attributes of a TNEF stream (MS-OXTNEF 2.1.3) the message class alone is read: what it is of a
meeting, and not of which. That is told by the people and the subject, as for mails without a calendar part.
"""

from __future__ import annotations

import struct

_SIGNATURE = 0x223E9F78
_MESSAGE_CLASS = 0x00078008
_HEAD = struct.Struct("<IH")
_ATTRIBUTE = struct.Struct("<BII")
#: Behind each attribute.
_CHECKSUM = 2
#: The class stands near the beginning; a stream of more attributes before it is built to be slow.
_MOST = 100
#: MS-OXOCAL 2.2, and as older programs write it into this attribute (MS-OXTNEF 2.1.3.3.1).
_KINDS = {
    "ipm.schedule.meeting.request": "request",
    "ipm.microsoft schedule.mtgreq": "request",
    "ipm.schedule.meeting.canceled": "cancel",
    "ipm.microsoft schedule.mtgcncl": "cancel",
    "ipm.schedule.meeting.resp.pos": "accept",
    "ipm.microsoft schedule.mtgrespp": "accept",
    "ipm.schedule.meeting.resp.tent": "tentative",
    "ipm.microsoft schedule.mtgrespa": "tentative",
    "ipm.schedule.meeting.resp.neg": "decline",
    "ipm.microsoft schedule.mtgrespn": "decline",
}


#: Read, or deleted without being read; of a mail or of an invitation (MS-OXOMSG 2.2.2).
_RECEIPTS = (".ipnrn", ".ipnnrn")


def meeting_type(data: bytes) -> str:
    """request, cancel, accept, tentative or decline; "" for any other mail, and for what is no such stream."""
    return _KINDS.get(_message_class(data), "")


def is_receipt(data: bytes) -> bool:
    """Did a program write it, to say that a mail was opened or thrown away?"""
    found = _message_class(data)
    return found.startswith("report.") and found.endswith(_RECEIPTS)


def _message_class(data: bytes) -> str:
    """In small letters and by its own name, also where it is written as older programs do; "" for none."""
    if len(data) < _HEAD.size or _HEAD.unpack_from(data)[0] != _SIGNATURE:
        return ""
    place = _HEAD.size
    for _ in range(_MOST):
        if place + _ATTRIBUTE.size > len(data):
            break
        _, name, length = _ATTRIBUTE.unpack_from(data, place)
        place += _ATTRIBUTE.size
        if name == _MESSAGE_CLASS:
            written = data[place : place + min(length, 200)].rstrip(b"\0")
            found = written.decode("ascii", "replace").strip().lower()
            return "report.ipm.note.ipnrn" if found == "ipm.microsoft mail.read receipt" else found
        place += length + _CHECKSUM
    return ""
