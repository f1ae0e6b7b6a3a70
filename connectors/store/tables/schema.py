"""Which tables hold the facts, and what does each column mean?

All instants are integer microseconds UTC, null where unknown; text is "" where absent. What a
frame shows of a table is said in connectors.model.schemas; the columns beyond that are the store's
own (when we saw something, how we compare). Changed only together with a new migration.
"""

from connectors.store.tables.columns import METADATA
from connectors.store.tables.facts import (
    attendance,
    attendees,
    mail_links,
    meetings,
    messages,
    new_mail_links,
    observations,
    participants,
    recipients,
)
from connectors.store.tables.people import calls, contacts_memory, promises, suppressed, tags
from connectors.store.tables.reporting import answers, claims, reports, runs, standings
from connectors.store.tables.sharing import limits, meta
from connectors.store.tables.syncing import (
    cursors,
    losses,
    mailboxes,
    members,
    pending,
    polls,
    rounds,
    staging,
)

__all__ = [
    "METADATA",
    "answers",
    "attendance",
    "attendees",
    "calls",
    "claims",
    "contacts_memory",
    "cursors",
    "limits",
    "polls",
    "losses",
    "mail_links",
    "mailboxes",
    "meetings",
    "members",
    "messages",
    "meta",
    "new_mail_links",
    "observations",
    "participants",
    "pending",
    "promises",
    "recipients",
    "reports",
    "rounds",
    "runs",
    "staging",
    "standings",
    "suppressed",
    "tags",
]
