"""Does a JSON reply, or a request, fit Google's own discovery document?

A small checker, independent of the sandbox: types, formats, enums, required parameters, and no field
or parameter that the document does not know. Discovery marks no reply field as required, so the
ids without which an item is useless are named here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from googleapiclient import discovery_cache

VERSIONS = {
    "calendar": ("calendar", "v3"),
    "gmail": ("gmail", "v1"),
    "meet": ("meet", "v2"),
    "reports": ("admin", "reports_v1"),
    "directory": ("admin", "directory_v1"),
}
NEEDED = {
    "Event": ("id", "status"),
    "CalendarListEntry": ("id",),
    "Message": ("id", "threadId"),
    "Thread": ("id",),
    "Label": ("id", "name"),
    "History": ("id",),
    "Profile": ("emailAddress", "historyId"),
    "ConferenceRecord": ("name", "startTime", "space"),
    "Participant": ("name",),
    "Events": ("items",),
    "User": ("primaryEmail",),
    "Member": ("id", "type"),
    "ListHistoryResponse": ("historyId",),
}


@cache
def document(api: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(discovery_cache.get_static_doc(*VERSIONS[api]))
    return found


@cache
def methods() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}

    def walk(node: dict[str, Any], whole: dict[str, Any]) -> None:
        for raw in node.get("methods", {}).values():
            path = whole["servicePath"] + raw.get("flatPath", raw["path"])
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
            common = whole["parameters"]
            found[raw["id"]] = raw | {"pattern": re.compile(f"^/{pattern}$"), "common": common}
        for child in node.get("resources", {}).values():
            walk(child, whole)

    for api in VERSIONS:
        walk(document(api), document(api))
    return found


def faults_in_reply(method: str, reply: Any, *, masked: bool = False) -> list[str]:
    """Every way in which a reply does not fit; empty where it does."""
    raw = methods()[method]
    schemas = document(method.partition(".")[0])["schemas"]
    return list(_check(raw["response"], reply, schemas, "", masked))


def _check(
    shape: dict[str, Any], value: Any, schemas: dict[str, Any], at: str, masked: bool
) -> Iterator[str]:
    name = shape.get("$ref", "")
    if name:
        shape = schemas[name]
        if not masked and isinstance(value, dict):
            for key in NEEDED.get(name, ()):
                if key not in value:
                    yield f"{at}: {name} lacks {key}"
    kind = shape.get("type")
    if kind == "object":
        if not isinstance(value, dict):
            yield f"{at}: no object"
            return
        known = shape.get("properties", {})
        rest = shape.get("additionalProperties")
        for key, inner in value.items():
            if key in known:
                yield from _check(known[key], inner, schemas, f"{at}.{key}", masked)
            elif rest is not None:
                yield from _check(rest, inner, schemas, f"{at}.{key}", masked)
            else:
                yield f"{at}.{key}: no such field in {name or 'the object'}"
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{at}: no list"
            return
        for index, inner in enumerate(value):
            yield from _check(shape["items"], inner, schemas, f"{at}[{index}]", masked)
    else:
        yield from _check_plain(shape, value, at)


def _check_plain(shape: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    kind, form = shape.get("type"), shape.get("format")
    right = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, (int, float)) and not isinstance(value, bool),
        "any": True,
    }.get(str(kind), False)
    if not right:
        yield f"{at}: {value!r} is no {kind}"
        return
    if form == "uint64" and not value.isdecimal():
        yield f"{at}: {value!r} is no uint64 string"
    if form == "int64" and not value.lstrip("-").isdecimal():
        yield f"{at}: {value!r} is no int64 string"
    if form in ("int32", "uint32") and not -(2**31) <= value < 2**32:
        yield f"{at}: {value!r} does not fit {form}"
    if form in ("date-time", "google-datetime"):
        if not re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value):
            yield f"{at}: {value!r} is no moment"
        elif datetime.fromisoformat(value).tzinfo is None:
            yield f"{at}: {value!r} has no offset"
    if form == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        yield f"{at}: {value!r} is no date"
    if "enum" in shape and value not in shape["enum"]:
        yield f"{at}: {value!r} is none of {shape['enum']}"


def faults_in_request(verb: str, url: str, body: str = "") -> list[str]:
    """Every way in which a request fits no method; empty where it does."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    if verb == "POST" and body and "raw" not in body:
        query |= parse_qs(body, keep_blank_values=True)
        verb = "GET"
    for raw in methods().values():
        if raw["httpMethod"] == verb and raw["pattern"].match(parts.path):
            return list(_check_query(raw, query))
    return [f"no method has {verb} {parts.path}"]


def _check_query(raw: dict[str, Any], query: dict[str, list[str]]) -> Iterator[str]:
    known = {n: p for n, p in raw.get("parameters", {}).items() if p["location"] == "query"}
    for name, values in query.items():
        shape = known.get(name) or raw["common"].get(name)
        if shape is None:
            yield f"{raw['id']}: unknown parameter {name}"
            continue
        if len(values) > 1 and not shape.get("repeated"):
            yield f"{raw['id']}: {name} comes twice"
        for value in values:
            if shape.get("type") == "boolean" and value not in ("true", "false"):
                yield f"{raw['id']}: {name}={value} is no boolean"
            if shape.get("type") == "integer" and not value.isdecimal():
                yield f"{raw['id']}: {name}={value} is no integer"
            if "enum" in shape and value not in shape["enum"]:
                yield f"{raw['id']}: {name}={value} is none of {shape['enum']}"
    for name, shape in known.items():
        if shape.get("required") and name not in query:
            yield f"{raw['id']}: {name} is missing"
