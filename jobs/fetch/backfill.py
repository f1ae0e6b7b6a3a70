"""What happened before the first sync? Older calendars in windows, older mail by the same sync."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from config.clock import in_reach, to_micros
from config.errors import ConfigError, NoshowError, Stopped
from config.settings import Mailbox
from connectors import sync as engine
from connectors.interfaces import Window
from connectors.model.streams import MAIL
from jobs.console.outcome import NOTHING, Outcome, explained
from jobs.context import Context
from jobs.fetch.sync import part, telling
from jobs.providers.sources import sources

#: One listing asks for so long a time; small enough to be begun anew when it was cut off.
STEP = timedelta(days=28)


def run(
    context: Context, *, since: str, until: str = "", mailboxes: tuple[str, ...] = ()
) -> Outcome:
    """List calendars from one local day to another, newest window first, and all older mail.

    Raises ConfigError for a day that is none or an empty span.
    """
    boxes = [box for box in context.chosen(mailboxes) if box.provider != "files"]
    if not boxes:
        return Outcome(NOTHING, ("no mailbox with an account; noshow import reads files",))
    zone = ZoneInfo(context.settings.zone)
    first, last = _day(since, zone), _day(until, zone) if until else context.clock.now()
    if first >= last:
        raise ConfigError(
            f"there is nothing between {since} and {until or 'now'}", hint="--since comes first"
        )
    number = context.store.ledger.begin_run(f"backfill:{since}")
    outcome = Outcome()
    for box in boxes:
        try:
            outcome += _mailbox(context, box, list(_windows(first, last)), to_micros(first))
        except Stopped:
            raise
        except NoshowError as error:
            outcome += explained(box, error)
    context.store.ledger.finish_run(number, str(outcome.code))
    return outcome


def _mailbox(context: Context, box: Mailbox, windows: list[Window], since: int) -> Outcome:
    number, outcome = context.mailbox_id(box), Outcome()
    store, stop = context.store, context.stop
    with sources(context, box) as found:
        calendar, mail = found.calendar, found.mail
        for one in calendar.calendars() if calendar is not None else ():
            assert calendar is not None  # noqa: S101 - it named them
            work = partial(engine.backfill_calendar, store, calendar, number, one, windows)
            tell = telling(context, f"calendar of mailbox {number}")
            ready = partial(work, engine.Steering(tell, stop))
            outcome += part(box, "calendar", ready)
        if mail is not None:
            with store.locks.mailbox(number, wait=600.0):
                # A listing without a cursor names all there is since then; what is stored stays.
                store.pages.drop_cursor(number, MAIL)
                work_mail = partial(engine.sync_mail, store, mail, number, since)
                tell = telling(context, f"mail of mailbox {number}", found.mail_units)
                ready = partial(work_mail, engine.Steering(tell, stop))
                outcome += part(box, "mail", ready)
    return outcome


def _windows(first: datetime, last: datetime) -> Iterator[Window]:
    """The span in steps, the newest first: that is what a report needs first."""
    end = last
    while end > first:
        start = max(first, end - STEP)
        yield Window(to_micros(start), to_micros(end))
        end = start


def _day(text: str, zone: ZoneInfo) -> datetime:
    try:
        day = date.fromisoformat(text)
        if not in_reach(day):
            raise ValueError(text)
        return datetime.combine(day, time(), tzinfo=zone)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no day", hint="write it like 2026-01-31") from error
