"""How was a login asked for, and how does it travel to another machine?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from config.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Ways:
    """What was said on the command line.

    `export`: log in here, and write the login to carry it away; `import_`: take one that was;
    `paste`: no browser here; `browser`: one here, where a code is the rule; `explain`: only say
    what to set up; `if_needed`: do nothing where a login is there.
    """

    export: Path | None = None
    import_: Path | None = None
    paste: bool = False
    browser: bool = False
    explain: bool = False
    if_needed: bool = False


def write_secret(path: Path, text: str) -> None:
    """Write a login that is carried to another machine: readable by its owner only, never over one."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ConfigError(f"{path} is there already", hint="name another file") from error
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)


def carried(path: Path) -> str:
    """The text of a login that was carried here. Raises ConfigError."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no text"
        raise ConfigError(f"{path} cannot be read: {why}") from error
