"""What does one weekly report say? Facts with their natural keys, no words and no markup yet.

`weekly.build` fills these, `reports.render` makes the mail and the page of them. Instants are UTC
timestamps, hours and days are in [h] and [d], None where unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from reports.claims import Claim
from reports.detect.scoring.past_standings import Movement, Snapshot
from reports.vocabulary import Tier
from reports.weekly.person import Notice, Person, Who


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
    provider: str = ""

    @property
    def whole(self) -> bool:
        """Nothing is missing, pending, broken or too old to know of what came since."""
        missing = self.pending or self.given_up or self.problems or self.old_since is not None
        return self.reached and not missing

    @property
    def reached(self) -> bool:
        """It was read to its end: single entries may be missing, but not the last days.

        Exported files end where they end: whoever imports old ones wants to know what is in them.
        """
        fresh = self.old_since is None or self.provider == "files"
        return fresh and not self.progress and self.complete_to is not None


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
class Question:
    """What only the user can answer (M1, M6, M8). `proposed`: what it names of `mail_at` is a proposal
    of another time, and no mail that says something.
    """

    claim: Claim
    who: Who
    subject: str
    start_at: pd.Timestamp
    notice: Notice
    was: str
    mail_at: pd.Timestamp | None
    link: str = ""
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """A meeting of the week ahead; `confirm`: worth a word, for k of theirs or for no answer yet."""

    who: Who
    subject: str
    start_at: pd.Timestamp
    accepted: bool
    on_site: bool
    agreed_at: pd.Timestamp | None
    k: int
    n: int
    confirm: bool
    weight: float = 0.0
    link: str = ""


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
    counts now (theirs, absent, kept, ours, nobody; "" where that cannot be said). `claim_id` and
    `mailbox` take it back.
    """

    who: Who
    kind: str
    word: str
    at: pd.Timestamp
    claim_id: str
    mailbox: str
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


@dataclass(frozen=True, slots=True)
class Other:
    """One other value of a limit, and whom it would list (`added`) or not list (`gone`).

    `recounted`: whoever stays listed with other counts (k, n).
    """

    value: float
    added: tuple[Who, ...] = ()
    gone: tuple[Who, ...] = ()
    recounted: tuple[tuple[Who, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of this report (a field of config.policy.Policy), and what others would change."""

    name: str
    value: float
    others: tuple[Other, ...]


@dataclass(frozen=True)
class WeeklyReport:
    """All that one week's mail and page say.

    `first_day` is the local midnight that begins the week reported on, `last_day` lies in its last
    day. `too_early` holds the fewest weeks of coverage seen, (calendar, mail), None where both
    suffice. `left_out` counts what a list had no room for. `ids` are the claims' ids, empty until
    the store has given them; `standings` is what the next report is compared with. `people` is everybody, whoever is to be talked to first.
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
    questions: tuple[Question, ...]
    coming: tuple[Coming, ...]
    people: tuple[Person, ...]
    promises: tuple[Promise, ...]
    came_back: tuple[CameBack, ...]
    compared_with: str
    changes: tuple[Change, ...]
    answered: tuple[Answered, ...]
    twelve: Twelve | None
    kept: tuple[Kept, ...]
    left_out: Mapping[str, int]
    notices: tuple[str, ...]
    chance: float
    baseline: float
    late_hours: float
    list_k: int
    lead_share: float
    standings: Snapshot
    own_notices: int = 0
    lead: str = ""
    waiting_days: tuple[int, int] = (3, 5)
    limits: tuple[Limit, ...] = ()
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ids: Mapping[Claim, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def complete(self) -> bool:
        """Nothing that belongs into this report is missing."""
        return bool(self.seen) and all(one.whole for one in self.seen)

    @property
    def old_since(self) -> pd.Timestamp | None:
        """Since when nothing was read of the mailbox that was read longest ago; None: not long."""
        return min((one.old_since for one in self.seen if one.old_since is not None), default=None)

    @property
    def reached(self) -> bool:
        """Every mailbox was read to its end; single entries may be missing."""
        return bool(self.seen) and all(one.reached for one in self.seen)

    @property
    def talk(self) -> tuple[Person, ...]:
        return tuple(one for one in self.people if one.tier == Tier.TALK)

    @property
    def pause(self) -> tuple[Person, ...]:
        return tuple(one for one in self.people if one.tier == Tier.PAUSE)

    @property
    def cold(self) -> tuple[Person, ...]:
        return tuple(one for one in self.people if one.tier == Tier.COLD)

    @property
    def dead(self) -> tuple[Person, ...]:
        return tuple(one for one in self.people if one.dead is not None)
