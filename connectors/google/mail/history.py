"""What does a page of Gmail's history tell: what came, what was marked, what went?

facts/google.md 2.3. Labels are told by what was put on and taken off, mostly without the whole set,
and a record may concern a message that came on the same page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from connectors.google.client import Json
from connectors.google.json_values import items
from connectors.google.mail.fetch_order import NEVER, band
from connectors.google.mail.parse import PROMOTIONS, SILENT
from connectors.interfaces import Listed
from connectors.transport.client import Unsettled

_LATER = ("SPAM", "TRASH", *PROMOTIONS)

#: Asks for the labels that a message bears now; None where it is gone.
LabelsOf = Callable[[str], frozenset[str] | None]


@dataclass
class News:
    """What is to be fetched, the labels of what was marked, and the ids of what is gone."""

    listed: dict[str, Listed] = field(default_factory=dict)
    labels: dict[str, frozenset[str]] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)


def read(answer: Json, now: int, labels_of: LabelsOf) -> News:
    """The news of one page, in the order of its records: the last word counts.

    `now` [µs UTC]: none came later. Raises as `labels_of`, but for a message that Google cannot
    show: it is fetched again later.
    """
    records = [one for one in items(answer.get("history")) if isinstance(one, dict)]
    # Gmail leaves out empty lists, and whether it fills the labels in here is not promised: no
    # labels on one message mean "none" only where others on the page have some.
    filled = any("labelIds" in told for record in records for told, _, _ in _relabelled(record))
    news = News()
    born: dict[str, frozenset[str]] = {}
    for record in records:
        for entry in items(record.get("messagesAdded")):
            told = _told(entry)
            if told.get("id"):
                _came(news, born, told, now)
        for told, added, taken in _relabelled(record):
            if not (added | taken) <= SILENT:
                before = _before(news, born, told, filled, now, labels_of)
                if before is not None:
                    news.labels[told["id"]] = (before | added) - taken
        for entry in items(record.get("messagesDeleted")):
            gone = _told(entry).get("id")
            if gone:
                news.listed.pop(gone, None)
                news.labels.pop(gone, None)
                news.removed[gone] = None
    return news


def _came(news: News, born: dict[str, frozenset[str]], told: Json, now: int) -> None:
    labels = frozenset(items(told.get("labelIds")))
    if not labels.isdisjoint(NEVER):
        return
    if "labelIds" in told:
        born[told["id"]] = labels
    news.listed[told["id"]] = Listed(
        provider_id=told["id"],
        thread_id=str(told.get("threadId") or ""),
        # News of the kind that the report needs go before all that is old.
        priority=band(labels, spoken=labels.isdisjoint(_LATER)),
        not_after=now,
    )


def _before(
    news: News,
    born: dict[str, frozenset[str]],
    told: Json,
    filled: bool,
    now: int,
    labels_of: LabelsOf,
) -> frozenset[str] | None:
    """The labels before a record; None where they are not to be had, which is noted."""
    message_id = told["id"]
    if "labelIds" in told or filled:
        return frozenset(items(told.get("labelIds")))
    if message_id in news.labels:
        return news.labels[message_id]
    # It may be stored already: fetched with its thread, or listed when the round began.
    if message_id in born:
        return born[message_id]
    try:
        asked = labels_of(message_id)
    except Unsettled as error:
        if not error.one_item:
            raise
        thread = str(told.get("threadId") or "")
        news.listed[message_id] = Listed(message_id, thread, not_after=now, again=True)
        return None
    if asked is None:
        news.listed.pop(message_id, None)
        news.removed[message_id] = None
    return asked


def _relabelled(record: Json) -> Iterator[tuple[Json, frozenset[str], frozenset[str]]]:
    """The messages that a history record relabels, with the labels added and taken."""
    changes: dict[str, tuple[Json, set[str], set[str]]] = {}
    for key, side in (("labelsAdded", 1), ("labelsRemoved", 2)):
        for entry in items(record.get(key)):
            told = _told(entry)
            if not told.get("id"):
                continue
            change = changes.setdefault(told["id"], (told, set(), set()))
            labels = change[side]
            assert isinstance(labels, set)  # noqa: S101 - the two sides of the tuple
            labels.update(items(entry.get("labelIds")))
    for told, added, taken in changes.values():
        yield told, frozenset(added), frozenset(taken)


def _told(entry: object) -> Json:
    told = entry.get("message") if isinstance(entry, dict) else None
    return told if isinstance(told, dict) else {}
