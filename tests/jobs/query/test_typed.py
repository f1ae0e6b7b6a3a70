"""Is it meant as people type it: a part of a name, friday, yesterday; and is a slip refused?"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from tests.support.providers.house import House

OMAR = "omar@client.example"


def test_a_contact_is_found_by_a_part_of_the_name_and_asked_for_where_several_fit(
    fetched: House,
) -> None:
    assert fetched.type("contact", "omar").out.startswith(f"Omar Haddad <{OMAR}>")
    several = fetched.type("contact", "example")
    assert several.code == 2
    assert "may mean several" in several.err
    assert OMAR in several.err
    nobody = fetched.type("contact", "zebulon")
    assert nobody.code == 2
    assert "nobody is known" in nobody.err


def test_contacts_come_the_worst_first_and_can_be_filtered(fetched: House) -> None:
    rows = json.loads(fetched.type("contacts", "--format", "json").out)
    assert OMAR in [row["contact"] for row in rows]
    listed = [row["tier"] for row in rows]
    assert listed == sorted(listed, key=lambda tier: {"pause": 0, "talk": 1}.get(tier, 2))
    (one,) = json.loads(fetched.type("contacts", "HADDAD", "--format", "json").out)
    assert (one["contact"], isinstance(one["n"], int)) == (OMAR, True)
    assert "no such contact" in fetched.type("contacts", "zebulon").out


def test_a_slip_of_the_pen_is_refused_unless_it_is_said_to_be_new(fetched: House) -> None:
    for words in (
        ("call", "omra@client.example", "spoke"),
        ("tag", "omra@client.example", "warm"),
        ("promise", "omra@client.example", "deposit", "--by", "friday"),
    ):
        typed = fetched.type(*words)
        assert typed.code == 2
        assert "--new" in typed.err
    assert fetched.type("call", "omra@client.example", "spoke", "--new").code == 0
    assert fetched.type("tag", "omra@client.example", "warm").code == 0, "known by the call"
    assert "logged: omar@client.example" in fetched.type("call", "omar", "spoke").out


def test_days_are_taken_as_people_say_them(fetched: House) -> None:
    fetched.now = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
    for by, said in (
        ("friday", "Friday 27 November"),
        ("tomorrow", "Tuesday 24 November"),
        ("mon", "Monday 30 November"),
        ("2026-12-01", "Tuesday 1 December"),
    ):
        assert said in fetched.type("promise", "omar", "deposit", "--by", by).out
    for at in ("yesterday", "yesterday 15:30", "friday 09:05", "2026-11-20"):
        assert fetched.type("call", "omar", "spoke", "--at", at).code == 0, at
    assert fetched.type("call", "omar", "spoke", "--at", "2027-01-01").code == 2
    with fetched.store() as store:
        calls = store.frames(fetched.now.replace(hour=23)).calls
    assert sorted(calls["at"].dt.strftime("%a %d %H:%M")) == [
        "Fri 20 08:05",
        "Fri 20 11:00",
        "Sun 22 11:00",
        "Sun 22 14:30",
    ]


def test_the_days_ahead_can_be_chosen(fetched: House) -> None:
    near = json.loads(fetched.type("next", "--days", "1", "--format", "json").out)
    far = json.loads(fetched.type("next", "--days", "120", "--format", "json").out)
    assert len(near) <= len(far)


def test_what_was_said_is_listed_and_a_slip_is_taken_back(fetched: House) -> None:
    fetched.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    for words, listed in (
        (("call", "omar", "spoke", "--at", "yesterday"), "spoke"),
        (("tag", "omar", "warm"), "warm"),
        (("promise", "omar", "the deposit", "--by", "friday"), "the deposit"),
    ):
        command = words[0]
        assert fetched.type(*words).code == 0
        (row,) = json.loads(fetched.type(command, "list", "--format", "json").out)
        assert (row["contact"], listed in row.values()) == (OMAR, True)
        assert listed in fetched.type(command, "list", "haddad").out
        refused = fetched.type(command, "undo", "999")
        assert (refused.code, f"noshow {command} list" in refused.err) == (2, True)
        assert fetched.type(command, "undo", str(row["id"])).code == 0
        assert json.loads(fetched.type(command, "list", "--format", "json").out) == []
    with fetched.store() as store:
        facts = store.frames(fetched.now.replace(hour=23))
    assert (len(facts.calls), len(facts.promises)) == (0, 0)
    assert list(facts.tags["word"]) == ["warm", "not-warm"], "the past keeps what was true then"


def test_a_tag_is_taken_off_also_where_the_clock_was_put_back_since(fetched: House) -> None:
    fetched.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert fetched.type("tag", "omar", "warm").code == 0
    fetched.now = datetime(2026, 11, 23, 7, tzinfo=UTC)
    (row,) = json.loads(fetched.type("tag", "list", "--format", "json").out)
    assert fetched.type("tag", "undo", str(row["id"])).code == 0
    assert "nobody is tagged" in fetched.type("tag", "list").out


def test_the_kept_questions_are_made_anew_when_something_is_taken_back(fetched: House) -> None:
    for day in ("2026-11-19", "2026-11-20"):
        assert fetched.type("call", "omar", "spoke", "--at", day).code == 0
    assert fetched.type("questions").code == 0
    (first, _) = json.loads(fetched.type("call", "list", "--format", "json").out)
    assert fetched.type("call", "undo", str(first["id"])).code == 0
    with fetched.store() as store:
        assert store.question_list.read() is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("call", "omar"), "no-answer, assistant, spoke, will-call"),
        (("tag", "omar"), "client, warm"),
        (("promise", "omar", "deposit"), "--by friday"),
        (("promise", "omar", "--by", "friday"), "its words"),
        (("contacts", "--tier", "worst"), "talk, pause"),
        (("next", "someday"), "is no day"),
    ],
)
def test_what_is_missing_is_said_with_what_to_type(
    fetched: House, words: tuple[str, ...], said: str
) -> None:
    typed = fetched.type(*words)
    assert typed.code == 2
    assert said in typed.err


def test_status_in_json_has_typed_values_and_each_moment_its_offset_and_zone(
    fetched: House,
) -> None:
    tree = json.loads(fetched.type("status", "--format", "json").out)
    assert set(tree) == {
        *("mailboxes", "streams", "jobs", "reports", "losses", "problems"),
        "earlier_reports",
    }
    moments = []
    for name, rows in tree.items():
        for row in rows if name not in ("problems", "earlier_reports") else ():
            assert row["zone"] == "Europe/Berlin"
            moments += [
                datetime.fromisoformat(value)
                for value in row.values()
                if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value)
            ]
    assert len(moments) >= 4
    assert {str(one.utcoffset()) for one in moments} <= {"1:00:00", "2:00:00"}
    (box,) = tree["mailboxes"]
    assert {type(box[key]) for key in ("meetings", "mails", "pending", "failed")} == {int}
    assert [row["exit_code"] for row in tree["jobs"]] == [0]


@pytest.mark.parametrize("who", ["", " "])
@pytest.mark.parametrize(
    "words", [("tag", "{}", "client"), ("call", "{}", "no-answer"), ("contact", "{}")]
)
def test_nobody_is_no_name_that_fits_everybody(
    fetched: House, words: tuple[str, ...], who: str
) -> None:
    typed = fetched.type(*(one.format(who) for one in words))
    assert (typed.code, "nobody is named" in typed.err) == (2, True), typed.said


def test_an_address_is_taken_as_it_is_copied_out_of_a_mail(fetched: House) -> None:
    said = fetched.type("tag", f"Omar Haddad <{OMAR}>", "warm")
    assert said.out.startswith(f"{OMAR} is now tagged"), said.said
    assert fetched.type("tag", f"{OMAR}, eli@client.example", "warm", "--new").code == 2
    assert fetched.type("tag", OMAR, "same-person", f"<{OMAR}>").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("next", "9999-12-31"),
        ("next", "0001-01-01"),
        ("report", "--as-of", "0001-01-01", "--to", "stdout"),
        ("report", "--week", "0001-W01", "--to", "stdout"),
        ("contacts", "--as-of", "0001-01-01"),
        ("backfill", "--since", "0001-01-01"),
        ("call", OMAR, "spoke", "--at", "0001-01-01"),
        ("call", OMAR, "spoke", "--at", "9999-12-31T23:59:59-12:00"),
        ("promise", OMAR, "x", "--by", "9999-12-31"),
    ],
    ids=" ".join,
)
def test_a_year_that_no_calendar_reaches_is_a_slip(fetched: House, words: tuple[str, ...]) -> None:
    typed = fetched.type(*words)
    assert typed.code == 2, typed.said
    assert "is no " in typed.err


def test_addresses_that_are_one_person_are_not_several(fetched: House) -> None:
    other = "old.name@client.example"
    assert "may mean several" in fetched.type("contact", "client.exam").err
    assert fetched.type("tag", OMAR, "same-person", other).code == 0
    typed = fetched.type("contact", "client.exam")
    assert typed.code == 0, typed.said
    assert f"; also {OMAR}" in typed.out.splitlines()[0]
    assert "may mean several" in fetched.type("contact", "example").err, "there are others"
    assert fetched.type("call", other, "spoke").code == 0
    assert other in fetched.type("call", "list", OMAR).out
    assert other not in fetched.type("call", "list", "lee").out


def test_a_weekday_of_a_look_back_is_counted_from_the_day_that_is_looked_back_to(
    fetched: House,
) -> None:
    fetched.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    back = fetched.type("next", "friday", "--as-of", "2026-11-03T09:00")
    assert "2026-11-06" in back.out
    assert "2026-11-27" not in back.out
    assert "2026-11-27" in fetched.type("next", "friday").out
