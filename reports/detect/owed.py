"""Whom do we owe an answer?

rules.md section 7, F1. Printed before anybody is accused, and it stops a pause: so a mail of
theirs counts unless something of ours after it can be seen.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from config.ours import Ours
from config.policy import Policy
from connectors.model.frames import Frames, empty, enforce
from reports.businessdays import Calendar, countries_of
from reports.detect import addresses, introductions, lookup, reading, signs
from reports.detect.timeline import Timeline, joined
from reports.detect.verdicts import latest
from reports.shapes import OWED

_MET = ["met", "client"]
_HELD = ["kept", "record"]


def find(
    frames: Frames,
    mails: pd.DataFrame,
    acts: pd.DataFrame,
    people: pd.DataFrame,
    ours: Ours,
    days: Calendar,
    policy: Policy,
    as_of: pd.Timestamp,
    *,
    merge: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Mails that waited five business days for us; a frame by OWED, ordered by contact and moment.

    mails: by MAILS; acts: by ACTS; people: by PEOPLE, complete. Open rows are at most 60 days
    old; rows answered late go back 180 days, for the gate of a pause. `days`: business days until
    the answer, or until now where open [d]. Answered in time, or `wrong`: no row.
    """
    merge = merge or {}
    table = _incoming(frames, mails, people, acts, ours, policy, as_of, merge)
    if not len(table):
        return empty(OWED)
    words = latest(frames.claims, frames.answers, as_of)
    words = words[words["kind"] == "owed"].drop_duplicates("evidence_key", keep="last")
    word = table["evidence_key"].map(dict(zip(words["evidence_key"], words["word"], strict=True)))
    table = table[word != "wrong"].copy()
    done = words.loc[words["word"] == "done"].set_index("evidence_key")["answered_at"]
    told = done.reindex(table["evidence_key"]).set_axis(table.index).astype("datetime64[us, UTC]")

    to_them = Timeline(*_pair(_towards(frames, mails, ours, as_of, merge), "contact"))
    in_thread = Timeline(*_pair(_in_threads(mails), "conversation"))
    answered = pd.concat(
        [
            to_them.after(table["contact"], table["at"]),
            in_thread.after(table["conversation"], table["at"]),
            told,
        ],
        axis=1,
    ).min(axis=1)
    table["answered_at"] = answered.astype("datetime64[us, UTC]")
    until = reading.capped(table["mailbox_id"], frames.looks, as_of)
    until = table["answered_at"].where(table["answered_at"].notna(), until)
    table["days"] = days.waited(table["at"], until, countries_of(table["contact"]))
    is_open = table["answered_at"].isna()
    young = table["at"] >= as_of - pd.Timedelta(days=policy.owed_age_days)
    recent = table["at"] >= as_of - pd.Timedelta(days=policy.pause_owed_days)
    table = table[(table["days"] >= policy.owed_days) & (young | (recent & ~is_open))]
    return enforce(table.sort_values(["contact", "at", "message_id"]), OWED, "owed")


def _pair(table: pd.DataFrame, key: str) -> tuple[pd.Series, pd.Series]:
    return table[key], table["at"]


def _incoming(
    frames: Frames,
    mails: pd.DataFrame,
    people: pd.DataFrame,
    acts: pd.DataFrame,
    ours: Ours,
    policy: Policy,
    as_of: pd.Timestamp,
    merge: Mapping[str, str],
) -> pd.DataFrame:
    """Human mails with us in To that open a thread, follow one of theirs, or answer us first."""
    talk = signs.exchange(frames, mails)
    talk = talk[talk["human"]].reset_index(drop=True)
    theirs = talk["theirs"]
    group = talk["conversation"]
    before_ours = (~theirs).groupby(group).cumsum()
    # Theirs since the last of ours: the first of such a run answers ours, if there is one of ours.
    first_since = theirs & (theirs.groupby([group, before_ours]).cumsum() == 1)
    talk["perhaps"] = first_since & (before_ours > 0)
    talk["first"] = talk.groupby("conversation").cumcount() == 0
    since = as_of - pd.Timedelta(days=max(policy.pause_owed_days, policy.owed_age_days))
    chosen = talk[
        theirs & talk["contact"].isin(_known(frames, mails, people, acts, ours, policy, merge))
    ]
    chosen = chosen[(chosen["at"] >= since) & (chosen["at"] <= as_of)]
    to_us = _named(frames, chosen["message_id"], ours, policy)
    chosen = chosen[chosen["message_id"].isin(to_us)]
    labels = ["message_key", "in_reply_to"]
    given = lookup.columns(frames.messages, chosen["message_id"], labels)
    mailbox = mails.set_index("message_id")["mailbox_id"]
    own = "id " + chosen["message_id"].astype("str")
    return chosen.assign(
        # It answers something that nobody holds: perhaps a mail of ours.
        perhaps=chosen["perhaps"] | (chosen["first"] & (given["in_reply_to"] != "")),
        evidence_key=given["message_key"].where(given["message_key"] != "", own),
        mailbox_id=chosen["message_id"].map(mailbox),
    )


def _named(frames: Frames, message_ids: pd.Series, ours: Ours, policy: Policy) -> pd.Series:
    """Which of the mails have us in To and at most three recipients in all?"""
    named = frames.recipients.loc[
        frames.recipients["role"].isin(["to", "cc"])
        & frames.recipients["message_id"].isin(message_ids),
        ["message_id", "role", "address"],
    ].drop_duplicates()
    count = named.groupby("message_id")["address"].nunique()
    few = count.index[count <= policy.owed_recipients]
    to_us = named[(named["role"] == "to") & addresses.ours_mask(named["address"], ours)]
    return to_us.loc[to_us["message_id"].isin(few), "message_id"]


def _known(
    frames: Frames,
    mails: pd.DataFrame,
    people: pd.DataFrame,
    acts: pd.DataFrame,
    ours: Ours,
    policy: Policy,
    merge: Mapping[str, str],
) -> list[str]:
    """Whom we have written to or met, or who was introduced; no machines."""
    out = mails.loc[(mails["direction"] == "out") & (mails["mail_class"] == "human"), "message_id"]
    written = frames.recipients.loc[frames.recipients["message_id"].isin(out), "address"]
    known = set(addresses.contacts(written.drop_duplicates(), ours, merge).unique())
    known |= set(people.loc[people["stage"].isin(_MET), "contact"])
    known |= set(acts.loc[acts["kind"].isin(_HELD), "contact"].unique())
    known |= set(introductions.find(frames, mails, people, ours, policy, merge=merge)["contact"])
    return sorted(known & set(people.loc[~people["machine"], "contact"]))


def _towards(
    frames: Frames,
    mails: pd.DataFrame,
    ours: Ours,
    as_of: pd.Timestamp,
    merge: Mapping[str, str],
) -> pd.DataFrame:
    """Everything of ours that answers a contact; columns contact, at.

    A mail with them in To or Cc (a colleague's too), a call, a meeting with them that we made or
    that took place, and our acceptance of theirs.
    """
    out = mails.loc[mails["direction"] == "out", ["message_id", "at"]]
    to = frames.recipients[["message_id", "address"]].merge(out, on="message_id")
    calls = frames.calls[["address", "at"]]
    answers = frames.guests[["observation_id", "meeting_id", "address", "response"]]
    answers = answers.sort_values("observation_id", kind="stable")
    guests = answers.drop_duplicates(["meeting_id", "address"], keep="last")
    # Who said no was not met: the mail that came before it still waits.
    coming = guests[guests["response"] != "declined"]
    meetings = frames.meetings.drop_duplicates("meeting_id")
    made = meetings.loc[meetings["organizer_is_self"], ["meeting_id", "created_at"]]
    held = meetings.loc[
        meetings["status"].isin(["confirmed", "tentative"]), ["meeting_id", "start_at"]
    ]
    yes = frames.guests[frames.guests["is_self"] & (frames.guests["response"] == "accepted")]
    looks = frames.observations[["observation_id", "acted_at", "seen_at"]]
    yes = yes.merge(looks.drop_duplicates("observation_id"), on="observation_id")
    yes = yes.assign(said=yes["responded_at"].fillna(yes["acted_at"]).fillna(yes["seen_at"]))
    first_yes = yes.groupby("meeting_id")["said"].min().rename("said").reset_index()
    theirs = meetings.loc[~meetings["organizer_is_self"], ["meeting_id", "organizer"]]
    columns = ["address", "at"]
    parts = [
        to[columns],
        calls[columns],
        guests.merge(made, on="meeting_id")[["address", "created_at"]].set_axis(columns, axis=1),
        coming.merge(held, on="meeting_id")[["address", "start_at"]].set_axis(columns, axis=1),
        theirs.merge(first_yes, on="meeting_id")[["organizer", "said"]].set_axis(columns, axis=1),
    ]
    table = pd.concat([part for part in parts if len(part)] or [calls[columns]], ignore_index=True)
    table["contact"] = addresses.contacts(table["address"], ours, merge)
    return joined([table[(table["contact"] != "") & (table["at"] <= as_of)]])


def _in_threads(mails: pd.DataFrame) -> pd.DataFrame:
    """Our mails to anybody outside, by conversation."""
    return mails.loc[mails["direction"] == "out", ["conversation", "at"]]
