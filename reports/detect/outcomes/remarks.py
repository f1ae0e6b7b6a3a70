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


class Foreign(Enum):
    """What a stranger may have written: the words for one of it, and for more."""

    ANSWER = (
        "One mail looks like an answer to a report and did not come from this mailbox",
        "{} mails look like answers to a report and did not come from this mailbox",
    )
    CALL = (
        "One mail looks like a logged call and did not come from this mailbox",
        "{} mails look like logged calls and did not come from this mailbox",
    )
    CATEGORY = (
        "One entry with a category 'noshow: …' is not yours, or you declined it",
        "{} entries with a category 'noshow: …' are not yours, or you declined them",
    )
    ENTRY = (
        "One entry 'noshow absent' is not yours, or you declined it",
        "{} entries 'noshow absent' are not yours, or you declined them",
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
            single, several = kind.value
            what = single if len(times) == 1 else several.format(len(times))
            last = max(times).tz_convert(zone)
            said.append(f"{what} ({'last ' if len(times) > 1 else ''}{last:%Y-%m-%d}): not obeyed.")
    return tuple(dict.fromkeys(said))
