"""Is every mail of a Microsoft 365 mailbox found, typed, moved and deleted as it really was?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from config.clock import to_micros
from config.errors import AuthError, CursorLost, ProviderError, TransientError
from connectors.interfaces import Listed, Page
from connectors.microsoft.mail.single_reads import Read
from connectors.microsoft.mail.source import MicrosoftMail
from connectors.model.records import Method, Response
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.acts import Deliver
from connectors.sandbox.world.mails import Letter
from connectors.sandbox.world.recurrence import Rule
from connectors.store.store import Store
from connectors.sync import sync_mail
from tests.support.facts.seen import sqlite_url
from tests.support.providers.microsoft_office import (
    ANA,
    DANA,
    KATE,
    LEE,
    Office,
    at,
    messages,
    office,
)
from tests.support.stored_mails import stored_mails


@pytest.fixture
def kate(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


def round_of(
    office: Office, cursor: str | None = None, source: MicrosoftMail | None = None
) -> tuple[list[Page], str]:
    pages = list((source or office.mail).pages(cursor, office.since))
    assert pages[-1].last
    assert pages[-1].cursor is not None
    return pages, pages[-1].cursor


def removed(pages: list[Page]) -> list[str]:
    return [one for page in pages for one in page.removed]


def test_a_dialogue_is_read_from_both_sides(kate: Office) -> None:
    asked = kate.world.mail(at(0, 1), KATE, [DANA], "Offer", cc=[LEE])
    answered = kate.world.mail(at(1), DANA, KATE, "Re: Offer", reply_to=asked)
    kate.world.advance_to(at(2))
    found = kate.messages()
    assert (found[asked].sent, found[answered].sent) == (True, False)
    assert found[answered].in_reply_to == asked
    assert found[asked].thread_id == found[answered].thread_id
    assert [one.address for one in found[asked].cc] == [LEE]


def test_junk_and_deleted_mails_are_read_and_say_where_they_lie(kate: Office) -> None:
    spam = kate.world.mail(at(0, 1), DANA, KATE, "Caught", spam=True)
    bin_ = kate.world.mail(at(0, 1), DANA, KATE, "Thrown away")
    filed = kate.world.mail(at(0, 1), DANA, KATE, "Filed")
    kate.world.label(at(0, 2), KATE, bin_, add=["TRASH"], remove=["INBOX"])
    kate.world.label(at(0, 2), KATE, filed, add=["Folder/Clients"], remove=["INBOX"])
    kate.world.advance_to(at(1))
    found = kate.messages()
    assert (found[spam].spam, found[bin_].trash) == (True, True)
    assert (found[filed].inbox, found[filed].spam, found[filed].trash) == (False, False, False)


def test_drafts_and_search_folders_are_not_read(kate: Office) -> None:
    draft = kate.world.mail(at(0, 1), KATE, DANA, "Unsent")
    kate.world.label(at(0, 1.1), KATE, draft, add=["DRAFT"], remove=["SENT"])
    kate.world.advance_to(at(1))
    kate.messages()
    folders = [one for one in kate.sandbox.log.entries() if one.method == "messages.delta"]
    assert draft not in kate.messages()
    # inbox, sent items and one below, archive, conversation history, junk, deleted and one below
    assert len(folders) == 8


@pytest.mark.parametrize(
    ("name", "writer", "flag"),
    [
        ("Gesendete Objekte", KATE, "sent"),
        ("Sent Messages", KATE, "sent"),
        ("Sent", DANA, ""),
        ("Entwürfe", KATE, "draft"),
        ("Templates", DANA, ""),
        ("Outbox", KATE, "draft"),
        ("Papierkorb", DANA, "trash"),
        ("Courrier indésirable", DANA, "spam"),
        ("Customers", DANA, ""),
    ],
)
def test_a_programs_own_folder_is_known_by_its_name_and_whose_mail_lies_in_it(
    kate: Office, name: str, writer: str, flag: str
) -> None:
    mail = kate.world.mail(at(0, 1), writer, KATE, "Hello")
    kate.world.label(at(0, 2), KATE, mail, add=[f"Folder/{name}"], remove=["INBOX", "SENT"])
    kate.world.advance_to(at(1))
    found = kate.messages()[mail]
    told = {one for one in ("sent", "draft", "trash", "spam") if getattr(found, one)}
    assert told == ({flag} if flag else set())


def test_a_promise_is_a_category_with_a_due_day(kate: Office) -> None:
    mail = kate.world.mail(at(0, 1), DANA, KATE, "Will do")
    kate.world.label(at(0, 2), KATE, mail, add=["promised/2026-11-20"])
    kate.world.advance_to(at(1))
    found = kate.messages()[mail]
    assert (found.labels, found.flagged) == (("promised",), True)
    assert found.due_at == to_micros(at(18).replace(hour=0))


def test_a_bounce_names_the_mail_it_is_about(kate: Office) -> None:
    kate.world.human("gone@client.example", dead_from=at(0))
    sent = kate.world.mail(at(0, 1), KATE, "gone@client.example", "Hello")
    kate.world.advance_to(at(1))
    bounce = next(
        one for one in kate.messages().values() if one.subject.startswith("Undeliverable")
    )
    assert bounce.in_reply_to == sent
    assert "content-type: multipart/report" in bounce.headers
    assert bounce.meeting_type == ""


def test_meeting_messages_tell_who_did_what_and_when(kate: Office) -> None:
    world = kate.world
    review = world.invite(at(0, 1), KATE, [LEE], at(3), title="Review")
    world.answer(at(0, 2), review, LEE, "accepted")
    world.answer(at(2.9), review, LEE, "declined", by=ANA)
    vendor = world.invite(at(0, 1), LEE, [KATE], at(4), title="Vendor")
    world.move(at(1), vendor, at(4, 2))
    world.cancel(at(3.9), vendor)
    world.advance_to(at(5))
    pages, _ = round_of(kate)
    acts = [one for page in pages for one in page.meetings]
    told = {
        (one.series_uid == review.lower(), one.method, one.acted_at, one.sent_by) for one in acts
    }
    # An Exchange notice is written some seconds after the act.
    assert {(ours, method, by) for ours, method, _, by in told} == {
        (True, Method.REPLY, ""),
        (True, Method.REPLY, ANA),
        (False, Method.REQUEST, ""),
        (False, Method.CANCEL, ""),
    }
    declined = next(one for one in acts if one.sent_by == ANA)
    assert declined.guests[0].response is Response.DECLINED
    assert declined.acted_at is not None
    assert 0 <= declined.acted_at - to_micros(at(2.9)) < 10_000_000
    moved = next(one for one in acts if one.previous_start_at is not None)
    assert (moved.previous_start_at, moved.start_at) == (to_micros(at(4)), to_micros(at(4, 2)))


def test_a_notice_of_one_occurrence_bears_its_key(kate: Office) -> None:
    world = kate.world
    uid = world.invite(at(0, 1), LEE, [KATE], at(1), title="W", rule=Rule("weekly", count=4))
    world.cancel(at(7), uid, occurrence=at(8))
    world.advance_to(at(8))
    pages, _ = round_of(kate)
    (act,) = [one for page in pages for one in page.meetings if one.method is Method.CANCEL]
    assert (act.series_uid, act.recurrence_id) == (uid.lower(), f"{at(8):%Y%m%dT%H%M%SZ}")


def test_an_idle_round_asks_each_folder_once_and_says_nothing(kate: Office) -> None:
    kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    _, cursor = round_of(kate)
    kate.sandbox.log.clear()
    kate.world.advance_to(at(1))
    pages, _ = round_of(kate, cursor)
    assert messages(pages) == {}
    counts = kate.sandbox.log.counts()
    assert counts == {"messages.delta": 8, "childFolders.list": 2, "mailFolders.list": 1}
    assert not any(page.full for page in pages)


def test_news_come_with_the_next_round_and_nothing_twice(kate: Office) -> None:
    kate.world.mail(at(0, 1), DANA, KATE, "One")
    kate.world.advance_to(at(0, 2))
    _, cursor = round_of(kate)
    second = kate.world.mail(at(1), DANA, KATE, "Two")
    kate.world.advance_to(at(2))
    pages, cursor = round_of(kate, cursor)
    assert list(messages(pages)) == [second]
    assert messages(round_of(kate, cursor)[0]) == {}


def test_a_move_between_folders_is_no_deletion(kate: Office) -> None:
    mail = kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    first, cursor = round_of(kate)
    kate.world.label(at(1), KATE, mail, add=["Folder/Clients"], remove=["INBOX"])
    kate.world.advance_to(at(2))
    pages, _ = round_of(kate, cursor)
    assert removed(pages) == []
    assert messages(pages)[mail].provider_id == messages(first)[mail].provider_id
    assert not messages(pages)[mail].inbox


def test_a_deletion_for_good_is_one(kate: Office) -> None:
    mail = kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    first, cursor = round_of(kate)
    kate.world.delete_mail(at(1), KATE, mail)
    kate.world.advance_to(at(2))
    pages, _ = round_of(kate, cursor)
    assert removed(pages) == [messages(first)[mail].provider_id]


def test_a_deletion_that_could_not_be_verified_at_once_is_told_by_the_fetch(kate: Office) -> None:
    mail = kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    first, cursor = round_of(kate)
    kate.world.delete_mail(at(1), KATE, mail)
    kate.world.advance_to(at(2))
    fault = kate.sandbox.faults.add(
        Fault("server_error", where="messages.get", status=500, times=None)
    )
    pages, _ = round_of(kate, cursor)
    (failure,) = [one for page in pages for one in page.failed]
    assert removed(pages) == []
    kate.sandbox.faults.drop(fault)
    fetched = list(kate.mail.fetch([Listed(failure.provider_id)]))
    assert removed(fetched) == [messages(first)[mail].provider_id]


def test_what_is_listed_and_not_found_when_read_waits(kate: Office) -> None:
    kate.world.advance_to(at(0, 1))
    _, cursor = round_of(kate)
    kate.world.invite(at(0, 2), LEE, [KATE], at(3), title="Vendor")
    kate.world.advance_to(at(1))
    kate.sandbox.faults.add(Fault("not_found", where="messages.get"))
    pages, _ = round_of(kate, cursor)
    (failure,) = [one for page in pages for one in page.failed]
    assert (failure.final, failure.gone) == (False, False)
    (page,) = kate.mail.fetch([Listed(failure.provider_id)])
    assert [one.method for one in page.meetings] == [Method.REQUEST]


def test_a_round_trip_between_two_looks_is_no_deletion(kate: Office) -> None:
    """Graph may report it as removed alone (a mail that went A, B, A): it is asked for."""
    mail = kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    first, _ = round_of(kate)
    wanted = messages(first)[mail].provider_id
    got = kate.mail._records([{"id": wanted, "@removed": {"reason": "deleted"}}])
    assert [one.provider_id for one in got.messages] == [wanted]
    assert got.gone == []


def test_a_thin_change_is_read_whole(kate: Office) -> None:
    mail = kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    wanted = messages(round_of(kate)[0])[mail].provider_id
    got = kate.mail._records([{"id": wanted, "flag": {"flagStatus": "flagged"}}])
    assert [one.subject for one in got.messages] == ["Hello"]


@pytest.mark.parametrize("dialect", ["full", "no_expand", "no_cast"])
def test_whatever_of_the_question_is_refused_every_mail_is_read(
    tmp_path: Path, dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    with office(tmp_path, dialect=dialect) as kate:
        uid = kate.world.invite(at(0, 1), LEE, [KATE], at(3), title="Vendor")
        kate.world.cancel(at(1), uid)
        kate.world.mail(at(0, 1), DANA, KATE, "Hello")
        kate.world.advance_to(at(2))
        pages, _ = round_of(kate)
        found = messages(pages)
        assert len(found) == 3
        types = sorted(one.meeting_type for one in found.values())
        # Without the cast Graph's type alone tells a request; a cancellation bears no word.
        assert types == (["", "", "request"] if dialect == "no_cast" else ["", "cancel", "request"])
        calendars = [one for one in found.values() if "calendarmessage" in one.headers]
        assert len(calendars) == 2
        assert len([one for page in pages for one in page.meetings]) == (
            2 if dialect == "full" else 0
        )
        refused = kate.sandbox.log.statuses()[("messages.get", 400)]
        assert refused == {"full": 0, "no_expand": 2, "no_cast": 4}[dialect]
        said = "does not tell what its meeting mails are about" in caplog.text
        assert said == (dialect != "full")


def test_one_mail_that_cannot_be_read_is_named_and_spoils_nothing(kate: Office) -> None:
    for number in range(3):
        uid = kate.world.invite(at(0, 1), LEE, [KATE], at(3 + number), title=f"Vendor {number}")
        kate.world.cancel(at(1), uid)
    kate.world.advance_to(at(2))
    kate.sandbox.unreadable.add(next(iter(kate.messages().values())).provider_id)
    source = kate.mail
    pages, _ = round_of(kate, source=source)
    assert len(messages(pages)) == 5
    (failure,) = [one for page in pages for one in page.failed]
    assert (failure.final, failure.reason) == (False, "400 errorinvalidproperty")
    assert source._reader.expand
    assert source._reader.casts


@pytest.mark.parametrize("status", [500, 503])
def test_a_mail_that_fails_once_is_asked_again_and_all_failing_ends_the_run(
    kate: Office, status: int
) -> None:
    for number in range(3):
        kate.world.invite(at(0, 1), LEE, [KATE], at(3 + number), title=f"Vendor {number}")
    kate.world.advance_to(at(2))
    kate.sandbox.faults.add(Fault("server_error", where="messages.get", status=status))
    assert len(kate.messages()) == 3  # once is nothing
    kate.sandbox.faults.add(Fault("server_error", where="messages.get", status=status, times=None))
    with pytest.raises(TransientError):  # all of them: the provider is down
        kate.messages()


def test_a_single_mail_that_always_fails_is_named_and_the_round_goes_on(kate: Office) -> None:
    kate.world.advance_to(at(0, 1))
    _, cursor = round_of(kate)
    kate.world.invite(at(0, 2), LEE, [KATE], at(3), title="Vendor")
    kate.world.advance_to(at(1))
    kate.sandbox.faults.add(Fault("server_error", where="messages.get", status=500, times=None))
    pages, cursor = round_of(kate, cursor)
    assert [(one.reason, one.final) for page in pages for one in page.failed] == [
        ("500 unknownerror", False)
    ]
    kate.sandbox.faults.clear()
    (failure,) = [one for page in pages for one in page.failed]
    (page,) = kate.mail.fetch([Listed(failure.provider_id)])
    assert len(page.messages) == 1


def test_headers_that_may_not_be_read_are_done_without(kate: Office) -> None:
    kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    kate.sandbox.faults.add(Fault("forbidden", where="messages.delta"))
    (found,) = kate.messages().values()
    assert (found.subject, found.headers) == ("Hello", "")


def test_a_login_without_the_permission_is_its_owners_matter(kate: Office) -> None:
    kate.sandbox.faults.add(Fault("forbidden", where="messages.delta", times=None))
    with pytest.raises(AuthError):
        kate.messages()


def test_more_than_a_filtered_delta_shows_follows_in_slices(
    kate: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sandbox.microsoft.mail._CAP", 10)
    source = replace(kate.mail, page_size=4, most_filtered=10)
    keys = {kate.world.mail(at(number), DANA, KATE, f"Mail {number}") for number in range(1, 60)}
    kate.world.advance_to(at(61))
    pages, cursor = round_of(kate, source=source)
    assert set(messages(pages)) == keys
    assert kate.sandbox.log.counts()["messages.list"] > 0
    later = kate.world.mail(at(62), DANA, KATE, "Later")
    kate.world.advance_to(at(63))
    assert set(messages(round_of(kate, cursor, source)[0])) == {later}


def test_a_mail_that_was_moved_in_hides_none_that_lie_behind_the_most_a_delta_shows(
    kate: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is dated by its own date, years before: the list is sorted by when mails came."""
    monkeypatch.setattr("connectors.sandbox.microsoft.mail._CAP", 10)
    keys = {kate.world.mail(at(number), KATE, DANA, f"Mail {number}") for number in range(1, 40)}
    humans = kate.world.state.people
    moved = Letter(
        "moved@ourco.example",
        to_micros(at(39)),
        humans[KATE],
        (humans[DANA],),
        "Of another mailbox",
        sent_at=to_micros(at(-400)),
    )
    kate.world.add(Deliver(moved.at, moved))
    kate.world.advance_to(at(41))
    found = messages(round_of(kate, source=replace(kate.mail, page_size=4, most_filtered=10))[0])
    assert set(found) == keys | {moved.key}
    assert found[moved.key].at == moved.sent_at


def test_what_is_listed_and_not_found_counts_among_the_most_a_delta_shows(
    kate: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sandbox.microsoft.mail._CAP", 10)
    keys = {kate.world.mail(at(number), DANA, KATE, f"Mail {number}") for number in range(1, 40)}
    kate.world.invite(at(39), LEE, [KATE], at(60), title="Review")
    kate.world.advance_to(at(41))
    monkeypatch.setattr(
        "connectors.microsoft.mail.single_reads.Reader.read",
        lambda _, ids: iter([Read(one, gone=True) for one in ids]),
    )
    pages, _ = round_of(kate, source=replace(kate.mail, page_size=4, most_filtered=10))
    assert set(messages(pages)) == keys


def test_an_earlier_beginning_is_filled_in_by_slices(kate: Office) -> None:
    old = kate.world.mail(at(0, 1), DANA, KATE, "Old")
    new = kate.world.mail(at(20), DANA, KATE, "New")
    kate.world.advance_to(at(21))
    pages = list(kate.mail.pages(None, to_micros(at(10))))
    assert set(messages(pages)) == {new}
    again = list(kate.mail.pages(pages[-1].cursor, to_micros(at(-10))))
    assert set(messages(again)) == {old}
    third = list(kate.mail.pages(again[-1].cursor, to_micros(at(-10))))
    assert messages(third) == {}


def test_a_folder_that_is_thrown_away_takes_its_mails_with_it(kate: Office) -> None:
    mail = kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    _, cursor = round_of(kate)
    place = json.loads(cursor)
    inbox = place[3]["inbox"]
    assert place[4][inbox][0] == "inbox"
    # As if the folder had been an ordinary one when it was read last.
    place[4][inbox][0] = "deleted"
    pages, _ = round_of(kate, json.dumps(place))
    assert messages(pages)[mail].inbox


def test_a_cut_off_first_round_goes_on_where_whole_folders_end(kate: Office) -> None:
    sent = kate.world.mail(at(0, 1), KATE, DANA, "Offer")
    received = kate.world.mail(at(0, 2), DANA, KATE, "Re: Offer", reply_to=sent)
    kate.world.advance_to(at(1))
    pages = kate.mail.pages(None, kate.since)
    seen: list[Page] = []
    for page in pages:
        seen.append(page)
        if page.cursor is not None and messages(seen):
            break
    assert set(messages(seen)) == {sent}
    rest = list(kate.mail.pages(seen[-1].cursor, kate.since))
    assert set(messages(rest)) == {received}
    # It is still the round that lists everything.
    assert all(page.full for page in [*seen, *rest])


def test_a_lost_chain_is_a_lost_cursor_and_a_relist_finds_everything(kate: Office) -> None:
    mail = kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    _, cursor = round_of(kate)
    kate.sandbox.faults.add(Fault("gone", where="messages.delta"))
    with pytest.raises(CursorLost):
        round_of(kate, cursor)
    assert set(kate.messages()) == {mail}


def test_an_aged_link_inside_a_round_begins_the_folder_anew(kate: Office) -> None:
    kate.world.advance_to(at(0, 1))
    _, cursor = round_of(kate)
    keys = {kate.world.mail(at(1, number), DANA, KATE, f"Mail {number}") for number in range(7)}
    kate.world.advance_to(at(2))
    # Inbox comes third: its second page is lost.
    kate.sandbox.faults.add(Fault("gone", where="messages.delta", after=3))
    pages, _ = round_of(kate, cursor, replace(kate.mail, page_size=2))
    assert set(messages(pages)) == keys
    assert kate.sandbox.faults.fired["gone"] == 1


@pytest.mark.parametrize("cursor", ["", "x", "[1]", "[1, 2, true, [], 3]", "{}"])
def test_a_cursor_that_is_none_of_ours_is_lost(kate: Office, cursor: str) -> None:
    with pytest.raises(CursorLost):
        list(kate.mail.pages(cursor, kate.since))


def test_a_folder_that_does_not_end_is_an_error_and_not_a_loop(kate: Office) -> None:
    kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    kate.sandbox.faults.add(Fault("repeated_page", where="messages.delta", times=None))
    kate.graph = kate.graph_for(kate.bearer(), most_pages=50)
    with pytest.raises(ProviderError, match="does not end"):
        kate.messages()
    assert kate.sandbox.log.counts()["messages.delta"] == 51


def test_single_mails_are_fetched_by_their_ids_and_gone_ones_are_named(kate: Office) -> None:
    mail = kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    wanted = messages(round_of(kate)[0])[mail].provider_id
    kate.world.delete_mail(at(1), KATE, kate.world.mail(at(0, 3), DANA, KATE, "Short"))
    (page,) = kate.mail.fetch([Listed(wanted), Listed(wanted[:-3] + "zz=")])
    assert [one.message_key for one in page.messages] == [mail]
    assert page.messages[0].inbox
    assert [(one.gone, one.final) for one in page.failed] == [(True, True)]


def test_synced_step_by_step_the_store_ends_as_after_one_look(tmp_path: Path) -> None:
    with office(tmp_path) as kate:
        world = kate.world
        asked = world.mail(at(0, 1), KATE, DANA, "Offer")
        answered = world.mail(at(1), DANA, KATE, "Re: Offer", reply_to=asked)
        dead = world.mail(at(1), DANA, KATE, "Deleted later")
        world.label(at(1, 5), KATE, answered, add=["Folder/Clients"], remove=["INBOX"])
        world.label(at(2), KATE, answered, add=["INBOX"], remove=["Folder/Clients"])
        world.delete_mail(at(2), KATE, dead)
        uid = world.invite(at(0, 1), LEE, [KATE], at(3), title="Vendor")
        world.cancel(at(2.9), uid)
        with Store.open(sqlite_url(tmp_path), kate.transport.clock) as store:
            box = store.mailboxes.ensure(KATE, "microsoft", "Europe/Berlin")
            since = to_micros(at(-30))
            for hours in range(2, 80, 4):
                world.advance_to(at(0) + timedelta(hours=hours))
                outcome = sync_mail(store, kate.mail, box, since)
                assert outcome.complete, outcome.problem
            frames, mails = store.frames(), stored_mails(store).set_index("message_key")
        assert mails.deleted_at.notna().to_dict() == {key: key == dead for key in mails.index}
        assert bool(mails.inbox[answered])
        acts = frames.observations[frames.observations.evidence == "notice"]
        assert sorted(acts.method) == ["cancel", "request"]


def test_what_must_not_be_kept_is_in_no_page(tmp_path: Path) -> None:
    with office(tmp_path, login=False) as kate:
        kate.graph = kate.graph_for(kate.login("read", "Mail.Read", "Calendars.Read"))
        kate.world.mail(at(0, 1), DANA, KATE, "Hello")
        uid = kate.world.invite(at(0, 1), LEE, [KATE], at(3), title="Vendor", location="Cafe")
        kate.world.answer(at(0, 2), uid, KATE, "accepted", comment="see you")
        kate.world.advance_to(at(1))
        told = repr(round_of(kate)[0]) + repr(kate.meetings())
        assert "zq-private" not in told
        assert "see you" not in told
