"""By which key is a mail without a Message-ID known? By the same in every source, from now on.

Until here each source made its own. What is stored is given the key that a later look would give it, so
that a new export does not bring the mail a second time and what was answered still holds.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MESSAGES = sa.table(
    "messages",
    *(
        sa.column(name)
        for name in (
            "message_id",
            "mailbox_id",
            "provider_id",
            "message_key",
            "from_address",
            "subject",
            "at",
            "dated_at",
        )
    ),
)
_RECIPIENTS = sa.table(
    "recipients", sa.column("message_id"), sa.column("address"), sa.column("role")
)
_OBSERVATIONS = sa.table("observations", sa.column("mailbox_id"), sa.column("message_key"))
_CLAIMS = sa.table("claims", sa.column("mailbox_id"), sa.column("evidence_key"))


def upgrade() -> None:
    connection = op.get_bind()
    mails = _MESSAGES.c
    unnamed = sa.or_(mails.message_key.like("digest-%"), mails.message_key.like("%@digest.invalid"))
    for row in connection.execute(sa.select(_MESSAGES).where(unnamed)).all():
        old, new = row.message_key, _key(connection, row)
        if old == new:
            continue
        here = mails.mailbox_id == row.mailbox_id
        # A file's mails are known by their keys; one that has the new key already keeps its place.
        place = row.provider_id.replace(old, new)
        taken = sa.select(mails.message_id).where(here, mails.provider_id == place)
        if place != row.provider_id and connection.execute(taken).first() is not None:
            place = row.provider_id
        connection.execute(
            sa.update(_MESSAGES)
            .where(mails.message_id == row.message_id)
            .values(message_key=new, provider_id=place)
        )
        acts, claims = _OBSERVATIONS.c, _CLAIMS.c
        connection.execute(
            sa.update(_OBSERVATIONS)
            .where(acts.mailbox_id == row.mailbox_id, acts.message_key == old)
            .values(message_key=new)
        )
        connection.execute(
            sa.update(_CLAIMS)
            .where(claims.mailbox_id == row.mailbox_id, claims.evidence_key.contains(old))
            .values(evidence_key=sa.func.replace(claims.evidence_key, old, new))
        )


def _key(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> str:
    """connectors.model.headers.mail_keys as it was when this was written: a migration never changes."""
    people = connection.execute(
        sa.select(_RECIPIENTS.c.address).where(
            _RECIPIENTS.c.message_id == row.message_id, _RECIPIENTS.c.role.in_(("to", "cc"))
        )
    ).scalars()
    moment = row.dated_at if row.dated_at is not None else row.at
    parts = (
        row.from_address,
        "" if moment is None else str(moment // 1_000_000),
        " ".join(row.subject.split()),
        *sorted(set(people)),
    )
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()
    return f"{digest[:32]}@digest.invalid"


def downgrade() -> None:
    """The old keys cannot be made from what is stored; the new ones do no harm."""
