"""What is a pass of a sync over one stream called? A poll, in the store as everywhere else."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEPT = "mailbox_id, stream, kind, window_from, window_to, started_at, finished_at, problem"


def upgrade() -> None:
    _renamed("looks", "look_id", "polls", "poll_id")


def downgrade() -> None:
    _renamed("polls", "poll_id", "looks", "look_id")


def _renamed(old: str, old_key: str, new: str, new_key: str) -> None:
    """Made anew, so that constraints and indexes bear the new name too; the numbers stay."""
    op.create_table(
        new,
        sa.Column(new_key, _NUMBER, autoincrement=True, nullable=False),
        sa.Column("mailbox_id", _NUMBER, nullable=False),
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
            name=f"fk_{new}_mailbox_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(new_key, name=f"pk_{new}"),
        sqlite_autoincrement=True,
    )
    op.execute(
        f"INSERT INTO {new} ({new_key}, {_KEPT}) SELECT {old_key}, {_KEPT} FROM {old}"  # noqa: S608
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"SELECT setval(pg_get_serial_sequence('{new}', '{new_key}'), max({new_key})) "  # noqa: S608
            f"FROM {new} HAVING max({new_key}) IS NOT NULL"
        )
    op.drop_table(old)
    op.create_index(f"ix_{new}_mailbox_id_stream", new, ["mailbox_id", "stream"])
