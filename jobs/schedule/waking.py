"""When does `noshow schedule` wake? APScheduler only wakes; what is due is jobs.schedule.due's answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from config.settings import Settings
from jobs.console.outcome import StopFlag


def wake(
    settings: Settings,
    run_due: Callable[[], None],
    stop: StopFlag,
    *,
    poll_seconds: float = 60.0,
) -> None:
    """Run what is due at start, at each waking and after a sleep of the machine, until asked to stop.

    Jobs run in this thread, one after another; the scheduler's threads only set a flag. The flag
    is also looked at every `poll_seconds`, since a suspended machine loses timers.
    """
    wake = threading.Event()
    scheduler = BackgroundScheduler(timezone=ZoneInfo(settings.zone))
    for trigger in triggers(settings):
        scheduler.add_job(wake.set, trigger, coalesce=True, misfire_grace_time=None)
    scheduler.start()
    try:
        while not stop():
            run_due()
            slept = 0.0
            while not stop() and not wake.is_set() and slept < poll_seconds:
                wake.wait(min(0.5, poll_seconds))
                slept += 0.5
            wake.clear()
    finally:
        scheduler.shutdown(wait=False)


def triggers(settings: Settings) -> Sequence[CronTrigger | IntervalTrigger]:
    """APScheduler's wakings: weekday by name, zone explicit."""
    zone, plan = ZoneInfo(settings.zone), settings.schedule
    hour, minute = plan.report_time.split(":")
    heal_hour, heal_minute = plan.heal_time.split(":")
    remind = settings.remind.at.split(":") if settings.remind.at else []
    return (
        *(
            CronTrigger(hour=int(remind[0]), minute=int(remind[1]), timezone=zone)
            for _ in remind[:1]
        ),
        CronTrigger(day_of_week=plan.report_day, hour=int(hour), minute=int(minute), timezone=zone),
        CronTrigger(hour=int(heal_hour), minute=int(heal_minute), timezone=zone),
        IntervalTrigger(seconds=int(plan.sync_every_hours * 3600), timezone=zone),
    )
