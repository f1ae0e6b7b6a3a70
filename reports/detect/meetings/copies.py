"""Which meetings are there, who is in them, and what did we see of each?

A meeting is one key (series UID, recurrence id), however many mailboxes, providers and files hold
a copy of it. One copy leads: what it showed is the meeting's history; the others only say that
the meeting is still alive, or that somebody saw a change earlier. A copy of our own organiser
leads before all others (nobody knows earlier), then a copy that is alive (one that is gone may
only say that one of us was taken off the list), then the one that lived longest. A copy from a
file leads only where no provider holds one: a file never learns of a change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from config.ours import Ours
from connectors.model.frames import Frames
from reports.columns import tables
from reports.columns.addresses import among, ours_mask, renamed
from reports.columns.instants import NONE, Ints, micros
from reports.detect.meetings import continued, dated_acts, entries, meeting_keys, message_order
from reports.detect.meetings.events import GONE
from reports.detect.setting import Setting

ORDINARY: Final = "default"
#: Rounds from a cursor: what they do not show has not changed.
_CURSOR_KINDS: Final = ("full", "delta")


@dataclass(frozen=True)
class Gathered:
    """Meetings and what was seen of them; `code` is the row number in `meetings`.

    `meetings`: one row a meeting. `snapshots`: its snapshots, the leading copy's (`leads`) and the
    others'; where no calendar holds it, the invitations in mails stand for them. `answers`: the
    persons (ours too) in each snapshot. `dated`: what a message or an audit log says happened at an
    exact moment (reports.detect.meetings.dated_acts).
    """

    meetings: pd.DataFrame
    snapshots: pd.DataFrame
    answers: pd.DataFrame
    dated: pd.DataFrame


def gather(
    setting: Setting, frames: Frames, people: pd.DataFrame, nobodies: frozenset[str]
) -> Gathered:
    """Join all copies of each meeting as of the moment.

    people: by PEOPLE, who is a machine. nobodies: machines behind whom nobody stands.
    """
    ours, merge, as_of = setting.ours, setting.merge, setting.now
    machines = frozenset(people.loc[people["machine"], "contact"])
    copies, observations = continued.joined(setting, *known(frames, as_of), frames)
    snapshot = (observations["evidence"] == "snapshot").to_numpy(dtype=bool)
    snapshots = tables.kept(observations, snapshot)
    copies = _with_state(copies, snapshots, frames, ours, merge)
    copies["own_entry"] = entries.own_entries(copies, snapshots, frames, ours)
    copies = meeting_keys.coded(copies, ours.zone)
    leads = tables.kept(copies, copies["leads"]).set_index("code").sort_index()

    observations = tables.joined(
        observations,
        tables.narrow(copies, ["meeting_id", "code", "leads", "series_uid", "file"]),
        "meeting_id",
    )
    observations["lo"] = micros(observations["seen_after"])
    observations["hi"] = micros(observations["seen_at"])
    observations["acted"] = micros(observations["acted_at"])
    snapshot = (observations["evidence"] == "snapshot").to_numpy(dtype=bool)
    snapshots = tables.kept(observations, snapshot & (observations["code"] >= 0))
    messages = tables.kept(observations, ~snapshot & (observations["acted"] != NONE))
    snapshots = _snapshots(snapshots, messages, leads)
    people = _people(frames, observations, ours, machines, merge)
    answers = tables.joined(
        people,
        tables.narrow(snapshots, ["observation_id", "code", "leads", "hi"]),
        "observation_id",
    )
    # Who looks at them looks at one person in one meeting after another.
    answers = tables.ordered(answers, ["code", "who", "hi", "observation_id"], ignore_index=True)
    meetings = _meetings(leads, copies, snapshots, ours, machines)
    meetings["of_others"] = entries.of_others(copies, answers, meetings, ours)
    meetings["vouched"] = _vouched(leads, frames, as_of)
    lists = machines - nobodies
    behind = entries.with_hidden_guests(frames, snapshots, leads["organizer"], lists, merge)
    meetings["crowded"] = meetings.index.isin(behind)
    meetings["complete"] &= ~meetings["crowded"]
    meetings["hour_unread"] = message_order.hours_unread(messages, snapshots, copies, meetings)
    dated = dated_acts.dated(messages, people, merge, ours)
    dated = message_order.ordered(dated, snapshots, frames.messages)
    return Gathered(meetings, snapshots, answers, dated)


def known(frames: Frames, as_of: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The copies and observations that existed at the moment, each row once, in their order."""
    copies = tables.once(frames.meetings, "meeting_id")
    copies = tables.kept(copies, ~copies["stub"] & (micros(copies["first_seen_at"]) <= as_of))
    observations = tables.once(frames.observations, "observation_id")
    observations = tables.kept(observations, micros(observations["seen_at"]) <= as_of)
    return (
        tables.ordered(copies, "meeting_id", ignore_index=True),
        tables.ordered(observations, ["seen_at", "observation_id"], ignore_index=True),
    )


def _with_state(
    copies: pd.DataFrame,
    snapshots: pd.DataFrame,
    frames: Frames,
    ours: Ours,
    merge: Mapping[str, str],
) -> pd.DataFrame:
    """Add to each copy: was it ever seen in a calendar, is it gone, since when, who organises."""
    last = tables.once(snapshots, "meeting_id", keep="last").set_index("meeting_id")
    copies = copies.copy(deep=False)
    ids = copies["meeting_id"]
    copies["seen"] = ids.isin(last.index)
    # object first: where no copy was ever seen, the map is all NaN and of type float
    copies["last_status"] = ids.map(last["status"]).astype("object").fillna("").astype("str")
    copies["gone"] = copies["last_status"].isin(GONE)
    copies["last_at"] = ids.map(pd.Series(micros(last["seen_at"]), index=last.index)).fillna(0)
    providers = tables.once(frames.mailboxes, "mailbox_id").set_index("mailbox_id")["provider"]
    provider = copies["mailbox_id"].map(providers).astype("object").fillna("")
    copies["file"] = provider == "files"
    copies["microsoft"] = provider == "microsoft"
    copies["organiser"] = renamed(copies["organizer"], merge)
    copies["ours"] = copies["organizer_is_self"] | ours_mask(
        copies["organiser"].to_numpy(dtype=object), ours
    )
    return copies


def _snapshots(
    snapshots: pd.DataFrame, messages: pd.DataFrame, leads: pd.DataFrame
) -> pd.DataFrame:
    """The snapshots; for a meeting that no calendar ever showed, its invitations by mail."""
    unseen = leads.index[~leads["seen"]]
    invited = tables.kept(
        messages,
        messages["code"].isin(unseen)
        & messages["method"].isin(("request", "publish", "add"))
        & messages["start_at"].notna(),
    )
    if len(invited):
        # dated exactly, and each of them may show a state, in whichever copy it came
        invited = invited.assign(lo=invited["acted"], hi=invited["acted"], leads=True)
        snapshots = pd.concat([snapshots, invited])
    snapshots = snapshots.assign(
        start=micros(snapshots["start_at"]),
        end=micros(snapshots["end_at"]),
        updated=np.where(snapshots["updated_exact"], micros(snapshots["updated_at"]), NONE),
        exact=snapshots["evidence"] != "snapshot",
    )
    return tables.ordered(snapshots, ["code", "hi", "observation_id"], ignore_index=True)


def _people(
    frames: Frames,
    observations: pd.DataFrame,
    ours: Ours,
    machines: Collection[object],
    merge: Mapping[str, str],
) -> pd.DataFrame:
    """The guest rows that are persons, by their merged address; ours are marked."""
    guests = tables.once(frames.guests, ["observation_id", "address"])
    guests = tables.kept(guests, guests["observation_id"].isin(observations["observation_id"]))
    who = renamed(guests["address"], merge)
    own = ours_mask(who, ours) | guests["is_self"].to_numpy(dtype=bool)
    person = (who != "") & ~guests["resource"].to_numpy(dtype=bool) & ~among(who, machines)
    rows = pd.DataFrame(
        {
            "observation_id": guests["observation_id"].to_numpy(),
            "who": who,
            "own": own,
            "response": guests["response"].to_numpy(dtype=object),
            "responded": micros(guests["responded_at"]),
            "machine": guests["machine"].to_numpy(dtype=bool),
            "proposed": micros(guests["proposed_start"]),
        }
    )[person]
    # after a merge two rows may be one person: the one who answered speaks for both
    rows["silent"] = rows["response"].isin(("none", "unknown"))
    rows = tables.ordered(rows, ["observation_id", "who", "silent", "response"], ignore_index=True)
    single: pd.DataFrame = tables.once(rows, ["observation_id", "who"], ignore_index=True)
    return single.drop(columns="silent")


def _meetings(
    leads: pd.DataFrame,
    copies: pd.DataFrame,
    snapshots: pd.DataFrame,
    ours: Ours,
    machines: Collection[object],
) -> pd.DataFrame:
    """One row a meeting: its facts, whoever holds a copy of it."""
    codes = leads.index
    known = tables.kept(copies, copies["code"] >= 0)
    named = _first(tables.kept(known, known["organiser"] != ""), "organiser", codes)
    organiser = leads["organiser"].where(leads["organiser"] != "", named.fillna(""))
    names = organiser.to_numpy(dtype=object)
    own = codes.isin(known.loc[known["organizer_is_self"], "code"]) | ours_mask(names, ours)
    outside = np.where(~own & ~among(names, machines), names, "")
    marks = _mark_seen(tables.kept(known, known["mark"] != ""), snapshots)
    marked, foreign = (
        tables.kept(marks, marks["own_entry"]),
        tables.kept(marks, ~marks["own_entry"]),
    )
    alive = known["seen"] & ~known["file"] & ~known["gone"]
    first_snapshot = tables.kept(snapshots, snapshots["leads"])
    seen = tables.ordered(known.assign(first=micros(known["first_seen_at"])), "first")
    meetings = pd.DataFrame(
        {
            "meeting_key": leads["meeting_key"],
            "series_uid": leads["series_uid"],
            "recurrence_id": leads["recurrence_id"],
            "mailbox_id": _first(
                tables.kept(known, known["organizer_is_self"]), "mailbox_id", codes
            )
            .fillna(leads["mailbox_id"])
            .astype("int64"),
            "subject": leads["subject"],
            "organiser": outside,
            "ours": own,
            "kind": leads["kind"],
            "all_day": leads["all_day"],
            "private": leads["private"],
            "online": leads["online"] != "",
            "complete": leads["guests_complete"],
            "marks_itself": leads["microsoft"],
            "mark": _first(marked, "mark", codes).fillna("").astype("str"),
            "mark_mailbox": _first(marked, "mailbox_id", codes).fillna(-1).astype("int64"),
            "mark_seen": _first(marked, "mark_seen", codes).fillna(NONE).astype("int64"),
            "mark_lo": _first(marked, "mark_lo", codes).fillna(NONE).astype("int64"),
            "mark_hi": _first(marked, "mark_hi", codes).fillna(NONE).astype("int64"),
            "own_entry": leads["own_entry"],
            # a mark that may be somebody else's word: when it was first seen
            "foreign_mark": _first(foreign, "mark_seen", codes).fillna(NONE).astype("int64"),
            "created": micros(leads["created_at"]),
            "original": _originals(leads["recurrence_id"]),
            "first_seen": _first(seen, "first", codes).fillna(0).astype("int64"),
            "sequence": _first(first_snapshot, "sequence", codes).fillna(-1).astype("int64"),
            # alive in a calendar of ours although it is gone from another
            "elsewhere": codes.isin(known.loc[alive, "code"])
            & codes.isin(known.loc[known["seen"] & ~known["file"] & known["gone"], "code"]),
        }
    )
    return _set(meetings, first_snapshot)


def _mark_seen(marked: pd.DataFrame, snapshots: pd.DataFrame) -> pd.DataFrame:
    """The marked copies with `mark_seen` [us], the first look that showed the mark as it is now, and
    with `mark_lo` and `mark_hi`, between which it was set: the snapshot before (NONE: there was none)
    and that one. What the very first look showed is no later than the entry's last change.
    """
    seen = tables.ordered(
        tables.kept(
            snapshots,
            snapshots["meeting_id"].isin(marked["meeting_id"])
            & ~snapshots["stub"]
            & ~snapshots["exact"],
        ),
        ["meeting_id", "hi", "observation_id"],
    )
    now = seen["meeting_id"].map(marked.set_index("meeting_id")["mark"])
    other = (seen["mark"] != now).astype("int64")
    later = other[::-1].groupby(seen["meeting_id"]).cumsum()[::-1]
    first = tables.once(tables.kept(seen, later == 0), "meeting_id").set_index("meeting_id")
    changed = pd.Series(micros(first["updated_at"]), index=first.index)
    bounded = (first["lo"] == NONE) & (changed != NONE) & (changed < first["hi"])
    ids = marked["meeting_id"]
    return marked.assign(
        mark_seen=ids.map(first["hi"]).fillna(NONE).astype("int64"),
        mark_lo=ids.map(first["lo"]).fillna(NONE).astype("int64"),
        mark_hi=ids.map(changed.where(bounded, first["hi"])).fillna(NONE).astype("int64"),
    )


def _vouched(leads: pd.DataFrame, frames: Frames, as_of: int) -> Ints:
    """When the last complete look at the leading copy's calendar began [us]; NONE where there is
    none. It shows only what changed, so what it did not show was then as it had been seen before.
    """
    done = tables.kept(
        frames.polls,
        frames.polls["kind"].isin(_CURSOR_KINDS)
        & (frames.polls["problem"] == "")
        & frames.polls["finished_at"].notna(),
    )
    done = tables.kept(done, micros(done["finished_at"]) <= as_of)
    places = done["mailbox_id"].astype("str") + " " + done["stream"]
    last = pd.Series(micros(done["started_at"]), index=places).groupby(level=0).max()
    wanted = leads["mailbox_id"].astype("str") + " calendar:" + leads["calendar_id"]
    found = wanted.map(last).where(leads["seen"] & ~leads["file"] & ~leads["gone"])
    vouched: Ints = found.astype("float64").fillna(NONE).to_numpy().astype("int64")
    return vouched


def _originals(recurrence: pd.Series) -> Ints:
    """The original start of an occurrence [us]; NONE for a single meeting and an all-day one."""
    moments = pd.to_datetime(recurrence, format="%Y%m%dT%H%M%SZ", errors="coerce", utc=True)
    return micros(moments.astype("datetime64[us, UTC]"))


def _set(meetings: pd.DataFrame, snapshots: pd.DataFrame) -> pd.DataFrame:
    """Add the first start that we saw, and between which moments it was set.

    From its creation on where nothing was moved since (SEQUENCE 0, and still at its original
    place in the series); else some time before the first look. Without a creation time the snapshot
    before the first is the lower bound, if there was one.
    """
    codes = meetings.index
    timed = tables.kept(snapshots, snapshots["start"] != NONE)
    meetings = meetings.copy(deep=False)
    for column in ("start", "end", "lo", "hi"):
        meetings[column] = _first(timed, column, codes).fillna(NONE).astype("int64")
    exact = _first(timed, "exact", codes).fillna(False).astype("bool").to_numpy()
    start, original = meetings["start"].to_numpy(), meetings["original"].to_numpy()
    lo, hi, created = (meetings[name].to_numpy() for name in ("lo", "hi", "created"))
    born = (created != NONE) & (created <= hi)
    unmoved = (meetings["sequence"] == 0).to_numpy() & ((original == NONE) | (original == start))
    exact = exact & ((meetings["sequence"] <= 0).to_numpy())
    meetings["set_lo"] = np.where(exact, hi, np.where(born, created, lo))
    meetings["set_hi"] = np.where(~exact & born & unmoved, created, hi)
    return meetings.drop(columns=["lo", "hi"])


def _first(rows: pd.DataFrame, column: str, codes: pd.Index) -> pd.Series:
    """The first value of a column for each meeting; missing where there is none."""
    code = rows["code"].to_numpy()
    first = ~pd.Index(code).duplicated()
    found: pd.Series = rows[column][first].set_axis(pd.Index(code[first], name="code"))
    return found.reindex(codes)
