"""How do files and folders come to be that nobody but their owner can read?

Whatever noshow writes holds names, subjects or logins. A file is 0600 from its first moment on,
whatever the umask says; a folder is 0700, and one that is looser is closed or refused.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from config.errors import ConfigError

_OTHERS = 0o077


def write(path: Path, content: str | bytes) -> None:
    """The whole file or nothing, for its owner only; one of that name is replaced, and a link of
    that name is not followed. Raises OSError.
    """
    raw = content.encode() if isinstance(content, str) else content
    rough = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.tmp")
    try:
        handle = os.open(rough, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        # Whoever named the file knows nothing of the other.
        error.filename = str(path)
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            # On the disk before it has its name.
            os.fsync(file.fileno())
        rough.replace(path)
    except BaseException:
        rough.unlink(missing_ok=True)
        raise


def is_open(folder: Path) -> bool:
    """Can others list the folder, enter it or write into it? False where there is none."""
    try:
        return os.name == "posix" and bool(folder.stat().st_mode & _OTHERS)
    except FileNotFoundError:
        return False


def make_folder(folder: Path) -> None:
    """Make the folder, and those above it, for their owner only; one that is there is left as it is. Raises OSError."""
    # Each by itself: what `parents` makes has the rights that the umask leaves, with 0 everybody's.
    for one in reversed([one for one in folder.parents if not one.exists()]):
        one.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def close_folder(folder: Path) -> bool:
    """Make the folder, or take it from the others; True where they had it until now. A file is left.

    Raises ConfigError where it cannot be taken: it is another user's, or everybody's (/tmp).
    """
    if folder.exists() and not folder.is_dir():
        # Whoever writes into it says so, and of what the report then waits for.
        return False
    try:
        make_folder(folder)
        if not is_open(folder):
            return False
        mode = folder.stat().st_mode
        if mode & stat.S_ISVTX:
            raise refused(folder, everybodys=True)
        folder.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    except OSError as error:
        raise refused(folder, error.strerror or "") from error
    return True


def close_file(path: Path) -> None:
    """Take a file of noshow's own from the others, where they may read or write it. Raises OSError."""
    if os.name == "posix" and not path.is_symlink():
        mode = path.stat().st_mode
        if mode & _OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


def refused(folder: Path, why: str = "", *, everybodys: bool = False) -> ConfigError:
    """What to say of a folder that others can look into, and that is not noshow's to close.

    `everybodys`: others need it, such as /tmp, so that nobody is told to shut them out.
    """
    own = f"name a folder that is noshow's own, such as {folder / 'noshow'}"
    shut = f"; or, where nobody else needs this one: chmod 700 {folder}"
    return ConfigError(
        f"the folder {folder} cannot be used for its owner alone" + (f": {why}" if why else ""),
        hint=own if everybodys else own + shut,
    )
