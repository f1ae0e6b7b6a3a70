"""How are one contact's facts found without reading all? By links between mails, and narrow indexes.

The mails that are stored already are linked here, a few thousand at a time.
"""

from __future__ import annotations

from operator import itemgetter
from zlib import crc32

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STEP = 20_000
_NAMED = "{0} <> ''"
_PECULIAR = (
    "replace(replace(lower(subject), 'noshow', ''), 'no\u017fhow', '') <> lower(subject)"
    " OR replace(replace(replace(headers, 'x-failed-recipients:', ''), 'list-post:', ''),"
    " 'x-original-from:', '') <> headers"
    " OR (replace(headers, 'list-id:', '') <> headers"
    " AND replace(replace(lower(from_name), 'via', ''), 'ber', '') <> lower(from_name))"
)
_TITLED = "replace(replace(lower(subject), 'absent', ''), '\uff41\uff42\uff53\uff45\uff4e\uff54', '') <> lower(subject)"
#: Name, table, column, and of which rows alone (None: all).
_INDEXES = (
    ("ix_messages_sender_address", "messages", "sender_address", _NAMED.format("sender_address")),
    ("ix_messages_meeting_uid", "messages", "meeting_uid", _NAMED.format("meeting_uid")),
    ("ix_messages_peculiar", "messages", "message_id", _PECULIAR),
    ("ix_observations_organizer", "observations", "organizer", None),
    ("ix_observations_start_at", "observations", "start_at", None),
    ("ix_observations_actor", "observations", "actor", _NAMED.format("actor")),
    ("ix_observations_sent_by", "observations", "sent_by", _NAMED.format("sent_by")),
    ("ix_observations_message_key", "observations", "message_key", _NAMED.format("message_key")),
    ("ix_observations_marked", "observations", "meeting_id", _NAMED.format("mark")),
    ("ix_observations_titled", "observations", "meeting_id", _TITLED),
    ("ix_observations_long", "observations", "start_at", "end_at - start_at > 86400000000"),
)


def upgrade() -> None:
    op.create_table(
        "mail_links",
        sa.Column("link", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("link", "message_id", name="pk_mail_links"),
        sqlite_with_rowid=False,
    )
    _link_all()
    for name, table, column, where in _INDEXES:
        some = sa.text(where) if where else None
        op.create_index(name, table, [column], sqlite_where=some, postgresql_where=some)


def _link_all() -> None:
    connection = op.get_bind()
    labels = (
        "message_id",
        "mailbox_id",
        "thread_id",
        "message_key",
        "in_reply_to",
        "reference_keys",
    )
    mails = sa.table("messages", *(sa.column(label) for label in labels))
    query = sa.select(*mails.c).order_by(mails.c.message_id).limit(_STEP)
    kept = sa.table("mail_links", sa.column("message_id"), sa.column("link"))
    last = -1
    while found := connection.execute(query.where(mails.c.message_id > last)).all():
        last = found[-1][0]
        rows = [
            {"message_id": number, "link": link}
            for number, box, thread, own, answered, named in found
            for link in _links(box, thread, (own, answered, *named.split(" ")))
        ]
        # In their order: each would else be written at a place of its own.
        rows.sort(key=itemgetter("link"))
        if rows:
            connection.execute(sa.insert(kept), rows)


def _links(box: int, thread: str, keys: tuple[str, ...]) -> set[int]:
    found = {crc32(one.encode()) for one in keys if one}
    return found | {crc32(f"{box} {thread}".encode())} if thread else found


def downgrade() -> None:
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table)
    op.drop_table("mail_links")
