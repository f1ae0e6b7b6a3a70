"""Do several processes read of a mailbox what one reads, whatever is in it and whatever happens?"""

from __future__ import annotations

import gzip
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.files import reader
from connectors.files.mail import mbox as splitting
from connectors.files.mail import side_by_side
from connectors.files.problems import Problem
from connectors.files.reader import read
from tests.connectors.files.test_fuzz import MAILBOXES
from tests.support.facts.files import (
    DANA,
    HORIZON,
    ME,
    Read,
    calendar,
    event,
    guest,
    imported,
    mail,
    mbox,
    organizer,
)

#: An act that asks what is known of its series: of the calendars, and of the mails before it.
LATER = calendar(
    event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261125T090000Z", organizer(DANA)), method="CANCEL"
)
SERIES = calendar(event("RRULE:FREQ=DAILY;COUNT=4", organizer(DANA), guest(ME)), method="REQUEST")
MAILS = [
    mail(key="<a@x.example>"),
    mail("X-Gmail-Labels: Sent,Clients", sender=ME, to=f"Dana <{DANA}>, {ME}", key=""),
    mail("Received: by x.example; Mon, 23 Nov 2026 09:00:00 +0000", key="<b@x.example>"),
    mail(date="no date", subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=", to="", key="<c@x.example>"),
    mail(ics=calendar(event(organizer(ME), guest(DANA, "ACCEPTED")), method="REPLY"), key="<d@x>"),
    mail(ics=SERIES, method="REQUEST", key="<e@x.example>"),
    mail(ics=LATER, method="CANCEL", key="<f@x.example>"),
    mail(ics=b"nothing of the kind\n", key="<g@x.example>"),
    mail("Bcc: \udcff".encode("utf-8", "surrogateescape").decode("latin-1"), key="<h@x>"),
    b"no header at all\n",
    b"",
]
Others = Callable[[], set[multiprocessing.process.BaseProcess]]
IGNORED: Callable[[Problem], None] = list[Problem]().append
FILES = st.one_of(
    st.lists(st.sampled_from(MAILS), max_size=30).map(lambda mails: mbox(*mails)), MAILBOXES
)


class Shared(side_by_side.Crew):
    """One process beside this one for all imports of this module."""

    def close(self) -> None:
        """They are still needed."""


@pytest.fixture(scope="module")
def crew() -> Iterator[side_by_side.Crew]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(side_by_side, "cores", lambda: 2)
        shared = Shared()
    yield shared
    side_by_side.Crew.close(shared)


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is large: its second mail is read by another process, with two others."""
    monkeypatch.setattr(side_by_side, "cores", lambda: 2)
    monkeypatch.setattr(side_by_side, "ALONE", 1)
    monkeypatch.setattr(side_by_side, "WORTH", 0)
    monkeypatch.setattr(side_by_side, "MOST", 3)
    monkeypatch.setattr(reader, "PAGE", 7)


def alone(paths: list[Path], cursor: str | None = None) -> Read:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(side_by_side, "cores", lambda: 1)
        return imported(paths, cursor=cursor)


@pytest.mark.usefixtures("early")
@given(FILES, st.integers(0, 5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_mailbox_gives_the_same_pages_problems_and_places(
    crew: side_by_side.Crew, data: bytes, page: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        path = Path(folder, "a.mbox")
        path.write_bytes(data)
        work = Path(folder, "work.ics")
        work.write_bytes(calendar(event("RRULE:FREQ=DAILY;COUNT=9", organizer(DANA))))
        expected = alone([work, path])
        patched.setattr(side_by_side, "Crew", lambda: crew)
        found = imported([work, path])
        assert found == expected
        # From the place of any page on as well.
        cursor = expected.pages[page % len(expected.pages)].cursor
        assert imported([path], cursor=cursor) == alone([path], cursor)


@pytest.mark.usefixtures("early")
def test_a_file_that_ends_in_the_middle_is_read_as_far_as_it_goes(
    crew: side_by_side.Crew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mbox.gz"
    monkeypatch.setattr(splitting, "BLOCK", 1_000)
    long = mail(body=os.urandom(300_000).hex(), key="<long@x.example>")
    path.write_bytes(gzip.compress(mbox(*MAILS * 9, long))[:-30])
    expected = alone([path])
    monkeypatch.setattr(side_by_side, "Crew", lambda: crew)
    assert imported([path]) == expected
    assert expected.messages
    assert any("ends too early" in one for one in expected.reasons())


@pytest.fixture
def others() -> Others:
    """The processes that were started since the test began."""
    before = set(multiprocessing.active_children())
    return lambda: set(multiprocessing.active_children()) - before


@pytest.mark.usefixtures("early")
def test_what_a_dead_process_has_not_read_this_one_reads(tmp_path: Path, others: Others) -> None:
    path = tmp_path / "a.mbox"
    path.write_bytes(mbox(*MAILS * 20))
    result = Read()
    for page in read(
        [path], me=(ME,), zone="Europe/Berlin", horizon=HORIZON, problems=result.problems.append,
        progress=result.progress.append,
    ):  # fmt: skip
        if len(result.pages) == 1:
            assert others()
            for one in others():
                one.kill()
                one.join()
        result.pages.append(page)
    assert result == alone([path])
    assert not others()


@pytest.mark.usefixtures("early")
def test_an_import_that_is_left_leaves_no_process_behind(tmp_path: Path, others: Others) -> None:
    path = tmp_path / "a.mbox"
    path.write_bytes(mbox(*MAILS * 20))
    pages = read([path], me=(ME,), zone="UTC", horizon=HORIZON, problems=IGNORED)
    next(pages), next(pages)
    assert others()
    pages.close()  # type: ignore[attr-defined]
    assert not others()


_HELD = """
import multiprocessing, signal, sys
from config.errors import Stopped
from connectors.files import reader
from connectors.files.mail import side_by_side
from tests.connectors.files.mail.test_side_by_side import HORIZON, ME
if __name__ == "__main__":
    stops = []
    signal.signal(signal.SIGINT, lambda *_: stops.append(1))
    side_by_side.cores = lambda: 2
    side_by_side.ALONE, side_by_side.WORTH, reader.PAGE = 1, 0, 7
    pages = reader.read(
        [sys.argv[1]], me=(ME,), zone="UTC", horizon=HORIZON, problems=print,
        should_stop=lambda: bool(stops),
    )
    next(pages), next(pages)
    print(*[one.pid for one in multiprocessing.active_children()], file=sys.stderr, flush=True)
    sys.stdin.read()
    try:
        next(pages)
    except Stopped:
        print("stopped after a page", file=sys.stderr)
"""


@contextmanager
def held(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """An import in a session of its own that waits behind two pages, and the processes that it hired."""
    path, script = folder / "a.mbox", folder / "held.py"
    path.write_bytes(mbox(*MAILS * 20))
    script.write_text(_HELD)
    root = Path(__file__).parents[4]
    with subprocess.Popen(
        [sys.executable, str(script), str(path)],
        env={**os.environ, "PYTHONPATH": str(root)},
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        hired = [int(word) for word in process.stderr.readline().split()]
        assert hired
        assert all(map(_lives, hired))
        yield process, hired


def test_a_killed_import_leaves_no_process_behind(tmp_path: Path) -> None:
    with held(tmp_path) as (process, hired):
        process.kill()
        process.wait()
        limit = time.monotonic() + 120
        while any(map(_lives, hired)):
            assert time.monotonic() < limit, "a process outlives the import"
            time.sleep(0.02)


def test_a_ctrl_c_that_reaches_all_of_them_ends_the_import_behind_its_page(tmp_path: Path) -> None:
    with held(tmp_path) as (process, hired):
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate()
        assert said == "stopped after a page\n"
        assert process.returncode == 0
        assert not any(map(_lives, hired))


def _lives(process: int) -> bool:
    """A zombie, which waits for whoever inherited it, does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.mark.usefixtures("early")
def test_a_small_file_starts_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: Others
) -> None:
    monkeypatch.setattr(side_by_side, "WORTH", 10_000)
    path = tmp_path / "a.mbox"
    path.write_bytes(mbox(*MAILS * 5))
    for _ in read([path], me=(ME,), zone="UTC", horizon=HORIZON, problems=IGNORED):
        assert not others()
