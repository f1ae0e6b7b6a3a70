"""Which questions are open? The last list where it still holds, else everything is judged anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from connectors.store.claims import Claim
from jobs.console.outcome import Outcome
from jobs.context import Context
from jobs.query import as_kept, reach
from jobs.query.status import unfetched
from jobs.query.tables import Format, columns, show
from reports.claims import FITTING
from reports.vocabulary import Rule

#: What was, in words for the eye; CSV and JSON keep the code. `cancelled` is ours but in M1.
_WAS: Mapping[str, str] = MappingProxyType(
    {
        "moved": "you moved it",
        "moved_by_anyone": "moved, as every guest may",
        "cancelled": "you cancelled it",
        "changed_after": "changed around its start",
        "mailed": "a mail around its start",
        "gone": "gone, by whom is not seen",
    }
)
_CANCELLED = "cancelled, by whom is not seen"
COLUMNS = columns("id", "start", "contact", "what", "meeting", "answers")


def run(context: Context, *, as_of: str = "", fresh: bool = False, form: Format) -> Outcome:
    """The open questions with their ids and the words that answer them.

    fresh: judged anew in a large store, too, where else the last report's are shown and that is said.
    """
    nothing = unfetched(context, COLUMNS, form)
    if nothing is not None:
        return nothing
    then: datetime | None = None
    kept = context.store.question_list.read() if not as_of and not fresh else None
    said: tuple[str, ...] = ()
    if kept is None and not as_of and not fresh:
        older = as_kept.found(context, context.store.question_list, answerable=True)
        if older is not None:
            kept, said = older.rows, (as_kept.sentence(context, older, "questions"),)
    if kept is None:
        from jobs.delivery.judging import found, moment
        from jobs.delivery.remember import open_questions

        state = context.store.question_list.state()
        at = moment(context, as_of)
        kept = open_questions(found(context, at))
        if as_of:
            then = at
        else:
            context.store.question_list.keep(state, kept)
    oldest = timedelta(days=context.settings.policy.question_age_days)
    since = context.clock.now() - oldest
    young = [row for row in kept if as_of or datetime.fromisoformat(row[5]) >= since]
    if not young and form is Format.TABLE:
        return reach.beside(context, Outcome(lines=("no open questions",), problems=said), then)
    hint = ("", "answer with: noshow answer ID WORD") if form is Format.TABLE else ()
    shown = _rows(context, young, with_ids=not as_of, words=form is Format.TABLE)
    lines = (show(COLUMNS, shown, form, context.settings.zone), *hint)
    return reach.beside(context, Outcome(lines=lines, problems=said), then)


def _rows(
    context: Context, kept: Sequence[Sequence[str]], *, with_ids: bool, words: bool
) -> list[tuple[object, ...]]:
    """The lines by COLUMNS. `with_ids`: they count as printed, and not before. `words`: for the eye."""
    ids: dict[int, str] = {}
    for box in dict.fromkeys(row[0] for row in kept) if with_ids else ():
        places = [place for place, row in enumerate(kept) if row[0] == box]
        claims = [Claim(*kept[place][1:5]) for place in places]
        ids |= dict(zip(places, context.store.claims.ids(int(box), claims), strict=True))
    return [
        (
            ids.get(place, ""),
            datetime.fromisoformat(at),
            contact,
            _said(kind, was) if words else was,
            title,
            " ".join(FITTING[kind]),
        )
        for place, (_, kind, contact, _, _, at, was, title) in enumerate(kept)
    ]


def _said(kind: str, was: str) -> str:
    return _CANCELLED if (kind, was) == (Rule.M1, "cancelled") else _WAS.get(was, was)
