"""Which contacts cost a whole team? Made of what the sellers' own reports say, and of nothing else.

The lead's view (`[team] lead`, off by default). It holds what a report says of a contact: late changes
and silences, with whose mailbox said it. Nothing of a seller's own side is in it: no reply owed, no
change of ours, no question, no title, no step. A contact about whom a seller's own report first names
our side is left out where that side is, so that nobody is accused by what is not said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from reports.vocabulary import Tier
from reports.weekly import brief
from reports.weekly.person import Event, Person, Quiet, Who, apart
from reports.weekly.report import WeeklyReport

LISTED = (Tier.TALK, Tier.PAUSE, Tier.COLD)
#: Fewer than two is a seller's own matter.
SEVERAL = 2
#: So many are named in each list.
MOST_SHARED, MOST_COSTLY = 10, 5


@dataclass(frozen=True, slots=True)
class Told:
    """What one seller's report says of a contact: late changes that count, and an open silence."""

    seller: Who
    late: tuple[Event, ...]
    quiet: Quiet | None


@dataclass(frozen=True, slots=True)
class Shared:
    """One contact, as the team's reports tell of them. `hours`: booked hours lost in 180 days [h]."""

    who: Who
    k: int
    n: int
    by_meetings: bool
    told: tuple[Told, ...]
    lists: int
    hours: float

    @property
    def late_on(self) -> int:
        """On how many sellers they were late."""
        return sum(1 for one in self.told if one.late)


@dataclass(frozen=True, slots=True)
class LeadView:
    """All that the view says. `used` of `mailboxes` could be used: read to their end, their owners told."""

    shared: tuple[Shared, ...]
    costly: tuple[Shared, ...]
    used: int
    mailboxes: int


def view(
    reports: Sequence[WeeklyReport], hours: Mapping[str, float], *, mailboxes: int
) -> LeadView:
    """The view over sellers' reports, one a mailbox, of the same moment.

    `hours`: booked hours lost by contact; `mailboxes`: how many there are in all. A report that waits
    because its mailbox is not read to the end says nothing about anybody, and so nothing here.
    """
    usable = [one for one in reports if brief.choose(one).kind != "incomplete"]
    told: dict[str, list[tuple[WeeklyReport, Person]]] = {}
    for report in usable:
        for person in report.people:
            if person.tier in LISTED:
                told.setdefault(person.who.address, []).append((report, person))
    whos = apart(pairs[0][1].who for pairs in told.values())
    found = [_shared(whos[contact], pairs, hours) for contact, pairs in told.items()]
    found = [one for one in found if one.told]
    shared = sorted((one for one in found if one.lists >= SEVERAL), key=_order)
    rest = [one for one in found if one.lists < SEVERAL and one.by_meetings and one.hours > 0]
    costly = sorted(rest, key=lambda one: (-one.hours, one.who.name.casefold()))
    return LeadView(
        tuple(shared[:MOST_SHARED]), tuple(costly[:MOST_COSTLY]), len(usable), mailboxes
    )


def lost_hours(slots: pd.DataFrame, as_of: pd.Timestamp, horizon_days: int) -> dict[str, float]:
    """Booked hours lost by contact in the time that counts [h], by the late changes that count."""
    recent = slots["start_at"] >= as_of - pd.Timedelta(days=horizon_days)
    lost = slots.loc[recent & slots["in_k"]].groupby("contact")["lost_hours"].sum()
    return {str(contact): float(value) for contact, value in lost.items() if value > 0}


def _shared(
    who: Who, pairs: Sequence[tuple[WeeklyReport, Person]], hours: Mapping[str, float]
) -> Shared:
    first = pairs[0][1]
    told = [one for one in (_told(report, person) for report, person in pairs) if one is not None]
    return Shared(
        who=who,
        k=first.k,
        n=first.n,
        by_meetings=any(one.late for one in told),
        told=tuple(sorted(told, key=lambda one: one.seller.name.casefold())),
        # Only whose report has something to say of them has them on a list.
        lists=len(told),
        hours=hours.get(who.address, 0.0),
    )


def _told(report: WeeklyReport, person: Person) -> Told | None:
    """What this seller's report says; None where nothing is left without the seller's own side."""
    own = set(report.addresses)
    late = tuple(
        one for one in person.incidents if one.claim is not None and one.claim.mailbox_id in own
    )
    # As many late changes of ours as of theirs, or of which nobody has said who needed them: the
    # seller's report says that first.
    if not person.by_meetings or person.own_late + person.own_open >= max(1, person.k):
        late = ()
    quiet = person.quiet if person.by in ("silence", "both") and not person.owed else None
    if quiet is not None and quiet.claim.mailbox_id not in own:
        quiet = None
    if not late and quiet is None:
        return None
    address = next(iter(report.addresses.values()), "")
    return Told(Who(address, report.names.get(address) or address), late, quiet)


def _order(one: Shared) -> tuple[float | str, ...]:
    """Most sellers first, then most hours, then the most late changes."""
    return (-one.lists, -one.hours, -one.k, one.who.name.casefold())
