"""How does Alembic run our migrations? On the connection that it is handed, and only so."""

from __future__ import annotations

from alembic import context

from connectors.store.tables.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite cannot alter most of a table: Alembic copies it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
