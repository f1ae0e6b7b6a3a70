"""What has changed in the mailboxes? One unit a mailbox; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import chain, repeat

from config.clock import to_micros
from config.errors import Busy, NoshowError, Stopped
from config.settings import Mailbox
from connectors import sync as engine
from connectors.interfaces import Window
from jobs.console.outcome import BUSY, DONE, INTERRUPTED, NOTHING, PARTLY, Outcome, explained, worst
from jobs.console.progress import Pace, Units
from jobs.context import Context
from jobs.delivery import resend
from jobs.fetch import attendance_and_audit
from jobs.fetch.places import Place, Places
from jobs.providers.pings import Pings, Signal, verdict
from jobs.providers.sources import sources

#: How a transport begins that could connect to nobody.
_NO_NETWORK = "no network: "
#: The nightly poll again goes this far back: what changed late in a delta and what was missed.
HEAL_PAST = timedelta(days=35)
#: More mailboxes than this queue without a thread of their own.
_THREADS = 500


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is looked. `heal` also lists the whole window again; `allow_empty` believes a source that
    is now empty.
    """

    heal: bool = False
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class Synced:
    """What one poll of one mailbox came to. `busy`: another process reads it."""

    outcome: Outcome
    busy: bool = False


#: Reads each of some mailboxes, wherever that is done; calls the last argument when work begins.
Everywhere = Callable[[Sequence[Mailbox], Manner, Callable[[], None]], Sequence[Synced]]


def run(
    context: Context,
    *,
    mailboxes: tuple[str, ...] = (),
    heal: bool = False,
    allow_empty: bool = False,
    key: str = "",
    everywhere: Everywhere | None = None,
) -> Outcome:
    """Sync each mailbox that has an account; `everywhere`: by whom, None: threads of this process.

    `heal` also lists the whole window again. What was sent before is looked for afterwards
    (jobs.delivery.resend). Raises ConfigError for an unknown mailbox; what goes wrong in one mailbox
    is in the outcome.
    """
    chosen = [box for box in context.chosen(mailboxes) if box.provider != "files"]
    if not chosen:
        return Outcome(NOTHING, ("no mailbox with an account; noshow import reads files",))
    pings = Pings(context, context.settings.sync.ping_url)
    try:
        manner, by = Manner(heal, allow_empty), everywhere or partial(_here, context)
        outcome, signal = _synced(context, chosen, manner, key, pings, by)
    except Exception:
        # Damage and bugs must ring the bell, too.
        pings.end(Signal.FAIL)
        raise
    if not context.stop():
        pings.end(signal)
    return outcome + resend.run(context)


def _synced(
    context: Context,
    chosen: Sequence[Mailbox],
    manner: Manner,
    key: str,
    pings: Pings,
    everywhere: Everywhere,
) -> tuple[Outcome, Signal]:
    """One run over these mailboxes, and what a monitoring service is to hear of it."""
    if manner.heal:
        # Nothing is added by night to a file that does not hold what it should.
        context.store.check()
    job = "heal" if manner.heal else "sync"
    number = context.store.ledger.begin_run(f"{job}:{key}")
    found = everywhere(chosen, manner, pings.start)
    outcomes = [each.outcome for each in found]
    code = worst(*(each.code for each in outcomes))
    lines = tuple(line for each in outcomes for line in each.lines)
    problems = _once(tuple(line for each in outcomes for line in each.problems))
    # Where another process reads all of it, this one did nothing, and failed at nothing.
    idle = all(each.busy for each in found)
    context.store.ledger.finish_run(
        number, BUSY if idle else str(code), f"{len(problems)} problems" if problems else ""
    )
    # Well, whatever one poll had to leave out, as long as all are read often enough.
    signal = Signal.LOG if idle else verdict(context, well=code in (DONE, PARTLY))
    return Outcome(code, lines, problems), signal


def _here(
    context: Context, boxes: Sequence[Mailbox], manner: Manner, begun: Callable[[], None]
) -> list[Synced]:
    """Some mailboxes at once, by threads of this process: one each, most of which queue or wait."""
    plan = context.settings
    # Outlook counts the requests of an app, so that more of its mailboxes at once gain nothing.
    most = {"microsoft": plan.microsoft.in_flight}
    places = Places(plan.sync.workers, most, context.stop)

    def seated(box: Mailbox, asked: Place | None) -> Synced:
        with asked or places.ask(box.provider) as place:
            return one(replace(context, away=place.away, turn=place.turn), box, manner, begun)

    # In the order of the settings. Who has no thread must not queue: nobody would come after them.
    first = [places.ask(box.provider) for box in boxes[:_THREADS]]
    with ThreadPoolExecutor(min(_THREADS, len(boxes)), thread_name_prefix="mailbox") as pool:
        return list(pool.map(seated, boxes, chain(first, repeat(None))))


def one(
    context: Context, box: Mailbox, manner: Manner, begun: Callable[[], None] = lambda: None
) -> Synced:
    """A poll of one mailbox. `begun` is called when it is sure that no other process reads it."""
    try:
        return Synced(_mailbox(context, box, manner, begun))
    except Stopped:
        code = context.stop.code or INTERRUPTED
        said = f"{box.address}: stopped; the next run goes on from there"
        return Synced(Outcome(code, (said,)))
    except Busy as error:
        said = f"{box.address}: skipped, {error.message}"
        return Synced(Outcome(PARTLY, problems=(said,)), busy=True)
    except NoshowError as error:
        return Synced(explained(box, error))


def _once(problems: tuple[str, ...]) -> tuple[str, ...]:
    """Without a network every stream of every mailbox says the same: here it is said once."""
    lost = [one for one in problems if _NO_NETWORK in one]
    if not lost:
        return problems
    said = lost[0][lost[0].index(_NO_NETWORK) :].partition(" ->")[0]
    others = tuple(one for one in problems if _NO_NETWORK not in one)
    return (f"{said}; what is missing comes with the next run", *others)


def _mailbox(context: Context, box: Mailbox, manner: Manner, begun: Callable[[], None]) -> Outcome:
    """Calendars first (they are few and decide most), then mail; each even if the other failed."""
    number = context.mailbox_id(box)
    now, plan = context.clock.now(), context.settings.sync
    window = Window(
        to_micros(now - timedelta(days=plan.past_days)),
        to_micros(now + timedelta(days=plan.ahead_days)),
    )
    store, stop = context.store, partial(_after_page, context)
    with sources(context, box) as found:
        calendar, mail = found.calendar, found.mail
        calendars = calendar.calendars() if calendar is not None else ()
        outcome = Outcome()
        with store.locks.mailbox(number):
            begun()
            for each in calendars:
                assert calendar is not None  # noqa: S101 - it named them
                work = partial(engine.sync_calendar, store, calendar, number, each, window)
                tell = telling(context, f"calendar of mailbox {number}")
                ready = partial(work, engine.Steering(tell, stop, manner.allow_empty))
                outcome += part(box, "calendar", ready)
            if mail is not None:
                work = partial(engine.sync_mail, store, mail, number, window.start)
                tell = telling(context, f"mail of mailbox {number}", found.mail_units)
                ready = partial(work, engine.Steering(tell, stop, manner.allow_empty))
                outcome += part(box, "mail", ready)
            for name, extra in attendance_and_audit.steps(context, box, number, found):
                outcome += part(box, name, extra)
        # The second poll takes the lock page by page, so that a sync can run between.
        for each in calendars if manner.heal else ():
            assert calendar is not None  # noqa: S101 - it named them
            again = Window(to_micros(now - HEAL_PAST), window.end)
            work = partial(engine.backfill_calendar, store, calendar, number, each, [again])
            tell = telling(context, f"calendar of mailbox {number}, whole window")
            ready = partial(work, engine.Steering(tell, stop, manner.allow_empty))
            outcome += part(box, "calendar, whole window", ready)
    return outcome


def _after_page(context: Context) -> bool:
    """Others first; then: is this one to go on?"""
    context.turn()
    return context.stop()


def telling(
    context: Context, unit: str, units: Units | None = None
) -> Callable[[engine.Progress], None]:
    """Progress of one stream for people: records so far, those to come, rate, units, time left."""
    pace = Pace(context.clock.steady, units)

    def tell(now: engine.Progress) -> None:
        total = now.stored + now.pending if now.pending else None
        note = pace.note(now.stored, now.pending)
        noun = "record" if now.stored == 1 else "records"
        context.say(unit, now.stored, total, f"{noun}, {note}" if note else noun)

    return tell


def part(box: Mailbox, name: str, work: Callable[[], engine.SyncOutcome]) -> Outcome:
    """One stream of a mailbox; what goes wrong in it does not keep the next from being read."""
    try:
        result = work()
    except (Stopped, Busy):
        raise
    except NoshowError as error:
        return explained(box, error, name)
    lines: tuple[str, ...] = ()
    if result.stored or result.complete:
        counted = f"{result.stored} read" if result.stored else "nothing new"
        lines = (f"{box.address}, {name}: {counted}",)
    if result.complete:
        return Outcome(DONE, lines)
    return Outcome(PARTLY, lines, (f"{box.address}, {name}: incomplete, {result.problem}",))
