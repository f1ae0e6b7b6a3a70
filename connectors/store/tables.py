"""Which tables hold the facts, and what does each column mean?

All instants are integer microseconds UTC, null where unknown; text is "" where absent. What a
frame shows of a table is said in connectors.model.schemas; the columns beyond that are the store's
own (when we saw something, how we compare). Changed only together with a new migration.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
#: SQLite numbers rows by itself only in a column of the type INTEGER.
BIG = BigInteger().with_variant(Integer, "sqlite")


def _id(name: str) -> Column[int]:
    return Column(name, BIG, primary_key=True, autoincrement=True)


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="", **options)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _count(name: str, default: int = 0) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=str(default))


def _instant(name: str, *, null: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _mailbox(**options: Any) -> Column[int]:
    return Column(
        "mailbox_id",
        BIG,
        ForeignKey("mailboxes.mailbox_id", ondelete="CASCADE"),
        nullable=False,
        **options,
    )


def _table(name: str, *parts: Any) -> Table:
    # Row numbers are never used twice: "in order of arrival" must survive a deletion.
    return Table(name, METADATA, *parts, sqlite_autoincrement=any(_counts(part) for part in parts))


def _counts(part: Any) -> bool:
    return isinstance(part, Column) and part.primary_key and part.autoincrement is True


#: Facts about the store itself: the key of the suppression hashes.
meta = _table("meta", Column("key", Text, primary_key=True), _text("value"))

mailboxes = _table(
    "mailboxes",
    _id("mailbox_id"),
    _text("address", unique=True),
    _text("provider"),
    _text("zone"),
    _instant("added_at", null=False),
)

#: `value` null: the next round is a full one. `midway`: `value` continues a round that was begun.
#: `missed_at`: when a listing last found a change that the deltas should have told and did not.
#: `sure_at`: when the last completed round began; whatever it did not show changed is older news.
cursors = _table(
    "cursors",
    _mailbox(primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("value", Text, nullable=True),
    _text("parameters"),
    _flag("midway"),
    _instant("sure_at"),
    _instant("updated_at", null=False),
    _instant("missed_at"),
)

looks = _table(
    "looks",
    _id("look_id"),
    _mailbox(),
    _text("stream"),
    _text("kind"),
    _instant("window_from"),
    _instant("window_to"),
    _instant("started_at", null=False),
    _instant("finished_at"),
    _text("problem"),
    Index(None, "mailbox_id", "stream"),
)

#: A round that is going on or was cut off; it may span several looks. `full`: every page of it so
#: far listed everything. `comparable`: read with the same parameters as what is stored.
rounds = _table(
    "rounds",
    _mailbox(primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    _text("kind"),
    _instant("started_at", null=False),
    _flag("full"),
    _flag("comparable"),
)

#: What an open round has listed so far.
staging = _table(
    "staging",
    _mailbox(primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("provider_id", Text, primary_key=True),
)

#: One copy of one meeting. Beside its keys only what the next page is compared with; its state
#: lies in the observations. `acts_only`: no calendar has shown it, only mails or a log spoke of it.
#: `sure_at`: its last listed state was surely true at that moment.
meetings = _table(
    "meetings",
    _id("meeting_id"),
    _mailbox(),
    _text("calendar_id"),
    _text("provider_id"),
    _text("series_uid"),
    _text("recurrence_id"),
    _flag("acts_only"),
    _text("status"),
    _text("subject"),
    _instant("start_at"),
    _instant("end_at"),
    _flag("all_day"),
    _instant("updated_at"),
    _flag("updated_exact"),
    _text("fingerprint"),
    _instant("sure_at"),
    _instant("first_seen_at", null=False),
    _instant("last_seen_at", null=False),
    UniqueConstraint("mailbox_id", "calendar_id", "provider_id"),
    Index(None, "mailbox_id", "series_uid", "recurrence_id"),
    Index(None, "mailbox_id", "calendar_id", "end_at"),
)

#: Append-only. The columns behind `message_key` are the meeting's state as this look showed it;
#: `subject` is the last that was known. `act_key` is the natural key of a dated act.
observations = _table(
    "observations",
    _id("observation_id"),
    Column(
        "meeting_id",
        BIG,
        ForeignKey("meetings.meeting_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    _mailbox(),
    _text("evidence"),
    _text("method"),
    _instant("seen_after"),
    _instant("seen_at", null=False),
    _instant("acted_at"),
    _text("status"),
    _flag("stub"),
    _instant("start_at"),
    _instant("end_at"),
    _flag("all_day"),
    _count("sequence", -1),
    _instant("updated_at"),
    _flag("updated_exact"),
    _instant("previous_start_at"),
    _text("organizer"),
    _text("actor"),
    _text("sent_by"),
    _flag("guests_complete"),
    _flag("guests_can_modify"),
    _text("message_key"),
    _text("act_key"),
    _text("zone"),
    _text("subject"),
    _text("organizer_name"),
    _flag("organizer_is_self"),
    _instant("created_at"),
    _text("kind"),
    _flag("free"),
    _flag("private"),
    _text("online"),
    _flag("on_site"),
    _text("html_link"),
    _text("mark"),
)

attendees = _table(
    "attendees",
    Column(
        "observation_id",
        BIG,
        ForeignKey("observations.observation_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True),
    _text("address"),
    _text("name"),
    _text("response"),
    _instant("responded_at"),
    _flag("optional"),
    _flag("resource"),
    _flag("is_self"),
    _flag("is_organizer"),
    _flag("machine"),
    _instant("proposed_start"),
    Index(None, "address"),
)

messages = _table(
    "messages",
    _id("message_id"),
    _mailbox(),
    _text("provider_id"),
    _text("thread_id"),
    _text("message_key"),
    _text("in_reply_to"),
    _text("reference_keys"),
    _text("from_address"),
    _text("from_name"),
    _text("sender_address"),
    _text("subject"),
    _instant("at"),
    _instant("dated_at"),
    _flag("sent"),
    _flag("draft"),
    _flag("chat"),
    _flag("inbox"),
    _flag("spam"),
    _flag("trash"),
    _flag("promotions"),
    _flag("flagged"),
    _flag("important"),
    _text("labels"),
    _instant("due_at"),
    _count("size"),
    _text("headers"),
    _text("meeting_type"),
    _text("meeting_uid"),
    _text("meeting_recurrence_id"),
    _instant("meeting_start_at"),
    _text("revision"),
    _instant("first_seen_at", null=False),
    _instant("deleted_at"),
    UniqueConstraint("mailbox_id", "provider_id"),
    Index(None, "mailbox_id", "at"),
    Index(None, "from_address"),
)

recipients = _table(
    "recipients",
    Column(
        "message_id",
        BIG,
        ForeignKey("messages.message_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True),
    _text("role"),
    _text("address"),
    _text("name"),
    Index(None, "address"),
)

attendance = _table(
    "attendance",
    _id("record_id"),
    _mailbox(),
    _text("provider_id"),
    _text("series_uid"),
    _text("recurrence_id"),
    _instant("started_at", null=False),
    _instant("ended_at"),
    _instant("first_seen_at", null=False),
    UniqueConstraint("mailbox_id", "provider_id"),
)

participants = _table(
    "participants",
    Column(
        "record_id",
        BIG,
        ForeignKey("attendance.record_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True),
    _text("address"),
    _text("name"),
    _text("identity"),
    _instant("joined_at"),
    _instant("left_at"),
    _count("seconds"),
    Index(None, "address"),
)

#: What was listed and not fetched yet, and (`given_up`) what never could be.
pending = _table(
    "pending",
    _mailbox(primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("provider_id", Text, primary_key=True),
    _text("thread_id"),
    _count("priority", 5),
    _instant("not_before"),
    _instant("not_after"),
    _count("tries"),
    _text("error"),
    _flag("given_up"),
    _count("tried_in"),
    _instant("listed_at", null=False),
    Index(None, "mailbox_id", "stream", "given_up", "priority"),
)

#: Files that were given to an import and not read, or `count` mails in them; `not_after`: nothing
#: in it is later.
losses = _table(
    "losses",
    _mailbox(primary_key=True),
    Column("place", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    _count("count", 1),
    _instant("not_after"),
    _instant("at", null=False),
)

calls = _table(
    "calls",
    _id("call_id"),
    _mailbox(),
    _instant("at", null=False),
    _text("address"),
    _text("outcome"),
    _text("channel"),
    UniqueConstraint("mailbox_id", "at", "address", "outcome", "channel"),
)

tags = _table(
    "tags",
    _id("tag_id"),
    _mailbox(),
    _text("address"),
    _text("word"),
    _text("value"),
    _instant("at", null=False),
    UniqueConstraint("mailbox_id", "address", "word", "value", "at"),
)

promises = _table(
    "promises",
    _id("promise_id"),
    _mailbox(),
    _text("address"),
    _text("words"),
    _instant("made_at", null=False),
    _instant("due_at", null=False),
    _text("source"),
    UniqueConstraint("mailbox_id", "address", "words", "due_at", "source"),
)

claims = _table(
    "claims",
    _mailbox(primary_key=True),
    Column("claim_id", Text, primary_key=True),
    _text("kind"),
    _text("contact"),
    _text("meeting_key"),
    _text("evidence_key"),
    _instant("first_printed_at", null=False),
    _instant("last_printed_at", null=False),
    UniqueConstraint("mailbox_id", "kind", "contact", "meeting_key", "evidence_key"),
)

answers = _table(
    "answers",
    _id("answer_id"),
    _mailbox(),
    _text("claim_id"),
    _text("word"),
    _instant("at", null=False),
    _text("source"),
    UniqueConstraint("mailbox_id", "claim_id", "word", "at", "source"),
)

#: What survives retention: a first and a last of each, widened and never narrowed.
#: One row for each time that more was remembered of a contact; the last one holds. The earlier ones
#: say what was known then (`--as-of`). 0: noted before that was kept.
contacts_memory = _table(
    "contacts_memory",
    Column("address", Text, primary_key=True),
    Column("noted_at", BigInteger, primary_key=True),
    _instant("first_human_act"),
    _instant("last_human_act"),
    _instant("first_ask"),
    _instant("last_ask"),
    _instant("last_introduction"),
    _instant("last_spoke"),
    _instant("last_acceptance"),
    _instant("last_kept"),
    _text("stage"),
)

#: Addresses that somebody asked us to forget, as keyed hashes.
suppressed = _table(
    "suppressed", Column("hash", Text, primary_key=True), _instant("at", null=False)
)

#: `state`: claimed, handed_over, seen, or released (surely not handed over: may be claimed again).
reports = _table(
    "reports",
    _id("report_id"),
    _text("recipient"),
    _text("week"),
    _text("kind"),
    _text("state"),
    _text("token", unique=True),
    _text("message_key"),
    _count("tries", 1),
    _text("problem"),
    _instant("claimed_at", null=False),
    _instant("handed_over_at"),
    _instant("seen_at"),
    UniqueConstraint("recipient", "week", "kind"),
)

standings = _table(
    "standings",
    _mailbox(primary_key=True),
    Column("week", Text, primary_key=True),
    _instant("at", null=False),
    _text("payload"),
)

runs = _table(
    "runs",
    _id("run_id"),
    _text("job"),
    Column("mailbox_id", BIG, nullable=True),
    _instant("started_at", null=False),
    _instant("ended_at"),
    _text("outcome"),
    _text("detail"),
    Index(None, "job", "started_at"),
)

#: `full_at`: when the bucket will be full again; further ahead means emptier.
limits = _table(
    "limits",
    Column("key", Text, primary_key=True),
    _count("per_minute"),
    _count("capacity"),
    _instant("full_at", null=False),
)
