"""To whom does a report go, and about which mailboxes?"""

from __future__ import annotations

from dataclasses import dataclass

from config.errors import ConfigError
from config.settings import Mailbox
from jobs.context import Context

WEEKLY, STOP, REMIND, LEAD = "weekly", "stop", "remind", "lead"


@dataclass(frozen=True)
class Audience:
    """Who gets one report, and over which mailboxes."""

    recipient: str
    boxes: tuple[Mailbox, ...]


def audiences(context: Context, mailboxes: tuple[str, ...] = ()) -> tuple[Audience, ...]:
    """One report over all mailboxes for each named recipient, else one for each mailbox's owner."""
    boxes = context.chosen(mailboxes)
    if not boxes:
        raise ConfigError("the settings name no mailbox", hint="add a [[mailbox]]; see noshow init")
    named = context.settings.report.recipients
    if named:
        return tuple(Audience(one, boxes) for one in named)
    return tuple(Audience(box.address, (box,)) for box in boxes)
