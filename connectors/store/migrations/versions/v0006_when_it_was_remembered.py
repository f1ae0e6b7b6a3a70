"""When was each thing remembered of a contact? So that a report as of then knows no more.

What was remembered until here has no such moment: it counts as always known.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NAME = "pk_contacts_memory"


def upgrade() -> None:
    with op.batch_alter_table("contacts_memory") as table:
        table.add_column(sa.Column("noted_at", sa.BigInteger(), nullable=False, server_default="0"))
        table.drop_constraint(_NAME, type_="primary")
        table.create_primary_key(_NAME, ["address", "noted_at"])
    with op.batch_alter_table("contacts_memory") as table:
        table.alter_column("noted_at", server_default=None)


def downgrade() -> None:
    """What was remembered last stays."""
    memory = sa.table("contacts_memory", sa.column("address"), sa.column("noted_at"))
    newer = memory.alias()
    op.execute(
        sa.delete(memory).where(
            sa.exists().where(
                newer.c.address == memory.c.address, newer.c.noted_at > memory.c.noted_at
            )
        )
    )
    with op.batch_alter_table("contacts_memory") as table:
        table.drop_constraint(_NAME, type_="primary")
        table.drop_column("noted_at")
        table.create_primary_key(_NAME, ["address"])
