"""How does google-api-python-client build a request, and how does our transport carry it?

The library reads its discovery documents from its own package: nothing is looked up. What it would
send by httplib2 goes through `Carrier`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from googleapiclient import discovery

from config.errors import ProviderError
from connectors.transport.client import Transport
from connectors.transport.error_table import Asked
from connectors.transport.exchange import Bearer, Call

# It writes whole addresses with their query into its log at DEBUG.
logging.getLogger("googleapiclient").setLevel(logging.ERROR)

#: The library's own words for these would replace ours.
_NOT_PASSED_ON = {"content-length", "user-agent", "accept-encoding", "accept"}


@dataclass(frozen=True, slots=True)
class _Reply:
    """As much of httplib2's response as the client library looks at."""

    status: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Carrier:
    """The `http` object of one request: hands it to the transport, with what it is and costs."""

    transport: Transport
    bearer: Bearer
    name: str
    asked: Asked
    costs: tuple[tuple[str, int], ...]

    @property
    def api(self) -> str:
        """Which API is asked: the beginning of the key that its quota is counted by."""
        return self.costs[0][0].partition(":")[0]

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_ignored: object,
    ) -> tuple[_Reply, Any]:
        given = {name.lower(): value for name, value in (headers or {}).items()}
        # A GET longer than 2,048 characters travels as a POST; what it means stays a GET.
        logical = given.get("x-http-method-override", method)
        answer = self.transport.send(
            Call(
                method=logical,
                url=uri,
                name=self.name,
                asked=self.asked,
                headers={
                    name: value for name, value in given.items() if name not in _NOT_PASSED_ON
                },
                body=body,
                costs=self.costs,
                api=self.api,
                bearer=self.bearer,
                wire_method=method,
                wants_json=self.asked is not Asked.SEND,
            )
        )
        return _Reply(answer.status), answer.data or {}


class _Unplugged:
    """Stands where the library wants an http object at building time; asks nobody."""

    def request(self, *_args: object, **_named: object) -> None:
        raise ProviderError("a Google request left the transport's way")


def _as_parsed(_reply: _Reply, data: Any) -> Any:
    return data


def carry(request: Any, carrier: Carrier) -> Any:
    """The body of the answer to a request that the library has built, as JSON."""
    # The transport has parsed the body already, to see whether it is whole.
    request.postproc = _as_parsed
    return request.execute(http=carrier, num_retries=0)


# Building a resource costs 2 ms each time (facts/google.md 5): they are kept per endpoint.


@lru_cache(maxsize=32)
def _service(name: str, version: str, endpoint: str) -> Any:
    return discovery.build(
        name,
        version,
        http=_Unplugged(),
        static_discovery=True,
        cache_discovery=False,
        client_options={"api_endpoint": endpoint if endpoint.endswith("/") else f"{endpoint}/"},
        num_retries=0,
    )


@lru_cache(maxsize=32)
def events(endpoint: str) -> Any:
    return _service("calendar", "v3", endpoint).events()


@lru_cache(maxsize=32)
def users(endpoint: str) -> Any:
    return _service("gmail", "v1", endpoint).users()


@lru_cache(maxsize=32)
def labels(endpoint: str) -> Any:
    return users(endpoint).labels()


@lru_cache(maxsize=32)
def messages(endpoint: str) -> Any:
    return users(endpoint).messages()


@lru_cache(maxsize=32)
def threads(endpoint: str) -> Any:
    return users(endpoint).threads()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is asked of a message or a thread: these headers (none: labels and dates only), by the mask."""

    headers: tuple[str, ...]
    mask: str


def one(collection: Callable[[str], Any], endpoint: str, item_id: str, asked: Metadata) -> Any:
    """The request for one message or thread. A first look asks for each mail in the same words, so
    the library builds them once, and only the id is put in anew.
    """
    built = _of_any(collection, endpoint, asked)
    request = copy(built)
    request.uri = built.uri.replace(_ANY, quote(item_id, safe=""), 1)
    request.headers = dict(built.headers)
    return request


#: Stands where an id will.
_ANY = "any-item"


@lru_cache(maxsize=32)
def _of_any(collection: Callable[[str], Any], endpoint: str, asked: Metadata) -> Any:
    form: dict[str, Any] = {"format": "minimal"}
    if asked.headers:
        form = {"format": "metadata", "metadataHeaders": list(asked.headers)}
    return collection(endpoint).get(userId="me", id=_ANY, fields=asked.mask, **form)


@lru_cache(maxsize=32)
def history(endpoint: str) -> Any:
    return users(endpoint).history()


@lru_cache(maxsize=32)
def conferences(endpoint: str) -> Any:
    return _service("meet", "v2", endpoint).conferenceRecords()


@lru_cache(maxsize=32)
def participants(endpoint: str) -> Any:
    return conferences(endpoint).participants()


@lru_cache(maxsize=32)
def activities(endpoint: str) -> Any:
    return _service("admin", "reports_v1", endpoint).activities()


@lru_cache(maxsize=32)
def directory(endpoint: str) -> Any:
    return _service("admin", "directory_v1", endpoint)
