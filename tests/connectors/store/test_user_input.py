"""Is what a user says of contacts kept once, what is remembered only widened, a typed name found?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.interfaces import Page
from connectors.model.records import Call, Person
from connectors.store.contact_memory import Memory
from connectors.store.store import Store
from connectors.sync import MAIL, apply_pages
from tests.support.facts.seen import DANA, OWNER, Hands, at, mail, mailbox
from tests.support.store_dump import dump

OZLEM = "oe.s@client.example"


def test_what_is_read_again_every_week_is_kept_once(store: Store) -> None:
    box = mailbox(store)
    for fresh in (True, False):
        assert store.claims.answer(box, "7Q3F2K", "us", at("Mon 09:00"), "mail") is fresh
        assert store.user_input.tag(box, DANA, "warm", "", at("Mon 09:00")) is fresh
        assert store.user_input.log_calls(box, [Call(at("Mon 09:00"), DANA, "spoke")]) == int(fresh)
        made = at("Mon 09:00") if fresh else at("Tue 09:00")
        assert store.user_input.promise(box, DANA, "x", made, at("2026-11-05"), "label") is fresh
    assert store.frames(at("Mon 09:00")).promises.made_at.notna().tolist() == [True]


def test_memory_only_widens(store: Store) -> None:
    store.contact_memory.remember([Memory(DANA, first_ask=20, last_ask=30, stage="met")])
    store.contact_memory.remember([Memory(DANA, first_ask=25, last_ask=25, last_kept=7)])
    store.contact_memory.remember([Memory(DANA, first_ask=10, last_ask=40, stage="client")])
    store.contact_memory.remember([Memory(DANA)])
    row = dump(store)["memory"][0]
    assert (row["first_ask"], row["last_ask"], row["last_kept"]) == (10, 40, 7)
    assert (row["stage"], row["last_spoke"]) == ("client", None)


def test_what_was_remembered_then_is_known_then(store: Store, hands: Hands) -> None:
    hands.to("Mon 09:00")
    store.contact_memory.remember([Memory(DANA, first_ask=at("Mon 08:00"), stage="dialogue")])
    hands.to("Wed 09:00")
    met = Memory(DANA, first_human_act=at("Mon 07:00"), last_kept=at("Mon 07:00"), stage="met")
    store.contact_memory.remember([met])
    store.contact_memory.remember([met])

    tuesday, now = store.frames(at("Tue 09:00")).memory, store.frames().memory
    assert tuesday[["stage"]].to_numpy().tolist() == [["dialogue"]]
    assert tuesday[["first_human_act", "last_kept"]].isna().all(axis=None)
    assert now["stage"].tolist() == ["met"]
    assert now["first_ask"].notna().all()
    assert len(store.frames(at("Mon 08:59")).memory) == 0


def test_what_was_remembered_long_ago_goes_by_age_and_the_last_word_stays(
    store: Store, hands: Hands
) -> None:
    for day in ("Mon 09:00", "Tue 09:00", "Wed 09:00", "Fri 09:00"):
        hands.to(day)
        store.contact_memory.remember([Memory(DANA, last_ask=at(day))])
    store.privacy.retain(at("Thu 09:00"))
    assert len(store.frames(at("Tue 10:00")).memory) == 0
    assert store.frames(at("Wed 10:00")).memory["last_ask"].notna().all()
    assert len(store.frames().memory) == 1


@pytest.mark.parametrize(
    "typed",
    ["özlem", "ÖZLEM ş", "ozlem", "O\u0308zlem", "Şahin", "sahin", "oe.s@", "OE.S"],
)
def test_a_name_is_found_in_any_case_with_or_without_its_accents(store: Store, typed: str) -> None:
    page = Page(
        messages=(
            replace(mail(OZLEM, provider_id="one"), from_=Person(OZLEM, "Özlem  Şahin")),
            mail(OWNER, to=OZLEM, sent=True, provider_id="two"),
            replace(mail(DANA, provider_id="three"), from_=Person(DANA, "Dana Özil")),
        )
    )
    apply_pages(store, mailbox(store), MAIL, [page])
    assert store.people.like(typed) == {OZLEM: "Özlem  Şahin"}


def test_a_part_that_nobody_bears_finds_nobody(store: Store) -> None:
    page = Page(messages=(replace(mail(DANA), from_=Person(DANA, "Dana Kim")),))
    apply_pages(store, mailbox(store), MAIL, [page])
    assert store.people.like("dan kim") == {}
    assert list(store.people.like("dana  KIM")) == [DANA]
