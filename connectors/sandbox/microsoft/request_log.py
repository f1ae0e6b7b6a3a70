"""Did a client keep to Graph's rules of the road?

The request log of the Microsoft sandbox: besides what every sandbox notes, it notes what was told
with Retry-After and which preferences each request bore. Holds no token, no query value, no body.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.sandbox.server.request_log import Logged, RequestLog


@dataclass(frozen=True, slots=True)
class GraphLogged(Logged):
    """One request. `told` [s] is the Retry-After of its answer, 0 for none; `same` marks requests
    that are the same to the letter; `immutable` and `utc` say what its Prefer header asked for.
    """

    told: float = 0.0
    same: int = 0
    immutable: bool = False
    utc: bool = False


@dataclass(frozen=True, slots=True)
class Return:
    """How long somebody waited [s] who was told to come back after `told` [s]."""

    method: str
    told: float
    waited: float


class GraphLog(RequestLog):
    """The log, with the questions that only Graph's traffic raises."""

    def entries(self) -> list[GraphLogged]:
        return [entry for entry in self if isinstance(entry, GraphLogged)]

    def returns(self) -> Iterator[Return]:
        """Each throttled request that came again: told and waited, from answer to next arrival."""
        entries = self.entries()
        for index, entry in enumerate(entries):
            if not entry.told:
                continue
            answered = entry.began + entry.seconds
            again = [
                one.began
                for one in entries[index + 1 :]
                if one.same == entry.same and one.mailbox == entry.mailbox
            ]
            if again:
                yield Return(entry.method, entry.told, again[0] - answered)

    def undercut(self) -> list[Return]:
        """Those who came back too early."""
        return [one for one in self.returns() if one.waited < one.told]

    def overlong(self, slack: float = 2.0) -> list[Return]:
        """Those who came back more than `slack` [s] later than they were told."""
        return [one for one in self.returns() if one.waited > one.told + slack]

    def careless(self) -> list[GraphLogged]:
        """Requests for items that did not ask for immutable ids."""
        families = ("calendarView", "events", "messages")
        return [
            one
            for one in self.entries()
            if one.method.partition(".")[0] in families and not one.immutable
        ]
