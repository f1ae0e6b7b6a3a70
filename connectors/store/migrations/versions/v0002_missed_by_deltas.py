"""Since when is it known that a stream's deltas left something out?"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cursors", sa.Column("missed_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("cursors", "missed_at")
