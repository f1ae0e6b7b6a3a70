"""What stands between here and the provider: a company's proxy, a filter, a sign-in page, another's TLS?"""

from __future__ import annotations

import datetime as dates
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from config.errors import AuthError, ConfigError, ItemGone, ProviderError
from connectors.transport.client import Unsettled
from connectors.transport.error_table import Asked
from connectors.transport.exchange import Call
from tests.connectors.transport.test_client import Keys, get, transport
from tests.support.servers.proxy import proxy
from tests.support.servers.scripted_http import Fast, Reply, Script, serving

PAGE = b"<!DOCTYPE html><html><body>This page was blocked</body></html>"
HTML = {"Content-Type": "text/html; charset=utf-8"}
FAR = "https://provider.example/things"


@contextmanager
def provider(folder: Path, *names: str, until: int = 3000) -> Iterator[tuple[Script, Path]]:
    """The far server over TLS, with the file of the authority that vouches for it."""
    authority = trustme.CA()
    file = folder / "company.pem"
    authority.cert_pem.write_to_path(str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = authority.issue_cert(
        *(names or ("provider.example",)),
        not_before=dates.datetime(1990, 1, 1),  # noqa: DTZ001 - what trustme takes
        not_after=dates.datetime(until, 1, 1),  # noqa: DTZ001
    )
    leaf.configure_cert(context)
    with serving(Reply(body={"id": "a"}), tls=context) as script:
        yield script, file


def port_of(script: Script) -> int:
    return int(script.url.rpartition(":")[2])


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def far() -> Call:
    return Call("GET", FAR, "/things")


@pytest.mark.parametrize("by", ["settings", "environment"])
def test_an_intercepting_proxy_is_used_with_its_own_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    with provider(tmp_path) as (script, file), proxy(port_of(script)) as way:
        monkeypatch.setenv("HTTPS_PROXY", way.url)
        if by == "environment":
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
        with transport(ca_file=file if by == "settings" else None) as wire:
            assert wire.send(far()).data == {"id": "a"}
        assert [one.split(" ")[:2] for one in way.asked] == [["CONNECT", "provider.example:443"]]


def test_an_authority_of_the_settings_is_one_more_and_takes_none_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy lets some hosts pass as they are: a login page is vouched for by a public authority."""
    with provider(tmp_path) as (script, file), proxy(port_of(script)) as way:
        other = tmp_path / "other.pem"
        trustme.CA().cert_pem.write_to_path(str(other))
        monkeypatch.setenv("HTTPS_PROXY", way.url)
        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(file))
        with transport(ca_file=other) as wire:
            assert wire.send(far()).data == {"id": "a"}


def test_a_proxy_gets_the_login_of_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider(tmp_path) as (script, file), proxy(port_of(script), login="a2F0ZTpwQHc=") as way:
        monkeypatch.setenv("HTTPS_PROXY", way.url.replace("//", "//kate:p%40w@"))
        with transport(ca_file=file) as wire:
            assert wire.send(far()).data == {"id": "a"}
        monkeypatch.setenv("HTTPS_PROXY", way.url)
        with transport(ca_file=file) as wire, pytest.raises(ConfigError, match="407") as caught:
            wire.send(far())
    assert "user:password" in caught.value.hint


@pytest.mark.parametrize("status", ["503 Service Unavailable", "502 Bad Gateway", "504 Timeout"])
def test_a_proxy_that_is_busy_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    refusal = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n\r\n<html>busy</html>".encode()
    with provider(tmp_path) as (script, file), proxy(port_of(script), refusal, refusal) as way:
        monkeypatch.setenv("HTTPS_PROXY", way.url)
        with transport(ca_file=file) as wire:
            assert wire.send(far()).data == {"id": "a"}
        assert len(way.asked) == 3


def test_a_proxy_that_forbids_the_host_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(9, b"HTTP/1.1 403 Forbidden\r\n\r\n" + PAGE) as way:
        monkeypatch.setenv("HTTPS_PROXY", way.url)
        with transport() as wire, pytest.raises(ConfigError, match="403") as caught:
            wire.send(far())
    assert "NO_PROXY" in caught.value.hint
    assert len(way.asked) == 1


def test_a_host_of_no_proxy_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "other.example,.invalid")
    fast = Fast()
    with transport(fast=fast) as wire, pytest.raises(Unsettled, match="no network"):
        wire.send(Call("GET", "https://nowhere.invalid/things", "/things"))


@pytest.mark.parametrize(
    ("names", "until", "said"),
    [((), 2001, "clock"), (("portal.example",), 3000, "in the provider's place")],
    ids=["expired", "another-name"],
)
@pytest.mark.parametrize("by", ["settings", "environment"])
def test_a_certificate_that_no_authority_can_mend_is_not_blamed_on_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
    names: tuple[str, ...],
    until: int,
    said: str,
) -> None:
    with provider(tmp_path, *names, until=until) as (script, file), proxy(port_of(script)) as way:
        monkeypatch.setenv("HTTPS_PROXY", way.url)
        if by == "environment":
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
        fast = Fast()
        with transport(fast=fast, ca_file=file if by == "settings" else None) as wire:
            with pytest.raises(Unsettled) as caught:
                wire.send(far())
    assert said in caught.value.hint
    assert caught.value.sent is False
    assert fast.naps == []
    assert script.seen == []


@pytest.mark.parametrize(
    "asked", [Asked.ITEM, Asked.LISTING, Asked.CURSOR, Asked.TOKEN, Asked.SEND]
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 410, 451])
def test_a_filters_page_is_no_word_of_the_provider(asked: Asked, status: int) -> None:
    """By it a mail was gone, a cursor lost, or a login over."""
    with serving(Reply(status, PAGE, HTML)) as script, transport() as wire:
        with pytest.raises(ProviderError) as caught:
            wire.send(get(script, asked=asked, bearer=None if asked is Asked.TOKEN else Keys()))
    assert not isinstance(caught.value, ItemGone)
    assert caught.value.status == status
    assert "on the way" in caught.value.hint


@pytest.mark.parametrize("body", [b"", b'{"error": {"code": 404}}'])
def test_what_the_provider_says_is_gone_is_gone(body: bytes) -> None:
    with serving(Reply(404, body)) as script, transport() as wire, pytest.raises(ItemGone):
        wire.send(get(script, asked=Asked.ITEM))
    with serving(Reply(401, body)) as script, transport() as wire, pytest.raises(AuthError):
        wire.send(get(script, bearer=Keys()))


def test_a_filter_that_is_busy_is_asked_again() -> None:
    with serving(Reply(429, PAGE, HTML), Reply(body={"id": "a"})) as script, transport() as wire:
        assert wire.send(get(script)).data == {"id": "a"}
