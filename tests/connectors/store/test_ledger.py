"""Are reports and runs kept once, and for the one who was first?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from config.errors import StoreError
from connectors.store.store import Store
from tests.support.facts.seen import Hands, mailbox

WEEK = "2026-W45"
SAM = "sam@ours.example"


def test_standings_of_a_week_are_the_last_ones(store: Store) -> None:
    box = mailbox(store)
    store.ledger.save_standings(box, WEEK, 1, "{}")
    store.ledger.save_standings(box, WEEK, 2, '{"version": 1}')
    assert store.frames().standings.payload.tolist() == ['{"version": 1}']


def test_a_report_is_claimed_once(store: Store) -> None:
    first = store.ledger.claim_report(SAM, WEEK)
    assert first is not None
    assert (first.state, first.tries) == ("claimed", 1)
    assert store.ledger.claim_report(SAM, WEEK) is None
    assert store.ledger.claim_report(SAM, "2026-W46") is not None
    assert store.ledger.claim_report(SAM, WEEK, "alarm") is not None


def test_of_many_who_claim_at_once_one_wins(url: str) -> None:
    stores = [Store.open(url) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: stores[n % 4].ledger.claim_report(SAM, WEEK), range(16)))
    for store in stores:
        store.close()
    assert sum(one is not None for one in won) == 1


def test_a_report_goes_from_claimed_over_handed_over_to_seen(store: Store, hands: Hands) -> None:
    claim = store.ledger.claim_report(SAM, WEEK)
    assert claim is not None
    store.ledger.name_report(claim.report_id, "r1@ours.example")
    hands.go(minutes=1)
    store.ledger.handed_over(claim.report_id, "r1@ours.example")
    there = store.ledger.report(SAM, WEEK)
    assert there is not None
    assert (there.state, there.message_key, there.handed_over_at) == (
        "handed_over", "r1@ours.example", hands.micros,
    )  # fmt: skip
    assert [one.report_id for one in store.ledger.reports("handed_over")] == [claim.report_id]
    assert store.ledger.report_seen(claim.report_id)
    assert not store.ledger.report_seen(claim.report_id)
    assert store.ledger.reports("claimed", "handed_over") == []
    assert store.ledger.claim_again(claim) is None


def test_sent_once_more_by_one_only(store: Store) -> None:
    claim = store.ledger.claim_report(SAM, WEEK)
    assert claim is not None
    store.ledger.handed_over(claim.report_id, "r1@ours.example")
    again = store.ledger.claim_again(claim)
    assert again is not None
    assert (again.tries, again.token) == (2, claim.token)
    assert store.ledger.claim_again(claim) is None


def test_what_surely_did_not_go_out_may_be_claimed_again(store: Store) -> None:
    claim = store.ledger.claim_report(SAM, WEEK)
    assert claim is not None
    store.ledger.release_report(claim.report_id, "the server refused the login")
    again = store.ledger.claim_report(SAM, WEEK)
    assert again is not None
    assert (again.report_id, again.tries) == (claim.report_id, 2)
    store.ledger.handed_over(again.report_id, "r@ours.example")
    store.ledger.release_report(again.report_id, "too late to say so")
    assert store.ledger.claim_report(SAM, WEEK) is None


def test_nobody_hands_over_what_nobody_claimed(store: Store) -> None:
    with pytest.raises(StoreError):
        store.ledger.handed_over(1, "r@ours.example")


def test_runs_are_told_with_the_newest_first(store: Store, hands: Hands) -> None:
    box = mailbox(store)
    first = store.ledger.begin_run("sync", box)
    hands.go(minutes=5)
    store.ledger.finish_run(first, "partly", "mail: 3 pending")
    second = store.ledger.begin_run("sync")
    store.ledger.begin_run("weekly")
    runs = store.ledger.runs("sync")
    assert [one.run_id for one in runs] == [second, first]
    assert (runs[0].ended_at, runs[1].outcome, runs[1].detail) == (
        None, "partly", "mail: 3 pending",
    )  # fmt: skip
    assert [one.run_id for one in store.ledger.runs("sync", mailbox_id=box)] == [first]
    assert len(store.ledger.runs()) == 3
    assert len(store.ledger.runs(limit=1)) == 1
