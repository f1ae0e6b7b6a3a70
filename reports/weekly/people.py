"""What does this reader know of each contact: both sides' counts, and every event with its date?

One `Person` for everybody whom the reader has met, asked, heard from or owes. The mail shows the
few to talk to, the page all of them (rules.md sections 4 to 8).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from reports.claims import Claim
from reports.columns.rows import moment, number, rows
from reports.detect.scoring.past_standings import LISTED_SILENCE, Snapshot
from reports.vocabulary import ClaimKind, Outcome, Rule, Tier
from reports.weekly import events
from reports.weekly.events import KeptClaims
from reports.weekly.person import LATE, Ask, Dead, Event, Pattern, Person, Quiet, Who
from reports.weekly.reader_view import ReaderView

#: A silence that may be none.
DOUBTFUL = "unknown"
#: So many late moves, all of them, from one weekday to another, are a fact worth saying.
PATTERN = 4
_RANK: Mapping[str, int] = {Tier.PAUSE: 0, Tier.TALK: 0, Tier.COLD: 1, Tier.DEAD: 2}


@dataclass(frozen=True)
class Lists:
    """What the report's lists say already: the events of a contact bear the same claims.

    By contact; `kept`, last week's meetings that are asked about.
    """

    events: Mapping[str, tuple[Event, ...]]
    owed: Mapping[str, int]
    kept: KeptClaims


def everybody(book: ReaderView, before: Snapshot | None, lists: Lists) -> tuple[Person, ...]:
    """Each shown contact of this reader; whom to talk to first, then by list, then by name."""
    standing = {str(row.contact): row for row in rows(book.standings)}
    heard = book.known.last_heard
    slots = _by_contact(book.slots.loc[book.slots["eligible"]].sort_values("start_at"))
    quiet = {str(row.contact): row for row in rows(book.silences)}
    asks = _by_contact(book.asks.loc[book.asks["open"]].sort_values("at", kind="stable"))
    dead = dead_addresses(book)
    oldest = book.as_of - pd.Timedelta(days=book.policy.horizon_days)
    live = {one.mailbox_id: moment(one.live_since) for one in book.coverage}
    none = book.slots.iloc[:0], book.asks.iloc[:0]
    slugs: Counter[str] = Counter()
    found = []
    for contact in sorted(book.contacts, key=lambda one: (book.who(one).name.casefold(), one)):
        if not book.shown(contact):
            continue
        row = standing.get(contact)
        mine = slots.get(contact, none[0])
        recent = mine.loc[(mine["start_at"] >= oldest) | (mine["outcome"] == Outcome.COMING)]
        open_asks = asks.get(contact, none[1])
        silence = quiet.get(contact)
        stood = before.contacts.get(contact) if before is not None else None
        happened = (
            *events.of_slots(recent, book, lists.kept),
            *events.of_asks(open_asks, book, silence),
            *lists.events.get(contact, ()),
        )
        happened = tuple(sorted(happened, key=lambda one: one.at, reverse=True))
        found.append(
            Person(
                who=book.who(contact),
                slug=_slug(book.who(contact), slugs),
                quiet=None if silence is None else _quiet(silence, open_asks, book, live),
                dead=dead.get(contact),
                owed=lists.owed.get(contact, 0),
                heard_at=heard.get(contact),
                before=stood.share if stood is not None else None,
                own_open=_open(recent, ours=True),
                ours_hidden_before=_hidden(recent, live, book.as_of),
                unknown_else=_open(recent, ours=False),
                churned=recent.loc[recent["churned"], "meeting_key"].nunique(),
                pattern=_pattern(happened, row, book.zone),
                here=_here(recent, row, book),
                elsewhere=contact in book.listed_elsewhere,
                events=happened,
                **_standing(row, book),
            )
        )
    return tuple(sorted(found, key=_order))


def dead_addresses(book: ReaderView) -> dict[str, Dead]:
    """Addresses that mail no longer reaches (T5), with the reason."""
    silent = {
        str(row.contact): row for row in rows(book.silences.loc[book.silences["rule"] == Rule.T5])
    }
    standings = book.findings.standings
    tier = {str(one) for one in standings.loc[standings["tier"] == Tier.DEAD, "contact"]}
    people = book.known.rows_of_people
    found = {}
    for contact in sorted(tier | set(silent)):
        if not book.shown(contact):
            continue
        person, row = people.get(contact), silent.get(contact)
        at = moment(person.dead_at) if person is not None else None
        reason = str(person.dead_reason) if person is not None else ""
        if row is not None:
            claim = Claim(
                int(row.mailbox_id), ClaimKind.SILENCE, contact, "", str(row.evidence_key)
            )
        else:
            stamp = at.isoformat() if at is not None else ""
            claim = Claim(
                min(book.mailboxes), ClaimKind.SILENCE, contact, "", f"dead {stamp}".strip()
            )
        found[contact] = Dead(claim, reason or "bounce", at)
    return found


def _by_contact(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(contact): mine for contact, mine in frame.groupby("contact", sort=False)}


def _standing(row: Any, book: ReaderView) -> dict[str, Any]:
    """What the standings say of a contact, as fields of a Person."""
    if row is None:
        return {}
    theirs, ours = book.replies(str(row.contact), book.policy.reply_minimum)
    step, detail = str(row.step), str(row.step_detail)
    other = book.who(detail.split()[0]) if "@" in detail else None
    return {
        "tier": str(row.tier),
        "by": str(row.by),
        "rules": tuple(str(row.rules).split()),
        "k": int(row.k),
        "k_hard": int(row.k_hard),
        "n": int(row.n),
        "unknown": int(row.unknown),
        "early": int(row.early),
        "excused": int(row.excused),
        "own_late": int(row.own_late),
        "too_early": bool(row.too_early),
        "moves_only": bool(row.moves_only),
        "replies": theirs,
        "our_replies": ours,
        "lead_kept": number(row.lead_kept_days),
        "lead_lost": number(row.lead_lost_days),
        "step": step,
        "step_detail": detail,
        "step_who": other,
    }


def _here(slots: pd.DataFrame, row: Any, book: ReaderView) -> tuple[int, int] | None:
    """(k, n) of what this report's mailboxes show, where others show more."""
    if row is None or book.sees_all:
        return None
    mine = int(slots["in_k"].sum()), int(slots["in_n"].sum())
    return mine if mine != (int(row.k), int(row.n)) else None


def _open(slots: pd.DataFrame, *, ours: bool) -> int:
    """What is unknown because a late change of ours is still a question (M6), or else; several late
    changes of one meeting are one question.
    """
    asked = slots["unknown"] & ((slots["rule"] == Rule.M6) == ours)
    return int(slots.loc[asked, "evidence_key"].nunique() if ours else asked.sum())


def _hidden(
    slots: pd.DataFrame, live: Mapping[int, pd.Timestamp | None], as_of: pd.Timestamp
) -> pd.Timestamp | None:
    """Until when a meeting that we called off ourselves may be missing: no calendar keeps it, so that only
    who reads live has seen it. None where all of these slots are later.
    """
    firsts = slots.groupby("mailbox_id")["start_at"].min()
    since = {box: live.get(int(box)) or as_of for box in firsts.index}
    hidden = [since[box] for box, first in firsts.items() if first < since[box]]
    return max(hidden, default=None)


def _quiet(
    row: Any, asks: pd.DataFrame, book: ReaderView, live: Mapping[int, pd.Timestamp | None]
) -> Quiet:
    mine = asks.loc[asks["at"] >= row.first_ask_at]
    if row.rule in LISTED_SILENCE:
        mine = mine.loc[mine["distinct"] & mine["ripe"]]
    mails = mine.loc[mine["message_id"] >= 0]
    subject, link = book.mail(int(mails["message_id"].iloc[-1])) if len(mails) else ("", "")
    return Quiet(
        claim=Claim(
            int(row.mailbox_id), ClaimKind.SILENCE, str(row.contact), "", str(row.evidence_key)
        ),
        rule=str(row.rule),
        grade=str(row.grade),
        asks=tuple(Ask(one.at, str(one.kind)) for one in rows(mine)),
        count=int(row.asks),
        first_ask_at=row.first_ask_at,
        last_ask_at=row.last_ask_at,
        last_heard_at=moment(row.last_heard_at),
        why=str(row.why),
        live_since=live.get(int(row.mailbox_id)),
        link=link,
        subject=subject,
    )


def _pattern(happened: Iterable[Event], row: Any, zone: str) -> Pattern | None:
    """Did every late change of theirs move the meeting from one weekday to the same other one?"""
    late = [one for one in happened if one.kind in LATE and one.claim is not None]
    if row is None or len(late) < PATTERN or len(late) != int(row.k):
        return None
    pairs = []
    for one in late:
        if one.kind != "moved" or one.other_at is None:
            return None
        pairs.append((one.at, one.other_at))
    days = {tuple(at.tz_convert(ZoneInfo(zone)).day_name() for at in pair) for pair in pairs}
    if len(days) != 1 or len(set(*days)) == 1:
        return None
    return Pattern(*pairs[0], len(pairs))


def _order(one: Person) -> tuple[float | str, ...]:
    """Who called off most of those that came to their day first, then the most asks."""
    listed = one.tier in (Tier.TALK, Tier.PAUSE)
    share = one.k / one.n if listed and one.n and one.by_meetings else 0.0
    asks = one.quiet.count if one.quiet is not None and listed else 0
    rank = _RANK.get(one.tier, 3 if one.owed else 4)
    return (rank, -(one.k_hard if share else 0), -share, -asks, one.who.name.casefold())


def _slug(who: Who, taken: Counter[str]) -> str:
    """`omar-haddad`, the second of this name `omar-haddad-2`; of no Latin letter: `contact`."""
    flat = unicodedata.normalize("NFKD", who.name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", flat).strip("-")[:40] or "contact"
    taken[slug] += 1
    return slug if taken[slug] == 1 else f"{slug}-{taken[slug]}"
