"""How do made-up frames get into a store, as sources would have left them there?

Row by row into the tables, so that what reads by SQL can be held to what reads all. A meeting's state is
told by its last snapshot, as in every store: the frames that come out may differ from those that went in.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Table, insert

from connectors.model.frames import Frames
from connectors.store.store import Store
from connectors.store.tables import schema
from connectors.store.write import mail_links

_AGES_AGO = 1_000_000
#: Columns of tables that no frame shows and that must not be null.
_MORE: dict[str, dict[str, Any]] = {
    "mailboxes": {"added_at": _AGES_AGO},
    "meetings": {"acts_only": False, "updated_exact": False},
    "messages": {"first_seen_at": _AGES_AGO}
    | dict.fromkeys(("inbox", "spam", "trash", "promotions"), False),
    "attendance": {"first_seen_at": _AGES_AGO},
    "memory": {"noted_at": 0},
    "pending": {"listed_at": _AGES_AGO},
}


def fill(store: Store, facts: Frames) -> None:
    """Put all facts into an empty store."""
    records = facts.attendance
    state = facts.meetings.drop(
        columns=set(facts.observations.columns) - {"meeting_id"}, errors="ignore"
    )
    told = {
        # What a world says of a meeting alone, each poll at it saw.
        "observations": facts.observations.merge(state, on="meeting_id"),
        "meetings": _named(facts.meetings, "meeting_id"),
        "messages": _named(facts.messages, "message_id"),
        "guests": _numbered(facts.guests, "observation_id"),
        "recipients": _numbered(facts.recipients, "message_id"),
        "participants": _numbered(records, "record_id"),
        "attendance": _named(records.drop_duplicates("record_id"), "record_id"),
        "losses": facts.losses.rename(columns={"mails": "count"}),
    }
    tables: tuple[tuple[str, Table], ...] = (
        ("mailboxes", schema.mailboxes), ("meetings", schema.meetings),
        ("observations", schema.observations), ("guests", schema.attendees),
        ("messages", schema.messages), ("recipients", schema.recipients),
        ("attendance", schema.attendance), ("participants", schema.participants),
        ("calls", schema.calls), ("tags", schema.tags), ("promises", schema.promises),
        ("claims", schema.claims), ("answers", schema.answers), ("pending", schema.pending),
        ("losses", schema.losses), ("polls", schema.polls), ("memory", schema.contacts_memory),
        ("standings", schema.standings),
    )  # fmt: skip
    with store.database.writing() as connection:
        for name, table in tables:
            frame = told[name] if name in told else getattr(facts, name)
            rows = _rows(frame, table, _MORE.get(name, {}))
            if rows:
                connection.execute(insert(table), rows)
        labels = ["message_id", "mailbox_id", "thread_id", "message_key", "in_reply_to"]
        mails = facts.messages[[*labels, "reference_keys"]].itertuples(index=False, name=None)
        mail_links.write(connection, mails)


def _numbered(frame: pd.DataFrame, of: str) -> pd.DataFrame:
    return frame.assign(position=frame.groupby(of).cumcount())


def _named(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """With the ids that a provider would have given, which worlds leave out."""
    return frame.assign(provider_id=by + frame[by].astype("str"))


def _rows(frame: pd.DataFrame, table: Table, more: dict[str, Any]) -> list[dict[str, Any]]:
    labels = [one.name for one in table.columns if one.name in frame.columns]
    plain = pd.DataFrame(
        {label: [_value(one) for one in frame[label]] if len(frame) else [] for label in labels},
        dtype=object,
    )
    known = plain.to_dict("records")
    return [
        more
        | {str(label): one for label, one in row.items() if not (one is None and label in more)}
        for row in known
    ]


def _value(one: Any) -> Any:
    if one is pd.NaT:
        return None
    if isinstance(one, pd.Timestamp):
        return int(one.tz_convert("UTC").as_unit("us").asm8.astype("int64"))
    return one.item() if hasattr(one, "item") else one
