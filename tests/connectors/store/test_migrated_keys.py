"""Does a mail without a Message-ID keep its place when its key gets another form?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import text

from connectors import sync
from connectors.interfaces import Page
from connectors.model.mail_keys import mail_key
from connectors.model.records import MessageSeen
from connectors.store import engine
from connectors.store.claims import Claim
from connectors.store.migrations import migrate
from tests.support.facts.seen import DANA, act, at, mail, mailbox, open_store
from tests.support.store_dump import dump


def unnamed(**more: object) -> MessageSeen:
    """A mail as a file shows it that bears no Message-ID."""
    seen = mail(cc="eli@ours.example", dated_at=at("Mon 07:59"), **more)
    people = (*seen.to, *seen.cc)
    key = mail_key("", seen.from_, seen.dated_at, seen.at, seen.subject, people)
    return replace(seen, message_key=key, provider_id=key)


@pytest.mark.parametrize("old", ["digest-00ff", "00ff@digest.invalid"])
def test_what_was_stored_has_the_key_that_the_next_export_gives_it(url: str, old: str) -> None:
    seen, other = unnamed(subject="Offer"), unnamed(subject="Another", moment=None)
    with open_store(url) as store:
        box = mailbox(store)
        told = act(message_key=seen.message_key)
        sync.apply_pages(store, box, sync.FILES, [Page(meetings=(told,), messages=(seen, other))])
        store.claims.ids(box, [Claim("silence", DANA, "", f"x {seen.message_key}")])
        before = dump(store)
        with store.database.writing() as connection:
            for table, column in (
                ("messages", "message_key"), ("messages", "provider_id"),
                ("observations", "message_key"), ("claims", "evidence_key"),
            ):  # fmt: skip
                change = f"UPDATE {table} SET {column} = replace({column}, :new, :old)"
                connection.execute(text(change), {"new": seen.message_key, "old": old})
        assert dump(store) != before
    connected = engine.connect(engine.parse(url))
    with connected.begin() as connection:
        config = migrate.settings()
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    connected.dispose()
    with open_store(url) as store:
        assert dump(store) == before
        again = sync.apply_pages(store, box, sync.FILES, [Page(messages=(seen, other))])
        assert again.stored == 0
        assert dump(store) == before
