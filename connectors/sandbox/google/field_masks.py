"""Which parts of a reply does a `fields` mask leave? Google's partial responses, really applied.

Grammar: `a,b(c,d/e),f/g,*`. A name that the reply's schema does not know is refused with 400, as
Google does. Source: developers.google.com/workspace/calendar/api/guides/performance#partial.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from connectors.sandbox.google import errors
from connectors.sandbox.google.methods import document

_TOKEN = re.compile(r"[A-Za-z0-9_.$*-]+|[(),/]")
#: None keeps all that lies below.
Mask = dict[str, Any]


@lru_cache(maxsize=256)
def _parsed(text: str) -> Mask:
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", "") or not tokens:
        raise errors.bad_value("fields", f"Invalid field selection {text}")
    mask, rest = _list(tokens, 0)
    if rest != len(tokens):
        raise errors.bad_value("fields", f"Invalid field selection {text}")
    return mask


def _list(tokens: list[str], at: int) -> tuple[Mask, int]:
    mask: Mask = {}
    while True:
        at = _path(tokens, at, mask)
        if at >= len(tokens) or tokens[at] != ",":
            return mask, at
        at += 1


def _path(tokens: list[str], at: int, mask: Mask) -> int:
    if at >= len(tokens) or tokens[at] in "(),/":
        raise errors.bad_value("fields", "Invalid field selection")
    name = tokens[at]
    at += 1
    if at < len(tokens) and tokens[at] == "/":
        below = _below(mask, name)
        return _path(tokens, at + 1, below)
    if at < len(tokens) and tokens[at] == "(":
        inner, at = _list(tokens, at + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise errors.bad_value("fields", "Invalid field selection")
        _below(mask, name).update(inner)
        return at + 1
    mask[name] = None
    return at


def _below(mask: Mask, name: str) -> Mask:
    if mask.get(name) is None:
        mask[name] = {}
    below: Mask = mask[name]
    return below


def apply(text: str, reply: Any, api: str, schema: str) -> Any:
    """The reply with only what the mask names. Raises Refused (400) for an unknown name."""
    mask = _parsed(text)
    _verify(mask, document(api)["schemas"], {"$ref": schema})
    return _keep(mask, reply)


def _verify(mask: Mask, schemas: Mapping[str, Any], shape: Mapping[str, Any]) -> None:
    while True:
        if "$ref" in shape:
            shape = schemas[shape["$ref"]]
        elif shape.get("type") == "array":
            shape = shape["items"]
        else:
            break
    properties = shape.get("properties", {})
    for name, below in mask.items():
        if name == "*" or "additionalProperties" in shape:
            continue
        if name not in properties:
            raise errors.bad_value("fields", f"Invalid field selection {name}")
        if below is not None:
            _verify(below, schemas, properties[name])


def _keep(mask: Mask, value: Any) -> Any:
    if isinstance(value, list):
        return [_keep(mask, one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, below in value.items():
        rule = mask[name] if name in mask else mask.get("*", False)
        if rule is None:
            kept[name] = below
        elif rule is not False:
            inner = _keep(rule, below)
            # Google leaves out objects and lists of which nothing is left.
            if inner not in ({}, [{}]) or below in ({}, []):
                kept[name] = inner
    return kept
