"""What do records of online meetings say: were they there, did they send someone, or neither?

rules.md M7. A record that names them proves that they came. A record accuses only if it is whole:
one of ours whose calendar we hold waited at least 10 minutes, everybody in it is identified as a
person of ours or as a named guest of another organisation, all of ours in it had exactly one
meeting in that slot, it was held online alone, they had accepted this very start, and no absence of
theirs was open. What a record cannot see ends the claim, too (decisions 0083 and 0087): we came late,
one of ours or somebody of theirs was in another call, or they were spoken to by phone. Meet hardly ever names outsiders (facts/google.md section 3): expect `attended` or
nothing from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from connectors.model.frames import Frames
from reports.columns import tables
from reports.columns.addresses import among, contacts, ours_mask, renamed
from reports.columns.instants import DAY, HOUR, MINUTE, NONE, SECOND, Flags, Ints, micros
from reports.detect.meetings.copies import Gathered
from reports.detect.meetings.events import GONE
from reports.detect.setting import Setting

#: Somebody may join early or stay long: whom such a session names was in this meeting.
_BESIDE: Final = 30 * MINUTE
#: Who is there earlier than this before the start tries the camera, and waits for nobody yet; who
#: comes later than this after it may have been waited for in vain, and is in another call for longer.
_EARLY: Final = 5 * MINUTE
#: A call is logged when it is over: up to so long after the end it may have been the meeting.
_LOGGED: Final = HOUR
_SPOKEN: Final = ("spoke", "will-call")
#: What a table of calls makes of a day without an hour (connectors.files.call_list).
_SOME_HOUR: Final = "23:59"
_EVER, _NEVER = -(2**62), 2**62
#: "Let us start an hour later": until then a session of the same meeting may still be this slot's.
_SAME_DAY: Final = 12 * HOUR


def verdicts(
    setting: Setting,
    slots: pd.DataFrame,
    frames: Frames,
    gathered: Gathered,
    people: pd.DataFrame,
) -> pd.DataFrame:
    """What the records say of each slot: a frame aligned with `slots`.

    `attended`: a record names them. `sent`: somebody else of their organisation came. `excluded`:
    the records of the slot together show that they were not there; acceptance and absence are for
    the caller to look at. All are False where records settle nothing or there are none.
    people: by PEOPLE.
    """
    ours, attendance = setting.ours, frames.attendance
    attendance = tables.kept(attendance, attendance["started_at"] <= setting.as_of)
    nothing = pd.DataFrame(
        {name: np.zeros(len(slots), dtype=bool) for name in ("attended", "sent", "excluded")},
        index=slots.index,
    )
    sessions = _sessions(attendance, setting.merge)
    rows = _rows(slots, sessions)
    if not len(rows):
        return nothing
    organisations = dict(zip(people["contact"], people["organisation"], strict=True))
    own = rows["contact"].map(lambda one: organisations.get(one, "")).to_numpy(dtype=object)
    theirs = rows["who"].map(lambda one: organisations.get(one, "")).to_numpy(dtype=object)
    boxes = dict(zip(frames.mailboxes["address"], frames.mailboxes["mailbox_id"], strict=True))
    rows["box"] = rows["who"].map(lambda one: boxes.get(ours.mailboxes.get(one, one), -1))
    is_ours = ours_mask(rows["who"].to_numpy(dtype=object), ours)
    here = pd.MultiIndex.from_frame(tables.narrow(rows, ["code", "who"]))
    listed = tables.kept(gathered.answers, gathered.answers["code"].isin(rows["code"]))
    # a device of ours may hold anybody: only a mailbox or an invited person is one of us
    colleague = is_ours & ((rows["box"] >= 0) | here.isin(_persons(listed, own=True)))
    rows["attended"] = rows["near"] & (rows["who"] == rows["contact"])
    rows["sent"] = (
        rows["near"] & (rows["who"] != rows["contact"]) & ~is_ours & (own != "") & (own == theirs)
    )
    # without an organisation on both sides it may be the same person under another address
    other = here.isin(_persons(listed, own=False)) & (own != theirs) & (theirs != "")
    rows["known"] = (colleague | other) & (rows["identity"] != "phone")
    enough = setting.policy.present_minutes * MINUTE
    # Whoever comes at ten past may have been given up at five past (decision 0083).
    rows["until"] = rows["until"].clip(upper=rows["start"] + enough + _EARLY)
    long = _present(rows) >= enough
    rows["waited"] = is_ours & (rows["box"] >= 0) & long
    by_slot = rows.groupby("slot")
    found = pd.DataFrame(
        {
            "attended": by_slot["attended"].any(),
            "sent": by_slot["sent"].any(),
            "excluded": by_slot["known"].all() & by_slot["waited"].any(),
        }
    ).reindex(slots.index, fill_value=False)
    possible = found["excluded"].to_numpy(dtype=bool) & ~slots["on_site"].to_numpy(dtype=bool)
    found["excluded"] = possible
    if possible.any():
        joined = tables.kept(rows, is_ours & (rows["box"] >= 0), ["slot", "box", "who"])
        alone = possible & _only_meeting(slots, gathered, possible, joined)
        chosen = tables.kept(slots, alone, ["meeting_key", "contact", "start", "end"])
        chosen = chosen.assign(slot=chosen.index, end=_ends(chosen))
        refuted = {
            *_in_another_call(chosen, sessions, joined, organisations),
            *_spoken_to(chosen, setting, frames.calls, organisations),
        }
        found["excluded"] = alone & ~slots.index.isin(list(refuted))
    return found.astype(bool)


def _ends(slots: pd.DataFrame) -> pd.Series:
    """When each slot ends [us]; one whose end is not known at its start."""
    return slots["end"].where(slots["end"] != NONE, slots["start"])


def _in_another_call(
    chosen: pd.DataFrame,
    sessions: pd.DataFrame,
    joined: pd.DataFrame,
    organisations: Mapping[str, str],
) -> set[int]:
    """The slots while which a record of another meeting shows one of ours, or somebody of theirs.

    One address may be several meetings', and a provider puts each session to one of them.
    """
    first = (chosen["start"] - _SAME_DAY) // DAY
    last = (chosen["end"] + _BESIDE) // DAY
    days = pd.concat([chosen.assign(day=first), chosen.assign(day=last)])
    labels = ["meeting_key", "who", "joined", "left"]
    others = tables.narrow(sessions, labels).rename(columns={"meeting_key": "other"})
    others = others.assign(day=others["joined"] // DAY)
    pairs = tables.joined(days, others, "day")
    pairs = tables.kept(pairs, pairs["meeting_key"] != pairs["other"])
    if not len(pairs):
        return set()
    both = tables.narrow(pairs, ["left", "end"]).min(axis=1)
    both = both - tables.narrow(pairs, ["joined", "start"]).max(axis=1)
    waiting = pd.MultiIndex.from_frame(tables.narrow(joined, ["slot", "who"]))
    mine = pd.MultiIndex.from_frame(tables.narrow(pairs, ["slot", "who"])).isin(waiting)
    own = pairs["contact"].map(lambda one: organisations.get(one, ""))
    theirs = pairs["who"].map(lambda one: organisations.get(one, ""))
    theirs = (pairs["who"] == pairs["contact"]) | ((own != "") & (own == theirs))
    refuted = (mine & (both > _EARLY)) | (theirs & (both > -_BESIDE))
    return set(pairs.loc[refuted, "slot"].tolist())


def _spoken_to(
    chosen: pd.DataFrame, setting: Setting, calls: pd.DataFrame, organisations: Mapping[str, str]
) -> set[int]:
    """The slots at whose hour they or somebody of their organisation were spoken to by phone, or on whose
    day, where no hour is known.
    """
    spoken = tables.kept(calls, calls["outcome"].isin(_SPOKEN) & (calls["at"] <= setting.as_of))
    if not len(spoken):
        return set()
    zone = setting.ours.zone
    called = contacts(spoken["address"], setting.ours, setting.merge)
    local = spoken["at"].dt.tz_convert(zone)
    made = pd.DataFrame(
        {
            "house": called.map(lambda one: organisations.get(one, "") or one),
            "called": micros(spoken["at"]),
            "day": local.dt.strftime("%Y-%m-%d"),
            "some_hour": local.dt.strftime("%H:%M") == _SOME_HOUR,
        }
    )
    house = chosen["contact"].map(lambda one: organisations.get(one, "") or one)
    pairs = tables.joined(chosen.assign(house=house), made, "house")
    start = pd.to_datetime(pairs["start"], unit="us", utc=True).dt.tz_convert(zone)
    then = pairs["called"].between(pairs["start"] - _BESIDE, pairs["end"] + _LOGGED)
    then |= pairs["some_hour"] & (pairs["day"] == start.dt.strftime("%Y-%m-%d"))
    return set(pairs.loc[then, "slot"].tolist())


def _present(rows: pd.DataFrame) -> Ints:
    """For each row, how long its person was surely there while they were waited for [us]: all of
    their sessions of the slot together, what overlaps once.

    Of a session that reaches out of this time only what cannot have been outside counts.
    """
    inside = (
        rows["over"].clip(upper=rows["until"]) - rows["began"].clip(lower=rows["since"])
    ).clip(lower=0)
    outside = (rows["over"] - rows["began"]).clip(lower=0) - inside
    sure = (rows["seconds"] * SECOND - outside).clip(lower=0)
    sure = pd.concat([sure, inside], axis=1).min(axis=1)
    order = tables.ordered(rows.assign(sure=sure), ["slot", "who", "began", "over"])
    person = [order["slot"], order["who"]]
    reached = order.groupby(["slot", "who"])["over"].cummax().groupby(person).shift()
    apart = (reached.isna() | (order["began"] >= reached)).astype("int64")
    span = apart.groupby(person).cumsum()
    longest = order["sure"].groupby([*person, span]).max()
    total = longest.groupby(level=[0, 1]).sum()
    each: Ints = (
        total.reindex(pd.MultiIndex.from_frame(tables.narrow(rows, ["slot", "who"])))
        .to_numpy()
        .astype("int64")
    )
    return each


def _persons(listed: pd.DataFrame, *, own: bool) -> pd.MultiIndex:
    """The persons who were ever on the list of a meeting, ours or others: (code, who)."""
    return pd.MultiIndex.from_frame(
        tables.once(tables.kept(listed, listed["own"] == own, ["code", "who"]))
    )


def _sessions(attendance: pd.DataFrame, merge: Mapping[str, str]) -> pd.DataFrame:
    """Every participant of every session: meeting_key, who, identity, seconds; `began`, `over`: the
    session's own; `joined`, `left`: between which they were there [us].
    """
    records = tables.once(
        attendance, ["record_id", "address", "name", "identity", "joined_at", "left_at"]
    )
    began = micros(records["started_at"])
    ended = micros(records["ended_at"])
    joined = micros(records["joined_at"])
    left = micros(records["left_at"])
    over = np.where(
        ended != NONE,
        ended,
        np.where(left != NONE, left, began + records["seconds"].to_numpy() * SECOND),
    )
    joined = np.where(joined != NONE, joined, began)
    return pd.DataFrame(
        {
            "meeting_key": (records["series_uid"] + " " + records["recurrence_id"]).to_numpy(),
            "began": began,
            "over": over,
            "joined": joined,
            "left": np.maximum(joined, np.where(left != NONE, left, over)),
            "who": renamed(records["address"], merge),
            "identity": records["identity"].to_numpy(dtype=object),
            "seconds": records["seconds"].to_numpy(),
        }
    )


def _rows(slots: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Every participant of every session on the day of a slot: slot, code, contact, who, identity,
    seconds; `near`: the session lies at the slot, or at no other slot more nearly; `began`, `over`:
    between which they were there; `since`, `until`: between which that counts as waiting.
    """
    columns = ["meeting_key", "code", "contact", "start", "end", "eligible", "why_not"]
    known = tables.kept(slots, among(slots["meeting_key"], sessions["meeting_key"]), columns)
    rows = tables.joined(known.assign(slot=known.index), sessions, "meeting_key")
    end = _ends(rows)
    away = pd.concat([rows["start"] - rows["over"], rows["began"] - end], axis=1).max(axis=1)
    away = away.clip(lower=0)
    nearest = away.groupby([rows["code"], rows["contact"], rows["began"]]).transform("min")
    rows["near"] = (away < _BESIDE) | (away == nearest)
    rows["began"], rows["over"] = rows["joined"], rows["left"]
    rows["since"], rows["until"] = rows["start"] - _EARLY, end
    wanted = rows["eligible"] | (rows["why_not"] == "not-accepted")
    chosen: pd.DataFrame = tables.kept(rows, wanted & (away < _SAME_DAY)).reset_index(drop=True)
    return chosen


def _only_meeting(
    slots: pd.DataFrame, gathered: Gathered, possible: Flags, joined: pd.DataFrame
) -> Flags:
    """Had the slot's mailbox exactly one meeting then, and all of ours in the record (`joined`: slot,
    box) no other one? (A second one may be where we really were.)

    As the calendars may have stood at the start: what was tidied away afterwards was there.
    """
    states = _states(gathered)
    result = np.zeros(len(slots), dtype=bool)
    columns = ["start", "end", "since", "until", "code"]
    by_mailbox = {
        box: tuple(rows[label].to_numpy() for label in columns)
        for box, rows in states.groupby("mailbox_id")
    }
    boxes = joined.groupby("slot")["box"].agg(set)

    def then(box: int, start: int, end: int) -> set[int]:
        starts, ends, since, until, codes = by_mailbox.get(box, (np.empty(0, "int64"),) * 5)
        there = (since < start) & (until >= start)
        return set(codes[there & (starts < end) & (ends > start)].tolist())

    mine = tables.kept(slots, possible, ["mailbox_id", "start", "end", "code"]).to_numpy(
        dtype="int64"
    )
    places = np.flatnonzero(possible)
    chosen = zip(places.tolist(), slots.index[places], mine.tolist(), strict=True)
    for at, slot, (box, start, end, code) in chosen:
        others = boxes.get(slot, set()) - {box}
        result[at] = then(box, start, end) == {code} and all(
            then(one, start, end) <= {code} for one in others
        )
    return result


def _states(gathered: Gathered) -> pd.DataFrame:
    """What each copy in our calendars may have been, and between which moments: mailbox_id, code, start,
    end, since, until [us].

    A state may have begun just after the snapshot before the one that shows it, and lasted until the snapshot
    that shows the next one.
    """
    labels = ["meeting_id", "hi", "observation_id"]
    labels += ["mailbox_id", "code", "start", "end", "lo", "all_day", "status"]
    snapshots = tables.ordered(tables.narrow(gathered.snapshots, labels), labels[:3])
    until = snapshots.groupby("meeting_id")["hi"].shift(-1)
    created = gathered.meetings["created"].reindex(snapshots["code"]).to_numpy()
    first = ~snapshots["meeting_id"].duplicated().to_numpy()
    since = np.where(first & (created != NONE), created, snapshots["lo"].to_numpy())
    states = snapshots.assign(
        since=np.where(since == NONE, _EVER, since), until=until.fillna(_NEVER).astype("int64")
    )
    alive = (snapshots["start"] != NONE) & ~snapshots["all_day"] & ~snapshots["status"].isin(GONE)
    columns = ["mailbox_id", "code", "start", "end", "since", "until"]
    chosen: pd.DataFrame = tables.kept(states, alive, columns)
    return chosen
