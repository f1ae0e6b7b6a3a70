"""How far did we get with each person, do they know us, and does their address still live?

rules.md section 1 (stage, warm, let-go) and section 2 (dead address). Completes what
reports.detect.people.directory knows with what the detectors found; contacts_memory keeps what retention took.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectors.model.frames import Frames, enforce
from reports.columns import addresses, tables
from reports.columns.instants import UTC
from reports.columns.moment_index import Timeline, joined
from reports.detect.mail.letters import Talk
from reports.detect.people import absences
from reports.detect.setting import Setting
from reports.detect.tags import tagged
from reports.schemas import PEOPLE
from reports.vocabulary import Outcome

_HELD = ["kept", "record"]
_SPOKEN = ["spoke", "will-call"]


@dataclass(frozen=True)
class Signs:
    """What shows how far we got with somebody: what the detectors found of them.

    acts: by ACTS; asks: by ASKS; slots: by SLOTS (kept or attended make `met`); told: out-of-office
    notices (absences); returned: bounces; introduced: introductions; accepted: `accepted`;
    talk: the letters.
    """

    acts: pd.DataFrame
    asks: pd.DataFrame
    slots: pd.DataFrame
    told: pd.DataFrame
    returned: pd.DataFrame
    introduced: pd.DataFrame
    accepted: pd.DataFrame
    talk: Talk


def complete(setting: Setting, frames: Frames, basic: pd.DataFrame, signs: Signs) -> pd.DataFrame:
    """The people with stage, warm, let_go, dead and their moments; a frame by PEOPLE, by contact.

    basic: directory.basic. warm: before the first open ask, or before the setting's moment where
    none is open.
    """
    acts, asks, as_of = signs.acts, signs.asks, setting.as_of
    table = basic.copy().set_index("contact", drop=False)
    memory = _without_missed(_remembered(setting, frames), signs.slots)
    first_open = tables.kept(asks, asks["open"]).groupby("contact")["at"].min()
    before = table["contact"].map(first_open) if len(first_open) else None
    moment = _filled(before, as_of, table.index)

    span = acts.groupby("contact")["at"].agg(["min", "max"])
    wrote = (
        tables.kept(acts, acts["kind"] == "mail", ["contact", "at"]).groupby("contact")["at"].max()
    )
    table["first_act_at"] = _least(span["min"], memory, "first_human_act", table.index)
    table["last_act_at"] = _most(span["max"], memory, "last_human_act", table.index)
    table["last_mail_at"] = _aligned(wrote, table.index)
    table["stage"] = _stages(table, signs.slots, memory, as_of)
    table["warm"] = _warm(setting, table, frames, signs, memory, moment)
    table["let_go"] = _let_go(setting, table, frames)
    gone = _dead(setting, table, signs)
    table[["dead", "dead_reason", "dead_at"]] = gone
    return enforce(table.sort_index(), PEOPLE, "people")


def accepted(setting: Setting, frames: Frames) -> pd.DataFrame:
    """Our invitations that somebody outside accepted; columns contact, at; each once.

    `at` is the moment of the answer where the provider gives it, else when we first saw it.
    """
    yes = frames.guests[(frames.guests["response"] == "accepted") & ~frames.guests["machine"]]
    snapshots = tables.narrow(frames.observations, ["observation_id", "acted_at", "seen_at"])
    table = tables.joined(
        tables.narrow(yes, ["observation_id", "meeting_id", "address", "responded_at"]),
        tables.once(snapshots, "observation_id"),
        "observation_id",
    )
    organised = frames.meetings[addresses.ours_mask(frames.meetings["organizer"], setting.ours)]
    table = table[table["meeting_id"].isin(organised["meeting_id"])]
    table["contact"] = addresses.contacts(table["address"], setting.ours, setting.merge)
    table = table[table["contact"] != ""]
    table["at"] = table["responded_at"].fillna(table["acted_at"]).fillna(table["seen_at"])
    first = table.groupby(["contact", "meeting_id"])["at"].min().reset_index()
    return joined([first])


def invited(setting: Setting, frames: Frames) -> pd.Series:
    """Whom we invited to a meeting of ours, as one of our calendars shows; contacts, each once.

    What only a mail says of a meeting proves no invitation: anybody can write such a mail.
    """
    seen = frames.observations.loc[frames.observations["evidence"] == "snapshot", "observation_id"]
    organised = frames.meetings["organizer_is_self"] | addresses.ours_mask(
        frames.meetings["organizer"], setting.ours
    )
    guests = frames.guests[
        frames.guests["observation_id"].isin(seen)
        & frames.guests["meeting_id"].isin(frames.meetings.loc[organised, "meeting_id"])
    ]
    contacts = addresses.contacts(guests["address"], setting.ours, setting.merge)
    return contacts[contacts != ""].drop_duplicates().reset_index(drop=True)


def _remembered(setting: Setting, frames: Frames) -> pd.DataFrame:
    """contacts_memory by contact: after a merge the earliest of the firsts, the latest of the lasts."""
    rules = {
        label: "min" if label.startswith("first") else "max"
        for label in frames.memory.columns
        if label.startswith(("first", "last"))
    }
    if not len(frames.memory):
        nothing = {label: pd.array([], dtype=UTC) for label in rules}
        nobody = pd.Index([], dtype="str", name="contact")
        return pd.DataFrame(nothing, index=nobody).assign(rank=np.array([], dtype="int64"))
    contacts = addresses.contacts(frames.memory["address"], setting.ours, setting.merge)
    memory = frames.memory.assign(contact=contacts)
    memory = memory[memory["contact"] != ""]
    rank = {"": 0, "never": 0, "dialogue": 1, "met": 2, "client": 2}
    memory["rank"] = [rank.get(stage, 0) for stage in memory["stage"]]
    return memory.groupby("contact").agg(rules | {"rank": "max"})


def _without_missed(memory: pd.DataFrame, slots: pd.DataFrame) -> pd.DataFrame:
    """The memory without meetings that counted as kept when it was noted, and that they missed."""
    if not len(memory):
        return memory
    absent = tables.kept(
        slots, slots["outcome"] == Outcome.ABSENT, ["contact", "start_at", "end_at"]
    )
    pairs = tables.joined(tables.narrow(memory, ["last_kept"]).reset_index(), absent, "contact")
    same = (pairs["last_kept"] >= pairs["start_at"]) & (
        pairs["last_kept"] <= pairs["end_at"].fillna(pairs["start_at"]) + pd.Timedelta(hours=1)
    )
    missed = memory.index.isin(pairs.loc[same, "contact"])
    if not missed.any():
        return memory
    last = memory["last_human_act"].where(
        ~missed | (memory["last_human_act"] < memory["last_kept"])
    )
    return memory.assign(
        last_kept=memory["last_kept"].where(~missed),
        last_human_act=last,
        rank=memory["rank"].where(~missed, memory["rank"].clip(upper=1)),
    )


def _aligned(moments: pd.Series, index: pd.Index) -> pd.Series:
    """Instants by contact, for all contacts; NaT where there is none."""
    return moments.reindex(index).astype("datetime64[us, UTC]")


def _filled(moments: pd.Series | None, default: pd.Timestamp, index: pd.Index) -> pd.Series:
    if moments is None:
        return pd.Series(default, index=index, dtype="datetime64[us, UTC]")
    return moments.astype("datetime64[us, UTC]").fillna(default)


def _least(moments: pd.Series, memory: pd.DataFrame, label: str, index: pd.Index) -> pd.Series:
    one, other = _aligned(moments, index), _aligned(memory[label], index)
    return one.where(other.isna() | (one <= other), other)


def _most(moments: pd.Series, memory: pd.DataFrame, label: str, index: pd.Index) -> pd.Series:
    one, other = _aligned(moments, index), _aligned(memory[label], index)
    return one.where(other.isna() | (one >= other), other)


def _stages(
    table: pd.DataFrame, slots: pd.DataFrame, memory: pd.DataFrame, as_of: pd.Timestamp
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """never, dialogue, met or client (only by the user's word)."""
    remembered = memory["rank"].reindex(table.index).fillna(0)
    held = slots[
        slots["outcome"].isin([Outcome.KEPT, Outcome.ATTENDED]) & (slots["start_at"] <= as_of)
    ]
    kept = _aligned(memory["last_kept"], table.index).notna()
    met = (remembered >= 2) | kept | addresses.among(table["contact"], held["contact"])
    talked = table["first_act_at"].notna() | (remembered >= 1)
    return np.select(
        [table["client"].to_numpy(), met.to_numpy(), talked.to_numpy()],
        ["client", "met", "dialogue"],
        "never",
    ).astype(object)


def _warm(
    setting: Setting,
    table: pd.DataFrame,
    frames: Frames,
    signs: Signs,
    memory: pd.DataFrame,
    moment: pd.Series,
) -> pd.Series:
    """Does anything within 400 days before the moment make them warm? The tag `warm` always does."""
    spoken = frames.calls[frames.calls["outcome"].isin(_SPOKEN)]
    who = addresses.contacts(spoken["address"], setting.ours, setting.merge)
    spoken = spoken.assign(contact=who)
    kept = memory.reset_index()
    signs_of = joined(
        [
            signs.introduced,
            signs.acts[addresses.among(signs.acts["kind"], _HELD)],
            signs.accepted,
            spoken,
            *(
                kept[["contact", label]].set_axis(["contact", "at"], axis=1)
                for label in ("last_introduction", "last_kept", "last_acceptance", "last_spoke")
            ),
        ]
    )
    last = Timeline(signs_of["contact"], signs_of["at"]).before(table["contact"], moment, same=True)
    recent = last >= moment - pd.Timedelta(days=setting.policy.warm_days)
    warm = tagged(frames.tags, "warm", setting.as_of)
    told = {setting.merge.get(one, one) for one in warm["address"]}
    return recent | addresses.among(table["contact"], told)


def _let_go(setting: Setting, table: pd.DataFrame, frames: Frames) -> pd.Series:
    """Tagged `let-go`, and no human act since."""
    tags = tagged(frames.tags, "let-go", setting.as_of)
    contact = pd.Series([setting.merge.get(one, one) for one in tags["address"]], dtype="str")
    since = _aligned(tags["at"].groupby(contact.to_numpy()).max(), table.index)
    return since.notna() & ~(table["last_act_at"] > since)


def _dead(setting: Setting, table: pd.DataFrame, signs: Signs) -> pd.DataFrame:
    """dead, dead_reason and dead_at of each contact (rules.md section 2)."""
    policy, as_of, told = setting.policy, setting.as_of, signs.told
    if not len(signs.returned) and not len(told):
        never = pd.Series(pd.NaT, index=table.index, dtype=UTC)
        return pd.DataFrame({"dead": False, "dead_reason": "", "dead_at": never})
    back = signs.returned.groupby(["contact", "address"])["at"].max().reset_index()
    heard = table["last_act_at"].reindex(back["contact"]).set_axis(back.index)
    recent = back["at"] >= as_of - pd.Timedelta(days=policy.bounce_days)
    gone = back[recent & ~(heard > back["at"])].groupby("contact")["at"].agg(["size", "max"])
    # Who has a live address left is not dead.
    several = pd.Series(list(setting.merge.values()), dtype="object").value_counts()
    addresses_of = several.reindex(table.index).fillna(1)
    bounced = gone["size"].reindex(table.index).fillna(0) >= addresses_of
    last = _aligned(gone["max"], table.index)

    heard = table["last_act_at"].reindex(told["contact"]).set_axis(told.index)
    notices = told[(told["at"] <= as_of) & ~(told["at"] <= heard)]
    answered = _asked_while_away(setting, notices, signs)
    times = answered.groupby("contact")["at"].agg(["count", "min", "max"]).reindex(table.index)
    first, latest = _aligned(times["min"], table.index), _aligned(times["max"], table.index)
    spaced = latest - first >= pd.Timedelta(days=policy.dead_notice_days)
    by_machine = (times["count"].fillna(0) >= policy.dead_notices) & spaced
    return pd.DataFrame(
        {
            "dead": bounced | by_machine,
            "dead_reason": np.select(
                [bounced.to_numpy(), by_machine.to_numpy()],
                ["bounce", "answers only by machine"],
                "",
            ),
            "dead_at": last.where(bounced, first.where(by_machine)),
        },
        index=table.index,
    )


def _asked_while_away(setting: Setting, notices: pd.DataFrame, signs: Signs) -> pd.DataFrame:
    """The notices whose absence saw a mail of ours to them; contact and at.

    An ask here is any mail of ours with them in To and at most three outside: asks that several
    absences meet fold into one, so that no sign could be asked of each of them.
    """
    if not len(notices):
        return notices
    away = absences.find_absences(setting, notices, signs.acts)
    to = signs.talk.addressed
    wrote = Timeline(to["contact"], to["at"]).after(away["contact"], away["opens_at"], same=True)
    seen = away[wrote <= away["closes_at"]]
    within = Timeline(away["contact"], away["opens_at"]).before(
        notices["contact"], notices["at"], same=True
    )
    pairs = pd.MultiIndex.from_arrays([notices["contact"], within])
    return tables.kept(
        notices, pairs.isin(pd.MultiIndex.from_frame(tables.narrow(seen, ["contact", "opens_at"])))
    )
