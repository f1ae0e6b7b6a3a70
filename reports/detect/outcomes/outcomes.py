"""How did each meeting end, for each contact in it?

One row a slot and contact, by rules.md section 3. The calendar's own history comes first
(reports.detect.slots.slots); then, each before the one above it in rank: a record that excludes them,
open questions, absences that excuse, a record that names them, and last, over all, the user's word.
What remains is counted (reports.detect.outcomes.counting).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from config.policy import Policy
from connectors.model.frames import Frames, enforce
from reports.columns import keys, tables
from reports.columns.instants import (
    HOUR,
    MINUTE,
    NONE,
    Flags,
    hours,
    micros,
    whole_instants,
)
from reports.columns.text import distinct
from reports.detect.mail import subject_lines
from reports.detect.meetings.copies import Gathered
from reports.detect.outcomes import (
    apply_answers,
    attendance_records,
    changed_around_start,
    counting,
    excuses,
    perhaps_asked,
    private_marks,
    replacement,
)
from reports.detect.outcomes.remarks import Remark
from reports.detect.setting import Setting
from reports.detect.slots.slot_schema import Because
from reports.schemas import SLOTS
from reports.vocabulary import Grade, Origin, Outcome, Rule, Word

#: What the export's note says of these columns; the first three before the reason, as it came about.
_NOTED: Final = (
    ("given_up", ";given-up=1"),
    ("we_followed", ";m5=1"),
    ("sent_someone", ";sent-someone=1"),
    ("in_absence", ";absence=1"),
    ("kept_after_all", ";kept-after-all=1"),
    ("replacement_coming", ";replacement=coming"),
    ("replacement_unknown", ";replacement=unknown"),
    ("churned", ";m10=1"),
)


def _keyed(slots: pd.DataFrame) -> pd.DataFrame:
    """Add the natural key of each slot's evidence: the meeting, the person, the start, the act."""
    slots = slots.copy(deep=False)
    told = tables.kept(
        slots,
        slots["eligible"] & (slots["act_name"] != ""),
        ["meeting_key", "contact", "start", "act_name"],
    )
    start = told["start"].to_numpy().astype("datetime64[us]")
    stamps = pd.Series(np.datetime_as_string(start, unit="m"), index=told.index, dtype=object)
    key = told["meeting_key"] + "|" + told["contact"] + "|" + stamps + "|" + told["act_name"]
    slots["evidence_key"] = key.astype(object).reindex(slots.index, fill_value="")
    return slots


@dataclass(frozen=True)
class Beside:
    """What may change a slot's outcome beside the calendar.

    wrote: human mails of contacts to us (contact, at, message_id); wishes: ours to whoever changed
    something late, by own_wishes.find; absences: by ABSENCES; holding: the answers that hold, by
    answers.HOLDING; people: by PEOPLE, as far as they are known by then.
    """

    wrote: pd.DataFrame
    wishes: pd.DataFrame
    absences: pd.DataFrame
    holding: pd.DataFrame
    people: pd.DataFrame


def judge(
    setting: Setting, slots: pd.DataFrame, gathered: Gathered, frames: Frames, beside: Beside
) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """The slots with their final outcomes and all counts, and what is to be said about marks.

    slots: from `history.by_calendar`. The result has every column of SLOTS and some more that
    questions and scoring need.
    """
    policy, as_of, absences = setting.policy, setting.as_of, beside.absences
    holding, people = beside.holding, beside.people
    slots = _seen_to_the_end(slots, gathered, frames, policy, as_of)
    records = attendance_records.verdicts(setting, slots, frames, gathered, people)
    slots["invited"] = _unanswered(slots, gathered, setting.now)
    slots["missed"] = slots["invited"] & records["excluded"]
    slots = _sent_somebody(slots, records)
    missed = _missed(slots, records, absences)
    slots = _asked_by_mail(slots, beside.wrote, missed, policy)
    slots = _without_them(slots, missed)
    slots = excuses.applied(slots, absences, policy)
    titles = subject_lines.titles(slots["subject"], setting.phrases)
    slots = perhaps_asked.applied(slots, beside.wishes, titles, policy)
    slots = _keyed(_there(slots, records))
    marked, remarks = private_marks.found(slots, gathered)
    slots = apply_answers.with_questions_keyed(slots, _answered(slots, holding, marked))
    slots = apply_answers.applied(slots, holding, marked)
    told = marked.loc[marked["word"] == Word.ABSENT, "slot"]
    slots["missed"] |= slots["invited"] & slots.index.isin(told)
    slots = _with_absence_beside(slots, absences)
    slots = _graded(slots)
    slots = counting.flagged(slots, policy, setting.now)
    slots = replacement.made_up_for(slots, policy, setting.days)
    slots["lost_hours"] = lost_hours(slots, policy)
    return slots, remarks


def _seen_to_the_end(
    slots: pd.DataFrame,
    gathered: Gathered,
    frames: Frames,
    policy: Policy,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """What looks kept is kept only if what shows it was looked at afterwards.

    Otherwise nobody knows what happened between the last poll and the start.
    """
    polls = tables.once(frames.polls, "poll_id")
    if not len(polls):
        return slots.copy(deep=False)
    done = tables.kept(polls, (polls["problem"] == "") & (polls["finished_at"] <= as_of))
    held = tables.once(tables.narrow(gathered.snapshots, ["code", "mailbox_id"]))
    calendars = _reach(done[done["stream"].str.startswith("calendar")])
    latest = held["mailbox_id"].map(calendars).fillna(NONE).groupby(held["code"]).max()
    in_calendar = slots["code"].map(latest).fillna(NONE)
    # Where no calendar was ever read, meetings are known by mail: then mail must reach behind them.
    by_mail = _reach(done[(done["stream"] == "mail") & (done["kind"] != "fetch")])
    in_mail = slots["mailbox_id"].map(by_mail).fillna(NONE)
    seen_to = in_calendar.where(in_calendar != NONE, in_mail)
    unseen = (slots["outcome"] == Outcome.KEPT) & (
        seen_to < slots["start"] + int(policy.kept_after_hours * HOUR)
    )
    slots = slots.copy(deep=False)
    tables.put(
        slots,
        unseen,
        ["outcome", "because", "act_name"],
        [
            Outcome.UNKNOWN,
            str(Because.NOT_SEEN),
            "",
        ],
    )
    return slots


def _reach(polls: pd.DataFrame) -> pd.Series:
    """Until when these looks can tell what happened; index mailbox_id, microseconds.

    A file can tell no more than until its export, which its poll's window says.
    """
    ended = polls["finished_at"]
    reach = ended.where(
        polls["window_to"].isna() | (polls["window_to"] > ended), polls["window_to"]
    )
    return pd.Series(micros(reach), index=polls["mailbox_id"].to_numpy()).groupby(level=0).max()


def _answered(slots: pd.DataFrame, holding: pd.DataFrame, marked: pd.DataFrame) -> dict[str, int]:
    """When each question was first answered [us], by its evidence key: by command, mail or mark."""
    keys = slots["evidence_key"].reindex(marked["slot"])
    found = dict(zip(keys, marked["until"].tolist(), strict=True))
    for key, at in zip(holding["evidence_key"], micros(holding["first_at"]).tolist(), strict=True):
        found[key] = min(at, found.get(key, at))
    return found


def _with_absence_beside(slots: pd.DataFrame, absences: pd.DataFrame) -> pd.DataFrame:
    """M7: the user's word holds in an absence of theirs, too, and the absence is printed beside."""
    told = tables.kept(slots, (slots["outcome"] == Outcome.ABSENT) & (slots["word"] == Word.ABSENT))
    away = told.index[excuses.open_at(told["contact"], told["start"], absences)]
    slots = slots.copy(deep=False)
    slots.loc[away, "in_absence"] = True
    return slots


def _unanswered(slots: pd.DataFrame, gathered: Gathered, as_of: int) -> Flags:
    """Invitations of ours, with a known guest list, that nobody changed or answered by their start."""
    unanswered = (
        (slots["why_not"] == "not-accepted")
        & (slots["organised_by"] == "us")
        & slots["response"].isin(("", "none"))
        & (slots["number"] == 0)
        & ~slots["given_up"]
        & (slots["start"] <= as_of)
    )
    whole = gathered.meetings["complete"].to_numpy(dtype=bool)[slots["code"].to_numpy()]
    sure: Flags = unanswered.to_numpy(dtype=bool) & whole
    return sure


def _sent_somebody(slots: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Whoever sent somebody of their organisation kept the meeting, also by a late decline of theirs."""
    kept = (slots["outcome"] == Outcome.KEPT).to_numpy(dtype=bool)
    declined = ((slots["outcome"] == Outcome.CANCELLED_LATE) & (slots["rule"] == Rule.M2)).to_numpy(
        dtype=bool
    )
    slots = slots.copy(deep=False)
    sent = (kept | declined) & records["sent"].to_numpy(dtype=bool)
    tables.put(
        slots,
        sent & declined,
        ["outcome", "rule", "origin", "act_name"],
        [
            Outcome.KEPT,
            "",
            "",
            Outcome.KEPT,
        ],
    )
    slots.loc[sent, "sent_someone"] = True
    return slots


def _missed(slots: pd.DataFrame, records: pd.DataFrame, absences: pd.DataFrame) -> Flags:
    """M7 by a record: only if their yes to this very start stood and no absence was open."""
    kept = (slots["outcome"] == Outcome.KEPT).to_numpy(dtype=bool)
    stood = slots["fresh"].to_numpy(dtype=bool) & ~slots["withdrawn"].to_numpy(dtype=bool)
    excluded: Flags = kept & stood & records["excluded"].to_numpy(dtype=bool)
    return excluded & (~excuses.open_at(slots["contact"], slots["start"], absences))


def _without_them(slots: pd.DataFrame, missed: Flags) -> pd.DataFrame:
    """M7 by a record. What is a question by now (M8) stays one."""
    slots = slots.copy(deep=False)
    tables.put(
        slots,
        missed & (slots["outcome"] == Outcome.KEPT).to_numpy(dtype=bool),
        ["outcome", "rule", "origin", "act_name"],
        [
            Outcome.ABSENT,
            Rule.M7,
            Origin.THEM,
            "record",
        ],
    )
    return slots


def _asked_by_mail(
    slots: pd.DataFrame, wrote: pd.DataFrame, missed: Flags, policy: Policy
) -> pd.DataFrame:
    """M8: a mail of theirs around the start and a new date after it make a kept slot a question;
    where a record would make it an absence (`missed`), the mail alone.
    """
    # where somebody was sent in their place it took place: nothing to ask
    candidates = ((slots["outcome"] == Outcome.KEPT) & ~slots["sent_someone"]).to_numpy(dtype=bool)
    at, ids = changed_around_start.mails_around(slots, wrote, candidates, missed, policy)
    asked = at != NONE
    slots = slots.copy(deep=False)
    tables.put(
        slots,
        asked,
        ["outcome", "rule", "origin", "question", "was", "act_name"],
        [
            Outcome.UNKNOWN,
            Rule.M8,
            Origin.UNKNOWN,
            Rule.M8,
            "mailed",
            Rule.M8,
        ],
    )
    slots.loc[asked, "act_lo"] = at[asked]
    slots.loc[asked, "act_hi"] = at[asked]
    slots["mail_at"] = np.where(asked, at, slots["mail_at"])
    slots.loc[asked, "evidence"] = "m" + ids.loc[asked, "message_id"].astype("str")
    return slots


def _there(slots: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """A record that names them comes before everything but the user's word."""
    over = ~slots["outcome"].isin((Outcome.COMING, ""))
    there = records["attended"].to_numpy(dtype=bool) & slots["eligible"].to_numpy(dtype=bool)
    there = there & (over.to_numpy(dtype=bool))
    slots = slots.copy(deep=False)
    tables.put(
        slots,
        there,
        ["outcome", "rule", "origin", "question", "was", "act_name"],
        [
            Outcome.ATTENDED,
            "",
            "",
            "",
            "",
            Outcome.KEPT,
        ],
    )
    return slots


def _graded(slots: pd.DataFrame) -> pd.DataFrame:
    """Certain by the user's word or a dated act; likely by an interval or a record."""
    in_k = slots["outcome"].isin(counting.IN_K).to_numpy(dtype=bool)
    by_word = (slots["grade"] == Grade.CERTAIN).to_numpy(dtype=bool)
    dated = slots["proof"].to_numpy(dtype=bool) & (slots["outcome"] != Outcome.ABSENT).to_numpy()
    slots = slots.copy(deep=False)
    slots["grade"] = np.where(in_k, np.where(by_word | dated, Grade.CERTAIN, Grade.LIKELY), "")
    return slots


def lost_hours(slots: pd.DataFrame, policy: Policy) -> pd.Series:
    """Hours booked for nothing [h]: only where it took place for no outsider; shared where several
    were absent, so that a sum counts each hour once. Aligned with `slots`: all of each meeting, with
    meeting_key, start and end [us], outcome, in_k, origin and on_site.
    """
    lost: Flags = (
        slots["outcome"].isin((Outcome.CANCELLED_LATE, Outcome.ABSENT))
        & slots["in_k"]
        & (slots["origin"] == Origin.THEM)
    ).to_numpy(dtype=bool)
    same = keys.together(slots["start"].to_numpy(), distinct(slots["meeting_key"]).codes)
    # Where it took place for one of them; and whether it did for the others may not be known: nothing
    # unknown is counted.
    kept = np.zeros(len(slots), dtype=bool)
    kept[same[slots["outcome"].isin((*counting.CAME, Outcome.UNKNOWN)).to_numpy(dtype=bool)]] = True
    lost = lost & ~kept[same]
    share = np.bincount(same, weights=lost)[same] if len(slots) else np.zeros(0)
    booked = (slots["end"] - slots["start"]).to_numpy(dtype="float64") / HOUR
    travel = slots["on_site"].to_numpy(dtype=bool) * policy.travel_minutes * (MINUTE / HOUR)
    with np.errstate(invalid="ignore", divide="ignore"):
        each = np.where(lost, (booked + travel) / np.maximum(share, 1), 0.0)
    return pd.Series(each, index=slots.index)


def _notes(slots: pd.DataFrame) -> pd.Series:
    """The short facts for the export, in words; nothing reads them back."""
    notes = pd.Series("", index=slots.index, dtype=object)
    for name, word in (("proposed_at", "proposed"), ("consequence_at", "consequence")):
        told = slots[name] != NONE
        if told.any():
            notes[told] += f";{word}=" + slots.loc[told, name].astype("str")
    for name, words in _NOTED[:3]:
        _note(notes, slots[name], words)
    told = slots["because"] != ""
    if told.any():
        notes[told] += ";" + slots.loc[told, "because"].astype("str")
    for name, words in _NOTED[3:]:
        _note(notes, slots[name], words)
    return notes.str.removeprefix(";")


def _note(notes: pd.Series, told: pd.Series, words: str) -> None:
    if told.any():
        notes[told.to_numpy(dtype=bool)] += words


def shaped(slots: pd.DataFrame) -> pd.DataFrame:
    """The slots by SLOTS, in the order in which they come: by start, meeting and contact."""
    slots = slots.reset_index(drop=True)
    act_lo, act_hi = slots["act_lo"].to_numpy(), slots["act_hi"].to_numpy()
    ref, limit = slots["ref"].to_numpy(), slots["limit"].to_numpy()
    measured = (ref != NONE) & (act_hi != NONE)
    frame = pd.DataFrame(
        {
            **{name: slots[name] for name in slots.columns if name in SLOTS},
            "start_at": whole_instants(slots["start"].to_numpy()),
            "end_at": whole_instants(slots["end"].to_numpy()),
            "agreed_lo": whole_instants(slots["set_lo"].to_numpy()),
            "agreed_hi": whole_instants(slots["agreed"].to_numpy()),
            "limit_hours": hours(limit, limit != NONE),
            "act_lo": whole_instants(act_lo),
            "act_hi": whole_instants(act_hi),
            "notice_lo": hours(ref - np.where(measured, act_hi, 0), measured),
            "notice_hi": hours(
                ref - np.where(act_lo != NONE, act_lo, 0), measured & (act_lo != NONE)
            ),
            "replaced_at": whole_instants(slots["replaced"].to_numpy()),
            "note": _notes(slots),
        }
    )
    return enforce(frame, SLOTS, "slots")
