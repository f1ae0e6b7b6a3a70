"""How far do the mails of a file reach, and whose mailbox are they?

Only received mail can hold an answer, so that mail reaches to the last one received; and only a
moment that somebody but its writer noted can be trusted (section 0 of docs/rules.md).
"""

from __future__ import annotations

import re

from config.clock import MICROSECONDS
from connectors.files.containers import Source
from connectors.files.mail.mbox import Raw
from connectors.files.problems import Lost, Problem, Reach, Report
from connectors.model.records import MessageSeen

_DAY = 86_400 * MICROSECONDS
#: A server's own line: the moment of such a mail is not its writer's.
_ARRIVED = re.compile(rb"\n(?:received|x-gm-thrid)[ \t]*:", re.IGNORECASE)
#: A file of so many mails that name the owner nowhere is somebody else's.
_ENOUGH = 5
_WHOSE = "say whose it is with --me, or add the other address as an alias in the settings"


def see(reach: Reach, raw: Raw, message: MessageSeen, written: int | None) -> None:
    """Widen the reach by one mail. `written`: when its file was last changed [µs UTC]."""
    at = message.at
    if at is None or message.draft or message.chat:
        return
    if message.sent:
        reach.see_mail(reach.sent, at)
    elif reach.arrived and reach.arrived[0] <= at <= reach.arrived[1]:
        return
    elif _ARRIVED.search(b"\n" + raw.header):
        reach.see_mail(reach.arrived, at)
    elif written is None or at <= written + _DAY:
        # A file holds nothing that was written after it: there the writer's clock is ahead.
        reach.see_mail(reach.dated, at)


class Named:
    """Is the owner named in the mails? A file, or an import, in which nobody names them is told."""

    def __init__(self, me: frozenset[str], report: Report) -> None:
        self._me = me
        self._report = report
        self._bytes = tuple(one.encode("utf-8", "replace") for one in me)
        self._whole = _Tally()
        self._file = _Tally()

    def see(self, raw: Raw, message: MessageSeen) -> None:
        """Look for the owner, until a mail of the file names them."""
        if self._file.named:
            return
        people = (message.from_, *message.to, *message.cc, *message.bcc)
        named = any(one.address in self._me for one in people)
        if not named:
            lower = raw.header.lower()
            named = any(one in lower for one in self._bytes)
        self._file.named = named
        self._file.mails += 1

    def end_file(self, source: Source) -> None:
        """The file was read to its end."""
        file, self._file = self._file, _Tally()
        self._whole.named |= file.named
        self._whole.mails += file.mails
        if file.mails >= _ENOUGH and not file.named:
            self._whole.told = True
            self._tell(source.place)

    def end(self) -> None:
        """All was read."""
        whole = self._whole
        if whole.mails and not (whole.named or whole.told):
            self._tell(f"{whole.mails} mails" if whole.mails > 1 else "the only mail")

    def _tell(self, place: str) -> None:
        reason = "the owner is named in no mail of it: perhaps somebody else's mailbox"
        self._report(Problem(place, reason, Lost.STRANGER, _WHOSE))


class _Tally:
    def __init__(self) -> None:
        self.mails = 0
        self.named = self.told = False
