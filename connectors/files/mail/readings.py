"""What is read of each mail of a file: its record, the acts in it, and what its headers vouch for?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.files.mail import message as mail
from connectors.files.mail.mbox import Raw
from connectors.files.problems import Lost, Problem, Report
from connectors.model.records import MeetingSeen, MessageSeen

#: A message of fewer bytes is no more than the empty lines between two others.
EMPTY = 4
#: A server's own line: the moment of such a mail is not its writer's.
_ARRIVED = re.compile(rb"\n(?:received|x-gm-thrid)[ \t]*:", re.IGNORECASE)


@dataclass(slots=True)
class Reading:
    """One mail as it was read. `message` is None where a problem was reported instead.

    `arrived`: a server's own line stands in it; not looked for in a sent mail, and where the mails
    before it reach as far. `named`: it names the owner; not looked for behind the first that does.
    `problems`: those that were not reported yet.
    """

    message: MessageSeen | None
    acts: Sequence[MeetingSeen] = ()
    arrived: bool = False
    named: bool = False
    problems: Sequence[Problem] = ()


class MailReader:
    """Reads the mails of one file, or of a stretch of one, in their order."""

    def __init__(self, context: mail.Context, report: Report) -> None:
        self._context = context
        self._report = report
        self._bytes = tuple(one.encode("utf-8", "replace") for one in context.me)
        self._reach: tuple[int, int] | None = None
        self._named = False

    def of_mailbox(self, raw: Raw) -> Reading:
        """What lies between two separators: a mail, or nothing."""
        if raw.size >= EMPTY:
            return self.read(raw)
        place = f"{self._context.place}, message {raw.number} at byte {raw.offset}"
        self._report(Problem(place, "an empty message", Lost.DETAIL))
        return Reading(None)

    def read(self, raw: Raw) -> Reading:
        """What one mail says; problems are reported."""
        message, acts = mail.read(raw, self._context, self._report)
        if message is None:
            return Reading(None)
        return Reading(message, acts, self._arrived(raw, message), self._names(raw, message))

    def _arrived(self, raw: Raw, message: MessageSeen) -> bool:
        at, reach = message.at, self._reach
        if at is None or message.sent or (reach is not None and reach[0] <= at <= reach[1]):
            return False
        if not _ARRIVED.search(b"\n" + raw.header):
            return False
        if not (message.draft or message.chat):
            self._reach = (at, at) if reach is None else (min(reach[0], at), max(reach[1], at))
        return True

    def _names(self, raw: Raw, message: MessageSeen) -> bool:
        if self._named:
            return False
        people = (message.from_, *message.to, *message.cc, *message.bcc)
        named = any(one.address in self._context.me for one in people)
        if not named:
            lower = raw.header.lower()
            named = any(one in lower for one in self._bytes)
        self._named = named
        return named
