"""What columns have the facts when they reach pandas?

Each schema says for every column its dtype, unit, whether it may be missing, and what it means.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["key", "count", "number", "text", "flag", "instant"]

_DTYPES: dict[Kind, str] = {
    "key": "int64",
    "count": "int64",
    "number": "float64",
    "text": "str",
    "flag": "bool",
    "instant": "datetime64[us, UTC]",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `text` is never null ("" is absent), a `number` may be NaN, an `instant` NaT."""

    kind: Kind
    meaning: str
    null: bool = False

    @property
    def dtype(self) -> str:
        return _DTYPES[self.kind]


Schema = MappingProxyType[str, Column]


def schema(**columns: Column) -> Schema:
    return MappingProxyType(columns)


def _key(meaning: str) -> Column:
    return Column("key", meaning)


def _text(meaning: str) -> Column:
    return Column("text", meaning)


def _flag(meaning: str) -> Column:
    return Column("flag", meaning)


def _count(meaning: str) -> Column:
    return Column("count", meaning)


def _instant(meaning: str, *, null: bool = True) -> Column:
    return Column("instant", meaning, null)


MAILBOXES = schema(
    mailbox_id=_key("the mailbox"),
    address=_text("its own address, in normal form"),
    provider=_text("google, microsoft or files"),
    zone=_text("IANA zone of its owner"),
)

MEETINGS = schema(
    meeting_id=_key("one copy of a meeting in one mailbox"),
    mailbox_id=_key("the mailbox that holds this copy"),
    series_uid=_text("series UID in normal form; with recurrence_id it joins the copies"),
    recurrence_id=_text("original start in UTC or date; empty for a single meeting"),
    provider_id=_text("the provider's id of this copy"),
    calendar_id=_text("the calendar it lies in"),
    status=_text("the last seen Status"),
    subject=_text("title; the last that was known"),
    organizer=_text("address of the organiser; empty where hidden or no person"),
    organizer_name=_text("name written beside it"),
    organizer_is_self=_flag("the mailbox's owner organises this copy"),
    created_at=_instant("when the provider says it was created"),
    start_at=_instant("the last known start; all-day: midnight UTC of its date"),
    end_at=_instant("the last known end (exclusive)"),
    all_day=_flag("an all-day entry: its instants are dates"),
    kind=_text("event type in Google's words; default for an ordinary meeting"),
    free=_flag("shown as free (transparent)"),
    private=_flag("private or confidential"),
    guests_complete=_flag("no guest is hidden or omitted in this copy"),
    online=_text("conference id or join address"),
    on_site=_flag("a place other than a conference was given"),
    html_link=_text("link that opens it for its owner"),
    mark=_text("the user's private mark: absent, them, us, both, held"),
    stub=_flag("only stubs were ever seen: no details are known"),
    first_seen_at=_instant("when it was first seen; a file: its export", null=False),
    last_seen_at=_instant("when it was last seen; a file: its export", null=False),
)

OBSERVATIONS = schema(
    observation_id=_key("what one look or one message said of one copy, in order of arrival"),
    meeting_id=_key("the copy of the meeting"),
    mailbox_id=_key("the mailbox"),
    evidence=_text("snapshot, itip, notice or audit"),
    method=_text("iTIP method; empty for a snapshot"),
    seen_after=_instant("the previous completed look at this stream; NaT for the first look"),
    seen_at=_instant(
        "when it was seen so, a file: its export; a change lies in (seen_after, seen_at]",
        null=False,
    ),
    acted_at=_instant("the exact moment of the act, where the evidence carries one"),
    status=_text("Status as seen"),
    stub=_flag("carried no details"),
    start_at=_instant("start as seen"),
    end_at=_instant("end as seen"),
    all_day=_flag("all-day as seen"),
    sequence=_count("iCalendar SEQUENCE; -1 where unknown"),
    updated_at=_instant("the provider's last-change time"),
    updated_exact=_flag("updated_at was given, not derived"),
    previous_start_at=_instant("the start before a move, where the message says it"),
    organizer=_text("organiser as seen"),
    actor=_text("who acted (itip, notice, audit)"),
    sent_by=_text("who sent it for them"),
    guests_complete=_flag("no guest hidden or omitted"),
    guests_can_modify=_flag("any guest may have changed it, not the organiser alone"),
    message_key=_text("Message-ID of the mail that carried it"),
    free=_flag("shown as free, as seen"),
    private=_flag("private or confidential, as seen"),
    on_site=_flag("a place other than a conference, as seen"),
    mark=_text("the user's private mark as seen"),
)

GUESTS = schema(
    observation_id=_key("the observation"),
    meeting_id=_key("the copy of the meeting"),
    address=_text("the guest"),
    name=_text("name written beside it"),
    response=_text("Response as seen"),
    responded_at=_instant("when they answered, where the provider says (Graph)"),
    optional=_flag("optional guest"),
    resource=_flag("a room or equipment"),
    is_self=_flag("the mailbox's owner"),
    is_organizer=_flag("the organiser's own row"),
    machine=_flag("a machine gave the answer"),
    proposed_start=_instant("counter-proposed start"),
)

#: What rules read of a mail. Where else it lies, how large it is, and whether it was deleted since decides
#: nothing, and stays in the store: a million of each column is an eighth of what loading costs.
MESSAGES = schema(
    message_id=_key("one mail in one mailbox"),
    mailbox_id=_key("the mailbox"),
    thread_id=_text("the provider's thread, per mailbox"),
    message_key=_text("Message-ID without brackets, or a stable digest"),
    in_reply_to=_text("Message-ID answered"),
    reference_keys=_text("References, oldest first, separated by one space"),
    from_address=_text("From"),
    from_name=_text("name beside From"),
    sender_address=_text("Sender where it differs from From; else empty"),
    subject=_text("decoded subject"),
    at=_instant("best moment: accepted by the provider, else Received, else Date"),
    sent=_flag("lies among the mailbox's sent mail"),
    draft=_flag("a draft: never sent"),
    chat=_flag("a chat line, no mail"),
    flagged=_flag("starred or flagged by the user"),
    important=_flag("high importance by its sender"),
    labels=_text("user labels and categories, one a line"),
    due_at=_instant("due date of the user's flag"),
    headers=_text("the raw header lines that decide its class"),
    meeting_type=_text("the provider's own type; empty for an ordinary mail"),
    meeting_uid=_text("series UID the mail is about, where the provider says"),
    meeting_recurrence_id=_text("and the occurrence"),
    meeting_start_at=_instant("start the mail is about"),
    first_seen_at=_instant("when we first saw it: it was written no later"),
)

RECIPIENTS = schema(
    message_id=_key("the mail"),
    role=_text("to, cc or bcc"),
    address=_text("the recipient"),
    name=_text("name written beside it"),
)

ATTENDANCE = schema(
    record_id=_key("one session of one online meeting"),
    mailbox_id=_key("the mailbox that could read the record"),
    series_uid=_text("the meeting"),
    recurrence_id=_text("the occurrence"),
    started_at=_instant("session start", null=False),
    ended_at=_instant("session end"),
    address=_text("participant; empty where not given"),
    name=_text("display name"),
    identity=_text("signed_in, guest, anonymous or phone"),
    joined_at=_instant("first join"),
    left_at=_instant("last leave"),
    seconds=_count("time present [s]"),
)

CALLS = schema(
    call_id=_key("one logged call"),
    mailbox_id=_key("who logged it"),
    at=_instant("when", null=False),
    address=_text("with whom"),
    outcome=_text("no-answer, assistant, spoke or will-call"),
    channel=_text("phone or another"),
)

TAGS = schema(
    tag_id=_key("one tag"),
    mailbox_id=_key("who set it"),
    address=_text("on whom"),
    word=_text("client, warm, let-go, machine, same-person, ..."),
    value=_text("argument of the tag (same-person: the other address)"),
    at=_instant("when", null=False),
)

PROMISES = schema(
    promise_id=_key("one promise that the user marked"),
    mailbox_id=_key("the mailbox"),
    address=_text("who promised"),
    words=_text("what, in the user's words"),
    made_at=_instant("when it was marked", null=False),
    due_at=_instant("its day, as midnight UTC of the date", null=False),
    source=_text("command, label or category"),
)

CLAIMS = schema(
    claim_id=_text("6 Crockford characters, unique per mailbox"),
    mailbox_id=_key("the mailbox whose report printed it"),
    kind=_text("M1, M6, M8, incident, kept, silence, promise or owed"),
    contact=_text("the contact"),
    meeting_key=_text("series UID, a space, recurrence id; empty for mail claims"),
    evidence_key=_text("natural key of the evidence as printed; new evidence is a new claim"),
    first_printed_at=_instant("first printed", null=False),
    last_printed_at=_instant("last printed", null=False),
)

ANSWERS = schema(
    answer_id=_key("in order of arrival"),
    mailbox_id=_key("the mailbox"),
    claim_id=_text("what it answers"),
    word=_text("them, us, both, none, held, absent, done, reached, wrong or undo"),
    at=_instant("when it was given", null=False),
    source=_text("command, mail, mark or entry"),
)

PENDING = schema(
    mailbox_id=_key("the mailbox"),
    stream=_text("mail, or calendar:<id>"),
    provider_id=_text("what is still to be fetched"),
    thread_id=_text("its thread where known"),
    not_before=_instant("it is not older than this; NaT where unknown"),
    not_after=_instant("it is not newer than this; NaT where unknown"),
    tries=_count("how often fetching failed"),
    error=_text("why it last failed; named failures are given up on"),
    given_up=_flag("a named failure: no longer tried"),
)

LOSSES = schema(
    mailbox_id=_key("the mailbox whose files were given"),
    place=_text(
        "the file by its whole path, the member of an archive behind `!/`, or records.DETAILS"
    ),
    reason=_text("why it was not read, or not to its end"),
    mails=_count("how many mails, or 1 for a file; 0 where only a detail is not told"),
    not_after=_instant("nothing in it is later than this; NaT where unknown"),
    at=_instant("when it was lost", null=False),
)

POLLS = schema(
    poll_id=_key("one look at one stream"),
    mailbox_id=_key("the mailbox"),
    stream=_text("mail, or calendar:<id>"),
    kind=_text("full, delta, backfill, fetch or import"),
    window_from=_instant("from when on this look can see facts; NaT: no lower bound known"),
    window_to=_instant("until when"),
    started_at=_instant("began", null=False),
    finished_at=_instant("completed; NaT where it failed or is going on"),
    problem=_text("why it failed; empty where it did not"),
)

MEMORY = schema(
    address=_text("the contact"),
    first_human_act=_instant("first human act ever seen"),
    last_human_act=_instant("last one"),
    first_ask=_instant("our first ask"),
    last_ask=_instant("our last ask"),
    last_introduction=_instant("last introduction"),
    last_spoke=_instant("last call spoke or will-call"),
    last_acceptance=_instant("last accepted invitation of ours"),
    last_kept=_instant("last kept meeting"),
    stage=_text("last known stage"),
)

STANDINGS = schema(
    mailbox_id=_key("the mailbox whose report it was"),
    week=_text("ISO week such as 2026-W47"),
    at=_instant("as of when", null=False),
    payload=_text("versioned JSON of the whole snapshot"),
)

SCHEMAS: MappingProxyType[str, Schema] = MappingProxyType(
    {
        "mailboxes": MAILBOXES,
        "meetings": MEETINGS,
        "observations": OBSERVATIONS,
        "guests": GUESTS,
        "messages": MESSAGES,
        "recipients": RECIPIENTS,
        "attendance": ATTENDANCE,
        "calls": CALLS,
        "tags": TAGS,
        "promises": PROMISES,
        "claims": CLAIMS,
        "answers": ANSWERS,
        "pending": PENDING,
        "losses": LOSSES,
        "polls": POLLS,
        "memory": MEMORY,
        "standings": STANDINGS,
    }
)
