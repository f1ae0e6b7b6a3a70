"""Is a login to Microsoft 365 made, kept, renewed and mourned as it should be?"""

from __future__ import annotations

import json
import re
import stat
import threading
import urllib.parse
import webbrowser
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.clock import to_micros
from config.errors import AuthError, ConfigError, NoshowError, Stopped, TransientError
from connectors.auth.microsoft.consent import (
    CALENDAR_FULL,
    Registration,
    Stored,
    by_browser,
    by_device,
    scopes_for,
)
from connectors.auth.microsoft.login import (
    AppLogin,
    certificate_warning,
    expiry_warning,
    exported,
    imported,
)
from connectors.auth.microsoft.refusals import refusal
from connectors.auth.microsoft.setup_guide import (
    admin_letter,
    app_guide,
    consent_link,
    fallback_question,
    guide,
)
from connectors.sandbox.microsoft.login import TENANT, TROUBLES
from connectors.sandbox.microsoft.server import CLIENT_ID
from connectors.sandbox.server.faults import Fault
from tests.support.providers.microsoft_office import KATE, MONDAY, Office, at, office
from tests.support.providers.signing_in import Browser, certificate

READ = scopes_for("read")


@pytest.fixture
def kate(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


def device(office: Office, show: Any = lambda text: None, **more: Any) -> Stored:
    return by_device(office.registration, "read", READ, office.transport, show, **more)


def test_a_device_code_is_shown_and_becomes_a_login(kate: Office) -> None:
    shown: list[str] = []
    kate.sandbox.sign_in.approves = KATE
    stored = device(kate, shown.append)
    assert re.search(r"enter [0-9A-F]{9}", shown[0])
    assert (stored.username, stored.scopes) == (KATE, READ)
    assert stored.consented_at == to_micros(MONDAY)
    kate.vault.write("microsoft-read", stored.entry())
    kate.sandbox.log.clear()
    assert kate.bearer().token()
    # The token that came with the login is still good.
    assert "login.token" not in kate.sandbox.log.counts()


def test_a_device_code_that_nobody_uses_can_be_broken_off(kate: Office) -> None:
    with pytest.raises(Stopped):
        device(kate, stopping=lambda: True)


@pytest.mark.parametrize("agrees", [True, False])
def test_a_browser_on_this_machine_comes_back_to_us(
    kate: Office, monkeypatch: pytest.MonkeyPatch, agrees: bool
) -> None:
    monkeypatch.setattr(webbrowser, "open", Browser(kate.sandbox.ca_file).open)
    kate.sandbox.sign_in.approves = KATE if agrees else ""
    if agrees:
        stored = by_browser(kate.registration, "read", READ, kate.transport, timeout=20)
        assert stored.username == KATE
    else:
        with pytest.raises(AuthError, match="declined"):
            by_browser(kate.registration, "read", READ, kate.transport, timeout=20)


def test_a_login_lies_readable_by_its_owner_alone_and_is_renewed_in_place(kate: Office) -> None:
    file = kate.vault.folder / "microsoft-read.json"
    before = json.loads(file.read_text())
    assert kate.bearer().token()
    after = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(kate.vault.folder.stat().st_mode) == 0o700
    # Entra gives a new refresh token with each use: the newest is kept.
    assert before["cache"] != after["cache"]
    assert after["worked_at"] == to_micros(MONDAY)


def test_a_good_token_serves_the_next_run_without_asking_anybody(kate: Office) -> None:
    first = kate.bearer().token()
    kate.sandbox.log.clear()
    assert kate.bearer().token() == first
    assert "login.token" not in kate.sandbox.log.counts()


def test_many_threads_make_one_refresh(kate: Office) -> None:
    bearer = kate.bearer()
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(bearer.token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert kate.sandbox.log.counts()["login.token"] == 1


def test_a_login_made_anew_meanwhile_is_not_overwritten(kate: Office) -> None:
    bearer = kate.bearer()
    old = bearer.stored()
    kate.world.advance_to(at(1))
    kate.login()
    newer = kate.vault.read("microsoft-read")
    bearer._keep(old, "{}")
    assert kate.vault.read("microsoft-read") == newer


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_text("{"),
        lambda file: file.write_text(""),
        lambda file: file.write_text("[]"),
        lambda file: file.write_text(file.read_text().replace('"cache"', '"cash"')),
        lambda file: file.write_text(json.dumps(json.loads(file.read_text()) | {"cache": "{"})),
        lambda file: file.write_text(json.dumps(json.loads(file.read_text()) | {"cache": "[]"})),
        lambda file: file.write_text(
            json.dumps(json.loads(file.read_text()) | {"cache": '{"Account": 3}'})
        ),
        lambda file: file.write_text(json.dumps(json.loads(file.read_text()) | {"cache": "{}"})),
        lambda file: file.unlink(),
    ],
)
def test_a_damaged_login_counts_as_signed_out(kate: Office, damage: Any) -> None:
    damage(kate.vault.folder / "microsoft-read.json")
    with pytest.raises(AuthError) as caught:
        kate.bearer().token()
    assert "noshow connect" in caught.value.hint


@pytest.mark.parametrize("number", sorted(TROUBLES))
def test_each_refusal_says_who_must_act(kate: Office, number: int) -> None:
    kate.sandbox.sign_in.trouble = number
    with pytest.raises((AuthError, ConfigError)) as caught:
        kate.bearer().token()
    assert f"AADSTS{number}" in caught.value.message
    apps = {700016, 7000215, 7000222}
    assert isinstance(caught.value, ConfigError) is (number in apps)
    assert caught.value.hint
    assert ("administrator" in caught.value.hint) is (number in {53003, 65001, 90094})
    # Microsoft's own text is not passed on.
    assert TROUBLES[number][2] not in caught.value.message


def test_a_failure_is_not_remembered_once_the_server_is_well_again(kate: Office) -> None:
    kate.sandbox.sign_in.trouble = 50076
    bearer = kate.bearer()
    with pytest.raises(AuthError):
        bearer.token()
    kate.sandbox.sign_in.trouble = 0
    assert bearer.token()


@pytest.mark.parametrize("kind", ["server_error", "too_many", "drop_before", "truncated", "html"])
def test_a_busy_sign_in_service_is_asked_again(kate: Office, kind: Any) -> None:
    kate.sandbox.faults.add(Fault(kind, where="login.token", retry_after=2))
    assert kate.bearer().token()


def test_a_sign_in_service_that_stays_down_is_nobody_s_fault(kate: Office) -> None:
    kate.sandbox.faults.add(Fault("server_error", where="login.token", times=None))
    with pytest.raises(TransientError):
        kate.bearer().token()


def test_an_authority_that_is_none_is_the_settings_fault(kate: Office) -> None:
    for authority in ("http://localhost/", kate.sandbox.graph_root):
        registration = Registration(CLIENT_ID, "organizations", authority)
        with pytest.raises(ConfigError) as caught:
            by_device(registration, "read", READ, kate.transport, print)
        assert "tenant" in caught.value.hint
    with pytest.raises(ConfigError, match="client_id"):
        by_device(Registration(""), "read", READ, kate.transport, print)


def test_an_administrator_s_consent_is_asked_for_in_words(kate: Office) -> None:
    kate.sandbox.sign_in.approves = KATE
    kate.sandbox.sign_in.admin_only = frozenset({"Calendars.ReadBasic"})
    with pytest.raises(AuthError, match="administrator must consent"):
        device(kate)
    full = scopes_for("read", CALENDAR_FULL)
    stored = by_device(kate.registration, "read", full, kate.transport, lambda text: None)
    assert stored.scopes == ("Calendars.Read", "Mail.ReadBasic")


def test_sending_is_a_login_of_its_own(kate: Office) -> None:
    with pytest.raises(AuthError, match="not given for 'send'"):
        Stored.read(kate.vault.read("microsoft-read"), "send")
    assert set(scopes_for("send")).isdisjoint(READ)


def test_a_login_is_carried_to_another_machine(kate: Office) -> None:
    stored = kate.bearer().stored()
    assert imported(exported(stored), "read") == stored
    with pytest.raises(AuthError):
        imported("{}", "read")
    with pytest.raises(AuthError):
        imported("nothing", "read")


def test_a_login_that_nobody_uses_is_warned_of(kate: Office) -> None:
    stored = kate.bearer().stored()
    assert expiry_warning(stored, to_micros(at(70))) is None
    soon = expiry_warning(stored, to_micros(at(80)))
    assert soon is not None
    assert "in 10 days" in soon.text
    over = expiry_warning(stored, to_micros(at(91)))
    assert over is not None
    assert "ended" in over.text


def app_login(office: Office, **more: Any) -> AppLogin:
    registration = Registration(CLIENT_ID, TENANT, office.sandbox.authority)
    return AppLogin(registration, office.transport, graph_root=office.sandbox.graph_root, **more)


@pytest.mark.parametrize("pfx", [True, False])
def test_an_app_reads_a_mailbox_with_its_certificate(
    kate: Office, tmp_path: Path, pfx: bool
) -> None:
    file, public = certificate(tmp_path, pfx=pfx)
    kate.sandbox.sign_in.certificate = public
    bearer = app_login(kate, certificate=file)
    kate.world.mail(at(0, 1), "dana@client.example", KATE, "Hello")
    kate.world.advance_to(at(1))
    kate.graph = kate.graph_for(bearer, user=KATE)
    assert [one.subject for one in kate.messages().values()] == ["Hello"]
    kate.sandbox.sign_in.expire()
    assert kate.messages()


def test_an_app_with_a_foreign_certificate_is_refused(kate: Office, tmp_path: Path) -> None:
    file, _ = certificate(tmp_path, pfx=True)
    (tmp_path / "other").mkdir()
    kate.sandbox.sign_in.certificate = certificate(tmp_path / "other", pfx=True)[1]
    with pytest.raises(ConfigError, match="700027"):
        app_login(kate, certificate=file).token()


def test_an_app_can_use_a_secret_and_a_wrong_one_is_the_settings_fault(kate: Office) -> None:
    kate.sandbox.sign_in.secret = "right"
    assert app_login(kate, secret="right").token()
    with pytest.raises(ConfigError, match="secret is wrong"):
        app_login(kate, secret="wrong").token()


def test_an_app_s_login_needs_a_tenant_and_a_credential(kate: Office, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="certain tenant"):
        AppLogin(kate.registration, kate.transport, secret="x")
    with pytest.raises(ConfigError, match="certificate or a secret"):
        app_login(kate)
    (tmp_path / "empty.pfx").write_bytes(b"nothing")
    for name in ("empty.pfx", "missing.pfx"):
        with pytest.raises(ConfigError):
            app_login(kate, certificate=tmp_path / name)


def test_a_certificate_is_warned_of_before_it_ends(tmp_path: Path) -> None:
    file, _ = certificate(tmp_path, pfx=True, days=20)
    now = to_micros(datetime.now(UTC))
    warning = certificate_warning(file, now)
    assert warning is not None
    assert "in 19 days" in warning.text or "in 20 days" in warning.text
    assert certificate_warning(file, now - 40 * 86_400_000_000) is None


def test_the_guide_names_what_must_be_set_and_what_is_asked_for() -> None:
    text = guide("read")
    for needed in ("http://localhost", "Mobile and desktop", "public client flows", *READ):
        assert needed in text
    assert "Mail.Send" in guide("send")
    assert "Mail.ReadBasic.All" in app_guide(("read", "attendance"))
    assert "Calendars.Read " in fallback_question().replace("\n", " ")
    assert max(len(line) for line in (text + app_guide()).splitlines()) <= 100


def test_sending_is_told_alone_and_no_advice_leads_back_to_itself() -> None:
    sending = guide("send")
    assert "--for sending" in sending
    assert not [scope for scope in READ if scope in sending]
    assert "New registration" not in sending
    registration = Registration(CLIENT_ID, "ourco.example")
    letter = admin_letter(registration, ("send",))
    assert "for sending" in letter
    assert "calendar entries" not in letter
    for text in (guide("read"), sending, app_guide(), app_guide(("send",))):
        assert "this command again" not in text.lower()
        assert "as above" not in text
    assert "microsoft --explain" not in guide("read"), "that is what one is reading"


def test_the_administrator_gets_a_link_that_asks_for_exactly_what_is_needed() -> None:
    registration = Registration(CLIENT_ID, "ourco.example")
    link = consent_link(registration, ("read", "send"))
    parts = urllib.parse.urlsplit(link)
    query = urllib.parse.parse_qs(parts.query)
    assert parts.path == "/ourco.example/v2.0/adminconsent"
    assert query["client_id"] == [CLIENT_ID]
    assert query["scope"] == [
        " ".join(f"https://graph.microsoft.com/{one}" for one in (*READ, "Mail.Send"))
    ]
    letter = admin_letter(registration, ("read", "send"), mailboxes=(KATE,))
    for needed in (link, KATE, CLIENT_ID, "Mail.ReadBasic"):
        assert needed in letter


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, AuthError),
        ({}, AuthError),
        ("odd", AuthError),
        ({"error": "interaction_required"}, AuthError),
        ({"error": "temporarily_unavailable"}, TransientError),
        ({"error": "invalid_request"}, ConfigError),
        ({"error": "authorization_pending"}, AuthError),
        ({"error": "never heard of", "error_codes": ["x"]}, AuthError),
    ],
)
def test_whatever_is_answered_somebody_is_told(answer: Any, kind: type[NoshowError]) -> None:
    error = refusal(answer)
    assert type(error) is kind
    assert error.hint
