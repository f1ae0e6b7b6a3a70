"""Is one contact's part of a store all that decides about them, found by indexes, on both databases?"""

from __future__ import annotations

from zlib import crc32

import pytest
from sqlalchemy import Connection, Table, select, text, union_all

from connectors.interfaces import Page
from connectors.model.mail_links import asked, links
from connectors.store.store import Store
from connectors.store.tables.facts import LONG, NAMED, PECULIAR, TITLED
from connectors.store.tables.schema import mail_links, messages, new_mail_links
from connectors.store.write import mail_links as write_links
from connectors.sync import FILES, apply_page
from tests.support.facts.crossed_worlds import crossed
from tests.support.facts.mail_box import OURS
from tests.support.facts.seen import mail
from tests.support.facts.whole_world import AS_OF
from tests.support.proof import filled_store
from tests.support.proof.sharded import hold_alone

LINKS = (mail_links, new_mail_links)
PIA, ROSA = "pia@house0.example", "rosa@gmail.com"


def test_a_contacts_page_from_their_part_of_the_store_is_the_page_from_all_of_it(
    store: Store,
) -> None:
    filled_store.fill(store, crossed(5).facts())
    hold_alone(store, OURS, AS_OF, [PIA, ROSA])


def test_what_links_mails_goes_with_them(store: Store) -> None:
    filled_store.fill(store, crossed(5).facts())
    store.privacy.forget(PIA)
    with store.database.reading() as connection:
        linked = {number for one in LINKS for number in _numbers(connection, one)}
        assert linked
        assert linked <= set(_numbers(connection, messages))


def test_new_links_are_sorted_in_when_they_are_many_and_none_is_lost(store: Store) -> None:
    """Each mail names itself and the one before; a draft was sent while its links were new."""
    step = write_links.FEW // 4
    mails = [(n, 1, "", f"{n}@a.example", f"{n - 1}@a.example", "") for n in range(4 * step)]
    found = []
    with store.database.writing() as connection:
        for start in range(0, len(mails), step):
            write_links.write(connection, mails[start : start + step])
            write_links.rewrite(connection, mails[start : start + 1])
            found.append([len(_numbers(connection, one)) for one in LINKS])
    if store.database.engine.dialect.name == "sqlite":
        assert [new > 0 for _, new in found] == [True, False, True, False]
    with store.database.reading() as connection:
        pairs = connection.execute(union_all(*(select(one) for one in LINKS))).all()
    assert {tuple(one) for one in pairs} == {
        (link(key), number) for number, _, _, *keys, _ in mails for key in keys
    }


def test_an_import_leaves_its_links_sorted(store: Store) -> None:
    number = store.mailboxes.ensure("kate@ours.example", "files", "UTC")
    poll = store.pages.begin_poll(number, FILES, "import")
    apply_page(store, poll, Page(messages=(mail(),), cursor="1"))
    store.pages.finish_poll(poll)
    with store.database.reading() as connection:
        assert [len(_numbers(connection, one)) > 0 for one in LINKS] == [True, False]


def test_a_mail_is_found_by_its_id_in_any_case_also_where_it_was_linked_as_it_is_written() -> None:
    own, answer = "A1@Mail.Client.example", (1, "", "b@a.example", "a1@MAIL.client.EXAMPLE", "")
    before = {crc32(own.encode())}
    assert links(1, "", own, "", "") & links(*answer) == {link(own)}
    assert before <= asked(1, "", own, "", "")
    assert before <= asked(1, "", "c@a.example", own, "")


def link(message_key: str) -> int:
    """The number by which an id is found, in whatever case it is written."""
    return crc32(message_key.encode().lower())


def _numbers(connection: Connection, table: Table) -> list[int]:
    return list(connection.execute(select(table.c.message_id)).scalars())


@pytest.mark.parametrize(
    ("table", "where", "index"),
    [
        ("messages", PECULIAR, "ix_messages_peculiar"),
        (
            "messages",
            f"{NAMED.format('sender_address')} AND sender_address IN ('a')",
            "ix_messages_sender_address",
        ),
        (
            "messages",
            f"{NAMED.format('meeting_uid')} AND meeting_uid IN ('a')",
            "ix_messages_meeting_uid",
        ),
        ("observations", TITLED, "ix_observations_titled"),
        ("observations", f"{LONG} AND NOT all_day", "ix_observations_long"),
        ("observations", NAMED.format("mark"), "ix_observations_marked"),
        (
            "observations",
            f"{NAMED.format('message_key')} AND message_key IN ('a')",
            "ix_observations_message_key",
        ),
    ],
)
def test_few_rows_are_found_by_the_index_that_holds_them_alone(
    store: Store, table: str, where: str, index: str
) -> None:
    if store.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads a small table whole, whatever its indexes")
    plan = text(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {where}")
    with store.database.reading() as connection:
        assert index in str(connection.execute(plan).all())
