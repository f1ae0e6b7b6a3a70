"""Is every report that did not reach its reader said in the next one, once, and none besides?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.clock import to_micros
from connectors.store.ledger import ReportClaim
from jobs.delivery import missed
from jobs.delivery.envelope.sent_mail import message_key
from jobs.delivery.missed import Missed, Why
from tests.support.facts import findings as b
from tests.support.facts.deliveries import FrameSight

NOW = to_micros(datetime(2026, 12, 21, 6, tzinfo=UTC))
HOUR = 3_600_000_000
DAY = 24 * HOUR


def line(
    week: str, state: str, *, sent: int = 0, ago: int = 7 * DAY, to: str = b.KATE
) -> ReportClaim:
    """A line of the ledger; `sent`: how often the report left, the last time so long ago."""
    at = NOW - ago
    key = message_key("7Q3F2K", sent, at, b.KATE) if sent else ""
    return ReportClaim(
        report_id=1,
        recipient=to,
        week=week,
        kind="weekly",
        state=state,
        token="7Q3F2K",
        message_key=key,
        tries=max(sent, 1),
        problem="",
        claimed_at=at,
        handed_over_at=at if state in ("handed_over", "seen") else None,
        seen_at=at if state == "seen" else None,
    )


def facts(looks: int = 3, *, read: bool = True) -> FrameSight:
    """Kate's mailbox with so many complete looks of the last hour; `read` False: it is not ours."""
    moment = datetime(2026, 12, 21, 5, tzinfo=UTC)
    look = {"stream": "mail", "kind": "delta", "started_at": moment, "finished_at": moment}
    more = {} if read else {"mailboxes": []}
    return FrameSight(b.facts(polls=[look] * looks, **more))


def before(week: str, *lines: ReportClaim, looks: int = 3, read: bool = True) -> tuple[Missed, ...]:
    return missed.before(week, b.KATE, lines, facts(looks, read=read), NOW, "once")


def test_nobody_misses_anything_before_their_first_report() -> None:
    assert before("2026-W51") == ()
    assert before("2026-W51", line("2026-W51", "seen", sent=1)) == ()


def test_what_arrived_is_not_missed() -> None:
    assert before("2026-W51", line("2026-W50", "seen", sent=1)) == ()


def test_weeks_in_which_nothing_ran_are_named_and_the_oldest_comes_first() -> None:
    assert before("2026-W51", line("2026-W48", "seen", sent=1)) == (
        Missed("2026-W49", Why.NOT_RUN),
        Missed("2026-W50", Why.NOT_RUN),
    )


def test_the_year_ends_with_its_week_53() -> None:
    found = before("2027-W02", line("2026-W52", "seen", sent=1))
    assert [one.week for one in found] == ["2026-W53", "2027-W01"]


def test_what_the_last_arrived_report_has_said_is_not_said_again() -> None:
    lines = (line("2026-W46", "seen", sent=1), line("2026-W50", "seen", sent=1))
    assert before("2026-W51", *lines) == ()


@pytest.mark.parametrize(
    ("state", "sent", "read", "why"),
    [
        ("released", 0, True, Why.NOT_SENT),
        ("claimed", 0, True, Why.NOT_SENT),
        ("handed_over", 2, True, Why.LOST),
        ("claimed", 2, True, Why.LOST),
        ("claimed", 1, False, Why.DOUBTFUL),
        ("handed_over", 1, False, None),
        ("seen", 2, True, None),
    ],
)
def test_each_end_of_a_report_has_its_reason(
    state: str, sent: int, read: bool, why: Why | None
) -> None:
    found = before("2026-W51", line("2026-W50", state, sent=sent), read=read)
    assert [one.why for one in found] == ([why] if why is not None else [])


def test_a_report_that_nobody_has_looked_for_yet_is_unseen_and_not_lost() -> None:
    (found,) = before("2026-W51", line("2026-W50", "handed_over", sent=1), looks=0)
    assert found.why is Why.UNSEEN


def test_a_report_of_this_morning_is_not_missed_because_it_is_still_on_its_way() -> None:
    assert before("2026-W51", line("2026-W50", "handed_over", sent=1, ago=HOUR), looks=0) == ()


def test_another_reader_s_reports_say_nothing_about_mine() -> None:
    lines = (line("2026-W50", "released", to="jonas@ourco.example"),)
    assert before("2026-W51", *lines) == ()


def test_a_long_absence_is_no_endless_list() -> None:
    found = before("2026-W51", line("2025-W51", "seen", sent=1))
    assert len(found) == missed.MOST_WEEKS
    assert found[-1].week == "2026-W50"


def test_the_sentence_names_weeks_reason_and_the_command_that_shows_the_last_one() -> None:
    (one,) = missed.sentences([Missed("2026-W50", Why.LOST)])
    assert "the report of 2026-W50: sent, and not in the mailbox" in one
    assert one.endswith("noshow report --week 2026-W50 --to folder")
    found = missed.sentences(
        [
            Missed("2026-W48", Why.NOT_RUN),
            Missed("2026-W49", Why.LOST),
            Missed("2026-W50", Why.NOT_RUN),
        ]
    )
    assert len(found) == 2
    assert "2026-W48 and 2026-W50" in found[0]
