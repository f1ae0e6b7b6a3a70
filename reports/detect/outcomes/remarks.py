"""What is to be said of the answers, calls and marks that did nothing?

The user's own are named one by one, the newest first. What a stranger may have written is counted:
one line a kind, whatever the number, so that nobody can crowd out what the user must see
(rules.md section 0).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import pandas as pd

from config.policy import Policy
from config.sentences import counted, mark_counts


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
    """One thing to be said; `at`: when what it is about was done. `foreign`: perhaps not by us."""

    at: pd.Timestamp
    text: str = ""
    foreign: Foreign | None = None


def lines(
    remarks: Iterable[Remark], policy: Policy, as_of: pd.Timestamp, zone: str
) -> tuple[str, ...]:
    """The remarks as lines: the user's own, then one a kind for all others.

    What others wrote is named for as long as a question can be answered.
    """
    remarks = list(remarks)
    own = sorted((one for one in remarks if one.foreign is None), key=lambda one: one.text)
    own.sort(key=lambda one: one.at, reverse=True)
    since = as_of - pd.Timedelta(days=policy.question_expiry_days)
    said = [one.text for one in own]
    for kind in Foreign:
        times = [one.at for one in remarks if one.foreign is kind and one.at > since]
        if times:
            last = f"{max(times).tz_convert(zone):%Y-%m-%d}"
            said.append(counted(*kind.value, len(times), day=last))
    return tuple(dict.fromkeys(said))
