"""Does `noshow import` go on where it was stopped, say whose files it needs, and lose nothing?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.clock import Clock, to_micros
from config.errors import ConfigError, Stopped
from config.paths import Paths
from config.settings import Mailbox, Own, Settings
from connectors.files import importing as files
from connectors.files import reader
from connectors.files.problems import Progress
from connectors.store.store import Store
from jobs.console.outcome import DONE, NOTHING, PARTLY
from jobs.console.progress import Reporter
from jobs.context import Context
from jobs.fetch import import_files
from tests.support.facts.files import (
    DANA,
    ME,
    calendar,
    event,
    guest,
    mail,
    mbox,
    organizer,
    zipped,
)
from tests.support.machine.holding import held, stored
from tests.support.store_dump import dump

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOSHOW = Path(sys.executable).with_name("noshow")


@dataclass
class Heard(Reporter):
    """What a terminal would show; `stop_after` mails somebody presses Ctrl-C."""

    lines: list[str] = field(default_factory=list)
    stop_at: int | None = None
    context: Context | None = None

    def __call__(self, unit: str, done: int, total: int | None = None, note: str = "") -> None:
        self.lines.append(f"{unit}: {done} of {total} {note}")
        if (
            self.stop_at is not None
            and self.context is not None
            and len(self.lines) >= self.stop_at
        ):
            self.context.stop.stop()


@contextmanager
def desk(folder: Path, *, stop_at: int | None = None) -> Iterator[Context]:
    """The store of one person below a folder, opened anew, with a clock that stands still."""
    clock = Clock(now_=lambda: NOW)
    folder.mkdir(exist_ok=True)
    with Store.open(f"sqlite:///{folder / 'store.db'}", clock) as store:
        heard = Heard(stop_at=stop_at)
        heard.context = Context(
            Settings(
                mailbox=(Mailbox(address=ME, provider="files"),),
                own=Own(domains=(ME.partition("@")[2],)),
            ),
            Paths(config=folder, state=folder, reports=folder),
            clock,
            store,
            say=heard,
        )
        yield heard.context


def letters(box: str, count: int, start: datetime = NOW - timedelta(days=200)) -> bytes:
    """A mailbox with a mail every day."""
    days = [start + timedelta(days=number) for number in range(count)]
    return mbox(
        *(
            mail(key=f"<{box}.{number}@x.example>", date=f"{day:%a, %d %b %Y %H:%M:%S} +0000")
            for number, day in enumerate(days)
        )
    )


@pytest.fixture
def takeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A calendar, two mailboxes (one zipped) and calls, in pages of twenty."""
    monkeypatch.setattr(reader, "PAGE", 20)
    folder = tmp_path / "takeout"
    folder.mkdir()
    (folder / "dana@client.example.mbox").write_bytes(letters("a", 90))
    (folder / "b.zip").write_bytes(zipped({"Takeout/Mail/Sent.mbox": letters("b", 90)}))
    series = event("RRULE:FREQ=DAILY;COUNT=30", organizer(DANA), guest(ME, "ACCEPTED"))
    (folder / "work.ics").write_bytes(calendar(series))
    (folder / "calls.csv").write_text(f"date,address,outcome\n2026-11-03,{DANA},spoke\n")
    return folder


def run_until_stopped(folder: Path, takeout: Path, stop_at: int) -> bool:
    with desk(folder, stop_at=stop_at) as context:
        try:
            import_files.run(context, paths=(takeout,))
        except Stopped:
            return True
    return False


def test_a_stopped_import_goes_on_where_it_was_and_ends_in_the_same_state(
    takeout: Path, tmp_path: Path
) -> None:
    with desk(tmp_path / "whole") as context:
        import_files.run(context, paths=(takeout,))
        whole = dump(context.store)
    stops = [stop for stop in range(2, 12) if run_until_stopped(tmp_path / "torn", takeout, 2)]
    assert len(stops) > 3
    with desk(tmp_path / "torn") as context:
        outcome = import_files.run(context, paths=(takeout,))
        torn = dump(context.store)
    assert outcome.code == DONE
    assert torn == whole


def test_what_was_read_before_the_stop_is_not_read_again(takeout: Path, tmp_path: Path) -> None:
    assert run_until_stopped(tmp_path / "desk", takeout, 5)
    with desk(tmp_path / "desk") as context:
        before = context.store.pending.counts(1).stored
        outcome = import_files.run(context, paths=(takeout,))
        after = context.store.pending.counts(1).stored
    assert 0 < before < after == 180
    assert f"{180 - before} mails new; 0 meeting facts new" in outcome.lines[0]
    # The calendar is looked at again; of the mails only what is left, and the one call.
    assert outcome.lines[0].startswith(f"{30 + 180 - before + 1} mails")


def polls(context: Context) -> dict[str, tuple[int, int]]:
    frame = context.store.frames(NOW).polls
    done = frame[frame["finished_at"].notna() & frame["window_to"].notna()]
    spans = zip(done["stream"], done["window_from"], done["window_to"], strict=True)
    return {stream: (to_micros(since), to_micros(until)) for stream, since, until in spans}


def test_a_stopped_import_vouches_for_nothing_until_it_is_whole(
    takeout: Path, tmp_path: Path
) -> None:
    assert run_until_stopped(tmp_path / "desk", takeout, 8)
    with desk(tmp_path / "desk") as context:
        assert polls(context) == {}
        import_files.run(context, paths=(takeout,))
        since, until = polls(context)["mail"]
    # From the first mail, that the run before had read, to the last.
    assert since == to_micros(NOW - timedelta(days=200))
    assert until == to_micros(NOW - timedelta(days=111, seconds=-1))


def test_a_mailbox_of_three_weeks_does_not_say_what_was_before_them(tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_bytes(letters("a", 21, NOW - timedelta(days=22)))
    with desk(tmp_path / "desk") as context:
        import_files.run(context, paths=(tmp_path / "a.mbox",))
        since, _ = polls(context)["mail"]
    assert since == to_micros(NOW - timedelta(days=22))


def test_an_export_is_no_look_behind_its_day(takeout: Path, tmp_path: Path) -> None:
    one = event(organizer(DANA), guest(ME, "ACCEPTED"))
    two = event(organizer(DANA), uid="m2@acme.example", start="20261010T090000Z")
    (tmp_path / "work.ics").write_bytes(calendar(one, two))
    with desk(tmp_path / "desk") as context:
        import_files.run(context, paths=(tmp_path / "work.ics",))
        since, until = polls(context)[files.CALENDARS]
    assert since == to_micros(datetime(2026, 10, 10, 9, tzinfo=UTC))
    # All its entries bear one stamp, which is when it was exported.
    assert until == to_micros(datetime(2026, 11, 1, 8, 0, 1, tzinfo=UTC))


def test_the_same_files_once_more_add_nothing(takeout: Path, tmp_path: Path) -> None:
    with desk(tmp_path / "desk") as context:
        import_files.run(context, paths=(takeout,))
        first = dump(context.store)
        outcome = import_files.run(context, paths=(takeout,))
        assert dump(context.store) == first
    assert outcome.code == DONE
    assert "0 mails new; 0 meeting facts new" in outcome.lines[0]


def test_old_and_new_exports_of_one_calendar_may_come_again(tmp_path: Path) -> None:
    for number, stamp in enumerate(("20261101", "20261108")):
        data = calendar(event(f"DTSTAMP:{stamp}T080000Z", f"SUMMARY:version {number}"))
        (tmp_path / f"work ({number}).ics").write_bytes(data)
    paths = tuple(tmp_path.glob("*.ics"))
    with desk(tmp_path / "desk") as context:
        import_files.run(context, paths=paths)
        first = dump(context.store)
        outcome = import_files.run(context, paths=paths)
        assert dump(context.store) == first
    assert (outcome.code, outcome.problems) == (DONE, ())


def test_an_act_upon_all_later_occurrences_finds_those_of_an_earlier_import(
    takeout: Path, tmp_path: Path
) -> None:
    cancel = calendar(
        event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261220T090000Z", organizer(DANA)),
        method="CANCEL",
    )
    (tmp_path / "late.mbox").write_bytes(mbox(mail(ics=cancel, method="CANCEL")))
    with desk(tmp_path / "desk") as context:
        import_files.run(context, paths=(takeout,))
        import_files.run(context, paths=(tmp_path / "late.mbox",))
        frames = context.store.frames(NOW)
    cancelled = frames.observations[frames.observations["method"] == "cancel"]
    told = frames.meetings.set_index("meeting_id")["recurrence_id"]
    assert sorted(told[cancelled["meeting_id"]]) == [f"202612{day}T090000Z" for day in (20, 21, 22)]


def test_no_name_of_a_file_stays_in_the_store(takeout: Path, tmp_path: Path) -> None:
    """People name files after people; a stopped import remembers which ones it has read."""
    assert run_until_stopped(tmp_path / "desk", takeout, 9)
    with desk(tmp_path / "desk") as context:
        place = dump(context.store)["cursors"]
    assert place
    assert "client.example" not in str(place)
    assert "work" not in str(place)


def test_what_could_not_be_read_is_named_with_its_place_and_the_rest_is_there(
    takeout: Path, tmp_path: Path
) -> None:
    (takeout / "old.zip").write_bytes(b"PK\x03\x04 torn")
    with desk(tmp_path / "desk") as context:
        outcome = import_files.run(context, paths=(takeout,))
        assert context.store.pending.counts(1).stored == 180
    assert outcome.code == PARTLY
    assert any("old.zip" in line for line in outcome.problems)


def test_a_long_import_says_how_fast_it_is_and_how_long_it_will_take(tmp_path: Path) -> None:
    seconds = iter([0.0, 1.0, 100.0, 200.0])
    clock = Clock(now_=lambda: NOW, steady_=lambda: next(seconds))
    with desk(tmp_path / "desk") as context:
        context.clock = clock
        tell = import_files.Voice(context)
        for done in (1, 10, 20):
            tell(
                Progress(
                    "a.mbox",
                    done << 20,
                    60 << 20,
                    done * 100,
                    done * 100,
                    3,
                    0,
                    done << 20,
                    60 << 20,
                )
            )
        heard = context.say.lines  # type: ignore[attr-defined]
    assert heard[0] == "import: 1024 of 61440 KiB, 100 mails/s, 3 records"
    assert heard[1] == "import: 10240 of 61440 KiB, 10 mails/s, 3 records, 8 min left"
    assert heard[2].endswith("7 min left")


def variables(home: Path) -> dict[str, str]:
    return {"NOSHOW_HOME": str(home), "NOSHOW_NOW": NOW.isoformat(), "PATH": "/usr/bin:/bin"}


def typed(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NOSHOW), *map(str, words)],
        env=variables(home),
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_an_owner_it_says_who_it_might_be_and_what_to_type(tmp_path: Path) -> None:
    sent = [mail("X-Gmail-Labels: Sent", sender=ME, to=DANA, key=f"<{n}@x.example>") for n in "ab"]
    (tmp_path / "a.mbox").write_bytes(mbox(*sent, mail()))
    ended = typed(tmp_path / "home", "import", tmp_path / "a.mbox")
    assert ended.returncode == 2
    assert f"perhaps {ME} (" in ended.stderr
    assert f"--me {ME}" in ended.stderr
    assert not (tmp_path / "home" / "noshow.toml").exists()
    again = typed(tmp_path / "home", "import", tmp_path / "a.mbox", "--me", ME)
    assert (again.returncode, again.stderr.count("perhaps")) == (0, 0)
    assert ": 3 mails new" in again.stdout
    assert "next: noshow report --open" in again.stdout


@pytest.mark.proof
def test_ctrl_c_ends_it_after_a_page_and_the_next_run_goes_on(tmp_path: Path) -> None:
    home, box = tmp_path / "home", tmp_path / "all.mbox"
    database = home / "state" / "noshow.db"
    with box.open("wb") as stream:
        for part in range(80):
            stream.write(letters(f"part{part}", 500))
    words = [str(NOSHOW), "import", str(box), "--me", ME]
    process = subprocess.Popen(
        words,
        env=variables(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with held(database, 1_000):
        # As a terminal does: all processes of the import hear it.
        os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "goes on where this one ended" in said
    before = stored(database)
    assert 1_000 <= before < 40_000
    again = typed(home, "import", box)
    assert again.returncode == 0
    assert stored(database) == 40_000
    # What had been stored is not read once more.
    assert again.stdout.startswith(f"{40_000 - before} mails")


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with desk(tmp_path / "desk") as context, pytest.raises(ConfigError, match=r"gone\.mbox"):
        import_files.run(context, paths=(tmp_path / "gone.mbox",))


def test_somebody_elses_address_is_not_taken_for_the_owner(takeout: Path, tmp_path: Path) -> None:
    with desk(tmp_path / "desk") as context, pytest.raises(ConfigError, match="no mailbox"):
        import_files.run(context, paths=(takeout,), me=("other@acme.example",))


def test_a_folder_of_nothing_says_that_nothing_was_there(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with desk(tmp_path / "desk") as context:
        outcome = import_files.run(context, paths=(tmp_path / "notes.txt",))
    assert outcome.code == NOTHING
    assert outcome.lines == (
        "0 mails, meetings and calls read for me@acme.example: 0 mails new; 0 meeting facts new",
    )
