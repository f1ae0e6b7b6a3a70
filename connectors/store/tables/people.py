"""Which tables hold what the user says of contacts, and what is kept of them?"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Text, UniqueConstraint

from connectors.store.tables.columns import instant, of_mailbox, row_id, table, text

calls = table(
    "calls",
    row_id("call_id"),
    of_mailbox(),
    instant("at", null=False),
    text("address"),
    text("outcome"),
    text("channel"),
    UniqueConstraint("mailbox_id", "at", "address", "outcome", "channel"),
)

tags = table(
    "tags",
    row_id("tag_id"),
    of_mailbox(),
    text("address"),
    text("word"),
    text("value"),
    instant("at", null=False),
    UniqueConstraint("mailbox_id", "address", "word", "value", "at"),
)

promises = table(
    "promises",
    row_id("promise_id"),
    of_mailbox(),
    text("address"),
    text("words"),
    instant("made_at", null=False),
    instant("due_at", null=False),
    text("source"),
    UniqueConstraint("mailbox_id", "address", "words", "due_at", "source"),
)

#: What survives retention: a first and a last of each, widened and never narrowed.
#: One row for each time that more was remembered of a contact; the last one holds. The earlier ones
#: say what was known then (`--as-of`). 0: noted before that was kept.
contacts_memory = table(
    "contacts_memory",
    Column("address", Text, primary_key=True),
    Column("noted_at", BigInteger, primary_key=True),
    instant("first_human_act"),
    instant("last_human_act"),
    instant("first_ask"),
    instant("last_ask"),
    instant("last_introduction"),
    instant("last_spoke"),
    instant("last_acceptance"),
    instant("last_kept"),
    text("stage"),
)

#: Addresses that somebody asked us to forget, as keyed hashes.
suppressed = table("suppressed", Column("hash", Text, primary_key=True), instant("at", null=False))
