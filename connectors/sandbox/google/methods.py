"""Which methods does Google offer, at which path, with which parameters and scopes?

Read from the discovery documents that google-api-python-client ships, so that the sandbox refuses
what Google refuses: unknown parameters, values of the wrong type, tokens without the scope.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from googleapiclient import discovery_cache

from connectors.sandbox.google import errors
from connectors.sandbox.server.http import Request

#: Sent by old clients and still bound to nothing.
_TOLERATED = {"alt", "fields", "key", "prettyPrint", "quotaUser", "userIp", "$.xgafv"}
#: By how the ids of their methods begin: the discovery document's name and version.
_APIS = {
    "calendar": ("calendar", "v3"),
    "gmail": ("gmail", "v1"),
    "meet": ("meet", "v2"),
    "reports": ("admin", "reports_v1"),
    "directory": ("admin", "directory_v1"),
}
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$")


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a discovery document. `names` are the path's own parameters, in their order."""

    id: str
    verb: str
    template: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Any]]
    scopes: frozenset[str]
    schema: str
    service: str


@cache
def document(api: str) -> dict[str, Any]:
    """The discovery document of an API, as it lies in the client package."""
    text = discovery_cache.get_static_doc(*_APIS[api])
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def methods() -> tuple[Method, ...]:
    """All methods of these APIs."""
    found: list[Method] = []
    for api in _APIS:
        whole = document(api)
        _collect(whole, whole, api, found)
    return tuple(found)


def _collect(
    node: Mapping[str, Any], whole: Mapping[str, Any], api: str, into: list[Method]
) -> None:
    for raw in node.get("methods", {}).values():
        template = whole["servicePath"] + raw.get("flatPath", raw["path"])
        # {+name} takes a path of several segments: flatPath shows which ones it must be.
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
        reserved = re.findall(r"\{\+(\w+)\}", raw["path"])
        into.append(
            Method(
                id=raw["id"],
                verb=raw["httpMethod"],
                template=template,
                pattern=re.compile(f"^/{pattern}$"),
                names=tuple(reserved) or tuple(re.findall(r"\{(\w+)\}", template)),
                parameters=raw.get("parameters", {}),
                scopes=frozenset(raw.get("scopes", ())),
                schema=raw.get("response", {}).get("$ref", ""),
                service=f"{_APIS[api][0]}.googleapis.com",
            )
        )
    for child in node.get("resources", {}).values():
        _collect(child, whole, api, into)


def find(request: Request) -> tuple[Method, dict[str, str]] | None:
    """The method a request asks for, with the values in its path."""
    for method in methods():
        if method.verb != request.verb:
            continue
        match = method.pattern.match(request.path)
        if match is None:
            continue
        values = match.groupdict()
        if method.names and method.names[0] not in values:
            # One reserved name stands for the whole path after the version.
            tail = request.path.split("/", 2)[2]
            resource = method.template.rsplit("/", 1)[-1]
            if not resource.startswith("{"):
                tail = tail.rsplit("/", 1)[0]
            values[method.names[0]] = tail
        return method, values
    return None


def check(method: Method, request: Request) -> dict[str, Any]:
    """The query's values, typed. Raises Refused (400) as Google does for what it does not know."""
    values: dict[str, Any] = {}
    for name, given in request.query.items():
        known = method.parameters.get(name)
        if known is None or known.get("location") == "path":
            if name in _TOLERATED:
                values[name] = given[-1]
                continue
            raise errors.unknown_parameter(name)
        if known.get("repeated"):
            values[name] = [_typed(name, known, one) for one in given]
        else:
            values[name] = _typed(name, known, given[-1])
    for name, known in method.parameters.items():
        if known.get("location") == "query" and known.get("required") and name not in values:
            raise errors.bad_value(name, f"Missing required parameter: {name}")
    if values.get("alt", "json") != "json":
        raise errors.bad_value("alt", f'Invalid value "{values["alt"]}"')
    return values


def _typed(name: str, known: Mapping[str, Any], text: str) -> Any:
    kind = known.get("type")
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise errors.bad_value(name, f"Invalid value for boolean parameter: {text!r}")
        return text.lower() == "true"
    if kind == "integer":
        if not re.fullmatch(r"-?\d+", text):
            raise errors.bad_value(name, f"Invalid integer value: {text!r}")
        number = int(text)
        if "minimum" in known and number < int(known["minimum"]):
            raise errors.bad_value(name, f"Invalid value {number}: too small")
        return number
    if known.get("format") == "date-time":
        if not _STAMP.match(text):
            raise errors.refusal(400, "badRequest", "Bad Request", rpc=False)
        return datetime.fromisoformat(text)
    if known.get("format") == "uint64" and not text.isdecimal():
        raise errors.bad_value(name, f"Invalid value at '{name}' (TYPE_UINT64), \"{text}\"")
    if "enum" in known and text not in known["enum"]:
        raise errors.bad_value(name, f"Invalid value at '{name}', \"{text}\"")
    return text
