"""How do all findings look as plain data? One list of rows for each frame, documented in docs/export.md."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.columns.rows import rows
from reports.schemas import SHAPES, Findings

#: Frames of single mails and acts are left out but for the class of each mail.
LISTED = (
    "people", "assistants", "absences", "slots", "questions", "asks", "silences", "owed", "passed",
    "replies", "standings", "coming",
)  # fmt: skip


def tree(findings: Findings) -> dict[str, Any]:
    """JSON-ready: `as_of`, one list a frame by reports.schemas, `incidents`, and `mail_classes`.

    Instants are ISO 8601 in UTC, missing ones and missing numbers are null.
    """
    found: dict[str, Any] = {"version": 1, "as_of": findings.as_of.isoformat()}
    for name in LISTED:
        found[name] = _rows(getattr(findings, name), list(SHAPES[name]))
    incidents = findings.slots[findings.slots["in_k"]]
    found["incidents"] = _rows(incidents, list(SHAPES["slots"]))
    found["mail_classes"] = _rows(findings.mails, ["message_id", "at", "mail_class", "contact"])
    found["expected_by_chance"] = findings.expected_by_chance
    found["notices"] = list(findings.notices)
    return found


def _rows(frame: pd.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    return [
        {name: _plain(value) for name, value in zip(columns, row, strict=True)}
        for row in rows(frame[columns])
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool):
        return value
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return float(value) if isinstance(value, float) else int(value)
