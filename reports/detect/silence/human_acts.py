"""What did each person outside do with their own hands, and when?

Human acts (rules.md section 1) end silences and absences, make the stage, and bring a contact back
who was let go. Being generous here accuses nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from config.ours import Ours
from config.phrasing import Phrases
from connectors.model.frames import Frames, empty, enforce
from reports.columns import addresses, text
from reports.columns.instants import micros
from reports.columns.moment_index import Timeline
from reports.detect.mail import subject_lines
from reports.detect.mail.mail_index import Post
from reports.detect.outcomes.verdicts import latest
from reports.schemas import ACTS

_KINDS: Final = {
    "request": "invitation",
    "invite": "invitation",
    "update": "move",
    "cancel": "cancel",
    "accept": "answer",
    "tentative": "answer",
    "decline": "answer",
    "either": "answer",
    "counter": "proposal",
}
_SPOKEN: Final = ["spoke", "will-call"]
#: A machine's answer and the mail that carries it are not dated by one clock.
_SAME_ANSWER: Final = pd.Timedelta(minutes=10)


def human(
    frames: Frames,
    post: Post,
    people: pd.DataFrame,
    ours: Ours,
    phrases: Phrases,
    as_of: pd.Timestamp,
    *,
    merge: Mapping[str, str] | None = None,
    calendar: pd.DataFrame | None = None,
    slots: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every human act until `as_of`; a frame by ACTS, ordered by contact and moment.

    people: by PEOPLE (machine is read). calendar: what the meetings themselves
    show, with the columns contact, at, kind (of ACTS), meeting_key, via, machine and, if there,
    mailbox_id; acts of machines are left out, and so are the mails that carried them. slots: by
    SLOTS; a slot kept or attended is an act at its end. Answers `reached`, calls and attendance
    records come from frames. Source: rules.md section 1.
    """
    merge = merge or {}
    by_machine = _machine_answers(calendar)
    parts = [
        _by_mail(post, ours, phrases, merge, by_machine),
        _by_calendar(calendar),
        _by_slots(slots),
        _by_record(frames, ours, merge),
        _by_call(frames, ours, merge),
        _by_answer(frames, merge, as_of),
    ]
    kept = [part for part in parts if len(part)]
    if not kept:
        return empty(ACTS)
    table = pd.concat(kept, ignore_index=True)
    machines = people.loc[people["machine"], "contact"]
    nobody = (table["contact"] == "") | addresses.among(table["contact"], machines)
    return enforce(_ordered(table[~nobody & (table["at"] <= as_of)]), ACTS, "acts")


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    """By contact and moment; of equal acts the first by all columns."""
    who, at = text.distinct(table["contact"]).ranks(), micros(table["at"])
    order = np.lexsort([at, who])
    table, who, at = table.take(order), who[order], at[order]
    first = np.ones(len(table), dtype=bool)
    first[1:] = (who[1:] != who[:-1]) | (at[1:] != at[:-1])
    alone = first & np.append(first, True)[1:]
    if alone.all():
        return table
    # Few acts fall on one moment of one person: only these are compared by all columns.
    several = table[~alone].assign(moment=np.cumsum(first)[~alone])
    several = several.sort_values(
        ["moment", "kind", "meeting_key", "mailbox_id", "message_id", "via"]
    )
    several = several.drop_duplicates(["moment", "kind", "meeting_key"])
    moments = np.concatenate([np.cumsum(first)[alone], several["moment"].to_numpy()])
    both = pd.concat([table[alone], several.drop(columns="moment")], ignore_index=True)
    merged: pd.DataFrame = both.take(np.argsort(moments, kind="stable"))
    return merged


def _by_mail(
    post: Post,
    ours: Ours,
    phrases: Phrases,
    merge: Mapping[str, str],
    by_machine: Timeline | None,
) -> pd.DataFrame:
    """Human and calendar mails of theirs to us, whatever folder they lie in."""
    came_in, calendar = post.mails["direction"] == "in", post.mails["mail_class"] == "calendar"
    chosen = post.theirs | (came_in & calendar).to_numpy()
    place = np.flatnonzero(chosen & post.mails["to_us"].to_numpy() & (post.writer >= 0))
    labels = ["sender_address", "meeting_type", "subject"]
    table = pd.concat([post.mails, post.facts[labels]], axis=1).take(place).reset_index(drop=True)
    sender = addresses.contacts(table["sender_address"], ours, merge)
    hidden = (sender == table["contact"]) | addresses.holds(sender, phrases.is_machine)
    table["via"] = sender.mask(hidden, "")
    meeting = (table["mail_class"] == "calendar").to_numpy()
    kinds = pd.Series("mail", index=table.index, dtype="str")
    if meeting.any():
        some = table[meeting]
        worded = subject_lines.kinds(some["subject"], phrases)
        typed = some["meeting_type"].where(some["meeting_type"] != "", worded)
        kinds[meeting] = text.translated(typed, _KINDS, "answer")
    table["kind"] = kinds
    table["meeting_key"] = ""
    if by_machine is not None and meeting.any():
        near = by_machine.after(table["contact"], table["at"] - _SAME_ANSWER, same=True)
        automatic = meeting & (near <= table["at"] + _SAME_ANSWER).to_numpy()
        table = table[~automatic]
    return _shaped(table)


def _machine_answers(calendar: pd.DataFrame | None) -> Timeline | None:
    if calendar is None or not calendar["machine"].any():
        return None
    rows = calendar[calendar["machine"]]
    return Timeline(rows["contact"], rows["at"])


def _by_calendar(calendar: pd.DataFrame | None) -> pd.DataFrame:
    if calendar is None or not len(calendar):
        return empty(ACTS)
    return _shaped(calendar[~calendar["machine"]])


def _by_slots(slots: pd.DataFrame | None) -> pd.DataFrame:
    if slots is None or not len(slots):
        return empty(ACTS)
    held = slots[slots["outcome"].isin(["kept", "attended"])]
    at = held["end_at"].fillna(held["start_at"])
    kind = np.where(held["outcome"] == "attended", "record", "kept")
    return _shaped(held.assign(at=at, kind=kind, via=""))


def _by_record(frames: Frames, ours: Ours, merge: Mapping[str, str]) -> pd.DataFrame:
    records = frames.attendance
    return _shaped(
        records.assign(
            contact=addresses.contacts(records["address"], ours, merge),
            at=records["joined_at"].fillna(records["started_at"]),
            kind="record",
            meeting_key=records["series_uid"] + " " + records["recurrence_id"],
        )
    )


def _by_call(frames: Frames, ours: Ours, merge: Mapping[str, str]) -> pd.DataFrame:
    calls = frames.calls[frames.calls["outcome"].isin(_SPOKEN)]
    return _shaped(
        calls.assign(contact=addresses.contacts(calls["address"], ours, merge), kind="call")
    )


def _by_answer(frames: Frames, merge: Mapping[str, str], as_of: pd.Timestamp) -> pd.DataFrame:
    """`reached`: they answered by phone or in person, at the latest when the user said so."""
    words = latest(frames.claims, frames.answers, as_of)
    words = words[words["word"] == "reached"]
    contact = words["contact"].map(lambda one: str(merge.get(one, one))).astype("str")
    return _shaped(
        words.assign(contact=contact, at=words["answered_at"], kind="call", meeting_key="")
    )


def _shaped(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of ACTS, with what a source does not say filled in."""
    shaped = table.copy(deep=False)
    for label, value in (("mailbox_id", -1), ("meeting_key", ""), ("message_id", -1), ("via", "")):
        if label not in shaped.columns:
            shaped[label] = value
    return shaped[list(ACTS)].reset_index(drop=True)
