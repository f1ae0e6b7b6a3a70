"""What is found of a calendar whose provider answered, poll by poll, with just these items?

The items are Google's or Graph's own JSON. They are served over HTTP, read by the real source
through the real client, synced into a real store, and judged by the real detection: nothing in
between is told what the items mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from config import phrasing
from config.clock import Clock, to_micros
from config.ours import Ours
from config.policy import Policy
from connectors import sync
from connectors.google.calendar.source import PRIMARY, GoogleCalendar
from connectors.google.client import NEW_PRICES, Endpoints, Google
from connectors.interfaces import CalendarSource, Window
from connectors.microsoft.calendar.source import MicrosoftCalendar
from connectors.microsoft.client import Graph
from connectors.microsoft.concurrency import Lanes
from connectors.store.store import Store
from connectors.transport.client import Transport
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.schemas import Findings
from tests.support.facts.asked import asked
from tests.support.providers.google_office import Key
from tests.support.servers.scripted_http import Fast, Purse, Reply, Seen, serving

KATE = "kate@ourco.example"
DANA = "dana@client.example"
_OURS = Ours(
    mailboxes=MappingProxyType({KATE: KATE}),
    domains=frozenset({"ourco.example"}),
    zone="Europe/Berlin",
)


@dataclass(frozen=True)
class Poll:
    """What the provider answers at a moment: what changed since (`whole` False), or all it holds."""

    at: str
    items: Sequence[Mapping[str, Any]] = ()
    whole: bool = False

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


@dataclass
class Told:
    """All findings as of the end, and the reasons of what was given up."""

    found: Findings
    given_up: list[str]

    def outcomes(self, contact: str = DANA) -> list[tuple[str, str, str]]:
        """(start, outcome, rule) of each of the contact's slots, by start."""
        slots = self.found.slots
        mine = slots.loc[slots["contact"] == contact].sort_values("start_at")
        starts = mine["start_at"].dt.strftime("%m-%d %H:%M")
        return list(zip(starts, mine["outcome"], mine["rule"], strict=True))

    def counts(self, contact: str = DANA) -> tuple[int, int, str]:
        """k, n and the tier of a contact; (0, 0, "") for somebody without a standing."""
        rows = self.found.standings
        mine = rows.loc[rows["contact"] == contact]
        if not len(mine):
            return 0, 0, ""
        row = mine.iloc[0]
        return int(row["k"]), int(row["n"]), str(row["tier"])

    def asked(self, contact: str = DANA) -> list[str]:
        """The kinds of the questions about a contact."""
        questions = self.found.questions
        return sorted(questions.loc[questions["contact"] == contact, "kind"])


def play(provider: str, polls: Sequence[Poll], as_of: str, folder: Path) -> Told:
    """Serve the polls one after another, and judge as of a moment (ISO, with a zone)."""
    now = [polls[0].moment]
    shown: list[Poll] = [polls[0]]
    clock = Clock(now_=lambda: now[0])
    url = f"sqlite:///{folder / 'wire.db'}"
    with (
        Store.open(url, clock) as store,
        serving(answer=lambda seen: _answer(seen, shown[0])) as at,
    ):
        mailbox = store.mailboxes.ensure(KATE, provider, "Europe/Berlin")
        with _source(provider, at.url, now) as source:
            for poll in polls:
                now[0], shown[0] = poll.moment, poll
                window = Window(
                    to_micros(poll.moment - timedelta(days=200)),
                    to_micros(poll.moment + timedelta(days=120)),
                )
                if provider == "google" and poll.whole:
                    done = sync.backfill_calendar(store, source, mailbox, PRIMARY, [window])
                else:
                    done = sync.sync_calendar(store, source, mailbox, PRIMARY, window)
                assert done.error is None, done.error
        now[0] = datetime.fromisoformat(as_of)
        moment = pd.Timestamp(as_of).tz_convert("UTC")
        frames = store.frames(to_micros(now[0]))
        setting = Setting.of(frames.tags, _OURS, Policy(), phrasing.load(), moment)
        found = asked(Detection(frames, setting))
    given_up = frames.pending.loc[frames.pending["given_up"], "error"]
    return Told(found, sorted(given_up))


@contextmanager
def _source(provider: str, url: str, now: list[datetime]) -> Iterator[CalendarSource]:
    fast = Fast()
    clock = Clock(now_=lambda: now[0], steady_=fast.steady, sleep_=fast.sleep)
    own = frozenset({KATE})
    with Transport(clock, Purse()) as transport:
        if provider == "google":
            endpoints = Endpoints(f"{url}/calendar/v3/", f"{url}/", f"{url}/", f"{url}/")
            google = Google(transport, Key(), account="1", endpoints=endpoints, prices=NEW_PRICES)
            yield GoogleCalendar(google, addresses=own)
        else:
            graph = Graph(
                transport, Key(), app="app", account="1", root=f"{url}/v1.0", lanes=Lanes()
            )
            yield MicrosoftCalendar(graph, addresses=own, zone="Europe/Berlin")


def _answer(seen: Seen, poll: Poll) -> Reply:
    if seen.path.endswith("/events"):
        listing = "timeMax" in seen.query
        last = {} if listing else {"nextSyncToken": poll.at}
        return Reply(body={"kind": "calendar#events", "items": list(poll.items), **last})
    if seen.path.endswith("/calendarView"):
        first, end = (seen.query[name][0] for name in ("startDateTime", "endDateTime"))
        inside = [one for one in poll.items if first[:19] <= one["start"]["dateTime"] < end[:19]]
        return Reply(body={"value": inside})
    return Reply(404, {"error": {"code": "ErrorItemNotFound", "message": "no such thing"}})
