"""Does what is too old end by itself, in the store and in the folder, and does the memory stay?

A whole year is played through the real jobs of timers: the nightly listing, the report, the retention
that goes with them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from config.clock import from_micros, to_micros
from connectors.interfaces import Page
from connectors.mailer import report_files
from connectors.sandbox.world.world import World
from connectors.sync import MAIL, apply_pages
from jobs.keeping import privacy
from jobs.schedule import serve
from reports.columns import iso_weeks
from tests.support.facts.seen import mail
from tests.support.providers.desk import Desk, Given, desk
from tests.support.providers.house import KATE, House
from tests.support.stored_mails import stored_mails

KEEP = 210
EARLY, LEE = "early@client.example", "lee@vendor.example"
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
YEAR = timedelta(days=364)
OMAR = "omar@client.example"


def year() -> World:
    """Somebody met in the first weeks and never again, and somebody met all year."""
    world = World(BEGAN - timedelta(days=2))
    world.account(KATE, "Kate Lind")
    world.human(EARLY, "Early Bird")
    world.human(LEE, "Lee Park")
    for week in range(0, 52, 4):
        day = BEGAN + timedelta(weeks=week, days=1)
        for who in (LEE, EARLY) if week < 5 else (LEE,):
            held = world.invite(
                day, KATE, [who], day + timedelta(days=2, hours=len(who)), title=f"Talk {week}"
            )
            world.answer(day + timedelta(hours=1), held, who, "accepted")
            world.mail(day, who, KATE, f"News {week}")
    return world


@pytest.mark.parametrize(
    "weeks",
    [pytest.param(2, marks=pytest.mark.proof), 8],
    ids=["every-second-week", "every-eighth"],
)
def test_a_year_of_timers_ends_what_is_too_old_and_keeps_the_memory(
    tmp_path: Path, weeks: int
) -> None:
    world = year()
    with desk("google", world, tmp_path, Given({"store": {"keep_days": KEEP}})) as kate:
        moment, reported = BEGAN, []
        while moment <= BEGAN + YEAR:
            world.advance_to(moment)
            said = serve.run_due(kate.context)
            assert not said.problems, said
            oldest = oldest_of(kate)
            assert oldest, "something is known"
            assert min(oldest.values()) >= moment - timedelta(days=KEEP), (moment, oldest)
            kept = weeks_in(tmp_path / "reports")
            assert kept, moment
            reported.append(max(kept))
            moment += timedelta(weeks=weeks)
        first = (moment - timedelta(weeks=weeks, days=KEEP)).date()
        assert len(set(reported)) == len(reported), "each time another report"
        alive = [week for week in reported if last_day(week) >= first]
        assert kept == sorted(alive)
        assert len(alive) < len(reported)
        frames = kate.context.store.frames()
        assert EARLY not in set(frames.guests.address) | set(frames.recipients.address)
        memory = frames.memory.set_index("address")
        assert {EARLY, LEE} <= set(memory.index)
        assert memory.loc[EARLY, "last_kept"] < pd.Timestamp(BEGAN + timedelta(weeks=6))
        assert EARLY.encode() not in readable(tmp_path / "reports")


def oldest_of(kate: Desk) -> dict[str, datetime]:
    """The oldest moment in every table of facts, by table."""
    columns = {
        "messages": "at",
        "calls": "at",
        "answers": "at",
        "observations": "start_at",
        "claims": "first_printed_at",
        "standings": "at",
        "runs": "started_at",
        "reports": "claimed_at",
        "polls": "started_at",
    }
    found = {}
    with kate.context.store.database.reading() as connection:
        for table, column in columns.items():
            first = connection.exec_driver_sql(f"SELECT min({column}) FROM {table}").scalar()
            if first is not None:
                found[table] = from_micros(int(first))
    return found


def weeks_in(reports: Path) -> list[str]:
    return sorted({path.name[:8] for path in reports.glob("*") if path.is_file()})


def last_day(week: str) -> date:
    return iso_weeks.monday_of(week) + timedelta(days=6)


def readable(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*.txt"))


def test_it_is_done_once_a_day_and_says_how_much(tmp_path: Path) -> None:
    world = year()
    with desk("google", world, tmp_path, Given({"store": {"keep_days": KEEP}})) as kate:
        world.advance_to(BEGAN)
        serve.run_due(kate.context)
        old = mail(EARLY, provider_id="old", moment=BEGAN - timedelta(days=KEEP + 1))
        box = kate.context.mailbox_id(kate.context.settings.mailbox[0])
        apply_pages(kate.context.store, box, MAIL, [Page(messages=(old,))])
        serve.run_due(kate.context)
        assert "old" in set(stored_mails(kate.context.store).provider_id)
        world.advance_to(BEGAN + timedelta(days=1))
        said = serve.run_due(kate.context)
        assert any(f"ended what is older than {KEEP} days" in line for line in said.lines)
        assert "old" not in set(stored_mails(kate.context.store).provider_id)
        jobs = kate.context.store.ledger.runs(since=to_micros(BEGAN), limit=5000)
        assert sum(one.job == "retention" for one in jobs) == 2


def test_a_listing_by_hand_ends_what_is_too_old(fetched: House) -> None:
    assert fetched.world is not None
    old = fetched.world.now - timedelta(days=900)
    with fetched.store() as store:
        (box,) = set(store.frames().mailboxes.mailbox_id)
        one = mail(OMAR, provider_id="of-old", moment=old)
        apply_pages(store, int(box), MAIL, [Page(messages=(one,))])
    fetched.type("sync")
    with fetched.store() as store:
        assert "of-old" in stored_mails(store).provider_id.tolist()
    typed = fetched.type("sync", "--heal")
    assert "ended what is older than 800 days" in typed.out + typed.err
    with fetched.store() as store:
        assert "of-old" not in stored_mails(store).provider_id.tolist()


def test_a_clock_that_leapt_ahead_ends_nothing_until_it_has_held_for_a_week(
    tmp_path: Path,
) -> None:
    """One run under a wrong clock must not cost everything that is known."""
    world = year()
    with desk("google", world, tmp_path, Given({"store": {"keep_days": KEEP}})) as kate:
        world.advance_to(BEGAN + timedelta(days=3))
        serve.run_due(kate.context)
        known = len(kate.context.store.frames().messages)
        assert known
        leapt = BEGAN + timedelta(days=3 * KEEP)
        for days in (0, 6):
            world.advance_to(leapt + timedelta(days=days))
            said = privacy.retain(kate.context)
            assert "the clock has moved on by 627 days at once" in said.lines[0]
            assert len(kate.context.store.frames().messages) == known
        world.advance_to(leapt + timedelta(days=8))
        privacy.retain(kate.context)
        assert len(kate.context.store.frames().messages) < known


def test_reminders_end_like_reports_and_other_files_of_the_folder_stay(fetched: House) -> None:
    folder = fetched.reports
    folder.mkdir(mode=0o700, exist_ok=True)
    names = ("2020-06-01-remind-kate@ourco.example.txt", "2020-W20-weekly-kate@ourco.example.html")
    theirs = ("2020-W20-notes.txt", "2020-06-01 remind me.txt")
    for name in (*names, *theirs):
        (folder / name).write_text("of then")
    assert fetched.type("sync", "--heal").code in (0, 3)
    left = {one.name for one in folder.iterdir()}
    assert left.isdisjoint(names)
    assert left >= set(theirs)


def test_a_folder_of_reports_that_cannot_be_read_fails_no_look(
    fetched: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: Path) -> dict[str, list[Path]]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(report_files, "reports", closed)
    typed = fetched.type("sync", "--heal")
    assert typed.code == 3
    assert "retention: old reports could not be removed: Permission denied" in typed.err
    assert str(fetched.reports) in typed.err
