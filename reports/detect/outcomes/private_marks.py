"""Which private marks has the user set, when, and on which meeting?

rules.md section 9: an Outlook category on our own copy (`mark` of a meeting), or a private entry
without guests titled `noshow absent` that overlaps exactly one eligible meeting. A mark speaks of
what was there when it was set: `absent` of the last start that had come by then, the other words of
the changes made by then. What is not plain is named and ignored; a mark that a guest can see is
none, nor is one in an entry that is not ours (reports.detect.meetings.entries).
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from config.sentences import sentence
from reports.columns import tables
from reports.columns.instants import NONE
from reports.columns.rows import rows
from reports.detect.meetings.copies import Gathered
from reports.detect.meetings.entries import ABSENT_TITLE, titled_absent
from reports.detect.meetings.events import GONE
from reports.detect.outcomes.counting import CAME, IN_K
from reports.detect.outcomes.remarks import Foreign, Remark
from reports.vocabulary import Rule, Word

_FITS_QUESTION: Final = frozenset({Word.THEM, Word.US, Word.BOTH, Word.HELD})


def found(slots: pd.DataFrame, gathered: Gathered) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """The marks, as (slot, word, source, until): one row a slot and mark; and what was not
    understood, or not ours. `until` [us]: a change made after it is not answered by the mark.

    slots: with `code`, `eligible`, `invited`, `outcome`, `question`, `start`, `end`, `act_hi`,
    `mailbox_id`.
    """
    chosen_rows: list[tuple[int, str, str, int]] = []
    remarks = _foreign(gathered.meetings)
    meetings = gathered.meetings
    marked = tables.kept(meetings, meetings["mark"] != "")
    # One click on a series in Outlook marks all its occurrences, also those still to come.
    at_once = marked.duplicated(["series_uid", "mark_mailbox", "mark_seen"], keep=False)
    # Few meetings bear a mark: only their slots are taken apart.
    theirs = tables.kept(slots, _may_be_missed(slots) & slots["code"].isin(marked.index))
    by_code: dict[Any, pd.DataFrame] = dict(iter(theirs.groupby("code")))
    for mark in rows(marked.assign(code=marked.index, at_once=at_once)):
        word = str(mark.mark)
        if mark.at_once:
            text = sentence(
                "The mark {mark} came to several occurrences of one series at once: ignored. Set it "
                "on one of them.",
                mark=f"'noshow: {word}'",
            )
            remarks.append(Remark(_moment(mark.mark_seen), text, about=mark.series_uid))
            continue
        chosen, until = _fitting(by_code.get(mark.code), word, int(mark.mark_lo), int(mark.mark_hi))
        if chosen is None:
            text = sentence(
                "The mark {mark} fits no meeting it was set on: ignored.", mark=f"'noshow: {word}'"
            )
            remarks.append(Remark(_moment(mark.mark_seen), text, about=mark.series_uid))
        else:
            chosen_rows += [(int(one), word, "mark", until) for one in chosen.index]
    entries, unclear = _entries(slots, gathered)
    chosen_rows += [(one, "absent", "entry", NONE) for one in entries]
    frame = pd.DataFrame(chosen_rows, columns=["slot", "word", "source", "until"])
    return frame.astype({"slot": "int64", "until": "int64"}), (*remarks, *unclear)


def _foreign(meetings: pd.DataFrame) -> list[Remark]:
    """What looks like a mark and stands in an entry that is not ours."""
    titled = titled_absent(meetings) & ~meetings["own_entry"].to_numpy(dtype=bool)
    marked = tables.kept(meetings, meetings["foreign_mark"] != NONE)
    return [
        Remark(_moment(at), foreign=kind, about=str(series))
        for kind, entries, label in (
            (Foreign.ENTRY, tables.kept(meetings, titled), "first_seen"),
            (Foreign.CATEGORY, marked, "foreign_mark"),
        )
        for at, series in zip(entries[label], entries["series_uid"], strict=True)
    ]


def _moment(at: int) -> pd.Timestamp:
    return pd.Timestamp(int(at), unit="us", tz="UTC")


def _may_be_missed(slots: pd.DataFrame) -> pd.Series:
    """What a word can speak of: a meeting that counts, or an invitation that nobody answered."""
    fitting: pd.Series = slots["eligible"] | slots["invited"]
    return fitting


def _held(slots: pd.DataFrame) -> pd.Series:
    """Where `absent` makes a difference: what looks kept, may not have been, or was unanswered."""
    held: pd.Series = (
        slots["outcome"].isin(CAME) | (slots["question"] == Rule.M8) | slots["invited"]
    )
    return held


def _fitting(
    group: pd.DataFrame | None, word: str, lo: int, hi: int
) -> tuple[pd.DataFrame | None, int]:
    """The slots of one meeting that a mark set in (lo, hi] speaks of, and until when their changes
    are answered by it; None where that is not plain.
    """
    if group is None:
        return None, NONE
    if word == Word.ABSENT:
        begun = tables.ordered(tables.kept(group, group["start"] <= hi), "number")
        last = tables.once(begun, "contact", keep="last")
        asked = tables.kept(last, _held(last))
        # a start that came in the same interval as the mark may be later than it, if the entry
        # may have stood at an earlier start when it was set
        earlier = begun.drop(index=last.index)
        left = earlier["act_hi"]
        stood = _held(earlier) | ((left > lo) & (left > earlier["start"]))
        unsure = bool(stood.any()) and bool((asked["start"] > lo).any())
        return (asked, hi) if len(asked) == 1 and not unsure else (None, NONE)
    if word not in _FITS_QUESTION:
        return None, NONE
    asked = group.loc[(group["question"] != "") & (group["act_hi"] <= hi)]
    before = asked.loc[asked["act_hi"] <= lo]
    chosen, until = (before, lo) if len(before) else (asked, hi)
    if not len(chosen) and word != Word.THEM:
        return _incident(group, lo, hi)
    if not len(chosen) or (word == Word.THEM and len(chosen["contact"].unique()) > 1):
        return None, NONE
    return chosen, until


def _incident(group: pd.DataFrame, lo: int, hi: int) -> tuple[pd.DataFrame | None, int]:
    """The latest incident of each contact of one meeting that came before the mark; an absence has the
    moment of its start.
    """
    came = tables.kept(group, group["eligible"] & group["outcome"].isin(IN_K))
    came = came.assign(moment=came["act_hi"].where(came["act_hi"] != NONE, came["start"]))
    came = tables.ordered(tables.kept(came, came["moment"] <= hi), ["moment", "number"])
    before = tables.kept(came, came["moment"] <= lo)
    chosen, until = (before, lo) if len(before) else (came, hi)
    chosen = tables.once(chosen, "contact", keep="last")
    return (chosen, until) if len(chosen) else (None, NONE)


def _entries(slots: pd.DataFrame, gathered: Gathered) -> tuple[list[int], list[Remark]]:
    """The slots that private entries of ours speak of, and what is to be said of the others."""
    meetings = gathered.meetings
    titled = titled_absent(meetings) & meetings["own_entry"].to_numpy(dtype=bool)
    entries = tables.kept(meetings, titled)
    if not len(entries):
        return [], []
    guests = gathered.answers.loc[~gathered.answers["own"], "code"].unique()
    fit = (
        entries["private"]
        & ~entries.index.isin(guests)
        & ~entries["all_day"]
        & (entries["start"] != NONE)
        & (entries["end"] != NONE)
    )
    last = tables.once(
        tables.kept(gathered.snapshots, gathered.snapshots["leads"]), "code", keep="last"
    )
    gone = set(last.loc[last["status"].isin(GONE), "code"].tolist())
    held = tables.kept(slots, _may_be_missed(slots) & _held(slots))
    chosen: list[int] = []
    remarks: list[Remark] = []
    for entry in rows(entries.assign(code=entries.index, fit=fit)):
        if entry.code in gone:
            continue
        made = entry.created if entry.created != NONE else entry.first_seen
        if not entry.fit:
            text = sentence(
                "An entry {title} is not private, has guests or no hour: ignored.",
                title=f"'{ABSENT_TITLE}'",
            )
            remarks.append(Remark(_moment(made), text, about=entry.series_uid))
            continue
        over = tables.kept(
            held,
            (held["mailbox_id"] == entry.mailbox_id)
            & (held["start"] < entry.end)
            & (held["end"] > entry.start)
            & (held["start"] <= made),
        )
        if len(over) == 1:
            chosen.append(int(over.index[0]))
        else:
            text = sentence(
                "An entry {title} overlaps {count} meetings with one contact each that had begun when "
                "it was made, and not exactly one: ignored.",
                title=f"'{ABSENT_TITLE}'", count=str(len(over)),
            )  # fmt: skip
            remarks.append(Remark(_moment(made), text, about=entry.series_uid))
    return chosen, remarks
