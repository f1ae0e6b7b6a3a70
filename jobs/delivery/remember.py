"""What does the next report have to know of this one? Standings, and what survives retention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import pandas as pd

from config.clock import to_micros
from connectors.model.frames import Frames
from connectors.store.contact_memory import Memory
from jobs.context import Context
from jobs.delivery.envelope.audience import Audience
from reports.columns.rows import rows
from reports.detect.pipeline import Detection
from reports.detect.scoring import past_standings
from reports.weekly.contact_memory import memory
from reports.weekly.report import WeeklyReport


def previous(frames: Frames, numbers: Sequence[int], week: str) -> str | None:
    """The last standings before this week that the same reader got."""
    kept = frames.standings
    mine = kept[kept["mailbox_id"].isin(list(numbers)) & (kept["week"] < week)]
    if mine.empty:
        return None
    return str(mine.sort_values(["week", "at"])["payload"].iloc[-1])


def keep_standings(context: Context, audience: Audience, report: WeeklyReport) -> None:
    """Note where everybody stands in this report, for the next one's comparison."""
    payload = past_standings.dumps(report.standings)
    at = to_micros(report.as_of.to_pydatetime())
    for box in audience.boxes:
        context.store.ledger.save_standings(context.mailbox_id(box), report.week, at, payload)


def memories(detection: Detection) -> list[Memory]:
    """What survives retention, as the store keeps it."""
    records = []
    for row in rows(memory(detection)):
        fields = row._asdict()
        moments = {
            name: None if pd.isna(value) else to_micros(value.to_pydatetime())
            for name, value in fields.items()
            if name not in ("address", "stage")
        }
        records.append(Memory(str(fields["address"]), stage=str(fields["stage"]), **moments))
    return records


def open_questions(detection: Detection) -> list[list[str]]:
    """The open questions of a detection, in their order, as they are kept in the store.

    Of each: its mailbox, the four parts of its claim, its start in ISO 8601, what was, the title.
    """
    return [
        [
            str(one.mailbox_id),
            str(one.kind),
            str(one.contact),
            str(one.meeting_key),
            str(one.evidence_key),
            one.start_at.to_pydatetime().astimezone(UTC).isoformat(),
            str(one.was),
            str(one.subject),
        ]
        for one in rows(detection.questions)
    ]


def coming(detection: Detection) -> list[list[str]]:
    """The meetings ahead, as they are kept in the store: in order, of a series with one contact all.

    Of each: its start in ISO 8601, the contact, the title, "1" where accepted, since when it is agreed
    (or ""), k, n, and the meeting's key.
    """
    ordered = detection.coming.sort_values(["start_at", "contact"], kind="stable")
    return [
        [
            one.start_at.to_pydatetime().astimezone(UTC).isoformat(),
            str(one.contact),
            str(one.subject),
            "1" if one.accepted else "",
            ""
            if pd.isna(one.agreed_at)
            else one.agreed_at.to_pydatetime().astimezone(UTC).isoformat(),
            str(one.k),
            str(one.n),
            str(one.meeting_key),
        ]
        for one in rows(ordered)
    ]
