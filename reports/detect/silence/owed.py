"""Whom do we owe an answer?

rules.md section 7, F1. Printed before anybody is accused, and it stops a pause: so a mail of
theirs counts unless something of ours after it can be seen.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.model.frames import Frames, empty, enforce
from reports.columns import addresses, tables
from reports.columns.business_days import countries_of
from reports.columns.instants import Flags
from reports.columns.moment_index import Timeline
from reports.detect.mail import read_until
from reports.detect.mail.letters import Talk
from reports.detect.mail.mail_index import MailIndex
from reports.detect.outcomes.verdicts import latest
from reports.detect.setting import Setting
from reports.schemas import OWED
from reports.vocabulary import Word

_MET = ["met", "client"]
_HELD = ["kept", "record"]
#: What a machine of ours sent by itself is no answer of ours.
_BY_MACHINE = ["auto", "bounce"]


def find_owed(
    setting: Setting, frames: Frames, index: MailIndex, talk: Talk, known: Flags
) -> pd.DataFrame:
    """Mails that waited five business days for us; a frame by OWED, ordered by contact and moment.

    known: from `known`. Open rows are at most 60 days old; rows answered late go back 180 days, for
    the gate of a pause. `days`: business days until the answer, or until now where open [d].
    Answered in time, or `wrong`: no row.
    """
    policy, as_of = setting.policy, setting.as_of
    table = _incoming(setting, index, talk, known)
    if not len(table):
        return empty(OWED)
    words = latest(frames.claims, frames.answers, as_of)
    words = tables.once(words[words["kind"] == "owed"], "evidence_key", keep="last")
    word = table["evidence_key"].map(dict(zip(words["evidence_key"], words["word"], strict=True)))
    table = tables.kept(table, word != Word.WRONG).copy()
    done = tables.kept(words, words["word"] == Word.DONE).set_index("evidence_key")["answered_at"]
    told = done.reindex(table["evidence_key"]).set_axis(table.index).astype("datetime64[us, UTC]")

    towards = _towards(setting, frames, index)
    to_them = Timeline(towards["contact"], towards["at"])
    sent = tables.kept(index.mails, _sent(index), ["conversation", "at"])
    in_thread = Timeline(sent["conversation"], sent["at"])
    answered = pd.concat(
        [
            to_them.after(table["contact"], table["at"]),
            in_thread.after(table["conversation"], table["at"]),
            told,
        ],
        axis=1,
    ).min(axis=1)
    table["answered_at"] = answered.astype("datetime64[us, UTC]")
    until = read_until.capped(table["mailbox_id"], frames.polls, as_of)
    until = table["answered_at"].where(table["answered_at"].notna(), until)
    table["days"] = setting.days.waited(table["at"], until, countries_of(table["contact"]))
    is_open = table["answered_at"].isna()
    young = table["at"] >= as_of - pd.Timedelta(days=policy.owed_age_days)
    recent = table["at"] >= as_of - pd.Timedelta(days=policy.pause_owed_days)
    table = table[(table["days"] >= policy.owed_days) & (young | (recent & ~is_open))]
    return enforce(tables.ordered(table, ["contact", "at", "message_id"]), OWED, "owed")


def _incoming(setting: Setting, index: MailIndex, talk: Talk, known: Flags) -> pd.DataFrame:
    """Human mails with us in To that open a thread, follow one of theirs, or answer us first."""
    policy, as_of = setting.policy, setting.as_of
    lines = talk.lines[talk.lines["human"]].reset_index(drop=True)
    theirs, group = lines["theirs"], lines["conversation"]
    before_ours = (~theirs).groupby(group).cumsum()
    # Theirs since the last of ours: the first of such a run answers ours, if there is one of ours.
    first_since = theirs & (theirs.groupby([group, before_ours]).cumsum() == 1)
    first = ~group.duplicated()
    since = as_of - pd.Timedelta(days=max(policy.pause_owed_days, policy.owed_age_days))
    recent = theirs & (lines["at"] >= since) & (lines["at"] <= as_of)
    mail = lines["mail"].to_numpy()
    asked_us = index.to_us & (index.shown <= policy.owed_recipients) & index.by(known)
    rows = recent.to_numpy() & asked_us[mail]
    place = mail[rows]
    given = (
        tables.narrow(index.facts, ["message_key", "in_reply_to"])
        .take(place)
        .reset_index(drop=True)
    )
    chosen = tables.narrow(
        index.mails, ["message_id", "mailbox_id", "conversation", "at", "contact"]
    ).take(place)
    chosen = chosen.reset_index(drop=True)
    own = "id " + chosen["message_id"].astype("str")
    # It answers something that nobody holds: perhaps a mail of ours.
    loose = first[rows].to_numpy() & (given["in_reply_to"] != "")
    return chosen.assign(
        perhaps=(first_since & (before_ours > 0))[rows].to_numpy() | loose,
        evidence_key=given["message_key"].where(given["message_key"] != "", own),
    )


def known(
    index: MailIndex,
    people: pd.DataFrame,
    acts: pd.DataFrame,
    introduced: pd.DataFrame,
    invited: pd.Series,
) -> Flags:
    """Whom we have written to, invited or met, or who was introduced, by `index.names`; no machines.

    people: by PEOPLE, complete; acts: by ACTS; introduced: introductions.find_introductions;
    invited: contacts (stages.invited).
    """
    written = np.zeros(len(index.names), dtype=bool)
    mail, persons = index.named["mail"].to_numpy(), index.named["person"].to_numpy()
    # An invitation that we sent as a mail is a calendar mail of ours.
    meeting = (index.mails["mail_class"] == "calendar").to_numpy()
    sent = index.ours | (meeting & index.facts["sent"].to_numpy(dtype=bool))
    written[persons[sent[mail] & (persons >= 0)]] = True
    held = acts.loc[addresses.among(acts["kind"], _HELD), "contact"]
    met = people.loc[addresses.among(people["stage"], _MET), "contact"]
    for contacts in (held, met, introduced["contact"], invited):
        written |= index.among(contacts)
    return written & index.among(people.loc[~people["machine"], "contact"])


def _sent(index: MailIndex) -> Flags:
    """Which mails did we send? Not what our mailbox answers by itself, however it is addressed."""
    out = (index.mails["direction"] == "out").to_numpy()
    sent: Flags = out & ~addresses.among(index.mails["mail_class"], _BY_MACHINE)
    return sent


def _towards(setting: Setting, frames: Frames, index: MailIndex) -> pd.DataFrame:
    """Everything of ours that answers a contact; columns contact, at.

    A mail with them in To or Cc (a colleague's too), a call, a meeting with them that we made or
    that took place, and our acceptance of theirs.
    """
    mail, person = index.named["mail"].to_numpy(), index.named["person"].to_numpy()
    to = _sent(index)[mail] & (person >= 0)
    calls = tables.narrow(frames.calls, ["address", "at"])
    answers = tables.narrow(frames.guests, ["observation_id", "meeting_id", "address", "response"])
    answers = tables.ordered(answers, "observation_id")
    guests = tables.once(answers, ["meeting_id", "address"], keep="last")
    # Who said no was not met: the mail that came before it still waits.
    coming = guests[guests["response"] != "declined"]
    meetings = tables.once(frames.meetings, "meeting_id")
    made = tables.kept(meetings, meetings["organizer_is_self"], ["meeting_id", "created_at"])
    held = tables.kept(
        meetings,
        meetings["status"].isin(["confirmed", "tentative", "hidden"]),
        ["meeting_id", "start_at"],
    )
    yes = frames.guests[frames.guests["is_self"] & (frames.guests["response"] == "accepted")]
    snapshots = tables.narrow(frames.observations, ["observation_id", "acted_at", "seen_at"])
    yes = tables.joined(yes, tables.once(snapshots, "observation_id"), "observation_id")
    yes = yes.assign(said=yes["responded_at"].fillna(yes["acted_at"]).fillna(yes["seen_at"]))
    first_yes = yes.groupby("meeting_id")["said"].min().rename("said").reset_index()
    theirs = tables.kept(meetings, ~meetings["organizer_is_self"], ["meeting_id", "organizer"])
    columns = ["address", "at"]
    parts = [
        calls[columns],
        tables.narrow(
            tables.joined(guests, made, "meeting_id"), ["address", "created_at"]
        ).set_axis(columns, axis=1),
        tables.narrow(tables.joined(coming, held, "meeting_id"), ["address", "start_at"]).set_axis(
            columns, axis=1
        ),
        tables.narrow(
            tables.joined(theirs, first_yes, "meeting_id"), ["organizer", "said"]
        ).set_axis(columns, axis=1),
    ]
    table = pd.concat([part for part in parts if len(part)] or [calls[columns]], ignore_index=True)
    table["contact"] = addresses.contacts(table["address"], setting.ours, setting.merge)
    table = tables.kept(
        table, (table["contact"] != "") & (table["at"] <= setting.as_of), ["contact", "at"]
    )
    written = pd.DataFrame({"contact": index.text(person[to]), "at": index.at(mail[to])})
    return pd.concat([table, written], ignore_index=True)
