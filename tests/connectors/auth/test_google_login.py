"""Does a login to Google work, stay its owner's, and say why when it has died?"""

from __future__ import annotations

import json
import threading
import urllib.request
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest

from config.clock import to_micros
from config.errors import AuthError, ConfigError, TransientError
from connectors.auth.expiry import WORDS
from connectors.auth.google.consent import (
    SCOPES,
    Client,
    Stored,
    begin,
    client_from,
    connect_by_paste,
    connect_here,
    finish,
)
from connectors.auth.google.login import (
    DAY,
    OwnersLogin,
    ServiceAccount,
    expiry_warning,
    exported,
    imported,
    why_it_died,
)
from connectors.auth.google.setup_guide import delegation_guide, guide
from connectors.sandbox.server.faults import Fault
from connectors.transport.error_table import Asked
from tests.support.providers.google_office import DANA, KATE, MONDAY, Office, at, office

NOW = to_micros(MONDAY)


def client(one: Office, folder: Path) -> Client:
    """The desktop client of the sandbox, from the file that Google's console would give."""
    file = folder / "client.json"
    file.write_text(json.dumps(one.sandbox.client_secrets()))
    return client_from(file, auth_uri=one.sandbox.auth_uri, token_uri=one.sandbox.token_uri)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **named: object) -> None:
        return None


def opened(url: str) -> str:
    """What a browser would be sent to by the consent page."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    try:
        opener.open(url, timeout=10).close()
    except HTTPError as answer:
        answer.close()
        return str(answer.headers["Location"])
    raise AssertionError("the consent page did not send the browser back")


def browse(url: str) -> None:
    """A browser in a thread of its own, as a real one is."""

    def run() -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(url, timeout=10).close()

    threading.Thread(target=run).start()


def stored(**changed: object) -> Stored:
    values: dict[str, object] = {
        "purpose": "read",
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "refresh",
        "scopes": SCOPES["read"],
        "consented_at": NOW,
        "worked_at": NOW,
        **changed,
    }
    return Stored(**values)  # type: ignore[arg-type]


def test_a_browser_on_this_machine_comes_back_with_a_login_that_works(tmp_path: Path) -> None:
    with office(tmp_path, login=False) as one:
        login = connect_here(
            client(one, tmp_path), "read", one.transport, browse, address=KATE, timeout=20
        )
        one.vault.write("kate", login.entry())
        bearer = OwnersLogin(
            one.vault, "kate", "read", one.transport, token_uri=one.sandbox.token_uri
        )
        assert one.google_for(bearer).owner() == KATE
    assert set(login.scopes) == set(SCOPES["read"])
    assert login.consented_at == NOW


def test_a_stranger_on_the_loopback_port_is_not_listened_to(tmp_path: Path) -> None:
    refused = []

    def attacked(url: str) -> None:
        def run() -> None:
            back = parse_qs(urlsplit(url).query)["redirect_uri"][0]
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            for query in ("code=stolen&state=guess", "favicon.ico"):
                try:
                    opener.open(f"{back}?{query}", timeout=10).close()
                except HTTPError as answer:
                    refused.append(answer.code)
                    answer.close()
            opener.open(url, timeout=10).close()

        threading.Thread(target=run).start()

    with office(tmp_path, login=False) as one:
        login = connect_here(client(one, tmp_path), "read", one.transport, attacked, timeout=20)
    assert refused == [404, 404]
    assert login.refresh_token


def test_nobody_in_the_browser_ends_in_time(tmp_path: Path) -> None:
    with office(tmp_path, login=False) as one:
        desktop = client(one, tmp_path)
        with pytest.raises(AuthError, match="in time"):
            connect_here(desktop, "read", one.transport, lambda url: None, timeout=0.2)


def test_the_address_of_a_browser_elsewhere_can_be_pasted(tmp_path: Path) -> None:
    with office(tmp_path, login=False) as one:
        login = connect_by_paste(
            client(one, tmp_path), "send", one.transport, lambda url: f" {opened(url)}\n"
        )
    assert login.scopes == SCOPES["send"]


@pytest.mark.parametrize("pasted", ["", "http://127.0.0.1:1/", "hello", "?code=x&state=wrong"])
def test_something_else_pasted_is_no_answer(tmp_path: Path, pasted: str) -> None:
    with office(tmp_path, login=False) as one:
        question = begin(client(one, tmp_path), "read")
        with pytest.raises(AuthError, match="not the answer"):
            finish(question, pasted, one.transport)
        assert one.sandbox.log.counts()["oauth2.token"] == 0


def test_a_refused_consent_and_a_used_code_are_said(tmp_path: Path) -> None:
    with office(tmp_path, login=False) as one:
        desktop = client(one, tmp_path)
        question = begin(desktop, "read")
        back = opened(question.url)
        finish(question, back, one.transport)
        with pytest.raises(AuthError, match="did not accept the code"):
            finish(question, back, one.transport)
        one.sandbox.login.refuses_consent = True
        question = begin(desktop, "read")
        with pytest.raises(AuthError, match="refused"):
            finish(question, opened(question.url), one.transport)


def test_a_code_is_never_exchanged_twice_by_us(tmp_path: Path) -> None:
    with office(tmp_path, login=False) as one:
        question = begin(client(one, tmp_path), "read")
        back = opened(question.url)
        one.sandbox.faults.add(Fault("drop_after", where="oauth2.token"))
        with pytest.raises(TransientError):
            finish(question, back, one.transport)
        assert one.sandbox.log.counts()["oauth2.token"] == 1


def test_an_unticked_box_is_named(tmp_path: Path) -> None:
    with office(tmp_path, login=False) as one:
        one.sandbox.login.ticked = frozenset(SCOPES["read"][:1])
        with pytest.raises(AuthError) as caught:
            connect_by_paste(client(one, tmp_path), "read", one.transport, opened)
    assert "gmail.metadata" in caught.value.message
    assert "calendar" not in caught.value.message
    assert "ticked" in caught.value.hint


def test_purposes_are_never_mixed() -> None:
    scopes = list(SCOPES.values())
    assert len({scope for some in scopes for scope in some}) == sum(map(len, scopes))
    assert SCOPES["send"] == ("https://www.googleapis.com/auth/gmail.send",)
    with pytest.raises(AuthError, match="not given for"):
        Stored.read(stored().entry(), "send")


def test_a_consent_asks_for_what_google_needs_and_is_new_each_time() -> None:
    first = begin(Client("id", "secret"), "read", address=KATE)
    second = begin(Client("id", "secret"), "read")
    query = {name: values[0] for name, values in parse_qs(urlsplit(first.url).query).items()}
    assert query["access_type"] == "offline"
    assert query["prompt"] == "consent"
    assert query["code_challenge_method"] == "S256"
    assert query["login_hint"] == KATE
    assert set(query["scope"].split()) == set(SCOPES["read"])
    assert "secret" not in first.url
    assert first.verifier not in first.url
    assert first.state != second.state
    assert "secret" not in repr(first)


def test_one_access_token_serves_many_requests_until_shortly_before_its_end(
    tmp_path: Path,
) -> None:
    with office(tmp_path, access_seconds=3599.0) as one:
        for _ in range(3):
            one.google.labels()
        assert one.sandbox.log.counts()["oauth2.token"] == 1
        one.fast.sleep(3500)
        one.google.labels()
        assert one.sandbox.log.counts()["oauth2.token"] == 2
        assert ("gmail.users.labels.list", 401) not in one.sandbox.log.statuses()


def test_a_token_that_ended_early_is_renewed_once_for_all_threads(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.google.labels()
        one.sandbox.login.expire_access()
        threads = [threading.Thread(target=one.google.labels) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.sandbox.log.statuses()["gmail.users.labels.list", 200] == 5
        assert one.sandbox.log.counts()["oauth2.token"] == 2


def test_a_testing_login_dies_after_seven_days_and_the_reason_is_told(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        google = one.google_for(one.login(kind="testing"))
        google.labels()
        one.world.advance_to(at(6.9))
        one.fast.sleep(4000)
        google.labels()
        one.world.advance_to(at(7.1))
        one.fast.sleep(4000)
        with pytest.raises(AuthError) as caught:
            google.labels()
    assert "Testing" in caught.value.message
    assert "publish" in caught.value.hint
    assert "noshow connect google" in caught.value.hint


def test_a_revoked_login_is_no_testing_login(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        for day in (1, 4, 9):
            one.world.advance_to(at(day))
            one.fast.sleep(4000)
            one.google.labels()
        one.sandbox.login.revoke(KATE)
        one.fast.sleep(4000)
        with pytest.raises(AuthError) as caught:
            one.google.labels()
    assert "Testing" not in caught.value.message
    assert "revoked" in caught.value.message
    assert "password" in caught.value.message


CERTAIN = "an app in Testing is logged out"
LIKELY = "probably the app is in Testing"


@pytest.mark.parametrize(
    ("login", "days", "testing", "words"),
    [
        (stored(), 7.2, True, CERTAIN),
        (stored(), 40, True, CERTAIN),
        (stored(worked_at=NOW + 7 * DAY), 400, True, CERTAIN),
        (stored(worked_at=None), 40, True, CERTAIN),
        (stored(dies_at=NOW + 7 * DAY), 40, False, CERTAIN),
        (stored(), 7.2, False, LIKELY),
        (stored(worked_at=NOW + 5 * DAY), 40, False, LIKELY),
        (stored(), 400, False, LIKELY),
        (stored(), 400, False, "six months"),
        (stored(), 1, True, "revoked"),
        (stored(), 1, False, "revoked"),
        (stored(worked_at=NOW + 8 * DAY), 9, True, "revoked"),
        (stored(worked_at=NOW + 20 * DAY), 21, False, "revoked"),
        (stored(worked_at=NOW + 20 * DAY), 220, True, "six months"),
        (stored(dies_at=NOW + 60 * DAY), 30, False, "revoked"),
        (stored(dies_at=NOW + 60 * DAY, worked_at=NOW + 59 * DAY), 61, False, "that was set"),
    ],
)
def test_the_cause_fits_when_it_last_worked_however_late_it_is_noticed(
    login: Stored, days: float, testing: bool, words: str
) -> None:
    now = NOW + int(days * DAY)
    error = why_it_died(login, "invalid_grant", now, testing=testing)
    assert words in error.message
    assert "noshow connect google" in error.hint
    if words not in (CERTAIN, LIKELY) and days < 400:
        assert "Testing" not in error.message + error.hint


def test_a_login_that_is_revoked_a_day_after_it_outlived_testing_is_known_to_have(
    tmp_path: Path,
) -> None:
    with office(tmp_path) as one:
        for day in (6.9, 7.6):
            one.world.advance_to(at(day))
            one.fast.sleep(4000)
            one.google.labels()
        one.sandbox.login.revoke(KATE)
        one.fast.sleep(4000)
        with pytest.raises(AuthError) as caught:
            one.google.labels()
    assert "Testing" not in caught.value.message


def test_a_client_that_google_does_not_know_is_told_from_a_dead_login() -> None:
    error = why_it_died(stored(), "invalid_client", NOW + 8 * DAY)
    assert "Testing" not in error.message
    assert "client" in error.hint


@pytest.mark.parametrize("kind", ["server_error", "truncated", "drop_after", "html", "drop_before"])
def test_a_token_endpoint_on_a_bad_day_is_asked_again(tmp_path: Path, kind: str) -> None:
    with office(tmp_path) as one:
        one.sandbox.faults.add(Fault(kind, where="oauth2.token"))  # type: ignore[arg-type]
        one.google.labels()
        assert one.sandbox.faults.fired[kind] == 1


def test_a_token_endpoint_that_is_down_is_nobody_s_fault(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.sandbox.faults.add(Fault("server_error", where="oauth2.token", times=None))
        with pytest.raises(TransientError):
            one.google.labels()


def test_that_a_login_works_is_written_down_once_a_day(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        file = tmp_path / "tokens" / "google-read.json"
        one.google.labels()
        first = file.read_text()
        one.fast.sleep(4000)
        one.google.labels()
        assert file.read_text() == first
        one.world.advance_to(at(1.5))
        one.fast.sleep(4000)
        one.google.labels()
        assert Stored.read(json.loads(file.read_text()), "read").worked_at == to_micros(at(1.5))


def test_the_end_of_a_login_is_warned_of_fourteen_days_and_one_day_ahead() -> None:
    login = stored(dies_at=NOW + 60 * DAY)
    assert expiry_warning(login, NOW + 45 * DAY) is None
    soon = expiry_warning(login, NOW + 47 * DAY)
    now = expiry_warning(login, NOW + 59 * DAY + DAY // 2)
    over = expiry_warning(login, NOW + 61 * DAY)
    assert soon is not None
    assert now is not None
    assert over is not None
    assert "in 13 days" in soon.text
    assert "within a day" in now.text
    assert "ended" in over.text
    assert over.days < 0
    assert "Testing" not in soon.text


def test_a_testing_app_is_warned_of_from_the_settings_or_from_google_s_own_word() -> None:
    assert expiry_warning(stored(), NOW + DAY) is None
    by_settings = expiry_warning(stored(), NOW + DAY, testing=True)
    by_google = expiry_warning(stored(dies_at=NOW + 7 * DAY - 1), NOW + DAY)
    for warning in (by_settings, by_google):
        assert warning is not None
        assert "Testing" in warning.text


def test_a_login_travels_to_another_machine_as_a_text(tmp_path: Path) -> None:
    assert imported(exported(stored()), "read") == stored()
    for text in ("", "[]", "{}", exported(stored(purpose="send", scopes=SCOPES["send"]))):
        with pytest.raises(AuthError):
            imported(text, "read")


def test_nothing_secret_is_shown_by_accident() -> None:
    shown = repr(stored(refresh_token="1//very", client_secret="hush"))
    assert "1//very" not in shown
    assert "hush" not in shown


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"web": {"client_id": "a", "client_secret": "b"}}', '{"installed": {}}'],
)
def test_a_wrong_client_file_is_the_settings_mistake(tmp_path: Path, text: str) -> None:
    (tmp_path / "client.json").write_text(text)
    with pytest.raises(ConfigError) as caught:
        client_from(tmp_path / "client.json")
    assert "Desktop" in caught.value.hint
    with pytest.raises(ConfigError):
        client_from(tmp_path / "missing.json")


def service(one: Office, folder: Path, subject: str, purpose: str = "read") -> ServiceAccount:
    file = folder / "robot.json"
    if not file.exists():
        file.write_text(json.dumps(one.sandbox.service_account(SCOPES["read"])))
    return ServiceAccount(file, subject, purpose, one.transport, token_uri=one.sandbox.token_uri)


def test_a_service_account_reads_for_its_subject(tmp_path: Path) -> None:
    with office(tmp_path, login=False) as one:
        one.world.mail(at(0), DANA, KATE, "Hello")
        one.world.advance_to(at(1))
        google = one.google_for(service(one, tmp_path, KATE))
        assert google.owner() == KATE
        google.events("primary", Asked.LISTING, {})
        assert one.sandbox.log.counts()["oauth2.token"] == 1


def test_a_service_account_that_may_not_says_what_an_administrator_must_do(
    tmp_path: Path,
) -> None:
    with office(tmp_path, login=False) as one:
        with pytest.raises(AuthError) as scope:
            service(one, tmp_path, KATE, "send").token()
        with pytest.raises(AuthError) as stranger:
            service(one, tmp_path, "nobody@elsewhere.example").token()
    assert SCOPES["send"][0] in scope.value.hint
    assert "1029384756" in scope.value.hint
    assert "primary address" in stranger.value.hint
    assert "elsewhere" not in stranger.value.message + stranger.value.hint


def test_a_key_file_that_is_none_is_the_settings_mistake(tmp_path: Path) -> None:
    with office(tmp_path, login=False) as one:
        (tmp_path / "robot.json").write_text('{"type": "service_account"}')
        with pytest.raises(ConfigError):
            service(one, tmp_path, KATE)


def test_the_guide_names_every_step_and_every_scope() -> None:
    text = guide("read", workspace=False)
    assert all(scope in text for scope in SCOPES["read"])
    assert "In production" in text
    assert "Desktop app" in text
    assert "calendar-json.googleapis.com" in text
    assert "Internal" in guide("read", workspace=True)
    assert max(map(len, text.splitlines())) <= 100
    assert ",".join(SCOPES["audit"]) in delegation_guide("123", "audit")


def test_the_guide_follows_the_console_s_first_visit_and_says_what_publishing_shows() -> None:
    text = guide("read", workspace=False)
    pages = ("Get started", "App information", "Audience", "Contact information", "Finish")
    places = [
        text.index(f"   {page}") if page != "Get started" else text.index(page) for page in pages
    ]
    assert places == sorted(places)
    for needed in ("Publish app", "needs verification", "Advanced", "(unsafe)", "7 days"):
        assert needed in text
        assert needed not in guide("read", workspace=True) or needed == "Advanced"


@pytest.mark.parametrize("purpose", ["send", "attendance", "audit"])
def test_a_further_purpose_is_told_alone(purpose: str) -> None:
    for text in (guide(purpose), delegation_guide("123", purpose)):
        assert all(scope in text for scope in SCOPES[purpose])
        assert not any(scope in text for scope in set(SCOPES["read"]) - set(SCOPES[purpose]))
        assert "headers of mails" not in text
        assert max(map(len, text.splitlines())) <= 110
    assert f"--for {WORDS[purpose]}" in guide(purpose)
    assert "projectcreate" not in guide(purpose)


def test_a_sync_at_the_end_of_a_week_of_testing_is_warned_first(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        login = one.login(kind="testing")
        one.world.advance_to(MONDAY + timedelta(days=6, hours=12))
        warning = expiry_warning(login.stored(), to_micros(one.world.now), testing=True)
    assert warning is not None
    assert "within a day" in warning.text
