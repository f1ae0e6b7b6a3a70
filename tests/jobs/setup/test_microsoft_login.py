"""How does `noshow connect microsoft` end: a login that works, or a clear next step and nothing changed?"""

from __future__ import annotations

import io
import stat
import sys
import webbrowser
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from config.errors import AuthError, ConfigError
from connectors.sandbox.microsoft.login import TENANT
from connectors.sandbox.microsoft.server import CLIENT_ID, MicrosoftSandbox
from connectors.sandbox.world.world import World
from jobs.console.outcome import DONE, NOTHING, Outcome
from jobs.providers import login_status
from jobs.providers.access import login_name, vault
from jobs.providers.microsoft import stored_microsoft_login
from jobs.setup import connect as connecting
from tests.support.providers.desk import Desk, Given, desk_at
from tests.support.providers.microsoft_office import DANA, KATE, at, small
from tests.support.providers.signing_in import Browser, certificate

MIRA = "mira@ourco.example"


def app(**table: Any) -> Given:
    return Given({"microsoft": {"flow": "app", "tenant": TENANT, **table}})


@pytest.fixture
def server() -> Iterator[MicrosoftSandbox]:
    world = small(World(at(-14)))
    world.account(MIRA, "Mira Sol", system="exchange")
    world.invite(at(-8), KATE, [DANA], at(1), title="Pilot")
    world.advance_to(at(0))
    with MicrosoftSandbox(world) as made:
        made.sign_in.approves = KATE
        yield made


@pytest.fixture
def kate(server: MicrosoftSandbox, tmp_path: Path) -> Iterator[Desk]:
    with desk_at(server, server.world, tmp_path / "house") as made:
        yield made


def connect(kate: Desk, **how: Any) -> Outcome:
    return connecting.run(kate.context, provider="microsoft", **how)


def has_login(kate: Desk, purpose: str = "read") -> bool:
    box = kate.context.settings.mailbox[0]
    return vault(kate.context).has(login_name("microsoft", box, purpose))


def warned(kate: Desk) -> tuple[str, ...]:
    return login_status.warnings(kate.context, kate.context.settings.mailbox[0])


def entries(kate: Desk) -> list[str]:
    folder = kate.context.paths.tokens
    return sorted(path.name for path in folder.glob("*.json")) if folder.exists() else []


def answers(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_a_code_in_any_browser_logs_in_and_the_next_sync_reads(
    kate: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = connect(kate)
    assert "enter " in capsys.readouterr().out
    assert outcome.lines == (f"{KATE} is logged in for read", "next: noshow sync")
    # It was proved by what every sync asks for, before it was kept.
    asked = kate.server.log.counts()
    assert asked["calendarView.list"] == asked["mailFolders.get"] == 1
    assert entries(kate) == [f"microsoft-{KATE}-read.json"]
    assert kate.sync().code == DONE
    kate.server.log.clear()
    assert connect(kate, if_needed=True).lines == (f"{KATE} is logged in",)
    assert len(kate.server.log) == 0


@pytest.mark.parametrize("how", ["option", "setting"])
def test_a_browser_on_this_machine_logs_in(
    server: MicrosoftSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(webbrowser, "open", Browser(server.ca_file).open)
    table = {"flow": "interactive"} if how == "setting" else {}
    with desk_at(server, server.world, tmp_path, Given({"microsoft": table})) as kate:
        assert connect(kate, browser=how == "option").code == DONE
        assert has_login(kate)
        assert server.log.counts()["login.devicecode"] == 0


def test_without_an_app_the_registration_is_told_step_by_step(
    server: MicrosoftSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with desk_at(server, server.world, tmp_path, Given({"microsoft": {"client_id": ""}})) as kate:
        with pytest.raises(ConfigError, match="client_id is empty"):
            connect(kate)
        told = capsys.readouterr().out
        for needed in (
            "https://entra.microsoft.com",
            "Mobile and desktop applications",
            "http://localhost",
            "Allow public client flows",
            "Calendars.ReadBasic",
            "Mail.ReadBasic",
        ):
            assert needed in told
        assert "Mail.Send" not in told  # nobody is asked for what they did not turn on
        assert len(server.log) == 0


def test_the_explanation_holds_a_letter_with_the_link_to_consent(kate: Desk) -> None:
    (text,) = connect(kate, explain=True).lines
    assert KATE in text
    (link,) = [line for line in text.splitlines() if "adminconsent" in line]
    parts = urlsplit(link)
    query = parse_qs(parts.query)
    assert parts.path == "/organizations/v2.0/adminconsent"
    assert query["client_id"] == [CLIENT_ID]
    assert query["scope"] == [
        "https://graph.microsoft.com/Calendars.ReadBasic https://graph.microsoft.com/Mail.ReadBasic"
    ]
    assert query["redirect_uri"] == ["http://localhost"]


def test_more_than_the_least_is_asked_for_only_after_a_yes(
    kate: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert isinstance(kate.server, MicrosoftSandbox)
    kate.server.sign_in.admin_only = frozenset({"Calendars.ReadBasic"})
    for no in ("n\n", ""):  # a no, and nobody there
        answers(monkeypatch, no)
        with pytest.raises(AuthError, match="consent"):
            connect(kate)
        assert "Ask for Calendars.Read instead?" in capsys.readouterr().out
        assert entries(kate) == []
    answers(monkeypatch, "y\n")
    outcome = connect(kate)
    assert any('calendar_scope = "Calendars.Read"' in line for line in outcome.lines)
    stored = stored_microsoft_login(kate.context, kate.context.settings.mailbox[0], "read")
    assert stored is not None
    assert stored.scopes == ("Calendars.Read", "Mail.ReadBasic")
    assert kate.sync().code == DONE


def test_a_login_of_another_account_is_refused_and_the_old_one_stays(kate: Desk) -> None:
    assert isinstance(kate.server, MicrosoftSandbox)
    connect(kate)
    before = vault(kate.context).read(f"microsoft-{KATE}-read")
    kate.server.sign_in.approves = MIRA
    with pytest.raises(AuthError, match="another account"):
        connect(kate)
    assert vault(kate.context).read(f"microsoft-{KATE}-read") == before
    assert entries(kate) == [f"microsoft-{KATE}-read.json"]


def test_a_login_for_sending_must_be_the_same_person(
    server: MicrosoftSandbox, tmp_path: Path
) -> None:
    given = Given({"report": {"deliver": ["provider"]}})
    with desk_at(server, server.world, tmp_path, given) as kate:
        server.sign_in.approves = MIRA
        with pytest.raises(AuthError, match="another account"):
            connect(kate, purpose="sending")
        server.sign_in.approves = KATE
        connect(kate, purpose="sending")
        assert entries(kate) == [f"microsoft-{KATE}-send.json"]


def test_a_login_is_carried_to_a_machine_without_a_browser(
    kate: Desk, server: MicrosoftSandbox, tmp_path: Path
) -> None:
    carried = tmp_path / "login.json"
    connect(kate, export=carried)
    assert stat.S_IMODE(carried.stat().st_mode) == 0o600
    assert not has_login(kate)
    with pytest.raises(ConfigError, match="is there already"):
        connect(kate, export=carried)
    with desk_at(server, server.world, tmp_path / "server") as other:
        connect(other, import_=carried)
        assert other.sync().code == DONE


def test_nobody_is_asked_for_records_that_are_turned_off(
    server: MicrosoftSandbox, tmp_path: Path
) -> None:
    with desk_at(server, server.world, tmp_path / "off") as kate:
        with pytest.raises(ConfigError, match="turned off"):
            connect(kate, purpose="attendance")
    given = Given({"microsoft": {"attendance": True}})
    with desk_at(server, server.world, tmp_path / "on", given) as kate:
        connect(kate)
        connect(kate, purpose="attendance")
        assert kate.sync().code == DONE


def test_an_app_reads_many_mailboxes_with_its_certificate(
    server: MicrosoftSandbox, tmp_path: Path
) -> None:
    path, pem = certificate(tmp_path, pfx=True)
    server.sign_in.certificate = pem
    given = Given(app(certificate_file=str(path)).tables, also=(MIRA,))
    with desk_at(server, server.world, tmp_path / "house", given) as kate:
        outcome = connect(kate, mailbox=MIRA)
        assert outcome.lines[0] == f"the app's own login opens {MIRA} for read"
        assert kate.sync().code == DONE
        assert {one.mailbox for one in server.log if one.mailbox} == {KATE, MIRA}
        assert entries(kate) == []
        with pytest.raises(ConfigError, match="no login to carry"):
            connect(kate, mailbox=KATE, export=tmp_path / "login.json")


def test_an_app_s_secret_that_is_wrong_is_the_settings_mistake(
    server: MicrosoftSandbox, tmp_path: Path
) -> None:
    server.sign_in.secret = "right"
    for secret, works in (("right", True), ("wrong", False)):
        given = app(client_secret=secret)
        with desk_at(server, server.world, tmp_path / secret, given) as kate:
            if works:
                assert connect(kate).code == DONE
            else:
                with pytest.raises(ConfigError, match="client secret is wrong"):
                    connect(kate)


def test_what_ends_is_said_before_it_ends(server: MicrosoftSandbox, tmp_path: Path) -> None:
    with desk_at(server, server.world, tmp_path / "owner") as kate:
        (line,) = warned(kate)
        assert line == f"{KATE} is not logged in: noshow connect microsoft -m {KATE}"
        connect(kate)
        assert warned(kate) == ()
        server.world.advance_to(at(79, 12))
        (line,) = warned(kate)
        assert "in 10 days" in line
        # A login in use renews itself.
        server.sign_in.expire()
        assert kate.sync().code == DONE
        assert warned(kate) == ()
        vault_file = kate.context.paths.tokens / f"microsoft-{KATE}-read.json"
        vault_file.write_text("{", "utf-8")
        (line,) = warned(kate)
        assert "damaged" in line
    now = server.world.now
    ends = {"near": now.date() + timedelta(days=12), "far": now.date() + timedelta(days=200)}
    for name, day in ends.items():
        given = app(client_secret="right", client_secret_ends=day)
        with desk_at(server, server.world, tmp_path / name, given) as kate:
            said = warned(kate)
            assert [("in 12 days" in line) for line in said] == ([True] if name == "near" else [])
    path, _ = certificate(tmp_path, pfx=True, days=20)
    given = app(certificate_file=str(path))
    with desk_at(server, server.world, tmp_path / "certificate", given) as kate:
        (line,) = warned(kate)
        assert "certificate" in line


def test_every_login_that_the_settings_want_is_missed_by_name(
    server: MicrosoftSandbox, tmp_path: Path
) -> None:
    given = Given({"microsoft": {"attendance": True}, "report": {"deliver": ["provider"]}})
    with desk_at(server, server.world, tmp_path, given) as kate:
        said = warned(kate)
        assert [line.partition(": ")[2] for line in said] == [
            f"noshow connect microsoft -m {KATE}",
            f"noshow connect microsoft -m {KATE} --for sending",
            f"noshow connect microsoft -m {KATE} --for attendance",
        ]


def test_a_login_that_was_revoked_ends_a_sync_with_the_next_command(kate: Desk) -> None:
    assert isinstance(kate.server, MicrosoftSandbox)
    connect(kate)
    kate.server.sign_in.revoke()
    outcome = kate.sync()
    assert outcome.code == NOTHING
    assert all("noshow connect microsoft" in line for line in outcome.problems)
    connect(kate)
    assert kate.sync().code == DONE
