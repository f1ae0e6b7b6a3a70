"""Which tables did the first version have?"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: SQLite numbers rows by itself only in a column of the type INTEGER.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contacts_memory",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("first_human_act", sa.BigInteger(), nullable=True),
        sa.Column("last_human_act", sa.BigInteger(), nullable=True),
        sa.Column("first_ask", sa.BigInteger(), nullable=True),
        sa.Column("last_ask", sa.BigInteger(), nullable=True),
        sa.Column("last_introduction", sa.BigInteger(), nullable=True),
        sa.Column("last_spoke", sa.BigInteger(), nullable=True),
        sa.Column("last_acceptance", sa.BigInteger(), nullable=True),
        sa.Column("last_kept", sa.BigInteger(), nullable=True),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_contacts_memory")),
    )
    op.create_table(
        "limits",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("capacity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("full_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_limits")),
    )
    op.create_table(
        "mailboxes",
        sa.Column("mailbox_id", BIG, autoincrement=True, nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("provider", sa.Text(), server_default="", nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox_id", name=op.f("pk_mailboxes")),
        sa.UniqueConstraint("address", name=op.f("uq_mailboxes_address")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "reports",
        sa.Column("report_id", BIG, autoincrement=True, nullable=False),
        sa.Column("recipient", sa.Text(), server_default="", nullable=False),
        sa.Column("week", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("token", sa.Text(), server_default="", nullable=False),
        sa.Column("message_key", sa.Text(), server_default="", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("handed_over_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_reports")),
        sa.UniqueConstraint(
            "recipient", "week", "kind", name=op.f("uq_reports_recipient_week_kind")
        ),
        sa.UniqueConstraint("token", name=op.f("uq_reports_token")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "runs",
        sa.Column("run_id", BIG, autoincrement=True, nullable=False),
        sa.Column("job", sa.Text(), server_default="", nullable=False),
        sa.Column("mailbox_id", BIG, nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_runs_job_started_at"), ["job", "started_at"], unique=False
        )

    op.create_table(
        "suppressed",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_suppressed")),
    )
    op.create_table(
        "answers",
        sa.Column("answer_id", BIG, autoincrement=True, nullable=False),
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("claim_id", sa.Text(), server_default="", nullable=False),
        sa.Column("word", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_answers_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_answers")),
        sa.UniqueConstraint(
            "mailbox_id",
            "claim_id",
            "word",
            "at",
            "source",
            name=op.f("uq_answers_mailbox_id_claim_id_word_at_source"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "attendance",
        sa.Column("record_id", BIG, autoincrement=True, nullable=False),
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("provider_id", sa.Text(), server_default="", nullable=False),
        sa.Column("series_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("recurrence_id", sa.Text(), server_default="", nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_attendance_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "mailbox_id", "provider_id", name=op.f("uq_attendance_mailbox_id_provider_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "calls",
        sa.Column("call_id", BIG, autoincrement=True, nullable=False),
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_calls_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_calls")),
        sa.UniqueConstraint(
            "mailbox_id",
            "at",
            "address",
            "outcome",
            "channel",
            name=op.f("uq_calls_mailbox_id_at_address_outcome_channel"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "claims",
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("meeting_key", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence_key", sa.Text(), server_default="", nullable=False),
        sa.Column("first_printed_at", sa.BigInteger(), nullable=False),
        sa.Column("last_printed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_claims_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mailbox_id", "claim_id", name=op.f("pk_claims")),
        sa.UniqueConstraint(
            "mailbox_id",
            "kind",
            "contact",
            "meeting_key",
            "evidence_key",
            name=op.f("uq_claims_mailbox_id_kind_contact_meeting_key_evidence_key"),
        ),
    )
    op.create_table(
        "cursors",
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("parameters", sa.Text(), server_default="", nullable=False),
        sa.Column("midway", sa.Boolean(), nullable=False),
        sa.Column("sure_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_cursors_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mailbox_id", "stream", name=op.f("pk_cursors")),
    )
    op.create_table(
        "looks",
        sa.Column("look_id", BIG, autoincrement=True, nullable=False),
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("stream", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("window_from", sa.BigInteger(), nullable=True),
        sa.Column("window_to", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_looks_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("look_id", name=op.f("pk_looks")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("looks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_looks_mailbox_id_stream"), ["mailbox_id", "stream"], unique=False
        )

    op.create_table(
        "meetings",
        sa.Column("meeting_id", BIG, autoincrement=True, nullable=False),
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("calendar_id", sa.Text(), server_default="", nullable=False),
        sa.Column("provider_id", sa.Text(), server_default="", nullable=False),
        sa.Column("series_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("recurrence_id", sa.Text(), server_default="", nullable=False),
        sa.Column("acts_only", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=True),
        sa.Column("end_at", sa.BigInteger(), nullable=True),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_exact", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.Column("sure_at", sa.BigInteger(), nullable=True),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_meetings_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_meetings")),
        sa.UniqueConstraint(
            "mailbox_id",
            "calendar_id",
            "provider_id",
            name=op.f("uq_meetings_mailbox_id_calendar_id_provider_id"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_meetings_mailbox_id_calendar_id_end_at"),
            ["mailbox_id", "calendar_id", "end_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_meetings_mailbox_id_series_uid_recurrence_id"),
            ["mailbox_id", "series_uid", "recurrence_id"],
            unique=False,
        )

    op.create_table(
        "messages",
        sa.Column("message_id", BIG, autoincrement=True, nullable=False),
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("provider_id", sa.Text(), server_default="", nullable=False),
        sa.Column("thread_id", sa.Text(), server_default="", nullable=False),
        sa.Column("message_key", sa.Text(), server_default="", nullable=False),
        sa.Column("in_reply_to", sa.Text(), server_default="", nullable=False),
        sa.Column("reference_keys", sa.Text(), server_default="", nullable=False),
        sa.Column("from_address", sa.Text(), server_default="", nullable=False),
        sa.Column("from_name", sa.Text(), server_default="", nullable=False),
        sa.Column("sender_address", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("dated_at", sa.BigInteger(), nullable=True),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("chat", sa.Boolean(), nullable=False),
        sa.Column("inbox", sa.Boolean(), nullable=False),
        sa.Column("spam", sa.Boolean(), nullable=False),
        sa.Column("trash", sa.Boolean(), nullable=False),
        sa.Column("promotions", sa.Boolean(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("important", sa.Boolean(), nullable=False),
        sa.Column("labels", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("headers", sa.Text(), server_default="", nullable=False),
        sa.Column("meeting_type", sa.Text(), server_default="", nullable=False),
        sa.Column("meeting_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("meeting_recurrence_id", sa.Text(), server_default="", nullable=False),
        sa.Column("meeting_start_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Text(), server_default="", nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_messages_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "mailbox_id", "provider_id", name=op.f("uq_messages_mailbox_id_provider_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_messages_from_address"), ["from_address"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_messages_mailbox_id_at"), ["mailbox_id", "at"], unique=False
        )

    op.create_table(
        "pending",
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", sa.BigInteger(), server_default="5", nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("not_after", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("given_up", sa.Boolean(), nullable=False),
        sa.Column("tried_in", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("listed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_pending_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mailbox_id", "stream", "provider_id", name=op.f("pk_pending")),
    )
    with op.batch_alter_table("pending", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pending_mailbox_id_stream_given_up_priority"),
            ["mailbox_id", "stream", "given_up", "priority"],
            unique=False,
        )

    op.create_table(
        "promises",
        sa.Column("promise_id", BIG, autoincrement=True, nullable=False),
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_promises_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("promise_id", name=op.f("pk_promises")),
        sa.UniqueConstraint(
            "mailbox_id",
            "address",
            "words",
            "due_at",
            "source",
            name=op.f("uq_promises_mailbox_id_address_words_due_at_source"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rounds",
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("comparable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_rounds_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mailbox_id", "stream", "name", name=op.f("pk_rounds")),
    )
    op.create_table(
        "staging",
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_staging_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "mailbox_id", "stream", "name", "provider_id", name=op.f("pk_staging")
        ),
    )
    op.create_table(
        "standings",
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_standings_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mailbox_id", "week", name=op.f("pk_standings")),
    )
    op.create_table(
        "tags",
        sa.Column("tag_id", BIG, autoincrement=True, nullable=False),
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("word", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_tags_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tag_id", name=op.f("pk_tags")),
        sa.UniqueConstraint(
            "mailbox_id",
            "address",
            "word",
            "value",
            "at",
            name=op.f("uq_tags_mailbox_id_address_word_value_at"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "observations",
        sa.Column("observation_id", BIG, autoincrement=True, nullable=False),
        sa.Column("meeting_id", BIG, nullable=False),
        sa.Column("mailbox_id", BIG, nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("method", sa.Text(), server_default="", nullable=False),
        sa.Column("seen_after", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("acted_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("stub", sa.Boolean(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=True),
        sa.Column("end_at", sa.BigInteger(), nullable=True),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default="-1", nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_exact", sa.Boolean(), nullable=False),
        sa.Column("previous_start_at", sa.BigInteger(), nullable=True),
        sa.Column("organizer", sa.Text(), server_default="", nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_by", sa.Text(), server_default="", nullable=False),
        sa.Column("guests_complete", sa.Boolean(), nullable=False),
        sa.Column("guests_can_modify", sa.Boolean(), nullable=False),
        sa.Column("message_key", sa.Text(), server_default="", nullable=False),
        sa.Column("act_key", sa.Text(), server_default="", nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("organizer_name", sa.Text(), server_default="", nullable=False),
        sa.Column("organizer_is_self", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("online", sa.Text(), server_default="", nullable=False),
        sa.Column("on_site", sa.Boolean(), nullable=False),
        sa.Column("html_link", sa.Text(), server_default="", nullable=False),
        sa.Column("mark", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.mailbox_id"],
            name=op.f("fk_observations_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meetings.meeting_id"],
            name=op.f("fk_observations_meeting_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("observation_id", name=op.f("pk_observations")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("observations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_observations_meeting_id"), ["meeting_id"], unique=False
        )

    op.create_table(
        "participants",
        sa.Column("record_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("identity", sa.Text(), server_default="", nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["attendance.record_id"],
            name=op.f("fk_participants_record_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("record_id", "position", name=op.f("pk_participants")),
    )
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participants_address"), ["address"], unique=False)

    op.create_table(
        "recipients",
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.message_id"],
            name=op.f("fk_recipients_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("pk_recipients")),
    )
    with op.batch_alter_table("recipients", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recipients_address"), ["address"], unique=False)

    op.create_table(
        "attendees",
        sa.Column("observation_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("response", sa.Text(), server_default="", nullable=False),
        sa.Column("responded_at", sa.BigInteger(), nullable=True),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.Column("resource", sa.Boolean(), nullable=False),
        sa.Column("is_self", sa.Boolean(), nullable=False),
        sa.Column("is_organizer", sa.Boolean(), nullable=False),
        sa.Column("machine", sa.Boolean(), nullable=False),
        sa.Column("proposed_start", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["observation_id"],
            ["observations.observation_id"],
            name=op.f("fk_attendees_observation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("observation_id", "position", name=op.f("pk_attendees")),
    )
    with op.batch_alter_table("attendees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendees_address"), ["address"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("attendees", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendees_address"))

    op.drop_table("attendees")
    with op.batch_alter_table("recipients", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recipients_address"))

    op.drop_table("recipients")
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_participants_address"))

    op.drop_table("participants")
    with op.batch_alter_table("observations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_observations_meeting_id"))

    op.drop_table("observations")
    op.drop_table("tags")
    op.drop_table("standings")
    op.drop_table("staging")
    op.drop_table("rounds")
    op.drop_table("promises")
    with op.batch_alter_table("pending", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pending_mailbox_id_stream_given_up_priority"))

    op.drop_table("pending")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messages_mailbox_id_at"))
        batch_op.drop_index(batch_op.f("ix_messages_from_address"))

    op.drop_table("messages")
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meetings_mailbox_id_series_uid_recurrence_id"))
        batch_op.drop_index(batch_op.f("ix_meetings_mailbox_id_calendar_id_end_at"))

    op.drop_table("meetings")
    with op.batch_alter_table("looks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_looks_mailbox_id_stream"))

    op.drop_table("looks")
    op.drop_table("cursors")
    op.drop_table("claims")
    op.drop_table("calls")
    op.drop_table("attendance")
    op.drop_table("answers")
    op.drop_table("suppressed")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_runs_job_started_at"))

    op.drop_table("runs")
    op.drop_table("reports")
    op.drop_table("meta")
    op.drop_table("mailboxes")
    op.drop_table("limits")
    op.drop_table("contacts_memory")
