"""What shape do findings have, between the detectors and up to the report?

Same habits as connectors.model.frames: every frame passes `enforce` with its schema. A contact is
always the normalised address after `same-person` merges. `meeting_key` is the series UID, one
space, the recurrence id. Instants are datetime64[us, UTC]; intervals are (lo, hi]: the moment is
later than `lo` and not later than `hi`; lo == hi means exactly dated; NaT lo: no lower bound known.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from connectors.model.schemas import Column, Schema, schema

PEOPLE = schema(
    contact=Column("text", "normalised address after merges; one row a person, never one of ours"),
    name=Column("text", "the name written most often beside it; empty where none"),
    organisation=Column("text", "registrable domain; empty for freemail"),
    machine=Column("flag", "no person: no-reply, daemon, calendar, room, list"),
    client=Column("flag", "the user's list or tag says client"),
    let_go=Column("flag", "tagged let-go and no human act since"),
    dead=Column("flag", "dead address (rules.md section 2)"),
    dead_reason=Column("text", "bounce, or answers only by machine; empty"),
    dead_at=Column("instant", "last bounce, or first of the notices", True),
    stage=Column("text", "never, dialogue, met or client"),
    warm=Column("flag", "warm before the first open ask (rules.md section 1)"),
    first_act_at=Column("instant", "first human act known", True),
    last_act_at=Column("instant", "last human act known", True),
    last_mail_at=Column("instant", "last human mail to us", True),
)

ASSISTANTS = schema(
    assistant=Column("text", "who acts for them"),
    principal=Column("text", "for whom"),
    name=Column("text", "the assistant's name"),
)

MAILS = schema(
    message_id=Column("key", "the row of frames.messages"),
    mailbox_id=Column("key", "the mailbox"),
    at=Column("instant", "when", False),
    mail_class=Column("text", "calendar, bounce, auto, bulk, human, unproven or confirming"),
    conversation=Column("key", "thread across mailboxes: References first, provider thread next"),
    direction=Column("text", "out (ours), in (an outsider's) or internal"),
    contact=Column("text", "the outsider who wrote it; empty for ours"),
    to_us=Column("flag", "one of ours in To or Cc, or in Bcc without List-Id"),
)

ABSENCES = schema(
    contact=Column("text", "who is away"),
    opens_at=Column("instant", "1 business day before the first notice", False),
    noticed_at=Column("instant", "the first out-of-office notice", False),
    known=Column(
        "flag", "a header or a phrase table says away; else only a reply of unknown words"
    ),
    closes_at=Column("instant", "next human act, at most 15 business days later", False),
    excuses_until=Column("instant", "a day after such an act, within the same 15 days", False),
)

ACTS = schema(
    contact=Column("text", "who acted"),
    at=Column("instant", "when (upper end of an interval)", False),
    kind=Column("text", "mail, answer, proposal, invitation, move, cancel, kept, record, call"),
    mailbox_id=Column("key", "where we saw it; -1 for none"),
    meeting_key=Column("text", "the meeting; empty for a mail or call"),
    message_id=Column("key", "the mail; -1 for none"),
    via=Column("text", "assistant through whom; empty"),
)

SLOTS = schema(
    meeting_key=Column("text", "the meeting"),
    series_uid=Column("text", "its series"),
    contact=Column("text", "one outside person"),
    number=Column(
        "count", "0 for the first slot of this meeting, 1 after its first late move, ..."
    ),
    mailbox_id=Column("key", "the mailbox of ours that organises it, else one that holds it"),
    subject=Column("text", "title"),
    start_at=Column("instant", "the start as it stood before the change", False),
    end_at=Column("instant", "and its end", True),
    on_site=Column("flag", "a place other than a conference"),
    online=Column("flag", "an online meeting"),
    organised_by=Column("text", "us, them or other"),
    eligible=Column("flag", "may carry an outcome (rules.md section 3)"),
    why_not=Column("text", "the first reason why it is not eligible; empty"),
    agreed_lo=Column("instant", "agreement not before", True),
    agreed_hi=Column("instant", "agreement not after; the limit counts from here", True),
    limit_hours=Column("number", "late limit [h]"),
    outcome=Column(
        "text",
        "attended, kept, cancelled_late, moved_late, absent, agreed, changed_early, excused,"
        " unknown, coming (still ahead), or empty where not eligible",
    ),
    rule=Column("text", "M1 to M10 that decided; empty"),
    origin=Column("text", "them, us, unknown or empty"),
    grade=Column("text", "certain, likely or empty"),
    act_lo=Column("instant", "the change not before", True),
    act_hi=Column("instant", "the change not after", True),
    notice_lo=Column("number", "least notice [h]"),
    notice_hi=Column("number", "most notice [h]"),
    via=Column("text", "assistant address the act came through; empty"),
    in_n=Column("flag", "counts in n (after merges and caps)"),
    in_k=Column("flag", "counts in k"),
    hard=Column("flag", "counts in k_hard"),
    unknown=Column("flag", "counts as unknown in the test"),
    incident=Column("text", "key of the incident it belongs to; merged slots share it; empty"),
    replaced_at=Column("instant", "start of the kept replacement (M9)", True),
    lost_hours=Column("number", "hours lost [h]"),
    evidence=Column("text", "o<observation_id> and m<message_id>, separated by one space"),
    evidence_key=Column("text", "natural key of the evidence, for claims"),
    in_absence=Column("flag", "it fell into an absence of theirs"),
    kept_after_all=Column("flag", "a late move that the user says took place"),
    replacement_coming=Column("flag", "what was made for it is still to come"),
    replacement_unknown=Column("flag", "it is not known whether what was made for it was kept"),
    churned=Column("flag", "M10: one of many moves in good time"),
    note=Column(
        "text", "short facts for the reader of an export, as key=value pairs separated by ;"
    ),
)

QUESTIONS = schema(
    kind=Column("text", "M1, M6 or M8"),
    contact=Column("text", "whom it concerns"),
    meeting_key=Column("text", "the meeting"),
    mailbox_id=Column("key", "whom we ask"),
    start_at=Column("instant", "the start concerned", False),
    subject=Column("text", "title"),
    asked_of=Column("instant", "when the act happened (upper end)", True),
    notice_lo=Column("number", "least notice [h]"),
    notice_hi=Column("number", "most notice [h]"),
    mail_at=Column("instant", "a mail of theirs that the question names", True),
    was=Column("text", "moved, moved_by_anyone, cancelled, gone, changed_after or mailed"),
    evidence_key=Column("text", "natural key of the evidence"),
    would_change=Column("flag", "the answer `them` would change a tier"),
)

ASKS = schema(
    contact=Column("text", "who is asked"),
    at=Column("instant", "its date (after an absence: the absence's end)", False),
    clock_at=Column("instant", "when its clock starts", False),
    kind=Column("text", "mail, call or invitation"),
    sign=Column("text", "again, marked, opener, call or invitation: why a reply is expected"),
    message_id=Column("key", "the mail; -1"),
    mailbox_id=Column("key", "whose"),
    conversation=Column("key", "thread; -1"),
    waited_days=Column("count", "business days on its clock as of now"),
    open=Column("flag", "nothing has ended its silence"),
    ripe=Column("flag", "open and its own clock has reached T2"),
    distinct=Column("flag", "chosen as distinct"),
    undeliverable=Column("flag", "bounced"),
)

SILENCES = schema(
    contact=Column("text", "who is silent"),
    rule=Column("text", "T1, T2, T2+, T3, T4, T5 or unknown"),
    first_ask_at=Column("instant", "first open ask", False),
    last_ask_at=Column("instant", "last open ask", False),
    asks=Column("count", "distinct ripe asks (T1, T2: open asks)"),
    calls=Column("count", "of them calls"),
    last_heard_at=Column("instant", "their last human act before it", True),
    grade=Column("text", "certain or likely"),
    why=Column(
        "text",
        "why unknown: not-all-read (and the file that was lost), only-sent-read, bulk-answer,"
        " undated-answer, misdated-answer, generated-answer, unclear-report, sender-check, or"
        " thread-answer and the address that wrote; empty",
    ),
    evidence=Column("text", "m<message_id>, c<call_id>, o<observation_id>"),
    evidence_key=Column("text", "natural key: the contact and the first open ask"),
    mailbox_id=Column("key", "whose asks (most of them)"),
    colleague=Column("text", "somebody else of the organisation to write to; empty"),
)

OWED = schema(
    contact=Column("text", "whom we owe"),
    message_id=Column("key", "their mail"),
    mailbox_id=Column("key", "who owes"),
    at=Column("instant", "when it came", False),
    days=Column("count", "business days since"),
    perhaps=Column("flag", "a first answer to ours: `perhaps yours`"),
    answered_at=Column("instant", "answered late by us at; NaT: open", True),
    evidence_key=Column("text", "natural key: the Message-ID"),
)

PASSED = schema(
    promise_id=Column("key", "the promise; -1 for a label or category"),
    contact=Column("text", "who promised"),
    mailbox_id=Column("key", "whose mark"),
    words=Column("text", "what"),
    made_at=Column("instant", "when marked", False),
    due_at=Column("instant", "its day", False),
    word_at=Column("instant", "their last word before its day", True),
    evidence_key=Column("text", "natural key"),
)

REPLIES = schema(
    contact=Column("text", "the contact"),
    theirs=Column("count", "replies of theirs observed"),
    their_median_hours=Column("number", "Kaplan-Meier median, business hours"),
    ours=Column("count", "replies of ours observed"),
    our_median_hours=Column("number", "the same for us"),
)

STANDINGS_NOW = schema(
    contact=Column("text", "the contact"),
    k=Column("count", "incidents in 180 days"),
    k_hard=Column("count", "hard ones without kept replacement"),
    n=Column("count", "meetings that came to their day"),
    unknown=Column("count", "unknown ones"),
    early=Column("count", "changed in good time"),
    excused=Column("count", "excused"),
    agreed=Column("count", "answered us, both or none"),
    own_late=Column("count", "late changes of ours with them (F2)"),
    owed=Column("count", "open F1 mails to them"),
    posterior=Column("number", "posterior mean"),
    probability=Column("number", "P(rate > baseline | k, n + unknown)"),
    probability_hard=Column("number", "the same for k_hard"),
    rules=Column("text", "R1, R2, T1, T2, T2+, T3, T4, T5 that hold, separated by one space"),
    tier=Column("text", "talk, pause, cold, dead or empty (not listed)"),
    by=Column("text", "meetings, silence or both; empty"),
    moves_only=Column("flag", "R1 by moves alone"),
    step=Column(
        "text",
        "answer-first, your-changes-first, ask-directly, invite-closer, write-to, another-way,"
        " confirm-before, let-rest or empty",
    ),
    step_detail=Column("text", "address, date or days that the step needs"),
    too_early=Column("flag", "fewer than 8 weeks of coverage: not listed"),
    lead_kept_days=Column("number", "median lead of kept meetings [d]"),
    lead_lost_days=Column("number", "median lead of lost meetings [d]"),
    lost_hours=Column("number", "hours lost in 180 days"),
)

COMING = schema(
    meeting_key=Column("text", "the meeting"),
    contact=Column("text", "the contact"),
    mailbox_id=Column("key", "whose"),
    subject=Column("text", "title"),
    start_at=Column("instant", "start", False),
    end_at=Column("instant", "end", True),
    accepted=Column("flag", "they accepted this start"),
    on_site=Column("flag", "a place other than a conference"),
    agreed_at=Column("instant", "when agreed", True),
    k=Column("count", "their k"),
    n=Column("count", "their n"),
    weight=Column("number", "posterior x duration, for the order"),
)

SHAPES: dict[str, Schema] = {
    "people": PEOPLE,
    "assistants": ASSISTANTS,
    "mails": MAILS,
    "absences": ABSENCES,
    "acts": ACTS,
    "slots": SLOTS,
    "questions": QUESTIONS,
    "asks": ASKS,
    "silences": SILENCES,
    "owed": OWED,
    "passed": PASSED,
    "replies": REPLIES,
    "standings": STANDINGS_NOW,
    "coming": COMING,
}


@dataclass(frozen=True)
class Coverage:
    """What we could see of one mailbox. `problems` are one-line facts without addresses.

    `calendar_weeks` and `mail_weeks` are [weeks] of coverage, days with failed syncs not counted.
    `complete_to` is the end of the last complete look; `live_since` when live sync began, after its last long pause.
    `mail_progress`: (fetched, listed) while a mail backfill runs, else None.
    """

    mailbox_id: int
    address: str
    calendar_from: pd.Timestamp | None
    mail_from: pd.Timestamp | None
    complete_to: pd.Timestamp | None
    live_since: pd.Timestamp | None
    calendar_weeks: float
    mail_weeks: float
    pending: int
    given_up: int
    meetings: int
    sent: int
    received: int
    problems: tuple[str, ...] = ()
    mail_progress: tuple[int, int] | None = None


@dataclass(frozen=True)
class Findings:
    """All that detection says of one store as of one moment; each frame by SHAPES.

    The first `own_notices` lines of `notices` are of what the user did within the last weeks.
    """

    as_of: pd.Timestamp
    coverage: tuple[Coverage, ...]
    people: pd.DataFrame
    assistants: pd.DataFrame
    mails: pd.DataFrame
    absences: pd.DataFrame
    acts: pd.DataFrame
    slots: pd.DataFrame
    questions: pd.DataFrame
    asks: pd.DataFrame
    silences: pd.DataFrame
    owed: pd.DataFrame
    passed: pd.DataFrame
    replies: pd.DataFrame
    standings: pd.DataFrame
    coming: pd.DataFrame
    expected_by_chance: float
    notices: tuple[str, ...] = ()
    own_notices: int = 0
