"""What does the card of one listed contact say, and who is silent?

A card shows both sides: what came to its day and how it ended, what was asked and when, what we
did ourselves, and one next step (rules.md section 8).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from config.policy import Policy
from reports.claims import Claim
from reports.columns.rows import moment, number, rows
from reports.detect.scoring.past_standings import Movement
from reports.weekly import links
from reports.weekly.reader_view import Sources, notice
from reports.weekly.report import Ask, Card, Incident, Owed, Quiet, Strip, Who

MOST_INCIDENTS, MOST_SQUARES = 6, 6
#: What a strip shows: slots that came to their day, and those of which nothing is known.
_SQUARES = ("kept", "attended", "cancelled_late", "moved_late", "absent", "unknown")


def card(row: Any, book: Sources, policy: Policy, movement: Movement) -> Card:
    """The card of one row of the standings whose tier is talk or pause."""
    contact = str(row.contact)
    slots = book.slots.loc[book.slots["contact"] == contact].sort_values("start_at", kind="stable")
    slots = slots.loc[slots["eligible"]]
    recent = slots.loc[slots["start_at"] >= book.as_of - pd.Timedelta(days=policy.horizon_days)]
    counted = recent.loc[recent["in_k"]]
    squares = recent.loc[
        recent["outcome"].isin(_SQUARES) & (recent["in_n"] | recent["unknown"])
    ].tail(MOST_SQUARES)
    found = silences(book, ("T2+", "T3"), contact)
    theirs, ours = book.replies(contact, policy.reply_minimum)
    step = str(row.step)
    step_who: Who | None = None
    step_hours: float | None = None
    if step == "write-to" and "@" in str(row.step_detail):
        address = str(row.step_detail).split()[0]
        step_who = book.who(address)
        speed = book.replies(address, policy.reply_minimum)[0]
        step_hours = speed[1] if speed else None
    return Card(
        who=book.who(contact),
        tier=row.tier,
        by=str(row.by),
        rules=tuple(str(row.rules).split()),
        movement=movement,
        k=int(row.k),
        k_hard=int(row.k_hard),
        n=int(row.n),
        unknown=int(row.unknown),
        early=int(row.early),
        excused=int(row.excused),
        churned=recent.loc[
            recent["note"].str.contains("m10=1", regex=False), "meeting_key"
        ].nunique(),
        moves_only=bool(row.moves_only),
        strip=tuple(Strip(str(one.outcome), one.start_at) for one in rows(squares)),
        incidents=tuple(
            _incident(one, book) for one in rows(counted.iloc[::-1].head(MOST_INCIDENTS))
        ),
        incidents_left_out=max(0, len(counted) - MOST_INCIDENTS),
        quiet=found[0] if found else None,
        waiting=_waiting(book, contact),
        replies=theirs,
        our_replies=ours,
        own_late=int(row.own_late),
        owed=int(row.owed),
        perhaps_owed=(),
        lead_kept=number(row.lead_kept_days),
        lead_lost=number(row.lead_lost_days),
        step=step,
        step_detail=str(row.step_detail),
        step_who=step_who,
        step_hours=step_hours,
    )


def with_perhaps(one: Card, owed: Sequence[Owed]) -> Card:
    """The card with the first answers to ours that may wait for us: shown nowhere else (F1)."""
    mine = tuple(mail for mail in owed if mail.who.address == one.who.address)
    return replace(one, perhaps_owed=mine[:2]) if mine else one


def order(one: Card) -> tuple[float, float, int, str]:
    """The most incidents of those that came to their day first, then the most asks."""
    share = one.k / one.n if one.n and "meetings" in _grounds(one.by) else 0.0
    asks = one.quiet.count if one.quiet else 0
    return (-float(one.k if share else 0), -share, -asks, one.who.address)


def silences(book: Sources, rules: Collection[str], contact: str | None = None) -> list[Quiet]:
    """The silences under these rules, the longest first; of one contact where given."""
    frame = book.silences.loc[book.silences["rule"].isin(list(rules))]
    if contact is not None:
        frame = frame.loc[frame["contact"] == contact]
    frame = frame.sort_values(["first_ask_at", "contact"], kind="stable")
    live = {one.mailbox_id: moment(one.live_since) for one in book.coverage}
    return [
        _quiet(row, book, live.get(int(row.mailbox_id)))
        for row in rows(frame)
        if book.shown(str(row.contact))
    ]


def _quiet(row: Any, book: Sources, live_since: pd.Timestamp | None) -> Quiet:
    contact = str(row.contact)
    asks = book.asks.loc[(book.asks["contact"] == contact) & book.asks["open"]]
    asks = asks.loc[asks["at"] >= row.first_ask_at].sort_values("at", kind="stable")
    if row.rule in ("T2+", "T3", "T4"):
        asks = asks.loc[asks["distinct"] & asks["ripe"]]
    mails = asks.loc[asks["message_id"] >= 0]
    _, link = book.mail(int(mails["message_id"].iloc[-1])) if len(mails) else ("", "")
    return Quiet(
        claim=Claim(int(row.mailbox_id), "silence", contact, "", str(row.evidence_key)),
        who=book.who(contact),
        rule=str(row.rule),
        grade=str(row.grade),
        asks=tuple(Ask(one.at, str(one.kind)) for one in rows(asks)),
        count=int(row.asks),
        first_ask_at=row.first_ask_at,
        last_ask_at=row.last_ask_at,
        last_heard_at=moment(row.last_heard_at),
        why=str(row.why),
        live_since=live_since,
        link=link,
    )


def _waiting(book: Sources, contact: str) -> tuple[str, int, pd.Timestamp] | None:
    """(rule, asks, since) of a silence that counts on a card only (T1, T2)."""
    mine = book.silences.loc[
        (book.silences["contact"] == contact) & book.silences["rule"].isin(["T1", "T2"])
    ]
    for row in rows(mine.tail(1)):
        return str(row.rule), int(row.asks), row.first_ask_at
    return None


def _incident(row: Any, book: Sources) -> Incident:
    pairs = (pair.split("=", 1) for pair in str(row.note).split(";") if "=" in pair)
    return Incident(
        claim=Claim(
            int(row.mailbox_id),
            "incident",
            str(row.contact),
            str(row.meeting_key),
            str(row.evidence_key),
        ),
        subject=links.clean(str(row.subject), 60),
        start_at=row.start_at,
        outcome=str(row.outcome),
        rule=str(row.rule),
        grade=str(row.grade),
        notice=notice(row.notice_lo, row.notice_hi),
        via=book.who(str(row.via)).name if row.via else "",
        hard=bool(row.hard),
        replaced_at=moment(row.replaced_at),
        link=book.meeting_link(str(row.meeting_key), int(row.mailbox_id)),
        facts=MappingProxyType({key.strip(): links.clean(text) for key, text in pairs}),
    )


def _grounds(by: str) -> tuple[str, ...]:
    return ("meetings", "silence") if by == "both" else (by,)
