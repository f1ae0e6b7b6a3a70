"""What does one slot look like on its way from the calendar's history to its outcome?

One row an agreed start and contact. `TOLD` is what a meeting's own history says (by columns or told
event by event: both give these), `JUDGED` what `history.by_calendar` hands to `outcomes.judge`: that and
the facts of the meeting. Instants are whole microseconds UTC, NONE where unknown, because they are
subtracted and compared far more often than shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd

from config.errors import StoreError
from connectors.model.schemas import Column, Schema, schema


class Because(StrEnum):
    """Why an outcome is unknown, or what excused it: the words are those of the export's `note`."""

    NOT_RECORDED = "response=unrecorded"
    UNDATED = "declined=undated"
    HIDDEN = "guests=hidden"
    HOUR_UNREAD = "hour=unread"
    TENTATIVE = "tentative=1"
    MACHINE = "machine=1"
    MOVER_UNKNOWN = "mover=unknown"
    NOT_SEEN = "not-looked=1"
    NEVER_PROMISED = "absent=1"
    UNPROVEN = "sender=unproven"
    PERHAPS_AWAY = "perhaps-away=1"
    PERHAPS_WE_ASKED = "perhaps-we-asked=1"
    PERHAPS_ASKED_BY_MAIL = "perhaps-asked-by-mail=1"


def _moment(meaning: str) -> Column:
    return Column("key", f"{meaning} [us UTC]")


TOLD: Final = schema(
    code=Column("key", "the meeting: its row in Gathered.meetings"),
    contact=Column("text", "one outside person"),
    number=Column(
        "count", "0 for the first slot of this meeting, 1 after its first late move, ..."
    ),
    start=_moment("the start as it stood before the change"),
    end=_moment("and its end"),
    set_lo=_moment("this start was set not before"),
    set_hi=_moment("and not after"),
    agreed=_moment("agreed, at the latest"),
    limit=Column("key", "the notice below which a change is late [us]"),
    accepted=Column("flag", "they said yes to this start, or to the one before another's move"),
    fresh=Column("flag", "they said yes to this very start"),
    withdrawn=Column("flag", "they took their yes back, and nobody had moved it"),
    said=_moment("their last acceptance by a human act"),
    response=Column("text", "their answer as last seen"),
    outcome=Column("text", "as in SLOTS"),
    rule=Column("text", "as in SLOTS"),
    origin=Column("text", "as in SLOTS"),
    why=Column("text", "why it carries no outcome; empty"),
    question=Column("text", "M1, M6 or M8 where only the user can tell; empty"),
    was=Column("text", "what the question asks about, as in QUESTIONS"),
    act_lo=_moment("the change not before"),
    act_hi=_moment("the change not after"),
    ref=_moment("the start that notice is measured to"),
    proof=Column("flag", "the change is dated exactly, by more than a mail that anybody can write"),
    via=Column("text", "assistant through whom"),
    evidence=Column("text", "as in SLOTS"),
    act_name=Column(
        "text", "names the act in the evidence key; empty where there is nothing to print"
    ),
    merged=Column("text", "slots of one meeting and contact with the same are one incident"),
    because=Column("text", "why it is unknown, or what excused it (Because); empty"),
    given_up=Column("flag", "it will not, or did not, take place, and nobody's act is judged"),
    proposed_at=_moment("their proposal before a change of ours"),
    consequence_at=_moment("our change after an act of theirs"),
    we_followed=Column("flag", "M5: ours is the consequence, their act decides"),
)

JUDGED: Final = schema(
    **TOLD,
    meeting_key=Column("text", "the meeting"),
    series_uid=Column("text", "its series"),
    mailbox_id=Column("key", "the mailbox of ours that organises it, else one that holds it"),
    subject=Column("text", "title"),
    on_site=Column("flag", "a place other than a conference"),
    online=Column("flag", "an online meeting"),
    organised_by=Column("text", "us, them or other"),
    recurring=Column("flag", "an occurrence of a series"),
    displaced=Column("flag", "not at its original place in the series"),
    persons=Column("text", "all outside persons of the meeting"),
    eligible=Column("flag", "may carry an outcome"),
    why_not=Column("text", "the first reason why it is not eligible; empty"),
    came=Column("flag", "accepted and passed, eligible or not"),
    grade=Column("text", "certain by the user's word; empty until graded"),
    named=Column("flag", "the user's `them` names this contact"),
    mail_at=_moment("a mail of theirs that a question names"),
    in_absence=Column("flag", "it fell into an absence of theirs"),
    sent_someone=Column("flag", "somebody else of their organisation came"),
    kept_after_all=Column("flag", "a late move that the user says took place"),
    replacement_coming=Column("flag", "what was made for it is still to come"),
    replacement_unknown=Column("flag", "it is not known whether what was made for it was kept"),
    churned=Column("flag", "M10: one of many moves in good time"),
)


def told_frame(columns: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A frame by TOLD, with its dtypes also where there is no row."""
    if not isinstance(columns, Mapping):
        columns = {name: [row[name] for row in columns] for name in TOLD}
    return _typed(
        pd.DataFrame({name: _column(columns[name], of) for name, of in TOLD.items()}), TOLD
    )


def _column(values: Any, column: Column) -> Any:
    """The values with the column's dtype; texts as one column of them, and not one by one."""
    if column.kind == "text":
        return pd.array(values, dtype="str")
    return np.asarray(values, dtype=column.dtype)


def judged_frame(slots: pd.DataFrame) -> pd.DataFrame:
    """The slots with exactly the columns of JUDGED, in its order and dtypes.

    Raises StoreError where a column is missing or one too many.
    """
    odd = set(slots.columns) ^ set(JUDGED)
    if odd:
        raise StoreError(f"slots: missing or too many: {', '.join(sorted(odd))}")
    return _typed(slots[list(JUDGED)], JUDGED)


def _typed(frame: pd.DataFrame, shape: Schema) -> pd.DataFrame:
    """The frame with these dtypes. Its columns are those of the shape, in its order."""
    typed = frame.copy(deep=False)
    for (name, column), dtype in zip(shape.items(), frame.dtypes, strict=True):
        # To convert a column into itself costs as much as to convert it.
        if dtype != column.dtype:
            typed[name] = _column(frame[name].array, column)
    return typed
