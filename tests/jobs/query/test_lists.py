"""Do the commands show what is known, in all their forms, also as of then?"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from connectors.store.question_list import KeptList
from tests.support.providers.house import KATE, House, house_with_google, moved_into

OMAR = "omar@client.example"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Kate's installation after its first sync."""
    with pytest.MonkeyPatch.context() as patch:
        with house_with_google(tmp_path_factory.mktemp("fetched"), patch) as made:
            typed = made.type("sync")
            assert typed.code == 0, typed.said
            yield made


@pytest.fixture
def fetched(built: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A copy of it for this test alone."""
    with moved_into(built, tmp_path, monkeypatch) as made:
        yield made


def test_status_tells_how_far_each_mailbox_is_read_and_when_each_job_ran(fetched: House) -> None:
    typed = fetched.type("status")
    assert typed.code == 0
    (line,) = [one for one in typed.out.splitlines() if one.startswith(KATE)]
    assert "2026-11-23 07:0" in line
    (line,) = [one for one in typed.out.splitlines() if one.startswith("sync")]
    assert line.split()[1:4] == ["2026-11-23", "07:01", "0"]
    (row,) = json.loads(fetched.type("status", "--format", "json").out)["mailboxes"]
    assert row["meetings"] > 10
    assert row["mails"] > 10
    assert (row["pending"], row["failed"], row["problem"]) == (0, 0, "")


def test_every_form_of_a_list_has_the_same_columns(fetched: House) -> None:
    for command in ("status", "questions", "next"):
        (header, *lines) = csv.reader(io.StringIO(fetched.type(command, "--format", "csv").out))
        rows = json.loads(fetched.type(command, "--format", "json").out)
        if command == "status":
            assert list(rows) == [
                "mailboxes",
                "streams",
                "jobs",
                "reports",
                "losses",
                "earlier_reports",
                "problems",
            ]
            rows = rows["mailboxes"]
        assert len(rows) == len(lines)
        for row, line in zip(rows, lines, strict=True):
            assert list(row) == header
            assert ["" if value is None else str(value) for value in row.values()] == line


@pytest.mark.parametrize(
    ("command", "moments"),
    [
        (("next", "--days", "30"), ("start", "agreed")),
        (("status",), ("complete_to",)),
    ],
)
def test_json_has_keys_types_and_moments_with_offset_and_zone(
    fetched: House, command: tuple[str, ...], moments: tuple[str, ...]
) -> None:
    found = json.loads(fetched.type(*command, "--format", "json").out)
    rows = found["mailboxes"] if command == ("status",) else found
    assert rows
    for row in rows:
        assert [key for key in row if not re.fullmatch("[a-z_]+", key)] == []
        assert row["zone"] == "Europe/Berlin"
        for name in moments:
            if row[name] is not None:
                at = datetime.fromisoformat(row[name])
                assert at.utcoffset() == at.astimezone(ZoneInfo(row["zone"])).utcoffset()
    if command[0] == "next":
        assert {type(row["accepted"]) for row in rows} == {bool}
        assert {type(row["k"]) for row in rows} == {int}
        starts = [datetime.fromisoformat(row["start"]) for row in rows]
        assert starts == sorted(starts)


def test_one_day_ahead_can_be_asked_for(fetched: House) -> None:
    rows = json.loads(fetched.type("next", "--days", "120", "--format", "json").out)
    day = rows[0]["start"][:10]
    found = json.loads(fetched.type("next", day, "--format", "json").out)
    assert {row["start"][:10] for row in found} == {day}
    assert "no meeting with a contact on" in fetched.type("next", "2027-07-04").out


def test_a_contact_is_shown_with_dated_facts(fetched: House) -> None:
    typed = fetched.type("contact", OMAR)
    assert typed.code == 0
    assert typed.out.startswith(f"Omar Haddad <{OMAR}>")
    assert "2026-11-10" in typed.out
    assert "came to its day was called off, moved late or missed" in typed.out
    assert "P(rate" not in typed.out
    assert not re.search(r"\bM\d|\bR[12]\b|cancelled_late|in_k", typed.out), "words, no codes"
    numbers = fetched.type("contact", OMAR, "--explain").out
    assert "P(rate > 0.20)" in numbers
    assert re.search(r"meeting .*outcome .*limit_hours 24.0", numbers)
    tree = json.loads(fetched.type("contact", OMAR, "--format", "json").out)
    assert OMAR in json.dumps(tree)


def test_a_contact_as_of_then_shows_nothing_later(fetched: House) -> None:
    now = json.loads(fetched.type("contact", OMAR, "--format", "json").out)
    then = json.loads(
        fetched.type("contact", OMAR, "--as-of", "2026-11-05", "--format", "json").out
    )
    assert max(one["at"] for one in now["entries"]) > "2026-11-05"
    assert then["entries"]
    assert max(one["at"] for one in then["entries"]) < "2026-11-05"
    typed = fetched.type("contact", OMAR, "--as-of", "2026-10-01")
    assert typed.code == 4
    assert "nothing is known" in typed.out


def test_an_unknown_contact_is_said_to_be_unknown(fetched: House) -> None:
    typed = fetched.type("contact", "nobody@nowhere.example")
    assert typed.code == 4
    assert "nothing is known of nobody@nowhere.example" in typed.out


def test_an_export_holds_every_finding_in_both_forms(fetched: House, tmp_path: Path) -> None:
    tree = json.loads(fetched.type("export").out)
    assert tree["version"] == 1
    documented = ("people", "slots", "asks", "silences", "owed", "standings", "coming", "questions")
    assert [name for name in documented if name not in tree] == []
    assert any(one["contact"] == OMAR for one in tree["slots"])
    typed = fetched.type("export", "--format", "csv", "--to", str(tmp_path / "out"))
    assert typed.code == 0
    with (tmp_path / "out" / "slots.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(tree["slots"])
    assert list(rows[0]) == list(tree["slots"][0])
    assert fetched.type("export", "--format", "parquet", "--to", str(tmp_path / "pq")).code == 0
    slots = pd.read_parquet(tmp_path / "pq" / "slots.parquet")
    assert list(slots.columns) == list(tree["slots"][0])
    assert list(slots["contact"]) == [row["contact"] for row in tree["slots"]]
    assert str(slots["start_at"].dtype) == "datetime64[us, UTC]"
    assert slots["in_k"].dtype == bool
    assert {path.stem for path in (tmp_path / "pq").iterdir()} == {
        path.stem for path in (tmp_path / "out").iterdir()
    }
    refused = fetched.type("export", "--format", "parquet")
    assert (refused.code, "--to" in refused.err) == (2, True)
    assert fetched.type("export", "--format", "xlsx").code == 2
    written = tmp_path / "findings.json"
    assert fetched.type("export", "--to", str(written)).code == 0
    assert set(json.loads(written.read_text())) == set(tree)


def test_a_joined_address_finds_whom_it_was_joined_to(fetched: House) -> None:
    other = "aa.omar@home.example"
    plain = fetched.type("contact", OMAR).out
    assert "; also" not in plain
    assert fetched.type("tag", OMAR, "same-person", other).code == 0
    # The first by the alphabet stands for both.
    for asked in (OMAR, other):
        typed = fetched.type("contact", asked)
        assert typed.code == 0, typed.said
        assert typed.out.splitlines()[0].endswith(f"; also {OMAR}")
        assert typed.out.splitlines()[2:8] == plain.splitlines()[2:8]
    (row,) = json.loads(fetched.type("contacts", OMAR, "--format", "json").out)
    assert row["contact"] == other
    assert fetched.type("contacts", "nobody@").out == "no such contact\n"


def test_questions_say_what_was_in_words_for_the_eye_alone(
    fetched: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = "2026-11-16T10:00:00+00:00"
    kept = [
        ["1", kind, OMAR, f"m{number} ", f"e{number}", at, was, "Pricing"]
        for number, (kind, was) in enumerate(
            [("M1", "cancelled"), ("M6", "cancelled"), ("M6", "moved_by_anyone"), ("M1", "gone")]
        )
    ]
    monkeypatch.setattr(KeptList, "read", lambda _: kept)
    table = fetched.type("questions").out
    assert "cancelled, by whom is not seen" in table
    assert "you cancelled it" in table
    assert "moved, as every guest may" in table
    assert "_" not in table
    rows = json.loads(fetched.type("questions", "--format", "json").out)
    assert [row["what"] for row in rows] == ["cancelled", "cancelled", "moved_by_anyone", "gone"]


_LISTS = (("contact", OMAR), ("contacts",), ("questions",), ("next",), ("export",))


@pytest.mark.parametrize("command", _LISTS, ids=[one[0] for one in _LISTS])
def test_a_list_says_what_was_not_read_and_looking_back_it_does_not(
    fetched: House, command: tuple[str, ...]
) -> None:
    """Three days without a look, as the next report would call itself incomplete."""
    assert (fetched.type(*command).code, fetched.type(*command).err) == (0, "")
    read = fetched.now or fetched.world.now  # type: ignore[union-attr]
    fetched.now = read + timedelta(days=3)
    typed = fetched.type(*command)
    assert typed.code == 3
    assert "last read to the end on 2026-11-23 07:01" in typed.err
    assert "-> noshow sync" in typed.err
    assert "last read" not in typed.out or command[0] == "export"
    back = fetched.type(*command, "--as-of", "2026-11-23T07:00")
    assert (back.code, back.err) == (0, "")
    late = fetched.type(*command, "--as-of", "2026-11-26T06:00")
    assert late.code == 3, "nor had anything been read then"


def test_an_export_names_in_its_document_what_was_not_read(fetched: House, tmp_path: Path) -> None:
    assert json.loads(fetched.type("export").out)["missing"] == []
    fetched.now = (fetched.now or fetched.world.now) + timedelta(days=3)  # type: ignore[union-attr]
    to = tmp_path / "findings.json"
    assert fetched.type("export", "--to", str(to)).code == 3
    (line,) = json.loads(to.read_text())["missing"]
    assert "kate@ourco.example: calendar and mail last read" in line


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_folder_of_tables_says_of_when_it_is_and_what_was_not_read(
    fetched: House, tmp_path: Path, form: str
) -> None:
    to = tmp_path / "then"
    back = ("--as-of", "2026-11-20T09:00", "--format", form, "--to", str(to))
    assert fetched.type("export", *back).code == 0
    about = json.loads((to / "about.json").read_text())
    assert (about["as_of"], about["missing"]) == ("2026-11-20T08:00:00+00:00", [])
    whole = json.loads(fetched.type("export", "--as-of", "2026-11-20T09:00").out)
    assert about == {name: whole[name] for name in about}
    assert all(isinstance(whole[name], list) for name in set(whole) - set(about))
    fetched.now = (fetched.now or fetched.world.now) + timedelta(days=3)  # type: ignore[union-attr]
    assert fetched.type("export", "--format", form, "--to", str(to)).code == 3
    (line,) = json.loads((to / "about.json").read_text())["missing"]
    assert "kate@ourco.example: calendar and mail last read" in line


def test_status_lists_all_reports_of_the_newest_week_and_counts_the_others(fetched: House) -> None:
    with fetched.store() as store:
        for week, most in (("2026-W40", 3), ("2026-W41", 8)):
            for number in range(most):
                store.ledger.claim_report(f"seller{number}@ourco.example", week)
    text = fetched.type("status").out
    assert text.count("2026-W41") == 8
    assert "2026-W40" not in text
    assert text.endswith("and 3 earlier reports\n")
    assert json.loads(fetched.type("status", "--format", "json").out)["earlier_reports"] == 3


def test_an_export_to_a_place_that_cannot_be_written_is_no_bug(
    fetched: House, tmp_path: Path
) -> None:
    typed = fetched.type("export", "--to", str(tmp_path / "no" / "such" / "file.json"))
    assert typed.code == 4
    assert "a bug" not in typed.err
    assert "file.json" in typed.err


def test_nothing_is_listed_without_a_calendar_or_mail_and_nothing_fails(kates: House) -> None:
    assert "nothing was fetched yet" in kates.type("questions").err
    assert "nothing was fetched yet" in kates.type("next").err
    typed = kates.type("export")
    assert (typed.code, typed.out) == (4, "")
    assert "nothing was fetched yet" in typed.err
    written = kates.home / "findings.json"
    assert kates.type("export", "--to", str(written)).code == 4
    assert not written.exists()
    assert kates.type("report", "--to", "stdout").code in (0, 3)


def test_help_has_an_example_for_every_command(house: House) -> None:
    listed = house.type("--help").out.split("Commands:")[1]
    commands = [
        line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "
    ]
    assert {"demo", "init", "sync", "report", "status", "schedule", "run-due"} <= set(commands)
    without = [
        one
        for one in commands
        if "Example: " not in house.type(one, "--help").out and one != "team"
    ]
    assert without == []


@pytest.mark.parametrize("command", ["status", "contacts", "questions", "next", "export"])
def test_settings_that_name_nobody_are_said_to(house: House, command: str) -> None:
    house.home.mkdir(mode=0o700, exist_ok=True)
    house.settings_file.write_text("")
    typed = house.type(command)
    assert typed.code == 4
    assert "the settings name no mailbox -> add a [[mailbox]]" in typed.err
