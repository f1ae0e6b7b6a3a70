"""Which dated events of a contact are there: meetings, asks, and what the lists hold of them?

A late change of ours that the reader answered with `us` (F2) is one of them, named as ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from reports.claims import Claim
from reports.columns.rows import moment, rows
from reports.vocabulary import ClaimKind, Origin, Outcome, Rule
from reports.weekly import links
from reports.weekly.person import LATE, Event, Kind
from reports.weekly.reader_view import ReaderView, notice
from reports.weekly.report import CameBack, Owed, Promise

#: Kept meetings that are asked about, by contact, meeting and evidence.
KeptClaims = Mapping[tuple[str, str, str], Claim]
_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        Outcome.KEPT: "kept",
        Outcome.ATTENDED: "kept",
        Outcome.CANCELLED_LATE: "off",
        Outcome.MOVED_LATE: "moved",
        Outcome.ABSENT: "absent",
        Outcome.CHANGED_EARLY: "early",
        Outcome.EXCUSED: "excused",
        Outcome.UNKNOWN: "unknown",
        Outcome.COMING: "coming",
    }
)


def of_slots(slots: pd.DataFrame, book: ReaderView, kept: KeptClaims) -> Iterator[Event]:
    """One event a slot; what counts in k has a claim, and so has a kept one that is asked about."""
    later = _next_starts(slots)
    for row in rows(slots):
        kind: Kind | None
        if row.outcome == Outcome.AGREED:
            kind = "ours" if row.origin == Origin.US else "agreed"
        else:
            kind = _KINDS.get(str(row.outcome))
        if kind is None:
            continue
        claim = None
        names = str(row.contact), str(row.meeting_key), str(row.evidence_key)
        if kind in LATE and row.in_k:
            claim = Claim(int(row.mailbox_id), ClaimKind.INCIDENT, *names)
        elif kind == "kept":
            claim = kept.get(names)
        event = _slot(row, kind, book, later.get((str(row.meeting_key), int(row.number))))
        yield replace(event, claim=claim)


def _slot(
    row: Any, kind: Kind, book: ReaderView, moved_to: tuple[pd.Timestamp, bool] | None
) -> Event:
    key = str(row.meeting_key)
    replaced = moment(row.replaced_at)
    if replaced is None and kind == "moved" and moved_to is not None and moved_to[1]:
        replaced = moved_to[0]
    word, _ = book.answers.get((str(row.contact), key), ("", None))
    return Event(
        at=row.start_at,
        kind=kind,
        subject=links.clean(str(row.subject), 60),
        link=book.meeting_link(key, int(row.mailbox_id)),
        notice=notice(row.notice_lo, row.notice_hi),
        rule=str(row.rule),
        grade=str(row.grade),
        via=book.who(str(row.via)).name if row.via else "",
        how=word,
        other_at=replaced,
        counted=bool(row.in_n or row.unknown),
        in_absence=bool(row.in_absence),
        kept_after_all=bool(row.kept_after_all),
        replacement_coming=bool(row.replacement_coming),
        replacement_unknown=bool(row.replacement_unknown),
    )


def _next_starts(slots: pd.DataFrame) -> dict[tuple[str, int], tuple[pd.Timestamp, bool]]:
    """By (meeting, slot): the start of the slot after it, and whether that one was kept."""
    return {
        (str(row.meeting_key), int(row.number) - 1): (
            row.start_at,
            row.outcome in (Outcome.KEPT, Outcome.ATTENDED),
        )
        for row in rows(slots.loc[slots["number"] > 0])
    }


def of_asks(asks: pd.DataFrame, book: ReaderView, silence: Any) -> Iterator[Event]:
    """The asks of an open silence; an undeliverable one says so."""
    if silence is None:
        return
    for row in rows(asks.loc[asks["at"] >= silence.first_ask_at]):
        subject, link = book.mail(int(row.message_id)) if row.message_id >= 0 else ("", "")
        yield Event(
            at=row.at,
            kind="asked",
            subject=subject,
            link=link,
            how=str(row.kind),
            undeliverable=bool(row.undeliverable),
        )


def of_owed(one: Owed) -> Event:
    return Event(
        at=one.at,
        kind="perhaps" if one.perhaps else "owed",
        subject=one.subject,
        link=one.link,
        rule=Rule.F1,
        claim=one.claim,
        days=one.days,
    )


def of_promise(one: Promise) -> Event:
    return Event(
        at=one.due_at,
        kind="promise",
        subject=one.words,
        rule=Rule.P1,
        other_at=one.word_at,
        claim=one.claim,
    )


def of_return(one: CameBack) -> Event:
    return Event(at=one.at, kind="back", days=one.days)
