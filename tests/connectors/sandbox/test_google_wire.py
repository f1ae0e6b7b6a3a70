"""Is every documented nastiness really on the wire: faults, quota, batches, TLS, refusals?"""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import requests
import trustme

from connectors.sandbox.google.server import MAIL, GoogleSandbox
from connectors.sandbox.server.faults import Fault, Faults
from connectors.sandbox.server.quota import PRICES
from tests.support.providers.sandbox_requests import (
    EVENTS,
    GMAIL,
    KATE,
    OMAR,
    Asker,
    client,
    day,
    headers,
    world_of_kate,
)

EVENTS_LIST = "calendar.events.list"
LIST = "gmail.users.messages.list"
GET = "gmail.users.messages.get"


def world_with_mails(count: int = 5):
    world = world_of_kate()
    for number in range(count):
        world.mail(day(0, 9 + number / 60), OMAR, KATE, f"Mail {number}")
        world.invite(day(0), KATE, [OMAR], day(9 + number), title=f"Meeting {number}")
    world.advance_to(day(1))
    return world


def sandbox(*faults: Fault, **more: Any) -> GoogleSandbox:
    return GoogleSandbox(world_with_mails(), faults=Faults(*faults), **more)


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (Fault("gone", where="calendar.events.list"), 410, "fullSyncRequired"),
        (Fault("updated_min", where="calendar.*"), 410, "updatedMinTooLongAgo"),
        (Fault("deleted", where="calendar.*"), 410, "deleted"),
        (Fault("not_found"), 404, "notFound"),
        (Fault("too_many"), 429, "rateLimitExceeded"),
        (Fault("rate_403"), 403, "userRateLimitExceeded"),
        (Fault("quota_403"), 403, "quotaExceeded"),
        (Fault("daily_403"), 403, "dailyLimitExceeded"),
        (Fault("server_error", status=502), 502, "backendError"),
        (Fault("expired_token"), 401, "authError"),
        (Fault("forbidden"), 403, "insufficientPermissions"),
    ],
)
def test_an_error_answers_once_in_googles_words_and_then_all_is_well(fault, status, reason) -> None:
    with sandbox(fault) as google:
        google.faults.clear()
        asker = Asker(google)
        google.faults.add(fault)
        assert asker.reason(EVENTS) == (status, reason)
        assert asker.ask(EVENTS).status_code == 200
        assert google.faults.fired[fault.kind] == 1
        assert [entry.fault for entry in google.log][-2:] == [fault.kind, ""]


def test_the_new_style_of_quota_errors_has_no_reasons_and_the_odd_one_is_a_list() -> None:
    with sandbox(Fault("rate_403_new", where=LIST), Fault("rate_403_list", where=LIST)) as google:
        asker = Asker(google)
        new = asker.ask(GMAIL + "messages")
        listed = asker.ask(GMAIL + "messages")
    assert new.status_code == listed.status_code == 403
    assert "errors" not in new.json()["error"]
    assert new.json()["error"]["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    assert isinstance(listed.json(), list)


def test_retry_after_is_there_only_where_the_fault_gives_one() -> None:
    with sandbox(Fault("too_many", where=LIST), Fault("too_many", where=LIST, retry_after=7)) as g:
        asker = Asker(g)
        assert "Retry-After" not in asker.ask(GMAIL + "messages").headers
        assert asker.ask(GMAIL + "messages").headers["Retry-After"] == "7"


def test_a_portal_answers_with_html_and_status_200() -> None:
    with sandbox(Fault("html", where=LIST)) as google:
        reply = Asker(google).ask(GMAIL + "messages")
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/html")


def test_a_truncated_body_is_shorter_than_it_says() -> None:
    with sandbox(Fault("truncated", where=LIST)) as google:
        asker = Asker(google)
        with pytest.raises(requests.exceptions.RequestException):
            asker.ask(GMAIL + "messages")
        assert asker.ask(GMAIL + "messages").status_code == 200


@pytest.mark.parametrize(("kind", "units"), [("drop_before", 0), ("drop_after", 5)])
def test_a_dropped_connection_gives_nothing_and_may_have_cost_units(kind, units) -> None:
    with sandbox(Fault(kind, where=LIST)) as google:
        asker = Asker(google)
        with pytest.raises(requests.exceptions.ConnectionError):
            asker.ask(GMAIL + "messages")
        assert google.log.statuses()[LIST, 0] == 1
        assert google.log.units(LIST) == units


def test_latency_is_asked_of_the_given_sleep() -> None:
    slept: list[float] = []
    with sandbox(Fault("slow", where=LIST, seconds=30), sleep=slept.append) as google:
        assert Asker(google).ask(GMAIL + "messages").status_code == 200
    assert slept == [30]


@pytest.mark.parametrize("path", [EVENTS, GMAIL + "messages", GMAIL + "threads", GMAIL + "history"])
@pytest.mark.parametrize("kind", ["empty_page", "repeated_page"])
def test_empty_and_repeated_pages_lose_nothing_for_who_goes_on(path: str, kind: str) -> None:
    key = {"events": "items"}.get(path.rpartition("/")[2], path.rpartition("/")[2])
    query = {"startHistoryId": "8000000"} if path.endswith("history") else {}
    with sandbox() as google:
        asker = Asker(google)
        whole = [one["id"] for page in asker.pages(path, **query) for one in page[key]]
        google.faults.add(Fault(kind))
        size = {"maxResults": 2}
        pages = list(asker.pages(path, **query, **size))
        struck = [one["id"] for page in pages for one in page.get(key, [])]
    assert len(whole) == 5
    if kind == "empty_page":
        assert not pages[0].get(key)
        assert struck == whole
    else:
        assert struck == whole[:2] + whole


@pytest.mark.parametrize("endless", ["empty_page", "repeated_page"])
def test_pages_may_go_on_for_ever(endless) -> None:
    with sandbox(Fault(endless, where=LIST, times=None)) as google:
        with pytest.raises(AssertionError, match="do not end"):
            list(Asker(google).pages(GMAIL + "messages", maxResults=2))


def test_a_late_event_is_missing_now_and_comes_with_the_next_delta() -> None:
    with sandbox(Fault("late_item", where="calendar.events.list")) as google:
        asker = Asker(google)
        (page,) = asker.pages(EVENTS)
        late, _ = asker.sync(page["nextSyncToken"])
        everything = {one["id"] for one in asker.events()}
    assert len(page["items"]) == 4
    assert {one["id"] for one in page["items"]} | {one["id"] for one in late} == everything
    assert len(late) == 1


def test_a_late_mail_is_missing_in_the_list_and_comes_with_the_history() -> None:
    with sandbox(Fault("late_item", where=LIST)) as google:
        asker = Asker(google)
        start = asker.get(GMAIL + "profile")["historyId"]
        listed = {one["id"] for one in asker.get(GMAIL + "messages")["messages"]}
        history = asker.get(GMAIL + "history", startHistoryId=start)["history"]
    assert len(listed) == 4
    assert history[0]["messagesAdded"][0]["message"]["id"] not in listed


def test_history_without_its_key_still_has_a_next_page() -> None:
    with sandbox(Fault("no_history_key", where="gmail.users.history.list")) as google:
        pages = list(Asker(google).pages(GMAIL + "history", startHistoryId="8000000"))
    assert ["history" in page for page in pages] == [False, True]


def test_stubs_shrink_to_what_is_guaranteed() -> None:
    world = world_of_kate()
    meeting = world.invite(day(0), KATE, [OMAR], day(9), title="Own")
    world.cancel(day(1), meeting)
    world.advance_to(day(2))
    with GoogleSandbox(world, faults=Faults(Fault("stubs"))) as google:
        google.faults.clear()
        asker = Asker(google)
        google.faults.add(Fault("stubs"))
        (stub,) = asker.events(showDeleted=True)
    assert set(stub) == {"id", "status"}


def test_chance_is_drawn_from_the_seed_so_that_a_run_can_be_repeated() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(Fault("server_error", chance=0.3, times=None), seed=seed)
        return [faults.decide(LIST) is not None for _ in range(400)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 80 <= sum(struck(1)) <= 160


def test_a_fault_can_be_limited_to_one_mailbox_and_begin_later() -> None:
    faults = Faults(Fault("gone", who=KATE, after=1, times=2))
    kate = [faults.decide(LIST, KATE) is not None for _ in range(5)]
    assert kate == [False, True, True, False, False]
    assert faults.decide(LIST, OMAR) is None


@pytest.mark.parametrize("prices", ["new", "old"])
def test_units_are_counted_at_either_price(prices) -> None:
    with sandbox(prices=prices) as google:
        asker = Asker(google)
        asker.mails()
        asker.get(GMAIL + "profile")
        table = PRICES[prices]
        assert google.log.units("gmail.") == table[LIST] + 5 * table[GET] + 1
    assert (PRICES["new"][GET], PRICES["old"][GET]) == (20, 5)


def test_the_quota_slides_over_a_minute_and_says_when_to_come_back() -> None:
    seconds = [0.0]
    with sandbox(enforce_quota=True, steady=lambda: seconds[0], access_seconds=9e9) as google:
        asker = Asker(google)
        mail = asker.get(GMAIL + "messages")["messages"][0]["id"]
        path = GMAIL + f"messages/{mail}"
        granted = 0
        while (reply := asker.ask(path, format="minimal")).status_code == 200:
            granted += 1
            seconds[0] += 0.1
        assert granted == (6000 - 5) // 20
        assert reply.status_code == 429
        wait = int(reply.headers["Retry-After"])
        # The list's 5 units are free again 60 s after it, and the first get's 20 a moment later.
        assert 29 <= wait <= 31
        # Calendar has its own allowance.
        assert asker.ask(EVENTS).status_code == 200
        seconds[0] += wait + 1
        assert asker.ask(path, format="minimal").status_code == 200


def test_calendars_allowance_is_refused_in_calendars_own_words() -> None:
    with sandbox(enforce_quota=True) as google:
        asker = Asker(google)
        google.quota.charge(KATE, EVENTS_LIST, 0)
        for _ in range(599):
            google.quota.charge(KATE, EVENTS_LIST, time.monotonic())
        assert asker.ask(EVENTS).status_code == 200
        assert asker.reason(EVENTS) == (403, "userRateLimitExceeded")


def test_too_many_requests_of_one_user_at_once_are_refused() -> None:
    slow = Fault("slow", where=GET, seconds=0.3, times=None)
    with sandbox(slow, max_in_flight=2) as google:
        asker = Asker(google)
        mail = asker.get(GMAIL + "messages")["messages"][0]["id"]
        askers = [Asker(google) for _ in range(6)]
        statuses: list[int] = []

        def fetch(own: Asker) -> None:
            reply = own.ask(GMAIL + f"messages/{mail}", format="minimal")
            statuses.append(reply.status_code)

        threads = [threading.Thread(target=fetch, args=(own,)) for own in askers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 200 in statuses
        assert 429 in statuses
        assert asker.ask(GMAIL + f"messages/{mail}", format="minimal").status_code == 200


def test_unknown_parameters_and_wrong_values_are_refused() -> None:
    with sandbox() as google:
        asker = Asker(google)
        for path, query in (
            (EVENTS, {"max_results": 5}),
            (EVENTS, {"maxResults": "many"}),
            (EVENTS, {"maxResults": 0}),
            (EVENTS, {"singleEvents": "yes"}),
            (EVENTS, {"eventTypes": "meeting"}),
            (EVENTS, {"orderBy": "startTime"}),
            (EVENTS, {"timeMin": day(3).isoformat(), "timeMax": day(2).isoformat()}),
            (EVENTS, {"timeZone": "Mars/Base"}),
            (EVENTS, {"alt": "media"}),
            (GMAIL + "messages", {"labels": "SENT"}),
            (GMAIL + "messages", {"pageToken": "rubbish"}),
        ):
            assert asker.ask(path, **query).status_code == 400, (path, query)
        message = asker.ask(EVENTS, bogus=1).json()["error"]["message"]
        assert 'Unknown name "bogus"' in message
        assert asker.ask("gmail/v1/users/someone@else.example/messages").status_code == 403
        assert asker.ask("gmail/v1/users/me/drafts").status_code == 404


def test_a_get_sent_as_a_post_is_a_get() -> None:
    with sandbox() as google:
        asker = Asker(google)
        reply = asker.session.post(
            google.api_root + EVENTS,
            data={"maxResults": "2", "fields": "items(id)"},
            headers={
                "Authorization": f"Bearer {asker.token}",
                "x-http-method-override": "GET",
            },
            timeout=5,
        )
        assert len(reply.json()["items"]) == 2
        entry = list(google.log)[-1]
    assert (entry.method, entry.verb) == ("calendar.events.list", "GET")
    assert entry.names == ("fields", "maxResults")


def test_a_batch_is_answered_part_by_part_and_each_part_pays() -> None:
    with sandbox(Fault("too_many", where=GET, after=1)) as google:
        gmail = client(google, "gmail", MAIL)
        ids = [
            one["id"] for one in gmail.users().messages().list(userId="me").execute()["messages"]
        ]
        answers: dict[str, Any] = {}

        def heard(name: str, reply: Any, error: Any) -> None:
            answers[name] = error.status_code if error else reply["id"]

        batch = gmail.new_batch_http_request(callback=heard)
        batch._batch_uri = google.api_root + "batch"
        for mail_id in [*ids, "nonsense"]:
            get = gmail.users().messages().get(userId="me", id=mail_id, format="minimal")
            batch.add(get, request_id=mail_id)
        batch.execute()
        parts = [entry for entry in google.log if entry.part]
    assert answers[ids[0]] == ids[0]
    assert answers[ids[1]] == 429
    assert answers["nonsense"] == 404
    assert [entry.units for entry in parts] == [20, 0, 20, 20, 20, 20]


def test_a_batch_of_more_than_a_hundred_is_refused() -> None:
    part = "--b\r\nContent-Type: application/http\r\n\r\nGET /gmail/v1/users/me/profile\r\n\r\n"
    with sandbox() as google:
        asker = Asker(google)

        def post(count: int) -> int:
            reply = asker.session.post(
                google.api_root + "batch",
                data=part * count + "--b--",
                headers={
                    "Authorization": f"Bearer {asker.token}",
                    "Content-Type": 'multipart/mixed; boundary="b"',
                },
                timeout=5,
            )
            return reply.status_code

        assert (post(100), post(101), post(0)) == (200, 400, 400)


def test_it_speaks_tls_with_a_given_certificate(tmp_path) -> None:
    authority = trustme.CA()
    context_cert = authority.issue_cert("localhost")
    key, chain, root = tmp_path / "key.pem", tmp_path / "chain.pem", tmp_path / "ca.pem"
    context_cert.private_key_pem.write_to_path(key)
    for blob in context_cert.cert_chain_pems:
        blob.write_to_path(chain, append=True)
    authority.cert_pem.write_to_path(root)
    with GoogleSandbox(world_with_mails(), tls=(str(chain), str(key))) as google:
        assert google.api_root.startswith("https://localhost:")
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(root)
            reply = session.get(google.api_root + EVENTS, timeout=5)
    assert reply.status_code == 401


def test_many_threads_get_their_own_answers_and_the_log_counts_them_in_flight() -> None:
    with sandbox(Fault("slow", where=GET, seconds=0.05, times=None)) as google:
        asker = Asker(google)
        ids = [one["id"] for one in asker.get(GMAIL + "messages")["messages"]]
        wrong: list[str] = []

        def fetch(mail_id: str) -> None:
            own = Asker(google)
            for _ in range(3):
                got = own.get(GMAIL + f"messages/{mail_id}", format="metadata")
                if got["id"] != mail_id:
                    wrong.append(mail_id)

        threads = [threading.Thread(target=fetch, args=(mail_id,)) for mail_id in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        assert google.log.counts()[GET] == 15
        assert google.log.peak > 1


def test_the_log_holds_names_and_never_a_value_or_a_token() -> None:
    with sandbox() as google:
        asker = Asker(google)
        asker.get(EVENTS, iCalUID="very-private")
        text = repr(list(google.log))
    assert "iCalUID" in text
    assert "very-private" not in text
    assert asker.token not in text


def test_mistakes_of_the_sandbox_itself_are_raised_at_its_end() -> None:
    def break_it() -> None:
        world = world_with_mails()
        with GoogleSandbox(world) as google:
            next(iter(world.state.meetings.values())).copies.clear()
            assert Asker(google).ask(EVENTS).status_code == 500

    with pytest.raises(ExceptionGroup, match="sandbox made mistakes"):
        break_it()


def test_a_closed_sandbox_answers_nobody_not_even_on_a_kept_connection() -> None:
    with sandbox() as google:
        asker = Asker(google)
        assert asker.ask(EVENTS).status_code == 200
        root = google.api_root
    with pytest.raises(requests.exceptions.ConnectionError):
        asker.session.get(root + EVENTS, timeout=5)


def test_googles_own_client_reads_mails_over_it() -> None:
    with sandbox() as google:
        gmail = client(google, "gmail", MAIL)
        listed = gmail.users().messages().list(userId="me", labelIds=["INBOX"]).execute()
        first = listed["messages"][0]["id"]
        mail = gmail.users().messages().get(userId="me", id=first, format="metadata").execute()
    assert headers(mail)["subject"] == "Mail 4"


def test_a_lost_cursor_strikes_only_who_bears_one() -> None:
    with sandbox(Fault("gone", where="calendar.events.list", needs="syncToken")) as google:
        asker = Asker(google)
        token = asker.token_of()
        assert asker.reason(EVENTS, syncToken=token) == (410, "fullSyncRequired")
        assert len(asker.events()) == 5


def test_the_world_may_follow_a_clock() -> None:
    world = world_with_mails()
    moment = [day(1)]
    world.mail(day(3), OMAR, KATE, "Later")
    with GoogleSandbox(world, follow=lambda: moment[0]) as google:
        asker = Asker(google)
        assert asker.get(GMAIL + "profile")["messagesTotal"] == 5
        moment[0] = day(4)
        assert asker.get(GMAIL + "profile")["messagesTotal"] == 6
        moment[0] = day(2)
        assert asker.get(GMAIL + "profile")["messagesTotal"] == 6
