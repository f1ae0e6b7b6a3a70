"""Whom would another value of each limit list this week, and whom not?

The list is run again with each other value, so that a reader sees how much of it hangs on a number
that somebody chose. Steps that a limit cannot change are not run again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from config.policy import Policy
from connectors.model.frames import Frames
from reports.columns.rows import rows
from reports.detect.pipeline import Detection
from reports.weekly.reader_view import Sources
from reports.weekly.report import Limit, Other

#: The limits, other values of each, and the first step of detection that the limit changes.
OTHERS: Mapping[str, tuple[tuple[float, ...], str]] = MappingProxyType(
    {
        "late_hours": ((48.0,), "history"),
        "list_k": ((3,), "standings"),
        "list_probability": ((0.85,), "standings"),
        "baseline": ((0.10, 0.30), "standings"),
        "horizon_days": ((90,), "history"),
        "persistent_asks": ((4,), "silences"),
        "owed_days": ((15,), "owed"),
    }
)
#: Of more observations than this, judging all meetings again three times would take minutes.
MOST_OBSERVATIONS = 400_000


def find_limits(
    detection: Detection, frames: Frames, mailboxes: Collection[int] | None
) -> tuple[Limit, ...]:
    """One line a limit, with whom each other value adds, drops or counts otherwise.

    Only the contacts of `mailboxes` (None: all). A value that is the one in force is left out.
    """
    policy = detection.setting.policy
    heavy = len(frames.observations) > MOST_OBSERVATIONS
    as_of = detection.setting.as_of
    book = Sources(detection.findings, frames, mailboxes, as_of, as_of)
    now = _listed(detection, book)
    found = []
    for name, (values, first) in OTHERS.items():
        if heavy and first == "history":
            continue
        others = tuple(
            _compared(
                value,
                now,
                _listed(detection.under(_changed(policy, name, value), first), book),
                book,
            )
            for value in values
            if value != getattr(policy, name)
        )
        found.append(Limit(name, float(getattr(policy, name)), others))
    return tuple(found)


def _changed(policy: Policy, name: str, value: float) -> Policy:
    """The policy with one other value; whatever must not be less than it follows."""
    known = policy.model_dump() | {name: type(getattr(policy, name))(value)}
    known["strong_k"] = max(known["strong_k"], known["list_k"])
    known["persistent_asks"] = max(known["persistent_asks"], known["talk_asks"])
    return Policy.model_validate(known)


#: Who is listed, with (k, n).
_Listed = Mapping[str, tuple[int, int]]


def _listed(detection: Detection, book: Sources) -> _Listed:
    """Whom a detection lists; no more of it is run than that needs."""
    listed = {
        str(row.contact): (int(row.k), int(row.n))
        for row in rows(detection.standings)
        if row.tier and book.shown(str(row.contact))
    }
    open_owed = book.mine(detection.owed)
    open_owed = open_owed.loc[open_owed["answered_at"].isna() & ~open_owed["perhaps"]]
    for contact in open_owed["contact"].unique():
        if book.shown(str(contact)):
            listed.setdefault(str(contact), (0, 0))
    return listed


def _compared(value: float, now: _Listed, then: _Listed, book: Sources) -> Other:
    changed = [one for one in now if one in then and now[one] != then[one]]
    return Other(
        value,
        added=tuple(book.who(one) for one in sorted(set(then) - set(now))),
        gone=tuple(book.who(one) for one in sorted(set(now) - set(then))),
        recounted=tuple((book.who(one), *then[one]) for one in sorted(changed)),
    )
