"""Where did everybody stand in an earlier report, and what has changed since?

A snapshot is versioned JSON that the store keeps with each report and hands back a week later:
for the words new, worse, better, gone, and for the rules that need an earlier report (a pause
asks that `ask-directly` or `talk` by silence stood there before, rules.md section 8).

    {"version": 1, "week": "2026-W47", "at": "2026-11-23T06:00:00+00:00", "contacts": [
      {"contact": "omar@client.example", "tier": "talk", "by": "meetings", "step": "ask-directly",
       "step_detail": "", "rules": "R1", "k": 3, "k_hard": 2, "n": 5, "unknown": 1,
       "posterior": 0.33, "incidents": ["<evidence key>", ...],
       "silence": null | {"rule": "T2+", "asks": 2, "first_ask_at": "...", "last_ask_at": "...",
                          "evidence_key": "..."}}]}

Contacts without a tier, a step, an incident and a silence are left out: who is not listed has no
standing. Instants are ISO 8601 in UTC.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import pandas as pd

from config.errors import StoreError
from reports.columns import tables
from reports.columns.rows import rows
from reports.detect.people.printed_as import key_of
from reports.schemas import Findings
from reports.vocabulary import Rule, Tier

VERSION = 1
Movement = Literal["new", "worse", "better", "gone", "same"]

#: Which tier asks more of the reader. Cold and dead are lists of their own, below a talk.
_RANK: Mapping[str, int] = {"": 0, Tier.COLD: 1, Tier.DEAD: 1, Tier.TALK: 2, Tier.PAUSE: 3}
#: The rules under which a silence is printed; T1 and T2 alone list nobody.
LISTED_SILENCE = (Rule.T2_PLUS, Rule.T3, Rule.T4)


@dataclass(frozen=True)
class Silence:
    """An open silence as it was printed. `evidence_key` tells whether it is still the same one."""

    rule: str
    asks: int
    first_ask_at: pd.Timestamp
    last_ask_at: pd.Timestamp
    evidence_key: str


@dataclass(frozen=True)
class Standing:
    """One contact's line in one report; the words are those of reports.schemas.STANDINGS_NOW."""

    contact: str
    tier: str
    by: str
    step: str
    step_detail: str
    rules: str
    k: int
    k_hard: int
    n: int
    unknown: int
    posterior: float
    incidents: tuple[str, ...] = ()
    silence: Silence | None = None

    @property
    def share(self) -> tuple[int, int] | None:
        """(k, n) of somebody who stands there by their meetings; None for the others."""
        return (self.k, self.n) if self.by in ("meetings", "both") else None


@dataclass(frozen=True)
class Snapshot:
    """All standings of one report. `at` is its as-of moment, in UTC."""

    week: str
    at: pd.Timestamp
    contacts: Mapping[str, Standing]


#: The snapshots of earlier reports, oldest first: the moment, and the standings by contact.
Earlier = tuple[tuple[pd.Timestamp, Mapping[str, Standing]], ...]


def snapshot(findings: Findings, week: str, standings: pd.DataFrame | None = None) -> Snapshot:
    """The standings of these findings, or those of one reader."""
    slots = findings.slots
    counted = slots.loc[slots["in_k"], ["contact", "evidence_key"]]
    incidents: dict[str, list[str]] = {}
    for row in rows(counted):
        incidents.setdefault(str(row.contact), []).append(str(row.evidence_key))
    silences = {str(row.contact): row for row in rows(findings.silences)}
    lines: dict[str, Standing] = {}
    for row in rows(findings.standings if standings is None else standings):
        contact = str(row.contact)
        silent = silences.get(contact)
        line = Standing(
            contact=contact,
            tier=str(row.tier),
            by=str(row.by),
            step=str(row.step),
            step_detail=str(row.step_detail),
            rules=str(row.rules),
            k=int(row.k),
            k_hard=int(row.k_hard),
            n=int(row.n),
            unknown=int(row.unknown),
            posterior=round(float(row.posterior), 6),
            incidents=tuple(sorted(incidents.get(contact, ()))),
            silence=None
            if silent is None
            else Silence(
                rule=str(silent.rule),
                asks=int(silent.asks),
                first_ask_at=silent.first_ask_at,
                last_ask_at=silent.last_ask_at,
                evidence_key=str(silent.evidence_key),
            ),
        )
        if line.tier or line.step or line.incidents or line.silence:
            lines[contact] = line
    return Snapshot(week, findings.as_of.tz_convert("UTC"), dict(sorted(lines.items())))


def dumps(taken: Snapshot) -> str:
    """The snapshot as JSON, the same bytes for the same standings."""
    return json.dumps(
        {
            "version": VERSION,
            "week": taken.week,
            "at": taken.at.isoformat(),
            "contacts": [_plain(asdict(line)) for line in taken.contacts.values()],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def loads(payload: str, merge: Mapping[str, str] | None = None) -> Snapshot:
    """A snapshot from its JSON; keys that a later minor version added are passed over.

    merge: who is one person by now (Setting.merge): their lines are one, under the address that
    stands for them, of the tier that asks most.

    Raises StoreError where the payload is no snapshot or of a version that is not known here.
    """
    try:
        tree = json.loads(payload)
        version = tree["version"]
        if version != VERSION:
            raise StoreError(
                f"the standings of an earlier report have version {version}, not {VERSION}",
                hint="install the version of noshow that wrote them, or a newer one",
            )
        lines = [_standing(one) for one in tree["contacts"]]
        return Snapshot(str(tree["week"]), _instant(tree["at"]), _of_persons(lines, merge or {}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"the standings of an earlier report are damaged: {type(error).__name__}",
            hint="put a backup of the store back; without one, move it away and sync again",
        ) from error


def earlier(
    standings: pd.DataFrame, as_of: pd.Timestamp, merge: Mapping[str, str] | None = None
) -> Earlier:
    """The snapshots of reports before the moment, oldest first. standings: by STANDINGS; merge: as
    in `loads`.

    Raises StoreError where a stored snapshot cannot be read.
    """
    past = tables.once(
        tables.kept(standings, standings["at"] < as_of), ["mailbox_id", "at", "payload"]
    )
    return tuple(
        (row.at, loads(str(row.payload), merge).contacts)
        for row in rows(tables.ordered(past, "at"))
    )


def _of_persons(lines: Iterable[Standing], merge: Mapping[str, str]) -> dict[str, Standing]:
    found: dict[str, Standing] = {}
    for line in lines:
        here = _under(line, merge.get(line.contact, line.contact))
        other = found.get(here.contact)
        if other is not None:
            most = max(other, here, key=lambda one: (_RANK.get(one.tier, 0), one.k))
            both = sorted({*other.incidents, *here.incidents})
            here = replace(most, incidents=tuple(both))
        found[here.contact] = here
    return found


def _under(line: Standing, contact: str) -> Standing:
    """The line as if it had been printed under this address."""
    if line.contact == contact:
        return line
    silent = line.silence and replace(
        line.silence, evidence_key=key_of(line.silence.evidence_key, line.contact, contact)
    )
    incidents = sorted(key_of(one, line.contact, contact) for one in line.incidents)
    return replace(line, contact=contact, incidents=tuple(incidents), silence=silent)


def movement(before: Standing | None, now: Standing | None) -> Movement:
    """How one contact moved between two reports.

    `new` and `gone` are about being listed (a tier) at all. Worse: a tier that asks more, one
    more incident, or one more ask. Better: the reverse, or a kept meeting more with the same k.
    Evidence that is merely older than it was changes nothing but k, which then is better.
    """
    was_listed = before is not None and bool(before.tier)
    is_listed = now is not None and bool(now.tier)
    if before is None or now is None or was_listed != is_listed:
        return "new" if is_listed else ("gone" if was_listed else "same")
    if not is_listed:
        return "same"
    rank = _RANK.get(now.tier, 0) - _RANK.get(before.tier, 0)
    fresh = len(set(now.incidents) - set(before.incidents))
    asks = _asks(now) - _asks(before)
    if rank > 0 or (rank == 0 and (fresh > 0 or now.k > before.k or asks > 0)):
        return "worse"
    if rank < 0 or now.k < before.k or asks < 0 or (now.k == before.k > 0 and now.n > before.n):
        return "better"
    return "same"


def listed_silence(line: Standing | None) -> Silence | None:
    """The silence that this line was printed under, if any (T1 and T2 alone list nobody)."""
    if line is None or line.silence is None or line.silence.rule not in LISTED_SILENCE:
        return None
    return line.silence


def _asks(line: Standing) -> int:
    silent = listed_silence(line)
    return silent.asks if silent else 0


def _plain(line: dict[str, Any]) -> dict[str, Any]:
    line["incidents"] = list(line["incidents"])
    if line["silence"] is not None:
        for key in ("first_ask_at", "last_ask_at"):
            line["silence"][key] = line["silence"][key].tz_convert("UTC").isoformat()
    return line


def _standing(tree: Mapping[str, Any]) -> Standing:
    silent = tree.get("silence")
    return Standing(
        contact=str(tree["contact"]),
        tier=str(tree["tier"]),
        by=str(tree["by"]),
        step=str(tree["step"]),
        step_detail=str(tree["step_detail"]),
        rules=str(tree["rules"]),
        k=int(tree["k"]),
        k_hard=int(tree["k_hard"]),
        n=int(tree["n"]),
        unknown=int(tree["unknown"]),
        posterior=float(tree["posterior"]),
        incidents=tuple(str(key) for key in tree["incidents"]),
        silence=None
        if silent is None
        else Silence(
            rule=str(silent["rule"]),
            asks=int(silent["asks"]),
            first_ask_at=_instant(silent["first_ask_at"]),
            last_ask_at=_instant(silent["last_ask_at"]),
            evidence_key=str(silent["evidence_key"]),
        ),
    )


def _instant(text: str) -> pd.Timestamp:
    moment = pd.Timestamp(text)
    if moment.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return moment.tz_convert("UTC")
