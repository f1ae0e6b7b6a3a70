"""Which meetings of the next working day are worth a word now, and which of them need none any more?

The afternoon before (`[remind] at`), for meetings with somebody on the list. None where anything
was said since the reader's last report: they wrote, answered or moved it, or we wrote to them or to
whoever acts for them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from config.ours import Ours
from connectors.model.frames import Frames
from reports.columns import addresses
from reports.columns.business_days import Calendar
from reports.detect.tags import merge_map
from reports.schemas import Findings
from reports.vocabulary import Tier
from reports.weekly.report import Coming, WeeklyReport

#: Without an earlier report: what was said in this time counts as said about it.
_LOOK_BACK = pd.Timedelta(days=7)
#: After so many days without one there is no working day to wait for.
_LONGEST = 14


def next_working_day(day: date, calendar: Calendar, zone: str) -> date | None:
    """The first business day after this local day; None where none comes within two weeks."""
    for ahead in range(1, _LONGEST + 1):
        found = day + timedelta(days=ahead)
        if is_working_day(found, calendar, zone):
            return found
    return None


def is_working_day(day: date, calendar: Calendar, zone: str) -> bool:
    """Is this local day a business day?"""
    noon = pd.Timestamp(datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)))
    before = noon - pd.Timedelta(days=1)
    counted = calendar.between(pd.Series([before.tz_convert("UTC")]), noon.tz_convert("UTC"))
    return int(counted.iloc[0]) == 1


def worth_a_word(
    report: WeeklyReport, findings: Findings, facts: Frames, ours: Ours
) -> tuple[Coming, ...]:
    """The meetings up to the end of the next working day that still need a word, by time.

    Empty on a day that is no working day: whoever rests is not reminded.
    """
    zone = ZoneInfo(report.zone)
    today = report.as_of.tz_convert(zone).date()
    calendar = Calendar(ours.zone, ours.countries, ours.weekend)
    last = next_working_day(today, calendar, report.zone)
    if last is None or not is_working_day(today, calendar, report.zone):
        return ()
    listed = {one.who.address for one in report.people if one.tier in (Tier.TALK, Tier.PAUSE)}
    since = _last_report(report, facts)
    spoke = set(findings.acts.loc[findings.acts["at"] > since, "contact"])
    written = _written_to(facts, ours, since, report.as_of)
    helped = findings.assistants.loc[findings.assistants["assistant"].isin(written), "principal"]
    spoke |= written | {str(one) for one in helped}
    found = []
    for one in report.coming:
        day = one.start_at.tz_convert(zone).date()
        if not today < day <= last or not one.k or one.who.address not in listed:
            continue
        changed = one.agreed_at is not None and one.agreed_at > since
        if one.who.address not in spoke and not changed:
            found.append(one)
    return tuple(found)


def _last_report(report: WeeklyReport, facts: Frames) -> pd.Timestamp:
    """When this reader was last told: what another reader was told since is no news to them."""
    mine = facts.standings["mailbox_id"].isin(list(report.addresses))
    past = facts.standings.loc[mine & (facts.standings["at"] < report.as_of), "at"]
    latest: pd.Timestamp = past.max() if len(past) else report.as_of - _LOOK_BACK
    return max(latest, report.as_of - _LOOK_BACK)


def _written_to(facts: Frames, ours: Ours, since: pd.Timestamp, as_of: pd.Timestamp) -> set[str]:
    """The contacts whom we wrote to since, at whatever address of theirs: a word was said."""
    sent = facts.messages.loc[
        facts.messages["sent"] & ~facts.messages["draft"] & (facts.messages["at"] > since),
        "message_id",
    ]
    to = facts.recipients.loc[facts.recipients["message_id"].isin(sent), "address"]
    return {str(one) for one in addresses.contacts(to, ours, merge_map(facts.tags, as_of)) if one}
