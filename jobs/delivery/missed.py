"""Which reports did their reader not get, and why? What the next report and `status` say of them.

A report that went out and was not seen, one that could not be sent, and a week in which noshow
did not run when it was due: none of them is passed over in silence (design, section 6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

from config.sentences import sentence
from connectors.model.normal_forms import address as normal_address
from connectors.store.ledger import ReportClaim
from jobs.context import Context
from jobs.delivery.arrival import HOURS, Resend, Sight, Verdict, verdict, watched
from jobs.delivery.envelope.audience import WEEKLY, Audience, audiences
from jobs.delivery.envelope.sent_mail import sent_of
from reports.columns import iso_weeks

#: What is older is no news any more, and would make a list of a long holiday.
MOST_WEEKS: Final = 8


class Why(Enum):
    """Why a report is not with its reader, in words that fit one report and several."""

    NOT_RUN = sentence("noshow did not run when due, nor within the time allowed for being late")
    NOT_SENT = sentence("sending failed")
    LOST = sentence("sent, and not in the mailbox")
    DOUBTFUL = sentence("sent, and the mail server never said whether it took the mail")
    UNSEEN = sentence("handed over, and not seen in the mailbox yet")


@dataclass(frozen=True, slots=True)
class Missed:
    """One week whose report did not reach its reader, as far as is known."""

    week: str
    why: Why


def state_of(line: ReportClaim, sight: Sight, now: int, resend: Resend) -> Why | None:
    """Why this report is not with its reader; None where it is, or left a short time ago.

    `now` in µs UTC.
    """
    if line.state == "released" or (line.state != "seen" and sent_of(line.message_key) is None):
        return Why.NOT_SENT
    look = watched(line, sight.mailboxes().get(line.recipient), sight)
    what = verdict(line, look, now, resend)
    if what is Verdict.LOST:
        sent = sent_of(line.message_key)
        sure = line.state == "handed_over" or (sent is not None and sent.number > 1)
        return Why.LOST if sure else Why.DOUBTFUL
    if what is Verdict.DONE:
        return None
    sent = sent_of(line.message_key)
    young = sent is not None and now - sent.at < 2 * HOURS * 3_600_000_000
    return None if young else Why.UNSEEN


def undelivered(context: Context, *states: str) -> frozenset[str]:
    """The weeks whose report is in one of these states of the ledger, for today's readers.

    `released`: it surely did not leave, and is due again; `claimed`: it was never said whether it
    was taken, or a run ended in its middle.
    """
    if not context.settings.mailbox:
        return frozenset()
    readers = {normal_address(one.recipient) for one in audiences(context)}
    return frozenset(
        line.week
        for line in context.store.ledger.reports(*states)
        if line.kind == WEEKLY and line.recipient in readers
    )


def untold(context: Context, audience: Audience, week: str) -> tuple[str, ...]:
    """What is to be said to this reader of the reports before `week` that they did not get."""
    found = before(
        week,
        normal_address(audience.recipient),
        context.store.ledger.reports(),
        context.store.sightings,
        context.clock.micros(),
        context.settings.report.resend,
    )
    return sentences(found)


def before(
    week: str,
    recipient: str,
    lines: Iterable[ReportClaim],
    sight: Sight,
    now: int,
    resend: Resend,
) -> tuple[Missed, ...]:
    """The weeks before `week` whose reports this reader did not get, the oldest first.

    Only those since the last report that did reach them: what lay before was said in that one.
    Nobody misses a week before their first report. `lines` are the ledger's, of any reader.
    """
    mine = {
        line.week: line
        for line in lines
        if line.recipient == recipient and line.kind == WEEKLY and line.week < week
    }
    if not mine:
        return ()
    first = min(mine)
    found: list[Missed] = []
    for earlier in _back_from(week):
        if earlier < first or len(found) == MOST_WEEKS:
            break
        line = mine.get(earlier)
        why = Why.NOT_RUN if line is None else state_of(line, sight, now, resend)
        if why is None:
            break
        found.append(Missed(earlier, why))
    return tuple(reversed(found))


def sentences(missed: Iterable[Missed]) -> tuple[str, ...]:
    """One line a reason, with the command that shows the last of its reports."""
    by_reason: dict[Why, list[str]] = {}
    for one in missed:
        by_reason.setdefault(one.why, []).append(one.week)
    return tuple(_sentence(why, weeks) for why, weeks in by_reason.items())


def _sentence(why: Why, weeks: list[str]) -> str:
    *some, last = weeks
    return sentence(
        "You may have missed the report of {weeks}: {why}. Read it with: {command}",
        weeks=sentence("{some} and {last}", some=", ".join(some), last=last) if some else last,
        why=why.value,
        command=f"noshow report --week {last} --to folder",
    )


def _back_from(week: str) -> Iterable[str]:
    """The ISO weeks before this one, the latest first, without an end."""
    monday = iso_weeks.monday_of(week)
    while True:
        monday -= timedelta(days=7)
        yield iso_weeks.week_of(monday)
