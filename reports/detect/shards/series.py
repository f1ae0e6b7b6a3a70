"""Which series of meetings are never cut apart, and of whom does each tell?

A meeting is judged with its whole series, with the entries that it may have gone on as
(meetings.continued), with those of one title and person (a series that was split, outcomes.counting),
and with those of which one mail tells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectors.model.frames import Frames
from reports.columns import addresses, tables
from reports.columns.instants import HOUR, NONE, Flags, Ints, micros
from reports.columns.text import column, distinct
from reports.detect.meetings import continued, copies
from reports.detect.meetings.entries import titled_absent
from reports.detect.setting import Setting
from reports.detect.shards.groups import Groups, components, pairs
from reports.detect.shards.reach import Reach

#: A record of a call may lie so far from the start that it speaks of.
_RECORD_WITHIN = 36 * HOUR
#: A call before or after it may have reached so far into its hour.
_OVERRUN = HOUR


@dataclass(frozen=True)
class Series:
    """`uids`: the series UIDs; `thing`: aligned, what each belongs to; `reach`: by these."""

    uids: pd.Index
    thing: Ints
    reach: Reach

    def things(self, uids: pd.Series) -> Ints:
        """What each series belongs to; -1 where it is not known."""
        return np.append(self.thing, -1)[self.uids.get_indexer(pd.Index(uids))]


def uid_of(meeting_keys: pd.Series) -> pd.Series:
    """The series UID of each meeting key."""
    found: pd.Series = meeting_keys.astype("str").str.rsplit(" ", n=1).str[0]
    return found


def find_series(
    setting: Setting, given: Frames, facts: Frames, told: pd.DataFrame, groups: Groups
) -> Series:
    """given: all facts; facts: those that are believed; told: by NOTICES, of all mails."""
    uids = pd.Index(
        pd.concat([given.meetings["series_uid"], given.attendance["series_uid"]]).unique()
    )
    meetings = tables.once(given.meetings, "meeting_id")
    series = pd.Series(
        uids.get_indexer(meetings["series_uid"]), index=meetings["meeting_id"].to_numpy()
    )
    row, group = _tells_of(setting, given, uids, series, groups)
    edges = [
        _continued(setting, facts, series),
        _told_of(given, told, uids, series),
        _one_title(setting, given, series),
    ]
    left, right = (np.concatenate([edge[side] for edge in edges]) for side in (0, 1))
    thing = components(left, right, len(uids))
    return Series(uids, thing, Reach.of(thing, row, group))


def _persons(setting: Setting, given: Frames) -> pd.DataFrame:
    """Whom any copy, look or message of a meeting names: meeting_id, contact."""
    observed, meetings = given.observations, given.meetings
    parts = [given.guests[["meeting_id", "address"]], *(
        frame[["meeting_id", label]].set_axis(["meeting_id", "address"], axis=1)
        for frame, label in (
            (meetings, "organizer"), (observed, "organizer"), (observed, "actor"), (observed, "sent_by"),
        )
    )]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    coded = distinct(table["address"])
    who = addresses.contacts(column(coded.texts), setting.ours, setting.merge)
    meeting, code = pairs(table["meeting_id"].to_numpy(), coded.codes)
    found = pd.DataFrame({"meeting_id": meeting, "contact": who.take(code).to_numpy()})
    return found[found["contact"] != ""].drop_duplicates()


def _tells_of(
    setting: Setting, given: Frames, uids: pd.Index, series: pd.Series, groups: Groups
) -> tuple[Ints, Ints]:
    """Pairs of a series and a group that is in it, or in a record of it."""
    persons = _persons(setting, given)
    records = given.attendance[["series_uid", "address"]].drop_duplicates()
    there = addresses.contacts(records["address"], setting.ours, setting.merge)
    who = pd.concat([persons["contact"], there], ignore_index=True)
    code = np.concatenate(
        [_codes(persons["meeting_id"], series), uids.get_indexer(pd.Index(records["series_uid"]))]
    )
    group = groups.of_rows(distinct(who))
    known = (code >= 0) & (group >= 0)
    return code[known], group[known]


def _codes(meeting_id: pd.Series, series: pd.Series) -> Ints:
    place = series.index.get_indexer(pd.Index(meeting_id))
    return np.append(series.to_numpy(dtype="int64"), -1)[place]


def _continued(setting: Setting, facts: Frames, series: pd.Series) -> tuple[Ints, Ints]:
    held, observed = copies.known(facts, setting.now)
    snapshots = observed.loc[observed["evidence"] == "snapshot"]
    found = continued.candidates(setting, held, snapshots, facts)
    return _codes(found["old"], series), _codes(found["new"], series)


def _told_of(
    given: Frames, told: pd.DataFrame, uids: pd.Index, series: pd.Series
) -> tuple[Ints, Ints]:
    """A mail that dates one meeting by its headers and another by its calendar part."""
    keys = tables.once(given.messages[["message_id", "message_key"]], "message_id")
    named = tables.joined(told[["message_id", "meeting_key"]], keys, "message_id")
    spoken = given.observations.loc[
        given.observations["message_key"] != "", ["message_key", "meeting_id"]
    ]
    both = tables.joined(named, spoken, "message_key")
    left, right = (
        uids.get_indexer(pd.Index(uid_of(both["meeting_key"]))),
        _codes(both["meeting_id"], series),
    )
    known = (left >= 0) & (right >= 0)
    return left[known], right[known]


def _one_title(setting: Setting, given: Frames, series: pd.Series) -> tuple[Ints, Ints]:
    """Occurrences of one title with one person: perhaps of a series that was split."""
    meetings = given.meetings
    titled = meetings.loc[
        (meetings["recurrence_id"] != "") & (meetings["subject"] != ""), ["meeting_id", "subject"]
    ].drop_duplicates()
    rows = tables.joined(_persons(setting, given), titled, "meeting_id")
    rows = pd.DataFrame(
        {
            "subject": distinct(rows["subject"]).codes,
            "contact": distinct(rows["contact"]).codes,
            "series": _codes(rows["meeting_id"], series),
        }
    )
    rows = tables.ordered(rows.drop_duplicates(), ["subject", "contact", "series"])
    same = (rows["subject"] == rows["subject"].shift()) & (
        rows["contact"] == rows["contact"].shift()
    )
    code, place = rows["series"].to_numpy(), np.flatnonzero(same.to_numpy())
    return code[place - 1], code[place]


def judged_by_one_word(given: Frames, holding: pd.DataFrame, series: Series) -> Flags:
    """The things of which one word of the user may speak for several persons: marks, answers,
    private entries. Shape (things,).
    """
    meetings = given.meetings
    marked = (meetings["mark"] != "").to_numpy() | titled_absent(meetings)
    # The evidence of a slot begins with its meeting's key (outcomes.outcomes).
    answered = holding["evidence_key"].astype("str").str.replace(r"\|.*$", "", regex=True)
    keys = pd.concat([holding["meeting_key"], answered], ignore_index=True)
    named = np.concatenate(
        [series.things(meetings.loc[marked, "series_uid"]), series.things(uid_of(keys))]
    )
    found = np.zeros(series.reach.size, dtype=bool)
    found[named[named >= 0]] = True
    return found


def beside_private_entries(given: Frames, series: Series) -> tuple[Ints, Ints]:
    """Pairs of things: a private entry that says `absent`, and what it may speak of."""
    meetings = given.meetings
    titled = meetings.loc[titled_absent(meetings), "meeting_id"]
    if not len(titled):
        return np.zeros(0, dtype="int64"), np.zeros(0, dtype="int64")
    spans = _spans(given, series)
    entries = spans[spans["meeting_id"].isin(titled)]
    return _overlapping(entries.assign(box=0), spans.assign(box=0))


def beside_records(setting: Setting, given: Frames, series: Series) -> tuple[Ints, Ints]:
    """Pairs of things: a meeting with a record, and what else stood in our calendars then.

    A record tells that somebody was missing only where it was our one meeting at that hour.
    """
    records = given.attendance
    if not len(records):
        return np.zeros(0, dtype="int64"), np.zeros(0, dtype="int64")
    spans = _spans(given, series)
    held = pd.DataFrame(
        {
            "thing": series.things(records["series_uid"]),
            "began": micros(records["started_at"]),
            "who": records["address"].to_numpy(),
        }
    ).drop_duplicates()
    own = spans[spans["thing"].isin(held["thing"])]
    longest = (own["end"] - own["start"]).groupby(own["thing"]).max()
    near = tables.joined(own, held[["thing", "began"]].drop_duplicates(), "thing")
    near = near[(near["start"] - near["began"]).abs() <= _RECORD_WITHIN + longest.max()]
    near = tables.once(near, ["thing", "start"])
    near["end"] = near["start"] + near["thing"].map(longest).astype("int64") + _OVERRUN
    near["start"] -= _OVERRUN
    boxes = tables.once(given.mailboxes, "address").set_index("address")["mailbox_id"]
    ours = held["who"].map(lambda one: setting.ours.mailboxes.get(one, one)).map(boxes)
    there = pd.concat(
        [
            own[["thing", "box"]],
            pd.DataFrame({"thing": held["thing"], "box": ours}).dropna(),
        ]
    ).astype("int64")
    wanted = tables.joined(near.drop(columns="box"), there.drop_duplicates(), "thing")
    return _overlapping(wanted, spans)


def _spans(given: Frames, series: Series) -> pd.DataFrame:
    """When each entry stood, by every poll and message: meeting_id, thing, box, start, end [us]."""
    rows = given.observations.loc[
        given.observations["start_at"].notna() & ~given.observations["all_day"],
        ["meeting_id", "mailbox_id", "start_at", "end_at"],
    ]
    meetings = tables.once(given.meetings, "meeting_id")
    things = pd.Series(series.things(meetings["series_uid"]), index=meetings["meeting_id"])
    start, end = micros(rows["start_at"]), micros(rows["end_at"])
    found = pd.DataFrame(
        {
            "meeting_id": rows["meeting_id"].to_numpy(),
            "thing": rows["meeting_id"].map(things).fillna(-1).to_numpy(dtype="int64"),
            "box": rows["mailbox_id"].to_numpy(),
            "start": start,
            "end": np.where(end == NONE, start, np.maximum(end, start)),
        }
    )
    return found[found["thing"] >= 0].drop_duplicates()


def _overlapping(wanted: pd.DataFrame, spans: pd.DataFrame) -> tuple[Ints, Ints]:
    """Pairs of things of which spans of one box touch, found hour by hour."""
    one, other = _by_hour(wanted), _by_hour(spans)
    both = one.merge(other, on=["box", "hour"], suffixes=("", "_beside"))
    both = both[(both["start_beside"] <= both["end"]) & (both["end_beside"] >= both["start"])]
    if not len(both):
        return np.zeros(0, dtype="int64"), np.zeros(0, dtype="int64")
    return pairs(both["thing"].to_numpy("int64"), both["thing_beside"].to_numpy("int64"))


def _by_hour(spans: pd.DataFrame) -> pd.DataFrame:
    """Each span once for every hour that it touches."""
    columns = ["thing", "box", "start", "end"]
    first, last = spans["start"].to_numpy() // HOUR, spans["end"].to_numpy() // HOUR
    times = (last - first + 1).astype("int64")
    place = np.repeat(np.arange(len(spans)), times)
    offset = np.arange(len(place)) - np.repeat(np.cumsum(times) - times, times)
    return spans[columns].take(place).assign(hour=first[place] + offset)
