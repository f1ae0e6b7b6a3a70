"""Which tables hold what calendars, mailboxes and records of calls show?"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, UniqueConstraint

from connectors.store.tables.columns import (
    BIG,
    count,
    flag,
    instant,
    of_mailbox,
    row_id,
    some,
    table,
    text,
)

#: Words of SQL by which rows are found that few questions need: an index holds these rows alone.
NAMED = "{0} <> ''"
#: The mails that tell of somebody in words, not in a column: an answer to noshow, whom a bounce names,
#: the author behind a mailing list, a list's own address. Also as somebody with a phone may write it.
PECULIAR = (
    "replace(replace(lower(subject), 'noshow', ''), 'no\u017fhow', '') <> lower(subject)"
    " OR replace(replace(replace(headers, 'x-failed-recipients:', ''), 'list-post:', ''),"
    " 'x-original-from:', '') <> headers"
    " OR (replace(headers, 'list-id:', '') <> headers"
    " AND replace(replace(lower(from_name), 'via', ''), 'ber', '') <> lower(from_name))"
)
#: Entries that may be titled as a private mark.
TITLED = "replace(replace(lower(subject), 'absent', ''), '\uff41\uff42\uff53\uff45\uff4e\uff54', '') <> lower(subject)"
#: Entries that fill more than a day [µs].
LONG = "end_at - start_at > 86400000000"

#: One copy of one meeting. Beside its keys only what the next page is compared with; its state
#: lies in the observations. `acts_only`: no calendar has shown it, only mails or a log spoke of it.
#: `sure_at`: its last listed state was surely true at that moment.
meetings = table(
    "meetings",
    row_id("meeting_id"),
    of_mailbox(),
    text("calendar_id"),
    text("provider_id"),
    text("series_uid"),
    text("recurrence_id"),
    flag("acts_only"),
    text("status"),
    text("subject"),
    instant("start_at"),
    instant("end_at"),
    flag("all_day"),
    instant("updated_at"),
    flag("updated_exact"),
    text("fingerprint"),
    instant("sure_at"),
    instant("first_seen_at", null=False),
    instant("last_seen_at", null=False),
    UniqueConstraint("mailbox_id", "calendar_id", "provider_id"),
    Index(None, "mailbox_id", "series_uid", "recurrence_id"),
    Index(None, "mailbox_id", "calendar_id", "end_at"),
)

#: Append-only. The columns behind `message_key` are the meeting's state as this poll showed it;
#: `subject` is the last that was known. `act_key` is the natural key of a dated act.
observations = table(
    "observations",
    row_id("observation_id"),
    Column(
        "meeting_id",
        BIG,
        ForeignKey("meetings.meeting_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    of_mailbox(),
    text("evidence"),
    text("method"),
    instant("seen_after"),
    instant("seen_at", null=False),
    instant("acted_at"),
    text("status"),
    flag("stub"),
    instant("start_at"),
    instant("end_at"),
    flag("all_day"),
    count("sequence", -1),
    instant("updated_at"),
    flag("updated_exact"),
    instant("previous_start_at"),
    text("organizer"),
    text("actor"),
    text("sent_by"),
    flag("guests_complete"),
    flag("guests_can_modify"),
    text("message_key"),
    text("act_key"),
    text("zone"),
    text("subject"),
    text("organizer_name"),
    flag("organizer_is_self"),
    instant("created_at"),
    text("kind"),
    flag("free"),
    flag("private"),
    text("online"),
    flag("on_site"),
    text("html_link"),
    text("mark"),
    Index(None, "organizer"),
    Index(None, "start_at"),
    some("ix_observations_actor", "actor", NAMED.format("actor")),
    some("ix_observations_sent_by", "sent_by", NAMED.format("sent_by")),
    some("ix_observations_message_key", "message_key", NAMED.format("message_key")),
    some("ix_observations_marked", "meeting_id", NAMED.format("mark")),
    some("ix_observations_titled", "meeting_id", TITLED),
    some("ix_observations_long", "start_at", LONG),
)

attendees = table(
    "attendees",
    Column(
        "observation_id",
        BIG,
        ForeignKey("observations.observation_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True),
    text("address"),
    text("name"),
    text("response"),
    instant("responded_at"),
    flag("optional"),
    flag("resource"),
    flag("is_self"),
    flag("is_organizer"),
    flag("machine"),
    instant("proposed_start"),
    Index(None, "address"),
)

messages = table(
    "messages",
    row_id("message_id"),
    of_mailbox(),
    text("provider_id"),
    text("thread_id"),
    text("message_key"),
    text("in_reply_to"),
    text("reference_keys"),
    text("from_address"),
    text("from_name"),
    text("sender_address"),
    text("subject"),
    instant("at"),
    instant("dated_at"),
    flag("sent"),
    flag("draft"),
    flag("chat"),
    flag("inbox"),
    flag("spam"),
    flag("trash"),
    flag("promotions"),
    flag("flagged"),
    flag("important"),
    text("labels"),
    instant("due_at"),
    count("size"),
    text("headers"),
    text("meeting_type"),
    text("meeting_uid"),
    text("meeting_recurrence_id"),
    instant("meeting_start_at"),
    text("revision"),
    instant("first_seen_at", null=False),
    instant("deleted_at"),
    UniqueConstraint("mailbox_id", "provider_id"),
    Index(None, "mailbox_id", "at"),
    Index(None, "from_address"),
    some("ix_messages_sender_address", "sender_address", NAMED.format("sender_address")),
    some("ix_messages_meeting_uid", "meeting_uid", NAMED.format("meeting_uid")),
    some("ix_messages_peculiar", "message_id", PECULIAR),
)

#: By what mails hang together, as short numbers (connectors.model.mail_links): a mail's own Message-ID, those that
#: it names, its provider's thread. Two mails without a common number are of two conversations. In the order
#: of the numbers alone: what a number of a mail that is gone still says is nothing.
mail_links = table(
    "mail_links",
    Column("link", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

#: Links of new mails, in the order they came, until they are many enough to be sorted into the others.
new_mail_links = table(
    "new_mail_links",
    Column("link", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
)

#: In the order of its key alone: a row without an index of its own, which its address then leads to.
recipients = table(
    "recipients",
    Column(
        "message_id",
        BIG,
        ForeignKey("messages.message_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True),
    text("role"),
    text("address"),
    text("name"),
    Index(None, "address"),
    sqlite_with_rowid=False,
)

attendance = table(
    "attendance",
    row_id("record_id"),
    of_mailbox(),
    text("provider_id"),
    text("series_uid"),
    text("recurrence_id"),
    instant("started_at", null=False),
    instant("ended_at"),
    instant("first_seen_at", null=False),
    UniqueConstraint("mailbox_id", "provider_id"),
)

participants = table(
    "participants",
    Column(
        "record_id",
        BIG,
        ForeignKey("attendance.record_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True),
    text("address"),
    text("name"),
    text("identity"),
    instant("joined_at"),
    instant("left_at"),
    count("seconds"),
    Index(None, "address"),
)
