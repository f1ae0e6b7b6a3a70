"""In which order do the recipients of mails lie in a file? In that of their mails, without numbers of rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEPT = "message_id, position, role, address, name"


def upgrade() -> None:
    _made_anew(with_rowid=False)


def downgrade() -> None:
    _made_anew(with_rowid=True)


def _made_anew(*, with_rowid: bool) -> None:
    """The same table and rows, laid otherwise; PostgreSQL knows no such difference."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.drop_index("ix_recipients_address", "recipients")
    op.rename_table("recipients", "old_recipients")
    op.create_table(
        "recipients",
        sa.Column("message_id", _NUMBER, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.message_id"],
            name="fk_recipients_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", "position", name="pk_recipients"),
        sqlite_with_rowid=with_rowid,
    )
    op.execute(
        f"INSERT INTO recipients ({_KEPT}) SELECT {_KEPT} FROM old_recipients"  # noqa: S608
        " ORDER BY message_id, position"
    )
    op.drop_table("old_recipients")
    op.create_index("ix_recipients_address", "recipients", ["address"])
