"""Are claims, answers, reports and runs kept once, and for the one who was first?"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.errors import StoreError
from connectors.model.records import Call
from connectors.store import opinions
from connectors.store.opinions import Claim, Memory
from connectors.store.store import Store
from tests.support.facts.seen import DANA, Hands, at, mailbox

WEEK = "2026-W45"
SAM = "sam@ours.example"


def claims(number: int) -> list[Claim]:
    return [Claim("M6", DANA, f"m{each}@cal.example ", "o1") for each in range(number)]


def test_the_same_claim_has_the_same_id_for_ever(store: Store, hands: Hands) -> None:
    box = mailbox(store)
    first = store.claim_ids(box, claims(50))
    assert len(set(first)) == 50
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{6}", one) for one in first)
    hands.go(days=7)
    assert store.claim_ids(box, claims(50)[::-1]) == first[::-1]
    assert store.claim_ids(box, claims(1) * 2) == (first[0], first[0])
    frame = store.frames().claims
    assert set(frame.last_printed_at - frame.first_printed_at) == {hands_week()}


def hands_week() -> object:
    import pandas as pd

    return pd.Timedelta(days=7)


def test_new_evidence_is_a_new_claim_and_so_is_another_mailbox(store: Store) -> None:
    box, other = mailbox(store), mailbox(store, "eli@ours.example")
    one = Claim("M6", DANA, "m1@cal.example ", "o1")
    ids = store.claim_ids(box, [one, Claim("M6", DANA, "m1@cal.example ", "o1 o2")])
    assert len({*ids, *store.claim_ids(other, [one])}) == 3


def test_an_id_that_is_taken_is_drawn_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    box = mailbox(store)
    drawn = iter(["AAAAAA", "AAAAAA", "BBBBBB"])
    monkeypatch.setattr(opinions, "random_id", lambda: next(drawn))
    assert store.claim_ids(box, claims(2)) == ("AAAAAA", "BBBBBB")


def test_a_claim_is_found_however_it_was_typed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = mailbox(store)
    monkeypatch.setattr(opinions, "random_id", lambda: "1QA0F2")
    store.claim_ids(box, claims(1))
    assert store.claim(box, " iqaof2 ") == claims(1)[0]
    assert store.claim(box, "ZZZZZZ") is None


def test_what_is_read_again_every_week_is_kept_once(store: Store) -> None:
    box = mailbox(store)
    for fresh in (True, False):
        assert store.answer(box, "7Q3F2K", "us", at("Mon 09:00"), "mail") is fresh
        assert store.tag(box, DANA, "warm", "", at("Mon 09:00")) is fresh
        assert store.call(box, [Call(at("Mon 09:00"), DANA, "spoke")]) == int(fresh)
        made = at("Mon 09:00") if fresh else at("Tue 09:00")
        assert store.promise(box, DANA, "x", made, at("2026-11-05"), "label") is fresh
    assert store.frames(at("Mon 09:00")).promises.made_at.notna().tolist() == [True]


def test_memory_only_widens(store: Store) -> None:
    store.remember([Memory(DANA, first_ask=20, last_ask=30, stage="met")])
    store.remember([Memory(DANA, first_ask=25, last_ask=25, last_kept=7)])
    store.remember([Memory(DANA, first_ask=10, last_ask=40, stage="client")])
    store.remember([Memory(DANA)])
    row = store.dump()["memory"][0]
    assert (row["first_ask"], row["last_ask"], row["last_kept"]) == (10, 40, 7)
    assert (row["stage"], row["last_spoke"]) == ("client", None)


def test_standings_of_a_week_are_the_last_ones(store: Store) -> None:
    box = mailbox(store)
    store.save_standings(box, WEEK, 1, "{}")
    store.save_standings(box, WEEK, 2, '{"version": 1}')
    assert store.frames().standings.payload.tolist() == ['{"version": 1}']


def test_a_report_is_claimed_once(store: Store) -> None:
    first = store.claim_report(SAM, WEEK)
    assert first is not None
    assert (first.state, first.tries) == ("claimed", 1)
    assert store.claim_report(SAM, WEEK) is None
    assert store.claim_report(SAM, "2026-W46") is not None
    assert store.claim_report(SAM, WEEK, "alarm") is not None


def test_of_many_who_claim_at_once_one_wins(url: str) -> None:
    stores = [Store.open(url) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: stores[n % 4].claim_report(SAM, WEEK), range(16)))
    for store in stores:
        store.close()
    assert sum(one is not None for one in won) == 1


def test_a_report_goes_from_claimed_over_handed_over_to_seen(store: Store, hands: Hands) -> None:
    claim = store.claim_report(SAM, WEEK)
    assert claim is not None
    store.name_report(claim.report_id, "r1@ours.example")
    hands.go(minutes=1)
    store.handed_over(claim.report_id, "r1@ours.example")
    there = store.report(SAM, WEEK)
    assert there is not None
    assert (there.state, there.message_key, there.handed_over_at) == (
        "handed_over", "r1@ours.example", hands.micros,
    )  # fmt: skip
    assert [one.report_id for one in store.reports("handed_over")] == [claim.report_id]
    assert store.report_seen(claim.report_id)
    assert not store.report_seen(claim.report_id)
    assert store.reports("claimed", "handed_over") == []
    assert store.claim_again(claim) is None


def test_sent_once_more_by_one_only(store: Store) -> None:
    claim = store.claim_report(SAM, WEEK)
    assert claim is not None
    store.handed_over(claim.report_id, "r1@ours.example")
    again = store.claim_again(claim)
    assert again is not None
    assert (again.tries, again.token) == (2, claim.token)
    assert store.claim_again(claim) is None


def test_what_surely_did_not_go_out_may_be_claimed_again(store: Store) -> None:
    claim = store.claim_report(SAM, WEEK)
    assert claim is not None
    store.release_report(claim.report_id, "the server refused the login")
    again = store.claim_report(SAM, WEEK)
    assert again is not None
    assert (again.report_id, again.tries) == (claim.report_id, 2)
    store.handed_over(again.report_id, "r@ours.example")
    store.release_report(again.report_id, "too late to say so")
    assert store.claim_report(SAM, WEEK) is None


def test_nobody_hands_over_what_nobody_claimed(store: Store) -> None:
    with pytest.raises(StoreError):
        store.handed_over(1, "r@ours.example")


def test_runs_are_told_with_the_newest_first(store: Store, hands: Hands) -> None:
    box = mailbox(store)
    first = store.begin_run("sync", box)
    hands.go(minutes=5)
    store.finish_run(first, "partly", "mail: 3 pending")
    second = store.begin_run("sync")
    store.begin_run("weekly")
    runs = store.runs("sync")
    assert [one.run_id for one in runs] == [second, first]
    assert (runs[0].ended_at, runs[1].outcome, runs[1].detail) == (
        None, "partly", "mail: 3 pending",
    )  # fmt: skip
    assert [one.run_id for one in store.runs("sync", mailbox_id=box)] == [first]
    assert len(store.runs()) == 3
    assert len(store.runs(limit=1)) == 1
