"""What do all sections need in order to write: words, days, ids, answers?"""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from reports.claims import Claim
from reports.render.document import Action, Run
from reports.render.words.amounts import notice
from reports.render.words.days import Days
from reports.render.words.english import English, of
from reports.weekly import links
from reports.weekly.report import Notice, WeeklyReport, Who

#: An interval of more hours is no notice any more: its two days say it better.
_DAYS_APART = 72


class Pen:
    """What all sections need to write: the report, its words, its days, its ids."""

    def __init__(self, report: WeeklyReport) -> None:
        self.report = report
        self.words: English = of(report.language)
        self.days = Days(report.zone, report.language, report.as_of)

    def id(self, claim: Claim) -> str:
        """The claim's id; "" in a preview, where nothing can be answered."""
        return self.report.ids.get(claim, "")

    def answers(self, claim: Claim, *pairs: tuple[str, str]) -> tuple[Action, ...]:
        """Small links that answer a claim: (word, label)."""
        found = self.id(claim)
        mailbox = self.report.addresses.get(claim.mailbox_id, "")
        if not found or not mailbox:
            return ()
        return tuple(
            Action(label, links.answer(mailbox, found, word), f"noshow {found} {word}")
            for word, label in pairs
        )

    def org(self, who: Who) -> str:
        """The organisation in brackets behind a name, unless the address already says it."""
        return f" ({who.organisation})" if who.organisation and who.name != who.address else ""

    def notice(self, known: Notice, start_at: pd.Timestamp) -> str:
        """When a change came, told from the start; between two days where that spans days."""
        lo, hi = known.lo, known.hi
        if lo is None or hi is None or hi - lo < _DAYS_APART:
            return notice(lo, hi)
        ends = (start_at - pd.Timedelta(hours=hours) for hours in (hi, lo))
        return self.words.between(*(self.days.day(end) for end in ends))

    def titled(self, subject: str, link: str = "", *, strong: bool = False) -> Run:
        """A meeting's title as part of a sentence."""
        return Run(subject or self.words.untitled, "strong" if strong else "", link)


def strong(who: Who) -> Run:
    return Run(who.name, "strong")


def week_number(week: str) -> int:
    return int(week.rpartition("W")[2])


def is_last_week(earlier: str, week: str) -> bool:
    """Is `earlier` the ISO week right before `week`?"""
    monday = [datetime.strptime(f"{one}-1", "%G-W%V-%u") for one in (earlier, week)]  # noqa: DTZ007
    return (monday[1] - monday[0]).days == 7


def iso_week(at: pd.Timestamp, zone: str) -> int:
    return int(at.tz_convert(zone).isocalendar().week)
