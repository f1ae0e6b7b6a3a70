"""Does the one loop retry what may be retried, and nothing else?"""

from __future__ import annotations

import gzip
import json
import logging
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from config.clock import Clock
from config.errors import (
    AuthError,
    ConfigError,
    CursorLost,
    ItemGone,
    NoshowError,
    ProviderError,
    Stopped,
    TransientError,
)
from connectors.transport.backoff import Patience, Reach
from connectors.transport.client import Transport, Unsettled
from connectors.transport.error_table import Asked
from connectors.transport.exchange import Bounds, Call
from tests.support.servers.scripted_http import (
    CUT,
    DROP,
    Fast,
    Purse,
    Reply,
    Script,
    failure,
    serving,
)

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


class Keys:
    """A bearer whose tokens are numbered."""

    def __init__(self) -> None:
        self.number = 1

    def token(self) -> str:
        return f"key-{self.number}"

    def renew(self, refused: str) -> str:
        assert refused == self.token()
        self.number += 1
        return self.token()


def transport(*, fast: Fast | None = None, purse: Purse | None = None, **options: Any) -> Transport:
    time = fast or Fast()
    clock = Clock(now_=lambda: NOW, steady_=time.steady, sleep_=time.sleep)
    return Transport(clock, purse or Purse(), **options)


def get(script: Script, **options: Any) -> Call:
    return replace(Call("GET", f"{script.url}/things", "/things", costs=(("gmail", 5),)), **options)


def send(script: Script, **options: Any) -> Call:
    return replace(get(script), method="POST", asked=Asked.SEND, body=b"{}", **options)


def test_a_good_answer_comes_back_parsed_and_paid_once() -> None:
    purse = Purse()
    with serving(Reply(body={"id": "a"})) as script, transport(purse=purse) as wire:
        assert wire.send(get(script)).data == {"id": "a"}
    assert purse.net("gmail") == 5


def test_a_connection_is_kept_for_the_next_request() -> None:
    with serving(Reply()) as script, transport() as wire:
        for _ in range(3):
            wire.send(get(script))
    assert len({seen.peer for seen in script.seen}) == 1


@pytest.mark.parametrize("chunked", [False, True])
def test_a_compressed_body_is_read_whole(chunked: bool) -> None:
    body = gzip.compress(json.dumps({"id": "x" * 300_000}).encode())
    reply = Reply(body=body, headers={"Content-Encoding": "gzip"}, chunked=chunked)
    with serving(reply) as script, transport() as wire:
        assert len(wire.send(get(script)).data["id"]) == 300_000


NEW_STYLE = {
    "error": {
        "code": 403,
        "status": "RESOURCE_EXHAUSTED",
        "details": [{"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_limit": "PerMinute"}}],
    }
}


@pytest.mark.parametrize(
    "bad",
    [
        failure(500, "backendError"),
        failure(502),
        failure(503),
        failure(429, "rateLimitExceeded"),
        failure(403, "userRateLimitExceeded"),
        Reply(403, NEW_STYLE),
        Reply(403, [NEW_STYLE]),
        Reply(503, b"<html>busy</html>", {"Content-Type": "text/html"}),
        Reply(200, b"<html>sign in</html>", {"Content-Type": "text/html"}),
        Reply(200, b"\xef\xbb\xbf <html>sign in</html>", {"Content-Type": "text/plain"}),
        Reply(200, {"error": {"code": 407, "message": "proxy"}}),
        Reply(200, b'{"id": "cut o'),
        Reply(200, b""),
        Reply(200, [1, 2]),
        Reply(200, {"id": "cut"}, fault=CUT),
        Reply(200, {"id": "cut"}, fault=CUT, chunked=True),
        Reply(fault=DROP),
    ],
    ids=lambda reply: f"{reply.status}-{str(reply.body)[:30]}-{reply.fault}",
)
def test_what_passes_by_itself_is_tried_again_and_every_try_is_paid(bad: Reply) -> None:
    purse, fast = Purse(), Fast()
    good = Reply(body={"id": "a"})
    with serving(bad, bad, good) as script, transport(fast=fast, purse=purse) as wire:
        assert wire.send(get(script)).data == {"id": "a"}
        assert len(script.seen) == 3
        assert wire.spent("gmail") == 15
    assert purse.net("gmail") == 15
    assert 0.5 + 1.0 <= sum(fast.naps) <= 1.0 + 2.0


@pytest.mark.parametrize(
    "bad", [failure(503), failure(429), Reply(fault=DROP), Reply(body={}, fault=CUT)]
)
def test_a_mail_is_never_sent_twice(bad: Reply) -> None:
    with serving(bad, Reply()) as script, transport() as wire:
        with pytest.raises(Unsettled):
            wire.send(send(script))
        assert len(script.seen) == 1


def test_a_cut_answer_to_a_hand_over_still_says_that_it_was_taken() -> None:
    with serving(Reply(body={"id": "m1"}, fault=CUT)) as script, transport() as wire:
        assert wire.send(send(script, wants_json=False)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"<html>sign in</html>",
        b"\xef\xbb\xbf<!doctype html>",
        b"Access denied by the gateway",
        b'{"error": {"code": 407}}',
    ],
)
def test_what_somebody_else_says_of_a_hand_over_is_no_success(body: bytes) -> None:
    reply = Reply(200, body, {"Content-Type": "text/plain"})
    with serving(reply) as script, transport() as wire:
        with pytest.raises(Unsettled) as caught:
            wire.send(send(script, wants_json=False))
        assert len(script.seen) == 1
    assert caught.value.sent is True


def test_a_get_that_travels_as_a_post_is_still_a_get() -> None:
    with serving(failure(503), Reply()) as script, transport() as wire:
        wire.send(get(script, wire_method="POST", body="a=b"))
    assert [seen.method for seen in script.seen] == ["POST", "POST"]


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_obeyed_to_the_second(form: str) -> None:
    told = "17" if form == "seconds" else format_datetime(NOW + timedelta(seconds=17), usegmt=True)
    fast = Fast()
    with serving(failure(429, Retry_After=told), Reply()) as script, transport(fast=fast) as wire:
        wire.send(get(script))
    assert sum(fast.naps) == pytest.approx(17)


def test_a_long_retry_after_is_not_waited_for_but_handed_on() -> None:
    fast = Fast()
    with serving(failure(429, Retry_After="3600"), Reply()) as script:
        with transport(fast=fast) as wire, pytest.raises(TransientError) as caught:
            wire.send(get(script))
        assert len(script.seen) == 1
    assert caught.value.retry_after == 3600
    assert fast.naps == []


def test_the_budget_of_tries_and_of_seconds_ends_it() -> None:
    with serving(failure(503)) as script, transport() as wire:
        with pytest.raises(Unsettled) as caught:
            wire.send(get(script))
        assert len(script.seen) == Patience().tries
    assert caught.value.status == 503
    fast = Fast()
    with serving(failure(503, Retry_After="50")) as script:
        with transport(fast=fast, patience=Patience(seconds=120)) as wire:
            with pytest.raises(Unsettled):
                wire.send(get(script))
        assert len(script.seen) == 3
    assert sum(fast.naps) == pytest.approx(100)


def test_waiting_for_units_takes_nothing_from_the_budget_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "noshow")
    fast = Fast()

    class Slow(Purse):
        def take(self, key: str, units: int) -> None:
            fast.naps.append(1000.0)

    with serving(failure(503), Reply()) as script, transport(fast=fast, purse=Slow()) as wire:
        wire.send(get(script))
    assert len(script.seen) == 2
    assert caplog.text.count("GET /things: waited 1000.0 s for the quota") == 2


@pytest.mark.parametrize("reason", ["dailyLimitExceeded", "quotaExceeded"])
def test_a_day_s_quota_stops_at_once_without_a_wait(reason: str) -> None:
    fast = Fast()
    with serving(failure(403, reason)) as script, transport(fast=fast) as wire:
        with pytest.raises(TransientError) as caught:
            wire.send(get(script))
        assert len(script.seen) == 1
    assert caught.value.exit_code == 3
    assert fast.naps == []


def test_a_new_style_day_s_quota_is_told_from_a_minute_s() -> None:
    daily = json.loads(json.dumps(NEW_STYLE).replace("PerMinute", "QueriesPerDay"))
    with serving(Reply(429, daily)) as script, transport() as wire:
        with pytest.raises(TransientError):
            wire.send(get(script))
        assert len(script.seen) == 1


@pytest.mark.parametrize(
    ("reply", "asked", "error"),
    [
        (failure(410, "fullSyncRequired"), Asked.CURSOR, CursorLost),
        (failure(410, "fullSyncRequired"), Asked.LISTING, CursorLost),
        (failure(404, "notFound"), Asked.CURSOR, CursorLost),
        (failure(400, "invalid"), Asked.CURSOR, CursorLost),
        (Reply(410, {"error": {"code": "SyncStateNotFound"}}), Asked.CURSOR, CursorLost),
        (
            Reply(400, {"error": {"code": "x", "innerError": {"code": "resyncRequired"}}}),
            Asked.CURSOR,
            CursorLost,
        ),
        (failure(404, "notFound"), Asked.ITEM, ItemGone),
        (failure(410, "deleted"), Asked.ITEM, ItemGone),
        (failure(404, "notFound"), Asked.LISTING, ProviderError),
        (failure(400, "invalid"), Asked.LISTING, ProviderError),
        (failure(400, "syncTokenWithRequestRestrictions"), Asked.CURSOR, ProviderError),
        (failure(403, "forbidden"), Asked.LISTING, ProviderError),
        (failure(403, "insufficientPermissions"), Asked.LISTING, AuthError),
        (failure(403, "accessNotConfigured"), Asked.LISTING, ConfigError),
        (failure(403, "domainPolicy"), Asked.LISTING, ConfigError),
        (Reply(302, headers={"Location": "http://elsewhere.example/"}), Asked.ITEM, ProviderError),
    ],
)
def test_each_answer_stops_with_the_error_of_who_must_act(
    reply: Reply, asked: Asked, error: type[NoshowError]
) -> None:
    with serving(reply) as script, transport() as wire:
        with pytest.raises(NoshowError) as caught:
            wire.send(get(script, asked=asked))
        assert len(script.seen) == 1
    assert type(caught.value) is error
    if error not in {CursorLost, ItemGone}:
        assert caught.value.hint


def test_a_refused_token_is_renewed_once_and_then_the_owner_must_act() -> None:
    with serving(failure(401, "authError"), Reply()) as script, transport() as wire:
        wire.send(get(script, bearer=Keys()))
        assert [seen.headers["authorization"] for seen in script.seen] == [
            "Bearer key-1",
            "Bearer key-2",
        ]
    with serving(failure(401, "authError")) as script, transport() as wire:
        with pytest.raises(AuthError):
            wire.send(get(script, bearer=Keys()))
        assert len(script.seen) == 2


def test_a_hand_over_with_a_refused_token_is_repeated_with_a_new_one() -> None:
    with serving(failure(401), Reply(body={"id": "m"})) as script, transport() as wire:
        assert wire.send(send(script, bearer=Keys())).data == {"id": "m"}
        assert len(script.seen) == 2


def test_what_was_never_sent_is_refunded_and_says_so() -> None:
    purse = Purse()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/x"
        with transport(purse=purse) as wire:
            with pytest.raises(Unsettled) as caught:
                wire.send(Call("POST", url, "/x", asked=Asked.SEND, costs=(("gmail", 100),)))
            assert wire.spent("gmail") == 0
    assert caught.value.sent is False
    assert purse.net("gmail") == 0
    assert purse.taken["gmail"] == 100


def test_a_host_without_a_name_is_no_answer_and_nothing_was_sent() -> None:
    with transport() as wire, pytest.raises(Unsettled) as caught:
        wire.send(Call("POST", "https://nowhere.invalid/x", "/x", asked=Asked.SEND))
    assert caught.value.sent is False


def test_a_dropped_hand_over_may_have_arrived() -> None:
    with serving(Reply(fault=DROP)) as script, transport() as wire:
        with pytest.raises(Unsettled) as caught:
            wire.send(send(script))
    assert caught.value.sent is True


def test_a_trickling_body_ends_at_the_deadline() -> None:
    clock = Clock(now_=lambda: NOW, sleep_=lambda seconds: None)
    bounds = Bounds(total=0.3)
    with serving(Reply(body=b" " * 5000, trickle=0.02)) as script:
        with Transport(clock, Purse(), bounds=bounds, patience=Patience(tries=1)) as wire:
            with pytest.raises(Unsettled, match="in time"):
                wire.send(get(script))


def test_a_silent_server_ends_at_the_timeout() -> None:
    clock = Clock(now_=lambda: NOW, sleep_=lambda seconds: None)
    bounds = Bounds(silence=0.2)
    with serving(Reply(body=b"{}", trickle=2.0)) as script:
        with Transport(clock, Purse(), bounds=bounds, patience=Patience(tries=1)) as wire:
            with pytest.raises(Unsettled):
                wire.send(get(script))


def test_a_body_above_the_cap_is_not_read_also_when_it_was_compressed() -> None:
    bomb = gzip.compress(b" " * 3_000_000)
    reply = Reply(body=bomb, headers={"Content-Encoding": "gzip"})
    options: dict[str, Any] = {"bounds": Bounds(size=1_000_000), "patience": Patience(tries=1)}
    with serving(reply) as script, transport(**options) as wire:
        with pytest.raises(Unsettled, match="more than 1000000 bytes"):
            wire.send(get(script))


def test_a_stop_is_heard_while_waiting() -> None:
    fast = Fast()
    options: dict[str, Any] = {"stopping": lambda: sum(fast.naps) >= 3}
    with serving(failure(503, Retry_After="60")) as script, transport(fast=fast, **options) as wire:
        with pytest.raises(Stopped):
            wire.send(get(script))
    assert sum(fast.naps) == pytest.approx(3)


def test_a_limiter_that_refuses_gives_back_what_was_taken_before() -> None:
    purse = Purse(holds=10)
    with serving(Reply()) as script, transport(purse=purse) as wire:
        with pytest.raises(TransientError):
            wire.send(get(script, costs=(("project", 5), ("user", 20))))
        assert script.seen == []
    assert purse.net("project") == 0


def test_the_log_holds_no_address_no_token_and_no_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "noshow")
    with serving(failure(503), failure(403, "forbidden")) as script, transport() as wire:
        call = get(script, bearer=Keys())
        call = replace(call, url=f"{script.url}/things/dana@client.example?q=secret")
        with pytest.raises(ProviderError) as caught:
            wire.send(call)
    text = caplog.text + str(caught.value)
    assert "/things" in text
    assert "503" in text
    for secret in ("dana", "key-1", "secret"):
        assert secret not in text


def test_no_netrc_and_no_cookie_touches_a_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login evil password evil\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(Reply(headers={"Set-Cookie": "a=b"})) as script, transport() as wire:
        wire.send(get(script, bearer=Keys()))
        wire.send(get(script, bearer=Keys()))
    assert {seen.headers["authorization"] for seen in script.seen} == {"Bearer key-1"}
    assert all("cookie" not in seen.headers for seen in script.seen)


def test_a_proxy_of_the_environment_is_not_asked_for_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(Reply()) as script, transport() as wire:
        assert wire.send(get(script)).status == 200


def test_an_authority_of_the_settings_is_trusted_and_no_other(tmp_path: Path) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    for name, authority in (("ours", ours), ("theirs", theirs)):
        authority.cert_pem.write_to_path(str(tmp_path / f"{name}.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.issue_cert("127.0.0.1").configure_cert(context)
    with serving(Reply(body={"id": "a"}), tls=context) as script:
        with transport(ca_file=tmp_path / "ours.pem") as wire:
            assert wire.send(get(script)).data == {"id": "a"}
        fast = Fast()
        with transport(fast=fast) as wire, pytest.raises(Unsettled) as caught:
            wire.send(send(script))
        assert caught.value.sent is False
        assert "ca_file" in caught.value.hint
        (tmp_path / "words.pem").write_text("no certificate at all")
        for name in ("theirs", "words"):
            with transport(fast=fast, ca_file=tmp_path / f"{name}.pem") as wire:
                with pytest.raises(ConfigError, match="does not vouch") as wrong:
                    wire.send(send(script))
            assert "ca_file" in wrong.value.hint
        assert fast.naps == []
        assert len(script.seen) == 1


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks9://nowhere.example"])
def test_a_wrong_proxy_is_the_users_matter(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    with transport() as wire, pytest.raises(ConfigError) as caught:
        wire.send(Call("GET", "https://provider.example/x", "/x"))
    assert "HTTPS_PROXY" in caught.value.hint


def test_without_a_network_one_request_waits_and_the_others_say_so_at_once() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        call = Call("GET", f"http://127.0.0.1:{closed.getsockname()[1]}/x", "/x")
        fast, reach = Fast(), Reach()
        for _ in range(3):
            with transport(fast=fast, reach=reach) as wire:
                with pytest.raises(Unsettled, match="no network: 127") as caught:
                    wire.send(call)
            assert caught.value.unreached
            assert sum(fast.naps) <= 20
    fast.sleep(30)
    with serving(Reply()) as script, transport(fast=fast, reach=reach) as wire:
        assert wire.send(get(script)).status == 200, "it is tried again, and found"
    assert not reach.offline


def test_a_missing_authority_is_the_settings_mistake(tmp_path: Path) -> None:
    with serving() as script, transport(ca_file=tmp_path / "none.pem") as wire:
        call = get(script, url=script.url.replace("http:", "https:"))
        with pytest.raises(ConfigError, match="CA file"):
            wire.send(call)
