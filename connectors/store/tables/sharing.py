"""Which tables hold what all processes of one store share?"""

from __future__ import annotations

from sqlalchemy import Column, Text

from connectors.store.tables.columns import count, instant, table, text

#: Facts about the store itself: the key of the suppression hashes.
meta = table("meta", Column("key", Text, primary_key=True), text("value"))

#: `full_at`: when the bucket will be full again; further ahead means emptier.
limits = table(
    "limits",
    Column("key", Text, primary_key=True),
    count("per_minute"),
    count("capacity"),
    instant("full_at", null=False),
)
