"""What may be typed at noshow? Every command of the command line, so that none is forgotten.

The commands are the line's own: whoever adds one has to say here how it is typed, or every test that
types them all fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from typer.core import TyperGroup
from typer.main import get_command

from jobs.cli import app

Words = tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """Of whom, of what and into which folder the commands are typed; `files`: what is imported."""

    who: str
    promise: str
    folder: Path
    files: Path
    provider: str = "google"


def every_command(said: Said) -> tuple[Words, ...]:
    """All commands, the last one `forget`. Raises AssertionError where one of the line's is missing."""
    typed: tuple[Words, ...] = (
        ("init", "--print"),
        ("help",),
        ("help", "report"),
        ("completion", "bash"),
        ("connect", said.provider, "--explain"),
        ("sync",),
        ("sync", "--heal"),
        ("import", str(said.files), "--problems", str(said.folder / "problems.csv")),
        ("backfill", "--since", "2026-10-01"),
        ("status",),
        ("status", "--format", "json"),
        ("team", "sync"),
        ("team", "status"),
        ("team", "report"),
        ("report", "--to", "folder"),
        ("report", "--dry-run", "--to", "stdout"),
        ("contact", said.who),
        ("contacts",),
        ("questions",),
        ("next",),
        ("export",),
        ("tag", said.who, "warm"),
        ("call", said.who, "spoke"),
        ("promise", said.who, said.promise, "--by", "2026-12-01"),
        ("answer", "7Q3F2K", "them"),
        ("remind", "--dry-run"),
        ("tune",),
        ("backup", str(said.folder / "backup.db")),
        ("doctor",),
        ("doctor", "--probe"),
        ("schedule", "--print", "cron"),
        ("run-due",),
        ("forget", said.who, "--yes"),
    )
    known = {words[0] for words in typed}
    assert known | NOT_TYPED == commands(), known ^ (commands() - NOT_TYPED)
    return typed


def commands() -> set[str]:
    """The names of all commands that the line knows."""
    line = get_command(app)
    assert isinstance(line, TyperGroup)
    return set(line.commands)


#: The demonstration makes a home of its own, with people of its own.
NOT_TYPED = frozenset({"demo"})
#: What says something without a store.
WITHOUT_A_STORE = frozenset({"init", "help", "completion", "schedule"})
