"""What does each setting mean? A page of all of them, made from the models themselves.

The words are the docstrings below the fields of config.settings and config.policy, read from the
source when the page is asked for: no start of noshow pays for them.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from config.settings import Settings

_HEAD = """\
# All settings

Made by `noshow help --page configuration` from the models that read `noshow.toml`; `noshow init` writes that
file with the settings that most people need. An unknown key or a value out of bounds is named with
its line, and nothing runs until it is mended. A relative path lies beside `noshow.toml`, wherever noshow
is called from; `~` is your home.

Every key can come from the environment, too, where it beats the file: `NOSHOW__SMTP__HOST` is `host`
under `[smtp]`, two underscores a level. Secrets come from there, never from the
file; the mail server's password may lie in the keyring, too (`keyring set "noshow smtp HOST" USER`,
with `host` and `user` of `[smtp]`). Days are written [d], hours [h], minutes [min].
"""


def page() -> str:
    """docs/configuration.md, as it must be."""
    parts = [_HEAD]
    top = [(name, info) for name, info in Settings.model_fields.items() if table_of(info) is None]
    parts += ["## The file itself\n", *_table(Settings, top)]
    for name, info in Settings.model_fields.items():
        model = table_of(info)
        if model is not None:
            shown = f"[[{name}]]" if get_origin(info.annotation) is tuple else f"[{name}]"
            about = inspect.cleandoc(model.__doc__ or "").partition("\n")[0]
            parts += [f"\n## `{shown}`\n", f"{about}\n"]
            parts += _table(model, list(model.model_fields.items()))
    return "\n".join(parts) + "\n"


def _table(model: type[BaseModel], fields: list[tuple[str, FieldInfo]]) -> Iterator[str]:
    said = meanings(model)
    yield "| key | what it may be | default | meaning |"
    yield "|---|---|---|---|"
    for name, info in fields:
        yield f"| `{name}` | {_kind(info)} | {_default(info)} | {said.get(name, '')} |"


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """The docstring below each field of a model, on one line."""
    source = ast.parse(Path(inspect.getfile(model)).read_text("utf-8"))
    (body,) = (
        node.body
        for node in source.body
        if isinstance(node, ast.ClassDef) and node.name == model.__name__
    )
    found = {}
    for field, after in itertools.pairwise(body):
        named = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if named and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            text = inspect.cleandoc(str(after.value.value))
            assert isinstance(field, ast.AnnAssign)  # noqa: S101 - asked in `named`
            assert isinstance(field.target, ast.Name)  # noqa: S101 - asked in `named`
            found[field.target.id] = " ".join(text.split()).replace("|", "\\|")
    return found


def table_of(info: FieldInfo) -> type[BaseModel] | None:
    """The table that a field of the file is, or a list of them; None for a plain value."""
    for one in (info.annotation, *get_args(info.annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def _kind(info: FieldInfo) -> str:
    bounds = [
        f"{sign} {getattr(one, name):g}"
        for one in info.metadata
        for name, sign in (("ge", "from"), ("gt", "above"), ("le", "to"), ("lt", "below"))
        if getattr(one, name, None) is not None
    ]
    return ", ".join([_word(info.annotation), *bounds])


def _word(kind: Any) -> str:
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in inside)
    if origin is tuple:
        return f"list of {_word(inside[0])}"
    if origin in (Union, types.UnionType):
        return " or ".join(_word(one) for one in inside if one is not type(None))
    if hasattr(kind, "__metadata__"):
        return _word(inside[0])
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    names |= {Path: "path", SecretStr: "secret"}
    return names.get(kind) or (kind.__name__.lower() if isinstance(kind, type) else str(kind))


def _default(info: FieldInfo) -> str:
    value = info.default
    if info.is_required():
        return "needed"
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        inside = ", ".join(f'"{one}"' for one in value)
        return f"`[{inside}]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value:g}`"
