"""Which private marks has the user set, and on which meeting?

rules.md section 9: an Outlook category on our own copy (`mark` of a meeting), or a private entry
without guests titled `noshow absent` that overlaps exactly one eligible meeting. What is not
plain is named and ignored; a mark that a guest can see is none.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from reports.detect.meetings import GONE, Gathered
from reports.detect.moments import NONE
from reports.rows import rows

ABSENT_TITLE: Final = "noshow absent"
_FITS_QUESTION: Final = frozenset({"them", "us", "both", "held"})
_CAME: Final = frozenset({"kept", "attended"})


def found(slots: pd.DataFrame, gathered: Gathered) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The marks, as (slot, word, source): one row a slot and mark; and what was not understood.

    slots: with `code`, `eligible`, `outcome`, `question`, `start`, `end`, `mailbox_id`.
    """
    chosen_rows: list[tuple[int, str, str]] = []
    notices: list[str] = []
    meetings = gathered.meetings
    marked = meetings.loc[meetings["mark"] != "", "mark"]
    # Few meetings bear a mark: only their slots are taken apart.
    theirs = slots.loc[slots["eligible"] & slots["code"].isin(marked.index)]
    by_code: dict[Any, pd.DataFrame] = dict(iter(theirs.groupby("code")))
    for code, word in marked.items():
        chosen = _fitting(by_code.get(code), str(word))
        if chosen is None:
            notices.append(f"The mark 'noshow: {word}' fits no meeting it was set on: ignored.")
        else:
            chosen_rows += [(int(one), str(word), "mark") for one in chosen.index]
    entries, unclear = _entries(slots, gathered)
    chosen_rows += [(one, "absent", "entry") for one in entries]
    notices += unclear
    frame = pd.DataFrame(chosen_rows, columns=["slot", "word", "source"])
    return frame.astype({"slot": "int64"}), tuple(dict.fromkeys(notices))


def _fitting(group: pd.DataFrame | None, word: str) -> pd.DataFrame | None:
    """The slots of one meeting that a mark speaks of; None where that is not plain."""
    if group is None:
        return None
    last = group.sort_values("number").drop_duplicates("contact", keep="last")
    if word == "absent":
        asked = last.loc[last["outcome"].isin(_CAME) | (last["question"] == "M8")]
        return asked if len(asked) == 1 else None
    if word not in _FITS_QUESTION:
        return None
    asked = group.loc[group["question"] != ""]
    if not len(asked) or (word == "them" and len(asked["contact"].unique()) > 1):
        return None
    return asked


def _entries(slots: pd.DataFrame, gathered: Gathered) -> tuple[list[int], list[str]]:
    meetings = gathered.meetings
    guests = set(gathered.answers.loc[~gathered.answers["own"], "code"].tolist())
    titled = meetings["subject"].str.strip().str.lower() == ABSENT_TITLE
    entries = meetings.loc[
        titled
        & meetings["private"]
        & ~meetings.index.isin(list(guests))
        & ~meetings["all_day"]
        & (meetings["start"] != NONE)
        & (meetings["end"] != NONE)
    ]
    last = gathered.looks.loc[gathered.looks["leads"]].drop_duplicates("code", keep="last")
    gone = set(last.loc[last["status"].isin(GONE), "code"].tolist())
    eligible = slots.loc[
        slots["eligible"] & (slots["outcome"].isin(_CAME) | (slots["question"] == "M8"))
    ]
    chosen: list[int] = []
    notices: list[str] = []
    for entry in rows(entries.assign(code=entries.index)):
        if entry.code in gone:
            continue
        over = eligible.loc[
            (eligible["mailbox_id"] == entry.mailbox_id)
            & (eligible["start"] < entry.end)
            & (eligible["end"] > entry.start)
        ]
        if len(over) == 1:
            chosen.append(int(over.index[0]))
        else:
            notices.append(
                f"An entry '{ABSENT_TITLE}' overlaps {len(over)} meetings with one contact each,"
                " and not exactly one: ignored."
            )
    return chosen, notices
