"""Does a report as of a past Monday say what was said on that Monday?

The short form tells made-up autumns to a store, in which each Monday's report keeps its standings and
what it remembers of contacts; the long form plays the demonstration's last weeks through the sandbox.
At the end every Monday is detected anew, as of then.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from config import phrasing
from config.clock import Clock
from config.ours import Ours
from config.policy import Policy
from connectors.sandbox.scenario.worlds import DEMO_NOW
from connectors.store.store import Store
from jobs.console.outcome import DONE, PARTLY
from jobs.delivery import judging, weekly
from jobs.delivery.envelope.report_week import report_week
from jobs.demo.stage import stage
from jobs.fetch import sync
from reports.columns.rows import rows
from reports.detect import pipeline
from reports.detect.scoring import past_standings
from reports.schemas import SHAPES, Findings
from tests.stories.cast import MONTHS, address
from tests.stories.reading import Story
from tests.stories.telling import fresh_url, make_template, tell
from tests.support.proof import sharded

BERLIN = ZoneInfo("Europe/Berlin")
PEOPLE = ("dana", "emil", "nora", "omar", "fritz", "gita")
FIRST, LAST = datetime(2026, 8, 3, 9, tzinfo=BERLIN), datetime(2026, 11, 30, 7, tzinfo=BERLIN)
#: So many weeks of the demonstration are lived through; what was before is its first look.
WEEKS = 6
MONDAYS = [LAST - timedelta(weeks=number) for number in (9, 6, 3, 1)]


def _said(moment: datetime) -> str:
    """As stories write moments."""
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    return f"{day} {moment.day} {MONTHS[moment.month - 1].title()} {moment:%H:%M}"


def _working_day(dice: random.Random, *, until: datetime = LAST) -> datetime:
    """Some working hour between the first day and `until`, at a minute of its own."""
    while True:
        moment = FIRST + timedelta(
            days=dice.randrange((until - FIRST).days), hours=dice.randrange(8)
        )
        if moment.weekday() < 5:
            return moment.replace(minute=dice.randrange(60))


def autumn(seed: int) -> Story:
    """Meetings, mails, calls and tags of four months by the dice."""
    dice = random.Random(seed)
    meetings, events, mails = [], [], []
    for number in range(16):
        start = _working_day(dice).replace(minute=0)
        made = start - timedelta(days=dice.randrange(4, 30))
        who = dice.choice(PEOPLE)
        theirs = dice.random() < 0.3
        meetings.append(
            {"id": f"m{number}", "at": _said(start), "made": _said(made)}
            | ({"by": who, "with": ["sam"]} if theirs else {"with": [who]})
            | ({} if theirs else {"accepted": _said(made + timedelta(hours=5))})
        )
        acted = start - timedelta(hours=dice.choice([1, 3, 20, 60]), minutes=20)
        does = dice.choice(["", "", "cancels" if theirs else "declines", "moves" if theirs else ""])
        if does and acted > made + timedelta(days=1):
            moved = {"to": _said(start + timedelta(days=2))} if does == "moves" else {}
            seen = dice.choice([["calendar"], ["calendar", "mail"]])
            events.append(
                {
                    "meeting": f"m{number}",
                    "at": _said(acted),
                    "who": who,
                    "does": does,
                    "seen": seen,
                }
                | moved
            )
    for number in range(40):
        who, at = dice.choice(PEOPLE), _working_day(dice)
        way = {"to": who} if dice.random() < 0.65 else {"from": who}
        mails.append({"id": f"l{number}", "at": _said(at), "subject": f"Line {number}"} | way)
        if dice.random() < 0.3:
            away = {"subject": "Out of office", "headers": {"Auto-Submitted": "auto-replied"}}
            reply = {"from": who, "re": f"l{number}"} | (away if dice.random() < 0.5 else {})
            later = at + timedelta(hours=dice.choice([1, 30, 200]))
            if "to" in way and later < LAST:
                mails.append({"at": _said(later)} | reply)
    words = ["let-go", "warm", "client", "not-client", "not-let-go", "machine", "not-machine"]
    tags = [
        {"at": _said(_working_day(dice)), "who": dice.choice(PEOPLE), "word": dice.choice(words)}
        for _ in range(8)
    ]
    tags.append(
        {"at": _said(_working_day(dice)), "who": "fritz", "word": "same-person", "value": "gita"}
    )
    calls = [
        {
            "at": _said(_working_day(dice)),
            "who": dice.choice(PEOPLE),
            "outcome": dice.choice(["no-answer", "spoke"]),
        }
        for _ in range(8)
    ]
    told: dict[str, Any] = {
        "name": f"autumn{seed}", "file": "made up", "rules": ["R1"],
        "why": "Whatever happened, it was known when it was known.",
        "meetings": meetings, "events": events, "mails": mails, "tags": tags, "calls": calls,
        "reports": [_said(monday) for monday in MONDAYS],
        "expect": [{"standing": "dana", "too_early": False}],
    }  # fmt: skip
    return Story.model_validate(told)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("past"))


def _detected(store: Store, moment: datetime) -> Findings:
    ours = Ours(
        mailboxes=MappingProxyType({address("sam"): address("sam")}),
        domains=frozenset(("ours.example",)),
        zone=str(BERLIN),
    )
    frames = store.frames(moment)
    return pipeline.detect(frames, ours, Policy(), phrasing.load(), pd.Timestamp(moment))


def _differences(store: Store) -> Iterator[str]:
    """The Mondays whose standings, detected as of then, are not those that were kept then."""
    kept = store.frames().standings
    assert len(kept) == len(MONDAYS)
    for row in rows(kept):
        found = _detected(store, row.at.to_pydatetime())
        if past_standings.dumps(past_standings.snapshot(found, row.week)) != row.payload:
            yield row.week


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(2, 6))]
)
def test_past_mondays_of_a_made_up_autumn(seed: int, template: Path, tmp_path: Path) -> None:
    url = fresh_url(tmp_path, template)
    tell(autumn(seed), url)
    now = (LAST + timedelta(days=1)).astimezone(UTC)
    with Store.open(url, Clock(now_=lambda: now)) as store:
        assert list(_differences(store)) == [], f"seed {seed}"


@pytest.mark.proof
@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_past_mondays_of_the_demonstration(provider: str, tmp_path: Path) -> None:
    """All that is found, on each of its last Mondays, with what was remembered meanwhile."""
    sent: dict[datetime, Findings] = {}
    with stage(tmp_path, provider, quiet=True) as play:
        play.world.advance_to(DEMO_NOW - timedelta(weeks=WEEKS))
        while play.world.now < DEMO_NOW:
            play.world.advance_to(min(play.world.now + timedelta(days=1), DEMO_NOW))
            assert sync.run(play.context, heal=play.world.now.weekday() == 0).code in (DONE, PARTLY)
            if play.world.now.weekday() == 0:
                now = play.world.now
                assert weekly.scheduled(play.context, report_week(now.date())).code in (
                    DONE,
                    PARTLY,
                )
                sent[now] = judging.found(play.context, now).findings
        assert len(sent) >= WEEKS
        for monday, then in sent.items():
            again = judging.found(play.context, monday).findings
            for name in SHAPES:
                assert_frame_equal(
                    getattr(again, name), getattr(then, name), obj=f"{monday:%d %b}: {name}"
                )
            assert again.notices == then.notices
        last = judging.found(play.context, max(sent))
        policy = play.context.settings.policy
        sharded.hold_together(last, replace(last.setting, policy=policy), 1, 2, 7, 32)
