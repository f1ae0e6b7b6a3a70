"""Which outcomes count, and which are one incident?

rules.md sections 3 and 4: the late acts of one side on one meeting and local day are one incident, with
the notice of the first and the kind of the gravest; so are changes by one person within 60 minutes over several occurrences of a series; the merged slots
leave n too. Of the slots in n at most the latest 4 of one meeting and the latest 8 occurrences of
one series stay. A series that was split ("this and all following") is two entries and one series.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from config.policy import Policy
from reports.columns import keys, tables
from reports.columns.instants import DAY, HOUR, MINUTE, NONE, Flags, Texts
from reports.columns.text import distinct
from reports.detect.slots.slot_schema import Because
from reports.vocabulary import Origin, Outcome, Rule, Word

#: It took place, and they were there.
CAME: Final = (Outcome.ATTENDED, Outcome.KEPT)
IN_N: Final = (
    *CAME,
    Outcome.CANCELLED_LATE,
    Outcome.MOVED_LATE,
    Outcome.ABSENT,
)
IN_K: Final = (Outcome.CANCELLED_LATE, Outcome.MOVED_LATE, Outcome.ABSENT)
#: Why it is unknown whether a meeting took place, and not only who changed it, or when.
_PERHAPS: Final = (
    Because.HIDDEN,
    Because.HOUR_UNREAD,
    Because.MACHINE,
    Because.NOT_RECORDED,
    Because.NOT_SEEN,
    Because.TENTATIVE,
    Because.UNPROVEN,
)
_ACTS: Final = (Outcome.CANCELLED_LATE, Outcome.MOVED_LATE)
#: The kind of an incident is that of its gravest act.
_GRAVITY: Final = {Outcome.MOVED_LATE: 1, Outcome.ABSENT: 2, Outcome.CANCELLED_LATE: 3}


def flagged(slots: pd.DataFrame, policy: Policy, as_of: int) -> pd.DataFrame:
    """The slots with `incident`, `merged_away`, `in_n`, `in_k` and `unknown`.

    slots: raw slots with `eligible`, `evidence_key`, `recurring`, `series_uid`, `subject`,
    `organised_by`, `persons`, `came`, `invited`, `missed`. A merged slot shares its incident with the one that stands for all:
    the first act.
    """
    slots = slots.copy(deep=False)
    slots["series"] = _series(slots)
    incident = _incidents(slots, policy)
    slots["incident"] = incident
    slots["merged_away"] = _not_first(slots, incident)
    slots = _by_gravest(slots)
    recent = (slots["start"] > as_of - policy.horizon_days * DAY).to_numpy(dtype=bool)
    eligible = slots["eligible"].to_numpy(dtype=bool) & recent
    in_n = eligible & slots["outcome"].isin(IN_N).to_numpy() & ~slots["merged_away"].to_numpy()
    in_n = in_n & ~_same_hour(slots, in_n, policy)
    in_n = in_n & (_latest(slots, in_n, policy))
    slots["in_n"] = in_n
    slots["in_k"] = in_n & slots["outcome"].isin(IN_K).to_numpy()
    slots["unknown"] = eligible & (slots["outcome"] == Outcome.UNKNOWN).to_numpy()
    return slots.drop(columns="series")


def perhaps_kept(slots: pd.DataFrame) -> Flags:
    """Of which slots is it not known whether they took place?

    Not of those of which only the hand or the hour is unknown that ended them. slots: with `outcome`,
    `because`, `question`, `word`. Aligned with `slots`.
    """
    open_ = (
        slots["because"].isin(_PERHAPS)
        | (slots["question"] == Rule.M8)
        | (slots["word"] == Word.WRONG)
    )
    unknown: Flags = (open_ & (slots["outcome"] == Outcome.UNKNOWN)).to_numpy(dtype=bool)
    return unknown


def _series(slots: pd.DataFrame) -> Texts:
    """The series of each occurrence: entries with one title, organiser and outside persons are one.

    Splitting gives the later occurrences a new UID. Which program writes what of its origin into
    it differs, so that the UID cannot tell.
    """
    uids = distinct(slots["series_uid"])
    titled = (slots["recurring"] & (slots["subject"] != "")).to_numpy(dtype=bool)
    rank = uids.ranks()
    place = np.flatnonzero(titled)
    alike = (slots[label].iloc[place] for label in ("subject", "organised_by", "persons"))
    same = keys.together(*(distinct(texts).codes for texts in alike))
    first = np.full(len(place), len(uids.texts), dtype="int64")
    np.minimum.at(first, same, rank[place])
    known = np.arange(len(uids.texts))
    np.minimum.at(known, rank[place], first[same])
    names = np.asarray(uids.texts.sort().to_pylist(), dtype=object)
    series: Texts = names[known[rank]] if len(names) else np.empty(len(slots), dtype=object)
    return series


def _incidents(slots: pd.DataFrame, policy: Policy) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The key of the incident of every late change, absence, and change in good time."""
    told = slots["eligible"] & slots["outcome"].isin([*IN_K, Outcome.CHANGED_EARLY, Outcome.AGREED])
    keys = np.where(told, slots["evidence_key"], "").astype(object)
    by_move = told & (slots["merged"] != "")
    moved = slots["meeting_key"] + "|" + slots["contact"] + "|" + slots["merged"]
    kind = slots["outcome"].where(~slots["outcome"].isin(IN_K), "late")
    keys = np.where(by_move, moved + "|" + kind, keys).astype(object)
    acted = tables.kept(
        slots,
        told
        & slots["recurring"]
        & (slots["act_hi"] != NONE)
        & (slots["origin"] != Origin.US)
        & slots["outcome"].isin([*_ACTS, Outcome.CHANGED_EARLY]),
    )
    late = acted["outcome"].isin(_ACTS)
    for part in (tables.kept(acted, late), tables.kept(acted, ~late)):
        clusters = _clusters(part, policy.series_minutes * MINUTE)
        positions = slots.index.get_indexer(clusters.index)
        keys[positions] = clusters.to_numpy(dtype=object)
    return keys


def _clusters(acted: pd.DataFrame, span: int) -> pd.Series:
    """A common key for acts of one person in one series that lie within the span of the first.

    Only where they concern several occurrences: two acts on one occurrence are two.
    """
    found: dict[int, str] = {}
    # Who acted once in a series did not do so on several occurrences.
    order = tables.kept(acted, acted.duplicated(["contact", "series"], keep=False))
    order = tables.ordered(order, ["contact", "series", "act_hi", "start"])
    for (contact, series), group in order.groupby(["contact", "series"]):
        first = NONE
        cluster: list[int] = []
        for at, moment in zip([*group.index, -1], [*group["act_hi"], None], strict=True):
            if cluster and (moment is None or moment > first + span):
                if len(acted.loc[cluster, "meeting_key"].unique()) > 1:
                    found |= dict.fromkeys(cluster, f"{series}|{contact}|series|{first}")
                cluster = []
            if moment is None:
                break
            if not cluster:
                first = int(moment)
            cluster.append(int(at))
    return pd.Series(found, dtype=object)


def _not_first(
    slots: pd.DataFrame, incident: np.ndarray[tuple[int], np.dtype[np.object_]]
) -> Flags:
    """True for every slot of an incident but the one of its first act."""
    place = np.flatnonzero(incident != "")
    code = distinct(incident[place]).codes
    start, act = (slots[label].to_numpy()[place] for label in ("start", "act_hi"))
    order = np.lexsort([start, np.where(act != NONE, act, start), code])
    again = np.zeros(len(slots), dtype=bool)
    again[place[order[1:]]] = code[order[1:]] == code[order[:-1]]
    return again


def _by_gravest(slots: pd.DataFrame) -> pd.DataFrame:
    """The slot that stands for an incident of several acts: of the first's notice, of the gravest's
    kind. Who moves a meeting in the morning and calls it off at noon did not merely move it.
    """
    shared = tables.kept(
        slots,
        slots["incident"].duplicated(keep=False).to_numpy()
        & (slots["incident"] != "").to_numpy()
        & slots["outcome"].isin(IN_K).to_numpy(),
        ["incident", "outcome", "rule", "grade", "via", "merged_away"],
    )
    if not len(shared):
        return slots
    gravity = shared["outcome"].map(_GRAVITY)
    ranked = tables.ordered(shared.assign(gravity=gravity), "gravity", False)
    gravest = tables.once(ranked, "incident").set_index("incident")
    first = shared.loc[~shared["merged_away"]]
    told = ["outcome", "rule", "grade", "via"]
    graver = first["incident"].map(gravest["gravity"]) > first["outcome"].map(_GRAVITY)
    changed = first.loc[graver]
    slots.loc[changed.index, told] = gravest.loc[changed["incident"], told].to_numpy()
    return slots


def _same_hour(slots: pd.DataFrame, in_n: Flags, policy: Policy) -> Flags:
    """True for what only repeats a person's hour: a meeting that was entered twice.

    Nobody can miss one hour twice. Where the entries ended differently, the one that accuses less
    stands for both: who declined the double came to the other. So does one that carries no outcome, for it
    was agreed too late, say: whoever came to it lost nobody's hour. Where it is not known whether they
    came to the other, it is not known that an hour was lost.
    """
    rows = tables.kept(slots, in_n, ["contact", "start", "outcome", "meeting_key", "number"])
    rows = rows.assign(lost=rows["outcome"].isin(IN_K))
    rows = tables.ordered(rows, ["contact", "start", "lost", "meeting_key", "number"])
    again: Flags = slots.index.isin(rows.index[rows.duplicated(["contact", "start"])])
    lost = slots.loc[rows.index[rows["lost"]], ["contact", "start", "act_hi"]]
    if not len(lost):
        return again
    came = (slots["came"] & ~slots["eligible"] & (slots["outcome"] == "")).to_numpy(dtype=bool)
    unanswered = (slots["invited"] & ~slots["missed"]).to_numpy(dtype=bool)
    beside = slots.loc[came | perhaps_kept(slots) | unanswered, ["contact", "start"]]
    there = pd.MultiIndex.from_frame(lost[["contact", "start"]]).isin(
        pd.MultiIndex.from_frame(beside)
    )
    came = came | slots["outcome"].isin(CAME).to_numpy(dtype=bool)
    made = slots.loc[came, ["contact", "start", "set_lo", "set_hi"]]
    shift = policy.shift_minutes * MINUTE
    return again | slots.index.isin(lost.index[there | _shifted(lost, made, shift)])


def _shifted(lost: pd.DataFrame, came: pd.DataFrame, shift: int) -> Flags:
    """Which lost slots were only shifted? Within the hour of the change another entry was made that
    starts apart by `shift` [us] at most, and they came to it.

    lost: contact, start and act_hi [us]; came: contact, start, set_lo and set_hi.
    """
    if not shift:
        return np.zeros(len(lost), dtype=bool)
    acts = tables.kept(lost, lost["act_hi"] != NONE).reset_index(names="slot")
    around = [acts.assign(near=acts["start"] // shift + side) for side in (-1, 0, 1)]
    pairs = pd.concat(around).merge(
        came.assign(near=came["start"] // shift), on=["contact", "near"], suffixes=("", "_made")
    )
    apart = (pairs["start_made"] - pairs["start"]).abs()
    set_lo = pairs["set_lo"].where(pairs["set_lo"] != NONE, pairs["set_hi"])
    with_it = (pairs["set_hi"] >= pairs["act_hi"] - HOUR) & (set_lo <= pairs["act_hi"] + HOUR)
    found: Flags = lost.index.isin(pairs.loc[apart.between(1, shift) & with_it, "slot"])
    return found


def _latest(slots: pd.DataFrame, in_n: Flags, policy: Policy) -> Flags:
    """True for what stays under both caps."""
    rows = tables.kept(
        slots, in_n, ["contact", "meeting_key", "series", "recurring", "start", "number"]
    )
    rows = tables.ordered(rows, ["start", "number"], False)
    stays = rows.groupby(["contact", "meeting_key"]).cumcount() < policy.meeting_slots
    kept = tables.kept(rows, stays & rows["recurring"])
    occurrences = tables.once(kept, ["contact", "meeting_key"])
    rank = occurrences.groupby(["contact", "series"]).cumcount()
    over = tables.kept(occurrences, rank >= policy.series_slots, ["contact", "meeting_key"])
    cut = pd.MultiIndex.from_frame(tables.narrow(rows, ["contact", "meeting_key"])).isin(
        pd.MultiIndex.from_frame(over)
    )
    result: Flags = slots.index.isin(rows.index[stays.to_numpy() & ~cut])
    return result
