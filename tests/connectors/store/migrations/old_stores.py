"""Stores as earlier versions wrote them, each as the SQL that makes it anew.

`old/v0003.sql` is a small store of the tables' version 3, with a row in each table that a person would
miss. They are written once and never changed: `python -m tests.connectors.store.migrations.old_stores` adds the
one of the newest version, when its migration is done.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import create_engine

from connectors.store.migrations import migrate

OLD = Path(__file__).parent / "old"
VERSIONS = sorted(
    path.stem[1:5] for path in (Path(migrate.__file__).parent / "versions").glob("v[0-9]*.py")
)
_AT = 1_790_000_000_000_000
_HOUR = 3_600_000_000
#: What the first version's store holds, by table; columns that are left out have their defaults.
ROWS: dict[str, list[dict[str, object]]] = {
    "mailboxes": [
        {"mailbox_id": 1, "address": "kate@ours.example", "provider": "google",
         "zone": "Europe/Berlin", "added_at": _AT},
    ],
    "cursors": [
        {"mailbox_id": 1, "stream": "mail", "value": "4711", "parameters": "p1", "midway": 0,
         "updated_at": _AT},
    ],
    "looks": [
        {"look_id": 1, "mailbox_id": 1, "stream": "mail", "kind": "full", "started_at": _AT,
         "finished_at": _AT + 1},
    ],
    "meetings": [
        {"meeting_id": 1, "mailbox_id": 1, "calendar_id": "primary", "provider_id": "e1",
         "series_uid": "e1@calendar.example", "acts_only": 0, "status": "confirmed",
         "subject": "Review", "start_at": _AT + 48 * _HOUR, "end_at": _AT + 49 * _HOUR, "all_day": 0,
         "updated_exact": 0, "first_seen_at": _AT, "last_seen_at": _AT},
    ],
    "observations": [
        {"observation_id": 1, "meeting_id": 1, "mailbox_id": 1, "evidence": "calendar",
         "seen_at": _AT, "status": "confirmed", "stub": 0, "start_at": _AT + 48 * _HOUR,
         "end_at": _AT + 49 * _HOUR, "all_day": 0, "updated_exact": 0, "organizer": "kate@ours.example",
         "guests_complete": 1, "guests_can_modify": 0, "subject": "Review", "organizer_is_self": 1,
         "free": 0, "private": 0, "on_site": 0},
    ],
    "attendees": [
        {"observation_id": 1, "position": 0, "address": "dana@client.example", "name": "Dana Kim",
         "response": "accepted", "optional": 0, "resource": 0, "is_self": 0, "is_organizer": 0,
         "machine": 0},
    ],
    "messages": [
        {"message_id": 1, "mailbox_id": 1, "provider_id": "m1", "thread_id": "t1",
         "message_key": "m1@ours.example", "from_address": "kate@ours.example", "subject": "Offer",
         "at": _AT, "sent": 1, "draft": 0, "chat": 0, "inbox": 0, "spam": 0, "trash": 0,
         "promotions": 0, "flagged": 0, "important": 0, "first_seen_at": _AT},
    ],
    "recipients": [
        {"message_id": 1, "position": 0, "role": "to", "address": "dana@client.example",
         "name": "Dana Kim"},
    ],
    "calls": [
        {"call_id": 1, "mailbox_id": 1, "at": _AT, "address": "dana@client.example",
         "outcome": "spoke", "channel": "phone"},
    ],
    "tags": [
        {"tag_id": 1, "mailbox_id": 1, "address": "dana@client.example", "word": "client", "at": _AT},
    ],
    "promises": [
        {"promise_id": 1, "mailbox_id": 1, "address": "dana@client.example", "words": "the deposit",
         "made_at": _AT, "due_at": _AT + 96 * _HOUR, "source": "command"},
    ],
}  # fmt: skip


def load(path: Path, version: str) -> None:
    """Make the file of a store as that version left it."""
    connection = sqlite3.connect(path)
    connection.executescript((OLD / f"v{version}.sql").read_text("utf-8"))
    connection.close()


def keep(version: str, folder: Path) -> None:
    """Write the SQL of a small store of this version; from the version before, where there is one."""
    path = folder / f"{version}.db"
    place = VERSIONS.index(version)
    if place:
        load(path, VERSIONS[place - 1])
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrate.upgrade(connection, version)
    engine.dispose()
    opened = sqlite3.connect(path)
    if not place:
        for table, rows in ROWS.items():
            for row in rows:
                marks = ", ".join("?" * len(row))
                opened.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
                )
        opened.commit()
    (OLD / f"v{version}.sql").write_text("\n".join(opened.iterdump()) + "\n", "utf-8")
    opened.close()


if __name__ == "__main__":
    import tempfile

    for one in VERSIONS:
        if not (OLD / f"v{one}.sql").exists():
            with tempfile.TemporaryDirectory() as rough:
                keep(one, Path(rough))
