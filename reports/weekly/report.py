"""What does one weekly report say? Facts with their natural keys, no words and no markup yet.

`weekly.build` fills these, `reports.render.document` puts them into sentences. Instants are UTC
timestamps, hours and days are in [h] and [d], None where unknown. Whatever accuses anybody, asks
or reminds has a `Claim`; the store gives each claim its id, and the reader answers by that id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import pandas as pd

from reports.claims import Claim
from reports.detect.scoring.past_standings import Movement


@dataclass(frozen=True, slots=True)
class Who:
    """A contact as printed; `name` is their address where no name is known."""

    address: str
    name: str
    organisation: str = ""
    stage: str = ""
    warm: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Hours before the start, as an interval (lo, hi]; None: no bound known. Equal: exactly dated."""

    lo: float | None
    hi: float | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What could be seen of one mailbox (reports.schemas.Coverage), with its progress and troubles."""

    address: str
    complete_to: pd.Timestamp | None
    calendar_weeks: float
    mail_weeks: float
    pending: int
    given_up: int
    meetings: int
    sent: int
    received: int
    problems: tuple[str, ...] = ()
    progress: tuple[int, int] | None = None
    live_since: pd.Timestamp | None = None
    since: pd.Timestamp | None = None
    old_since: pd.Timestamp | None = None

    @property
    def whole(self) -> bool:
        """Nothing is missing, pending, broken or too old to know of what came since."""
        missing = self.pending or self.given_up or self.problems or self.progress
        return not missing and self.complete_to is not None and self.old_since is None


@dataclass(frozen=True, slots=True)
class Owed:
    """A mail of theirs that waits for us (F1)."""

    claim: Claim
    who: Who
    at: pd.Timestamp
    days: int
    perhaps: bool
    subject: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class OwnChange:
    """A late change that the user answered with `us` (F2)."""

    who: Who
    subject: str
    start_at: pd.Timestamp
    notice: Notice
    answered_at: pd.Timestamp | None


@dataclass(frozen=True, slots=True)
class Question:
    """What only the user can answer (M1, M6, M8)."""

    claim: Claim
    who: Who
    subject: str
    start_at: pd.Timestamp
    notice: Notice
    was: str
    mail_at: pd.Timestamp | None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Coming:
    """A meeting of the week ahead worth confirming."""

    who: Who
    subject: str
    start_at: pd.Timestamp
    accepted: bool
    on_site: bool
    agreed_at: pd.Timestamp | None
    k: int
    n: int
    link: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """One counted late change or absence, with its evidence."""

    claim: Claim
    subject: str
    start_at: pd.Timestamp
    outcome: str
    rule: str
    grade: str
    notice: Notice
    via: str
    hard: bool
    replaced_at: pd.Timestamp | None
    link: str = ""
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Ask:
    """One ask of ours: when, and whether by mail, call or invitation."""

    at: pd.Timestamp
    kind: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """An open silence, or one that may be none (`why`)."""

    claim: Claim
    who: Who
    rule: str
    grade: str
    asks: tuple[Ask, ...]
    count: int
    first_ask_at: pd.Timestamp
    last_ask_at: pd.Timestamp
    last_heard_at: pd.Timestamp | None
    why: str
    live_since: pd.Timestamp | None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """One square of a card's strip: how a slot ended, and its start."""

    outcome: str
    start_at: pd.Timestamp


@dataclass(frozen=True, slots=True)
class Card:
    """One listed contact: both sides' facts, the evidence, and what to do next."""

    who: Who
    tier: Literal["talk", "pause"]
    by: str
    rules: tuple[str, ...]
    movement: Movement
    k: int
    k_hard: int
    n: int
    unknown: int
    early: int
    excused: int
    churned: int
    moves_only: bool
    strip: tuple[Strip, ...]
    incidents: tuple[Incident, ...]
    incidents_left_out: int
    quiet: Quiet | None
    waiting: tuple[str, int, pd.Timestamp] | None
    replies: tuple[int, float] | None
    our_replies: tuple[int, float] | None
    own_late: int
    owed: int
    perhaps_owed: tuple[Owed, ...]
    lead_kept: float | None
    lead_lost: float | None
    step: str
    step_detail: str
    step_who: Who | None
    step_hours: float | None


@dataclass(frozen=True, slots=True)
class Dead:
    """An address that mail no longer reaches, or where only a machine answers."""

    claim: Claim
    who: Who
    reason: str
    at: pd.Timestamp | None


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise whose day has passed (P1)."""

    claim: Claim
    who: Who
    words: str
    made_at: pd.Timestamp
    due_at: pd.Timestamp
    word_at: pd.Timestamp | None


@dataclass(frozen=True, slots=True)
class CameBack:
    """A silence of an earlier report that has ended."""

    who: Who
    at: pd.Timestamp
    days: int
    kept_at: pd.Timestamp | None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the reader's since the last report, and what became of it.

    `kind` is the claim's, `word` the last one that fits it (or undo). `counts`: how the meeting
    counts now (theirs, absent, kept, ours, nobody; "" where that cannot be said).
    """

    who: Who
    kind: str
    word: str
    at: pd.Timestamp
    subject: str = ""
    start_at: pd.Timestamp | None = None
    counts: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody who is listed otherwise than in the last report.

    `before` and `after` are (k, n) in the last report and now, None where it does not say.
    """

    who: Who
    movement: Movement
    was: str
    now: str
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """One bar: meetings that came to their day in one ISO week, by how they ended."""

    monday: pd.Timestamp
    kept: int
    late: int
    absent: int
    ours: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Twelve:
    """Twelve weeks, and the twelve before (late, n) where coverage reaches so far back.

    `since` is when coverage began, if that was within the twelve weeks.
    """

    weeks: tuple[Week, ...]
    late: int
    n: int
    before: tuple[int, int] | None
    hours: float
    since: pd.Timestamp | None
    travel: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A meeting of last week that looks kept, and that no record confirms."""

    claim: Claim
    who: Who
    start_at: pd.Timestamp
    on_site: bool


@dataclass(frozen=True)
class WeeklyReport:
    """All that one weekly mail says, in the order of its sections.

    `first_day` is the local midnight that begins the week reported on, `last_day` lies in its last day. `too_early` holds the
    fewest weeks of coverage seen, (calendar, mail), None where both suffice. `left_out` counts what a
    section had no room for. `ids` are the claims' ids, empty until the store has given them.
    """

    week: str
    as_of: pd.Timestamp
    first_day: pd.Timestamp
    last_day: pd.Timestamp
    zone: str
    language: str
    addresses: Mapping[int, str]
    warnings: tuple[str, ...]
    seen: tuple[Seen, ...]
    too_early: tuple[float, float] | None
    needed_weeks: int
    owed: tuple[Owed, ...]
    own_changes: tuple[OwnChange, ...]
    questions: tuple[Question, ...]
    coming: tuple[Coming, ...]
    talk: tuple[Card, ...]
    pause: tuple[Card, ...]
    cards_left_out: tuple[tuple[Who, str], ...]
    cold: tuple[Quiet, ...]
    dead: tuple[Dead, ...]
    unread: tuple[Quiet, ...]
    waiting: int
    unanswered: int
    promises: tuple[Promise, ...]
    came_back: tuple[CameBack, ...]
    compared_with: str
    changes: tuple[Change, ...]
    twelve: Twelve | None
    kept: tuple[Kept, ...]
    left_out: Mapping[str, int]
    notices: tuple[str, ...]
    chance: float
    baseline: float
    late_hours: float
    list_k: int
    waiting_days: tuple[int, int] = (3, 5)
    churn_moves: int = 3
    answered: tuple[Answered, ...] = ()
    ids: Mapping[Claim, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def complete(self) -> bool:
        """Nothing that belongs into this report is missing."""
        return bool(self.seen) and all(one.whole for one in self.seen)

    @property
    def old_since(self) -> pd.Timestamp | None:
        """Since when nothing was read of the mailbox that was read longest ago; None: not long."""
        return min((one.old_since for one in self.seen if one.old_since is not None), default=None)
