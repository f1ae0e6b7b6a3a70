"""Of which mailboxes is what is known too old to rely on? Asked of the store alone.

The limit is the report's own (`[policy] old_hours`), so that an alarm rings when the next report
would call itself incomplete.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from config.clock import from_micros, to_micros
from config.settings import Mailbox
from connectors.model.streams import MAIL, calendar_stream
from jobs.context import Context

_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Old:
    """A mailbox whose facts are old: which streams, and since when [µs UTC], None: never read whole.

    `mend`: the command that reads it.
    """

    address: str
    streams: tuple[str, ...]
    since: int | None
    mend: str = "noshow sync"


def found(context: Context, then: datetime | None = None) -> tuple[Old, ...]:
    """The mailboxes of the settings whose calendar or mail was last read to its end too long ago.

    then: the moment looked back to; None: now.
    """
    now = context.clock.micros() if then is None else to_micros(then)
    old = []
    for box in context.chosen():
        limit = now - int(context.settings.policy.old_after(box.provider) * _HOUR)
        ends = _ends(context, box)
        late = {name: end for name, end in ends.items() if end is None or end < limit}
        if late:
            known = [end for end in late.values() if end is not None]
            since = min(known) if len(known) == len(late) else None
            old.append(Old(box.address, tuple(late), since, mend(box.provider)))
    return tuple(old)


def mend(provider: str) -> str:
    """The command that reads what is missing of a mailbox of this provider."""
    return "noshow import FILES..." if provider == "files" else "noshow sync"


def sentences(context: Context, then: datetime | None = None) -> tuple[str, ...]:
    """One line a mailbox, with what to do. then: the moment looked back to; None: now."""
    now = context.clock.micros() if then is None else to_micros(then)
    zone = ZoneInfo(context.settings.zone)
    lines = []
    for one in found(context, then):
        what = " and ".join(one.streams)
        if one.since is None:
            lines.append(f"{one.address}: {what} not read to the end yet -> {one.mend}")
            continue
        then = from_micros(one.since).astimezone(zone)
        hours = (now - one.since) / _HOUR
        lines.append(
            f"{one.address}: {what} last read to the end on {then:%Y-%m-%d %H:%M}, {hours:.0f} h ago"
            f" -> {one.mend}"
        )
    return tuple(lines)


def _ends(context: Context, box: Mailbox) -> dict[str, int | None]:
    """The end of the last complete poll of each stream that the settings want read [µs UTC]."""
    known = {one.name: one.complete_to for one in context.store.streams.of(context.mailbox_id(box))}
    if box.provider != "files":
        wanted = {calendar_stream(one): "calendar" for one in box.calendars} | {MAIL: "mail"}
        several = len(box.calendars) > 1
        return {
            stream if several and word == "calendar" else word: known.get(stream)
            for stream, word in wanted.items()
        }
    # What a file holds ends with the file: the newest says how old the last export is.
    return {"files": max((end for end in known.values() if end is not None), default=None)}
