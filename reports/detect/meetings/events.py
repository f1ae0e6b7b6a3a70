"""In which records is told what happened to one meeting: looks, dated acts, and changes?

Moments are microseconds UTC; None where one is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from connectors.model import records
from reports.columns.instants import MINUTE

#: States of a copy that is no longer there.
GONE: Final = records.GONE

#: It is there, and its details are not shown to the reader of this copy.
HIDDEN: Final = "hidden"

#: Whoever of us it was; no address looks like this. "" is somebody unknown.
US: Final = "us"

#: Set before the address of one of ours who is a guest, so that nobody takes it for a contact's.
OWN: Final = "us:"

#: An act by which a meeting may have got another start, which nobody saw.
AGAIN: Final = "again"

#: A notification may arrive, and a message be dated, a little beside the snapshot that saw the change.
SLACK: Final = 10 * MINUTE


class Answer(NamedTuple):
    """One person in one snapshot; `at` where the provider dates the answer [us], else None."""

    response: str
    at: int | None
    machine: bool
    proposed: int | None


@dataclass(slots=True)
class Snapshot:
    """One copy's state as seen; `exact` where it came in a dated message."""

    observation_id: int
    lo: int | None
    hi: int
    leads: bool
    exact: bool
    status: str
    stub: bool
    start: int | None
    end: int | None
    updated: int | None
    complete: bool
    people: dict[str, Answer] = field(default_factory=dict)
    guests_can_modify: bool = False


class Act(NamedTuple):
    """A dated act of somebody, from a message or an audit log. `logged`: the log names who did it;
    `vouched`: so does the provider itself, which no mail of a stranger can. `stale`: it is about a start
    that had been given up. `was`: the start that it gave up, as it says itself.
    """

    at: int
    kind: str
    who: str
    own: bool
    via: str
    start: int | None
    machine: bool
    evidence: str
    logged: bool = False
    vouched: bool = False
    stale: bool = False
    was: int | None = None


@dataclass(slots=True)
class Event:
    """One change. `proof`: somebody's own word (or the provider's) says that it was theirs.

    `anyone`: a move that every guest may have made. In a meeting of ours `who` is US all the same,
    since it is ours to ask about; in another's it is nobody. `seen`: the snapshot that showed it first;
    0 where only a message tells of it. `vouched`: a calendar, a log or the provider says so, too,
    and not only a mail that anybody can write. `old`: the start as it stood, before a move or at an
    answer. `was`: the start that a message says it gave up.
    """

    lo: int | None
    hi: int
    kind: str
    who: str = ""
    value: str = ""
    old: int | None = None
    start: int | None = None
    end: int | None = None
    via: str = ""
    machine: bool = False
    proof: bool = False
    first: bool = False
    evidence: str = ""
    anyone: bool = False
    seen: int = 0
    vouched: bool = True
    was: int | None = None

    @property
    def exact(self) -> bool:
        return self.lo == self.hi

    def after(self, moment: int) -> bool:
        """Did it certainly happen at the moment or later?"""
        return self.lo is not None and (
            self.lo >= moment if self.lo < self.hi else self.hi >= moment
        )

    def before(self, moment: int) -> bool:
        """Did it certainly happen before the moment?"""
        return self.hi < moment
