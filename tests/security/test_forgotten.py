"""Is a forgotten person gone from every byte below the home?"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.interfaces import Page
from connectors.store.database import engine
from connectors.store.privacy.traces import naming
from connectors.store.store import Store
from connectors.sync import MAIL, apply_pages
from tests.support.facts.seen import DANA, Hands, at, mail, mailbox, meeting
from tests.support.providers.house import KATE, House, ended, house_with_google, moved_into
from tests.support.stored_mails import stored_mails

OMAR = "omar@client.example"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        with house_with_google(tmp_path_factory.mktemp("known"), patch) as made:
            assert made.type("sync").code == 0
            made.type("tag", OMAR, "warm")
            made.type("call", OMAR, "no-answer")
            made.type("promise", OMAR, "a draft", "--by", "2026-12-01")
            assert made.type("report", "--to", "folder").code in (0, 3)
            yield made


@pytest.fixture
def known(built: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with moved_into(built, tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SQLite that unlinks what is deleted and overwrites nothing, as some systems ship it."""
    before = engine._on_connect

    def connect(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA secure_delete=OFF").fetchall()
        before(connection, record)

    monkeypatch.setattr(engine, "_on_connect", connect)


def traces(folder: Path, *words: str) -> list[str]:
    """The files below the folder in whose bytes one of the words stands."""
    raw = [form for word in words for form in (word.encode(), word.upper().encode())]
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and any(one in path.read_bytes() for one in raw)
    ]


def test_every_byte_below_the_home_forgets_and_everybody_else_stays(
    known: House, careless: None
) -> None:
    state = known.paths.state
    (state / "run-due.log").write_text(f"one line\nnothing is known of {OMAR}\nanother\n")
    stale = state / "frames-killed"
    stale.mkdir()
    (stale / "copy.db").write_text(OMAR)
    assert len(traces(known.home, OMAR)) >= 3
    # Rows that an older noshow deleted without overwriting them lie in free pages.
    with closing(sqlite3.connect(state / "noshow.db")) as old:
        old.execute("PRAGMA secure_delete=OFF").fetchall()
        old.execute("CREATE TABLE junk (t TEXT)")
        old.executemany("INSERT INTO junk VALUES (?)", [(f"{OMAR} {n}",) for n in range(500)])
        old.execute("DROP TABLE junk")
        old.commit()
    names = [one for one in known_names(known) if len(one) > 3]
    stem = known.reports / "2026-W20-weekly-kate@ourco.example"
    stem.with_name(f"{stem.name}.txt").write_text(f"{names[0]} cancelled on the day.")
    stem.with_name(f"{stem.name}.html").write_text("<p>A page.</p>")
    stem.with_name(f"{stem.name}.eml").write_bytes(b64encode(OMAR.encode()))
    stem.with_name(f"{stem.name}-chart.png").write_bytes(b"picture")
    typed = known.type("forget", "Omar+x@Client.Example", "--yes")
    assert typed.code == 0, typed.said
    assert list(known.reports.glob("2026-W20-*")) == []
    assert traces(known.home, OMAR, *names) == []
    assert (state / "run-due.log").read_text() == "one line\nanother\n"
    assert "removed these reports" in typed.out
    assert f"{stem}.html" in typed.out
    assert traces(known.home, "client.example"), "the others stay"
    # A sync, and a report, do not bring them back.
    assert known.type("sync", "--heal").code in (0, 3)
    known.type("report", "--to", "folder")
    assert traces(known.home, OMAR) == []
    assert known.type("contact", OMAR).code == 4


def known_names(house: House) -> tuple[str, ...]:
    with house.store() as store:
        return store.privacy.names_of(OMAR)


def test_a_report_that_does_not_name_them_stays(known: House) -> None:
    innocent = known.reports / "2026-W10-weekly-kate@ourco.example.txt"
    innocent.write_text("Nobody cancelled.")
    known.type("forget", OMAR, "--yes")
    assert innocent.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("tag", OMAR, "warm"),
        ("tag", "eli@client.example", "same-person", OMAR, "--new"),
        ("call", OMAR, "spoke"),
        ("promise", OMAR, "a draft", "--by", "2026-12-01"),
    ],
    ids=lambda words: words[0],
)
def test_what_is_said_of_a_forgotten_person_is_refused_with_the_reason(
    known: House, words: tuple[str, ...]
) -> None:
    known.type("forget", OMAR, "--yes")
    typed = known.type(*words)
    assert typed.code == 2
    assert "was forgotten" in typed.err
    assert traces(known.home, OMAR) == []


def test_another_address_of_the_same_person_is_named_since_it_is_still_known(known: House) -> None:
    other = "omar@newco.example"
    assert known.type("tag", OMAR, "same-person", other, "--new").code == 0
    out = known.type("forget", OMAR, "--yes").out
    assert f"by your tag the same person: {other}; forget that as well" in out
    assert traces(known.home, OMAR) == []


def test_when_somebody_was_forgotten_is_kept_without_the_name(known: House) -> None:
    known.type("forget", OMAR, "--yes")
    out = known.type("doctor").out
    assert "forgotten: 1 person, last on 2026-11-23" in out
    assert traces(known.home, OMAR) == []


@pytest.mark.parametrize(
    "typed",
    [f"Omar Haddad <{OMAR}>", f"<{OMAR}>", f"  mailto:{OMAR} ", "Omar+crm@Client.Example"],
)
def test_an_address_is_forgotten_as_it_is_copied_out_of_a_mail(known: House, typed: str) -> None:
    said = known.type("forget", typed, "--yes")
    assert said.code == 0, said.said
    assert traces(known.home, OMAR) == []


@pytest.mark.parametrize(
    "typed", ["omar", "", f"{OMAR}, kate@x.example", "a b@c.example", "@x.example"]
)
def test_what_is_no_address_is_refused_before_anything_is_asked(known: House, typed: str) -> None:
    for more in ((), ("--yes",)):
        said = known.type("forget", typed, *more)
        assert said.code in ((2,) if more or "@" not in typed else (2, 130)), said.said
        assert "removed" not in said.out
    assert traces(known.home, OMAR)


def test_an_address_that_nothing_names_is_said_to_be_unknown(known: House) -> None:
    said = known.type("forget", "omar@cleint.example", "--yes")
    assert said.code == 0
    assert "nothing that is stored names this address" in said.out


def test_all_that_noshow_wrote_into_the_folder_goes_and_nothing_else(known: House) -> None:
    ours = [
        "2026-11-24-remind-kate@ourco.example.txt",
        "2026-W46-preview-kate@ourco.example.html",
        "2026-W46-lead-kate@ourco.example.txt",
        ".2026-W46-weekly-kate@ourco.example.html.0a1b2c3d.tmp",
    ]
    theirs = ["2020-W01-notes.docx", "2026-W46-weekly-notes.txt", "2026-11-24 Omar.txt", "cv.pdf"]
    for name in (*ours, *theirs):
        (known.reports / name).write_text(f"Omar Haddad, {OMAR}")
    os.utime(known.reports / ours[-1], (1e9, 1e9))
    said = known.type("forget", OMAR, "--yes")
    assert said.code == 0, said.said
    left = {one.name for one in known.reports.iterdir()}
    assert left.isdisjoint(ours)
    assert left >= set(theirs)


def test_a_disk_that_is_full_leaves_what_was_removed_to_the_same_command(known: House) -> None:
    """No file may grow beyond what the store has now, less a page: writing it anew fails."""
    names = known_names(known)
    limit = (known.paths.state / "noshow.db").stat().st_size - 4096

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    first = ended(known.start("forget", OMAR, "--yes", preexec_fn=small))
    assert first.code == 3, first.said
    assert "a bug" not in first.said
    assert "still hold what was removed" in first.err
    assert "run the same command again" in first.err
    again = known.type("forget", OMAR, "--yes")
    assert again.code == 0, again.said
    assert traces(known.home, OMAR, *names) == []


def test_a_mailbox_of_our_own_cannot_be_forgotten(known: House) -> None:
    typed = known.type("forget", KATE, "--yes")
    assert typed.code == 2
    assert known.type("contact", OMAR).code == 0


@pytest.mark.parametrize(
    "text",
    [
        "Call with Dana <dana@client.example>",
        "reply-to: Dana+crm@Client.Example",
        "DANA@CLIENT.EXAMPLE.",
        "(dana@client.example)",
        "mailto:dana@client.example?subject=x",
        "<https://lists.example/u?who=Dana%40client.example>",
        "<bounce+dana=client.example@mailer.example>",
    ],
)
def test_any_spelling_of_the_address_is_a_trace(text: str) -> None:
    assert naming(DANA)(text)


@pytest.mark.parametrize("text", ["dana@client.example.org.test x", "nadana@other.example", "dana"])
def test_another_address_is_none(text: str) -> None:
    assert not naming("dana@client.test")(text)


def test_addresses_in_subjects_and_raw_headers_go_too(store: Store, hands: Hands) -> None:
    hands.to("Sun 00:00")
    box = mailbox(store)
    eli = "eli@client.example"
    spoken = replace(meeting("m1", guests=eli), subject=f"Intro {DANA.upper()}")
    header = replace(mail(eli, provider_id="h"), headers="reply-to: Dana+x@Client.Example")
    apply_pages(
        store, box, "calendar:primary", [Page(meetings=(spoken, meeting("m2", guests=eli)))]
    )
    apply_pages(store, box, MAIL, [Page(messages=(header, mail(eli, provider_id="o")))])
    job = store.ledger.begin_run("x")
    store.ledger.finish_run(job, "3", f"failed at {DANA}")
    store.user_input.promise(box, eli, f"ask {DANA}", at("Mon 09:00"), at("Fri 09:00"), "command")
    store.privacy.forget(DANA)
    frames = store.frames()
    assert frames.meetings.series_uid.tolist() == ["m2@cal.example"]
    assert stored_mails(store).provider_id.tolist() == ["o"]
    assert frames.promises.empty
    assert all(one.job != "x" for one in store.ledger.runs())


def test_deleted_rows_are_overwritten_on_every_connection(tmp_path: Path, careless: None) -> None:
    with Store.open(f"sqlite:///{tmp_path}/s/noshow.db") as store:
        for _ in range(3):
            with store.database.reading() as connection:
                assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


def test_postgresql_is_rewritten_and_says_what_it_cannot_reach(postgres_url: str) -> None:
    with Store.open(postgres_url) as store:
        box = mailbox(store)
        apply_pages(store, box, MAIL, [Page(messages=(mail(DANA, provider_id="a"),))])
        forgotten = store.privacy.forget(DANA)
        assert forgotten.rows >= 1
        assert any("backups" in one for one in forgotten.unreached)
        assert not any("in use" in one for one in forgotten.unreached)
