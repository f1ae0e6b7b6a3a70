"""Whom did we ask something, is it still open, and how long has it waited?

rules.md section 5: mails with a sign that a reply is expected, logged calls, and invitations that
the meeting side proved unanswered. Asks that an absence met are one, and its clock starts when
the absence ends.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.model.frames import empty, enforce
from reports.columns import addresses, tables
from reports.columns.business_days import countries_of
from reports.columns.instants import whole_instants
from reports.columns.moment_index import Timeline
from reports.detect.mail import read_until
from reports.detect.setting import Setting
from reports.schemas import ASKS

_CALLED = ["no-answer", "assistant"]


def sent(
    setting: Setting,
    calls: pd.DataFrame,
    people: pd.DataFrame,
    written: pd.DataFrame,
    invitations: pd.DataFrame,
) -> pd.DataFrame:
    """All that we asked until the setting's moment, whatever became of it; one row an ask.

    calls: by CALLS; people: by PEOPLE; written: asks by mail (reply_expected.candidates);
    invitations: contact, at (the meeting's start), mailbox_id, one a series, and only where a
    record excludes them or the user says `absent`.
    """
    parts = [
        written.assign(kind="mail"),
        _calls(setting, calls, people),
        _invitations(invitations, people),
    ]
    given = [part for part in parts if len(part)] or parts[:1]
    table = pd.concat(given, ignore_index=True)
    return table[table["at"] <= setting.as_of].reset_index(drop=True)


def find_asks(
    setting: Setting,
    polls: pd.DataFrame,
    sent: pd.DataFrame,
    undelivered: pd.Series,
    heard: Timeline,
    absences: pd.DataFrame,
) -> pd.DataFrame:
    """What became of all asks, ended ones too; a frame by ASKS, ordered by contact and moment.

    sent: from `sent`; undelivered: which of them came back (bounces.undelivered), aligned; heard:
    human acts of theirs and what else ends a silence (ends.find_ends), by contact; absences: by
    ABSENCES. A clock runs in business days [d] of both sides, and no further than the mailbox has
    been read (polls: by POLLS).
    """
    if not len(sent):
        return empty(ASKS)
    days, policy, as_of = setting.days, setting.policy, setting.as_of
    ended = heard.after(sent["contact"], sent["at"])
    table = _after_absence(sent.assign(undeliverable=undelivered, ended=ended), absences, as_of)
    table["clock_at"] = table["at"]
    table["open"] = table["ended"].isna()
    country = countries_of(table["contact"])
    until = read_until.capped(table["mailbox_id"], polls, as_of)
    table["waited_days"] = days.waited(table["clock_at"], until, country)
    table["ripe"] = (
        table["open"] & ~table["undeliverable"] & (table["waited_days"] >= policy.unanswered_days)
    )
    table = tables.ordered(table, ["contact", "at", "kind", "message_id"], ignore_index=True)
    number = days.number(table["at"], countries_of(table["contact"]))
    table["distinct"] = _distinct(table, number, policy.distinct_days)
    return enforce(table, ASKS, "asks")


def missed_invitations(slots: pd.DataFrame) -> pd.DataFrame:
    """Invitations of ours, unanswered and unchanged at their start, that they surely missed.

    slots: judged, with `missed`. Columns contact, at (the start), mailbox_id; one a series.
    """
    chosen = tables.ordered(tables.kept(slots, slots["missed"]), "start")
    chosen = tables.once(chosen, ["series_uid", "contact"])
    return pd.DataFrame(
        {
            "contact": chosen["contact"].to_numpy(dtype=object),
            "at": whole_instants(chosen["start"].to_numpy(dtype="int64")),
            "mailbox_id": chosen["mailbox_id"].to_numpy(dtype="int64"),
        }
    )


def _calls(setting: Setting, calls: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Calls that reached nobody, or only an assistant."""
    calls = calls[calls["outcome"].isin(_CALLED)]
    table = pd.DataFrame(
        {
            "contact": addresses.contacts(calls["address"], setting.ours, setting.merge),
            "at": calls["at"],
            "sign": "call",
            "message_id": -1,
            "mailbox_id": calls["mailbox_id"],
            "conversation": -1,
            "key": "",
            "kind": "call",
        }
    )
    persons = people.loc[~people["machine"], "contact"]
    table = table[addresses.among(table["contact"], persons)]
    return tables.once(tables.ordered(table, "mailbox_id"), ["contact", "at"])


def _invitations(invitations: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    if not len(invitations):
        return pd.DataFrame()
    persons = people.loc[~people["machine"], "contact"]
    known = addresses.among(invitations["contact"], persons)
    table = tables.kept(invitations, known, ["contact", "at", "mailbox_id"])
    return tables.once(table, ["contact", "at"]).assign(
        sign="invitation", message_id=-1, conversation=-1, key="", kind="invitation"
    )


def _after_absence(
    table: pd.DataFrame, absences: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Asks that were open or sent in an absence become one, dated when the last such one ends."""
    if not len(absences) or not len(table):
        return table
    limit = table["ended"].fillna(as_of)
    opened = Timeline(absences["contact"], absences["opens_at"]).before(
        table["contact"], limit, same=True
    )
    away = pd.DataFrame({"contact": table["contact"], "opens_at": opened})[opened.notna()]
    known = tables.once(
        tables.narrow(absences, ["contact", "opens_at", "closes_at"]), ["contact", "opens_at"]
    )
    closes = tables.joined(away, known, ["contact", "opens_at"], "left")["closes_at"]
    back = closes.set_axis(away.index).reindex(table.index).astype("datetime64[us, UTC]")
    met = back.notna() & (table["at"] < back)
    # The last one sent stands for all of them, and one that came back makes all doubtful.
    inside = table[met].assign(opened=opened[met], sent_at=table.loc[met, "at"])
    inside = tables.ordered(inside, ["contact", "opened", "sent_at", "message_id"])
    group = inside.groupby(["contact", "opened"])
    inside["undeliverable"] = group["undeliverable"].transform("any")
    last = tables.once(inside, ["contact", "opened"], keep="last")
    last = last.assign(at=back[last.index])
    return pd.concat([tables.kept(table, ~met), last[table.columns]], ignore_index=True)


def _distinct(table: pd.DataFrame, number: pd.Series, apart: int) -> list[bool]:
    """Chosen from the oldest, each `apart` business days or more after the last chosen.

    Every choice depends on the one before, so this walks; only ripe asks are looked at.
    """
    chosen = np.zeros(len(table), dtype=bool)
    ripe = np.flatnonzero(table["ripe"].to_numpy())
    contact, day = table["contact"].to_numpy(), number.to_numpy()
    before = -1
    for place in ripe:
        if before < 0 or contact[before] != contact[place] or day[place] - day[before] >= apart:
            chosen[place] = True
            before = int(place)
    return [bool(one) for one in chosen]
