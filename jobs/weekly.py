"""What does this week's report say, and who gets it? Detect, build, deliver, remember."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from config.clock import to_micros
from config.errors import ConfigError
from config.phrasing import load as load_phrases
from config.settings import Mailbox
from connectors.base import Mailer
from connectors.mailer.folder import FolderMailer, StdoutMailer
from connectors.model.frames import Frames
from connectors.store.opinions import Memory
from jobs import delivery, logins, wiring
from jobs.context import Context
from jobs.delivery import Channel
from jobs.ours import ours_from
from jobs.runs import DONE, PARTLY, Outcome
from jobs.schedule import report_week
from reports import findings as detection
from reports import standings, weekly
from reports.contents import WeeklyReport
from reports.memory import memory
from reports.people import merge_map
from reports.rows import rows
from reports.shapes import Findings
from reports.sources import Sources

LOCAL = ("folder", "stdout")


@dataclass(frozen=True)
class Audience:
    """Who gets one report, and over which mailboxes."""

    recipient: str
    boxes: tuple[Mailbox, ...]


def moment(context: Context, text: str) -> datetime:
    """`--as-of` as an aware moment, now where empty. Raises ConfigError."""
    if not text:
        return context.clock.now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            f"{text!r} is no date and time", hint="write it like 2026-11-02 or 2026-11-02T09:00"
        ) from error
    zoned = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(context.settings.zone))
    if zoned > context.clock.now():
        raise ConfigError(f"{text} lies in the future", hint="--as-of looks back only")
    return zoned


def found(context: Context, as_of: datetime) -> tuple[Frames, Findings]:
    """All facts of the store as of then, and what detection says of them."""
    frames = context.store.frames(as_of)
    return frames, detection.detect(
        frames,
        ours_from(context.settings),
        context.settings.policy,
        load_phrases(),
        pd.Timestamp(as_of).tz_convert("UTC"),
    )


def run(
    context: Context,
    *,
    week: str = "",
    to: tuple[str, ...] = (),
    dry_run: bool = False,
    again: bool = False,
    open_report: bool = False,
    as_of: str = "",
    mailboxes: tuple[str, ...] = (),
    first: bool = False,
) -> Outcome:
    """Build and deliver the report of one ISO week, once to each recipient.

    `to`, `dry_run`, `as_of` and `open_report` are by hand: no ledger, as often as wanted.
    Raises ConfigError, Busy where another report is being made.
    """
    ways = _ways(to)
    then = moment(context, as_of)
    label = week or report_week(then.astimezone(ZoneInfo(context.settings.zone)).date())
    _check_week(label)
    by_hand = bool(ways or dry_run or as_of or open_report or again or first)
    preview = dry_run or bool(as_of)
    job = 0 if by_hand else context.store.begin_run(f"report:{label}")
    outcome = Outcome()
    with context.store.locks.report(wait=30.0):
        frames, findings = found(context, then)
        for audience in audiences(context, mailboxes):
            report = _report(context, audience, frames, findings, label)
            if by_hand:
                chosen = ways or (("stdout",) if dry_run and not open_report else ("folder",))
                outcome += _by_hand(context, audience, report, chosen, preview, open_report)
            else:
                outcome += _delivered(context, audience, report, frames)
            if not preview:
                _remember_standings(context, audience, frames, findings, report)
            outcome += _completeness(report)
        if not preview:
            context.store.remember(_memories(context, findings, frames))
    if job:
        context.store.finish_run(job, str(outcome.code))
        _ping(context, outcome)
    return outcome


def audiences(context: Context, mailboxes: tuple[str, ...] = ()) -> tuple[Audience, ...]:
    """One report over all mailboxes for each named recipient, else one for each mailbox's owner."""
    boxes = context.chosen(mailboxes)
    if not boxes:
        raise ConfigError("the settings name no mailbox", hint="add a [[mailbox]]; see noshow init")
    named = context.settings.report.recipients
    if named:
        return tuple(Audience(one, boxes) for one in named)
    return tuple(Audience(box.address, (box,)) for box in boxes)


def _report(
    context: Context, audience: Audience, frames: Frames, findings: Findings, week: str
) -> WeeklyReport:
    numbers = [context.mailbox_id(box) for box in audience.boxes]
    return weekly.build(
        findings,
        frames,
        week=week,
        previous=_previous(frames, numbers, week),
        mailboxes=numbers,
        ours=ours_from(context.settings),
        policy=context.settings.policy,
        language=context.settings.report.language,
        warnings=tuple(line for box in audience.boxes for line in logins.warnings(context, box)),
    )


def _previous(frames: Frames, numbers: Sequence[int], week: str) -> str | None:
    """The last standings before this week that the same reader got."""
    kept = frames.standings
    mine = kept[kept["mailbox_id"].isin(list(numbers)) & (kept["week"] < week)]
    if mine.empty:
        return None
    return str(mine.sort_values(["week", "at"])["payload"].iloc[-1])


def _remember_standings(
    context: Context, audience: Audience, frames: Frames, findings: Findings, report: WeeklyReport
) -> None:
    numbers = [context.mailbox_id(box) for box in audience.boxes]
    reader = Sources(findings, frames, numbers, report.first_day, report.last_day)
    payload = standings.dumps(standings.snapshot(findings, report.week, reader.contacts))
    at = to_micros(findings.as_of.to_pydatetime())
    for number in numbers:
        context.store.save_standings(number, report.week, at, payload)


def _memories(context: Context, findings: Findings, frames: Frames) -> list[Memory]:
    """What survives retention, as the store keeps it."""
    ours, policy = ours_from(context.settings), context.settings.policy
    frame = memory(findings, frames, ours, policy, merge=merge_map(frames.tags, findings.as_of))
    records = []
    for row in rows(frame):
        fields = row._asdict()
        moments = {
            name: None if pd.isna(value) else to_micros(value.to_pydatetime())
            for name, value in fields.items()
            if name not in ("address", "stage")
        }
        records.append(Memory(str(fields["address"]), stage=str(fields["stage"]), **moments))
    return records


def _delivered(
    context: Context, audience: Audience, report: WeeklyReport, frames: Frames
) -> Outcome:
    plan = context.settings
    with wiring.channels(context, audience.boxes[0], plan.report.deliver) as channels:
        return delivery.deliver(
            context.store,
            report,
            channels,
            context.clock,
            recipient=audience.recipient,
            sender=plan.report.sender or audience.boxes[0].address,
            facts=frames,
            may_receive=delivery.allowed(plan),
            resend=plan.report.resend,
        )


def _by_hand(
    context: Context,
    audience: Audience,
    report: WeeklyReport,
    ways: tuple[str, ...],
    preview: bool,
    open_report: bool,
) -> Outcome:
    mailers: dict[str, Mailer] = {
        "folder": FolderMailer(context.report_folder),
        "stdout": StdoutMailer(sys.stdout),
    }
    outcome = delivery.by_hand(
        context.store,
        report,
        [Channel(way, mailers[way], local=True) for way in ways],
        context.clock,
        recipient=audience.recipient,
        sender=context.settings.report.sender or audience.boxes[0].address,
        preview=preview,
    )
    if open_report:
        for line in outcome.lines:
            path = line.partition(": ")[2]
            if path.endswith(".html"):
                webbrowser.open(Path(path).as_uri())
    return outcome


def _completeness(report: WeeklyReport) -> Outcome:
    """Exit code 3 where something is missing from the report, with what."""
    problems = [line for one in report.seen for line in one.problems]
    problems += [
        f"{one.pending} mails are still to be fetched; the report says so"
        for one in report.seen
        if one.pending
    ]
    return Outcome(PARTLY if problems else DONE, problems=tuple(problems))


def _ways(to: tuple[str, ...]) -> tuple[str, ...]:
    wanted = tuple(one for part in to for one in part.split(","))
    unknown = [one for one in wanted if one not in (*LOCAL, "mail")]
    if unknown:
        raise ConfigError(f"--to {unknown[0]!r} is not one of folder, stdout, mail")
    return tuple(one for one in wanted if one != "mail")


def _check_week(label: str) -> None:
    try:
        weekly.span(label, "UTC")
    except ValueError as error:
        raise ConfigError(f"{label!r} is no ISO week", hint="write it like 2026-W47") from error


def _ping(context: Context, outcome: Outcome) -> None:
    """Tell a monitoring service that the report went out, or that it did not."""
    url = context.settings.report.ping_url
    if url:
        logins.ping(context, url if outcome.code in (DONE, PARTLY) else f"{url.rstrip('/')}/fail")
