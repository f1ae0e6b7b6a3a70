"""Where does each contact stand, and what is the next step?

rules.md section 8 (tiers and steps), on the counts of section 4. A listing needs two incidents and
a probability, so that a single one is never listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from config.policy import Policy
from connectors.model.frames import empty, enforce
from reports.columns import addresses, tables
from reports.columns.instants import NONE, Ints, micro
from reports.columns.moment_index import Timeline
from reports.columns.rows import moment, rows
from reports.detect.scoring.counts import counted, posterior, probability
from reports.detect.scoring.past_standings import Earlier
from reports.detect.scoring.steps import to_be_asked
from reports.detect.setting import Setting
from reports.detect.slots.verdict_rules import MOVES
from reports.schemas import STANDINGS_NOW
from reports.vocabulary import Rule, Step, Tier

_DAYS: Final = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Known:
    """What else decides a standing: frames by reports.schemas, earlier standings newest last.

    `taken` says when we wrote to or called somebody (steps.find_taken); `calendar_enough` and
    `mail_enough` are the mailboxes with 8 weeks of coverage.
    """

    people: pd.DataFrame
    silences: pd.DataFrame
    asks: pd.DataFrame
    owed: pd.DataFrame
    replies: pd.DataFrame
    earlier: Earlier
    taken: Timeline
    calendar_enough: frozenset[int]
    mail_enough: frozenset[int]


def find_standings(setting: Setting, slots: pd.DataFrame, known: Known) -> pd.DataFrame:
    """One row a contact with anything counted, a silence or an owed mail, by STANDINGS_NOW.

    Ordered by tier (pause, talk, cold, dead, none), then probability, then address.
    """
    policy = setting.policy
    table = counted(setting, slots)
    names = set(table.index) | set(known.silences["contact"])
    names |= set(known.owed.loc[known.owed["answered_at"].isna(), "contact"])
    names |= set(known.people.loc[known.people["dead"], "contact"])
    machines = set(known.people.loc[known.people["machine"], "contact"])
    index = pd.Index(sorted(names - machines), name="contact", dtype="object")
    if not len(index):
        return empty(STANDINGS_NOW)
    table = table.reindex(index)
    whole = ["k", "k_hard", "n", "unknown", "early", "excused", "agreed", "own_late", "moves"]
    table[whole] = table[whole].fillna(0).astype("int64")
    table["lost_hours"] = table["lost_hours"].fillna(0.0)
    open_owed = tables.kept(known.owed, known.owed["answered_at"].isna() & ~known.owed["perhaps"])
    table["owed"] = open_owed.groupby("contact").size().reindex(index).fillna(0).astype("int64")
    k, hard = table["k"].to_numpy(), table["k_hard"].to_numpy()
    trials = (table["n"] + table["unknown"]).to_numpy()
    table["posterior"] = posterior(k, table["n"].to_numpy(), policy)
    table["probability"] = probability(k, trials, policy)
    table["probability_hard"] = probability(hard, trials, policy)
    table["r1"] = (k >= policy.list_k) & (table["probability"] >= policy.list_probability)
    table["r2"] = (hard >= policy.strong_k) & (
        table["probability_hard"] >= policy.strong_probability
    )
    table["moves_only"] = table["r1"] & (table["moves"] == table["k"])
    table[["rules", "tier", "by", "step", "step_detail"]] = ""
    table["too_early"] = False
    # Nobody else can be listed: no rule of theirs holds, and none would with more coverage.
    dead = known.people.loc[known.people["dead"], "contact"]
    named = pd.concat([known.silences["contact"], dead])
    told = table[table["r1"] | table["r2"] | table.index.isin(set(named))]
    if len(told):
        people = known.people[addresses.among(known.people["contact"], told.index.to_series())]
        listed = _Listing(setting, slots, known, people)
        found = pd.DataFrame(
            [listed.of(str(row.Index), row) for row in told.itertuples()], index=told.index
        )
        table.loc[told.index, found.columns] = found
    return in_order(table.reset_index())


def in_order(standings: pd.DataFrame) -> pd.DataFrame:
    """The standings by tier (pause, talk, cold, dead, none), then probability, then address."""
    rank = (
        standings["tier"].map({Tier.PAUSE: 0, Tier.TALK: 1, Tier.COLD: 2, Tier.DEAD: 3}).fillna(4)
    )
    table = standings.assign(rank=rank, order=-standings["probability"])
    return enforce(tables.ordered(table, ["rank", "order", "contact"]), STANDINGS_NOW, "standings")


def _side(meetings: bool, silence: bool) -> str:
    """By which side somebody is listed; "" by none."""
    if meetings and silence:
        return "both"
    return "meetings" if meetings else "silence" if silence else ""


class _Listing:
    """Tier and next step of one contact, by the facts of all."""

    def __init__(
        self,
        setting: Setting,
        slots: pd.DataFrame,
        known: Known,
        people: pd.DataFrame,
    ) -> None:
        self.known, self.policy, self.as_of = known, setting.policy, setting.as_of
        told = tables.narrow(people, ["contact", "client", "dead", "let_go"])
        self.people: dict[str, Any] = {str(row.contact): row for row in rows(told)}
        self.silences: dict[str, Any] = {str(row.contact): row for row in rows(known.silences)}
        incidents = tables.kept(slots, slots["in_k"])
        self.boxes = incidents.groupby("contact")["mailbox_id"].agg(set).to_dict()
        late = incidents.assign(
            at=incidents["act_hi"].where(incidents["act_hi"] != NONE, incidents["start"])
        )
        self.last_incident = late.groupby("contact")["at"].max().to_dict()
        hard = tables.kept(late, late["hard"])
        self.last_hard = hard.groupby("contact")["at"].max().to_dict()
        self.last_ask = known.asks.groupby("contact")["at"].max().to_dict()
        ripe = tables.kept(known.asks, known.asks["ripe"])
        self.last_ripe = ripe.groupby("contact")["at"].max().to_dict()
        self.owed_180 = self._owed_lately()

    def _owed_lately(self) -> dict[str, int]:
        owed = self.known.owed
        since = self.as_of - pd.Timedelta(days=self.policy.pause_owed_days)
        recent = tables.kept(owed, ~owed["perhaps"] & (owed["at"] >= since))
        return {str(name): int(size) for name, size in recent.groupby("contact").size().items()}

    def of(self, contact: str, row: Any) -> dict[str, Any]:
        person = self.people.get(contact)
        silence = self.silences.get(contact)
        early = self._too_early(contact, row, silence)
        r1, r2 = bool(row.r1) and not early[0], bool(row.r2) and not early[0]
        rule = "" if silence is None else str(silence.rule)
        if early[1] and rule in (Rule.T2_PLUS, Rule.T3, Rule.T4):
            rule = ""
        dead = person is not None and bool(person.dead)
        names: list[str] = [name for name, holds in ((Rule.R1, r1), (Rule.R2, r2)) if holds]
        # T3 is a T2+ that lasts; a reader of `rules` need not know that
        if rule == Rule.T3:
            names += [Rule.T2_PLUS, Rule.T3]
        elif rule.startswith("T"):
            names.append(rule)
        if dead and Rule.T5 not in names:
            names.append(Rule.T5)
        by_silence = rule in (Rule.T2_PLUS, Rule.T3) and not dead
        tier, by = "", ""
        if r1 or r2 or by_silence:
            late = r2 and self._pause_by_meetings(contact, row, person)
            silent = (
                rule == Rule.T3
                and by_silence
                and self._pause_by_silence(contact, row, person, silence)
            )
            tier = Tier.PAUSE if late or silent else Tier.TALK
            by = _side(late, silent) or _side(r1 or r2, by_silence)
        elif dead or rule == Rule.T5:
            tier = Tier.DEAD
        elif rule == Rule.T4:
            tier, by = Tier.COLD, "silence"
        if person is not None and person.let_go:
            tier, by = "", ""
        step, detail = self._step(contact, row, tier, by, r1=r1, r2=r2)
        return {
            "rules": " ".join(names),
            "tier": tier,
            "by": by,
            "step": step,
            "step_detail": detail,
            "too_early": any(early),
            "moves_only": bool(row.moves_only) and r1,
        }

    def _too_early(self, contact: str, row: Any, silence: Any) -> tuple[bool, bool]:
        """Is the coverage too short for what the meetings, and what the silence, would list?"""
        boxes = self.boxes.get(contact, set())
        by_meetings = bool(row.r1 or row.r2) and not boxes <= self.known.calendar_enough
        by_silence = (
            silence is not None
            and silence.rule in (Rule.T2_PLUS, Rule.T3, Rule.T4)
            and int(silence.mailbox_id) not in self.known.mail_enough
        )
        return by_meetings, by_silence

    # -- pauses -------------------------------------------------------------------------------

    def _pause_by_meetings(self, contact: str, row: Any, person: Any) -> bool:
        policy = self.policy
        if person is not None and person.client:
            return False
        if row.owed or row.moves_only:
            return False
        if row.own_late >= policy.own_changes and 2 * row.own_late >= row.k:
            return False
        last = self.last_hard.get(contact)
        oldest = self.as_of - pd.Timedelta(days=policy.step_to_days)
        newest = self.as_of - pd.Timedelta(days=policy.step_from_days)
        for at, lines in self.known.earlier:
            line = lines.get(contact)
            if line is None or line.step != Step.ASK_DIRECTLY or not oldest <= at <= newest:
                continue
            if last is not None and last > micro(at):
                return True
        return False

    def _pause_by_silence(self, contact: str, row: Any, person: Any, silence: Any) -> bool:
        if person is not None and person.client:
            return False
        if row.owed or self.owed_180.get(contact, 0) >= self.policy.pause_owed_count:
            return False
        last = moment(self.last_ripe.get(contact))
        for at, lines in self.known.earlier:
            line = lines.get(contact)
            if line is None or line.tier != Tier.TALK or line.silence is None:
                continue
            same = line.silence.evidence_key == silence.evidence_key
            if (
                not same
                or line.silence.rule not in (Rule.T2_PLUS, Rule.T3)
                or line.by == "meetings"
            ):
                continue
            if last is not None and last > at:
                return True
        return False

    # -- next steps ---------------------------------------------------------------------------

    def _step(
        self, contact: str, row: Any, tier: str, by: str, *, r1: bool, r2: bool
    ) -> tuple[str, str]:
        """The first step that fits the shown tier (rules.md section 8)."""
        if tier not in (Tier.TALK, Tier.PAUSE, Tier.COLD):
            return "", ""
        cold, silent = tier == Tier.COLD, by in ("silence", "both")
        if row.owed and not cold:
            return Step.ANSWER_FIRST, ""
        if (r1 or r2) and not cold:
            by_meetings = self._step_by_meetings(contact, row, tier)
            if by_meetings is not None:
                return by_meetings
        colleague = self._colleague(contact) if silent and not cold else ""
        if colleague:
            return Step.WRITE_TO, colleague
        if (silent or cold) and not self._another_way_before(contact):
            return Step.ANOTHER_WAY, ""
        if r1 and tier == Tier.TALK:
            return Step.CONFIRM_BEFORE, ""
        if tier in (Tier.PAUSE, Tier.COLD):
            return self._rest(contact)
        return "", ""

    def _step_by_meetings(self, contact: str, row: Any, tier: str) -> tuple[str, str] | None:
        if row.own_late >= max(1, row.k):
            return Step.YOUR_CHANGES_FIRST, ""
        if tier == Tier.TALK and self._to_be_asked(contact):
            return Step.ASK_DIRECTLY, ""
        if tier == Tier.TALK and row.lead_kept_days < self.policy.lead_share * row.lead_lost_days:
            return Step.INVITE_CLOSER, f"{max(1, round(float(row.lead_kept_days)))}"
        return None

    def _to_be_asked(self, contact: str) -> bool:
        proposed = [
            at
            for at, lines in self.known.earlier
            if contact in lines and lines[contact].step == Step.ASK_DIRECTLY
        ]
        lasts = self.policy.step_to_days * _DAYS
        return to_be_asked(contact, proposed, self.known.taken, self.as_of, lasts)

    def _another_way_before(self, contact: str) -> bool:
        silence = self.silences.get(contact)
        return silence is not None and any(
            contact in lines
            and lines[contact].step == Step.ANOTHER_WAY
            and (then := lines[contact].silence) is not None
            and then.evidence_key == silence.evidence_key
            for _, lines in self.known.earlier
        )

    def _colleague(self, contact: str) -> str:
        silence = self.silences.get(contact)
        return "" if silence is None else str(silence.colleague)

    def _rest(self, contact: str) -> tuple[str, str]:
        """Let it rest until 60 days after our last ask or their last incident."""
        moments = [self.last_incident.get(contact, NONE)]
        ask = moment(self.last_ask.get(contact))
        if ask is not None:
            moments.append(micro(ask))
        last = max(moments)
        if last == NONE:
            return "", ""
        until = pd.Timestamp(last, unit="us", tz="UTC") + self.policy.rest_days * _DAYS
        return (Step.LET_REST, until.isoformat()) if until > self.as_of else ("", "")


def would_change(
    questions: pd.DataFrame, slots: pd.DataFrame, standing: pd.DataFrame, policy: Policy
) -> pd.Series:
    """Would the answer `them` bring a rule that does not hold yet? Aligned with `questions`."""
    if not len(questions):
        return pd.Series([], dtype=bool)
    now = standing.set_index("contact").reindex(questions["contact"])
    open_slots = tables.kept(slots, slots["unknown"] & (slots["question"] != ""))
    more = open_slots.groupby(["evidence_key", "contact"]).size()
    keys = pd.MultiIndex.from_frame(tables.narrow(questions, ["evidence_key", "contact"]))
    gone = np.nan_to_num(more.reindex(keys).to_numpy(dtype="float64"))
    moved = questions["was"].isin(MOVES)
    hard = ~((questions["kind"] == Rule.M6) & moved).to_numpy(dtype=bool)

    def whole(label: str) -> Ints:
        column: Ints = np.nan_to_num(now[label].to_numpy(dtype="float64")).astype("int64")
        return column

    k, k_hard = whole("k") + 1, whole("k_hard") + hard
    trials = whole("n") + 1 + np.maximum(whole("unknown") - gone.astype("int64"), 0)
    r1 = (k >= policy.list_k) & (probability(k, trials, policy) >= policy.list_probability)
    r2 = (k_hard >= policy.strong_k) & (
        probability(k_hard, trials, policy) >= policy.strong_probability
    )
    held = now["rules"].fillna("").astype("str")
    new = (r1 & ~held.str.contains(r"\bR1\b").to_numpy(dtype=bool)) | (
        r2 & ~held.str.contains(r"\bR2\b").to_numpy(dtype=bool)
    )
    return pd.Series(new, index=questions.index)
