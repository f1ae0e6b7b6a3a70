"""What does this week's report say? Findings and last week's standings in, a WeeklyReport out.

Pure: no clock, no door, no recipient. The words come later (reports.render).
Sections and their order: rules.md sections 4 to 10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pandas as pd

from config.ours import Ours
from config.policy import Policy
from connectors.model.frames import Frames
from reports.claims import Claim
from reports.columns.iso_weeks import monday_of
from reports.columns.rows import moment
from reports.detect.outcomes import answers
from reports.detect.scoring.past_standings import Snapshot, loads, movement, snapshot
from reports.schemas import Coverage, Findings
from reports.weekly import events, people, sections
from reports.weekly.person import Event
from reports.weekly.reader_view import Sources
from reports.weekly.report import (
    CameBack,
    Change,
    Limit,
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


def build(
    findings: Findings,
    facts: Frames,
    *,
    week: str,
    previous: str | None = None,
    mailboxes: Collection[int] | None = None,
    ours: Ours,
    policy: Policy,
    language: str = "en",
    warnings: tuple[str, ...] = (),
    limits: tuple[Limit, ...] = (),
    names: Mapping[str, str] | None = None,
) -> WeeklyReport:
    """The report of one ISO week for the owner of `mailboxes` (None: all of the store).

    `findings` and `facts` are of the same moment; `facts` gives subjects, links, earlier answers
    and claims. `previous` is the JSON of the last report's standings to the same reader.
    `warnings` come first in the mail (a login that expires soon). `limits`: what other limits would
    change (reports.weekly.limits). `names`: how the owners sign, by address. Days are those of
    `ours.zone`.
    Raises ValueError for a week that is none, StoreError where `previous` cannot be read.
    """
    first, end = span(week, ours.zone)
    by_mail = answers.by_mail(facts, ours, findings.as_of).answers
    book = Sources(findings, facts, mailboxes, first, end, by_mail)
    before = loads(previous) if previous else None
    owed, perhaps = sections.owed(book)
    questions = sections.questions(book, policy)
    promises = sections.promises(book)
    back = sections.came_back(book, before)
    kept = sections.kept(book)
    printed = kept[: policy.kept_listed]
    book.kept_claims = {
        (one.claim.contact, one.claim.meeting_key, one.claim.evidence_key): one.claim
        for one in printed
    }
    lists = _lists(owed, perhaps, promises, back)
    seen = tuple(_seen(one, book, policy) for one in book.coverage)
    return WeeklyReport(
        week=week,
        as_of=findings.as_of,
        first_day=first,
        last_day=end - pd.Timedelta(hours=1),
        zone=ours.zone,
        language=language,
        addresses=MappingProxyType(book.addresses),
        warnings=warnings,
        seen=seen,
        too_early=_too_early(seen, policy),
        needed_weeks=policy.coverage_weeks,
        owed=tuple(owed),
        questions=tuple(questions[: policy.questions_report]),
        coming=tuple(sections.coming(book)),
        people=people.everybody(book, policy, before, lists, ours.zone),
        promises=tuple(promises),
        came_back=tuple(back),
        compared_with=before.week if before else "",
        changes=tuple(_changes(book, before, snapshot(findings, week, book.contacts))),
        answered=tuple(sections.answered(book, before.at if before else first)),
        twelve=twelve_weeks(book, ours.zone, policy),
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
        limits=limits,
        names=MappingProxyType(dict(names or {})),
    )


def _lists(
    owed: Sequence[Owed],
    perhaps: Sequence[Owed],
    promises: Sequence[Promise],
    back: Sequence[CameBack],
) -> people.Lists:
    found: dict[str, list[Event]] = {}
    for mail in (*owed, *perhaps):
        found.setdefault(mail.who.address, []).append(events.of_owed(mail))
    for promise in promises:
        found.setdefault(promise.who.address, []).append(events.of_promise(promise))
    for one in back:
        found.setdefault(one.who.address, []).append(events.of_return(one))
    return people.Lists(
        events={contact: tuple(mine) for contact, mine in found.items()},
        owed=Counter(mail.who.address for mail in owed),
    )


def claims(report: WeeklyReport) -> tuple[Claim, ...]:
    """The natural keys of all that mail and page print and that can be contradicted, each once."""
    printed: list[Claim] = [one.claim for one in report.owed]
    printed += [one.claim for one in report.questions]
    for person in report.people:
        printed += [one.claim for one in person.events if one.claim is not None]
        if person.quiet is not None and person.quiet.rule in people.LISTED_SILENCE:
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


def _seen(one: Coverage, book: Sources, policy: Policy) -> Seen:
    provider, complete_to = book.provider(one.mailbox_id), moment(one.complete_to)
    limit = pd.Timedelta(hours=policy.old_after(provider))
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


def _changes(book: Sources, before: Snapshot | None, now: Snapshot) -> list[Change]:
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
