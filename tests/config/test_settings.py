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
from config.settings_file import save


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


@pytest.mark.parametrize(
    ("raw", "said", "hint"),
    [
        ("# \u00fc\n".encode("latin-1"), "not written in UTF-8 (line 1)", "UTF-8"),
        (b"zone = 1\n# \xfc", "not written in UTF-8 (line 2)", "UTF-8"),
        ('zone = "UTC"'.encode("utf-16"), "not written in UTF-8 (line 1)", "UTF-8"),
    ],
)
def test_another_encoding_is_named_with_its_line(tmp_path, raw, said, hint):
    path = tmp_path / "noshow.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_the_mark_before_utf_8_and_windows_line_ends_are_read_over(tmp_path):
    path = tmp_path / "noshow.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MAILBOX.replace("\n", "\r\n").encode())
    assert load(path, {}).mailbox[0].provider == "google"


def test_a_folder_in_place_of_the_file_is_said(tmp_path):
    with pytest.raises(ConfigError, match="is a folder"):
        load(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mailbox = 1", "[[mailbox]]: each stands below a line of its own, [[mailbox]]"),
        ("mailbox = [1]", "[[mailbox]] 1: each stands below a line of its own, [[mailbox]]"),
        ('[mailbox]\naddress = "a@b.example"', "[[mailbox]]: each stands below a line of its own"),
        (MAILBOX + 'aliases = "a@b.example"', "[[mailbox]] 1: aliases 'a@b.example' is a list:"),
        ('[report]\ndeliver = "smtp"', "[report]: deliver 'smtp' is a list: write it in brackets"),
        ('[schedule]\nreport_time = "7"', "[schedule]: report_time '7' is not written like 07:00"),
        ('[remind]\nat = "7 pm"', "[remind]: at '7 pm' is not written like 07:00"),
        ('[fleet]\nscheduler = "host"', "scheduler 'host' is not written like tcp://host:8786"),
        ('[report]\npage_url = "x"', "[report]: page_url is not written like https://host.example"),
    ],
)
def test_what_was_meant_is_said_in_words(text, said):
    (found,) = problems_of(text)
    assert found.startswith(said) or said in found


def test_a_relative_path_lies_beside_the_settings_and_a_tilde_is_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/kates")
    text = (
        '[google]\nclient_file = "client.json"\n[report]\nfolder = "~/r"\n'
        '[smtp]\nca_file = "/etc/ca.pem"\n[store]\nurl = "sqlite:///facts/noshow.db"\n'
    )
    settings = load(write(tmp_path, text), {"NOSHOW__MICROSOFT__CERTIFICATE_FILE": "123"})
    assert settings.google.client_file == tmp_path / "client.json"
    assert settings.report.folder == Path("/kates/r")
    assert settings.smtp.ca_file == Path("/etc/ca.pem")
    assert settings.store.url == f"sqlite:///{tmp_path}/facts/noshow.db"
    assert settings.microsoft.certificate_file == tmp_path / "123"


@pytest.mark.parametrize(
    "url",
    ["", "sqlite:////facts/noshow.db", "sqlite://", "sqlite:///:memory:", "postgresql://h/noshow"],
)
def test_a_store_that_is_no_relative_file_stays_as_it_is_named(tmp_path, url):
    assert load(write(tmp_path, f'[store]\nurl = "{url}"\n'), {}).store.url == url


@pytest.mark.parametrize("path", ["", "~nobody-of-this-name/x", "a\\u0000b"])
def test_a_path_that_can_be_none_is_refused(path):
    assert len(problems_of(f'[google]\nclient_file = "{path}"\n')) == 1


@pytest.mark.parametrize(
    "text",
    [
        "late_hours = inf",
        "late_hours = nan",
        "horizon_days = 999999999",
        "travel_minutes = 9223372036854775808",
        "old_hours = 1e300",
        "prior_weight = 1e-300",
        "talk_asks = 0",
        "list_k = 0",
    ],
)
def test_a_threshold_with_which_nothing_can_be_reckoned_is_refused(text):
    assert len(problems_of(f"[policy]\n{text}\n")) == 1


@pytest.mark.parametrize("name", [one for one in Policy.model_fields if one != "baseline"])
def test_each_threshold_has_bounds_on_both_sides(name):
    for value in (-1, 10**7):
        assert problems_of(f"[policy]\n{name} = {value}\n")


def test_a_settings_file_that_is_a_link_stays_one(tmp_path):
    kept = tmp_path / "kept" / "noshow.toml"
    link = tmp_path / "noshow.toml"
    link.symlink_to(kept)
    save(link, "# one")
    save(link, "# two")
    assert link.is_symlink()
    assert kept.read_text() == "# two"
