"""Which tables hold how far each mailbox is read, and what is still to be fetched?"""

from __future__ import annotations

from sqlalchemy import Column, Index, Text

from connectors.store.tables.columns import count, flag, instant, of_mailbox, row_id, table, text

mailboxes = table(
    "mailboxes",
    row_id("mailbox_id"),
    text("address", unique=True),
    text("provider"),
    text("zone"),
    instant("added_at", null=False),
)

#: Whose mailboxes a provider's directory shows (`[team]`). `aliases`: one a line.
members = table(
    "members",
    Column("provider", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    text("name"),
    text("aliases"),
    instant("found_at", null=False),
)

#: `value` null: the next round is a full one. `midway`: `value` continues a round that was begun.
#: `missed_at`: when a listing last found a change that the deltas should have told and did not.
#: `sure_at`: when the last completed round began; whatever it did not show changed is older news.
cursors = table(
    "cursors",
    of_mailbox(primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("value", Text, nullable=True),
    text("parameters"),
    flag("midway"),
    instant("sure_at"),
    instant("updated_at", null=False),
    instant("missed_at"),
)

polls = table(
    "polls",
    row_id("poll_id"),
    of_mailbox(),
    text("stream"),
    text("kind"),
    instant("window_from"),
    instant("window_to"),
    instant("started_at", null=False),
    instant("finished_at"),
    text("problem"),
    Index(None, "mailbox_id", "stream"),
)

#: A round that is going on or was cut off; it may span several polls. `full`: every page of it so
#: far listed everything. `comparable`: read with the same parameters as what is stored.
rounds = table(
    "rounds",
    of_mailbox(primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    text("kind"),
    instant("started_at", null=False),
    flag("full"),
    flag("comparable"),
)

#: What an open round has listed so far.
staging = table(
    "staging",
    of_mailbox(primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("provider_id", Text, primary_key=True),
)

#: What was listed and not fetched yet, and (`given_up`) what never could be.
pending = table(
    "pending",
    of_mailbox(primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("provider_id", Text, primary_key=True),
    text("thread_id"),
    count("priority", 5),
    instant("not_before"),
    instant("not_after"),
    count("tries"),
    text("error"),
    flag("given_up"),
    count("tried_in"),
    instant("listed_at", null=False),
    Index(None, "mailbox_id", "stream", "given_up", "priority"),
)

#: Files that were given to an import and not read, or `count` mails in them; `not_after`: nothing
#: in it is later.
losses = table(
    "losses",
    # as its migration called it: a later one must find it by one name in every store
    of_mailbox(named="fk_losses_mailbox_id_mailboxes", primary_key=True),
    Column("place", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    count("count", 1),
    instant("not_after"),
    instant("at", null=False),
)
