"""What did each person outside do with their own hands, and when?

Human acts (rules.md section 1) end silences and absences, make the stage, and bring a contact back
who was let go. Being generous here accuses nobody.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from connectors.model.frames import Frames, empty, enforce
from reports.columns import addresses, tables, text
from reports.columns.instants import NONE, Ints, micros
from reports.columns.moment_index import Timeline
from reports.detect.mail import subject_lines
from reports.detect.mail.mail_index import MailIndex
from reports.detect.outcomes.verdicts import latest
from reports.detect.setting import Setting
from reports.schemas import ACTS
from reports.vocabulary import Outcome, Word

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


def find_acts(
    setting: Setting, frames: Frames, index: MailIndex, people: pd.DataFrame, calendar: pd.DataFrame
) -> pd.DataFrame:
    """Every human act until the setting's moment; a frame by ACTS, ordered by contact and moment.

    people: by PEOPLE (machine is read). calendar: what the meetings themselves show
    (calendar_acts); acts of machines are left out, and so are the mails that carried them.
    Answers `reached`, calls and attendance records come from frames. Source: rules.md section 1.
    """
    by_machine = _machine_answers(calendar)
    parts = [
        _by_mail(setting, index, by_machine),
        _shaped(calendar[~calendar["machine"]]),
        *([_by_record(setting, frames)] if len(frames.attendance) else []),
        *([_by_call(setting, frames)] if len(frames.calls) else []),
        *([_by_answer(setting, frames)] if len(frames.answers) else []),
    ]
    kept = [part for part in parts if len(part)]
    if not kept:
        return empty(ACTS)
    table = pd.concat(kept, ignore_index=True)
    machines = people.loc[people["machine"], "contact"]
    who = text.distinct(table["contact"])
    nobody = who.among(machines) | ~who.filled()
    at = micros(table["at"])
    chosen = np.flatnonzero(~nobody & (at <= setting.now) & (at != NONE))
    return enforce(_ordered(table, who.ranks(), at, chosen), ACTS, "acts")


def without_missed(acts: pd.DataFrame, slots: pd.DataFrame) -> pd.DataFrame:
    """The acts but for meetings that somebody says they missed: these are no act of theirs.

    slots: judged, with contact, meeting_key and outcome.
    """
    missed = tables.kept(slots, slots["outcome"] == Outcome.ABSENT, ["contact", "meeting_key"])
    if not len(missed):
        return acts
    gone = (acts["kind"] == "kept").to_numpy() & addresses.among(acts["contact"], missed["contact"])
    pairs = pd.MultiIndex.from_frame(tables.kept(acts, gone, ["contact", "meeting_key"]))
    gone[gone] = pairs.isin(pd.MultiIndex.from_frame(missed))
    return tables.kept(acts, ~gone).reset_index(drop=True)


def _ordered(table: pd.DataFrame, who: Ints, at: Ints, chosen: Ints) -> pd.DataFrame:
    """The chosen rows by contact and moment; of equal acts the first by all columns.

    who: ranks of the contacts; at: moments [us].
    """
    order = chosen[np.lexsort([at[chosen], who[chosen]])]
    who, at = who[order], at[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (who[1:] != who[:-1]) | (at[1:] != at[:-1])
    alone = first & np.append(first, True)[1:]
    if not alone.all():
        # Few acts fall on one moment of one person: only these are compared by all columns.
        moment = np.cumsum(first)
        several = table.take(order[~alone]).assign(moment=moment[~alone], place=order[~alone])
        several = tables.ordered(
            several, ["moment", "kind", "meeting_key", "mailbox_id", "message_id", "via"]
        )
        several = tables.once(several, ["moment", "kind", "meeting_key"])
        moments = np.concatenate([moment[alone], several["moment"].to_numpy()])
        places = np.concatenate([order[alone], several["place"].to_numpy()])
        order = places[np.argsort(moments, kind="stable")]
    return table.take(order)


def _by_mail(setting: Setting, index: MailIndex, by_machine: Timeline | None) -> pd.DataFrame:
    """Human and calendar mails of theirs to us, whatever folder they lie in."""
    came_in, calendar = index.mails["direction"] == "in", index.mails["mail_class"] == "calendar"
    chosen = index.theirs | (came_in & calendar).to_numpy()
    place = np.flatnonzero(chosen & index.mails["to_us"].to_numpy() & (index.writer >= 0))
    table = tables.narrow(index.mails, ["contact", "at", "mailbox_id", "message_id"])
    table = table.take(place).reset_index(drop=True)
    sender = addresses.contacts(
        index.facts["sender_address"].take(place), setting.ours, setting.merge
    ).reset_index(drop=True)
    if (sender != "").any():
        hidden = (sender == table["contact"]) | addresses.holds(sender, setting.phrases.is_machine)
        sender = sender.mask(hidden, "")
    table["via"] = sender
    meeting = calendar.to_numpy()[place]
    kinds = pd.Series("mail", index=table.index, dtype="str")
    if meeting.any():
        some = tables.narrow(index.facts, ["meeting_type", "subject"]).take(place[meeting])
        worded = subject_lines.kinds(some["subject"], setting.phrases)
        typed = some["meeting_type"].where(some["meeting_type"] != "", worded)
        kinds[meeting] = text.translated(typed, _KINDS, "answer").array
    table["kind"] = kinds
    table["meeting_key"] = ""
    if by_machine is not None and meeting.any():
        near = by_machine.after(table["contact"], table["at"] - _SAME_ANSWER, same=True)
        automatic = meeting & (near <= table["at"] + _SAME_ANSWER).to_numpy()
        table = table[~automatic]
    return _shaped(table)


def _machine_answers(calendar: pd.DataFrame) -> Timeline | None:
    if not calendar["machine"].any():
        return None
    rows = calendar[calendar["machine"]]
    return Timeline(rows["contact"], rows["at"])


def _by_record(setting: Setting, frames: Frames) -> pd.DataFrame:
    records = frames.attendance
    return _shaped(
        records.assign(
            contact=addresses.contacts(records["address"], setting.ours, setting.merge),
            at=records["joined_at"].fillna(records["started_at"]),
            kind="record",
            meeting_key=records["series_uid"] + " " + records["recurrence_id"],
        )
    )


def _by_call(setting: Setting, frames: Frames) -> pd.DataFrame:
    calls = frames.calls[frames.calls["outcome"].isin(_SPOKEN)]
    who = addresses.contacts(calls["address"], setting.ours, setting.merge)
    return _shaped(calls.assign(contact=who, kind="call"))


def _by_answer(setting: Setting, frames: Frames) -> pd.DataFrame:
    """`reached`: they answered by phone or in person, at the latest when the user said so."""
    words = latest(frames.claims, frames.answers, setting.as_of)
    words = words[words["word"] == Word.REACHED]
    contact = words["contact"].map(lambda one: str(setting.merge.get(one, one))).astype("str")
    return _shaped(
        words.assign(contact=contact, at=words["answered_at"], kind="call", meeting_key="")
    )


def _shaped(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of ACTS, with what a source does not say filled in."""
    shaped = table.copy(deep=False)
    for label, value in (("mailbox_id", -1), ("meeting_key", ""), ("message_id", -1), ("via", "")):
        if label not in shaped.columns:
            shaped[label] = value
    return tables.narrow(shaped, list(ACTS)).reset_index(drop=True)
