"""How is Graph asked?

    bearer = OwnersLogin(vault, name, "read", transport, registration)  # connectors.auth.microsoft.login
    graph = Graph(transport, bearer, root=settings.graph_root, app=settings.client_id, account="m1")
    calendar = MicrosoftCalendar(graph, chosen, addresses, zone)       # connectors.microsoft.calendar.source
    mail = MicrosoftMail(graph, addresses, zone)                       # connectors.microsoft.mail.source

One `Graph` a mailbox and login (`user` names the mailbox where an app reads with its own login).
Every request asks for immutable ids and UTC; links are followed only where they lead to the same
host, since they bear the token; lists that do not end are found out by what they repeat
(facts/microsoft.md 1.2, 4, 8). A limiter's key is `graph:<account>`, one unit a request or part;
Graph allows 10,000 in ten minutes for an app and a mailbox.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from config.errors import AuthError, ConfigError, CursorLost, NoshowError, ProviderError
from connectors.microsoft.concurrency import Lanes, lanes_of
from connectors.microsoft.times import mapping, rows, text
from connectors.model import normal_forms
from connectors.transport.backoff import retry_after
from connectors.transport.client import Transport, Unsettled
from connectors.transport.error_table import Asked, Fault, classify, fault
from connectors.transport.exchange import Answer, Bearer, Call
from connectors.transport.hints import Step, hint

Json = dict[str, Any]
#: Holds so many requests in flight while a block runs, for other processes to see.
Places = Callable[[int], AbstractContextManager[None]]

IMMUTABLE = 'IdType="ImmutableId"'
UTC_TIMES = 'outlook.timezone="UTC"'
#: A list of more pages than this does not end: 5 million items.
MOST_PAGES = 5_000
#: As connectors.transport.hints knows it.
API = "graph"
_BATCH_TRIES = 6
_LONGEST_WAIT = 120.0
_AGAIN = (429, 500, 502, 503, 504, 509)
#: How Graph says that it took a mail.
_ACCEPTED = 202


class Endless(ProviderError):
    """A list goes on with ever new links and ever the same items (facts 8)."""


class Forbidden(AuthError):
    """Graph refuses this login this thing: a permission or a policy is missing."""


@dataclass(frozen=True, slots=True)
class Part:
    """One GET of a batch. `key` comes back with its answer."""

    key: str
    path: str
    name: str
    options: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to one part. `reason` is the provider's code where it refused, in lower case."""

    key: str
    status: int
    body: Json
    reason: str = ""


def unusable(told: Told, name: str, *, retry_after: float | None = None) -> NoshowError:
    """The error for an answer in a batch that nothing can be made of."""
    said = f"{told.status} {told.reason}".strip()
    if told.status in _AGAIN:
        return Unsettled(
            f"{name}: a part of a batch got no usable answer ({said})",
            status=told.status,
            reason=told.reason,
            retry_after=retry_after,
            hint="nothing to do: the next run goes on from here",
        )
    if told.status == 403:
        return Forbidden(f"{name}: not allowed ({said})", hint=hint(Step.CLOSED, API))
    step = classify(told.status, Fault((told.reason,)), Asked.LISTING).step
    return ProviderError(
        f"{name}: refused ({said})",
        status=told.status,
        reason=told.reason,
        hint=hint(step if step is not Step.NOTHING else Step.LOOK, API),
    )


def _any_number(_number: int) -> AbstractContextManager[None]:
    """Without a store nobody else is there."""
    return nullcontext()


class Graph:
    """One login's way to one mailbox. Safe to share between threads.

    `lanes` hold in this process, `places` in all processes that share a store.
    Every method raises as `Transport.send` does; Forbidden for a 403, ConfigError where the
    account has no mailbox, and ProviderError for an answer that is not what was asked for.
    """

    def __init__(
        self,
        transport: Transport,
        bearer: Bearer,
        *,
        app: str,
        account: str,
        root: str = "https://graph.microsoft.com/v1.0/",
        user: str = "",
        lanes: Lanes | None = None,
        places: Places = _any_number,
        most_pages: int = MOST_PAGES,
    ) -> None:
        self.transport = transport
        self._bearer = bearer
        self._account = account
        self._root = root.rstrip("/")
        self._me = f"/users/{quote(user, safe='@')}" if user else "/me"
        self._lanes = lanes or lanes_of(app)
        self._places = places
        self._most_pages = most_pages

    def get(
        self,
        path: str,
        options: Mapping[str, str] | None = None,
        *,
        name: str,
        asked: Asked = Asked.LISTING,
        page: int = 0,
    ) -> Json:
        """One GET below the mailbox. `page`: the page size to prefer."""
        query = f"?{urlencode(options)}" if options else ""
        return self._fetch(f"{self._root}{self._me}{path}{query}", name, asked, page)

    def everywhere(self, path: str, options: Mapping[str, str], *, name: str) -> Json:
        """One GET of the organisation, and not of a mailbox."""
        return self._fetch(f"{self._root}{path}?{urlencode(options)}", name, Asked.LISTING, 0)

    def follow(self, link: str, *, name: str, page: int = 0) -> Json:
        """What a nextLink or deltaLink leads to. Raises CursorLost where it leads nowhere."""
        here, there = urlsplit(self._root), urlsplit(link)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise CursorLost(f"{name}: a link to another host is not followed")
        return self._fetch(link, name, Asked.CURSOR, page)

    def pages(
        self, path: str, options: Mapping[str, str] | None = None, *, name: str, page: int = 0
    ) -> Iterator[Mapping[str, Any]]:
        """All pages of a plain list. Raises Endless."""
        return self.rest(self.get(path, options, name=name, page=page), name=name, page=page)

    def rest(
        self, answer: Mapping[str, Any], *, name: str, page: int = 0
    ) -> Iterator[Mapping[str, Any]]:
        """This page and those behind it. Empty pages go on; a repeated one raises Endless."""
        links: set[str] = set()
        shown: set[tuple[str, ...]] = set()
        while True:
            if not isinstance(answer.get("value"), list):
                raise ProviderError(f"{name}: a page came without its list")
            items = rows(answer.get("value"))
            signature = tuple(f"{one.get('id')} {one.get('@odata.etag')}" for one in items)
            link = text(answer.get("@odata.nextLink"))
            if items and link and signature in shown:
                raise Endless(f"{name}: the list does not end, a page came twice")
            shown.add(signature)
            yield answer
            if not link:
                return
            if link in links or len(links) >= self._most_pages:
                raise Endless(f"{name}: the list does not end, a link came twice")
            links.add(link)
            answer = self.follow(link, name=name, page=page)

    def owner(self) -> str:
        """Whose mailbox this login opens, as a normalised address: people pick the wrong account.

        Asked of the calendars, because a login's own name need not be its address. "" where Graph
        does not say.
        """
        options = {"$top": "100", "$select": "isDefaultCalendar,owner"}
        for answer in self.pages("/calendars", options, name="/me/calendars"):
            for row in rows(answer.get("value")):
                if row.get("isDefaultCalendar") is True:
                    return normal_forms.address(text(mapping(row.get("owner")).get("address")))
        return ""

    def batch(self, parts: Sequence[Part]) -> list[Told]:
        """The answers to many GETs, in their order, also where they are refusals.

        Parts that were throttled or failed on the other side are asked again, each not before its
        own Retry-After. A part that still fails where others do not is told with its 5xx: the
        fault may lie in the item. Unsettled where several fail and none does not, or Graph is busy.
        """
        told: dict[str, Told] = {}
        for at in range(0, len(parts), self._lanes.width):
            some = parts[at : at + self._lanes.width]
            told |= {one.key: one for one in self._settled(some)}
        return [told[part.key] for part in parts]

    def _settled(self, parts: Sequence[Part]) -> list[Told]:
        """The answers to as many parts as may be in flight."""
        told: dict[str, Told] = {}
        waiting = list(parts)
        for attempt in range(1, _BATCH_TRIES + 1):
            answers, wait = self._batch_once(waiting)
            told |= {one.key: one for one in answers}
            failing = [one for one in answers if one.status in _AGAIN]
            waiting = [part for part in waiting if told[part.key].status in _AGAIN]
            if not waiting:
                break
            if attempt == _BATCH_TRIES or wait > _LONGEST_WAIT:
                # One alone that fails with a 500 proves nothing against Graph as a whole.
                alone = len(parts) == 1 and failing[0].status in (500, 502)
                busy = 429 in {one.status for one in failing} or len(waiting) == len(parts)
                if busy and not alone:
                    raise unusable(failing[0], waiting[0].name, retry_after=wait)
                break
            self.transport.pause(wait or min(2.0 ** (attempt - 1), 30.0))
        return list(told.values())

    def send_mime(self, raw: str) -> Answer:
        """POST sendMail of one base64 MIME text; a single POST, never repeated once it was sent.

        Raises ValueError for a success in other words than Graph's own, 202.
        """
        answer = self._send(
            Call(
                method="POST",
                url=f"{self._root}{self._me}/sendMail",
                name="/me/sendMail",
                asked=Asked.SEND,
                headers={"Content-Type": "text/plain"},
                body=raw,
                costs=((f"graph:{self._account}", 1),),
                api=API,
                bearer=self._bearer,
                wants_json=False,
            ),
            1,
        )
        if answer.status != _ACCEPTED:
            raise ValueError(f"/me/sendMail: {answer.status} instead of {_ACCEPTED}")
        return answer

    def _batch_once(self, parts: Sequence[Part]) -> tuple[list[Told], float]:
        """One POST of a batch: its answers, and how long [s] to wait for those to ask again."""
        requests = [
            {
                "id": str(number),
                "method": "GET",
                "url": f"{self._me}{part.path}"
                + (f"?{urlencode(part.options)}" if part.options else ""),
                # A part inherits no header of the batch (facts 1.2).
                "headers": {"Prefer": f"{IMMUTABLE}, {UTC_TIMES}"},
            }
            for number, part in enumerate(parts)
        ]
        answer = self._send(
            Call(
                method="POST",
                url=f"{self._root}/$batch",
                name=f"/$batch of {parts[0].name}",
                headers={"Content-Type": "application/json"},
                body=json.dumps({"requests": requests}),
                costs=((f"graph:{self._account}", len(parts)),),
                api=API,
                bearer=self._bearer,
                safe=True,
            ),
            len(parts),
        )
        found = {text(one.get("id")): one for one in rows(answer.data.get("responses"))}
        told, wait = [], 0.0
        now = self.transport.clock.now()
        for number, part in enumerate(parts):
            one = found.get(str(number))
            if one is None:
                raise ProviderError(f"{part.name}: a part of a batch came without an answer")
            status, body = one.get("status"), dict(mapping(one.get("body")))
            if not isinstance(status, int):
                raise ProviderError(f"{part.name}: a part of a batch came without a status")
            if status == 200 and (not body or "error" in body):
                # a page of HTML, say: no word of Graph's, and not the item
                status = 502
            if status == 401:
                # The token ran out between parts: alone, the transport gets another one.
                told.append(self._alone(part))
                continue
            headers = {key.lower(): value for key, value in mapping(one.get("headers")).items()}
            wait = max(wait, retry_after(str(headers.get("retry-after", "")), now) or 0.0)
            told.append(Told(part.key, status, body, fault(body).reason))
        return told, wait

    def _alone(self, part: Part) -> Told:
        try:
            body = self.get(part.path, part.options, name=part.name, asked=Asked.ITEM)
        except ProviderError as error:
            return Told(part.key, error.status or 404, {}, error.reason)
        return Told(part.key, 200, body)

    def _fetch(self, url: str, name: str, asked: Asked, page: int) -> Json:
        preferences = [IMMUTABLE, UTC_TIMES]
        if page:
            preferences.append(f"odata.maxpagesize={page}")
        answer = self._send(
            Call(
                method="GET",
                url=url,
                name=name,
                asked=asked,
                headers={"Prefer": ", ".join(preferences)},
                costs=((f"graph:{self._account}", 1),),
                api=API,
                bearer=self._bearer,
            ),
            1,
        )
        data: Json = answer.data
        return data

    @contextmanager
    def _gate(self, lanes: int) -> Iterator[None]:
        with self._lanes.take(lanes), self._places(lanes):
            yield

    def _send(self, call: Call, lanes: int) -> Answer:
        try:
            return self.transport.send(replace(call, gate=partial(self._gate, lanes)))
        except ProviderError as error:
            if error.status == 403:
                raise Forbidden(error.message, hint=error.hint) from error
            if error.reason in ("mailboxnotenabledforrestapi", "errorinvaliduser"):
                raise ConfigError(
                    f"{call.name}: this account has no mailbox that Graph can read",
                    hint=hint(Step.MAILBOX, API),
                ) from error
            raise
