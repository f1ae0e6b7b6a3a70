"""Has a claim one id for ever, found however it is typed?"""

from __future__ import annotations

import re

import pandas as pd
import pytest

from connectors.model import short_ids
from connectors.store.claims import Claim
from connectors.store.store import Store
from tests.support.facts.seen import DANA, Hands, mailbox


def claims(number: int) -> list[Claim]:
    return [Claim("M6", DANA, f"m{each}@cal.example ", "o1") for each in range(number)]


def test_the_same_claim_has_the_same_id_for_ever(store: Store, hands: Hands) -> None:
    box = mailbox(store)
    first = store.claims.ids(box, claims(50))
    assert len(set(first)) == 50
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{6}", one) for one in first)
    assert all(short_ids.is_short_id(one) for one in first)
    hands.go(days=7)
    assert store.claims.ids(box, claims(50)[::-1]) == first[::-1]
    assert store.claims.ids(box, claims(1) * 2) == (first[0], first[0])
    frame = store.frames().claims
    assert set(frame.last_printed_at - frame.first_printed_at) == {pd.Timedelta(days=7)}


def test_new_evidence_is_a_new_claim_and_so_is_another_mailbox(store: Store) -> None:
    box, other = mailbox(store), mailbox(store, "eli@ours.example")
    one = Claim("M6", DANA, "m1@cal.example ", "o1")
    ids = store.claims.ids(box, [one, Claim("M6", DANA, "m1@cal.example ", "o1 o2")])
    assert len({*ids, *store.claims.ids(other, [one])}) == 3


def test_an_id_that_is_taken_is_drawn_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    box = mailbox(store)
    drawn = iter(["AAAAAA", "AAAAAA", "BBBBBB"])
    monkeypatch.setattr(short_ids, "drawn", lambda: next(drawn))
    assert store.claims.ids(box, claims(2)) == ("AAAAAA", "BBBBBB")


def test_a_claim_is_found_however_it_was_typed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = mailbox(store)
    monkeypatch.setattr(short_ids, "drawn", lambda: "1QA0F2")
    store.claims.ids(box, claims(1))
    assert store.claims.find(box, " iqaof2 ") == claims(1)[0]
    assert store.claims.find(box, "ZZZZZZ") is None
