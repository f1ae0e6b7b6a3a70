"""What must be known of all facts, before a part of them can be judged as if it were all?

The survey is computed once. What a step reads beyond one contact's own facts is found here (`found`, by
the names of the steps); with it, the facts that a shard needs are cut out, and a Detection of these says of
its own contacts what the Detection of all facts would.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from config.policy import Policy
from connectors.model.frames import Frames
from reports.columns import addresses, keys, tables
from reports.columns.instants import Flags, Ints
from reports.columns.text import distinct
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.detect.shards import conversations, series
from reports.detect.shards.conversations import Conversations
from reports.detect.shards.cut import Cut
from reports.detect.shards.groups import Groups, Roots
from reports.detect.shards.series import Series

#: Steps that are the same for all shards, as they are.
_SAME: Final = (
    "by_mail", "assistants", "nobodies", "mailings", "coverage", "earlier", "holding",
)  # fmt: skip
#: All steps that a shard is told of, or is cut by.
_ALL: Final = (*_SAME, "believed", "arrived", "mails", "basic", "notices", "unproven")


@dataclass(frozen=True)
class Survey:
    """`whole`: all facts, of whose steps no more is computed than what looks beyond a contact.

    `told`: what mails say of meetings, proven or not. `private`: pairs of private entries and what
    each may speak of (series.beside_private_entries).
    """

    whole: Detection
    setting: Setting
    groups: Groups
    roots: Roots
    mails: Conversations
    meetings: Series
    told: pd.DataFrame
    private: tuple[Ints, Ints]

    @cached_property
    def beside_meetings(self) -> tuple[Ints, Ints]:
        """Pairs of series and what else must be seen to judge them."""
        return series.beside_records(self.setting, self.whole.given, self.meetings)

    @cached_property
    def about_series(self) -> tuple[Ints, Ints]:
        """Pairs of a mail (its row) and series of which it tells, whomever it went to."""
        messages = self.whole.frames.messages
        named = messages.loc[messages["meeting_uid"] != "", ["message_id", "meeting_uid"]]
        ids = pd.concat([named["message_id"], self.told["message_id"]])
        uids = pd.concat([named["meeting_uid"], series.uid_of(self.told["meeting_key"])])
        row, held = keys.places(self.mails.ids, ids.to_numpy(dtype="int64"))
        thing = self.meetings.things(uids)
        known = held & (thing >= 0)
        return row[known], thing[known]

    @cached_property
    def alone(self) -> Ints:
        """The root that judges each series of which it tells nobody; that of a private entry is the
        root of what it may speak of. -1: none of its own.
        """
        reach = self.meetings.reach
        owner = np.full(reach.size, len(self.roots.names), dtype="int64")
        np.minimum.at(owner, reach.thing, self.roots.root[reach.group])
        entry, beside = self.private
        np.minimum.at(owner, entry, owner[beside])
        nobody = self.roots.root[self.groups.nobody]
        found: Ints = np.where(owner == len(self.roots.names), nobody, owner)
        return found

    def owner_of(self, uids: pd.Series, number: int) -> Ints:
        """The shard that tells what is to be said of each series; -1 where it is not known."""
        root = np.append(self.alone, -1)[self.meetings.things(uids)]
        return np.where(root < 0, -1, self.roots.shards(number)[root])

    def holds_under(self, policy: Policy) -> bool:
        """Would all facts say the same to the shards under these limits?"""
        other = self.whole.under(policy)
        return all(getattr(other, name) is getattr(self.whole, name) for name in _ALL)

    def shards(self, number: int) -> list[int]:
        """Which of so many shards have somebody to judge? At least one."""
        return sorted(set(self.roots.shards(number).tolist()))

    def shard(self, shard: int, number: int) -> Cut:
        """One of so many shards: its detection is right for the contacts whose owner it is."""
        return self.of_roots(self.roots.of_shard(shard, number))

    def of_roots(self, chosen: Flags) -> Cut:
        """The facts that these roots need. chosen: shape (roots,)."""
        meetings, mails = self.meetings, self.mails
        entries = meetings.reach.needed(self.roots, chosen)
        entries |= chosen[self.alone]
        base, more = self.beside_meetings
        entries[more[entries[base]]] = True
        talks = mails.reach.needed(self.roots, chosen)
        kept = mails.reach.rows(talks)
        for row, thing, needed in ((*mails.beside, talks), (*self.about_series, entries)):
            kept[row[needed[thing]]] = True
        ids = np.union1d(mails.ids[kept], self._last_received)
        told_of = mails.reach.groups_of(
            _things(mails.reach.of_row[kept], mails.reach.size), self.roots
        )
        told_of |= meetings.reach.groups_of(entries, self.roots) | chosen[self.roots.root]
        return self._cut(ids, meetings.uids[entries[meetings.thing]], told_of)

    @cached_property
    def _last_received(self) -> Ints:
        return conversations.newest_received(self.whole.frames.messages).to_numpy(dtype="int64")

    def _cut(self, ids: Ints, uids: pd.Index, groups: Flags) -> Cut:
        """ids: of the mails, ascending; uids: of the series; groups: of whom they tell."""
        whole, wanted = self.whole, pd.Series(uids, dtype="str")
        given, facts = whole.given, whole.frames

        def of_mails(frame: pd.DataFrame) -> pd.DataFrame:
            return _rows(frame, keys.places(ids, frame["message_id"].to_numpy())[1])

        def of_series(frame: pd.DataFrame) -> pd.DataFrame:
            return _rows(frame, addresses.among(frame["series_uid"], wanted))

        def of_groups(frame: pd.DataFrame) -> pd.DataFrame:
            who = addresses.contacts(frame["address"], self.setting.ours, self.setting.merge)
            return _rows(frame, np.append(groups, False)[self.groups.of_rows(distinct(who))])

        meetings = of_series(given.meetings)
        entries = np.unique(meetings["meeting_id"].to_numpy())

        def of_entries(frame: pd.DataFrame) -> pd.DataFrame:
            return _rows(frame, keys.places(entries, frame["meeting_id"].to_numpy())[1])

        # An address that is a room in one entry is none among the guests of another either.
        rooms = facts.guests.loc[facts.guests["resource"]]
        rooms = rooms.loc[~keys.places(entries, rooms["meeting_id"].to_numpy())[1]]
        cut = replace(
            facts,
            messages=of_mails(facts.messages),
            recipients=of_mails(facts.recipients),
            meetings=of_entries(facts.meetings),
            observations=of_entries(facts.observations),
            guests=pd.concat([of_entries(facts.guests), tables.once(rooms, "address")]),
            attendance=of_series(facts.attendance),
            calls=of_groups(facts.calls),
            promises=of_groups(facts.promises),
            memory=of_groups(facts.memory),
        )
        people = np.append(groups, False)[self.groups.group]
        surveyed: dict[str, Any] = {
            **{name: getattr(whole, name) for name in _SAME},
            "mails": of_mails(whole.mails),
            "basic": _rows(whole.basic, people),
            "notices": _of_uids(whole.notices, uids),
            "unproven": _of_uids(whole.unproven, uids),
        }
        return Cut(
            facts=cut,
            doubted=of_entries(whole.believed.doubted),
            vouched=whole.believed.vouched,
            meetings=meetings,
            guests=of_entries(given.guests),
            setting=self.setting,
            surveyed=surveyed,
            thorough=whole.thorough,
        )


def _things(of_rows: Ints, size: int) -> Flags:
    found = np.zeros(size, dtype=bool)
    found[of_rows] = True
    return found


def _of_uids(told: pd.DataFrame, uids: pd.Index) -> pd.DataFrame:
    known = addresses.among(series.uid_of(told["meeting_key"]), pd.Series(uids, dtype="str"))
    return _rows(told, known)


def _rows(frame: pd.DataFrame, chosen: Flags) -> pd.DataFrame:
    """The chosen rows, numbered anew: so they fit their schema as they are."""
    return frame.loc[chosen].reset_index(drop=True)


def survey(frames: Frames, setting: Setting) -> Survey:
    """What of these facts looks beyond a contact, and who is judged with whom."""
    whole = Detection(frames, setting)
    groups = Groups.of(whole.basic)
    mails = conversations.find_conversations(
        setting, whole.frames, whole.arrived, whole.mails, groups
    )
    told = pd.concat([whole.notices, whole.unproven], ignore_index=True)
    meetings = series.find_series(setting, frames, whole.frames, told, groups)
    private = series.beside_private_entries(whole.given, meetings)
    roots = _roots(whole, groups, meetings, private)
    return Survey(whole, setting, groups, roots, mails, meetings, told, private)


def _roots(whole: Detection, groups: Groups, meetings: Series, private: tuple[Ints, Ints]) -> Roots:
    """Groups of whom one word of the user may speak at once are one root."""
    reach = meetings.reach
    entry, beside = private
    together = series.judged_by_one_word(whole.given, whole.holding[0], meetings)
    # each group beside the first one of its thing; a private entry's things are one
    first = np.full(reach.size, groups.nobody, dtype="int64")
    np.minimum.at(first, reach.thing, reach.group)
    chosen = together[reach.thing]
    left = [reach.group[chosen]]
    right = [first[reach.thing[chosen]]]
    spoken_of = tables.joined(
        pd.DataFrame({"thing": beside, "entry": entry}),
        pd.DataFrame({"thing": reach.thing, "group": reach.group}),
        "thing",
    )
    lead = spoken_of.groupby("entry")["group"].transform("min")
    left.append(spoken_of["group"].to_numpy(dtype="int64"))
    right.append(lead.to_numpy(dtype="int64"))
    return Roots.of(groups, np.concatenate(left), np.concatenate(right))
