"""How was a login asked for, and how does it travel to another machine?"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from config.errors import AuthError, ConfigError
from connectors.auth.expiry import command

Login = TypeVar("Login")


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


def check_target(path: Path) -> None:
    """Raises ConfigError where no file of this name can be made: known before anybody logs in for it."""
    if path.exists() or path.is_symlink():
        raise ConfigError(f"{path} is there already", hint="name another file")
    if not os.access(path.absolute().parent, os.W_OK | os.X_OK):
        raise ConfigError(
            f"{path} cannot be written there", hint="name a file in a folder that is yours"
        )


def write_secret(path: Path, text: str) -> None:
    """Write a login that is carried to another machine: readable by its owner only, never over one."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ConfigError(f"{path} is there already", hint="name another file") from error
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)


def taken(path: Path, provider: str, purpose: str, read: Callable[[str, str], Login]) -> Login:
    """The login that was carried here; `read` understands its text. Raises ConfigError, with the file."""
    make = f"make it on the other machine: {command(provider, purpose)} --export {path.name}"
    try:
        return read(path.read_text("utf-8"), purpose)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no text"
        raise ConfigError(f"{path} cannot be read: {why}", hint=make) from error
    except AuthError as error:
        raise ConfigError(f"{path} cannot be taken over: {error.message}", hint=make) from error
