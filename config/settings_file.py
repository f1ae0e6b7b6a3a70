"""How does a settings file come to be, and change, without losing its comments?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import MutableMapping
from pathlib import Path
from typing import cast

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Comment, Item, Table, Whitespace

from config import private_files
from config.errors import ConfigError
from config.loading import example, parse
from config.settings import Settings

#: Freemail domains that people type at once; the detectors know many more.
_FREE = ("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "icloud.com", "gmx.de")
_ADDRESS = re.compile(r"[^@\s\"\\]+@[^@\s\"\\]+\.[^@\s\"\\]+")


def is_address(text: str) -> bool:
    """Is this an e-mail address that can stand in the file?"""
    return _ADDRESS.fullmatch(text) is not None


def written(address: str = "", provider: str = "", zone: str = "") -> str:
    """The commented settings file with these values in place of the examples.

    Raises ConfigError where a value is not one that the settings allow.
    """
    document = tomlkit.parse(example())
    mailbox = cast("AoT", document["mailbox"])[0]
    if address:
        if not is_address(address):
            raise ConfigError(f"{address!r} is no e-mail address", hint="like you@yourcompany.com")
        domain = address.rpartition("@")[2].lower()
        mailbox["address"] = address
        cast("Table", document["own"])["domains"] = [] if domain in _FREE else [domain]
    if provider:
        mailbox["provider"] = provider
    if zone:
        document["zone"] = zone
    text = tomlkit.dumps(document)
    read(text)
    return text


def read(text: str) -> Settings:
    """The settings that this text says. Raises ConfigError with all its mistakes."""
    try:
        return parse(tomllib.loads(text), "noshow init")
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("a value cannot stand in the settings", hint=str(error)) from error


def with_value(text: str, table: str, key: str, value: str) -> str:
    """The text with `key = value` in this table, in the place of its comment; the rest stays.

    `value` is TOML: see `quoted`. Raises ConfigError where the result would not be valid.
    """
    try:
        document, item = tomlkit.parse(text), tomlkit.value(value)
    except TOMLKitError as error:
        raise ConfigError("a value cannot stand in the settings", hint=str(error)) from error
    if table not in document:
        fresh = tomlkit.table()
        fresh.add(key, item)
        if document.body:
            document.add(tomlkit.nl())
        document.add(table, fresh)
    elif not isinstance(there := document[table], MutableMapping):
        raise ConfigError(f"[{table}] is no table of the settings")
    elif key in there or not isinstance(there, Table):
        there[key] = item
    else:
        document[table] = _uncommented(there, key, item)
    changed = tomlkit.dumps(document)
    read(changed)
    return changed


def _uncommented(table: Table, key: str, item: Item) -> Table:
    """The table with the key where its comment `# key = default  # why` stood, else first."""
    shown = re.compile(rf"#\s*{re.escape(key)}\s*=[^#]*?(\s*)(#.*)?")
    lines = [
        shown.fullmatch(part.trivia.comment) if isinstance(part, Comment) else None
        for _, part in table.value.body
    ]
    place = next((number for number, line in enumerate(lines) if line), None)
    changed = tomlkit.table()
    if place is None:
        changed.add(key, item)
    for number, (name, part) in enumerate(table.value.body):
        if number == place and (line := lines[number]):
            if line[2]:
                item.comment(line[2])
                item.trivia.comment_ws = line[1]
            changed.add(key, item)
        elif name is None:
            changed.add(cast("Comment | Whitespace", part))
        else:
            changed.append(name, part)
    return changed


def quoted(text: str) -> str:
    """The text as a TOML string."""
    return tomlkit.string(text).as_string()


def save(path: Path, text: str) -> None:
    """Write a settings file whole or not at all, readable by its owner only.

    Where it is a link (to a folder of settings that one keeps), what it leads to is written.
    """
    path = path.resolve()
    private_files.make_folder(path.parent)
    private_files.write(path, text)


def local_zone() -> str:
    """This machine's IANA zone, else UTC."""
    import tzlocal

    try:
        return tzlocal.get_localzone_name() or "UTC"
    except Exception:  # noqa: BLE001 - any broken zone setup means that we do not know it
        return "UTC"
