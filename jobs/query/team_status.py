"""How does a whole team stand? By numbers: no line names a person, so that it can stand on a screen.

`noshow status` says the same with addresses. Which number is whose: `--names`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.clock import from_micros
from jobs.context import Context
from jobs.fleet import set_aside
from jobs.outcome import DONE, NOTHING, PARTLY, Outcome
from jobs.providers import old_data
from jobs.query.tables import Format, columns, show

_BOXES = columns(
    "mailbox", "provider", "complete to", "meetings", "mails", "pending", "failed", "state"
)
_NAMED = columns(
    "mailbox",
    "address",
    "provider",
    "complete to",
    "meetings",
    "mails",
    "pending",
    "failed",
    "state",
)


def run(context: Context, *, form: Format, names: bool = False) -> Outcome:
    """One line a mailbox, and one of all. Exit code 3 where one is old or set aside, 4 for nothing."""
    old = {one.address for one in old_data.found(context)}
    killers = set_aside.standing(context)
    rows: list[tuple[Any, ...]] = []
    for box in context.settings.mailbox:
        number = context.mailbox_id(box)
        counts = context.store.pending.counts(number)
        ended = [one.complete_to for one in context.store.streams.of(number)]
        known = [one for one in ended if one is not None]
        state = "set aside" if number in killers else "old" if box.address in old else "current"
        rows.append(
            (
                number,
                *((box.address,) if names else ()),
                box.provider,
                _moment(min(known, default=None)),
                context.store.streams.meetings(number),
                counts.stored,
                counts.pending,
                counts.given_up,
                state,
            )
        )
    rows.sort()
    lines = [show(_NAMED if names else _BOXES, rows, form, context.settings.zone)]
    if form is Format.TABLE:
        lines.append(_in_all(rows))
    if not context.store.pending.begun():
        return Outcome(NOTHING, tuple(lines), ("nothing was fetched yet -> noshow team sync",))
    said = set_aside.sentences(context)
    return Outcome(PARTLY if said or old else DONE, tuple(lines), said)


def _in_all(rows: list[tuple[Any, ...]]) -> str:
    states = [row[-1] for row in rows]
    parts = [f"{states.count(one)} {one}" for one in ("current", "old", "set aside")]
    noun = "mailbox" if len(rows) == 1 else "mailboxes"
    return f"{len(rows)} {noun}: {', '.join(one for one in parts if not one.startswith('0 '))}"


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
