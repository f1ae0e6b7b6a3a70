"""Does the Microsoft sandbox speak as Graph's description and the facts say?"""

from __future__ import annotations

import base64
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.microsoft.methods import METHODS
from connectors.sandbox.microsoft.server import ATTENDANCE, CLIENT_ID, READING, SENDING
from connectors.sandbox.scenario.worlds import small_world
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.recurrence import Rule
from connectors.sandbox.world.script import micros
from tests.support.providers.graph_spec import misfits, odd_options, operation, properties, types
from tests.support.providers.microsoft_office import ANA, DANA, KATE, LEE, Office, at, office

IMMUTABLE = 'IdType="ImmutableId"'
ALL = (*READING, *SENDING, *ATTENDANCE)


@pytest.fixture
def kate(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, login=False) as made:
        yield made


class Asker:
    """Asks the sandbox by the standard library alone, as nobody of ours would."""

    def __init__(self, office: Office, *scopes: str) -> None:
        self.root = office.sandbox.graph_root.rstrip("/")
        issued = office.sandbox.sign_in.issue(KATE, frozenset(scopes or ALL), CLIENT_ID)
        self.token = str(issued["access_token"])
        self.context = ssl.create_default_context(cafile=str(office.sandbox.ca_file))

    def __call__(self, path: str, *, prefer: str = IMMUTABLE, body: Any = None) -> dict[str, Any]:
        status, found = self.status(path, prefer=prefer, body=body)
        assert status == 200, (path, found)
        return found

    def status(
        self, path: str, *, prefer: str = IMMUTABLE, body: Any = None
    ) -> tuple[int, dict[str, Any]]:
        url = path if path.startswith("https") else self.root + path.replace(" ", "%20")
        request = urllib.request.Request(
            url,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Prefer": prefer,
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, context=self.context) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def all(self, path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        while path:
            page = self(path)
            items += page["value"]
            path = page.get("@odata.nextLink", "")
        return items


def view(days: int = 60) -> str:
    start, end = at(-30), at(days)
    return f"startDateTime={start:%Y-%m-%dT%H:%M:%SZ}&endDateTime={end:%Y-%m-%dT%H:%M:%SZ}"


def lived_in(office: Office) -> None:
    """A few weeks in which everything happens that a reply can show."""
    world = office.world
    review = world.invite(at(0, 1), KATE, [DANA, LEE], at(3), title="Review", online=True)
    world.answer(at(0, 2), review, DANA, "accepted")
    world.answer(at(1), review, LEE, "accepted", by=ANA)
    world.propose(at(2), review, DANA, at(3, 2))
    vendor = world.invite(at(0, 1), LEE, [KATE], at(4), title="Vendor", location="Cafe")
    world.move(at(1, 3), vendor, at(4, 3))
    world.cancel(at(3.9), vendor)
    weekly = world.invite(
        at(0, 1), KATE, [DANA], at(1), title="Weekly", rule=Rule("weekly", count=5)
    )
    world.move(at(2), weekly, at(9), occurrence=at(8))
    world.invite(at(0, 1), KATE, [DANA], at(5).date(), title="Fair", days=2)
    asked = world.mail(at(0, 5), KATE, DANA, "Offer")
    world.mail(at(1, 5), DANA, KATE, "Re: Offer", reply_to=asked)
    world.label(at(1, 6), KATE, asked, add=["promised/2026-11-20", "Clients"])
    start, end = micros(at(3)), micros(at(3, 0.5))
    world.hold(
        at(3, 0.5),
        review,
        [
            Participant("Kate Lind", "signed_in", start, end, KATE),
            Participant("Ines", "anonymous", start, end),
            Participant("?", "phone", start, end),
        ],
    )
    world.advance_to(at(5))


def test_events_and_messages_fit_the_description(kate: Office) -> None:
    lived_in(kate)
    ask = Asker(kate)
    events = ask.all(f"/me/calendarView?{view()}&$top=3")
    assert {one["type"] for one in events} == {"singleInstance", "occurrence", "exception"}
    delta = ask.all(f"/me/calendarView/delta?{view()}")
    for one in events + delta:
        assert list(misfits(one, "event")) == []
    selected = "subject,internetMessageHeaders,from,flag,categories,receivedDateTime"
    messages = ask.all(f"/me/messages?$top=5&$select={selected}")
    messages += [ask(f"/me/messages/{one['id']}") for one in messages]
    for one in messages:
        assert list(misfits(one, "message")) == []
    kinds = {one["@odata.type"].rpartition(".")[2] for one in messages}
    assert kinds == {"message", "eventMessage", "eventMessageRequest", "eventMessageResponse"}
    for one in ask.all("/me/mailFolders?includeHiddenFolders=true"):
        assert list(misfits(one, "mailFolder")) == [] or "mailSearchFolder" in one["@odata.type"]
    for one in ask.all("/me/calendars"):
        assert list(misfits(one, "calendar")) == []


def test_attendance_reports_fit_the_description(kate: Office) -> None:
    lived_in(kate)
    ask = Asker(kate)
    events = ask.all(f"/me/calendarView?{view()}")
    link = next(one["onlineMeeting"]["joinUrl"] for one in events if one["isOnlineMeeting"])
    quoted = urllib.parse.quote(f"JoinWebUrl eq '{link}'")
    (meeting,) = ask(f"/me/onlineMeetings?$filter={quoted}")["value"]
    assert list(misfits(meeting, "onlineMeeting")) == []
    path = f"/me/onlineMeetings/{meeting['id']}/attendanceReports"
    (listed,) = ask(path)["value"]
    assert listed["attendanceRecords"] == []
    report = ask(f"{path}/{listed['id']}?$expand=attendanceRecords")
    assert list(misfits(report, "meetingAttendanceReport")) == []
    named = [one["emailAddress"] for one in report["attendanceRecords"]]
    assert named == [KATE, "", None]


def test_a_misfit_would_be_found() -> None:
    wrong = {"subject": 3, "showAs": "gone", "organiser": {}, "createdDateTime": "yesterday"}
    assert len(list(misfits(wrong, "event"))) == 4


def test_every_method_of_the_sandbox_is_in_the_description() -> None:
    examples = {"calendar": "C", "event": "E", "folder": "F", "message": "M", "meeting": "T"}
    examples["report"] = "R"
    unknown = []
    for method in METHODS:
        path = re.sub(r"^\(\?:/calendar\|.*?\)\?(?=/calendarView)", "", method.pattern.pattern)
        path = re.sub(r"\(\?:/mailFolders/.*?\)\?(?=/messages)", "", path)
        path = re.sub(r"\(\?P<(\w+)>\[\^/\]\+\)", lambda one: examples[one.group(1)], path)
        path = path.replace(r"(?:microsoft\.graph\.)?", "").replace(r"(?:\(\))?", "()")
        if operation("/me" + path) is None:
            unknown.append(method.id)
    # Its children are a navigation of mailFolder that the subset leaves out of its paths.
    assert unknown == ["childFolders.list"]
    assert properties("mailFolder")["childFolders"] == "Collection(graph.mailFolder)"


def test_what_we_ask_is_in_the_description(kate: Office) -> None:
    lived_in(kate)
    kate.graph = kate.graph_for(kate.login())
    kate.meetings()
    kate.messages()
    asked = [one for one in kate.sandbox.log.entries() if not one.method.startswith("login.")]
    odd = {}
    for one in asked:
        if one.method in ("batch", "childFolders.list"):
            continue
        path = re.sub(r"\(\?:.*?\)\?(?=/(calendarView|messages))", "", one.template)
        path = path.replace(r"(?:microsoft\.graph\.)?", "").replace(r"(?:\(\))?", "()")
        if odd_options("/me" + path, list(one.names)):
            odd[one.method] = odd_options("/me" + path, list(one.names))
    assert odd == {}
    # $expand on messages leads through a cast to a navigation of the type itself.
    assert types()["eventMessage"]["navigation"]["event"] == "graph.event"


def test_ids_differ_unless_immutable_ones_are_asked_for(kate: Office) -> None:
    lived_in(kate)
    ask = Asker(kate)
    plain = ask(f"/me/calendarView?{view()}", prefer="")["value"]
    immutable = ask(f"/me/calendarView?{view()}")["value"]
    assert {one["id"] for one in plain}.isdisjoint(one["id"] for one in immutable)
    careless = kate.sandbox.log.careless()
    assert [one.method for one in careless] == ["calendarView.list"]


def test_a_default_page_has_ten_items_and_single_meetings_come_first(kate: Office) -> None:
    world = kate.world
    world.invite(at(0, 1), KATE, [DANA], at(1), title="Daily", rule=Rule("daily", count=15))
    world.invite(at(0, 1), KATE, [DANA], at(20), title="Later")
    world.advance_to(at(0, 2))
    first = Asker(kate)(f"/me/calendarView?{view()}")
    assert [len(first["value"]), first["value"][0]["subject"]] == [10, "Later"]
    assert "@odata.nextLink" in first


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/me/calendarView", 400, "ErrorInvalidParameter"),
        ("/me/calendarView/delta?$select=id&" + view(), 400, "ErrorInvalidUrlQuery"),
        ("/me/messages?$select=meetingMessageType", 400, "RequestBroker--ParseUri"),
        ("/me/messages?$select=uid", 400, "RequestBroker--ParseUri"),
        ("/me/events/nonsense", 400, "ErrorInvalidIdMalformed"),
        ("/users/nobody@ourco.example/messages", 404, "ErrorInvalidUser"),
        ("/me/mailFolders/nowhere/messages", 404, "ErrorItemNotFound"),
        ("/me/nothing", 400, "BadRequest"),
    ],
)
def test_what_graph_refuses_is_refused(kate: Office, path: str, status: int, code: str) -> None:
    kate.world.mail(at(0, 1), DANA, KATE, "Hello")
    kate.world.advance_to(at(0, 2))
    found, body = Asker(kate).status(path)
    assert (found, body["error"]["code"]) == (status, code)


def test_a_token_opens_only_what_its_scopes_say(kate: Office) -> None:
    calendars = Asker(kate, "Calendars.ReadBasic")
    assert calendars.status("/me/messages")[0] == 403
    assert calendars.status(f"/me/calendarView?{view()}")[0] == 200
    calendars.token = "another"
    assert calendars.status(f"/me/calendarView?{view()}")[0] == 401


def test_a_body_comes_only_to_a_token_that_may_read_it(kate: Office) -> None:
    lived_in(kate)
    basic = Asker(kate)(f"/me/calendarView?{view()}")["value"]
    assert not any("body" in one for one in basic)
    full = Asker(kate, "Calendars.Read")(f"/me/calendarView?{view()}")["value"]
    assert all("body" in one for one in full)


def test_a_guest_keeps_a_cancelled_meeting_and_its_organiser_does_not(kate: Office) -> None:
    world = kate.world
    ours = world.invite(at(0, 1), KATE, [DANA], at(3), title="Ours")
    theirs = world.invite(at(0, 1), LEE, [KATE], at(4), title="Theirs")
    world.cancel(at(1), ours)
    world.cancel(at(1), theirs)
    world.advance_to(at(2))
    (left,) = Asker(kate)(f"/me/calendarView?{view()}")["value"]
    assert (left["isCancelled"], left["subject"]) == (True, "Canceled: Theirs")


def test_a_delta_names_removed_meetings_but_not_removed_occurrences(kate: Office) -> None:
    world, ask = kate.world, Asker(kate)
    single = world.invite(at(0, 1), KATE, [DANA], at(3), title="Single")
    world.invite(at(0, 1), KATE, [DANA], at(3), title="Far away soon")
    weekly = world.invite(at(0, 1), KATE, [DANA], at(1), title="W", rule=Rule("weekly", count=4))
    world.cancel(at(1), single)
    world.cancel(at(1), weekly, occurrence=at(8))
    world.advance_to(at(0, 2))
    first = ask(f"/me/calendarView/delta?{view()}")
    assert len(first["value"]) == 1 + 4 + 2
    world.advance_to(at(2))
    second = ask(first["@odata.deltaLink"])["value"]
    removed = [one for one in second if "@removed" in one]
    assert [len(removed), len(second)] == [1, 1 + 1 + 3]
    thin = next(one for one in second if one.get("type") == "occurrence")
    assert "attendees" not in thin


def test_a_meeting_that_left_the_window_is_called_removed(kate: Office) -> None:
    world, ask = kate.world, Asker(kate)
    uid = world.invite(at(0, 1), KATE, [DANA], at(3), title="Single")
    world.move(at(1), uid, at(300))
    world.advance_to(at(0, 2))
    first = ask(f"/me/calendarView/delta?{view()}")
    world.advance_to(at(2))
    (line,) = ask(first["@odata.deltaLink"])["value"]
    assert line["@removed"] == {"reason": "deleted"}
    assert ask(f"/me/events/{line['id']}")["subject"] == "Single"


def test_more_than_four_in_flight_are_throttled(kate: Office) -> None:
    lived_in(kate)
    ask = Asker(kate)
    ids = [one["id"] for one in ask.all("/me/messages")][:6]
    assert len(ids) == 6
    requests = [
        {"id": str(number), "method": "GET", "url": f"/me/messages/{one}"}
        for number, one in enumerate(ids)
    ]
    answers = ask("/$batch", body={"requests": requests})["responses"]
    assert sorted(one["status"] for one in answers) == [200] * 4 + [429] * 2
    assert {one["headers"]["Retry-After"] for one in answers if one["status"] == 429} == {"1"}
    assert ask.status("/$batch", body={"requests": requests * 4})[0] == 400


def test_faults_strike_where_and_how_often_they_are_told(kate: Office) -> None:
    ask = Asker(kate)
    kate.sandbox.faults.add(Fault("too_many", where="mailFolders.list", retry_after=3))
    kate.sandbox.faults.add(Fault("gone", where="messages.delta"))
    assert ask.status("/me/mailFolders")[0] == 429
    assert ask.status("/me/mailFolders")[0] == 200
    lost, body = ask.status("/me/mailFolders/inbox/messages/delta")
    assert (lost, body["error"]["code"]) == (410, "SyncStateNotFound")
    (throttled,) = [one for one in kate.sandbox.log.entries() if one.told]
    assert throttled.told == 3


def test_a_mail_to_oneself_is_two_items_and_the_sent_one_has_no_headers(kate: Office) -> None:
    kate.world.mail(at(0, 1), KATE, KATE, "Note")
    kate.world.advance_to(at(0, 2))
    ask = Asker(kate)
    select = "$select=internetMessageHeaders,internetMessageId"
    (sent,) = ask.all(f"/me/mailFolders/sentitems/messages?{select}")
    (received,) = ask.all(f"/me/mailFolders/inbox/messages?{select}")
    assert sent["id"] != received["id"]
    assert sent["internetMessageId"] == received["internetMessageId"]
    assert "internetMessageHeaders" not in sent
    assert "internetMessageHeaders" in received


def test_mail_that_is_sent_reaches_the_mailboxes_of_the_world(kate: Office) -> None:
    ask = Asker(kate)
    raw = b"From: kate@ourco.example\r\nTo: kate@ourco.example\r\nSubject: Week\r\n\r\nx\r\n"
    request = urllib.request.Request(
        ask.root + "/me/sendMail",
        data=base64.b64encode(raw),
        headers={"Authorization": f"Bearer {ask.token}", "Content-Type": "text/plain"},
    )
    with urllib.request.urlopen(request, context=ask.context) as answer:
        assert (answer.status, answer.read()) == (202, b"")
    (found,) = ask.all("/me/mailFolders/inbox/messages")
    assert found["subject"] == "Week"


def test_one_of_everything_can_be_served(tmp_path: Path) -> None:
    world = small_world(system="exchange")
    with office(tmp_path, login=False, world=world) as served:
        ask = Asker(served)
        events = ask.all(
            "/me/calendarView?startDateTime=2026-06-01&endDateTime=2027-03-01&$top=100"
        )
        messages = ask.all("/me/messages?$top=100&$select=subject,internetMessageHeaders,flag")
    assert [bad for one in events for bad in misfits(one, "event")] == []
    assert [bad for one in messages for bad in misfits(one, "message")] == []
    assert len(events) > 5
    assert len(messages) > 5
