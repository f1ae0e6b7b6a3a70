"""Is the settings file written once, explained, and are all its mistakes said at once?"""

from __future__ import annotations

import stat
import tomllib

import pytest

from config import settings_file
from config.errors import ConfigError
from config.loading import parse
from config.settings import Settings
from connectors.model import normal_forms
from jobs.context import ours_from
from tests.support.providers.house import House


def test_init_writes_a_commented_file_that_only_its_owner_reads(house: House) -> None:
    typed = house.type("init", "--address", "lea@firm.example", "--provider", "microsoft")
    assert typed.code == 0
    text = house.settings_file.read_text("utf-8")
    assert stat.S_IMODE(house.settings_file.stat().st_mode) == 0o600
    settings = parse(tomllib.loads(text))
    assert [(box.address, box.provider) for box in settings.mailbox] == [
        ("lea@firm.example", "microsoft")
    ]
    assert settings.own.domains == ("firm.example",)
    assert text.count("# ") > 40, "every key is explained"
    assert "noshow connect microsoft" in typed.out


def test_a_settings_file_that_is_there_is_kept_unless_forced(house: House) -> None:
    house.write("# mine\n")
    typed = house.type("init")
    assert typed.code == 2
    assert "is there already" in typed.err
    assert "noshow init --force" in typed.err
    assert house.settings_file.read_text() == "# mine\n"
    assert house.type("init", "--force").code == 0
    assert "[[mailbox]]" in house.settings_file.read_text()


def test_init_can_only_print(house: House) -> None:
    typed = house.type("init", "--print", "--address", "lea@gmail.com")
    assert typed.code == 0
    assert 'address = "lea@gmail.com"' in typed.out
    assert "domains = []" in typed.out, "a freemail domain is never an own domain"
    assert not house.settings_file.exists()


@pytest.mark.parametrize("address", ["lea", "lea@firm", 'l"ea@firm.example', "a b@firm.example"])
def test_no_address_that_is_none_gets_into_the_file(house: House, address: str) -> None:
    typed = house.type("init", "--address", address)
    assert typed.code == 2
    assert "is no e-mail address" in typed.err
    assert not house.settings_file.exists()


def test_all_mistakes_are_said_at_once_each_with_its_place_and_a_hint(house: House) -> None:
    house.write(
        'zone = "Europe/Berlyn"\n[[mailbox]]\naddress = "a@b.example"\nprovider = "google"\n'
        '[[mailbox]]\naddress = "c"\nprovider = "gmial"\n[report]\ndelivr = ["folder"]\n'
        "[sync]\nworkers = 99\n"
    )
    typed = house.type("status")
    assert typed.code == 2
    assert typed.out == ""
    for said in (
        "5 mistakes",
        "'Europe/Berlyn' is no time zone",
        "[[mailbox]] 2: address: 'c' is no e-mail address",
        "[[mailbox]] 2: provider 'gmial' is not one of google, microsoft, files",
        "[report]: there is no key 'delivr'; did you mean 'deliver'?",
        "[sync]: workers 99",
        "noshow init --print",
    ):
        assert said in typed.err
    assert str(house.settings_file) in typed.err


@pytest.mark.parametrize("command", ["sync", "report", "status", "doctor", "next", "run-due"])
def test_without_settings_each_command_says_how_to_get_them(house: House, command: str) -> None:
    typed = house.type(command)
    assert typed.code == 2
    assert "there is no settings file" in typed.err
    assert "noshow init" in typed.err


def test_settings_that_are_no_toml_are_said_with_their_line(house: House) -> None:
    house.write("zone = Europe/Berlin\n")
    typed = house.type("sync")
    assert typed.code == 2
    assert "no valid TOML" in typed.err
    assert "line 1" in typed.err


@pytest.mark.parametrize(
    "words",
    [
        ("answers", "7Q3F2K"),
        ("report", "--weak", "2026-W47"),
        ("contact",),
        ("status", "--format", "xml"),
        ("backfill",),
    ],
)
def test_a_wrong_word_is_a_usage_error_and_no_bug(house: House, words: tuple[str, ...]) -> None:
    typed = house.type(*words)
    assert typed.code == 2
    assert "a bug" not in typed.said
    assert "Usage:" in typed.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report", "--week", "47"), "2026-W47"),
        (("report", "--to", "pigeon"), "folder, stdout, mail"),
        (("report", "--as-of", "yesterday"), "2026-11-02"),
        (("report", "--as-of", "2030-01-01"), "looks back only"),
        (("backfill", "--since", "spring"), "2026-01-31"),
        (("sync", "-m", "nobody@ourco.example"), "no mailbox nobody@ourco.example"),
        (("call", "omar@client.example", "shouted"), "no-answer"),
        (("tag", "omar@client.example", "enemy"), "client, warm"),
        (("promise", "omar@client.example", "x", "--by", "soon"), "2026-11-20"),
        (("export", "--format", "csv"), "--to"),
        (("connect", "yahoo"), "google, microsoft"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_one_that_can(
    house: House, words: tuple[str, ...], said: str
) -> None:
    house.settings()
    typed = house.type(*words)
    assert typed.code == 2, typed.said
    assert said in typed.err


def test_the_environment_wins_and_its_mistakes_have_their_place_too(house: House) -> None:
    house.settings()
    house.environ["NOSHOW__SCHEDULE__REPORT_DAY"] = "funday"
    typed = house.type("status")
    assert typed.code == 2
    assert "NOSHOW__SCHEDULE__REPORT_DAY, [schedule]: report_day is not one of mon" in typed.err


def test_a_value_is_changed_in_the_place_of_its_comment() -> None:
    text = settings_file.written("lea@firm.example", "google", "Europe/Paris")
    changed = settings_file.with_value(text, "google", "client_file", '"/x y/\\"c.json"')
    assert str(settings_file.read(changed).google.client_file) == '/x y/"c.json'
    lines, before = changed.splitlines(), text.splitlines()
    assert len(lines) == len(before)
    assert [one for one, two in zip(lines, before, strict=True) if one != two] == [
        'client_file = "/x y/\\"c.json"        # desktop client; see: noshow connect google'
    ]


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("[policy]\nbaseline = 0.1 # mine\n", "[policy]\nbaseline = 0.30 # mine\n"),
        # The key holds, not an older comment above it.
        ("[policy]\n# baseline = 0.20\nbaseline = 0.1\n",) * 2,
        ("[policy]\n# my own\nlate_hours = 12\n",) * 2,
        ("policy = { late_hours = 12 }\n",) * 2,
        ("# baseline = 0.20\n[own]\ncountries = ['DE'] # home\n",) * 2,
    ],
)
def test_nothing_else_of_the_file_changes_with_a_value(text: str, changed: str) -> None:
    result = settings_file.with_value(text, "policy", "baseline", "0.30")
    assert settings_file.read(result).policy.baseline == 0.3
    if changed != text:
        assert result == changed
    for line in text.splitlines():
        kept = line.partition("=")[0] if "baseline = 0.1" in line or "{" in line else line
        assert kept in result


def test_a_value_that_is_no_toml_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ConfigError, match="cannot stand in the settings"):
        settings_file.with_value('zone = "UTC"\n', "google", "client_file", '"open')


def test_a_value_of_a_table_that_is_not_there_is_appended() -> None:
    changed = settings_file.with_value('zone = "UTC"\n', "policy", "baseline", "0.15")
    assert settings_file.read(changed).policy.baseline == 0.15


def test_an_own_domain_with_letters_of_its_language_is_known_in_addresses() -> None:
    settings = Settings.model_validate(
        {"zone": "Europe/Berlin", "own": {"domains": ["B\u00fccher.example"], "clients": ["k\u00e4se.example"]}}
    )  # fmt: skip
    ours = ours_from(settings)
    assert normal_forms.address("kim@b\u00fccher.example") in ours
    assert ours.clients == {"xn--kse-qla.example"}
