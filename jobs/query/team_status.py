"""How does a whole team stand? By numbers: no line names a person, so that it can stand on a screen.

`noshow status` says the same with addresses. Which number is whose: `--names`.
"""

from __future__ import annotations

from typing import Any

from jobs.console.outcome import DONE, NOTHING, PARTLY, Outcome
from jobs.context import Context
from jobs.fleet import set_aside
from jobs.providers import old_data
from jobs.query.status import COUNTED, counted
from jobs.query.tables import Format, columns, show


def run(context: Context, *, form: Format, names: bool = False) -> Outcome:
    """One line a mailbox, and one of all. Exit code 3 where one is old or set aside, 4 for nothing."""
    old = {one.address for one in old_data.found(context)}
    killers = set_aside.standing(context)
    rows: list[tuple[Any, ...]] = []
    for box in context.settings.mailbox:
        number = context.mailbox_id(box)
        state = "set aside" if number in killers else "old" if box.address in old else "current"
        rows.append(
            (
                number,
                *((box.address,) if names else ()),
                box.provider,
                *counted(context, number, context.store.streams.of(number)),
                state,
            )
        )
    rows.sort()
    named = ("address",) if names else ()
    shown = columns("mailbox", *named, "provider", *COUNTED, "state")
    lines = [show(shown, rows, form, context.settings.zone)]
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
