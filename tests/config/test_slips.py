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
from config.settings import Own
from connectors.store.database import engine


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
    assert engine.folder_of(engine.parse(f"sqlite:////data/{name}/noshow.db")) == Path(
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
