"""How does a mail out of a file find its place again, where two mails bear one Message-ID?

By what it says of itself behind its key, from now on. Mails that were imported before get the id that
a new import would give them, so that it does not bring them a second time.
"""

from __future__ import annotations

import zlib

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NAMES = ("message_id", "mailbox_id", "provider_id", "message_key", "from_address", "subject")
_MESSAGES = sa.table("messages", *(sa.column(name) for name in (*_NAMES, "dated_at")))
_BLOCK = 5_000


def upgrade() -> None:
    connection = op.get_bind()
    mails = _MESSAGES.c
    # Only files name a mail by its key alone; a provider's own ids are not made of it.
    old = sa.or_(
        mails.provider_id == mails.message_key, mails.provider_id == "sent:" + mails.message_key
    )
    change = (
        sa.update(_MESSAGES)
        .where(mails.message_id == sa.bindparam("number"))
        .values(provider_id=sa.bindparam("place"))
    )
    last = 0
    while True:
        query = sa.select(_MESSAGES).where(old, mails.message_id > last, mails.message_key != "")
        rows = connection.execute(query.order_by(mails.message_id).limit(_BLOCK)).all()
        if not rows:
            return
        last = rows[-1].message_id
        # An id is a mailbox's only once, and the new one holds the old: none can be taken.
        connection.execute(
            change, [{"number": row.message_id, "place": _place(row)} for row in rows]
        )


def _place(row: sa.Row[tuple[object, ...]]) -> str:
    """connectors.model.headers.mail_keys as it was when this was written: a migration never changes."""
    date = "" if row.dated_at is None else str(row.dated_at)
    content = zlib.crc32(f"{row.from_address}\n{date}\n{row.subject}".encode("utf-8", "replace"))
    return f"{row.provider_id} {content:08x}"


def downgrade() -> None:
    """The new ids do no harm to what came before."""
