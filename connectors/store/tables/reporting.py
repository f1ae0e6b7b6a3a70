"""Which tables hold what was reported, answered and run?"""

from __future__ import annotations

from sqlalchemy import Column, Index, Text, UniqueConstraint

from connectors.store.tables.columns import BIG, count, instant, of_mailbox, row_id, table, text

claims = table(
    "claims",
    of_mailbox(primary_key=True),
    Column("claim_id", Text, primary_key=True),
    text("kind"),
    text("contact"),
    text("meeting_key"),
    text("evidence_key"),
    instant("first_printed_at", null=False),
    instant("last_printed_at", null=False),
    UniqueConstraint("mailbox_id", "kind", "contact", "meeting_key", "evidence_key"),
)

answers = table(
    "answers",
    row_id("answer_id"),
    of_mailbox(),
    text("claim_id"),
    text("word"),
    instant("at", null=False),
    text("source"),
    UniqueConstraint("mailbox_id", "claim_id", "word", "at", "source"),
)

#: `state`: claimed, handed_over, seen, or released (surely not handed over: may be claimed again).
reports = table(
    "reports",
    row_id("report_id"),
    text("recipient"),
    text("week"),
    text("kind"),
    text("state"),
    text("token", unique=True),
    text("message_key"),
    count("tries", 1),
    text("problem"),
    instant("claimed_at", null=False),
    instant("handed_over_at"),
    instant("seen_at"),
    UniqueConstraint("recipient", "week", "kind"),
)

standings = table(
    "standings",
    of_mailbox(primary_key=True),
    Column("week", Text, primary_key=True),
    instant("at", null=False),
    text("payload"),
)

runs = table(
    "runs",
    row_id("run_id"),
    text("job"),
    Column("mailbox_id", BIG, nullable=True),
    instant("started_at", null=False),
    instant("ended_at"),
    text("outcome"),
    text("detail"),
    Index(None, "job", "started_at"),
)
