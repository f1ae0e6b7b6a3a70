"""What has changed in the mailboxes of a whole team? Each is a unit for the fleet's workers.

The same as `noshow sync`, with the same store, locks, quota and outcome; only where the units are done
is another matter (jobs.fleet). A mailbox with which workers die is set aside, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from config.settings import Mailbox
from jobs.console.outcome import INTERRUPTED, PARTLY, Outcome
from jobs.context import Context
from jobs.fetch import sync
from jobs.fetch.sync import Manner, Synced
from jobs.fleet import set_aside
from jobs.fleet.executors import hiring
from jobs.fleet.spread import spread
from jobs.team import find
from jobs.team.unit import Unit, address_of_store, read


def run(
    context: Context,
    *,
    mailboxes: tuple[str, ...] = (),
    heal: bool = False,
    allow_empty: bool = False,
    key: str = "",
    again: bool = False,
) -> Outcome:
    """Look for mailboxes where `[team]` names groups, and read all, or those named.

    `again`: also those that are set aside.

    Raises ConfigError for an unknown mailbox, TransientError where the scheduler does not answer.
    """
    found = find.run(context, allow_empty=allow_empty)
    return found + sync.run(
        context,
        mailboxes=mailboxes,
        heal=heal,
        allow_empty=allow_empty,
        key=key,
        everywhere=partial(_by_the_fleet, context, again),
    )


def _by_the_fleet(
    context: Context,
    again: bool,
    boxes: Sequence[Mailbox],
    manner: Manner,
    begun: Callable[[], None],
) -> list[Synced]:
    """What each mailbox's look came to, in the order in which they end."""
    place = address_of_store(context)
    units = {Unit(place, context.mailbox_id(box)): box for box in boxes}
    killers = set_aside.standing(context)
    skipped = {
        unit
        for unit in units
        if unit.mailbox in killers
        and not again
        and set_aside.resting(context, killers[unit.mailbox])
    }
    alone = [unit for unit in units if unit.mailbox in killers and unit not in skipped]
    together = [unit for unit in units if unit.mailbox not in killers]
    synced = [Synced(_said(unit, "set aside, since workers died with it")) for unit in skipped]
    hire = hiring(context.settings, len(together), apart=bool(alone))
    begun()
    for end in spread(hire, partial(read, manner=manner), together, alone=alone, stop=context.stop):
        number = end.unit.mailbox
        if end.result is not None:
            synced.append(end.result)
            if number in killers and end.result.outcome.code in (0, PARTLY):
                set_aside.settle(context, number)
        elif context.stop():
            code = context.stop.code or INTERRUPTED
            synced.append(Synced(Outcome(code, (f"mailbox {number}: not begun",))))
        else:
            set_aside.note(context, number, end.kills)
            synced.append(Synced(_said(end.unit, f"set aside, {end.kills} workers died with it")))
        context.say.say(f"mailbox {number}: {len(synced)} of {len(units)}")
    return synced


def _said(unit: Unit, what: str) -> Outcome:
    return Outcome(PARTLY, problems=(f"mailbox {unit.mailbox}: {what}",))
