"""What is due now? One pure answer for `noshow schedule` (jobs.schedule.waking) and `run-due`.

APScheduler 3 only wakes us: a memory job store forgets overdue work, a SQL store loses it when
jobs are re-added, crontab's `1` means Tuesday there, and 02:30 fires twice on the autumn night.
So what has run is read from the store's runs, and a job has a key that it has once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.settings import WEEKDAYS, Settings
from jobs.delivery.envelope.report_week import local, report_week

#: A reminder may be so late.
REMIND_LATE = timedelta(hours=4)


@dataclass(frozen=True)
class Run:
    """A run of a job as the store remembers it. `key` is what it was for; `ok`: not in vain."""

    job: str
    key: str
    started: datetime
    ended: datetime | None
    ok: bool


@dataclass(frozen=True)
class Due:
    """A job to run now. `key` names the occasion: it is run at most once for it."""

    job: str
    key: str
    late: timedelta


def last_weekly(now: datetime, weekday: str, clock: str, zone: ZoneInfo) -> datetime:
    """The last instant not after now that is this weekday and time in the zone."""
    today = now.astimezone(zone).date()
    back = (today.weekday() - WEEKDAYS.index(weekday)) % 7
    found = local(today - timedelta(days=back), clock, zone)
    return found if found <= now else local(today - timedelta(days=back + 7), clock, zone)


def last_daily(now: datetime, clock: str, zone: ZoneInfo) -> datetime:
    """The last instant not after now that is this time of the day in the zone."""
    today = now.astimezone(zone).date()
    found = local(today, clock, zone)
    return found if found <= now else local(today - timedelta(days=1), clock, zone)


def due(runs: Iterable[Run], settings: Settings, now: datetime) -> tuple[Due, ...]:
    """What must run now, in order: sync (or heal in its place), then the report.

    A sync is due `sync_every_hours` after the last one began; one that is late runs once, not once
    for each that was missed. Where all mailboxes are read from files, no poll is ever due. The
    report is due from its time on for `late_hours`, once. A failed report run is due again an hour
    later, within the same limit.
    """
    zone, plan = ZoneInfo(settings.zone), settings.schedule
    known = list(runs)
    files_only = bool(settings.mailbox) and all(one.provider == "files" for one in settings.mailbox)
    found = [] if files_only else _polls(known, settings, now)
    report_at = last_weekly(now, plan.report_day, plan.report_time, zone)
    key = report_week(report_at.astimezone(zone).date())
    if now - report_at <= timedelta(hours=plan.late_hours) and not _waits(
        known, "report", key, now
    ):
        found.append(Due("report", key, now - report_at))
    return (*found, *_reminder(known, settings, now))


def _reminder(known: Sequence[Run], settings: Settings, now: datetime) -> list[Due]:
    """The day's reminder, from its time on for some hours: the next morning it helps nobody."""
    if not settings.remind.at:
        return []
    zone = ZoneInfo(settings.zone)
    at = last_daily(now, settings.remind.at, zone)
    key = at.astimezone(zone).date().isoformat()
    if now - at > REMIND_LATE or _waits(known, "remind", key, now):
        return []
    return [Due("remind", key, now - at)]


def _waits(known: Sequence[Run], job: str, key: str, now: datetime) -> bool:
    """Was the job done for this occasion, or tried within the last hour?"""
    tries = [run for run in known if run.job == job and run.key == key]
    return any(run.ok or now - run.started < timedelta(hours=1) for run in tries)


def _polls(known: Sequence[Run], settings: Settings, now: datetime) -> list[Due]:
    zone, plan = ZoneInfo(settings.zone), settings.schedule
    heal_at = last_daily(now, plan.heal_time, zone)
    if not any(run.job == "heal" and run.started >= heal_at for run in known):
        return [Due("heal", heal_at.astimezone(zone).date().isoformat(), now - heal_at)]
    polls = [run.started for run in known if run.job in ("sync", "heal")]
    every = timedelta(hours=plan.sync_every_hours)
    if polls and now - max(polls) < every:
        return []
    late = now - max(polls) - every if polls else timedelta(0)
    return [Due("sync", now.astimezone(zone).isoformat(timespec="minutes"), late)]


def first_not_missed(settings: Settings, now: datetime) -> str:
    """The earliest week whose report is still to come, or may still come late."""
    zone, plan = ZoneInfo(settings.zone), settings.schedule
    report_at = last_weekly(now, plan.report_day, plan.report_time, zone)
    day = report_at.astimezone(zone).date()
    in_time = now - report_at <= timedelta(hours=plan.late_hours)
    return report_week(day if in_time else day + timedelta(days=7))


def next_waking(settings: Settings, now: datetime) -> datetime:
    """When something is due next, at the latest: the report, the heal or the next sync."""
    zone, plan = ZoneInfo(settings.zone), settings.schedule
    week = last_weekly(now, plan.report_day, plan.report_time, zone)
    report = local(week.astimezone(zone).date() + timedelta(days=7), plan.report_time, zone)
    soon = [report, now + timedelta(hours=plan.sync_every_hours)]
    if settings.remind.at:
        past = last_daily(now, settings.remind.at, zone).astimezone(zone).date()
        soon.append(local(past + timedelta(days=1), settings.remind.at, zone))
    return min(soon)
