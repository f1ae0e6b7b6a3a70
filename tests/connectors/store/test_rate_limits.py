"""Is the allowed rate used, shared, and never passed in any minute?"""

from __future__ import annotations

import multiprocessing
import threading
from collections import deque
from multiprocessing.synchronize import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.clock import Clock
from config.errors import ConfigError, Stopped, TransientError
from connectors.interfaces import Limiter
from connectors.store.coordination.rate_limits import Rate, SharedLimiter
from connectors.store.store import Store
from tests.support.facts.seen import Hands, open_store, sqlite_url

MINUTE = 60_000_000


def worst_minute(spent: list[tuple[int, int]]) -> int:
    """The most units in any 60 seconds: both ends within, rather too strict than too lax."""
    window: deque[tuple[int, int]] = deque()
    total = worst = 0
    for moment, units in sorted(spent):
        window.append((moment, units))
        total += units
        while window[0][0] < moment - MINUTE + 1:
            total -= window.popleft()[1]
        worst = max(worst, total)
    return worst


def limiter(store: Store, rate: Rate, budget: float = 3600.0) -> SharedLimiter:
    return store.limiter({"google": rate}, budget=budget)


def test_it_is_a_limiter_whose_takers_wait_for_one_another(store: Store, hands: Hands) -> None:
    taken: Limiter = limiter(store, Rate(60))
    began = hands.micros
    for _ in range(21):
        taken.take("google:sam@ours.example", 6)
    assert hands.micros - began >= 60_000_000


@pytest.mark.parametrize(("rate", "units"), [(6000, 20), (15_000, 50), (600, 4)])
def test_the_rate_is_used_and_never_passed(
    store: Store, hands: Hands, rate: int, units: int
) -> None:
    taker = limiter(store, Rate(rate), budget=1e9)
    spent = []
    began = hands.micros
    for _ in range(3 * rate // units):
        taker.take("google", units)
        spent.append((hands.micros, units))
    minutes = (hands.micros - began) / MINUTE
    assert worst_minute(spent) <= rate
    assert sum(units for _, units in spent) / minutes >= 0.95 * rate


@settings(max_examples=30)
@given(
    rate=st.integers(30, 500),
    asks=st.lists(
        st.tuples(st.integers(1, 30), st.sampled_from([0, 0, 0, 1, 20, 90])),
        min_size=10,
        max_size=60,
    ),
)
def test_no_mixture_of_costs_and_pauses_passes_it(
    rate: int, asks: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    hands = Hands()
    with open_store(sqlite_url(tmp_path_factory.mktemp("limits")), hands) as store:
        taker = limiter(store, Rate(rate), budget=1e9)
        spent = []
        for units, pause in asks:
            hands.go(seconds=pause)
            taker.take("google", units)
            spent.append((hands.micros, units))
    assert worst_minute(spent) <= rate


def test_a_request_that_costs_all_of_a_minute_waits_for_a_whole_one(
    store: Store, hands: Hands
) -> None:
    taker = limiter(store, Rate(10), budget=1e9)
    spent = []
    for _ in range(3):
        taker.take("google", 10)
        spent.append((hands.micros, 10))
    assert worst_minute(spent) <= 10
    assert hands.slept >= 120
    with pytest.raises(ConfigError, match="11 units"):
        taker.take("google", 11)


def test_a_key_without_a_rate_is_free_and_others_have_their_own_bucket(
    store: Store, hands: Hands
) -> None:
    taker = store.limiter({"google:gmail": Rate(60), "google": Rate(6)}, budget=1e9)
    taker.take("microsoft:sam", 1_000_000)
    taker.take("google:gmail:sam", 1)
    taker.take("google:gmail:eli", 1)
    assert hands.slept == 0
    taker.take("google:calendar:sam", 1)
    taker.take("google:calendar:sam", 1)
    assert hands.slept > 10


def test_units_that_were_not_spent_come_back(store: Store, hands: Hands) -> None:
    taker = limiter(store, Rate(60, capacity=10), budget=1e9)
    for _ in range(50):
        taker.take("google", 10)
        taker.refund("google", 10)
    assert hands.slept == 0


def test_a_wait_beyond_the_budget_is_a_matter_for_the_next_run(store: Store, hands: Hands) -> None:
    taker = limiter(store, Rate(60), budget=10)
    with pytest.raises(TransientError) as caught:  # noqa: PT012 - the one that fails is not known
        for _ in range(100):
            taker.take("google", 1)
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 2
    assert 8 <= hands.slept <= 10.5
    # What could not be had was not taken either.
    hands.go(seconds=3)
    limiter(store, Rate(60), budget=1).take("google", 1)


def test_asked_to_stop_it_stops_and_gives_back(store: Store, hands: Hands) -> None:
    asked: list[bool] = []
    taker = store.limiter({"google": Rate(60)}, budget=1e9, should_stop=lambda: bool(asked))
    for _ in range(2):
        taker.take("google", 2)
    asked.append(True)
    with pytest.raises(Stopped):
        taker.take("google", 2)
    asked.clear()
    slept = hands.slept
    taker.take("google", 2)
    assert hands.slept - slept < 3


def test_a_clock_that_was_far_ahead_blocks_nobody(url: str) -> None:
    with open_store(url, Hands("2027-06-01")) as store:
        limiter(store, Rate(60), budget=1e9).take("google", 60 // 2)
    hands = Hands()
    with open_store(url, hands) as store:
        limiter(store, Rate(60), budget=120).take("google", 1)
    assert hands.slept < 60


def _spend(url: str, together: Barrier, result: multiprocessing.SimpleQueue[float]) -> None:
    hands = Hands()
    with open_store(url, hands) as store:
        taker = limiter(store, Rate(3000), budget=1e9)
        together.wait(60)
        for _ in range(100):
            taker.take("google", 10)
    result.put(hands.slept)


def test_processes_share_one_rate(url: str) -> None:
    """Each by a clock of its own that only its waits move: how fast either runs changes nothing."""
    open_store(url).close()
    context = multiprocessing.get_context("spawn")
    result: multiprocessing.SimpleQueue[float] = context.SimpleQueue()
    together = context.Barrier(2)
    workers = [context.Process(target=_spend, args=(url, together, result)) for _ in range(2)]
    for worker in workers:
        worker.start()
    slept = max(result.get(), result.get())
    for worker in workers:
        worker.join()
    # 2,000 units, of which 120 may be spent at once, and then 48 a second, whoever takes them.
    assert slept == pytest.approx((2000 - 120) / 48, abs=0.1)


def test_threads_share_one_limiter(store: Store, hands: Hands) -> None:
    taker = limiter(store, Rate(6000), budget=1e9)

    def spend() -> None:
        for _ in range(20):
            taker.take("google", 20)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 1,600 units of which 240 may be spent at once, at 5,760 a minute.
    assert hands.slept >= (1600 - 240) / 96 - 0.1


def test_what_threads_wait_at_the_same_time_counts_once(url: str) -> None:
    """Six that wait for one quota are a healthy run, not one that has waited for six times as long."""
    gate = threading.Event()
    asleep = threading.Semaphore(0)

    def sleep(_seconds: float) -> None:
        asleep.release()
        assert gate.wait(60)

    hands = Hands()
    clock = Clock(now_=hands.now, steady_=lambda: hands.micros / 1_000_000, sleep_=sleep)
    refused: list[TransientError] = []

    def take() -> None:
        try:
            taker.take("google", 10)
        except TransientError as error:
            refused.append(error)

    with open_store(url, hands) as opened:
        opened.close()
    with Store.open(url, clock) as store:
        # One every ten seconds: they wait for 10, 20, ... 60 s, all from now on.
        taker = limiter(store, Rate(70, capacity=10), budget=61)
        taker.take("google", 10)
        threads = [threading.Thread(target=take) for _ in range(6)]
        for thread in threads:
            thread.start()
            assert asleep.acquire(timeout=60)
        with pytest.raises(TransientError) as seventh:
            taker.take("google", 10)
        gate.set()
        for thread in threads:
            thread.join()
    assert refused == []
    assert seventh.value.retry_after == pytest.approx(70)
