"""How are single messages read, whatever of the question a mailbox understands?

facts/microsoft.md 2.2 and 2.4. The details of meeting messages are asked for by casts in `$select`
and by expanding their event; some mailboxes refuse the one or the other with a 400 for the whole
request, and the headers may be refused to a basic permission. What was refused once is left out
from then on, and the rest is read all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from config.errors import ProviderError
from connectors.microsoft.client import Forbidden, Graph, Part, Told
from connectors.microsoft.moments import Json
from connectors.microsoft.parse_message import BASE, CASTS, EXPAND, HEADERS

log = logging.getLogger("noshow.microsoft")

_NAME = "/me/messages/{id}"


@dataclass
class Reader:
    """Reads messages of one mailbox by their ids, and remembers what it refuses.

    `headers`, `casts`, `expand`: what is still asked for.
    """

    graph: Graph
    headers: bool = True
    casts: bool = True
    expand: bool = True

    def select(self) -> str:
        """The `$select` of lists and deltas: base fields alone, for casts in a delta are untried."""
        return ",".join((*BASE, HEADERS) if self.headers else BASE)

    def without_headers(self) -> bool:
        """Go on without headers; False where that has been tried already."""
        if not self.headers:
            return False
        self.headers = False
        log.warning("this login may not read mail headers: mails are told apart by less")
        return True

    def read(self, ids: Iterable[str]) -> Iterator[tuple[str, Json | None]]:
        """Each id with its message, None where it is gone. Raises as Graph.batch, ProviderError."""
        wanted = list(dict.fromkeys(ids))
        for at in range(0, len(wanted), 20):
            yield from self._some(wanted[at : at + 20])

    def _some(self, wanted: list[str]) -> Iterator[tuple[str, Json | None]]:
        while wanted:
            again = []
            before = (self.headers, self.casts, self.expand)
            for told in self.graph.batch([self._part(one) for one in wanted]):
                if told.status == 200:
                    yield told.key, told.body
                elif told.status in (404, 410):
                    yield told.key, None
                else:
                    self._give_in(told, before)
                    again.append(told.key)
            wanted = again

    def _part(self, message_id: str) -> Part:
        options = {"$select": self.select() + ("," + ",".join(CASTS) if self.casts else "")}
        if self.expand:
            options["$expand"] = EXPAND
        return Part(message_id, f"/messages/{quote(message_id, safe='')}", _NAME, options)

    def _give_in(self, told: Told, before: tuple[bool, bool, bool]) -> None:
        """Leave out what was refused. Raises where nothing is left to leave out."""
        if before != (self.headers, self.casts, self.expand):
            return  # another part of the same batch has given in already
        if told.status == 400 and self.expand:
            self.expand = False
        elif told.status == 400 and self.casts:
            self.casts = False
        elif told.status == 403 and self.headers:
            self.without_headers()
        elif told.status == 403:
            raise Forbidden(
                f"{_NAME}: not allowed ({told.reason})", hint="noshow connect microsoft"
            )
        else:
            raise ProviderError(
                f"{_NAME}: a message could not be read", status=told.status, reason=told.reason
            )
        log.info("%s: refused (%s), asked again with less", _NAME, told.status)
