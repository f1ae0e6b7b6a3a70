"""Which lines stand in the report's lists: our side, questions, the week ahead, promises, returns?

Each function returns all that belongs into its section, in its order; reports.weekly.build cuts.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from reports.claims import FITTING, Claim
from reports.columns.rows import moment, rows
from reports.detect.scoring.past_standings import Snapshot, listed_silence
from reports.vocabulary import ClaimKind, Origin, Outcome, Word
from reports.weekly import links
from reports.weekly.reader_view import ReaderView, notice
from reports.weekly.report import (
    Answered,
    CameBack,
    Coming,
    Kept,
    Owed,
    Promise,
    Question,
)


def owed(book: ReaderView) -> tuple[list[Owed], list[Owed]]:
    """Open mails that wait for us (F1), the longest first; and apart, those that perhaps do."""
    frame = book.mine(book.findings.owed)
    frame = frame.loc[frame["answered_at"].isna()]
    sure: list[Owed] = []
    perhaps: list[Owed] = []
    for row in rows(frame.sort_values(["at", "contact"], kind="stable")):
        contact = str(row.contact)
        if not book.shown(contact):
            continue
        subject, link = book.mail(int(row.message_id))
        line = Owed(
            claim=Claim(int(row.mailbox_id), ClaimKind.OWED, contact, "", str(row.evidence_key)),
            who=book.who(contact),
            at=row.at,
            days=int(row.days),
            perhaps=bool(row.perhaps),
            subject=subject,
            link=link,
        )
        (perhaps if line.perhaps else sure).append(line)
    return sure, perhaps


def questions(book: ReaderView) -> list[Question]:
    """What may be asked now, at most two a contact: tier-changing first, then newest, then address.

    Not what is older than 60 days, nor what was first printed more than 28 days ago.
    """
    frame, policy = book.mine(book.findings.questions), book.policy
    frame = frame.assign(_newest=-frame["start_at"].astype("int64"))
    frame = frame.sort_values(
        ["would_change", "_newest", "contact"], ascending=[False, True, True], kind="stable"
    )
    oldest = book.as_of - pd.Timedelta(days=policy.question_age_days)
    expired = book.as_of - pd.Timedelta(days=policy.question_expiry_days)
    printed = {
        Claim(
            int(row.mailbox_id),
            str(row.kind),
            str(row.contact),
            str(row.meeting_key),
            str(row.evidence_key),
        ): row.first_printed_at
        for row in rows(book.mine(book.facts.claims))
    }
    acts = book.findings.acts
    acts = acts.loc[(acts["kind"] == "proposal") & acts["contact"].isin(frame["contact"])]
    proposed = set(zip(acts["contact"], acts["at"], strict=True))
    per_contact: Counter[str] = Counter()
    found = []
    for row in rows(frame):
        contact, key = str(row.contact), str(row.meeting_key)
        claim = Claim(int(row.mailbox_id), str(row.kind), contact, key, str(row.evidence_key))
        first_printed = printed.get(claim)
        if (
            not book.shown(contact)
            or row.start_at < oldest
            or (first_printed is not None and first_printed < expired)
            or per_contact[contact] >= policy.questions_contact
        ):
            continue
        per_contact[contact] += 1
        found.append(
            Question(
                claim=claim,
                who=book.who(contact),
                subject=links.clean(str(row.subject)),
                start_at=row.start_at,
                notice=notice(row.notice_lo, row.notice_hi),
                was=str(row.was),
                mail_at=moment(row.mail_at),
                link=book.meeting_link(key, int(row.mailbox_id)),
                proposed=(contact, row.mail_at) in proposed,
            )
        )
    return found


def coming(book: ReaderView) -> list[Coming]:
    """Meetings of the next seven days, by day and hour; of a series with one contact the next one.

    Worth confirming: with a contact of k >= 1, or not yet accepted.
    """
    frame = book.mine(book.findings.coming)
    ahead = (frame["start_at"] >= book.as_of) & (
        frame["start_at"] < book.as_of + pd.Timedelta(days=7)
    )
    frame = frame.loc[ahead].sort_values(["start_at", "contact"], kind="stable")
    series = frame["meeting_key"].str.replace(r" .*$", "", regex=True)
    frame = frame.loc[~frame.assign(_series=series).duplicated(["_series", "contact"])]
    return [
        Coming(
            who=book.who(str(row.contact)),
            subject=links.clean(str(row.subject)),
            start_at=row.start_at,
            accepted=bool(row.accepted),
            on_site=bool(row.on_site),
            agreed_at=moment(row.agreed_at),
            k=int(row.k),
            n=int(row.n),
            confirm=bool(row.k >= 1 or not row.accepted),
            weight=float(row.weight),
            link=book.meeting_link(str(row.meeting_key), int(row.mailbox_id)),
        )
        for row in rows(frame)
        if book.shown(str(row.contact))
    ]


def promises(book: ReaderView) -> list[Promise]:
    """Promises whose day has passed (P1), the newest day first."""
    frame = book.mine(book.findings.passed)
    frame = frame.sort_values(["due_at", "contact"], ascending=[False, True], kind="stable")
    return [
        Promise(
            claim=Claim(
                int(row.mailbox_id), ClaimKind.PROMISE, str(row.contact), "", str(row.evidence_key)
            ),
            who=book.who(str(row.contact)),
            words=links.topic(str(row.words)),
            made_at=row.made_at,
            due_at=row.due_at,
            word_at=moment(row.word_at),
        )
        for row in rows(frame)
        if book.shown(str(row.contact))
    ]


def came_back(book: ReaderView, before: Snapshot | None, until: pd.Timestamp) -> list[CameBack]:
    """Whose silence, printed in the last report, has ended by an act of theirs.

    until: a meeting kept before it is named. A word to a colleague ended it, too: what was printed
    is not dropped without a word."""
    if before is None:
        return []
    now = {str(row.contact): str(row.evidence_key) for row in rows(book.silences)}
    acts = book.findings.acts
    slots = book.slots
    found = []
    for contact, line in before.contacts.items():
        silent = listed_silence(line)
        if silent is None or now.get(contact) == silent.evidence_key:
            continue
        mine = acts.loc[(acts["contact"] == contact) & (acts["at"] > silent.first_ask_at), "at"]
        if not len(mine):
            continue
        at: pd.Timestamp = mine.min()
        kept = slots.loc[
            (slots["contact"] == contact)
            & slots["outcome"].isin([Outcome.KEPT, Outcome.ATTENDED])
            & (slots["start_at"] >= at)
            & (slots["start_at"] < until),
            "start_at",
        ]
        found.append(
            CameBack(
                who=book.who(contact),
                at=at,
                days=(at - silent.first_ask_at).days,
                kept_at=kept.max() if len(kept) else None,
            )
        )
    return sorted(found, key=lambda one: (one.at, one.who.address))


def answered(book: ReaderView, since: pd.Timestamp) -> list[Answered]:
    """What the reader answered since a moment, in the order in which it was said.

    The last word on a claim holds; one that does not fit is named among the notices instead.
    """
    said = book.said.loc[(book.said["at"] > since) & (book.said["at"] <= book.as_of)]
    frame = book.facts.claims.merge(said, on=["mailbox_id", "claim_id"])
    fits = [
        row.word == Word.UNDO or row.word in FITTING.get(str(row.kind), ()) for row in rows(frame)
    ]
    frame = frame.loc[fits].sort_values(["at", "answer_id"], kind="stable")
    frame = frame.drop_duplicates(["mailbox_id", "claim_id"], keep="last")
    found = []
    for row in rows(frame):
        contact, key = str(row.contact), str(row.meeting_key)
        slot = _slot_of(book, contact, key, str(row.evidence_key)) if key else None
        found.append(
            Answered(
                who=book.who(contact),
                kind=str(row.kind),
                word=str(row.word),
                at=row.at,
                claim_id=str(row.claim_id),
                mailbox=book.addresses.get(int(row.mailbox_id), ""),
                subject=links.clean(str(slot.subject)) if slot is not None else "",
                start_at=slot.start_at if slot is not None else None,
                counts=_counts(slot) if slot is not None else "",
                link=book.meeting_link(key, int(row.mailbox_id)) if key else "",
            )
        )
    return found


def _slot_of(book: ReaderView, contact: str, meeting_key: str, evidence_key: str) -> Any:
    """The slot that a claim was about: the only one of its meeting, or the one whose start it names."""
    slots = book.slots
    mine = slots.loc[(slots["contact"] == contact) & (slots["meeting_key"] == meeting_key)]
    if len(mine) > 1:
        starts = mine["start_at"].dt.strftime("%Y-%m-%dT%H:%M")
        mine = mine.loc[[start in evidence_key for start in starts]]
    return next(iter(rows(mine)), None) if len(mine) == 1 else None


def _counts(slot: Any) -> str:
    if slot.in_k:
        return "absent" if slot.outcome == Outcome.ABSENT else "theirs"
    if slot.outcome in (Outcome.KEPT, Outcome.ATTENDED):
        return "kept"
    if slot.outcome == Outcome.AGREED:
        return "ours" if slot.origin == Origin.US else "nobody"
    return ""


def kept(book: ReaderView, first: pd.Timestamp, end: pd.Timestamp) -> list[Kept]:
    """Last week's meetings that look kept and that no record confirms: on-site and first ones first."""
    slots = book.slots
    frame = slots.loc[
        (slots["outcome"] == Outcome.KEPT)
        & (slots["start_at"] >= first)
        & (slots["start_at"] < end)
    ]
    frame = frame.assign(_first=frame["start_at"] == book.known.first_starts.loc[frame.index])
    frame = frame.sort_values(
        ["on_site", "_first", "start_at", "contact"],
        ascending=[False, False, True, True],
        kind="stable",
    )
    return [
        Kept(
            claim=Claim(
                int(row.mailbox_id),
                ClaimKind.KEPT,
                str(row.contact),
                str(row.meeting_key),
                str(row.evidence_key),
            ),
            who=book.who(str(row.contact)),
            start_at=row.start_at,
            on_site=bool(row.on_site),
        )
        for row in rows(frame)
        if book.shown(str(row.contact))
    ]
