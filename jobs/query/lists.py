"""What does noshow know? A contact, coming meetings and the export, as lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from config import private_files
from config.errors import ConfigError
from jobs.context import Context
from jobs.delivery.weekly import found, moment
from jobs.outcome import NOTHING, Outcome
from jobs.query import typed
from jobs.query.status import unfetched
from jobs.query.tables import Format, show
from reports.columns.rows import rows as rows_of
from reports.contact import export as exporting
from reports.contact import timeline


def contact(context: Context, *, address: str, as_of: str = "", form: Format) -> Outcome:
    """One contact's timeline and standing. Exit code 4 where nothing is known of the address."""
    who = typed.contact(context, address)
    then = moment(context, as_of)
    findings = found(context, then).findings
    page = timeline.of(who, findings, context.settings.policy)
    if page is None:
        return Outcome(NOTHING, (f"nothing is known of {who} as of {then:%Y-%m-%d %H:%M}",))
    zone = ZoneInfo(context.settings.zone)
    if form is Format.JSON:
        return Outcome(lines=(json.dumps(page.tree(), indent=2),))
    rows = [(_local(one.at, zone), one.kind, one.rule, one.text) for one in page.entries]
    listing = show(("when", "what", "rule", "facts"), rows, form)
    if form is Format.CSV:
        return Outcome(lines=(listing,))
    return Outcome(lines=(page.title, "", listing, "", *page.reasons))


def contacts(
    context: Context, *, part: str = "", tier: str = "", as_of: str = "", form: Format
) -> Outcome:
    """All contacts that were met, the worst first; only those of a tier, or a part of the name."""
    columns = ("contact", "name", "tier", "fell through late", "of", "unknown", "next step")
    nothing = unfetched(context, columns, form)
    if nothing is not None:
        return nothing
    findings = found(context, moment(context, as_of)).findings
    names = {str(one.contact): str(one.name) for one in rows_of(findings.people)}
    order = {"pause": 0, "talk": 1}
    ordered = sorted(
        rows_of(findings.standings),
        key=lambda one: (order.get(str(one.tier), 2), -float(one.posterior), str(one.contact)),
    )
    rows = [
        (str(one.contact), names.get(str(one.contact), ""), str(one.tier), one.k, one.n, *rest)
        for one in ordered
        for rest in ((one.unknown, str(one.step)),)
        if (not tier or str(one.tier) == tier)
        and part.lower() in f"{one.contact} {names.get(str(one.contact), '')}".lower()
    ]
    if not rows and form is Format.TABLE:
        return Outcome(lines=("no such contact",))
    return Outcome(lines=(show(columns, rows, form),))


def coming(context: Context, *, as_of: str = "", days: int = 7, form: Format) -> Outcome:
    """The meetings of the coming days, the ones worth confirming first."""
    columns = ("start", "contact", "meeting", "answer", "agreed", "fell through late")
    nothing = unfetched(context, columns, form)
    if nothing is not None:
        return nothing
    findings = found(context, moment(context, as_of)).findings
    zone = ZoneInfo(context.settings.zone)
    until = findings.as_of + pd.Timedelta(days=days)
    near = findings.coming[findings.coming["start_at"] <= until]
    ordered = near.sort_values(["weight", "start_at"], ascending=[False, True])
    rows = [
        (
            _local(one.start_at, zone),
            one.contact,
            one.subject,
            "accepted" if one.accepted else "not accepted",
            _local(one.agreed_at, zone),
            f"{one.k} of {one.n}",
        )
        for one in rows_of(ordered)
    ]
    if not rows and form is Format.TABLE:
        return Outcome(lines=(f"no meeting of the next {days} days needs a confirmation",))
    return Outcome(lines=(show(columns, rows, form),))


def export(context: Context, *, as_of: str = "", form: Format, to: Path | None) -> Outcome:
    """All findings as one JSON document, or as a folder of CSV files."""
    findings = found(context, moment(context, as_of)).findings
    tree = exporting.tree(findings)
    if form is Format.JSON:
        text = json.dumps(tree, indent=2)
        if to is None:
            return Outcome(lines=(text,))
        private_files.write(to, text + "\n")
        return Outcome(lines=(f"wrote {to}",))
    if to is None:
        raise ConfigError("CSV needs a folder", hint="noshow export --format csv --to findings/")
    private_files.make_folder(to)
    for name, rows in tree.items():
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            columns = list(rows[0]) if rows else []
            cells = [[_flat(row.get(column)) for column in columns] for row in rows]
            private_files.write(to / f"{name}.csv", show(columns, cells, Format.CSV) + "\n")
    return Outcome(lines=(f"wrote {to}",))


def _flat(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _local(value: Any, zone: ZoneInfo) -> str:
    """`2026-11-18 15:00` in the zone; "" where unknown."""
    if value is None or pd.isna(value):
        return ""
    stamp: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
    return stamp.astimezone(zone).strftime("%Y-%m-%d %H:%M")
