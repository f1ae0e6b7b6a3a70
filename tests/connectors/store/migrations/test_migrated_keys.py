"""Does a mail keep its place in a store when its key, or its id, gets another form?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import text

from connectors import sync
from connectors.interfaces import Page
from connectors.model.headers.mail_keys import file_id, mail_key
from connectors.model.records import MessageSeen
from connectors.store.claims import Claim
from connectors.store.database import engine
from connectors.store.migrations import migrate
from tests.support.facts.seen import DANA, act, at, mail, mailbox, open_store
from tests.support.store_dump import dump


def unnamed(**more: object) -> MessageSeen:
    """A mail as a file shows it that bears no Message-ID."""
    seen = mail(cc="eli@ours.example", dated_at=at("Mon 07:59"), **more)
    people = (*seen.to, *seen.cc)
    key = mail_key("", seen.from_, seen.dated_at, seen.at, seen.subject, people)
    place = file_id(key, seen.from_.address, seen.dated_at, seen.subject, sent=False)
    return replace(seen, message_key=key, provider_id=place)


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
    as_before(url, "0002")
    with open_store(url) as store:
        assert dump(store) == before
        again = sync.apply_pages(store, box, sync.FILES, [Page(messages=(seen, other))])
        assert again.stored == 0
        assert dump(store) == before


def as_before(url: str, revision: str) -> None:
    """The store as one that was last opened by the version before this revision's next."""
    connected = engine.connect(engine.parse(url))
    with connected.begin() as connection:
        config = migrate.settings()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    connected.dispose()


def test_mails_of_an_earlier_import_are_not_brought_a_second_time(url: str) -> None:
    plain = mail(subject="Offer", dated_at=at("Mon 07:59"))
    undated = mail(subject="Other", message_key="other@x.example", moment=None)
    by_account = mail(subject="Third", message_key="third@x.example", provider_id="18c1")
    sent = mail(subject="Fourth", message_key="fourth@x.example", sent=True)
    filed = [
        replace(
            one,
            provider_id=file_id(
                one.message_key, one.from_.address, one.dated_at, one.subject, sent=one.sent
            ),
        )
        for one in (plain, undated, sent)
    ]
    with open_store(url) as store:
        box = mailbox(store)
        sync.apply_pages(store, box, sync.FILES, [Page(messages=(*filed, by_account))])
        before = dump(store)
        with store.database.writing() as connection:
            # As the version before named them: by the key alone.
            cut = "substr(provider_id, 1, length(provider_id) - 9)"
            change = f"UPDATE messages SET provider_id = {cut} WHERE provider_id LIKE '% %'"
            connection.execute(text(change))
        assert dump(store) != before
    as_before(url, "0003")
    with open_store(url) as store:
        assert dump(store) == before
        assert sync.apply_pages(store, box, sync.FILES, [Page(messages=tuple(filed))]).stored == 0
