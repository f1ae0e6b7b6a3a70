"""How do all findings look as plain data? One list of rows for each frame, documented in docs/export.md."""

from __future__ import annotations

from typing import Any

import pandas as pd

from connectors.model.schemas import Column
from reports.columns.rows import rows
from reports.schemas import SHAPES, Findings

#: Frames of single acts are left out, and of each mail there is its class.
LISTED = (
    "people", "assistants", "absences", "slots", "questions", "asks", "silences", "owed", "passed",
    "replies", "standings", "coming",
)  # fmt: skip
CLASSED = ("message_id", "at", "mail_class", "contact")
_ENDLESS = float("inf")
#: What the `note` of a slot tells already.
_NOTED = (
    "in_absence", "kept_after_all", "replacement_coming", "replacement_unknown", "churned",
)  # fmt: skip


def columns(name: str) -> dict[str, Column]:
    """What each row of a list has."""
    return {one: column for one, column in SHAPES[name].items() if one not in _NOTED}


def tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """Each list of the export as a frame with the columns of reports.schemas, also an empty one."""
    found = {name: getattr(findings, name)[list(columns(name))] for name in LISTED}
    found["incidents"] = found["slots"][found["slots"]["in_k"]]
    found["mail_classes"] = findings.mails[list(CLASSED)]
    return found


def tree(findings: Findings, zone: str) -> dict[str, Any]:
    """JSON-ready: `as_of`, one list a table, and what was to be expected by chance.

    Instants are ISO 8601 in UTC, missing ones and missing numbers are null. zone: the IANA name by
    which days were counted.
    """
    return about(findings, zone) | {name: plain(frame) for name, frame in tables(findings).items()}


def about(findings: Findings, zone: str) -> dict[str, Any]:
    """What no table holds, JSON-ready: of when the findings are, and what holds for all of them."""
    return {
        "version": 1,
        "as_of": findings.as_of.isoformat(),
        "zone": zone,
        "expected_by_chance": _plain(findings.expected_by_chance),
        "notices": list(findings.notices),
    }


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON-ready objects."""
    names = list(frame.columns)
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)} for row in rows(frame)
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool):
        return value
    if pd.isna(value) or value in (_ENDLESS, -_ENDLESS):
        # JSON has no word for what has no end.
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return float(value) if isinstance(value, float) else int(value)
