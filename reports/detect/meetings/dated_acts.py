"""What do messages and audit logs say about meetings, each act with its exact moment?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from config.ours import Ours
from connectors.model.frames import Frames
from reports.columns import tables
from reports.columns.addresses import ours_mask, renamed
from reports.columns.instants import NONE, Flags, Ints, micros
from reports.detect.meetings.events import AGAIN, GONE, OWN

_BY_RESPONSE: Final = {"accepted": "accept", "declined": "decline", "tentative": "tentative"}


ACTED: Final[Mapping[str, str]] = {
    "code": "int64",
    "series_uid": "object",
    "at": "int64",
    "kind": "object",
    "who": "object",
    "own": "bool",
    "via": "object",
    "start": "int64",
    "names": "int64",
    "was": "int64",
    "machine": "bool",
    "evidence": "object",
    "message_key": "object",
    "logged": "bool",
    "vouched": "bool",
    "sequence": "int64",
    "stale": "bool",
}


def dated(
    spoken: pd.DataFrame, people: pd.DataFrame, merge: Mapping[str, str], ours: Ours
) -> pd.DataFrame:
    """What messages and audit logs say: one row an act, with its exact moment.

    Shape: code (-1 for a whole series), series_uid, at [us], kind (accept, decline, tentative,
    counter, cancel, move, again), who, via, start (of a move or proposal), names (the start that it is
    about), was (the start that a move or cancellation gave up, as the message says), machine, evidence,
    message_key, sequence (-1: none), stale (message_order says it). Only a guest who is on the list can answer; that is checked later.
    """
    if not len(spoken):
        return pd.DataFrame({name: np.array([], dtype=dtype) for name, dtype in ACTED.items()})
    actor = renamed(spoken["actor"], merge)
    organiser = renamed(spoken["organizer"], merge)
    sent_by = renamed(spoken["sent_by"], merge)
    base = pd.DataFrame(
        {
            "observation_id": spoken["observation_id"].to_numpy(),
            "code": spoken["code"].to_numpy(dtype="int64"),
            "series_uid": spoken["series_uid"].to_numpy(dtype=object),
            "at": spoken["acted"].to_numpy(dtype="int64"),
            "method": spoken["method"].to_numpy(dtype=object),
            "gone": spoken["status"].isin(GONE).to_numpy(dtype=bool),
            "who": np.where(actor == "", organiser, actor),
            "via": np.where((sent_by != actor) & (sent_by != organiser), sent_by, ""),
            "start": micros(spoken["start_at"]),
            "names": micros(spoken["start_at"]),
            "was": micros(spoken["previous_start_at"]),
            "message_key": spoken["message_key"].to_numpy(dtype=object),
            "logged": (spoken["evidence"] == "audit").to_numpy(dtype=bool),
            "sequence": spoken["sequence"].to_numpy(dtype="int64"),
            "stale": False,
        }
    )
    base["vouched"] = base["logged"]
    base["own"] = ours_mask(base["who"].to_numpy(dtype=object), ours)
    base["evidence"] = "o" + base["observation_id"].astype("str")
    answering = base["method"].isin(("reply", "counter")) | (
        (base["method"] == "") & ~base["gone"] & (base["start"] == NONE)
    )
    replies = tables.joined(
        tables.kept(base, answering).drop(columns=["who", "own"]), people, "observation_id"
    )
    # Ours are told apart from a contact's, as in a snapshot.
    replies = replies.assign(who=np.where(replies["own"], OWN, "") + replies["who"])
    counters = (replies["method"] == "counter") | (replies["proposed"] != NONE)
    answered = tables.kept(
        replies, (replies["method"] != "counter") & ~replies["response"].isin(("none", "unknown"))
    )
    cancelled = tables.kept(base, ~answering & ((base["method"] == "cancel") | base["gone"]))
    moved = tables.kept(
        base,
        ~answering
        & ~base["gone"]
        & base["method"].isin(("request", "publish", "add", ""))
        & (base["start"] != NONE),
    )
    parts = [
        answered.assign(kind=answered["response"].map(_BY_RESPONSE), start=NONE),
        tables.kept(replies, counters).assign(
            kind="counter", start=replies.loc[counters, "proposed"], names=NONE
        ),
        cancelled.assign(kind="cancel", start=NONE, was=cancelled["names"], machine=False),
        moved.assign(kind="move", machine=False),
    ]
    columns = list(ACTED)
    found = pd.concat([part.reindex(columns=columns) for part in parts], ignore_index=True)
    return typed(found)


def typed(found: pd.DataFrame) -> pd.DataFrame:
    """The dated acts with their dtypes, also where there are none."""
    return tables.ordered(
        found.astype(dict(ACTED)), ["code", "at", "kind", "who", "evidence"], ignore_index=True
    )


def by_mail(
    dated: pd.DataFrame,
    notices: pd.DataFrame,
    own: pd.DataFrame,
    frames: Frames,
    meetings: pd.DataFrame,
) -> pd.DataFrame:
    """The dated acts with those that only a mail's headers tell of (reports.detect.mail.meeting_mails).

    notices: by NOTICES; own: by OWN_ANSWERS.

    A mail whose text/calendar part was read already is the same fact. One that was joined weakly
    (neither by UID nor by title and time) dates nothing. A key without recurrence id, in a series
    of which we hold occurrences, concerns the series. What may have set another start before a change
    that is dated (an update to a start that no look has seen) is AGAIN.
    """
    if not len(notices) and not len(own):
        return dated
    theirs = notices.rename(columns={"contact": "who"}).assign(own=False)
    mine = own.assign(who=OWN + own["who"], own=True, via="")
    notices = pd.concat([theirs, mine], ignore_index=True)
    sure = notices["confidence"].isin(("uid", "title"))
    again = ~sure & notices["kind"].isin(("move", "invite"))
    notices = notices.assign(kind=notices["kind"].mask(again, AGAIN))
    notices = tables.kept(notices, again | (sure & (notices["kind"] != "invite")))
    keys = tables.once(frames.messages, "message_id").set_index("message_id")["message_key"]
    index = pd.Index(meetings["meeting_key"])
    series = notices["meeting_key"].str.rsplit(" ", n=1).str[0]
    more = pd.DataFrame(
        {
            "code": index.get_indexer(notices["meeting_key"]).astype("int64"),
            "series_uid": series.to_numpy(dtype=object),
            "at": micros(notices["at"]),
            "kind": notices["kind"].to_numpy(dtype=object),
            "who": notices["who"].to_numpy(dtype=object),
            "own": notices["own"].to_numpy(dtype=bool),
            "via": notices["via"].to_numpy(dtype=object),
            "start": NONE,
            "names": micros(notices["names_at"]),
            "was": NONE,
            "machine": False,
            "evidence": ("m" + notices["message_id"].astype("str")).to_numpy(dtype=object),
            "message_key": notices["message_id"].map(keys).astype("object").fillna("").to_numpy(),
            "logged": False,
            "vouched": False,
            "sequence": -1,
            "stale": False,
        }
    )
    known = set(dated["message_key"]) - {""}
    more = tables.kept(more, ~more["message_key"].isin(known) & (more["at"] != NONE))
    told = pd.concat([dated, tables.kept(more, more["kind"] != AGAIN)], ignore_index=True)
    changed = told.loc[(told["code"] >= 0) & told["kind"].isin(("move", "cancel")), "code"]
    doubts = tables.kept(more, (more["kind"] == AGAIN) & more["code"].isin(changed))
    return typed(tables.once(pd.concat([told, doubts], ignore_index=True)))


def vouched(dated: pd.DataFrame, keys: frozenset[str]) -> pd.DataFrame:
    """The dated acts; those of the messages `keys` are the provider's own word."""
    return dated.assign(vouched=dated["vouched"] | dated["message_key"].isin(list(keys)))


def spread(dated: pd.DataFrame, meetings: pd.DataFrame, starts: Ints) -> pd.DataFrame:
    """The dated acts, those about a whole series repeated for each occurrence that was to come.

    `starts` is each meeting's last known start [us]. A series act on an occurrence that had begun
    says nothing about it.
    """
    dated = _told_of_one(dated, meetings)
    whole = tables.kept(dated, (dated["code"] < 0) & (dated["kind"] != "move")).drop(columns="code")
    # What a series is called off at is its first start, and no occurrence's.
    whole = whole.assign(was=NONE)
    single: Flags = (dated["code"] >= 0).to_numpy(dtype=bool)
    if not len(whole):
        return tables.kept(dated, single).reset_index(drop=True)
    occurrences = pd.DataFrame(
        {
            "code": meetings.index.to_numpy(dtype="int64"),
            "series_uid": meetings["series_uid"],
            "s": starts,
        }
    )[(meetings["recurrence_id"] != "").to_numpy()]
    repeated = tables.joined(whole, occurrences, "series_uid")
    repeated = repeated.loc[repeated["s"] > repeated["at"]].drop(columns="s")
    return typed(pd.concat([dated.loc[single], repeated], ignore_index=True))


def _told_of_one(dated: pd.DataFrame, meetings: pd.DataFrame) -> pd.DataFrame:
    """The dated acts; an occurrence's original start may stand for its present one, and tells nothing."""
    code = dated["code"].to_numpy(dtype="int64")
    original = np.append(meetings["original"].to_numpy(dtype="int64"), NONE)[code]
    return dated.assign(was=dated["was"].mask(dated["was"] == original, NONE))
