"""Which settings hold: the file and the environment, with every mistake said at once?"""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError

from config.errors import ConfigError
from config.settings import Mailbox, Settings

PREFIX = "NOSHOW__"
_NO_TABLE = ("tuple_type", "model_type", "dict_type")
#: By a sign of a pattern of config.settings, what is written so.
_PATTERNS = {
    "[0-5]": "07:00",
    "tcp": "tcp://host:8786",
    "https?": "https://host.example/path",
    "https": "https://host.example/path",
}
#: Where in the settings: table, number of a mailbox, key.
Place = tuple[str | int, ...]


def example() -> str:
    """The commented settings file that `noshow init` writes."""
    return (resources.files("config") / "noshow.example.toml").read_text("utf-8")


def load(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the file and from `NOSHOW__TABLE__KEY` variables, which win.

    Raises ConfigError with all problems, each with its place in the file and a hint.
    """
    text = text_of(path)
    try:
        tree = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        said = error if isinstance(error, ValueError) else "too many brackets inside each other"
        raise ConfigError(
            f"{path} is no valid TOML: {said}",
            hint="text needs quotes, lists need brackets; see: noshow init --print",
        ) from error
    given = _overlay(tree, os.environ if environ is None else environ)
    secret = [place for place in _secrets(tree) if place not in given]
    if secret:
        raise ConfigError(
            f"{path} holds a secret: " + ", ".join(f"[{one[0]}] {one[1]}" for one in secret),
            hint="whoever reads a copy of the file has it: take it out, and set "
            + ", ".join(PREFIX + "__".join(map(str, one)).upper() for one in secret)
            + " in the environment",
        )
    return parse(tree, str(path), given, path.absolute().parent)


def text_of(path: Path) -> str:
    """The text of a settings file, without the mark that some editors put before UTF-8.

    Raises ConfigError where there is none, or none that can be read.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no settings file at {path}", hint="write one with: noshow init"
        ) from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path} is a folder", hint="name the file in it") from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}", hint="check its rights"
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path} is not written in UTF-8 (line {line})",
            hint="save it anew in your editor, with the encoding UTF-8",
        ) from error


def parse(
    tree: Mapping[str, Any],
    place: str = "settings",
    given: Mapping[Place, str] = MappingProxyType({}),
    folder: Path | None = None,
) -> Settings:
    """Settings from a tree of tables. Raises ConfigError with all problems at once.

    `given`: the places whose value came from a variable, and its name. Secrets come from there,
    and sometimes into the wrong one, so that none of these values is ever repeated. `folder`: beside
    what a relative path lies.
    """
    try:
        return Settings.model_validate(tree, context={"folder": folder})
    except ValidationError as error:
        problems = tuple(_sentence(dict(one), given) for one in error.errors())
        count = len(problems)
        raise ConfigError(
            f"{place}: {count} {'mistake' if count == 1 else 'mistakes'}",
            problems=problems,
            hint="correct them and run the command again; noshow init --print shows every key",
        ) from None


def _secrets(tree: Mapping[str, Any]) -> Iterator[Place]:
    """The places in the tree that hold what nobody is to read."""
    for table, keys in tree.items():
        for key in keys if isinstance(keys, dict) else ():
            field = _model((table, key)).model_fields.get(key)
            if field is not None and SecretStr in _kinds(field.annotation):
                yield (table, key)


def _overlay(tree: dict[str, Any], environ: Mapping[str, str]) -> dict[Place, str]:
    """Lay the variables over the file's tree; returns the places that they set, with their names."""
    given: dict[Place, str] = {}
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX):
            continue
        *tables, key = name[len(PREFIX) :].lower().split("__")
        node: Any = tree
        place: Place = ()
        for table in tables:
            if isinstance(node, list) and table.isdigit() and int(table) < len(node):
                node = node[int(table)]
                place += (int(table),)
                continue
            if not isinstance(node, dict) or not isinstance(
                node.setdefault(table, {}), dict | list
            ):
                raise ConfigError(f"{name}: {table!r} is no table of the settings")
            node = node[table]
            place += (table,)
        if not isinstance(node, dict):
            raise ConfigError(f"{name}: this place of the settings has no keys")
        place += (key,)
        node[key] = _value(value, place)
        given[place] = name
    return given


def _value(text: str, place: Place) -> Any:
    """The text itself where the key takes a text (a password may be `123456` or `null`); else JSON
    where it is JSON (numbers, lists, true).
    """
    field = _model(place).model_fields.get(str(place[-1]))
    if field is not None and any(
        kind in (str, SecretStr, Path) for kind in _kinds(field.annotation)
    ):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _kinds(annotation: Any) -> Iterator[Any]:
    """The types of a field, out of what is annotated to them and of what may stand in their place."""
    yield annotation
    if get_origin(annotation) is not tuple:
        for inside in get_args(annotation):
            yield from _kinds(inside)


def _sentence(error: dict[str, Any], given: Mapping[Place, str]) -> str:
    """`[[mailbox]] 2: provider 'gmial' is not one of google, microsoft, files`."""
    loc: Place = tuple(error["loc"])
    where, key = _place(loc)
    value, kind = error.get("input"), error["type"]
    context = error.get("ctx", {})
    prefix = f"{where}: " if where else ""
    touched = (one for at, one in given.items() if at[: len(loc)] == loc[: len(at)])
    name = next(touched, "") if loc else ""
    if name:
        prefix = f"{name}, {prefix}"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, _keys(loc), n=1)
        return f"{prefix}there is no key {key!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    if kind == "missing":
        return f"{prefix}{key} is missing"
    hidden = bool(name) or _is_secret(loc)
    shown = "" if hidden or isinstance(value, dict | list) else f" {value!r}"
    if kind == "literal_error":
        allowed = ", ".join(part.strip(" '") for part in _choices(context.get("expected", "")))
        return f"{prefix}{key}{shown} is not one of {allowed}"
    if kind == "value_error":
        message = str(context.get("error", error["msg"]))
        if hidden and str(value):
            message = message.replace(repr(value), "this").replace(str(value), "this")
        return f"{prefix}{key}: {message}" if key else f"{prefix}{message}"
    return prefix + _unfit(error, f"{key}{shown}")


def _unfit(error: Mapping[str, Any], what: str) -> str:
    """What to write in place of a value of another shape; `what`: its key, and what was written."""
    loc, kind = tuple(error["loc"]), error["type"]
    if loc[:1] == ("mailbox",) and len(loc) <= 2 and kind in _NO_TABLE:
        return "each stands below a line of its own, [[mailbox]], with two pairs of brackets"
    if kind == "tuple_type":
        return f'{what} is a list: write it in brackets, like ["one", "another"]'
    if kind == "too_short":
        return f"{what} is empty: name at least one, or leave the key out"
    if kind == "string_pattern_mismatch":
        return f"{what} is not written like {_pattern_example(error.get('ctx', {}))}"
    if kind in ("model_type", "dict_type"):
        return f"{_place(loc)[1]} is a table: name a key in it, such as {_example_key(loc)}"
    message = error["msg"][:1].lower() + error["msg"][1:]
    return f"{what}: {message}"


def _is_secret(loc: Place) -> bool:
    """May the value at this place be, or hold, something that nobody is to read?"""
    if not loc:
        return False
    if {"password", "secret", "url", "uri", "root"} & set(str(loc[-1]).split("_")):
        return True
    field = _model(loc).model_fields.get(str(loc[-1]))
    return field is not None and SecretStr in (field.annotation, *get_args(field.annotation))


def _example_key(loc: Place) -> str:
    """How a key of the table at this place is written in the file and in the environment."""
    table = str(loc[-1])
    key = next(iter(_model((*loc, "")).model_fields), "key")
    return f"[{table}] {key}, or {PREFIX}{table.upper()}__{key.upper()}"


def _pattern_example(context: Mapping[str, Any]) -> str:
    """What a text of this pattern looks like."""
    pattern = str(context.get("pattern", ""))
    return next((one for sign, one in _PATTERNS.items() if sign in pattern), pattern)


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


def _keys(loc: Place) -> list[str]:
    """The keys that the table of this place knows."""
    return list(_model(loc).model_fields)


def _model(loc: Place) -> type[BaseModel]:
    """The table that the last part of this place is a key of."""
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
    return model
