"""How far do the mails of a file reach, and whose mailbox are they?

Only received mail can hold an answer, so that mail reaches to the last one received; and only a
moment that somebody but its writer noted can be trusted (section 0 of docs/rules.md).
"""

from __future__ import annotations

from config.clock import MICROSECONDS
from connectors.files.containers import Source
from connectors.files.mail.readings import Reading
from connectors.files.problems import Lost, Problem, Reach, Report

_DAY = 86_400 * MICROSECONDS
#: A file of so many mails that name the owner nowhere is somebody else's.
_ENOUGH = 5
_WHOSE = "say whose it is with --me, or add the other address as an alias in the settings"


def see(reach: Reach, reading: Reading, written: int | None) -> None:
    """Widen the reach by one mail. `written`: when its file was last changed [µs UTC]."""
    message = reading.message
    if message is None or message.at is None or message.draft or message.chat:
        return
    at = message.at
    if message.sent:
        reach.see_mail(reach.sent, at)
    elif reach.arrived and reach.arrived[0] <= at <= reach.arrived[1]:
        return
    elif reading.arrived:
        reach.see_mail(reach.arrived, at)
    elif written is None or at <= written + _DAY:
        # A file holds nothing that was written after it: there the writer's clock is ahead.
        reach.see_mail(reach.dated, at)


class Named:
    """Is the owner named in the mails? A file, or an import, in which nobody names them is told."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._whole = _Tally()
        self._file = _Tally()

    def see(self, reading: Reading) -> None:
        """One more mail of the file."""
        self._file.named |= reading.named
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
