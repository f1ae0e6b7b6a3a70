"""What does this week's report say? Findings and last week's standings in, a WeeklyReport out.

Pure: no clock, no door, no recipient. The words come later (reports.render).
Sections and their order: rules.md sections 4 to 10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pandas as pd

from config.policy import Policy
from reports.claims import Claim
from reports.columns.iso_weeks import monday_of
from reports.columns.rows import moment
from reports.detect.pipeline import Detection
from reports.detect.scoring.past_standings import (
    LISTED_SILENCE,
    Snapshot,
    loads,
    movement,
    snapshot,
)
from reports.schemas import Coverage
from reports.weekly import events, people, sections
from reports.weekly.limits import Again, find_limits
from reports.weekly.person import Event
from reports.weekly.reader_view import ReaderView
from reports.weekly.report import (
    CameBack,
    Change,
    Owed,
    Promise,
    Seen,
    WeeklyReport,
)
from reports.weekly.trend import twelve_weeks


def span(week: str, zone: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The local midnights of an ISO week's Monday and of the Monday after it, in UTC.

    Raises ValueError where `week` is no ISO week such as 2026-W47.
    """
    monday = monday_of(week)
    return _midnight(monday, zone), _midnight(monday + timedelta(days=7), zone)


@dataclass(frozen=True)
class Edition:
    """One reader's report of one ISO week: what its maker knows beside what was detected.

    `mailboxes` are the reader's (None: all of the store), `names` says how their owners sign, by
    address. `previous` is the JSON of the last report's standings to the same reader; `warnings`
    come first in the mail (a login that expires soon); `others` is what other limits would list
    (limits.run_again), without which the report does not say; `lead` gets the view over the team.
    """

    week: str
    mailboxes: Collection[int] | None = None
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    language: str = "en"
    previous: str | None = None
    warnings: tuple[str, ...] = ()
    others: Sequence[Again] = ()
    lead: str = ""


def build(detection: Detection, edition: Edition) -> WeeklyReport:
    """The report to one reader. Days are those of our zone.

    Raises ValueError for a week that is none, StoreError where `previous` cannot be read.
    """
    findings, policy, zone = (
        detection.findings,
        detection.setting.policy,
        detection.setting.ours.zone,
    )
    first, end = span(edition.week, zone)
    book = ReaderView(detection, edition.mailboxes)
    before = loads(edition.previous, detection.setting.merge) if edition.previous else None
    owed, perhaps = sections.owed(book)
    questions = sections.questions(book)
    promises = sections.promises(book)
    back = sections.came_back(book, before, end)
    kept = sections.kept(book, first, end)
    printed = kept[: policy.kept_listed]
    lists = people.Lists(
        events=_listed_events(owed, perhaps, promises, back),
        owed=Counter(mail.who.address for mail in owed),
        kept={
            (one.claim.contact, one.claim.meeting_key, one.claim.evidence_key): one.claim
            for one in printed
        },
    )
    seen = tuple(_seen(one, book) for one in book.coverage)
    standings = snapshot(findings, edition.week, book.standings)
    return WeeklyReport(
        week=edition.week,
        as_of=findings.as_of,
        first_day=first,
        last_day=end - pd.Timedelta(hours=1),
        zone=zone,
        language=edition.language,
        addresses=MappingProxyType(book.addresses),
        warnings=edition.warnings,
        seen=seen,
        too_early=_too_early(seen, policy),
        needed_weeks=policy.coverage_weeks,
        owed=tuple(owed),
        questions=tuple(questions[: policy.questions_report]),
        coming=tuple(sections.coming(book)),
        people=people.everybody(book, before, lists),
        promises=tuple(promises),
        came_back=tuple(back),
        compared_with=before.week if before else "",
        changes=tuple(_changes(book, before, standings)),
        answered=tuple(sections.answered(book, before.at if before else first)),
        twelve=twelve_weeks(book, first, end),
        kept=tuple(printed),
        left_out=MappingProxyType(
            {
                "questions": max(0, len(questions) - policy.questions_report),
                "kept": len(kept) - len(printed),
            }
        ),
        notices=findings.notices,
        own_notices=findings.own_notices,
        chance=float(findings.expected_by_chance),
        baseline=policy.baseline,
        late_hours=policy.late_hours,
        list_k=policy.list_k,
        lead_share=policy.lead_share,
        waiting_days=(policy.awaiting_days, policy.unanswered_days),
        limits=find_limits(book, edition.others),
        names=MappingProxyType(dict(edition.names)),
        standings=standings,
        lead=edition.lead,
    )


def _listed_events(
    owed: Sequence[Owed],
    perhaps: Sequence[Owed],
    promises: Sequence[Promise],
    back: Sequence[CameBack],
) -> Mapping[str, tuple[Event, ...]]:
    """By contact: what the report's lists say of them."""
    found: dict[str, list[Event]] = {}
    for mail in (*owed, *perhaps):
        found.setdefault(mail.who.address, []).append(events.of_owed(mail))
    for promise in promises:
        found.setdefault(promise.who.address, []).append(events.of_promise(promise))
    for one in back:
        found.setdefault(one.who.address, []).append(events.of_return(one))
    return {contact: tuple(mine) for contact, mine in found.items()}


def claims(report: WeeklyReport) -> tuple[Claim, ...]:
    """The natural keys of all that mail and page print and that can be contradicted, each once."""
    printed: list[Claim] = [one.claim for one in report.owed]
    printed += [one.claim for one in report.questions]
    for person in report.people:
        printed += [one.claim for one in person.events if one.claim is not None]
        if person.quiet is not None and person.quiet.rule in LISTED_SILENCE:
            printed.append(person.quiet.claim)
        if person.dead is not None:
            printed.append(person.dead.claim)
    printed += [one.claim for one in report.promises]
    printed += [one.claim for one in report.kept]
    return tuple(dict.fromkeys(printed))


def with_ids(report: WeeklyReport, ids: Mapping[Claim, str]) -> WeeklyReport:
    """The report with the ids that the store gave to its claims.

    Raises ValueError where a claim has none: a report whose claims cannot be answered must not
    leave the house.
    """
    wanted = claims(report)
    missing = sum(1 for claim in wanted if not ids.get(claim))
    if missing:
        raise ValueError(f"{missing} of {len(wanted)} claims have no id")
    return replace(report, ids=MappingProxyType({claim: ids[claim] for claim in wanted}))


def _midnight(day: date, zone: str) -> pd.Timestamp:
    stamp = pd.Timestamp(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))
    return stamp.tz_convert("UTC")


def _seen(one: Coverage, book: ReaderView) -> Seen:
    provider, complete_to = book.provider(one.mailbox_id), moment(one.complete_to)
    limit = pd.Timedelta(hours=book.policy.old_after(provider))
    old = complete_to is not None and book.as_of - complete_to > limit
    return Seen(
        address=one.address,
        provider=provider,
        complete_to=complete_to,
        calendar_weeks=one.calendar_weeks,
        mail_weeks=one.mail_weeks,
        pending=one.pending,
        given_up=one.given_up,
        meetings=one.meetings,
        sent=one.sent,
        received=one.received,
        problems=one.problems,
        progress=one.mail_progress,
        live_since=moment(one.live_since),
        since=min(
            (at for at in (moment(one.calendar_from), moment(one.mail_from)) if at is not None),
            default=None,
        ),
        old_since=complete_to if old else None,
    )


def _too_early(seen: tuple[Seen, ...], policy: Policy) -> tuple[float, float] | None:
    """The fewest weeks seen, where calendar or mail of any mailbox has too few; no mailbox: 0."""
    calendar = min((one.calendar_weeks for one in seen), default=0.0)
    mail = min((one.mail_weeks for one in seen), default=0.0)
    return (calendar, mail) if min(calendar, mail) < policy.coverage_weeks else None


def _changes(book: ReaderView, before: Snapshot | None, now: Snapshot) -> list[Change]:
    """Who is listed otherwise than in the last report: new, worse, better, gone, in this order."""
    if before is None:
        return []
    found = []
    for contact in {*before.contacts, *now.contacts}:
        old, new = before.contacts.get(contact), now.contacts.get(contact)
        moved = movement(old, new)
        if moved != "same":
            was, is_now = old.tier if old else "", new.tier if new else ""
            before_, after = (one.share if one is not None else None for one in (old, new))
            found.append(Change(book.who(contact), moved, was, is_now, before_, after))
    place = {"new": 0, "worse": 1, "better": 2, "gone": 3}
    return sorted(found, key=lambda one: (place[one.movement], one.who.address))
