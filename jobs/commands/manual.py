"""How is noshow used? Help, manual page and completion, all from the command line's own tree."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import typer
import typer.main

from config.errors import ConfigError

#: The variable by which a shell asks.
ASKED_BY = "_NOSHOW_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


def of(app: typer.Typer, command: str) -> str:
    """The help of one command, of all where "" is given. Raises ConfigError for an unknown one."""
    group: Any = typer.main.get_command(app)
    top = group.make_context("noshow", [], resilient_parsing=True)
    if not command:
        return str(group.get_help(top))
    found = dict(_commands(group)).get(command) or group.commands.get(command)
    if found is None:
        raise ConfigError(f"there is no command {command!r}", hint="all of them: noshow help")
    inside = found.make_context(command, [], parent=top, resilient_parsing=True)
    return f"{found.get_help(inside)}"


def reference(name: str) -> str:
    """docs/configuration.md or docs/export.md, made anew. Raises ConfigError for another."""
    from jobs.commands import export_page, settings_page

    pages = {"configuration": settings_page.page, "export": export_page.page}
    if name not in pages:
        raise ConfigError(f"{name!r} is not one of {', '.join(pages)}")
    return pages[name]()


def completion(shell: str) -> str:
    """The script for a shell. Raises ConfigError for another than bash, zsh and fish."""
    if shell not in SHELLS:
        raise ConfigError(f"{shell!r} is not one of {', '.join(SHELLS)}")
    # Typer's own script; it asks noshow itself (`answering`) for what may follow.
    from typer._completion_shared import get_completion_script

    script = get_completion_script(prog_name="noshow", complete_var=ASKED_BY, shell=shell)
    return str(script)


def answering() -> None:
    """Let this process answer a shell that asks what may follow."""
    from typer._completion_classes import completion_init

    completion_init()


def page(app: typer.Typer) -> str:
    """The manual page noshow(1) in roff."""
    group: Any = typer.main.get_command(app)
    lines = [
        f'.TH NOSHOW 1 "" "noshow {version("noshow")}"',
        ".SH NAME",
        "noshow \\- late cancellations, no-shows and silences of contacts",
        ".SH SYNOPSIS",
        ".B noshow",
        "COMMAND [OPTIONS]",
        ".SH DESCRIPTION",
        _roff(str(group.help or "")),
        ".SH COMMANDS",
    ]
    for name, command in _commands(group):
        words = " ".join(
            str(one.name).upper() for one in command.params if one.param_type_name == "argument"
        )
        lines += [".SS", _roff(f"noshow {name} {words}".strip()), _roff(str(command.help or ""))]
        for one in command.params:
            if one.param_type_name == "option":
                said = _roff(str(getattr(one, "help", "") or ""))
                lines += [".TP", f".B {_roff(', '.join(one.opts))}", said]
        if command.epilog:
            lines += [".PP", _roff(str(command.epilog))]
    lines += [
        ".SH EXIT STATUS",
        "0 done, 1 a bug, 2 settings or usage, 3 partly done, 4 nothing could be done, 130 stopped.",
    ]
    return "\n".join(line for line in lines if line)


def _commands(group: Any) -> list[tuple[str, Any]]:
    """Each command by how it is typed: `report`, `team sync`."""
    found: list[tuple[str, Any]] = []
    for name, one in sorted(group.commands.items()):
        within = getattr(one, "commands", None)
        found += (
            [(name, one)]
            if within is None
            else [(f"{name} {inner}", each) for inner, each in _commands(one)]
        )
    return found


def _roff(text: str) -> str:
    """Plain text in roff: no line begins with a sign of command, and hyphens stay hyphens."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    kept = (line.strip() for line in escaped.splitlines())
    return "\n".join(f"\\&{line}" if line[:1] in (".", "'") else line for line in kept if line)
