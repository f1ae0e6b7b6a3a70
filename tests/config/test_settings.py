"""Settings say every mistake at once, with its place and what to write instead."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.loading import example, load, parse
from config.paths import paths_from
from config.policy import Policy
from config.settings import Settings


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parse(tomllib.loads(text))
    return caught.value.problems


def write(folder: Path, text: str) -> Path:
    path = folder / "noshow.toml"
    path.write_text(text, "utf-8")
    return path


MAILBOX = '[[mailbox]]\naddress = "kate@ourco.example"\nprovider = "google"\n'


def test_the_example_is_valid_as_it_is_written():
    settings = parse(tomllib.loads(example()))
    assert settings.mailbox[0].provider == "google"


def test_every_commented_key_of_the_example_is_a_key_with_its_default_form():
    lines = [
        line.removeprefix("# ").split("    #")[0]
        if line.startswith("# ") and " = " in line
        else line
        for line in example().splitlines()
        if not line.startswith("# Every line")
    ]
    tree = tomllib.loads("\n".join(lines))
    tree["smtp"].setdefault("host", "smtp.ourco.example")
    assert parse(tree).sync.past_days == 200


def test_a_misspelt_provider_is_named_with_its_mailbox_and_the_choices():
    text = MAILBOX + MAILBOX.replace("kate", "tom").replace('"google"', '"gmial"')
    assert problems_of(text) == (
        "[[mailbox]] 2: provider 'gmial' is not one of google, microsoft, files",
    )


def test_all_mistakes_are_said_at_once():
    text = (
        'zone = "Europe/Berln"\n[[mailbox]]\naddress = "kate"\nprovider = "google"\n'
        '[schedule]\nreport_tme = "07:00"\n[smtp]\nport = 99999\n'
    )
    found = problems_of(text)
    assert len(found) == 4
    assert "zone: 'Europe/Berln' is no time zone; write it like Europe/Berlin" in found
    assert "[[mailbox]] 1: address: 'kate' is no e-mail address" in found
    assert "[schedule]: there is no key 'report_tme'; did you mean 'report_time'?" in found
    assert any(one.startswith("[smtp]: port 99999: ") for one in found)


def test_a_mailbox_that_is_there_twice_is_refused():
    assert problems_of(MAILBOX * 2) == ("[[mailbox]]: kate@ourco.example is there twice",)


def test_smtp_delivery_without_a_host_is_refused():
    assert problems_of(MAILBOX + '[report]\ndeliver = ["smtp"]\n') == (
        "[report] deliver names smtp, but [smtp] host is empty",
    )


def test_a_password_never_appears_in_an_error():
    text = MAILBOX + "[smtp]\npassword = 4711\n"
    assert "4711" not in " ".join(problems_of(text))


def test_thresholds_out_of_order_are_refused():
    assert "unanswered_days" in " ".join(problems_of("[policy]\nunanswered_days = 2\n"))


@pytest.mark.parametrize("baseline", [0.09, 0.31])
def test_the_baseline_stays_within_its_limits(baseline):
    assert len(problems_of(f"[policy]\nbaseline = {baseline}\n")) == 1


@pytest.mark.parametrize("baseline", [0.10, 0.30])
def test_the_limits_of_the_baseline_are_allowed(baseline):
    assert Policy(baseline=baseline).baseline == baseline


def test_the_environment_wins_over_the_file(tmp_path):
    path = write(tmp_path, MAILBOX + '[smtp]\nhost = "a.example"\n')
    settings = load(path, {"NOSHOW__SMTP__HOST": "b.example", "NOSHOW__SMTP__PORT": "2525"})
    assert (settings.smtp.host, settings.smtp.port) == ("b.example", 2525)


def test_the_environment_reaches_into_the_list_of_mailboxes(tmp_path):
    path = write(tmp_path, MAILBOX)
    settings = load(path, {"NOSHOW__MAILBOX__0__ZONE": "Europe/London"})
    assert settings.zone_of(settings.mailbox[0]) == "Europe/London"


def test_a_missing_file_names_the_next_command(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "none.toml", {})
    assert "noshow init" in caught.value.hint


def test_broken_toml_names_the_line(tmp_path):
    with pytest.raises(ConfigError, match="line 1"):
        load(write(tmp_path, "zone = Berlin\n"), {})


def test_settings_of_nothing_are_the_defaults():
    assert parse({}) == Settings()


def test_one_variable_puts_everything_below_one_folder(tmp_path):
    paths = paths_from({"NOSHOW_HOME": str(tmp_path)})
    assert paths.settings_file == tmp_path / "noshow.toml"
    assert str(tmp_path) in paths.store_url


def test_the_xdg_folders_are_used_by_default(tmp_path):
    paths = paths_from({"HOME": str(tmp_path)})
    assert paths.state == tmp_path / ".local" / "state" / "noshow"
