"""A slip in a path or a variable: is it said, and does nothing lie where nobody looks?"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from config import private_files
from config.errors import ConfigError
from config.loading import load
from config.paths import paths_from
from config.settings import Mailbox, Own, Report, Smtp
from connectors.auth.vault import FileVault
from connectors.store.database import engine, troubles


def test_a_home_of_nobody_is_said_and_no_bug() -> None:
    with pytest.raises(ConfigError, match="NOSHOW_HOME"):
        paths_from({"NOSHOW_HOME": "~nobody-of-this-name/noshow"})


def test_a_port_that_is_no_number_is_said_without_the_password() -> None:
    with pytest.raises(ConfigError) as raised:
        engine.parse("postgresql+psycopg://u:hidden@db.example:abc/x")
    assert "hidden" not in raised.value.told


def test_a_port_that_is_a_number_is_taken() -> None:
    assert engine.parse("postgresql+psycopg://u@db.example:5433/x").port == 5433


@pytest.mark.parametrize("name", ["plain", "is it?", "a?b=c", "50%20 #1"])
def test_a_store_lies_in_the_folder_that_is_named_whatever_its_name(name: str) -> None:
    assert troubles.folder_of(engine.parse(f"sqlite:////data/{name}/noshow.db")) == Path(
        "/data", name
    )


def test_with_an_umask_of_nothing_the_folders_above_are_closed_too(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        private_files.make_folder(there / "a" / "b")
    finally:
        os.umask(before)
    found = [stat.S_IMODE(one.stat().st_mode) for one in (there / "a" / "b", there / "a", there)]
    assert found == [0o700, 0o700, 0o755]


def test_a_file_that_cannot_be_written_is_named_as_it_was_asked_for(tmp_path: Path) -> None:
    wanted = tmp_path / "missing" / "findings.json"
    with pytest.raises(OSError, match=r"missing/findings\.json") as raised:
        private_files.write(wanted, "x")
    assert raised.value.filename == str(wanted)


@pytest.mark.parametrize(
    "written", ["ourco.example", "@OurCo.example", "*.ourco.example", " ourco.example. "]
)
def test_an_own_domain_is_known_however_it_is_written(written: str) -> None:
    assert Own(domains=(written,)).domains == ("ourco.example",)


@pytest.mark.parametrize(
    "written", ["https://ourco.example", "you@ourco.example", "com", "our co.example", "ourco.example/x", ""]
)  # fmt: skip
def test_what_is_no_domain_is_not_taken_for_one(written: str) -> None:
    """It would match nobody, and colleagues would count as contacts."""
    with pytest.raises(ValidationError, match="is no domain"):
        Own(domains=(written,))


def test_a_client_is_an_address_or_a_domain() -> None:
    own = Own(clients=("Dana@client.example", "@client.example"))
    assert own.clients == ("Dana@client.example", "client.example")
    with pytest.raises(ValidationError):
        Own(clients=("https://client.example",))


def test_brackets_without_an_end_are_a_mistake_in_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "noshow.toml"
    file.write_text("[own]\ndomains = " + "[" * 3_000)
    with pytest.raises(ConfigError, match="no valid TOML"):
        load(file, {})


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("smtp.ourco.example", "smtp.ourco.example"), (" smtp.ourco.example. ", "smtp.ourco.example"),
        ("mailhost", "mailhost"), ("localhost", "localhost"), ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"), ("[2001:db8::25]", "2001:db8::25"), ("post.büro.example", "post.büro.example"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_mail_server_is_taken_by_its_name_or_number(given: str, host: str) -> None:
    assert Smtp(host=given).host == host


@pytest.mark.parametrize(
    "given",
    [
        "smtp://smtp.ourco.example", "smtp.ourco.example:587", "smtp.ourco.example/",
        "kate:hidden@smtp.ourco.example", "smtp.ourco.example, smtp2.ourco.example", "[::1]:25", "-- --",
    ],
)  # fmt: skip
def test_more_than_a_mail_servers_name_is_said_at_once_and_not_repeated(given: str) -> None:
    """It would fail on Monday only, as a server that cannot be reached."""
    with pytest.raises(
        ValidationError, match=r"smtp\.ourco\.example, the port under port"
    ) as raised:
        Smtp(host=given)
    assert "hidden" not in raised.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("given", "port"),
    [
        ({}, 587), ({"security": "tls"}, 465), ({"security": "tls", "port": 2465}, 2465),
        ({"port": 465, "security": "tls"}, 465), ({"port": 25}, 25),
        ({"host": "localhost", "port": 465}, 465), ({"host": "127.0.0.1", "port": 587, "security": "tls"}, 587),
    ],
)  # fmt: skip
def test_the_port_is_the_usual_one_of_how_the_connection_is_made_safe(
    given: dict[str, object], port: int
) -> None:
    assert Smtp.model_validate({"host": "smtp.ourco.example", **given}).port_or_usual == port


@pytest.mark.parametrize(
    "given", [{"port": 465}, {"port": 465, "security": "none"}, {"port": 587, "security": "tls"}]
)
def test_a_port_that_is_known_for_the_other_way_is_said(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="set security"):
        Smtp.model_validate({"host": "smtp.ourco.example", **given})


@pytest.mark.parametrize(
    ("given", "code"), [("DE", "DE"), ("de", "DE"), (" at ", "AT"), ("UK", "GB")]
)
def test_a_country_is_known_however_it_is_written(given: str, code: str) -> None:
    assert Own(countries=(given,)).countries == (code,)


@pytest.mark.parametrize("given", ["Germany", "XX", "DE-BY", "DEU", ""])
def test_a_country_without_known_holidays_is_said(given: str) -> None:
    """Its holidays would count as business days, or end every report as a bug."""
    with pytest.raises(ValidationError, match="with two letters"):
        Own(countries=(given,))


def test_a_week_without_a_business_day_is_none() -> None:
    with pytest.raises(ValidationError, match="no business day"):
        Own(weekend=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    assert Own(weekend=()).weekend == ()


def test_a_list_of_nothing_where_something_is_needed_is_said(tmp_path: Path) -> None:
    """No way out, or no calendar that is read: a report would be missing or hollow, without a word."""
    with pytest.raises(ValidationError):
        Report(deliver=())
    with pytest.raises(ValidationError):
        Mailbox(address="kate@ourco.example", provider="google", calendars=())
    file = tmp_path / "noshow.toml"
    file.write_text("[report]\ndeliver = []\n")
    with pytest.raises(ConfigError) as raised:
        load(file, {})
    assert raised.value.problems == (
        "[report]: deliver is empty: name at least one, or leave the key out",
    )


@pytest.mark.parametrize("place", ["smtp.password", "microsoft.client_secret"])
def test_a_secret_in_the_file_is_refused_and_one_of_the_environment_taken(
    tmp_path: Path, place: str
) -> None:
    table, _, key = place.partition(".")
    file = tmp_path / "noshow.toml"
    file.write_text(f'[{table}]\n{key} = "hidden"\n')
    with pytest.raises(ConfigError, match="holds a secret") as raised:
        load(file, {})
    assert f"NOSHOW__{place.upper().replace('.', '__')}" in raised.value.hint
    assert "hidden" not in raised.value.told
    file.write_text("")
    name = f"NOSHOW__{place.upper().replace('.', '__')}"
    assert getattr(getattr(load(file, {name: "hidden"}), table), key).get_secret_value() == "hidden"


@pytest.mark.parametrize("where", ["store", "logins"])
def test_what_is_made_above_a_store_or_logins_is_closed_too(tmp_path: Path, where: str) -> None:
    before = os.umask(0)
    try:
        if where == "store":
            engine.connect(engine.parse(f"sqlite:///{tmp_path}/a/b/noshow.db")).dispose()
        else:
            FileVault(tmp_path / "a" / "b").write("one", {"provider": "google"})
    finally:
        os.umask(before)
    found = [stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "a" / "b", tmp_path / "a")]
    assert found == [0o700, 0o700]
