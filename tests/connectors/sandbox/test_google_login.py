"""Does the sandbox's login die, refuse and renew as Google's does?"""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import google.auth.transport.requests
import pytest
import requests
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account

from connectors.sandbox.google.server import CALENDAR, CALENDAR_LIST, MAIL, GoogleSandbox
from connectors.sandbox.server.faults import Fault, Faults
from tests.support.providers.sandbox_requests import EVENTS, GMAIL, KATE, Asker, day, world_of_kate


def error(reply: requests.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]


def test_a_testing_token_dies_after_seven_days_and_a_production_one_does_not() -> None:
    world = world_of_kate()
    world.advance_to(day(0))
    with GoogleSandbox(world) as sandbox:
        production, testing = Asker(sandbox), Asker(sandbox)
        testing.login = sandbox.issue_token(KATE, [MAIL], kind="testing")
        assert testing.refresh().status_code == 200
        world.advance_to(day(7, 10))
        assert error(testing.refresh()) == (400, "invalid_grant")
        assert production.refresh().status_code == 200


def test_a_revoked_consent_ends_refresh_and_access_at_once() -> None:
    world = world_of_kate()
    with GoogleSandbox(world) as sandbox:
        asker = Asker(sandbox)
        sandbox.login.revoke(KATE)
        assert error(asker.refresh()) == (400, "invalid_grant")
        assert asker.reason(EVENTS) == (401, "authError")


def test_access_tokens_run_out_by_the_servers_clock() -> None:
    seconds = [0.0]
    with GoogleSandbox(world_of_kate(), access_seconds=60, steady=lambda: seconds[0]) as sandbox:
        asker = Asker(sandbox)
        assert asker.ask(EVENTS).status_code == 200
        seconds[0] = 61
        assert asker.reason(EVENTS) == (401, "authError")
        sandbox.login.expire_access()
        assert asker.refresh().status_code == 200


def test_a_refresh_may_ask_for_fewer_scopes_but_not_for_others() -> None:
    with GoogleSandbox(world_of_kate()) as sandbox:
        asker = Asker(sandbox, CALENDAR, MAIL)
        fewer = asker.refresh(scope=CALENDAR).json()
        assert fewer["scope"] == CALENDAR
        assert error(asker.refresh(scope=f"{CALENDAR} {CALENDAR_LIST}")) == (400, "invalid_scope")
        asker.token = fewer["access_token"]
        assert asker.ask(EVENTS).status_code == 200
        assert asker.reason(GMAIL + "profile") == (403, "insufficientPermissions")


def test_the_events_scope_does_not_list_calendars() -> None:
    with GoogleSandbox(world_of_kate()) as sandbox:
        asker = Asker(sandbox, CALENDAR)
        reply = asker.ask("calendar/v3/users/me/calendarList")
        assert reply.status_code == 403
        details = reply.json()["error"]["details"][0]
        assert details["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        assert "insufficient_scope" in reply.headers["WWW-Authenticate"]


def test_a_wrong_client_or_grant_is_named() -> None:
    with GoogleSandbox(world_of_kate()) as sandbox:
        asker = Asker(sandbox)
        assert error(asker.refresh(client_id="x")) == (401, "invalid_client")
        assert error(asker.refresh(client_secret="x")) == (401, "invalid_client")
        assert error(asker.refresh(refresh_token="x")) == (400, "invalid_grant")
        assert error(asker.refresh(grant_type="password")) == (400, "unsupported_grant_type")


def consent(sandbox: GoogleSandbox, scopes: str, verifier: str = "") -> dict[str, str]:
    query = {
        "client_id": sandbox.client_secrets()["installed"]["client_id"],
        "redirect_uri": "http://127.0.0.1:1/",
        "response_type": "code",
        "scope": scopes,
        "state": "s1",
        "login_hint": KATE,
    }
    if verifier:
        hashed = hashlib.sha256(verifier.encode()).digest()
        query["code_challenge"] = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
        query["code_challenge_method"] = "S256"
    with requests.Session() as session:
        session.trust_env = False
        reply = session.get(sandbox.auth_uri, params=query, allow_redirects=False, timeout=5)
    assert reply.status_code == 302
    back = parse_qs(urlsplit(reply.headers["Location"]).query)
    return {name: values[0] for name, values in back.items()}


def exchange(asker: Asker, code: str, **more: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://127.0.0.1:1/"}
    return asker.refresh(**form, **more)


def test_the_installed_app_flow_gives_tokens_once_and_checks_the_verifier() -> None:
    with GoogleSandbox(world_of_kate()) as sandbox:
        asker = Asker(sandbox)
        back = consent(sandbox, f"{CALENDAR} {MAIL}", "verifier-1")
        assert back["state"] == "s1"
        wrong = consent(sandbox, MAIL, "verifier-2")
        assert error(exchange(asker, wrong["code"], code_verifier="x")) == (400, "invalid_grant")
        given = exchange(asker, back["code"], code_verifier="verifier-1").json()
        assert set(given["scope"].split()) == {CALENDAR, MAIL}
        assert error(exchange(asker, back["code"], code_verifier="verifier-1"))[0] == 400
        asker.login["refresh_token"] = given["refresh_token"]
        assert asker.refresh().status_code == 200


def test_the_user_may_untick_scopes_or_refuse() -> None:
    with GoogleSandbox(world_of_kate()) as sandbox:
        asker = Asker(sandbox)
        sandbox.login.ticked = frozenset({MAIL})
        back = consent(sandbox, f"{CALENDAR} {MAIL}")
        assert back["scope"] == MAIL
        assert exchange(asker, back["code"]).json()["scope"] == MAIL
        sandbox.login.refuses_consent = True
        assert consent(sandbox, MAIL)["error"] == "access_denied"


def robot(sandbox: GoogleSandbox, *scopes: str, subject: str = KATE, **info: str):
    made = service_account.Credentials.from_service_account_info(
        sandbox.service_account([MAIL]) | info, scopes=list(scopes)
    )
    return made.with_subject(subject) if subject else made


def renewed(credentials) -> str:
    with requests.Session() as session:
        session.trust_env = False
        credentials.refresh(google.auth.transport.requests.Request(session))
    return credentials.token


def test_a_service_account_acts_for_the_domain_with_exactly_its_scopes() -> None:
    with GoogleSandbox(world_of_kate()) as sandbox:
        asker = Asker(sandbox)
        asker.token = renewed(robot(sandbox, MAIL))
        assert asker.get(GMAIL + "profile")["emailAddress"] == KATE
        with pytest.raises(RefreshError, match="unauthorized_client"):
            renewed(robot(sandbox, MAIL, CALENDAR))
        with pytest.raises(RefreshError, match="invalid_grant"):
            renewed(robot(sandbox, MAIL, subject="stranger@ourco.example"))
        asker.token = renewed(robot(sandbox, MAIL, subject=""))
        assert asker.reason(GMAIL + "profile") == (400, "failedPrecondition")


def test_a_forged_assertion_is_refused() -> None:
    with GoogleSandbox(world_of_kate()) as sandbox:
        other = sandbox.service_account([MAIL])
        forged = robot(sandbox, MAIL, private_key=other["private_key"])
        # The latest registration holds for this robot: the key before it is no longer its own.
        sandbox.service_account([MAIL])
        with pytest.raises(RefreshError, match="invalid_grant"):
            renewed(forged)


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        ("invalid_grant", 400, "invalid_grant"),
        ("invalid_rapt", 400, "invalid_grant"),
        ("invalid_scope", 400, "invalid_scope"),
        ("server_error", 503, "internal_failure"),
    ],
)
def test_the_token_endpoint_fails_by_switch_and_recovers(kind, status, word) -> None:
    faults = Faults(Fault(kind, where="oauth2.token", after=1))
    with GoogleSandbox(world_of_kate(), faults=faults) as sandbox:
        asker = Asker(sandbox)
        assert error(asker.refresh()) == (status, word)
        assert asker.refresh().status_code == 200


def test_only_the_worlds_people_get_tokens() -> None:
    with (
        GoogleSandbox(world_of_kate()) as sandbox,
        pytest.raises(ValueError, match="no such account"),
    ):
        sandbox.issue_token("eve@ourco.example", [MAIL])
