"""Findings made by hand, a row at a time: what a detector would have said.

Moments are written as local Berlin time, `2026-11-17 15:00`; now is Monday, 23 November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from config import phrasing
from config.ours import Ours
from config.policy import Policy
from connectors.model import frames
from connectors.model.frames import Frames, enforce
from connectors.model.schemas import SCHEMAS, Schema
from connectors.model.short_ids import CROCKFORD
from reports.claims import Claim
from reports.detect.incremental import step
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.schemas import SHAPES, Coverage, Findings
from reports.weekly import build as weekly
from reports.weekly.report import WeeklyReport

STANDARD = Policy()
ZONE = "Europe/Berlin"
KATE = "kate@ourco.example"
WEEK = "2026-W47"


def at(text: str) -> pd.Timestamp:
    """A Berlin wall time in UTC."""
    return pd.Timestamp(text, tz=ZONE).tz_convert("UTC")


NOW = at("2026-11-23 07:00")
OURS = Ours(
    mailboxes=MappingProxyType({KATE: KATE}), domains=frozenset({"ourco.example"}), zone=ZONE
)

_BLANK: dict[str, Any] = {
    "key": 1,
    "count": 0,
    "number": float("nan"),
    "text": "",
    "flag": False,
    "instant": pd.NaT,
}


def fill(schema: Schema, rows: list[dict[str, Any]], name: str) -> pd.DataFrame:
    """A frame of the given rows; what a row leaves out is blank, an instant that must be is now."""
    if not rows:
        return frames.empty(schema)
    columns = {}
    for label, column in schema.items():
        blank = NOW if column.kind == "instant" and not column.null else _BLANK[column.kind]
        columns[label] = [row.get(label, blank) for row in rows]
    unknown = {key for row in rows for key in row} - set(schema)
    assert not unknown, f"{name} has no {unknown}"
    return enforce(pd.DataFrame(columns), schema, name)


def person(contact: str, name: str = "", **more: Any) -> dict[str, Any]:
    return {
        "contact": contact,
        "name": name,
        "organisation": contact.rpartition("@")[2],
        "stage": "met",
    } | more


def slot(contact: str, start: str, outcome: str = "kept", **more: Any) -> dict[str, Any]:
    """One slot of an hour that counts by its outcome as rules.md section 3 says."""
    begins = at(start)
    key = more.pop("meeting_key", f"{contact}-{start}@cal ")
    late = outcome in ("cancelled_late", "moved_late", "absent")
    rule = {"cancelled_late": "M2", "moved_late": "M3", "absent": "M7"}.get(outcome, "")
    return {
        "meeting_key": key,
        "series_uid": key.split(" ")[0],
        "contact": contact,
        "subject": "Review",
        "start_at": begins,
        "end_at": begins + pd.Timedelta(hours=1),
        "organised_by": "us",
        "eligible": True,
        "outcome": outcome,
        "rule": rule,
        "origin": "them" if late else "",
        "grade": "certain" if late else "",
        "notice_lo": 1.8 if late and outcome != "absent" else float("nan"),
        "notice_hi": 1.8 if late and outcome != "absent" else float("nan"),
        "in_n": late or outcome in ("kept", "attended"),
        "in_k": late,
        "hard": outcome in ("cancelled_late", "absent"),
        "unknown": outcome == "unknown",
        "lost_hours": 1.0 if outcome in ("cancelled_late", "absent") else 0.0,
        "evidence_key": f"{start} {outcome}",
    } | more


def standing(contact: str, tier: str = "", **more: Any) -> dict[str, Any]:
    return {"contact": contact, "tier": tier, "posterior": 0.2, "probability": 0.5} | more


def silence(contact: str, rule: str, first: str, last: str, asks: int, **more: Any) -> Any:
    return {
        "contact": contact,
        "rule": rule,
        "first_ask_at": at(first),
        "last_ask_at": at(last),
        "asks": asks,
        "grade": "certain",
        "evidence_key": f"{contact} {first}",
    } | more


def ask(contact: str, when: str, kind: str = "mail", **more: Any) -> dict[str, Any]:
    return {
        "contact": contact,
        "at": at(when),
        "clock_at": at(when),
        "kind": kind,
        "sign": "again",
        "message_id": -1,
        "open": True,
        "ripe": True,
        "distinct": True,
    } | more


def question(contact: str, start: str, kind: str = "M6", was: str = "moved", **more: Any) -> Any:
    return {
        "kind": kind,
        "contact": contact,
        "meeting_key": f"{contact}-{start}@cal ",
        "start_at": at(start),
        "subject": "Pilot review",
        "notice_lo": 1.8,
        "notice_hi": 1.8,
        "was": was,
        "evidence_key": f"{start} {was}",
    } | more


def owed(contact: str, when: str, days: int, **more: Any) -> dict[str, Any]:
    return {
        "contact": contact,
        "message_id": -1,
        "at": at(when),
        "days": days,
        "evidence_key": f"<{when}@{contact}>",
    } | more


def coming(contact: str, start: str, **more: Any) -> dict[str, Any]:
    return {
        "meeting_key": f"{contact}-{start}@cal ",
        "contact": contact,
        "subject": "Quarterly visit",
        "start_at": at(start),
        "weight": 0.3,
    } | more


def passed(contact: str, words: str, due: str, **more: Any) -> dict[str, Any]:
    return {
        "contact": contact,
        "words": words,
        "made_at": at("2026-11-02 10:00"),
        "due_at": pd.Timestamp(due, tz="UTC"),
        "evidence_key": f"{contact} {due}",
    } | more


def act(contact: str, when: str, kind: str = "mail") -> dict[str, Any]:
    return {"contact": contact, "at": at(when), "kind": kind, "message_id": -1}


def coverage(**more: Any) -> Coverage:
    known: dict[str, Any] = {
        "mailbox_id": 1,
        "address": KATE,
        "calendar_from": at("2026-05-01 00:00"),
        "mail_from": at("2026-05-01 00:00"),
        "complete_to": at("2026-11-22 23:40"),
        "live_since": at("2026-05-01 00:00"),
        "calendar_weeks": 29.0,
        "mail_weeks": 29.0,
        "pending": 0,
        "given_up": 0,
        "meetings": 31,
        "sent": 214,
        "received": 391,
    }
    return Coverage(**(known | more))


def findings(
    *,
    seen: tuple[Coverage, ...] | None = None,
    as_of: pd.Timestamp = NOW,
    chance: float = 0.4,
    notices: tuple[str, ...] = (),
    own_notices: int = 0,
    **rows: list[dict[str, Any]],
) -> Findings:
    """Findings of these rows a frame; whoever appears in a slot, ask or silence is a person."""
    people = rows.setdefault("people", [])
    known = {row["contact"] for row in people}
    for name in ("slots", "asks", "silences", "standings", "owed", "questions", "coming", "passed"):
        for row in rows.get(name, []):
            if row["contact"] not in known:
                known.add(row["contact"])
                people.append(person(row["contact"], named(row["contact"])))
    acts = rows.setdefault("acts", [])
    acts += [act(one, "2026-06-01 10:00") for one in known]
    return Findings(
        as_of=as_of,
        coverage=(coverage(),) if seen is None else seen,
        expected_by_chance=chance,
        notices=notices,
        own_notices=own_notices,
        **{name: fill(schema, rows.get(name, []), name) for name, schema in SHAPES.items()},
    )


def named(contact: str) -> str:
    """`omar.haddad@client.example` -> `Omar Haddad`"""
    return " ".join(part.capitalize() for part in contact.partition("@")[0].split("."))


def facts(**rows: list[dict[str, Any]]) -> Frames:
    rows.setdefault(
        "mailboxes", [{"mailbox_id": 1, "address": KATE, "provider": "google", "zone": ZONE}]
    )
    return frames.empty_frames(
        **{name: fill(SCHEMAS[name], given, name) for name, given in rows.items()}
    )


def ids(report: WeeklyReport) -> Mapping[Claim, str]:
    """An id for each claim, as a store would give them."""
    found = {}
    for number, claim in enumerate(weekly.claims(report)):
        digits, rest = "", number * 7919 + 270123457
        for _ in range(6):
            rest, digit = divmod(rest, 32)
            digits = CROCKFORD[digit] + digits
        found[claim] = digits
    return found


class Told(Detection):
    """A detection that says what it was told."""

    def __init__(self, found: Findings, known: Frames, ours: Ours, policy: Policy) -> None:
        setting = Setting.of(known.tags, ours, policy, phrasing.load(), found.as_of)
        super().__init__(known, setting)
        self._found = found

    @step
    def findings(self) -> Findings:
        return self._found


def detected(
    found: Findings,
    known: Frames | None = None,
    *,
    ours: Ours = OURS,
    policy: Policy = STANDARD,
) -> Detection:
    """A detection with these findings, of these facts."""
    return Told(found, facts() if known is None else known, ours, policy)


def build(
    found: Findings, known: Frames | None = None, *, ours: Ours = OURS, **more: Any
) -> WeeklyReport:
    """The report of week 47 with ids."""
    report = weekly.build(detected(found, known, ours=ours), weekly.Edition(WEEK, **more))
    return weekly.with_ids(report, ids(report))
