"""What does reading a Gmail mailbox cost, until when is the report's mail read, and what after that?

The demonstration's world at its last moment is read from nothing, by the real client over HTTP,
priced by the sandbox. Each figure is also a share of one messages.get for every message. Time is
simulated: the share of the quota is that of a minute's units, not of this machine.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from config.clock import Clock, to_micros
from config.phrasing import load as load_phrases
from config.policy import Policy
from config.settings import Settings
from connectors.auth.google.consent import SCOPES
from connectors.auth.vault import FileVault
from connectors.google.calendar.source import GoogleCalendar
from connectors.google.client import NEW_PRICES, OLD_PRICES, Google
from connectors.google.mail.fetch_order import ADVERTS, BAND, DIALOGUE, INBOX, SOUGHT
from connectors.google.mail.source import GoogleMail
from connectors.interfaces import Limiter, Window
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.scenario.stage import KATE
from connectors.sandbox.scenario.worlds import DEMO_NOW, demo_script
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.server.quota import Prices
from connectors.sandbox.world.world import World
from connectors.store.coordination.rate_limits import Rate
from connectors.store.store import Store
from connectors.sync import Progress, Steering, sync_calendar, sync_mail
from connectors.transport.client import Transport
from jobs.context import ours_from
from reports.detect.pipeline import detect
from tests.bench.run import Row, table
from tests.support.providers import microsoft_office as microsoft
from tests.support.providers.google_office import google_over, logged_in
from tests.support.servers.scripted_http import Fast, Purse

PAST, AHEAD = timedelta(days=200), timedelta(days=120)
ALLOWED: dict[Prices, int] = {"new": 6_000, "old": 15_000}


@dataclass
class Desk:
    """One mailbox about to be read for the first time."""

    sandbox: GoogleSandbox
    store: Store
    mailbox: int
    google: Google
    fast: Fast
    now: datetime

    @property
    def window(self) -> Window:
        return Window(to_micros(self.now - PAST), to_micros(self.now + AHEAD))

    def read_calendar(self) -> None:
        source = GoogleCalendar(self.google, addresses=frozenset({KATE}))
        done = sync_calendar(self.store, source, self.mailbox, "primary", self.window)
        if not done.complete:
            raise RuntimeError(done.problem)

    def read_mail(self, progress: Any = None) -> None:
        # One request at a time: simulated time cannot pass in two threads at once.
        rules = Policy()
        sought = partial(
            self.store.undated_changes.sought,
            self.mailbox,
            least=rules.list_k,
            late_hours=rules.late_hours,
        )
        source = GoogleMail(self.google, in_flight=1, sought=sought)
        done = sync_mail(
            self.store, source, self.mailbox, self.window.start, Steering(progress), batch=25
        )
        if not done.complete:
            raise RuntimeError(done.problem)

    def spent(self) -> tuple[int, int]:
        """(units, requests) of Gmail so far."""
        asked = [one for one in self.sandbox.log if one.method.startswith("gmail.")]
        return sum(one.units for one in asked), len(asked)


@contextmanager
def desk(
    prices: Prices, *, enforce: bool = False, latency: float = 0.0, shared: bool = False
) -> Iterator[Desk]:
    """Kate's mailbox in the demonstration's last moment, an empty store, and a fast clock.

    `latency` [s] passes at every request. `shared`: the store's limiter paces the requests.
    """
    fast = Fast()
    world = demo_script(DEMO_NOW)
    world.advance_to(DEMO_NOW)
    clock = Clock(
        now_=lambda: DEMO_NOW + timedelta(seconds=fast.steady()),
        steady_=fast.steady,
        sleep_=fast.sleep,
    )
    sandbox = GoogleSandbox(
        world,
        prices=prices,
        enforce_quota=enforce,
        steady=fast.steady,
        sleep=fast.sleep,
        access_seconds=1e9,
    )
    if latency:
        sandbox.faults.add(Fault("slow", where="gmail.*", times=None, seconds=latency))
    with tempfile.TemporaryDirectory() as folder, sandbox:
        with Store.open(f"sqlite:///{folder}/noshow.db", clock) as store:
            rates = {"gmail": Rate(ALLOWED[prices])}
            limiter: Limiter = store.limiter(rates, budget=1e9) if shared else Purse()
            with Transport(clock, limiter) as transport:
                info = sandbox.issue_token(KATE, SCOPES["read"])
                login = logged_in(info, FileVault(Path(folder, "tokens")), transport)
                paid = NEW_PRICES if prices == "new" else OLD_PRICES
                google = google_over(sandbox.api_root, login, transport, paid)
                box = store.mailboxes.ensure(KATE, "google", "Europe/Berlin")
                yield Desk(sandbox, store, box, google, fast, DEMO_NOW)


def lines_of_the_report(
    store: Store, as_of: datetime, *, withheld: bool
) -> frozenset[tuple[str, ...]]:
    """What the report says of whom.

    `withheld`: as it is sent, when a silence is not printed while mail since its first ask is still
    to be fetched (rules.md section 5); else as if nothing were, which shows whether what was read
    suffices.
    """
    frames = store.frames()
    if not withheld:
        frames = replace(frames, pending=frames.pending.iloc[:0])
    settings = Settings.model_validate(
        {
            "zone": "Europe/Berlin",
            "own": {"domains": ["ourco.example"], "countries": ["DE"]},
            "mailbox": [
                {"address": KATE, "provider": "google", "aliases": ["k.lind@ourco.example"]}
            ],
        }
    )
    found = detect(frames, ours_from(settings), Policy(), load_phrases(), pd.Timestamp(as_of))
    listed = found.standings[found.standings["tier"] != ""]
    told = (
        ("listed", listed[["contact", "tier", "rules"]]),
        ("silent", found.silences[["contact", "rule"]]),
        ("owed", found.owed[["contact", "at"]]),
        ("question", found.questions[["contact", "meeting_key"]]),
    )
    return frozenset(
        (kind, *(str(value) for value in row))
        for kind, frame in told
        for row in frame.itertuples(index=False)
    )


def backfill(prices: Prices) -> list[Row]:
    """Units and requests up to each step of the plan, and the report's lines that differ there."""
    each = NEW_PRICES.get if prices == "new" else OLD_PRICES.get
    with desk(prices) as one:
        one.read_calendar()
        marks: dict[int, Mark] = {}
        samples: list[Mark] = []

        def poll(_: Progress) -> None:
            waiting = one.store.pending.wanted(one.mailbox, "mail", 1)
            band = waiting[0].priority // BAND * BAND if waiting else _END
            units, requests = one.spent()
            between = not samples or units - samples[-1].units >= _SAMPLE * each
            if between or (band != DIALOGUE and band not in marks):
                told = {
                    withheld: lines_of_the_report(one.store, one.now, withheld=withheld)
                    for withheld in (False, True)
                }
                samples.append(Mark(units, requests, told[False], told[True]))
                marks.setdefault(band, samples[-1])

        one.read_mail(poll)
        count = one.store.pending.counts(one.mailbox).stored
    final = marks[_END].lines
    settled = _settled(samples, [one.lines == final for one in samples])
    sent = _settled(samples, [one.sent == final for one in samples])
    rows: list[Row] = [(f"{prices} prices: one get for each mail", count * each, "units", "")]
    # Where no mail is of a kind, the step before it was the last.
    steps = [
        (name, marks[min(band for band in marks if band >= before)], note)
        for name, before, note in _STEPS
    ]
    steps.append(("until no line of the report changes any more", settled, "goal: at most 50"))
    steps.append(("until the report withholds no line any more", sent, "rules.md section 5"))
    for name, mark, note in sorted(steps, key=lambda step: step[1].units):
        differ = len(final ^ mark.lines)
        rows += [
            (f"  {name}", mark.units, "units", f"{mark.requests} requests; {differ} lines differ"),
            ("    of one get for each", 100 * mark.units / (count * each), "%", note),
        ]
    return rows


@dataclass(frozen=True)
class Mark:
    """Units and requests spent so far, what is known of whom now, and what is sent of it."""

    units: int
    requests: int
    lines: frozenset[tuple[str, ...]]
    sent: frozenset[tuple[str, ...]]


def _settled(samples: list[Mark], right: list[bool]) -> Mark:
    """The first sample from which on all are right."""
    wrong = [number for number, one in enumerate(right) if not one]
    return samples[wrong[-1] + 1 if wrong else 0]


#: The report is looked at again after the price of so many messages.
_SAMPLE = 25
_END = ADVERTS + BAND
_STEPS = (
    ("read: threads that the owner wrote in", SOUGHT, "what decides who answers whom"),
    ("read: ... and the notices that date endings", INBOX, "what decides who keeps a date"),
    ("read: all but promotions, social, forums", ADVERTS, "what the detectors may need"),
    ("read: everything", _END, ""),
)


def share_of_quota(prices: Prices) -> list[Row]:
    """How much of a minute's units is used while they are the limit, and is Google ever passed?"""
    latency = 0.1 if prices == "new" else 0.01
    with desk(prices, enforce=True, latency=latency, shared=True) as one:
        began = one.fast.steady()
        one.read_mail()
        minutes = (one.fast.steady() - began) / 60
        units, _ = one.spent()
        refused = one.sandbox.quota.refused
    share = 100 * units / (ALLOWED[prices] * minutes)
    note = f"goal: at least 95; {minutes:.1f} min, {latency * 1000:.0f} ms a request, {refused} refused"
    return [(f"{prices} prices: share of the quota used", share, "%", note)]


def idle() -> list[Row]:
    """How many requests does a sync make that finds nothing new?"""
    rows: list[Row] = []
    with desk("new") as one:
        one.read_calendar()
        one.read_mail()
        one.sandbox.log.clear()
        one.read_calendar()
        one.read_mail()
        asked = one.sandbox.log.counts()
    rows.append(("idle sync, Google", asked.total(), "requests", _listed(asked)))
    world = World(DEMO_NOW)
    with tempfile.TemporaryDirectory() as folder:
        with microsoft.office(Path(folder), world=microsoft.small(world)) as two:
            for number in range(20):
                world.mail(world.now, microsoft.DANA, KATE, f"Matter {number}")
            world.invite(
                world.now, KATE, [microsoft.DANA], world.now + timedelta(days=3), title="Talk"
            )
            world.advance_to(world.now + timedelta(hours=1))
            clock = Clock(now_=lambda: world.now)
            with Store.open(f"sqlite:///{folder}/noshow.db", clock) as store:
                box = store.mailboxes.ensure(KATE, "microsoft", "Europe/Berlin")
                for _ in range(3):
                    two.sandbox.log.clear()
                    first = sync_calendar(store, two.calendar, box, "primary", two.window)
                    second = sync_mail(store, two.mail, box, two.since)
                    if not (first.complete and second.complete):
                        raise RuntimeError(first.problem or second.problem)
            asked = two.sandbox.log.counts()
    rows.append(("idle sync, Microsoft", asked.total(), "requests", _listed(asked)))
    return rows


def _listed(asked: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(asked.items()))


def run() -> list[Row]:
    """All rows: (name, value, unit, note)."""
    return [
        *backfill("new"),
        *backfill("old"),
        *share_of_quota("new"),
        *share_of_quota("old"),
        *idle(),
    ]


def main(_arguments: Sequence[str] = ()) -> None:
    print(table(run()))


if __name__ == "__main__":
    main(sys.argv[1:])
