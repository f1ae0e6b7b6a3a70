"""Does our way to Graph keep to its rules: four in flight, Retry-After, no endless lists?"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.clock import Clock
from config.errors import AuthError, ConfigError, ProviderError, Stopped, TransientError
from connectors.microsoft.client import Forbidden, Graph, Part
from connectors.microsoft.concurrency import Lanes, lanes_of
from connectors.sandbox.server.faults import Fault, Kind
from connectors.transport.backoff import Patience
from connectors.transport.client import Transport, Unsettled
from tests.support.providers.google_office import Key
from tests.support.providers.microsoft_office import DANA, KATE, Office, at, office
from tests.support.servers.scripted_http import Fast, Purse, Reply, serving


@pytest.fixture
def kate(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        made.world.advance_to(at(0, 1))
        yield made


def parts(number: int) -> list[Part]:
    """So many different questions for a folder."""
    return [
        Part(
            str(one), "/mailFolders/inbox", "/me/mailFolders/{name}", {"$select": f"id,{'x' * one}"}
        )
        for one in range(number)
    ]


def test_no_more_than_four_are_ever_in_flight_whoever_asks(tmp_path: Path) -> None:
    faults = [Fault("slow", where="mailFolders.*", seconds=0.03, times=None)]
    with office(tmp_path) as kate:
        for fault in faults:
            kate.sandbox.faults.add(fault)
        kate.graph.get("/mailFolders", name="/me/mailFolders")

        def ask(number: int) -> int:
            if number % 3:
                return len(kate.graph.get("/mailFolders", name="/me/mailFolders"))
            return len(kate.graph.batch(parts(6)))

        with ThreadPoolExecutor(12) as pool:
            assert all(pool.map(ask, range(24)))
        assert kate.sandbox.log.peak == 4
        assert not [one for one in kate.sandbox.log.entries() if one.status == 429]


def test_all_graphs_of_one_app_share_their_lanes() -> None:
    assert lanes_of("an app", 4) is lanes_of("an app", 4)
    assert lanes_of("an app") is not lanes_of("another app")


def test_a_batch_is_not_starved_by_single_requests() -> None:
    lanes = Lanes(4)
    order: list[str] = []
    hold = threading.Event()

    def single(name: str) -> None:
        with lanes.take(1):
            order.append(name)
            hold.wait()

    def batch() -> None:
        with lanes.take(9):  # more than there are: all of them
            order.append("batch")

    first = threading.Thread(target=single, args=("first",))
    first.start()
    while order != ["first"]:
        time.sleep(0.001)
    waiting = threading.Thread(target=batch)
    waiting.start()
    while len(lanes._queue) < 1:
        time.sleep(0.001)
    late = threading.Thread(target=single, args=("late",))
    late.start()
    while len(lanes._queue) < 2:
        time.sleep(0.001)
    hold.set()
    for thread in (first, waiting, late):
        thread.join()
    assert order == ["first", "batch", "late"]


def test_retry_after_is_kept_to_the_second_alone_and_in_a_batch(tmp_path: Path) -> None:
    with office(tmp_path, really=True) as kate:
        kate.sandbox.faults.add(Fault("too_many", where="mailFolders.list", retry_after=1))
        kate.sandbox.faults.add(Fault("too_many", where="mailFolders.get", after=1, retry_after=1))
        kate.graph.get("/mailFolders", name="/me/mailFolders")
        told = kate.graph.batch(parts(3))
        assert [one.status for one in told] == [200, 200, 200]
        returns = list(kate.sandbox.log.returns())
        assert len(returns) >= 2
        assert kate.sandbox.log.undercut() == []
        assert kate.sandbox.log.overlong() == []
    # Only the throttled part was asked again.
    assert kate.sandbox.log.counts()["mailFolders.get"] == 4


def test_a_batch_answers_in_the_order_of_its_questions_and_tells_refusals(kate: Office) -> None:
    asked = [
        Part("a", "/mailFolders/inbox", "n"),
        Part("b", "/mailFolders/nowhere", "n"),
        Part("c", "/mailFolders/inbox", "n", {"$select": "displayName"}),
    ] + [Part(str(number), "/mailFolders/sentitems", "n") for number in range(20)]
    told = kate.graph.batch(asked)
    assert [one.key for one in told] == [one.key for one in asked]
    assert [one.status for one in told[:3]] == [200, 404, 200]
    assert told[1].reason == "erroritemnotfound"


def test_a_token_that_ends_inside_a_batch_is_renewed(kate: Office) -> None:
    kate.graph.get("/mailFolders", name="n")
    kate.sandbox.faults.add(Fault("expired_token", where="mailFolders.get", after=1, times=2))
    assert {one.status for one in kate.graph.batch(parts(3))} == {200}


def test_a_refused_token_is_renewed_once_and_the_request_goes_through(kate: Office) -> None:
    kate.graph.get("/mailFolders", name="n")
    kate.sandbox.sign_in.expire()
    kate.graph.get("/mailFolders", name="n")
    assert kate.sandbox.log.statuses()[("mailFolders.list", 401)] == 1
    kate.sandbox.sign_in.revoke()
    with pytest.raises(AuthError):
        kate.graph.get("/mailFolders", name="n")


def test_a_claims_challenge_is_answered(kate: Office) -> None:
    kate.sandbox.challenges = 1
    kate.graph.get("/mailFolders", name="n")
    assert kate.sandbox.log.statuses()[("mailFolders.list", 401)] == 1
    # MSAL was given the claims: the endpoint was asked although a good token lay in the cache.
    assert kate.sandbox.log.counts()["login.token"] == 2
    assert any("nbf" in one for one in kate.sandbox.sign_in.claims)


def test_a_missing_permission_is_its_owners_matter(kate: Office) -> None:
    kate.sandbox.faults.add(Fault("forbidden", where="mailFolders.list"))
    with pytest.raises(Forbidden, match="erroraccessdenied"):
        kate.graph.get("/mailFolders", name="n")


def test_an_account_without_a_mailbox_is_the_settings_matter(kate: Office) -> None:
    wrong = kate.graph_for(kate.bearer(), user="nobody@ourco.example")
    with pytest.raises(ConfigError, match="no mailbox"):
        wrong.get("/mailFolders", name="n")


@pytest.mark.parametrize("kind", ["server_error", "html", "truncated", "drop_before", "drop_after"])
def test_what_breaks_once_is_asked_again(kate: Office, kind: Kind) -> None:
    kate.sandbox.faults.add(Fault(kind, where="mailFolders.list"))
    kate.sandbox.faults.add(Fault(kind, where="batch"))
    assert kate.graph.get("/mailFolders", name="n")["value"]
    assert {one.status for one in kate.graph.batch(parts(3))} == {200}


def test_what_stays_broken_ends_the_run_and_not_the_product(tmp_path: Path) -> None:
    with office(tmp_path, patience=Patience(tries=2)) as kate:
        kate.sandbox.faults.add(Fault("server_error", where="mailFolders.list", times=None))
        with pytest.raises(Unsettled):
            kate.graph.get("/mailFolders", name="n")
        kate.sandbox.faults.add(
            Fault("too_many", where="mailFolders.get", times=None, retry_after=9)
        )
        with pytest.raises(TransientError) as caught:
            kate.graph.batch(parts(2))
        assert caught.value.retry_after == 9
        assert kate.naps.slept.count(1.0) >= 9


def test_a_stop_is_heard_while_a_batch_waits(tmp_path: Path) -> None:
    asked: list[int] = []

    def stopping() -> bool:
        asked.append(1)
        return len(asked) > 6

    with office(tmp_path, stopping=stopping) as kate:
        kate.sandbox.faults.add(
            Fault("too_many", where="mailFolders.get", times=None, retry_after=60)
        )
        with pytest.raises(Stopped):
            kate.graph.batch(parts(2))


def test_nothing_that_is_logged_names_anybody(
    kate: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    caplog.set_level(0, "noshow")
    kate.world.mail(at(0, 1), DANA, KATE, "Hello there")
    kate.world.advance_to(at(1))
    kate.sandbox.faults.add(Fault("too_many", where="messages.delta", retry_after=1))
    kate.messages()
    ours = [one.getMessage() for one in caplog.records if one.name.startswith(("noshow", "msal"))]
    assert ours
    for word in (KATE, DANA, "Hello there", "EwB-", "0.AX-", "deltatoken"):
        assert not [line for line in ours if word in line]


@contextmanager
def answering(*replies: Reply) -> Iterator[Graph]:
    """A Graph whose server gives these answers one after another."""
    fast = Fast()
    clock = Clock(steady_=fast.steady, sleep_=fast.sleep)
    with serving(*replies) as script, Transport(clock, Purse()) as transport:
        yield Graph(transport, Key(), app="app", account="1", root=script.url, lanes=Lanes())


def test_a_page_without_its_list_is_no_end_of_a_list() -> None:
    with answering(Reply(body={"message": "sign in"})) as graph:
        with pytest.raises(ProviderError, match="without its list"):
            list(graph.pages("/events", name="/me/events"))


def test_a_page_of_html_inside_a_batch_is_asked_for_again() -> None:
    def reply(body: object) -> Reply:
        return Reply(body={"responses": [{"id": "0", "status": 200, "body": body}]})

    page = reply("PGh0bWw+c2lnbiBpbjwvaHRtbD4=")
    with answering(page, reply({"id": "a"})) as graph:
        (told,) = graph.batch(parts(1))
        assert (told.status, told.body) == (200, {"id": "a"})
    with answering(page) as graph:
        (told,) = graph.batch(parts(1))
        assert told.status == 502


def test_only_graphs_own_word_says_that_a_mail_was_taken() -> None:
    with answering(Reply(202, b"")) as graph:
        assert graph.send_mime("bWFpbA==").status == 202
    with answering(Reply(200, b"")) as graph, pytest.raises(ValueError, match="instead of 202"):
        graph.send_mime("bWFpbA==")
