"""What is to be said of the answers, calls and marks that did nothing?

The user's own are named one by one, the newest first. What a stranger may have written is counted:
one line a kind and week, whatever the number, so that nobody can crowd out what the user must see
(rules.md section 0).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import pandas as pd

from config.policy import Policy
from config.sentences import counted, mark_counts
from reports.columns import iso_weeks


class Foreign(Enum):
    """What a stranger may have written: the words for one of it, and for more."""

    ANSWER = mark_counts(
        "One mail looks like an answer to a report and did not come from this mailbox ({day}): not obeyed.",
        "{count} mails look like answers to a report and did not come from this mailbox (last {day}): not obeyed.",
    )
    CALL = mark_counts(
        "One mail looks like a logged call and did not come from this mailbox ({day}): not obeyed.",
        "{count} mails look like logged calls and did not come from this mailbox (last {day}): not obeyed.",
    )
    CATEGORY = mark_counts(
        "One entry with a category 'noshow: …' is not yours, or you declined it ({day}): not obeyed.",
        "{count} entries with a category 'noshow: …' are not yours, or you declined them (last {day}): not obeyed.",
    )
    ENTRY = mark_counts(
        "One entry 'noshow absent' is not yours, or you declined it ({day}): not obeyed.",
        "{count} entries 'noshow absent' are not yours, or you declined them (last {day}): not obeyed.",
    )


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to be said; `at`: when what it is about was done.

    `own`: the user did it. `foreign`: perhaps somebody else did, and it is counted, not quoted.
    `about`: the series UID of the entry that it is about; "" for none.
    """

    at: pd.Timestamp
    text: str = ""
    foreign: Foreign | None = None
    own: bool = True
    about: str = ""


@dataclass(frozen=True, slots=True)
class Notices:
    """The lines, and how many of the first are of what the user did within the last weeks."""

    lines: tuple[str, ...]
    own: int


def noticed(remarks: Iterable[Remark], policy: Policy, as_of: pd.Timestamp, zone: str) -> Notices:
    """The remarks as lines: the user's own, what happened, and a line a kind and week for others.

    What others wrote is named for as long as a question can be answered, by the weeks of `zone`:
    however many reports a week has and however many weeks a report tells of, each week is one line.
    """
    remarks = sorted(remarks, key=lambda one: one.text)
    remarks.sort(key=lambda one: one.at, reverse=True)
    since = as_of - pd.Timedelta(days=policy.question_expiry_days)
    own = [one for one in remarks if one.foreign is None and one.own]
    recent = dict.fromkeys(one.text for one in own if one.at > since)
    said = [one.text for one in own]
    said += [one.text for one in remarks if one.foreign is None and not one.own]
    weeks: dict[tuple[str, Foreign], list[pd.Timestamp]] = {}
    for one in remarks:
        if one.foreign is not None and one.at > since:
            day = one.at.tz_convert(zone)
            weeks.setdefault((iso_weeks.week_of(day.date()), one.foreign), []).append(day)
    for week in sorted({week for week, _ in weeks}, reverse=True):
        for kind in Foreign:
            if days := weeks.get((week, kind)):
                said.append(counted(*kind.value, len(days), day=f"{max(days):%Y-%m-%d}"))
    return Notices(tuple(dict.fromkeys(said)), len(recent))
