"""What does a database for analysis take to find the open asks of each contact? DuckDB, on the same facts.

The plainest form of the question: mails of ours to somebody from whom nothing has come since. Detection
weighs beside that what asks at all, absences, bounces, calls, invitations and business days.
"""

from __future__ import annotations

import time

import pyarrow as pa

from connectors.model.frames import Frames
from reports.schemas import Findings

_QUESTION = """
    WITH sent AS (
        SELECT r.address AS contact, m."at" FROM mails m JOIN recipients r USING (message_id)
        WHERE m.direction = 'out' AND m.mail_class = 'human' AND r.role = 'to'
    ), came AS (
        SELECT contact, max("at") AS latest FROM mails
        WHERE direction = 'in' AND mail_class IN ('human', 'calendar') GROUP BY contact
    )
    SELECT contact, count(*) AS number, max(s."at") AS newest FROM sent s LEFT JOIN came c USING (contact)
    WHERE c.latest IS NULL OR s."at" > c.latest GROUP BY contact ORDER BY contact"""

#: The detectors that answer it in detection, as detection_bench.timed names them.
OURS = (
    "silence.reply_expected.candidates",
    "silence.asks.sent",
    "mail.bounces.undelivered",
    "silence.asks.find_asks",
)


def by_duckdb(frames: Frames, found: Findings) -> tuple[float, int] | None:
    """Processor seconds of all its threads, and of how many contacts it found asks; None without it."""
    try:
        import duckdb
    except ImportError:
        return None
    labels = ["message_id", "direction", "mail_class", "contact", "at"]
    mails = pa.Table.from_pandas(found.mails[labels], preserve_index=False)
    recipients = pa.Table.from_pandas(
        frames.recipients[["message_id", "role", "address"]], preserve_index=False
    )
    with duckdb.connect() as connection:
        connection.register("mails", mails)
        connection.register("recipients", recipients)
        began = time.process_time()
        rows = connection.execute(_QUESTION).fetchall()
        return time.process_time() - began, len(rows)
