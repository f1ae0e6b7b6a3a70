"""Where do the links of new mails wait until they are many enough to be sorted into the others?"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "new_mail_links",
        sa.Column("link", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.execute(
        "INSERT INTO mail_links (link, message_id) SELECT n.link, n.message_id FROM new_mail_links n"
        " WHERE NOT EXISTS (SELECT 1 FROM mail_links o"
        " WHERE o.link = n.link AND o.message_id = n.message_id)"
    )
    op.drop_table("new_mail_links")
