"""What does noshow know? Contact, questions, coming meetings, status and export, as lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from config import private_files
from config.clock import from_micros
from config.errors import ConfigError
from connectors.model.frames import Frames
from connectors.model.normal_forms import address as normal_address
from connectors.store.claims import Claim
from jobs.context import Context
from jobs.delivery import missed
from jobs.delivery.weekly import found, moment
from jobs.outcome import NOTHING, Outcome
from jobs.providers import login_status
from jobs.query.tables import Format, show
from jobs.setup import doctor
from reports.claims import FITTING
from reports.columns.rows import rows as rows_of
from reports.contact import export as exporting
from reports.contact import timeline
from reports.detect.scoring import coverage

#: So many reports are listed by status.
_REPORTS = 6
_WHERE = {
    "claimed": "left, and is looked for in the mailbox",
    "handed_over": "handed over",
    "seen": "arrived",
}


def contact(context: Context, *, address: str, as_of: str = "", form: Format) -> Outcome:
    """One contact's timeline and standing. Exit code 4 where nothing is known of the address."""
    who = normal_address(address)
    if not who:
        raise ConfigError(f"{address!r} is no e-mail address", hint="like omar@client.example")
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


#: What is said where a list can hold nothing yet.
NOTHING_YET = "nothing was fetched yet -> noshow sync, or noshow import FILES..."


def _unfetched(context: Context, columns: Sequence[str], form: Format) -> Outcome | None:
    """An empty list that says why, before anything was ever fetched; None afterwards."""
    if context.store.pending.begun():
        return None
    lines = () if form is Format.TABLE else (show(columns, [], form),)
    return Outcome(NOTHING, lines, (NOTHING_YET,))


def questions(context: Context, *, as_of: str = "", form: Format) -> Outcome:
    """The open questions with their ids and the words that answer them."""
    columns = ("id", "start", "contact", "what", "meeting", "answers")
    unfetched = _unfetched(context, columns, form)
    if unfetched is not None:
        return unfetched
    then = moment(context, as_of)
    findings = found(context, then).findings
    zone = ZoneInfo(context.settings.zone)
    rows: list[tuple[Any, ...]] = []
    for one in rows_of(findings.questions):
        claim = Claim(str(one.kind), str(one.contact), str(one.meeting_key), str(one.evidence_key))
        ids = context.store.claims.ids(int(one.mailbox_id), [claim]) if not as_of else ("",)
        rows.append(
            (
                ids[0],
                _local(one.start_at, zone),
                one.contact,
                one.was,
                one.subject,
                " ".join(FITTING[str(one.kind)]),
            )
        )
    if not rows and form is Format.TABLE:
        return Outcome(lines=("no open questions",))
    hint = ("", "answer with: noshow answer ID WORD") if form is Format.TABLE else ()
    return Outcome(lines=(show(columns, rows, form), *hint))


def coming(context: Context, *, as_of: str = "", form: Format) -> Outcome:
    """Coming meetings, the ones worth confirming first."""
    columns = ("start", "contact", "meeting", "answer", "agreed", "fell through late")
    unfetched = _unfetched(context, columns, form)
    if unfetched is not None:
        return unfetched
    findings = found(context, moment(context, as_of)).findings
    zone = ZoneInfo(context.settings.zone)
    ordered = findings.coming.sort_values(["weight", "start_at"], ascending=[False, True])
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
        return Outcome(lines=("no coming meeting needs a confirmation",))
    return Outcome(lines=(show(columns, rows, form),))


def status(context: Context, *, form: Format) -> Outcome:
    """Each mailbox: how far it is read, what is pending, its login; the last runs and reports."""
    zone = ZoneInfo(context.settings.zone)
    facts = context.store.frames(context.clock.now())
    ends = coverage.complete_to(facts, pd.Timestamp(context.clock.now()))
    rows = []
    for box in context.chosen():
        number = context.mailbox_id(box)
        counts = context.store.pending.counts(number)
        meetings = int((facts.meetings["mailbox_id"] == number).sum())
        looks = facts.looks[(facts.looks["mailbox_id"] == number)]
        done = ends.get(number)
        failed = looks.iloc[-1]["problem"] if len(looks) else ""
        rows.append(
            (
                box.address,
                box.provider,
                _local(done, zone),
                meetings,
                counts.stored,
                counts.pending,
                counts.given_up,
                "; ".join(filter(None, (str(failed), *login_status.warnings(context, box)))),
            )
        )
    columns = (
        "mailbox",
        "provider",
        "complete to",
        "meetings",
        "mails",
        "pending",
        "failed",
        "problem",
    )
    lines = [show(columns, rows, form)]
    if form is Format.TABLE:
        jobs = []
        for job in ("sync", "heal", "report", "import", "backfill"):
            runs = [one for one in context.store.ledger.runs() if one.job.partition(":")[0] == job]
            if runs:
                last = runs[0]
                ended = _local(_stamp(last.ended_at), zone)
                jobs.append((job, ended, last.outcome, last.detail))
        lines += ["", show(("job", "last ended", "exit code", "note"), jobs, form)]
        lines += _reports(context, facts)
        lines += _lost(context, facts)
    problems = doctor.undelivered(context)
    if not context.store.pending.begun():
        return Outcome(NOTHING, tuple(lines), (NOTHING_YET, *problems))
    return Outcome(lines=tuple(lines), problems=problems)


def _lost(context: Context, facts: Frames) -> list[str]:
    """The files that were given to an import and not read."""
    zone = ZoneInfo(context.settings.zone)
    boxes = facts.mailboxes.set_index("mailbox_id")["address"]
    rows = [
        (boxes.get(one.mailbox_id, ""), one.place, one.reason, _local(one.not_after, zone))
        for one in rows_of(facts.losses)
    ]
    if not rows:
        return []
    columns = ("not all mail read", "file", "why", "it may hold mail until")
    return ["", show(columns, rows, Format.TABLE)]


def _reports(context: Context, facts: Frames) -> list[str]:
    """The last reports, and where each of them is."""
    zone, resend = ZoneInfo(context.settings.zone), context.settings.report.resend
    rows = []
    for line in context.store.ledger.reports()[:_REPORTS]:
        why = missed.state_of(line, facts, context.clock.micros(), resend)
        where = why.value if why is not None else _WHERE.get(line.state, line.state)
        at = line.seen_at or line.handed_over_at or line.claimed_at
        rows.append((line.week, line.recipient, where, _local(_stamp(at), zone), line.tries))
    if not rows:
        return []
    return ["", show(("report", "to", "where it is", "since", "tries"), rows, Format.TABLE)]


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


def _stamp(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _local(value: Any, zone: ZoneInfo) -> str:
    """`2026-11-18 15:00` in the zone; "" where unknown."""
    if value is None or pd.isna(value):
        return ""
    stamp: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
    return stamp.astimezone(zone).strftime("%Y-%m-%d %H:%M")
