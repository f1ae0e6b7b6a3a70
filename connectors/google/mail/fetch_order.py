"""In which order are a Gmail mailbox's messages worth fetching?

A message costs 20 units of 6,000 a minute (facts/google.md 2.2), so the order decides when a first
report can be trusted. Nothing here is a claim: what is misjudged is only fetched later.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from connectors.google.mail.listing import DAY, Listing
from connectors.google.mail.message_ids import moment_of, tells_time
from connectors.google.mail.parse import PROMOTIONS
from connectors.interfaces import Listed, Window

#: One band a kind of mail; inside a band one step a thread, newest first.
BAND = 1_000_000
DIALOGUE, SOUGHT, INBOX, OTHER, DISCARDED, ADVERTS = (band * BAND for band in range(6))
NEVER = ("DRAFT", "CHAT")

#: What came lately may be owed an answer, and is acted upon first [µs].
RECENT = 14 * DAY


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
    kinds: dict[str, int] = {}
    first: dict[str, int] = {}
    for message_id, thread in listing.threads.items():
        labels = listing.labels[message_id]
        if not labels.isdisjoint(NEVER):
            continue
        rank.setdefault(thread, len(rank))
        kind = band(labels, spoken=thread in spoken)
        if message_id in places and kind not in (DIALOGUE, ADVERTS) and "SPAM" not in labels:
            kind = SOUGHT
            first[thread] = min(first.get(thread, BAND), places[message_id])
        kinds[message_id] = kind
    sought_rank = sorted(first, key=lambda thread: (first[thread], rank[thread]))
    steps = {thread: step for step, thread in enumerate(sought_rank)}
    wanted = []
    for message_id, kind in kinds.items():
        thread = listing.threads[message_id]
        # The rest of a sought thread is fetched with it: that costs less than to come again.
        if thread in steps and kind in (INBOX, OTHER):
            kind = SOUGHT
        step = steps[thread] if kind == SOUGHT else rank[thread]
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
