"""Which declines did a guest's calendar give by itself?

An out-of-office or a focus time declines invitations on its own, and writes its owner's own text as
the guest's comment (facts/google.md 1.4). Two signs tell it from a person: the words
(config/phrases/automatic.toml), and one comment on several meetings at one time. Nothing says it for
certain; in doubt it is a machine's, which is the milder word. A comment is looked at here and dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from config import phrasing
from connectors.google.json_values import instant
from connectors.model import normal_forms

Json = Mapping[str, Any]
#: (event id, guest in normal form).
Declined = tuple[str, str]

#: A calendar declines all that is in its way in one go; Google's changes of it come one by one.
TOGETHER = 10 * 60 * 1_000_000


def by_words(comment: str) -> bool:
    """Does the comment say that its writer is away, in one of the languages of the tables?"""
    return phrasing.load().is_absent(comment)


def at_once(items: Iterable[object]) -> frozenset[Declined]:
    """The declines of one page that a machine gave, by their common text and time.

    One guest, the same comment, on two meetings or more that were changed within 10 minutes. The
    occurrences of one series are one meeting here: whoever declines a series writes once, by hand.
    The same excuse week after week is not changed within minutes, and stays a person's. A later
    edit of such meetings in one go, which moves their change time, excuses wrongly.
    """
    found: dict[tuple[str, str], list[tuple[int, str, str]]] = {}
    for item in items:
        for guest, words, changed, series, event in _declines(item):
            found.setdefault((guest, words), []).append((changed, series, event))
    together: set[Declined] = set()
    for (guest, _), rows in found.items():
        rows.sort()
        for place, (changed, series, event) in enumerate(rows):
            for later, other, last in rows[place + 1 :]:
                if later - changed > TOGETHER:
                    break
                if other != series:
                    together |= {(event, guest), (last, guest)}
    return frozenset(together)


def _declines(item: object) -> Iterator[tuple[str, str, int, str, str]]:
    """Guest, comment, change time [µs UTC], series and id of each decline with a comment."""
    if not isinstance(item, Mapping) or item.get("status") == "cancelled":
        return
    event, rows = item.get("id"), item.get("attendees")
    changed = instant(item.get("updated"))
    if not isinstance(event, str) or not isinstance(rows, list) or changed is None:
        return
    series = str(item.get("recurringEventId") or event)
    for row in rows:
        if not isinstance(row, Mapping) or row.get("responseStatus") != "declined":
            continue
        comment, email = row.get("comment"), row.get("email")
        if isinstance(comment, str) and isinstance(email, str) and comment.strip():
            yield normal_forms.address(email), phrasing.bare(comment), changed, series, event
