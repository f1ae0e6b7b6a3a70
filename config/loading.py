"""Which settings hold: the file and the environment, with every mistake said at once?"""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from config.errors import ConfigError
from config.settings import Mailbox, Settings

PREFIX = "NOSHOW__"


def example() -> str:
    """The commented settings file that `noshow init` writes."""
    return (resources.files("config") / "noshow.example.toml").read_text("utf-8")


def load(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the file and from `NOSHOW__TABLE__KEY` variables, which win.

    Raises ConfigError with all problems, each with its place in the file and a hint.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no settings file at {path}", hint="write one with: noshow init"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", hint="check its rights") from error
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path} is no valid TOML: {error}",
            hint="text needs quotes, lists need brackets; see: noshow init --print",
        ) from error
    _overlay(tree, os.environ if environ is None else environ)
    return parse(tree, str(path))


def parse(tree: Mapping[str, Any], place: str = "settings") -> Settings:
    """Settings from a tree of tables. Raises ConfigError with all problems at once."""
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        problems = tuple(_sentence(dict(one)) for one in error.errors())
        count = len(problems)
        raise ConfigError(
            f"{place}: {count} {'mistake' if count == 1 else 'mistakes'}",
            problems=problems,
            hint="correct them and run the command again; noshow init --print shows every key",
        ) from error


def _overlay(tree: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX):
            continue
        *tables, key = name[len(PREFIX) :].lower().split("__")
        node: Any = tree
        for table in tables:
            if isinstance(node, list) and table.isdigit() and int(table) < len(node):
                node = node[int(table)]
                continue
            if not isinstance(node, dict) or not isinstance(
                node.setdefault(table, {}), dict | list
            ):
                raise ConfigError(f"{name}: {table!r} is no table of the settings")
            node = node[table]
        if not isinstance(node, dict):
            raise ConfigError(f"{name}: this place of the settings has no keys")
        node[key] = _value(value)


def _value(text: str) -> Any:
    """JSON where the text is JSON (numbers, lists, true), else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _sentence(error: dict[str, Any]) -> str:
    """`[[mailbox]] 2: provider 'gmial' is not one of google, microsoft, files`."""
    where, key = _place(tuple(error["loc"]))
    value, kind = error.get("input"), error["type"]
    context = error.get("ctx", {})
    prefix = f"{where}: " if where else ""
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, _keys(tuple(error["loc"])), n=1)
        return f"{prefix}there is no key {key!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    if kind == "missing":
        return f"{prefix}{key} is missing"
    if kind == "literal_error":
        allowed = ", ".join(part.strip(" '") for part in _choices(context.get("expected", "")))
        return f"{prefix}{key} {value!r} is not one of {allowed}"
    if kind == "value_error":
        message = str(context.get("error", error["msg"]))
        return f"{prefix}{key}: {message}" if key else f"{prefix}{message}"
    secret = any(word in key for word in ("password", "secret"))
    shown = "" if secret or isinstance(value, dict | list) else f" {value!r}"
    message = error["msg"][:1].lower() + error["msg"][1:]
    return f"{prefix}{key}{shown}: {message}"


def _choices(expected: str) -> list[str]:
    return expected.replace(" or ", ", ").split(", ")


def _place(loc: tuple[Any, ...]) -> tuple[str, str]:
    """The table as it stands in the file, and the key in it."""
    if not loc:
        return "", ""
    if loc[0] == "mailbox":
        if len(loc) == 1:
            return "[[mailbox]]", ""
        where = f"[[mailbox]] {loc[1] + 1}" if isinstance(loc[1], int) else "[[mailbox]]"
        return where, ".".join(str(part) for part in loc[2:])
    if len(loc) == 1:
        return "", str(loc[0])
    return f"[{loc[0]}]", ".".join(str(part) for part in loc[1:])


def _keys(loc: tuple[Any, ...]) -> list[str]:
    """The keys that the table of this place knows."""
    model: type[BaseModel] = Settings
    for part in loc[:-1]:
        if part == "mailbox":
            model = Mailbox
            continue
        if isinstance(part, int) or part not in model.model_fields:
            continue
        annotation = model.model_fields[part].annotation
        options = [annotation, *get_args(annotation)]
        found = [one for one in options if isinstance(one, type) and issubclass(one, BaseModel)]
        if found:
            model = found[0]
    return list(model.model_fields)
