"""Do version, help, manual page and completion come from the commands that there are?"""

from __future__ import annotations

import subprocess
from importlib.metadata import version

import pytest
import typer.main

from jobs.cli import app
from jobs.commands import manual
from tests.support.providers.house import NOSHOW, House

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_the_version_is_said(house: House) -> None:
    assert house.type("--version").out == f"noshow {version('noshow')}\n"


@pytest.mark.parametrize("command", ["sync", "report", "run-due"])
def test_help_of_a_command_is_its_own_help(house: House, command: str) -> None:
    said = house.type("help", command)
    assert said.code == 0
    assert f"Usage: noshow {command}" in said.out
    assert "Example: " in said.out


def test_help_of_no_command_names_all_and_an_unknown_one_is_refused(house: House) -> None:
    said = house.type("help").out
    assert [one for one in COMMANDS if one not in said] == []
    assert house.type("help", "explode").code == 2


def test_the_manual_page_has_every_command_and_option() -> None:
    page = manual.page(app).replace("\\-", "-")
    assert page.startswith(".TH NOSHOW 1")
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        assert f"noshow {name}" in page
        for one in command.params:
            if one.param_type_name == "option":
                assert ", ".join(one.opts) in page


@pytest.mark.parametrize("shell", manual.SHELLS)
def test_a_shell_that_asks_is_told_the_commands(house: House, shell: str) -> None:
    script = house.type("completion", shell).out
    assert manual.ASKED_BY in script
    asked = {
        "bash": {"COMP_WORDS": "noshow re", "COMP_CWORD": "1"},
        "zsh": {"_TYPER_COMPLETE_ARGS": "noshow re"},
        "fish": {
            "_TYPER_COMPLETE_ARGS": "noshow re",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    }[shell]
    done = subprocess.run(
        [NOSHOW],
        env={"PATH": "/usr/bin:/bin", manual.ASKED_BY: f"complete_{shell}", **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "report" in done.stdout, done.stderr


def test_another_shell_is_refused(house: House) -> None:
    assert house.type("completion", "tcsh").code == 2
