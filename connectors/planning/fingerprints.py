"""When is a snapshot of a meeting the same as the one before it, and a dated act the same act?"""

from __future__ import annotations

import hashlib

from connectors.model.records import MeetingSeen


def fingerprint(seen: MeetingSeen) -> str:
    """A short digest of all that an observer can see in a snapshot; equal means nothing changed.

    Not part of it: the last-change time (it moves for edits that we do not see), the link, the
    order of the guests. Of a stub only its status counts.
    """
    if seen.stub:
        return _digest("stub", seen.status)
    guests = sorted(
        (
            guest.address,
            guest.name,
            guest.response.value,
            guest.responded_at,
            guest.optional,
            guest.resource,
            guest.is_self,
            guest.is_organizer,
            guest.machine,
            guest.proposed_start,
        ).__repr__()
        for guest in seen.guests
    )
    return _digest(
        seen.status,
        seen.start_at,
        seen.end_at,
        seen.all_day,
        seen.subject,
        seen.organizer,
        seen.organizer_name,
        seen.organizer_is_self,
        seen.sequence,
        seen.kind,
        seen.free,
        seen.private,
        seen.guests_complete,
        seen.guests_can_modify,
        seen.online,
        seen.on_site,
        seen.mark,
        *guests,
    )


def act_key(seen: MeetingSeen) -> str:
    """The natural key of a dated act within its meeting: two mails of one act are one act."""
    answers = sorted(f"{guest.address} {guest.response.value}" for guest in seen.guests)
    undated = seen.message_key if seen.acted_at is None else ""
    return _digest(seen.method, seen.acted_at, seen.actor, seen.sequence, undated, *answers)


def _digest(*parts: object) -> str:
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
