"""Do all replies, and all requests of Google's own client, fit Google's discovery documents?"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from connectors.sandbox.google.methods import methods as offered
from connectors.sandbox.google.request import HANDLERS
from connectors.sandbox.google.server import (
    AUDIT,
    CALENDAR,
    CALENDAR_LIST,
    DIRECTORY,
    GROUPS,
    MAIL,
    MEET,
    SEND,
    GoogleSandbox,
)
from connectors.sandbox.scenario.worlds import DEMO_NOW, demo_world, small_world
from connectors.sandbox.world.world import World
from tests.support.providers.discovery import faults_in_reply, faults_in_request, methods
from tests.support.providers.sandbox_requests import (
    ACTIVITIES,
    EVENTS,
    GMAIL,
    KATE,
    Asker,
    client,
)

_LONG = "https://www.googleapis.com/auth/"
_MASK = (
    "nextPageToken,nextSyncToken,timeZone,accessRole,items(id,etag,status,created,updated,iCalUID,"
    "sequence,eventType,summary,visibility,transparency,start,end,recurringEventId,"
    "originalStartTime,organizer(email,self,displayName),creator(email,self),attendees(email,self,"
    "organizer,resource,optional,responseStatus,displayName,comment),attendeesOmitted,"
    "guestsCanSeeOtherGuests,guestsCanModify,hangoutLink,conferenceData(conferenceId,"
    "conferenceSolution/key/type))"
)


def ask_everything(asker: Asker, heard: Callable[[str, dict[str, Any]], None]) -> None:
    """Every read method of the sandbox at least once, over all pages, with its reply."""
    meet = Asker(asker.google, MEET)
    log = Asker(asker.google, AUDIT)

    def pages(who: Asker, method: str, path: str, **query: Any) -> list[dict[str, Any]]:
        found = list(who.pages(path, **query))
        for page in found:
            heard(method, page)
        return found

    heard("calendar.calendarList.list", asker.get("calendar/v3/users/me/calendarList"))
    until = (asker.google.world.now + timedelta(days=60)).isoformat()
    for query in (
        {"singleEvents": True, "timeMax": until, "orderBy": "startTime"},
        {"showDeleted": True, "maxResults": 50},
        {"singleEvents": True, "showDeleted": True, "timeMax": until},
    ):
        for page in pages(asker, "calendar.events.list", EVENTS, **query):
            for event in page["items"][:12]:
                one = asker.get(f"{EVENTS}/{event['id']}")
                heard("calendar.events.get", one)
                if "recurrence" in one:
                    pages(asker, "calendar.events.instances", f"{EVENTS}/{one['id']}/instances")
    for page in log.pages(ACTIVITIES, maxResults=100):
        heard("reports.activities.list", page)
    people = Asker(asker.google, DIRECTORY, GROUPS)
    asker.google.world.group(
        "sales@ourco.example", [KATE, "omar@client.example", "lee@vendor.example"]
    )
    pages(people, "directory.users.list", "admin/directory/v1/users", customer="my_customer")
    members = "admin/directory/v1/groups/sales@ourco.example/members"
    assert len(pages(people, "directory.members.list", members, maxResults=2)) == 2
    heard("gmail.users.getProfile", asker.get(GMAIL + "profile"))
    labels = asker.get(GMAIL + "labels")
    heard("gmail.users.labels.list", labels)
    for label in labels["labels"]:
        heard("gmail.users.labels.get", asker.get(GMAIL + f"labels/{label['id']}"))
    pages(asker, "gmail.users.history.list", GMAIL + "history", startHistoryId="8000000")
    for page in pages(
        asker, "gmail.users.messages.list", GMAIL + "messages", includeSpamTrash=True
    ):
        for one in page.get("messages", ())[:40]:
            for form in ("metadata", "minimal"):
                mail = asker.get(GMAIL + f"messages/{one['id']}", format=form)
                heard("gmail.users.messages.get", mail)
    for page in pages(asker, "gmail.users.threads.list", GMAIL + "threads"):
        for one in page.get("threads", ())[:20]:
            thread = asker.get(GMAIL + f"threads/{one['id']}", format="metadata")
            heard("gmail.users.threads.get", thread)
    for page in pages(meet, "meet.conferenceRecords.list", "v2/conferenceRecords"):
        for record in page.get("conferenceRecords", ())[:10]:
            name = "v2/" + record["name"]
            heard("meet.conferenceRecords.get", meet.get(name))
            heard("meet.spaces.get", meet.get("v2/" + record["space"]))
            held = "meet.conferenceRecords.participants"
            for inner in pages(meet, f"{held}.list", f"{name}/participants"):
                for who in inner["participants"]:
                    path = f"v2/{who['name']}/participantSessions"
                    pages(meet, f"{held}.participantSessions.list", path)


def without_history_limit(world: World) -> GoogleSandbox:
    sandbox = GoogleSandbox(world)
    sandbox.quirks.history_days = 1000
    sandbox.quirks.administrators = frozenset({KATE})
    return sandbox


@pytest.mark.parametrize("build", [small_world, demo_world])
def test_every_reply_fits_the_discovery_documents(build: Callable[[], World]) -> None:
    seen: set[str] = set()
    wrong: list[str] = []

    def heard(method: str, reply: dict[str, Any]) -> None:
        seen.add(method)
        wrong.extend(f"{method}{fault}" for fault in faults_in_reply(method, reply))

    with without_history_limit(build()) as google:
        ask_everything(Asker(google, CALENDAR, CALENDAR_LIST, MAIL), heard)
        assert not google.misuse
    assert wrong == []
    assert seen == set(HANDLERS) - {"gmail.users.messages.send"}


def test_the_full_format_and_a_sent_mail_fit_too() -> None:
    mail = EmailMessage()
    mail["To"], mail["Subject"] = KATE, "Report"
    mail.set_content("words")
    raw = base64.urlsafe_b64encode(mail.as_bytes()).decode()
    with GoogleSandbox(small_world()) as google:
        asker = Asker(google, _LONG + "gmail.readonly", SEND)
        sent = asker.session.post(
            google.api_root + GMAIL + "messages/send",
            json={"raw": raw},
            headers={"Authorization": f"Bearer {asker.token}"},
            timeout=5,
        ).json()
        full = asker.get(GMAIL + f"messages/{sent['id']}")
    assert faults_in_reply("gmail.users.messages.send", sent) == []
    assert faults_in_reply("gmail.users.messages.get", full) == []


def test_masked_replies_fit_and_hold_nothing_else() -> None:
    with GoogleSandbox(small_world()) as google:
        page = Asker(google).get(EVENTS, fields=_MASK, showDeleted=True)
    assert faults_in_reply("calendar.events.list", page, masked=True) == []
    assert {"description", "location", "htmlLink", "kind"}.isdisjoint(set().union(*page["items"]))
    assert {"etag", "kind"}.isdisjoint(page)


class Overheard:
    """Google's client's own transport, with every request checked on its way."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.wrong: list[str] = []
        self.methods = 0

    def request(self, uri: str, method: str = "GET", body: Any = None, **more: Any) -> Any:
        self.methods += 1
        if "/batch" not in uri:
            self.wrong += faults_in_request(method, uri, body or "")
        return self._inner.request(uri, method=method, body=body, **more)

    def close(self) -> None:
        self._inner.close()


def test_requests_that_googles_client_builds_fit_and_are_accepted() -> None:
    with without_history_limit(small_world()) as google:
        calendar = client(google, "calendar", CALENDAR, CALENDAR_LIST)
        gmail = client(google, "gmail", MAIL)
        meet = client(google, "meet", MEET)
        overheard = [Overheard(service._http) for service in (calendar, gmail, meet)]
        for service, http in zip((calendar, gmail, meet), overheard, strict=True):
            service._http = http
        events, users = calendar.events(), gmail.users()
        until = (DEMO_NOW + timedelta(days=30)).isoformat()
        listed = events.list(
            calendarId="primary",
            singleEvents=True,
            showDeleted=True,
            timeMax=until,
            maxResults=3,
            fields=_MASK,
        )
        items = []
        while listed is not None:
            page = listed.execute(http=overheard[0])
            items += page["items"]
            listed = events.list_next(listed, page)
        series = next(one for one in items if "recurringEventId" in one)["recurringEventId"]
        calls = [
            (0, calendar.calendarList().list(minAccessRole="reader")),
            (
                0,
                events.list(
                    calendarId="primary", syncToken=page["nextSyncToken"], singleEvents=True
                ),
            ),
            # Not paged: list_next cannot carry a repeated parameter (ValueError, tried).
            (0, events.list(calendarId="primary", eventTypes=["default", "focusTime"])),
            (0, events.get(calendarId=KATE, eventId=items[0]["id"])),
            (0, events.instances(calendarId="primary", eventId=series, showDeleted=True)),
            (1, users.getProfile(userId="me")),
            (1, users.labels().list(userId="me")),
            (1, users.labels().get(userId="me", id="INBOX")),
            (1, users.threads().list(userId="me", labelIds=["SENT"], maxResults=500)),
            (
                1,
                users.history().list(
                    userId="me",
                    startHistoryId="8000000",
                    historyTypes=["messageAdded", "labelRemoved"],
                    maxResults=500,
                ),
            ),
            (2, meet.conferenceRecords().list(filter='space.meeting_code = "abc-defg-hij"')),
        ]
        for index, call in calls:
            call.execute(http=overheard[index])
        mails = users.messages().list(userId="me", includeSpamTrash=True).execute(http=overheard[1])
        one = mails["messages"][0]
        wanted = [f"X-Header-Number-{number}" for number in range(120)]
        users.messages().get(
            userId="me", id=one["id"], format="metadata", metadataHeaders=wanted
        ).execute(http=overheard[1])
        users.threads().get(userId="me", id=one["threadId"], format="minimal").execute(
            http=overheard[1]
        )
        record = meet.conferenceRecords().list().execute(http=overheard[2])["conferenceRecords"][0]
        people = meet.conferenceRecords().participants()
        inside = people.list(parent=record["name"]).execute(http=overheard[2])["participants"]
        people.participantSessions().list(parent=inside[0]["name"]).execute(http=overheard[2])
        meet.spaces().get(name=record["space"]).execute(http=overheard[2])
        assert [fault for http in overheard for fault in http.wrong] == []
        assert sum(http.methods for http in overheard) >= 18
        # The long one went as a POST, and was answered as the GET that it is.
        assert google.log.counts()["gmail.users.messages.get"] == 1


def test_the_sandbox_knows_every_method_and_parameter_that_discovery_knows() -> None:
    known = {method.id: method for method in offered()}
    assert set(known) == set(methods())
    assert set(HANDLERS) <= set(known)
    for name, method in known.items():
        assert set(method.parameters) == set(methods()[name].get("parameters", {}))


def test_the_checker_itself_finds_what_does_not_fit() -> None:
    wrong = {
        "items": [
            {"id": 5, "status": "confirmed", "sequence": "0", "bogus": 1},
            {"status": "x", "created": "yesterday", "start": {"date": "1 June"}},
        ]
    }
    found = faults_in_reply("calendar.events.list", wrong)
    assert len(found) == 6
    assert faults_in_reply("gmail.users.history.list", {"historyId": 5}) != []
    assert faults_in_request("GET", "http://x/gmail/v1/users/me/messages?labels=a") != []
    assert faults_in_request("GET", "http://x/gmail/v1/nothing") != []
