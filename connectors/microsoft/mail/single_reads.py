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

from connectors.microsoft.client import Graph, Part, Told, unusable
from connectors.microsoft.mail.parse import BASE, CASTS, EXPAND, HEADERS
from connectors.microsoft.times import Json

log = logging.getLogger("noshow.microsoft")

#: What is missing where a mailbox refuses the question for it.
NO_CASTS = (
    "this mailbox does not tell what its meeting mails are about: cancellations and answers that "
    "only a mail tells are missing"
)
NO_HEADERS = "this login may not read mail headers: mailings and replies by machines are not told"
_NAME = "/me/messages/{id}"
_AT_ONCE = 20
#: Nothing has this id, now or later.
_NO_ID = "errorinvalididmalformed"


@dataclass(frozen=True, slots=True)
class Read:
    """One id's message; None where it is `gone`, or cannot be read for a `reason`."""

    id: str
    item: Json | None = None
    gone: bool = False
    reason: str = ""


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
        log.warning("%s", NO_HEADERS)
        return True

    def lacking(self, *, read: bool) -> tuple[str, ...] | None:
        """What is missing from the mails, in words; None where nothing shows whether anything is.

        read: has any message been read by its id since it was asked last?
        """
        # Without its event a meeting mail is about no meeting, whatever it says of itself.
        refused = ((self.casts and self.expand, NO_CASTS), (self.headers, NO_HEADERS))
        found = tuple(words for still, words in refused if not still)
        return found if found or read else None

    def read(self, ids: Iterable[str]) -> Iterator[Read]:
        """Each id with its message, or why there is none. Raises as Graph.batch."""
        wanted = list(dict.fromkeys(ids))
        for at in range(0, len(wanted), _AT_ONCE):
            yield from self._some(wanted[at : at + _AT_ONCE])

    def _some(self, wanted: list[str]) -> Iterator[Read]:
        began = (self.headers, self.casts, self.expand)
        doubted: set[str] = set()
        while wanted:
            again: list[str] = []
            asked = (self.headers, self.casts, self.expand)
            failed: list[Told] = []
            for told in self.graph.batch([self._part(one) for one in wanted]):
                if told.status == 200:
                    yield Read(told.key, told.body)
                elif told.status in (404, 410) or told.reason == _NO_ID:
                    yield Read(told.key, gone=True)
                elif told.status == 403 and told.key not in doubted:
                    # What is left out after a hiccup would be missing for good.
                    doubted.add(told.key)
                    again.append(told.key)
                elif asked != (self.headers, self.casts, self.expand) or self._give_in(told):
                    again.append(told.key)
                else:
                    failed.append(told)
            if failed:
                # Asked for next to nothing, these are still refused: it is their own fault, and
                # nothing is proven against the question.
                self.headers, self.casts, self.expand = began
                for told in failed:
                    yield Read(told.key, reason=f"{told.status} {told.reason}".strip())
            wanted = again

    def _part(self, message_id: str) -> Part:
        options = {"$select": self.select() + ("," + ",".join(CASTS) if self.casts else "")}
        if self.expand:
            options["$expand"] = EXPAND
        return Part(message_id, f"/messages/{quote(message_id, safe='')}", _NAME, options)

    def _give_in(self, told: Told) -> bool:
        """Leave out what may have been refused; False where nothing is left to leave out."""
        if told.status == 400 and self.expand:
            self.expand = False
            log.warning("%s (%s)", NO_CASTS, told.reason or told.status)
        elif told.status == 400 and self.casts:
            self.casts = False
        elif told.status == 403 and self.headers:
            self.without_headers()
        elif told.status == 403:
            raise unusable(told, _NAME)
        else:
            return False
        log.info("%s: refused (%s), asked again with less", _NAME, told.status)
        return True
