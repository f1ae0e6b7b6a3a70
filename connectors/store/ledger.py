"""Which reports went out, and which jobs ran?

A report is claimed before it is sent: claimed -> handed_over -> seen. Claiming is one statement
that only one process can win. `released` says that it surely did not go out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from config.errors import StoreError
from connectors.model import short_ids
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, clean, upsert
from connectors.store.tables.schema import reports, runs, standings

#: So far clocks of machines that share a store differ, and clocks are put right; later than this is
#: the future, and no evidence of anything [µs].
SKEW = 5 * 60 * 1_000_000
#: A gap of this length before the first run of the future says that the clock leapt there [µs].
#: No clock that is right shows an earlier time: a board without battery begins in 1970 or 2000 [µs].
_FLOOR = 1_767_225_600 * 1_000_000
_LEAP = 2 * 24 * 3_600_000_000
#: What stands before the name of a job whose run is no evidence.
_STRUCK_OUT = "ahead "


@dataclass(frozen=True, slots=True)
class ReportClaim:
    """One report to one recipient for one ISO week. Moments in µs UTC, None where not yet.

    `token` is the short word in its subject by which the next sync finds it; `tries` counts how
    often it was claimed.
    """

    report_id: int
    recipient: str
    week: str
    kind: str
    state: str
    token: str
    message_key: str
    tries: int
    problem: str
    claimed_at: int
    handed_over_at: int | None
    seen_at: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job. `ended_at` is None while it goes on, or where it was killed."""

    run_id: int
    job: str
    mailbox_id: int | None
    started_at: int
    ended_at: int | None
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """Runs that lie in the future: how many, and when the last of them began [µs UTC]."""

    runs: int
    latest: int


@repeated
class Ledger:
    """Reports, the standings they left, and runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_report(self, recipient: str, week: str, kind: str = "weekly") -> ReportClaim | None:
        """Take the right to send this report; None where somebody has it or has sent it."""
        now = self._database.now()
        with self._database.writing() as connection:
            statement = upsert(connection, reports).values(
                recipient=recipient,
                week=week,
                kind=kind,
                state="claimed",
                token=short_ids.drawn(),
                tries=1,
                claimed_at=now,
            )
            row = connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["recipient", "week", "kind"],
                    set_={"state": "claimed", "tries": reports.c.tries + 1, "claimed_at": now},
                    where=reports.c.state == "released",
                ).returning(*reports.c)
            ).first()
        return _report(row) if row is not None else None

    def claim_again(self, claim: ReportClaim) -> ReportClaim | None:
        """Take the right to send it once more (it was not seen); None where another was faster."""
        return self._change(
            claim.report_id,
            {"state": "claimed", "claimed_at": self._database.now(), "tries": claim.tries + 1},
            reports.c.tries == claim.tries,
            reports.c.state != "seen",
        )

    def handed_over(self, report_id: int, message_key: str) -> None:
        """The mailer took it. Raises StoreError where it was not claimed."""
        changed = self._change(
            report_id,
            {
                "state": "handed_over",
                "handed_over_at": self._database.now(),
                "message_key": clean(message_key),
                "problem": "",
            },
            reports.c.state.in_(("claimed", "handed_over")),
        )
        if changed is None:
            raise StoreError("a report that nobody claimed was handed over")

    def name_report(self, report_id: int, message_key: str) -> None:
        """Note the Message-ID before the mail is handed over: a crash between is found by it."""
        self._change(report_id, {"message_key": clean(message_key)})

    def release_report(self, report_id: int, problem: str) -> None:
        """It surely was not handed over: the next run may claim it."""
        self._change(
            report_id,
            {"state": "released", "problem": clean(problem)},
            reports.c.state == "claimed",
        )

    def report_seen(self, report_id: int) -> bool:
        """It was found in the recipient's mailbox; False where that was known."""
        seen = {"state": "seen", "seen_at": self._database.now()}
        return self._change(report_id, seen, reports.c.state != "seen") is not None

    def report(self, recipient: str, week: str, kind: str = "weekly") -> ReportClaim | None:
        """The ledger's line of this report, if there is one."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(reports).where(
                    reports.c.recipient == recipient,
                    reports.c.week == week,
                    reports.c.kind == kind,
                )
            ).first()
        return _report(row) if row is not None else None

    def reports(self, *states: str) -> list[ReportClaim]:
        """The ledger's lines in these states (none given: all), the newest first."""
        query = select(reports).order_by(reports.c.claimed_at.desc(), reports.c.report_id.desc())
        if states:
            query = query.where(reports.c.state.in_(states))
        with self._database.reading() as connection:
            return [_report(row) for row in connection.execute(query)]

    def begin_run(self, job: str, mailbox_id: int | None = None) -> int:
        """Note that a job began; returns the run's number for `finish_run`."""
        with self._database.writing() as connection:
            number: int = connection.execute(
                insert(runs)
                .values(job=job, mailbox_id=mailbox_id, started_at=self._database.now())
                .returning(runs.c.run_id)
            ).scalar_one()
        return number

    def finish_run(self, run_id: int, outcome: str, detail: str = "") -> None:
        """Note how it ended. `detail` is printed by status: no addresses, no subjects."""
        with self._database.writing() as connection:
            connection.execute(
                update(runs)
                .where(runs.c.run_id == run_id)
                .values(ended_at=self._database.now(), outcome=clean(outcome), detail=clean(detail))
            )

    def runs(
        self, job: str = "", *, mailbox_id: int | None = None, since: int = 0, limit: int = 500
    ) -> list[Run]:
        """The runs (of one job, of one mailbox, begun since) with the newest first.

        One that lies in the future is left out: a clock was ahead when it ran, and it would keep
        jobs from running until that day comes.
        """
        query = select(runs).where(
            runs.c.started_at >= since, runs.c.started_at <= self._database.now() + SKEW
        )
        if job:
            query = query.where(runs.c.job == job)
        if mailbox_id is not None:
            query = query.where(runs.c.mailbox_id == mailbox_id)
        query = query.order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [Run(*row) for row in connection.execute(query)]

    def idle_before(self, moment: int) -> int:
        """How long had nothing run before the first run since that moment [µs]? 0: nothing ever had."""
        with self._database.reading() as connection:
            before = connection.execute(
                select(func.max(runs.c.started_at)).where(runs.c.started_at < moment)
            ).scalar()
            after = connection.execute(
                select(func.min(runs.c.started_at)).where(
                    runs.c.started_at >= moment, runs.c.started_at <= self._database.now() + SKEW
                )
            ).scalar()
        if before is None:
            return 0
        return int(after if after is not None else self._database.now()) - int(before)

    def ahead(self) -> Ahead | None:
        """What lies in the future: a clock was ahead then, or is behind now. None: nothing.

        What `disown` struck out is not counted.
        """
        future = (runs.c.started_at > self._database.now() + SKEW) & ~_struck_out()
        with self._database.reading() as connection:
            count, latest = connection.execute(
                select(func.count(), func.max(runs.c.started_at)).where(future)
            ).one()
        return Ahead(int(count), int(latest)) if count else None

    def disown(self) -> int:
        """Strike out what a clock that is ahead left, or it would be evidence when that day comes.

        A poll too many costs nothing. A report that was claimed for a week to come goes only where
        the clock leapt there: where runs follow each other without a gap up to the future, it is
        this clock that is behind. Returns how many runs and reports were struck out.
        """
        limit = self._database.now() + SKEW
        future = runs.c.started_at > limit
        with self._database.writing() as connection:
            what = future & ~_struck_out()
            leapt = _leapt(connection, limit)
            if not leapt:
                what &= ~runs.c.job.startswith("report")
            marked = update(runs).where(what).values(job=literal(_STRUCK_OUT) + runs.c.job)
            gone = connection.execute(marked).rowcount
            if leapt:
                claimed = delete(reports).where(reports.c.claimed_at > limit)
                gone += connection.execute(claimed).rowcount
        return int(gone)

    def save_standings(self, mailbox_id: int, week: str, at: int, payload: str) -> None:
        """Keep a report's standings; a later report of the same week takes their place."""
        values = {"at": at, "payload": clean(payload)}
        with self._database.writing() as connection:
            statement = upsert(connection, standings).values(
                mailbox_id=mailbox_id, week=week, **values
            )
            connection.execute(
                statement.on_conflict_do_update(index_elements=["mailbox_id", "week"], set_=values)
            )

    def _change(
        self, report_id: int, values: dict[str, Any], *conditions: ColumnElement[bool]
    ) -> ReportClaim | None:
        with self._database.writing() as connection:
            row = connection.execute(
                update(reports)
                .where(reports.c.report_id == report_id, *conditions)
                .values(values)
                .returning(*reports.c)
            ).first()
        return _report(row) if row is not None else None


def _struck_out() -> ColumnElement[bool]:
    return runs.c.job.startswith(_STRUCK_OUT)


def _leapt(connection: Connection, limit: int) -> bool:
    """Is there a gap before the first run that lies beyond the limit?"""
    first = connection.execute(
        select(runs.c.run_id, runs.c.started_at)
        .where(runs.c.started_at > limit)
        .order_by(runs.c.run_id)
        .limit(1)
    ).first()
    if first is None:
        return False
    before = connection.execute(
        select(func.max(runs.c.started_at)).where(runs.c.run_id < first.run_id)
    ).scalar()
    if before is None:
        return limit > _FLOOR
    return bool(before <= limit and first.started_at - before >= _LEAP)


def _report(row: Row[Any]) -> ReportClaim:
    return ReportClaim(**row._mapping)
