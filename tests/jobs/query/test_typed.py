"""Is it meant as people type it: a part of a name, friday, yesterday; and is a slip refused?"""

from __future__ import annotations

import json
from datetime import UTC, datetime

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
    assert (one["contact"], isinstance(one["of"], int)) == (OMAR, True)
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
