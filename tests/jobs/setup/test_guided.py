"""Is somebody new led from nothing to a first report, and does each failure name what to type next?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.loading import load
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.server.faults import Fault
from jobs.setup import guide
from tests.support.machine.terminal import Terminal, came_back
from tests.support.providers.house import KATE, NOSHOW, House, house_with_google


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Nothing is set up; only the endpoints lead to the sandbox, as a proxy's would."""
    with house_with_google(tmp_path, monkeypatch) as made:
        assert made.google is not None
        google: GoogleSandbox = made.google
        made.settings_file.unlink()
        for file in made.paths.tokens.iterdir():
            file.unlink()
        made.environ = {
            "NOSHOW__GOOGLE__CALENDAR_ROOT": f"{google.api_root}calendar/v3/",
            "NOSHOW__GOOGLE__GMAIL_ROOT": google.api_root,
            "NOSHOW__GOOGLE__TOKEN_URI": google.token_uri,
            "NOSHOW__GOOGLE__AUTH_URI": google.auth_uri,
            "NOSHOW__GOOGLE__UNITS_PER_MINUTE": "1000000",
        }
        yield made


def client_file(house: House, folder: Path) -> Path:
    """The JSON file that Google's console gives."""
    assert house.google is not None
    path = folder / "client secret.json"
    path.write_text(json.dumps(house.google.client_secrets()))
    return path


def test_in_a_terminal_somebody_new_gets_from_nothing_to_a_report_and_a_crontab_line(
    newcomer: House, tmp_path: Path
) -> None:
    newcomer.environ["SSH_CONNECTION"] = "elsewhere"
    screen = Terminal(newcomer, "init", "--guided")
    screen.until("Number")
    screen.type("1")
    screen.until("Your e-mail address")
    screen.type("kate")
    screen.until("Your e-mail address")
    screen.type(KATE)
    screen.until("Your time zone")
    screen.type("Europe/Berlin")
    shown = screen.until("Path of the JSON file")
    assert "https://console.cloud.google.com/projectcreate" in shown
    screen.type(f"'{client_file(newcomer, tmp_path)}'")
    # SSH_CONNECTION is set, so the address of the consent page is to be pasted back.
    shown = screen.until("Paste it here")
    address = re.search(r"http://127\.0\.0\.1:\S+", shown)
    assert address is not None, shown
    screen.type(came_back(address.group()))
    screen.until("At which hour, like 16:00")
    screen.type("4 pm")
    screen.until("At which hour, like 16:00")
    screen.type("16:00")
    typed = screen.end()
    assert typed.code == 0, typed.out
    for step in ("Step 1 of 4: log in", "Step 2 of 4: fetch", "Step 3 of 4: write", "Step 4 of 4"):
        assert step in typed.out
    assert "it names" in typed.out
    assert "too early for rates" not in typed.out, "a calendar reaches back 200 days"
    assert "*/15 * * * *" in typed.out
    assert f"{NOSHOW} run-due" in typed.out
    assert load(newcomer.settings_file, {}).remind.at == "16:00"
    assert load(newcomer.settings_file, {}).google.client_file == tmp_path / "client secret.json"
    assert "Omar" in newcomer.newest() or "week 47" in newcomer.newest()


def test_a_second_time_goes_on_where_the_first_ended(kates: House) -> None:
    typed = kates.type("init", "--guided", answers="\n")
    assert typed.code == 2, "there is no app to log in with yet"
    assert "https://console.cloud.google.com/projectcreate" in typed.out
    assert "noshow init --guided" in typed.out
    kates.settings(google={"client_file": "/nowhere/client.json"})
    typed = kates.type("init", "--guided")
    assert typed.code == 0, typed.said
    assert f"{KATE} is logged in" in typed.out, "who is logged in is not asked again"
    assert "Using the settings in" in typed.out


def test_a_file_that_is_not_there_is_said_and_nothing_is_written(
    newcomer: House, tmp_path: Path
) -> None:
    answers = f"1\n{KATE}\nEurope/Berlin\n{tmp_path}/nothing.json\n"
    typed = newcomer.type("init", "--guided", answers=answers)
    assert typed.code == 2
    assert f"There is no file {tmp_path}/nothing.json" in typed.out
    assert "noshow init --guided" in typed.out
    assert load(newcomer.settings_file, {}).google.client_file is None


def test_wrong_answers_are_asked_again(house: House) -> None:
    answers = "7\nyahoo\n2\nlea@firm\nlea@firm.example\nEurope/Berlyn\nEurope/Paris\n\n"
    typed = house.type("init", "--guided", answers=answers)
    assert typed.code == 2
    assert typed.out.count("Please type a number from 1 to 3") == 2
    assert "That cannot be right" in typed.out
    assert "'Europe/Berlyn' is no time zone" in typed.out
    settings = load(house.settings_file, {})
    assert (settings.zone, settings.mailbox[0].provider) == ("Europe/Paris", "microsoft")
    assert "entra.microsoft.com" in typed.out


def test_microsoft_s_ids_are_asked_for_and_kept_in_the_settings(house: House) -> None:
    answers = "2\nlea@firm.example\nEurope/Paris\n0f1e-22\n\n"
    # An app of its own without certificate or secret: refused without asking anybody.
    house.environ["NOSHOW__MICROSOFT__FLOW"] = "app"
    typed = house.type("init", "--guided", answers=answers)
    plan = load(house.settings_file, {}).microsoft
    assert (plan.client_id, plan.tenant) == ("0f1e-22", "organizations")
    assert typed.code not in (0, 1), typed.said
    assert "noshow connect microsoft -m lea@firm.example" in typed.out
    assert "noshow init --guided" in typed.out


def test_a_login_that_fails_names_the_next_command(kates: House, tmp_path: Path) -> None:
    for file in kates.paths.tokens.iterdir():
        file.unlink()
    kates.settings(google={"client_file": str(client_file(kates, tmp_path))})
    kates.environ["SSH_CONNECTION"] = "elsewhere"
    typed = kates.type("init", "--guided", answers="http://localhost/?code=wrong&state=x\n")
    assert typed.code == 4
    assert "That did not work" in typed.out
    assert f"noshow connect google -m {KATE}   and then: noshow init --guided" in typed.out
    assert "Step 2" not in typed.out


@pytest.mark.parametrize(
    ("fault", "where"), [("invalid_grant", "oauth2.token"), ("daily_403", "*.list")]
)
def test_a_look_that_brings_nothing_names_the_next_command_and_makes_no_report(
    kates: House, tmp_path: Path, fault: Any, where: str
) -> None:
    assert kates.google is not None
    kates.settings(google={"client_file": str(client_file(kates, tmp_path))})
    kates.google.faults.add(Fault(fault, where=where, times=None))
    typed = kates.type("init", "--guided")
    assert typed.code == 4, typed.said
    assert "Go on with: noshow sync   and then: noshow init --guided" in typed.out
    assert "Step 3" not in typed.out
    assert not kates.reports.exists()


def test_files_lead_to_a_first_report_too_and_rates_wait_for_eight_weeks(
    house: House, tmp_path: Path
) -> None:
    calendar = tmp_path / "my calendar.ics"
    calendar.write_text(ICS, "utf-8")
    answers = f"3\n{KATE}\nEurope/Berlin\n'{calendar}'\n"
    typed = house.type("init", "--guided", answers=answers)
    assert typed.code in (0, 3), typed.said
    assert "Step 1 of 2: read the files" in typed.out
    assert "too early for rates: 0 of 8 weeks" in typed.out
    assert "open replies and questions count at once" in typed.out
    assert "noshow report --open" in typed.out
    assert house.newest().startswith("Repeat no-show report · week 47")


def test_without_files_at_hand_the_way_back_is_named(house: House) -> None:
    typed = house.type("init", "--guided", answers=f"3\n{KATE}\nEurope/Berlin\n\n")
    assert typed.code == 2
    assert "noshow import FILES" in typed.out
    assert "noshow init --guided" in typed.out


def test_ctrl_c_at_a_question_says_that_the_same_command_goes_on(house: House) -> None:
    screen = Terminal(house, "init", "--guided")
    screen.until("Number")
    screen.press_ctrl_c()
    typed = screen.end()
    assert typed.code == 130
    assert "type the same command again" in typed.out
    assert not house.settings_file.exists()


def test_a_long_first_look_ends_in_time_for_a_first_report(
    kates: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(guide, "FIRST_LOOK", 0.0)
    kates.settings(google={"client_file": str(client_file(kates, tmp_path))})
    typed = kates.type("init", "--guided")
    assert typed.code == 3, typed.said
    assert "enough for a first report; the rest comes with the next syncs" in typed.out
    assert "Step 4 of 4" in typed.out
    assert kates.type("sync").code == 0, "and it does come"


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Somebody//Calendar 1.0//EN
METHOD:PUBLISH
BEGIN:VEVENT
UID:review@client.example
DTSTAMP:20261110T080000Z
DTSTART:20261118T090000Z
DTEND:20261118T100000Z
SUMMARY:Review
ORGANIZER:mailto:kate@ourco.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:omar@client.example
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
