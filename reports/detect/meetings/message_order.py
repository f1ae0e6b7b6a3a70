"""Which answer came later, and which message is about a start that had been given up?

A message bears its writer's own stamp and the SEQUENCE of the version that it is about. A clock that is
wrong, and a reply to an old mail, must not make a no out of somebody's last yes (RFC 5546 2.1.5). Nor
must an update whose own hour cannot be read: the hour before it may hold no more.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from reports.columns import tables
from reports.columns.instants import MINUTE, NONE, Flags, Ints, micros
from reports.detect.meetings import meeting_keys

_ANSWERS: Final = ("accept", "decline", "tentative")
#: The messages that tell the hour of a meeting.
_TELLING: Final = ("request", "publish", "add")
#: A move by no more shifts a meeting: an answer to the one start is one to the other, too.
_SHIFT: Final = 30 * MINUTE


def ordered(dated: pd.DataFrame, snapshots: pd.DataFrame, messages: pd.DataFrame) -> pd.DataFrame:
    """The dated acts (dated_acts.ACTED) in the order in which their messages came, with `stale`.

    snapshots: by copies.Gathered; messages: by MESSAGES.
    """
    if not len(dated):
        return dated
    told = dated.assign(at=_after_a_no(dated, messages))
    return told.assign(stale=_of_an_older_version(told, snapshots))


def _after_a_no(dated: pd.DataFrame, messages: pd.DataFrame) -> np.ndarray:
    """When each act was done [us]; a yes that came behind a no was given behind it.

    A no keeps its own stamp: no notice gets shorter.
    """
    at: np.ndarray = dated["at"].to_numpy(dtype="int64").copy()
    answers = dated["kind"].isin(_ANSWERS) & ~dated["logged"] & (dated["message_key"] != "")
    no = answers & (dated["kind"] == "decline")
    yes = answers & (dated["kind"] != "decline")
    if not no.any() or not yes.any():
        return at
    keys = tables.once(messages, "message_key")
    came = dated["message_key"].map(pd.Series(micros(keys["at"]), index=keys["message_key"]))
    rows = dated.assign(came=came, place=np.arange(len(dated)))
    columns = ["code", "series_uid", "who"]
    wanted = answers & came.notna() & (came != NONE)
    told = tables.kept(rows, wanted, [*columns, "kind", "at", "came", "place"])
    told = tables.ordered(told, ["came", "at", "place"], ignore_index=True)
    refused = told["at"].where(told["kind"] == "decline")
    before = refused.groupby([told[name] for name in columns]).cummax()
    before = before.groupby([told[name] for name in columns]).ffill()
    behind = (told["kind"] != "decline") & (before >= told["at"])
    at[told.loc[behind, "place"]] = before[behind].astype("int64") + 1
    return at


def _of_an_older_version(dated: pd.DataFrame, snapshots: pd.DataFrame) -> Flags:
    """Which answers and cancellations bear the SEQUENCE of a start that had been given up by then?"""
    stale: Flags = np.zeros(len(dated), dtype=bool)
    spoken = (dated["code"] >= 0) & ~dated["logged"]
    moves = tables.kept(dated, spoken & (dated["kind"] == "move"))
    # An invitation that names no SEQUENCE is the first (RFC 5545 3.8.7.4).
    moves = moves.assign(sequence=moves["sequence"].clip(lower=0))
    acts = dated.assign(place=np.arange(len(dated)))
    spoken &= dated["sequence"] >= 0
    acts = tables.kept(acts, spoken & dated["kind"].isin((*_ANSWERS, "cancel")))
    if not len(acts):
        return stale
    columns = ["code", "at", "start", "sequence"]
    wanted = snapshots["leads"] & ~snapshots["exact"] & snapshots["code"].isin(acts["code"])
    wanted &= (snapshots["start"] != NONE) & (snapshots["sequence"] >= 0)
    shown = tables.kept(snapshots, wanted)
    shown = tables.narrow(shown.assign(at=shown["hi"]), columns)
    versions = pd.concat([tables.narrow(moves, columns), shown], ignore_index=True)
    if not len(versions):
        return stale
    pairs = tables.joined(
        tables.narrow(acts, ["place", "code", "at", "names", "sequence"]),
        versions.rename(columns={"at": "set", "start": "to", "sequence": "version"}),
        "code",
    )
    pairs = tables.kept(pairs, pairs["set"] <= pairs["at"])
    pairs = tables.ordered(pairs, ["place", "version", "set"])
    now = tables.once(pairs, "place", keep="last").set_index("place")
    meant = tables.once(
        tables.kept(pairs, pairs["version"] <= pairs["sequence"]), "place", keep="last"
    ).set_index("place")
    now = now.loc[meant.index]
    found = (now["version"] > now["sequence"]) & ((now["to"] - meant["to"]).abs() > _SHIFT)
    found &= now["names"] != now["to"]
    stale[found.index[found]] = True
    return stale


def hours_unread(
    messages: pd.DataFrame, snapshots: pd.DataFrame, copies: pd.DataFrame, meetings: pd.DataFrame
) -> Ints:
    """When each meeting was moved to an hour that could not be read, by a message after which nothing
    told its hour [us]; NONE for all others. A calendar that is looked at knows the hour by itself.

    messages: by OBSERVATIONS, with `code`, `series_uid` and `acted`; the others as in copies.gather.
    """
    found: Ints = np.full(len(meetings), NONE, dtype="int64")
    telling = (messages["evidence"] == "itip") & messages["method"].isin(_TELLING)
    unread = tables.kept(messages, telling & messages["start_at"].isna())
    if not len(unread):
        return found
    columns = ["code", "acted"]
    of_series = tables.kept(unread, unread["code"] < 0, ["series_uid", "acted"])
    spread = meeting_keys.of_occurrences(of_series, meetings)
    unread = pd.concat([tables.kept(unread, unread["code"] >= 0, columns), spread[columns]])
    shown = tables.kept(snapshots, ~snapshots["exact"] & (snapshots["start"] != NONE))
    told = pd.concat(
        [
            tables.kept(messages, telling & messages["start_at"].notna(), columns),
            tables.narrow(shown.assign(acted=shown["hi"]), columns),
        ]
    )
    last = unread.groupby("code")["acted"].max()
    later = told.groupby("code")["acted"].max().reindex(last.index).fillna(NONE)
    looked_at = copies.loc[copies["seen"] & ~copies["file"], "code"]
    last = last[(later <= last) & ~last.index.isin(looked_at)]
    found[meetings.index.get_indexer(last.index)] = last.to_numpy()
    return found
