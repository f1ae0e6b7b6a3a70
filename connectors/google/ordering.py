"""In which order are a Gmail mailbox's messages worth fetching?

A message costs 20 units of 6,000 a minute (facts/google.md 2.2), so the order decides when a first
report can be trusted. Nothing here is a claim: what is misjudged is only fetched later.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from connectors.base import Listed, Window
from connectors.google.listing import DAY, Listing
from connectors.google.parse_message import PROMOTIONS

#: One band a kind of mail; inside a band one step a thread, newest first.
BAND = 1_000_000
DIALOGUE, SOUGHT, INBOX, OTHER, DISCARDED, ADVERTS = (band * BAND for band in range(6))
NEVER = ("DRAFT", "CHAT")

#: What came lately may be owed an answer, and is acted upon first [µs].
RECENT = 14 * DAY

_HEX = frozenset("0123456789abcdef")
_LENGTH = 16
#: The digits of an id below its moment: 20 bits.
_SALT = 20
#: An id tells the moment if it differs from the date of acceptance by at most this [µs].
_NEAR = 600_000_000


def in_order(listing: Listing, now: int, sought: Sequence[Window] = ()) -> list[Listed]:
    """What is to be fetched, most useful first; drafts and chats are not. Pure.

    First the threads in which the owner wrote. Then, where times are `sought` and as far as ids tell
    the time, the mail of the last two weeks and that of these windows, in their order. Then the
    inbox, the rest, spam and trash (which may still end a silence), and promotions, social and
    forums last. A thread stays together within its band. `now` [µs UTC]: none came later.
    """
    spoken = {
        thread
        for message_id, thread in listing.threads.items()
        if "SENT" in listing.labels[message_id]
    }
    places: Mapping[str, int] = {}
    if sought and tells_time(listing.probed):
        places = places_in([Window(now - RECENT, now), *sought], listing.threads)
    rank: dict[str, int] = {}
    wanted = []
    for message_id, thread in listing.threads.items():
        labels = listing.labels[message_id]
        if not labels.isdisjoint(NEVER):
            continue
        step = rank.setdefault(thread, len(rank))
        kind = band(labels, spoken=thread in spoken)
        if message_id in places and kind not in (DIALOGUE, ADVERTS) and "SPAM" not in labels:
            kind, step = SOUGHT, places[message_id]
        wanted.append(
            Listed(
                provider_id=message_id,
                thread_id=thread,
                priority=kind + min(step, BAND - 1),
                not_after=now,
            )
        )
    return sorted(wanted, key=lambda one: one.priority)


def band(labels: frozenset[str], *, spoken: bool) -> int:
    """The first priority of a message's kind."""
    if spoken or "SENT" in labels:
        return DIALOGUE
    if not labels.isdisjoint(PROMOTIONS):
        return ADVERTS
    if not labels.isdisjoint(("SPAM", "TRASH")):
        return DISCARDED
    return INBOX if "INBOX" in labels else OTHER


def moment_of(message_id: str) -> int | None:
    """When the mailbox took this message [µs UTC], by its id; None where it is no such number.

    Nowhere promised, but seen everywhere: an id is a number whose upper bits count milliseconds
    (docs/decisions/0014-ids-order-the-backfill.md). For mail brought in later it is that moment.
    """
    if len(message_id) != _LENGTH or not _HEX.issuperset(message_id):
        return None
    return (int(message_id, 16) >> _SALT) * 1_000


def tells_time(probed: Mapping[str, int]) -> bool:
    """Do most of the probed ids tell their date of acceptance [µs UTC]? Not where none was probed."""
    near = [
        (told := moment_of(message_id)) is not None and abs(told - at) <= _NEAR
        for message_id, at in probed.items()
    ]
    return sum(near) * 2 > len(near)


def places_in(windows: Sequence[Window], message_ids: Collection[str]) -> dict[str, int]:
    """The number of the first window that holds an id's moment, for each id that is in one."""
    dated = sorted((at, one) for one in message_ids if (at := moment_of(one)) is not None)
    moments = [at for at, _ in dated]
    found: dict[str, int] = {}
    for number in range(len(windows) - 1, -1, -1):
        start, end = windows[number].start, windows[number].end
        for _, message_id in dated[bisect_left(moments, start) : bisect_left(moments, end)]:
            found[message_id] = number
    return found
