"""What does a database's error mean, and who must act? Its own words may quote a row, and are never repeated."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import exc
from sqlalchemy.engine import URL

from config.errors import Busy, ConfigError, NoshowError, StoreError
from connectors.store.database.lost import Unreachable

#: How one gets on where the file is damaged.
WAY_BACK = (
    "restore {folder}/noshow.db from a backup; or move noshow.db, noshow.db-wal and noshow.db-shm "
    "away and run noshow sync (or import), which build it anew: what you answered, tagged and "
    "logged is lost then, and whom you had forgotten has to be forgotten again"
)


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def folder_of(url: URL) -> Path | None:
    """The folder that a SQLite store lies in; None for PostgreSQL."""
    return Path(str(url.database)).parent if is_sqlite(url) else None


_SQLITE = (
    ("locked", "another process keeps the store busy", "wait, or look for a hanging noshow"),
    ("busy", "another process keeps the store busy", "wait, or look for a hanging noshow"),
    ("full", "the disk is full", "free some space on {folder}; nothing that was stored is lost"),
    ("readonly", "the store cannot be written", "check the rights of {folder} and its files"),
    ("unable to open", "the store cannot be opened", "check the rights and the disk of {folder}"),
    ("disk i/o", "the disk cannot be read or written", "check the disk of {folder} and its space"),
    ("malformed", "the store's file is damaged", WAY_BACK),
    ("could not decode", "the store's file is damaged", WAY_BACK),
    ("no such table", "the store's file is damaged", WAY_BACK),
    ("no such column", "the store's file is damaged", WAY_BACK),
    ("not a database", "the store's file is no noshow store, or is damaged", WAY_BACK),
)


def explain(error: Exception, url: URL) -> NoshowError | None:
    """What a database's error means, and who must act; None where it is no word of the database."""
    text = str(getattr(error, "orig", error)).lower()
    if is_sqlite(url):
        return _of_sqlite(text, folder_of(url))
    return _by_state(error) or _by_words(text, error)


def _of_sqlite(text: str, folder: Path | None) -> StoreError | None:
    for sign, message, hint in _SQLITE:
        if sign in text:
            kind = Busy if sign in ("locked", "busy") else StoreError
            return kind(message, hint=hint.format(folder=folder))
    return None


def _by_state(error: Exception) -> StoreError | None:
    state = _state(error)
    if state == "53100":
        return StoreError("the database server's disk is full", hint="free space on the server")
    if state in ("42501", "25006"):
        return StoreError(
            "the database does not let noshow write", hint="grant the user rights on its schema"
        )
    if state in ("42P07", "42710"):
        return StoreError(
            "the database holds tables of something else, or of a noshow that is half restored",
            hint="give noshow a database of its own in [store] url",
        )
    if state in ("40001", "40P01", "55P03"):
        return Busy("another process keeps the store busy", hint="run it again")
    if is_lost(error) or state in AWAY or state.startswith("08"):
        return Unreachable(
            "the connection to the database was lost",
            hint="check the server and the network; what was stored is whole, and the next run goes "
            "on from there",
        )
    return None


def _state(error: Exception) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", "") or "")


def _by_words(text: str, error: Exception) -> NoshowError | None:
    """Where it is not let in, an error bears no state."""
    at_the_door = not _state(error)
    for sign, message, hint in _AT_THE_DOOR:
        if at_the_door and sign in text:
            return Unreachable(message, hint=hint)
    if at_the_door and any(sign in text for sign in _UNKNOWN_OPTIONS):
        return ConfigError(
            "the url in [store] has an option that PostgreSQL's driver does not know, or not so",
            hint="after the question mark stands what libpq knows, such as sslmode=verify-full",
        )
    if isinstance(error, exc.OperationalError | exc.InterfaceError):
        return Unreachable(
            "the database server cannot be reached, or refused the login",
            hint="check the url in [store], the server and the password",
        )
    return None


#: What libpq says where it is not let in, which bears no state; in English mostly.
_AT_THE_DOOR = (
    *(
        (
            sign,
            "the database server refused the login",
            "check the user and the password: in [store] url, NOSHOW__STORE__URL, or ~/.pgpass",
        )
        for sign in (
            "password authentication failed",
            "no password supplied",
            "no pg_hba.conf entry",
        )
    ),
    (
        "does not exist",
        "the database server knows no such database or user",
        "make it: createdb --encoding=UTF8 --template=template0 --owner=USER NAME",
    ),
    (
        "does not support ssl",
        "the database server offers no TLS, and sslmode in [store] url wants it",
        "switch it on there, or change sslmode",
    ),
    *(
        (
            sign,
            "the database server's certificate is not trusted",
            "name its authority in [store] url: sslmode=verify-full&sslrootcert=/path/to/ca.pem",
        )
        for sign in ("certificate verify failed", "root certificate file", "server certificate for")
    ),
    *(
        (
            sign,
            "the database server's name is not found",
            "check the host in [store] url, and the network",
        )
        for sign in ("failed to resolve host", "could not translate host name")
    ),
)
_UNKNOWN_OPTIONS = ("invalid connection option", "invalid uri query parameter", 'value: "')

#: The server ends, is about to, begins, or has no place left for a connection.
AWAY = ("57P01", "57P02", "57P03", "57P05", "25P03", "53300")


def is_lost(error: Exception) -> bool:
    """Did the connection end with this error?"""
    return isinstance(error, exc.DBAPIError) and error.connection_invalidated
