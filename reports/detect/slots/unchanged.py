"""How did the meetings end to which nothing happened but a yes?

The mass of all meetings: every look at the calendar shows the same start and the same persons, no
message tells of anything else, and whoever answered did so once. They are judged by columns; the
rest is told event by event (reports.detect.slots.changed). Both give the same rows, and a test holds them
to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.columns import tables
from reports.columns.instants import NONE, Flags, Ints
from reports.columns.text import distinct
from reports.detect.meetings.copies import Gathered
from reports.detect.meetings.events import GONE
from reports.detect.slots.notice import Limits
from reports.detect.slots.slot_schema import Because
from reports.vocabulary import Outcome

_SILENT = ("", "unknown")


def found(gathered: Gathered, dated: pd.DataFrame) -> Ints:
    """The codes of the meetings that are judged here, in order.

    dated: the acts that messages and audit logs tell of, those on whole series already spread.
    """
    meetings, snapshots, answers = gathered.meetings, gathered.snapshots, gathered.answers
    plain = pd.Series(meetings["start"].to_numpy() != NONE, index=meetings.index)
    plain &= ~plain.index.isin(dated["code"])

    strange = (
        snapshots["exact"]
        | snapshots["stub"]
        | snapshots["status"].isin(GONE)
        | ~snapshots["leads"]
    )
    start = meetings["start"].reindex(snapshots["code"]).to_numpy()
    strange |= snapshots["start"].to_numpy() != start
    plain &= ~plain.index.isin(snapshots.loc[strange, "code"])

    rows = tables.ordered(answers, ["code", "who", "hi", "observation_id"])
    same = np.ones(len(rows), dtype=bool)
    for one in (rows["code"].to_numpy(), distinct(rows["who"]).codes):
        same &= one == _before(one)
    same[:1] = False
    said, words = rows["response"], distinct(rows["response"])
    changed = same & (words.codes != _before(words.codes))
    yes = changed & _before(words.holds("none".__eq__)) & words.holds("accepted".__eq__)
    responded = rows["responded"].to_numpy()
    again = same & ~changed & (responded != _before(responded))
    facts = tables.narrow(meetings, ["organiser", "start", "ours"]).loc[rows["code"]]
    organises = np.asarray(facts["organiser"].array == rows["who"].array, dtype=bool)
    at = np.where(rows["responded"] != NONE, rows["responded"], rows["hi"])
    odd = (
        (changed & ~yes)
        | again
        | rows["machine"]
        | (rows["proposed"] != NONE)
        | (organises & said.isin(("declined", "tentative")))
        # an answer after the start is a question of its own
        | ((rows["responded"] != NONE) & (at >= facts["start"].to_numpy()))
        | (changed & (rows["hi"].to_numpy() >= facts["start"].to_numpy()))
        # an answer of ours that changes in their meeting
        | (rows["own"] & changed & ~facts["ours"].to_numpy(dtype=bool))
    )
    plain &= ~plain.index.isin(rows.loc[odd, "code"])
    # The same persons in every snapshot.
    shown = snapshots.groupby("code").size()
    each = rows.groupby(["code", "who"]).size()
    missing = each.to_numpy() != shown.reindex(each.index.get_level_values("code")).to_numpy()
    plain &= ~plain.index.isin(each.index.get_level_values("code")[missing])
    codes: Ints = plain.index.to_numpy(dtype="int64")[plain.to_numpy(dtype=bool)]
    return codes


def _before(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The value of the row before each; the first has the last one's."""
    return np.roll(values, 1)


def judged(gathered: Gathered, limits: Limits, codes: Ints) -> dict[str, Any]:
    """The columns of slot_schema.TOLD for these meetings, one row a meeting and person outside."""
    rows = _persons(gathered, codes)
    labels = ["organiser", "ours", "start", "end", "first_seen", "set_lo", "set_hi"]
    facts = tables.narrow(gathered.meetings, labels).loc[rows["code"]]
    start, first_seen, set_lo, set_hi = (
        facts[name].to_numpy(dtype="int64") for name in ("start", "first_seen", "set_lo", "set_hi")
    )
    contact = rows["who"].array
    organises = np.asarray(facts["organiser"].array == contact, dtype=bool)
    response = rows["response"].to_numpy(dtype=object)
    response = np.where(np.isin(response, _SILENT) & rows["listed"], "unknown", response)
    yes: Flags = response == "accepted"
    accepted = yes | organises

    said = np.where(yes, rows["at"].to_numpy(), NONE)
    first_yes = np.where(organises, NONE, said)
    agreed, limit = _limits(start, set_lo, set_hi, first_yes, first_seen, limits)
    outcome, why, because, given_up = _verdicts(
        accepted,
        response,
        ahead=limits.as_of < start + limits.kept_after,
        backfilled=first_seen >= start,
        ours=facts["ours"].to_numpy(dtype=bool),
        without_us=~facts["ours"].to_numpy(dtype=bool)
        & rows["code"].isin(_without_us(gathered, codes)).to_numpy(dtype=bool),
    )
    size = len(rows)
    nothing = np.full(size, "", dtype=object)
    unknown = np.full(size, NONE, dtype="int64")
    return {
        "code": rows["code"].to_numpy(dtype="int64"),
        "contact": contact,
        "number": np.zeros(size, dtype="int64"),
        "start": start,
        "end": facts["end"].to_numpy(dtype="int64"),
        "set_lo": set_lo,
        "set_hi": set_hi,
        "agreed": agreed,
        "limit": limit,
        "accepted": accepted,
        "fresh": accepted,
        "withdrawn": np.zeros(size, dtype=bool),
        "said": said,
        "response": response,
        "outcome": outcome,
        "rule": nothing,
        "origin": nothing,
        "why": why,
        "question": nothing,
        "was": nothing,
        "act_lo": unknown,
        "act_hi": unknown,
        "ref": unknown,
        "proof": np.zeros(size, dtype=bool),
        "via": nothing,
        "evidence": nothing,
        "act_name": np.where(outcome == Outcome.KEPT, "kept", "").astype(object),
        "merged": nothing,
        "because": because,
        "given_up": given_up,
        "proposed_at": unknown,
        "consequence_at": unknown,
        "we_followed": np.zeros(size, dtype=bool),
    }


def _persons(gathered: Gathered, codes: Ints) -> pd.DataFrame:
    """Who outside is in each meeting: code, who, response, `at` of their yes [us], `listed`."""
    answers = tables.ordered(
        tables.kept(
            gathered.answers, gathered.answers["code"].isin(codes) & ~gathered.answers["own"]
        ),
        ["code", "who", "hi", "observation_id"],
    )
    last = tables.once(answers, ["code", "who"], keep="last")
    # When they said yes: dated by the provider, else when a snapshot first showed it.
    yes = tables.once(tables.kept(answers, answers["response"] == "accepted"), ["code", "who"])
    hi = yes["hi"].to_numpy()
    dated = (yes["responded"].to_numpy() != NONE) & (yes["responded"].to_numpy() <= hi)
    when = pd.Series(
        np.where(dated, yes["responded"], hi),
        index=pd.MultiIndex.from_frame(tables.narrow(yes, ["code", "who"])),
    )
    rows = pd.DataFrame(
        {
            "code": last["code"].to_numpy(dtype="int64"),
            "who": last["who"].to_numpy(dtype=object),
            "response": last["response"].to_numpy(dtype=object),
            "listed": True,
        }
    )
    named = gathered.meetings.loc[codes, "organiser"]
    named = named.loc[(named != "") & ~gathered.meetings.loc[codes, "ours"]]
    hosts = pd.DataFrame(
        {
            "code": named.index.to_numpy(dtype="int64"),
            "who": named.to_numpy(dtype=object),
            "response": "",
            "listed": False,
        }
    )
    rows = tables.once(pd.concat([rows, hosts]), ["code", "who"])
    rows = tables.kept(rows, rows["who"].astype("str").str.contains("@", regex=False))
    keys = pd.MultiIndex.from_frame(tables.narrow(rows, ["code", "who"]))
    rows["at"] = when.reindex(keys).fillna(NONE).to_numpy(dtype="int64")
    return rows.reset_index(drop=True)


def _without_us(gathered: Gathered, codes: Ints) -> Ints:
    """The meetings in which every answer of ours that is known is a decline."""
    answers = gathered.answers
    own = tables.kept(
        answers, answers["own"] & answers["code"].isin(codes) & ~answers["response"].isin(_SILENT)
    )
    declined = (own["response"] == "declined").groupby(own["code"]).all()
    all_declined: Ints = declined.index[declined.to_numpy(dtype=bool)].to_numpy(dtype="int64")
    return all_declined


def _limits(
    start: Ints, set_lo: Ints, set_hi: Ints, yes: Ints, first_seen: Ints, limits: Limits
) -> tuple[Ints, Ints]:
    """When each start was agreed, and the limit below which a change was late (notice.py)."""
    yes_before = np.where((yes != NONE) & (yes < start), yes, NONE)
    known = (set_lo != NONE) & (set_hi < start)
    agreed = np.where(known, np.maximum(set_hi, yes_before), NONE)
    seen = ~known & (first_seen <= start - limits.known)
    moment = np.where(seen, np.maximum(first_seen, yes_before), agreed)
    half = (np.where(moment == NONE, 0, start - moment) * limits.share).astype("int64")
    return agreed, np.where(moment == NONE, NONE, np.minimum(limits.late, half))


def _verdicts(
    accepted: Flags,
    response: Any,
    *,
    ahead: Flags,
    backfilled: Flags,
    ours: Flags,
    without_us: Flags,
) -> tuple[Any, Any, Any, Flags]:
    """outcome, why, because and given_up of each slot that nothing disturbed. ahead: too early to tell."""
    open_ = ~without_us & ~accepted
    silent = open_ & (response == "unknown")
    unrecorded = silent & ours
    undated = open_ & (response == "declined") & backfilled
    coming = ahead & (~open_ | unrecorded)
    outcome = np.select(
        [without_us, coming, unrecorded | undated, open_], ["", "coming", "unknown", ""], "kept"
    ).astype(object)
    why = np.select(
        [without_us, silent & ~ours, open_ & ~unrecorded & ~undated],
        ["we-declined", "answers-hidden", "not-accepted"],
        "",
    ).astype(object)
    given_up: Flags = (response == "declined") & (without_us | open_) & ~undated
    because = np.select(
        [unrecorded & ~coming, undated], [str(Because.NOT_RECORDED), str(Because.UNDATED)], ""
    ).astype(object)
    return outcome, why, because, given_up
