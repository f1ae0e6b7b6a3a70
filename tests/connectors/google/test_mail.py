"""Does the mail source list everything, fetch it cheaply in order of worth, and lose nothing?"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.clock import to_micros
from config.errors import AuthError, CursorLost, TransientError
from connectors.google.mail.fetch_order import ADVERTS, BAND, DIALOGUE, DISCARDED, INBOX
from connectors.google.mail.source import GoogleMail
from connectors.interfaces import Listed, Page
from connectors.model.records import LabelChange
from connectors.sandbox.server.faults import Fault
from tests.support.providers.google_office import (
    DANA,
    KATE,
    LEE,
    Office,
    at,
    google_at,
    messages,
    office,
)
from tests.support.servers.scripted_http import Purse, Reply, Seen, failure, serving

ALL = 0  # since the beginning


def listing(one: Office, since: int = ALL) -> list[Page]:
    return list(one.mail.pages(None, since))


def listed(pages: list[Page]) -> list[Listed]:
    return [wanted for page in pages for wanted in page.listed]


def changes(pages: list[Page]) -> dict[str, LabelChange]:
    return {change.provider_id: change for page in pages for change in page.changes}


def news(one: Office, cursor: str | None) -> list[Page]:
    assert cursor is not None
    return list(one.mail.pages(cursor, ALL))


def correspondence(one: Office) -> dict[str, str]:
    """A little of every kind of mail. -> Message-IDs by name."""
    world = one.world
    bulk = world.human("news@shop.example", "Shop")
    keys = {
        "ask": world.mail(at(0, 1), KATE, DANA, "Offer"),
        "advert": world.newsletter(at(0, 2), bulk, KATE, "Autumn sale"),
        "stray": world.mail(at(0, 3), LEE, KATE, "Hello"),
        "spam": world.mail(at(0, 4), "win@luck.example", KATE, "You won", spam=True),
    }
    keys["reply"] = world.mail(at(1), DANA, KATE, "Re: Offer", reply_to=keys["ask"])
    keys["thanks"] = world.mail(at(1, 2), KATE, DANA, "Re: Offer", reply_to=keys["reply"])
    return keys


def test_the_dialogue_comes_first_then_the_inbox_and_adverts_last(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.human("win@luck.example", "Luck")
        keys = correspondence(one)
        one.world.advance_to(at(2))
        pages = listing(one)
        order = listed(pages)
        fetched = [
            message
            for page in one.mail.fetch(sorted(order, key=lambda wanted: wanted.priority))
            for message in page.messages
        ]
    bands = Counter(wanted.priority // BAND for wanted in order)
    assert bands == {
        DIALOGUE // BAND: 3,
        INBOX // BAND: 1,
        DISCARDED // BAND: 1,
        ADVERTS // BAND: 1,
    }
    assert {message.message_key for message in fetched[:3]} == {
        keys["ask"],
        keys["reply"],
        keys["thanks"],
    }
    assert [message.message_key for message in fetched[3:]] == [
        keys["stray"],
        keys["spam"],
        keys["advert"],
    ]
    assert [message.spam for message in fetched[3:]] == [False, True, False]
    assert [message.promotions for message in fetched[3:]] == [False, False, True]
    assert pages[-1].last
    assert pages[-1].cursor
    assert all(page.full for page in pages)
    assert one.sandbox.misuse == []


def test_what_is_fetched_says_what_the_mail_says(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.human("win@luck.example", "Luck")
        keys = correspondence(one)
        one.world.advance_to(at(2))
        seen = messages(list(one.mail.fetch(listed(listing(one)))))
    reply = seen[keys["reply"]]
    assert (reply.from_.address, reply.from_.name) == (DANA, "Dana Kim")
    assert [person.address for person in reply.to] == [KATE]
    assert reply.subject == "Re: Offer"
    assert reply.at == to_micros(at(1))
    assert reply.in_reply_to == keys["ask"]
    assert reply.references == (keys["ask"],)
    assert (reply.sent, reply.inbox) == (False, True)
    assert seen[keys["ask"]].sent
    assert "list-unsubscribe" in seen[keys["advert"]].headers


def test_nothing_of_a_body_is_ever_in_a_record(tmp_path: Path) -> None:
    from connectors.sandbox.world.mails import PRIVATE

    with office(tmp_path) as one:
        one.world.human("win@luck.example", "Luck")
        correspondence(one)
        one.world.advance_to(at(2))
        pages = listing(one)
        pages += list(one.mail.fetch(listed(pages)))
    assert PRIVATE not in repr(pages)
    assert not any("snippet" in repr(page) for page in pages)


@pytest.mark.parametrize(("prices", "units"), [("new", 40 + 20), ("old", 10 + 5)])
def test_a_thread_is_fetched_whole_where_that_is_cheaper(
    tmp_path: Path, prices: Any, units: int
) -> None:
    with office(tmp_path, prices=prices) as one:
        first = one.world.mail(at(0), KATE, DANA, "Offer")
        for number in range(1, 6):
            first = one.world.mail(at(0, number), DANA, KATE, "Re: Offer", reply_to=first)
        one.world.mail(at(1), LEE, KATE, "Alone")
        one.world.advance_to(at(2))
        wanted = listed(listing(one))
        one.sandbox.log.clear()
        assert len(messages(list(one.mail.fetch(wanted)))) == 7
        counts = one.sandbox.log.counts()
        spent = one.sandbox.log.units("gmail.") - one.sandbox.quota.price("gmail.users.labels.list")
    assert counts["gmail.users.threads.get"] == 1
    assert counts["gmail.users.messages.get"] == 1
    assert spent == units


def test_every_unit_that_google_charges_was_taken_from_the_limiter(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.human("win@luck.example", "Luck")
        correspondence(one)
        one.world.advance_to(at(2))
        pages = listing(one)
        list(one.mail.fetch(listed(pages)))
        news(one, pages[-1].cursor)
        assert one.purse.net("gmail:1") == one.sandbox.log.units("gmail.")


def test_drafts_and_chats_are_never_fetched() -> None:
    lists = {
        "": ["m1", "m2", "m3"],
        "DRAFT": ["m2"],
        "CHAT": ["m3"],
        "INBOX": ["m1"],
    }
    with mailbox(lists) as mail:
        pages = list(mail.pages(None, ALL))
    assert [wanted.provider_id for wanted in listed(pages)] == ["m1"]


def test_the_history_continues_where_the_listing_began(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.mail(at(0), DANA, KATE, "Before")
        after = one.world.mail(at(2), DANA, KATE, "After")
        one.world.advance_to(at(1))
        cursor = listing(one)[-1].cursor
        assert listed(news(one, cursor)) == []
        one.world.advance_to(at(3))
        pages = news(one, cursor)
        fetched = messages(list(one.mail.fetch(listed(pages))))
        again = news(one, pages[-1].cursor)
    assert set(fetched) == {after}
    assert [wanted.priority for wanted in listed(pages)] == [DIALOGUE]
    assert pages[-1].last
    assert listed(again) == []


def test_marks_moves_and_deletions_are_told_with_the_whole_set_of_flags(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        star = one.world.mail(at(0), DANA, KATE, "Star")
        gone = one.world.mail(at(0, 1), DANA, KATE, "Gone")
        read = one.world.mail(at(0, 2), DANA, KATE, "Read")
        one.world.label(at(2), KATE, star, add=["STARRED", "promised/2026-12-01"])
        one.world.label(at(2), KATE, star, remove=["INBOX"])
        one.world.delete_mail(at(2), KATE, gone)
        one.world.label(at(2), KATE, read, remove=["UNREAD"])
        one.world.advance_to(at(1))
        pages = listing(one)
        ids = {
            message.message_key: message.provider_id
            for message in messages(list(one.mail.fetch(listed(pages)))).values()
        }
        one.world.advance_to(at(3))
        pages = news(one, pages[-1].cursor)
    assert set(changes(pages)) == {ids[star]}
    change = changes(pages)[ids[star]]
    assert change.flagged
    assert not change.inbox
    assert change.labels == ("promised/2026-12-01",)
    assert [one_ for page in pages for one_ in page.removed] == [ids[gone]]


def test_a_full_round_tells_today_s_labels_of_what_may_be_stored_already(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        key = one.world.mail(at(0), DANA, KATE, "Offer")
        one.world.label(at(0, 1), KATE, key, add=["STARRED", "clients"], remove=["INBOX"])
        one.world.advance_to(at(1))
        pages = listing(one)
        (fetched,) = messages(list(one.mail.fetch(listed(pages)))).values()
    told = changes(pages)[fetched.provider_id]
    assert (told.flagged, told.inbox, told.labels) == (True, False, ("clients",))
    assert (fetched.flagged, fetched.inbox, fetched.labels) == (True, False, ("clients",))


def test_a_lost_history_is_said_and_a_full_round_heals_it(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.mail(at(0), DANA, KATE, "Before")
        one.world.advance_to(at(1))
        cursor = listing(one)[-1].cursor
        one.sandbox.faults.add(Fault("not_found", where="gmail.users.history.list"))
        with pytest.raises(CursorLost):
            news(one, cursor)
        assert len(listed(listing(one))) == 1


@pytest.mark.parametrize("cursor", ["", "{}", '[1, "x", "", ""]', '[2, "5", "", ""]'])
def test_a_cursor_that_is_not_ours_is_lost(tmp_path: Path, cursor: str) -> None:
    with office(tmp_path) as one, pytest.raises(CursorLost):
        news(one, cursor)


def test_a_page_without_history_goes_on(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.mail(at(2), DANA, KATE, "After")
        one.world.advance_to(at(1))
        cursor = listing(one)[-1].cursor
        one.world.advance_to(at(3))
        one.sandbox.faults.add(Fault("no_history_key", where="gmail.users.history.list"))
        pages = news(one, cursor)
    assert len(pages) >= 2
    assert len(listed(pages)) == 1
    assert pages[-1].last


def test_a_message_deleted_after_it_was_listed_is_gone_and_not_a_failure(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        key = one.world.mail(at(0), DANA, KATE, "Offer")
        one.world.mail(at(0, 1), LEE, KATE, "Other")
        one.world.delete_mail(at(2), KATE, key)
        one.world.advance_to(at(1))
        wanted = listed(listing(one))
        one.world.advance_to(at(3))
        pages = list(one.mail.fetch(wanted))
    failed = [failure_ for page in pages for failure_ in page.failed]
    assert len(messages(pages)) == 1
    assert [(one_.gone, one_.final) for one_ in failed] == [(True, True)]


def test_a_message_deleted_out_of_its_thread_is_gone(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        keys = [one.world.mail(at(0), KATE, DANA, "Offer")]
        for number in range(1, 4):
            keys.append(one.world.mail(at(0, number), DANA, KATE, "Re: Offer", reply_to=keys[-1]))
        one.world.delete_mail(at(2), KATE, keys[2])
        one.world.advance_to(at(1))
        wanted = listed(listing(one))
        one.world.advance_to(at(3))
        pages = list(one.mail.fetch(wanted))
    settled = Counter(message.provider_id for page in pages for message in page.messages)
    settled.update(failed.provider_id for page in pages for failed in page.failed)
    assert settled == Counter(wanted_.provider_id for wanted_ in wanted)
    assert set(messages(pages)) == set(keys) - {keys[2]}


WIRE = ("truncated", "drop_before", "drop_after", "html", "too_many", "rate_403")
ANYWHERE = (*WIRE, "rate_403_new", "rate_403_list", "server_error", "expired_token")


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("empty_page", "gmail.users.messages.list"),
        *((kind, "gmail.users.messages.list") for kind in ANYWHERE),
        *((kind, "gmail.users.threads.get") for kind in ANYWHERE),
    ],
)
def test_what_google_does_on_a_bad_day_changes_nothing(
    tmp_path: Path, kind: Any, where: str
) -> None:
    with office(tmp_path) as one:
        one.world.human("win@luck.example", "Luck")
        correspondence(one)
        one.world.advance_to(at(2))
        wanted = listed(listing(one))
        calm = messages(list(one.mail.fetch(wanted)))
        one.sandbox.faults.add(Fault(kind, where=where))
        assert listed(listing(one)) == wanted
        assert messages(list(one.mail.fetch(wanted))) == calm
        assert one.sandbox.faults.fired[kind] == 1


def test_a_day_s_quota_keeps_what_was_fetched_and_the_rest_completes_later(
    tmp_path: Path,
) -> None:
    with office(tmp_path) as one:
        keys = {one.world.mail(at(0, 0.1 * n), LEE, KATE, f"Mail {n}") for n in range(120)}
        one.world.advance_to(at(2))
        wanted = listed(listing(one))
        one.sandbox.faults.add(
            Fault("daily_403", where="gmail.users.messages.get", after=60, times=None)
        )
        first: list[Page] = []
        with pytest.raises(TransientError) as caught:
            first.extend(one.mail.fetch(wanted))  # keeps what came before the error
        one.sandbox.faults.clear()
        one.sandbox.log.clear()
        have = {seen.provider_id for seen in messages(first).values()}
        rest = [wanted_ for wanted_ in wanted if wanted_.provider_id not in have]
        second = list(one.mail.fetch(rest))
        again = one.sandbox.log.counts()["gmail.users.messages.get"]
    assert caught.value.exit_code == 3
    assert again == len(rest)
    assert set(messages(first)) | set(messages(second)) == keys


def test_units_already_paid_are_not_lost_to_an_error(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        for number in range(40):
            one.world.mail(at(0, 0.1 * number), LEE, KATE, f"Mail {number}")
        one.world.advance_to(at(2))
        wanted = listed(listing(one))
        one.sandbox.log.clear()
        one.sandbox.faults.add(
            Fault("daily_403", where="gmail.users.messages.get", after=30, times=None)
        )
        got: list[Page] = []
        with pytest.raises(TransientError):
            got.extend(one.mail.fetch(wanted))  # keeps what came before the error
        answered = one.sandbox.log.statuses()["gmail.users.messages.get", 200]
    assert answered == 30
    assert len(messages(got)) == answered


def test_one_poisoned_message_is_a_failure_and_the_others_come() -> None:
    def answer(seen: Seen) -> Reply:
        name = seen.path.rsplit("/", 1)[-1]
        if name == "labels":
            return Reply(body={"labels": [{"id": "INBOX", "name": "INBOX", "type": "system"}]})
        return failure(500, "backendError") if name == "m3" else Reply(body={"id": name})

    wanted = [Listed(f"m{number}", f"m{number}") for number in range(6)]
    with serving(answer=answer) as script, google_at(script.url) as google:
        pages = list(GoogleMail(google).fetch(wanted))
    failed = [one for page in pages for one in page.failed]
    assert {seen.provider_id for page in pages for seen in page.messages} == {
        f"m{number}" for number in (0, 1, 2, 4, 5)
    }
    assert [(one.provider_id, one.final, one.gone) for one in failed] == [("m3", False, False)]


def test_when_all_messages_fail_the_mailbox_stops() -> None:
    def answer(seen: Seen) -> Reply:
        return Reply() if seen.path.endswith("labels") else failure(500)

    wanted = [Listed(f"m{number}", f"m{number}") for number in range(50)]
    asked: set[str] = set()
    with serving(answer=answer) as script, google_at(script.url) as google:
        with pytest.raises(TransientError):
            list(GoogleMail(google).fetch(wanted))
        asked = {seen.path for seen in script.seen}
    assert len(asked) < 12


def test_a_broken_thread_is_read_message_by_message() -> None:
    def answer(seen: Seen) -> Reply:
        if seen.path.endswith("labels"):
            return Reply()
        if "/threads/" in seen.path:
            return failure(500)
        return Reply(body={"id": seen.path.rsplit("/", 1)[-1]})

    wanted = [Listed(f"m{number}", "t1") for number in range(3)]
    with serving(answer=answer) as script, google_at(script.url) as google:
        pages = list(GoogleMail(google).fetch(wanted))
    assert len([seen for page in pages for seen in page.messages]) == 3


def mailbox(
    lists: dict[str, list[str]],
    dates: dict[str, datetime] | None = None,
    size: int = 500,
    purse: Purse | None = None,
) -> Any:
    """A mail source over a scripted Gmail: ids by label ("" is all), and their dates."""
    from contextlib import contextmanager

    def answer(seen: Seen) -> Reply:
        name = seen.path.rsplit("/", 1)[-1]
        if name == "profile":
            return Reply(body={"historyId": "77", "emailAddress": KATE})
        if name == "labels":
            kinds = [label for label in lists if label]
            return Reply(
                body={"labels": [{"id": one, "name": one, "type": "system"} for one in kinds]}
            )
        if name == "messages":
            ids = lists[seen.query.get("labelIds", [""])[0]]
            start = int(seen.query.get("pageToken", ["0"])[0])
            more = {"nextPageToken": str(start + size)} if start + size < len(ids) else {}
            rows = [{"id": one, "threadId": one} for one in ids[start : start + size]]
            return Reply(body={"messages": rows, **more})
        moment = (dates or {})[name]
        return Reply(body={"id": name, "internalDate": str(int(moment.timestamp() * 1000))})

    @contextmanager
    def made() -> Any:
        with serving(answer=answer) as script, google_at(script.url, purse=purse) as google:
            yield GoogleMail(google)

    return made()


DAYS = {
    f"m{day}": datetime(2026, 11, 1, tzinfo=UTC).timestamp() - day * 86_400 for day in range(900)
}
DATES = {name: datetime.fromtimestamp(stamp, UTC) for name, stamp in DAYS.items()}
SINCE = to_micros(DATES["m200"])


def test_mail_older_than_asked_for_is_left_out_where_the_list_is_sorted() -> None:
    lists = {"": list(DATES), "INBOX": list(DATES), "SENT": []}
    purse = Purse()
    with mailbox(lists, DATES, size=100, purse=purse) as mail:
        pages = list(mail.pages(None, SINCE))
    found = {wanted.provider_id for wanted in listed(pages)}
    assert {f"m{day}" for day in range(201)} <= found
    assert len(found) <= 205
    assert pages[-1].window is not None
    assert pages[-1].window.start == SINCE
    # Reading the 700 others would have cost 14,000 units.
    assert purse.net("gmail:7") < 600


def test_nothing_is_left_out_where_the_list_is_not_sorted() -> None:
    shuffled = [f"m{(day * 541) % 900}" for day in range(900)]
    with mailbox({"": shuffled, "INBOX": []}, DATES, size=100) as mail:
        pages = list(mail.pages(None, SINCE))
    assert len(listed(pages)) == 900
    assert all(page.window is None for page in pages)


def test_new_mail_behind_old_mail_keeps_the_list_going() -> None:
    # Three pages of old mail (an import), then news again: the probes must not stop at the first.
    old = [f"m{day}" for day in range(300, 400)]
    new = [f"m{day}" for day in range(150)]
    with mailbox({"": old + new + [f"m{day}" for day in range(400, 900)]}, DATES, size=100) as mail:
        found = {wanted.provider_id for wanted in listed(list(mail.pages(None, SINCE)))}
    assert set(new) <= found


@pytest.mark.parametrize("since", [ALL, SINCE])
def test_a_mail_that_slipped_between_two_pages_is_found_in_the_list_of_its_label(
    since: int,
) -> None:
    whole = [name for name in DATES if name != "m42"]
    with mailbox({"": whole, "INBOX": list(DATES), "SENT": ["m3"]}, DATES, size=100) as mail:
        found = [wanted.provider_id for wanted in listed(list(mail.pages(None, since)))]
    assert "m42" in found
    assert len(found) == len(set(found))
    # What lies behind the limit is not brought back by the other list.
    assert len(found) == 900 if since == ALL else len(found) <= 205


def test_an_empty_mailbox_is_one_last_page() -> None:
    with mailbox({"": []}) as mail:
        (page,) = list(mail.pages(None, ALL))
    assert page.last
    assert page.full
    assert page.cursor


def test_history_labels_that_are_not_filled_in_are_asked_for() -> None:
    def answer(seen: Seen) -> Reply:
        name = seen.path.rsplit("/", 1)[-1]
        if name == "labels":
            rows = [{"id": "Label_3", "name": "promised/2026-12-01", "type": "user"}]
            return Reply(body={"labels": rows})
        if name == "history":
            added = {"message": {"id": "m1", "threadId": "t"}, "labelIds": ["Label_3"]}
            return Reply(
                body={"historyId": "90", "history": [{"id": "80", "labelsAdded": [added]}]}
            )
        return Reply(body={"id": "m1", "labelIds": ["INBOX", "STARRED", "Label_3"]})

    with serving(answer=answer) as script, google_at(script.url) as google:
        (page,) = list(GoogleMail(google).pages('[1, "70", "", ""]', ALL))
    assert page.changes[0].inbox
    assert page.changes[0].flagged
    assert page.changes[0].labels == ("promised/2026-12-01",)
    assert page.cursor == '[1, "90", "", ""]'


def test_reading_a_mail_costs_no_request_of_ours() -> None:
    def answer(seen: Seen) -> Reply:
        if seen.path.endswith("labels"):
            return Reply()
        taken = {"message": {"id": "m1", "threadId": "t"}, "labelIds": ["UNREAD"]}
        return Reply(body={"historyId": "90", "history": [{"id": "80", "labelsRemoved": [taken]}]})

    with serving(answer=answer) as script, google_at(script.url) as google:
        (page,) = list(GoogleMail(google).pages('[1, "70", "", ""]', ALL))
    assert page.changes == ()
    assert len(script.seen) == 2


def test_a_round_of_history_cut_off_in_the_middle_goes_on_and_keeps_its_end() -> None:
    def answer(seen: Seen) -> Reply:
        if seen.path.endswith("labels"):
            return Reply()
        page = seen.query.get("pageToken", [""])[0]
        number = int(page or "0")
        body: dict[str, Any] = {
            "historyId": str(100 + number),
            "history": [
                {
                    "messagesAdded": [
                        {"message": {"id": f"m{number}", "threadId": "t", "labelIds": []}}
                    ]
                }
            ],
        }
        if number < 3:
            body["nextPageToken"] = str(number + 1)
        return Reply(body=body)

    with serving(answer=answer) as script, google_at(script.url) as google:
        mail = GoogleMail(google)
        whole = list(mail.pages('[1, "70", "", ""]', ALL))
        rest = list(mail.pages(whole[1].cursor, ALL))
    assert [wanted.provider_id for wanted in listed(whole)] == ["m0", "m1", "m2", "m3"]
    assert [wanted.provider_id for wanted in listed(rest)] == ["m2", "m3"]
    # What happened during the round is listed again by the next one.
    assert rest[-1].cursor == whole[-1].cursor == '[1, "100", "", ""]'


def test_a_login_of_another_account_is_found_before_anything_is_listed(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.mail(at(0), DANA, KATE, "Offer")
        one.world.advance_to(at(1))
        own = GoogleMail(one.google, addresses=frozenset({KATE}))
        assert len(listed(list(own.pages(None, ALL)))) == 1
        one.sandbox.log.clear()
        other = GoogleMail(one.google, addresses=frozenset({"eve@ourco.example"}))
        with pytest.raises(AuthError) as caught:
            list(other.pages(None, ALL))
        assert one.sandbox.log.counts() == {"gmail.users.getProfile": 1}
    assert KATE not in caught.value.message + caught.value.hint
    assert "aliases" in caught.value.hint
