"""Does a request or a reply fit Graph's published description? Checked against a subset of it.

The subset holds paths and parameters of an older OpenAPI text and the types of a newer CSDL, which
decides names and enums. Where it is not at hand the tests that need it are skipped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_FILE = Path(__file__).resolve().parents[4] / "shared" / "graph" / "openapi-subset.json"
#: Options of OData and of delta links that stand for any list.
_ANYWHERE = {"$skiptoken", "$deltatoken", "$top", "$select", "$filter", "$orderby", "$expand"}
_PLAIN = {
    "Edm.String": str,
    "Edm.Binary": str,
    "Edm.Boolean": bool,
    "Edm.Int32": int,
    "Edm.DateTimeOffset": str,
}
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)")
#: What Graph is observed to answer and its description does not name (facts, section 2.4 and 3).
_TOLERATED = {("identity", "tenantId")}


@cache
def spec() -> Mapping[str, Any]:
    if not _FILE.exists():
        pytest.skip("Graph's description is not at hand")
    loaded: Mapping[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return loaded


def types() -> Mapping[str, Any]:
    found: Mapping[str, Any] = spec()["csdl_2026"]["types"]
    return found


def properties(name: str) -> dict[str, str]:
    """All properties of a type with those of its bases, navigations too, as {name: type}."""
    found: dict[str, str] = {}
    while name:
        kind = types()[name]
        for label, one in kind.get("properties", {}).items():
            found.setdefault(label, one["type"])
        for label, one in kind.get("navigation", {}).items():
            found.setdefault(label, one)
        name = (kind.get("base") or "").removeprefix("graph.")
    return found


def misfits(value: object, kind: str, where: str = "") -> Iterator[str]:
    """What of a JSON value does not fit a type such as `event` or `Collection(graph.attendee)`."""
    if value is None:
        return
    if kind.startswith("Collection("):
        if not isinstance(value, list):
            yield f"{where}: no list"
            return
        for one in value:
            yield from misfits(one, kind[11:-1], f"{where}[]")
        return
    if kind in _PLAIN:
        if not isinstance(value, _PLAIN[kind]):
            yield f"{where}: {value!r} is no {kind}"
        elif kind == "Edm.DateTimeOffset" and not _STAMP.fullmatch(str(value)):
            yield f"{where}: {value!r} is no instant"
        return
    name = kind.removeprefix("graph.")
    known = types().get(name)
    if known is None:
        return
    if known["kind"] == "EnumType":
        if value not in known["members"]:
            yield f"{where}: {value!r} is none of {name}"
        return
    if not isinstance(value, Mapping):
        yield f"{where}: no {name}"
        return
    given = str(value.get("@odata.type", "")).removeprefix("#microsoft.graph.")
    name = given if given in types() else name
    allowed = properties(name)
    for label, one in value.items():
        if label.startswith("@"):
            continue
        if label not in allowed:
            if (name, label) not in _TOLERATED:
                yield f"{where}.{label}: unknown to {name}"
            continue
        yield from misfits(one, allowed[label], f"{where}.{label}")


def operation(path: str) -> tuple[str, Mapping[str, Any]] | None:
    """The description's own path for a path below the version, and its operations."""
    paths = spec()["openapi_2022"]["paths"]
    for written, own in spec()["canonical_paths"].items():
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(written)).replace(r"\(\)", r"(\(\))?")
        if re.fullmatch(pattern, path) and own in paths:
            return own, paths[own]
    for own in paths:
        plain = own.replace("/users/{user-id}", "/me").replace("microsoft.graph.", "")
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(plain)).replace(r"\(\)", r"(\(\))?")
        if re.fullmatch(pattern, path):
            return own, paths[own]
    return None


def odd_options(path: str, names: list[str]) -> list[str]:
    """Which query options the description does not know at this path. `unknown path` where none."""
    found = operation(path)
    if found is None:
        return [f"unknown path {path}"]
    known = {"startDateTime", "endDateTime"} if "calendarView" in path else set()
    for one in found[1].get("get", {}).get("parameters", []):
        known.add(one.get("name") or "$" + one["$ref"].rsplit("/", 1)[-1])
    return sorted(set(names) - known - _ANYWHERE)
