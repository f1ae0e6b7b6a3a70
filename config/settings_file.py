"""How does a settings file come to be, and change, without losing its comments?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

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
    text = example()
    if address:
        if not is_address(address):
            raise ConfigError(f"{address!r} is no e-mail address", hint="like you@yourcompany.com")
        domain = address.rpartition("@")[2].lower()
        text = text.replace('address = "you@ourco.example"', f'address = "{address}"', 1)
        own = "[]" if domain in _FREE else f'["{domain}"]'
        text = text.replace('domains = ["ourco.example"]', f"domains = {own}", 1)
    if provider:
        text = text.replace('provider = "google"', f"provider = {quoted(provider)}", 1)
    if zone:
        line = f"zone = {quoted(zone)}"
        text = re.sub(r'^zone = ".*"$', lambda _: line, text, count=1, flags=re.MULTILINE)
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
    line = f"{key} = {value}"
    found = re.search(
        rf"^\[{re.escape(table)}\][^\n]*\n((?:(?!^\[).*\n?)*)", text, flags=re.MULTILINE
    )
    if found is None:
        changed = f"{text.rstrip()}\n\n[{table}]\n{line}\n"
    else:
        body = found.group(1)
        kept, count = re.subn(
            rf"^(# )?{re.escape(key)}\s*=.*$", lambda _: line, body, count=1, flags=re.MULTILINE
        )
        body = kept if count else f"{line}\n{body}"
        changed = text[: found.start(1)] + body + text[found.end(1) :]
    read(changed)
    return changed


def quoted(text: str) -> str:
    """The text as a TOML string (basic strings escape as JSON's do)."""
    import json

    return json.dumps(text, ensure_ascii=False)


def save(path: Path, text: str) -> None:
    """Write a settings file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".new")
    try:
        draft.write_text(text, "utf-8")
        draft.chmod(0o600)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def local_zone() -> str:
    """This machine's IANA zone, else UTC."""
    import tzlocal

    try:
        return tzlocal.get_localzone_name() or "UTC"
    except Exception:  # noqa: BLE001 - any broken zone setup means that we do not know it
        return "UTC"
