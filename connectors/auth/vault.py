"""Where do logins lie, so that only their owner can read them and a crash never loses one?

One JSON file a login (0600) in a folder of its own (0700), replaced atomically. Nothing here ever
logs a content.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config import private_files
from config.errors import AuthError, Busy, StoreError

Entry = dict[str, Any]

_WAIT = 20.0  # [s] for another process that writes the same login
_PAUSE = 0.05
_UNSAFE = re.compile(r"[^a-z0-9._@-]+")


def entry_name(provider: str, address: str, purpose: str) -> str:
    """`google-dana@client.example-read`: the name of a login, fit for a file of any system."""
    return _UNSAFE.sub("_", f"{provider}-{address}-{purpose}".lower())


class FileVault:
    """A vault in a folder. Safe between processes; the folder is made when first written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> Entry:
        """The entry. Raises AuthError where it is missing or cannot be understood."""
        path = self._path(name)
        try:
            self._close_to_others(path)
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise _missing() from None
        except (OSError, UnicodeDecodeError) as error:
            raise AuthError(
                f"a saved login cannot be read ({type(error).__name__})",
                hint=f"check the rights of {path.parent}, or log in again: noshow connect",
            ) from error
        return _understood(text)

    def write(self, name: str, entry: Mapping[str, Any]) -> None:
        """Make or replace the entry, wholly or not at all. Raises StoreError."""
        with self._locked():
            self._write(name, entry)

    def update(self, name: str, change: Callable[[Entry], Entry]) -> Entry:
        """Read, change and write while no other process does. Raises as `read` and `write`."""
        with self._locked():
            changed = change(self.read(name))
            self._write(name, changed)
        return changed

    def forget(self, name: str) -> None:
        """Remove the entry; nothing happens where there is none."""
        self._path(name).unlink(missing_ok=True)

    def has(self, name: str) -> bool:
        return self._path(name).exists()

    def _path(self, name: str) -> Path:
        if _UNSAFE.search(name) or name.startswith("."):
            raise ValueError("no name for a login")
        return self.folder / f"{name}.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """No other process writes meanwhile; flock dies with its process, as the store's locks do."""
        self._make_folder()
        try:
            handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        try:
            self._wait_for(handle)
            yield
        finally:
            os.close(handle)

    def _wait_for(self, handle: int) -> None:
        end = time.monotonic() + _WAIT
        while True:
            try:
                return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= end:
                    raise Busy(
                        "another noshow process holds the saved logins",
                        hint="try again in a minute",
                    ) from error
                time.sleep(_PAUSE)
            except OSError as error:
                raise _unwritable(self.folder, error) from error

    def _make_folder(self) -> None:
        try:
            private_files.make_folder(self.folder)
            self._close_to_others(self.folder)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def _write(self, name: str, entry: Mapping[str, Any]) -> None:
        path = self._path(name)
        text = json.dumps(entry, indent=1, sort_keys=True)
        try:
            # mkstemp makes the file 0600 from its first moment on.
            number, written = tempfile.mkstemp(prefix=".new-", dir=self.folder)
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                Path(written).replace(path)
            except BaseException:
                Path(written).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    @staticmethod
    def _close_to_others(path: Path) -> None:
        """Take from group and others what a copy or a wrong umask gave them."""
        mode = stat.S_IMODE(path.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            path.chmod(mode & 0o700)


def _missing() -> AuthError:
    return AuthError("this mailbox is not connected", hint="noshow connect")


def _understood(text: str) -> Entry:
    try:
        entry = json.loads(text)
    except ValueError as error:
        raise AuthError(
            "a saved login is damaged and counts as signed out", hint="log in again: noshow connect"
        ) from error
    if not isinstance(entry, dict):
        raise AuthError(
            "a saved login is damaged and counts as signed out", hint="log in again: noshow connect"
        )
    return entry


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"a login cannot be saved in {folder} ({error.strerror or type(error).__name__})",
        hint="check the rights of the folder and the space on its disk",
    )
