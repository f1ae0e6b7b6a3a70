"""Is what Google says read to the letter, and is nothing that it may say an error?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import to_micros
from connectors.google.calendar.parse import Owner, meeting, original_start
from connectors.google.mail.parse import message
from connectors.model.headers.address_lists import people
from connectors.model.headers.header_values import decoded
from connectors.model.headers.mail_dates import moment
from connectors.model.records import MeetingSeen, Response, Status
from tests.support.providers.google_office import DANA, at

ME = "me@acme.example"
MINE = Owner(frozenset({ME}))
NOW = to_micros(at(30))

# The payloads of facts/google.md 7, in our words.
EVENT: dict[str, Any] = {
    "kind": "calendar#event",
    "etag": '"3588426024836000"',
    "id": "k3v0l7q2m9s1",
    "status": "confirmed",
    "created": "2026-11-02T09:00:00.000Z",
    "updated": "2026-11-09T08:30:12.418Z",
    "summary": "Pilot review",
    "organizer": {"email": ME, "self": True},
    "start": {"dateTime": "2026-11-17T15:00:00+01:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-11-17T15:30:00+01:00", "timeZone": "Europe/Berlin"},
    "iCalUID": "K3v0l7q2m9s1@google.com",
    "sequence": 0,
    "attendees": [
        {"email": ME, "organizer": True, "self": True, "responseStatus": "accepted"},
        {
            "email": "Dana+crm@Client.Example",
            "displayName": "Dana Kim",
            "responseStatus": "declined",
        },
    ],
    "hangoutLink": "https://meet.google.com/qab-rstu-vwx",
    "eventType": "default",
}
ORIGINAL = {"dateTime": "2026-11-16T10:00:00+01:00", "timeZone": "Europe/Berlin"}


def read(owner: Owner = MINE, **changed: Any) -> MeetingSeen:
    """The record of EVENT with some fields changed; None takes a field away."""
    item = {name: value for name, value in {**EVENT, **changed}.items() if value is not None}
    seen = meeting(item, "primary", owner, NOW)
    assert seen is not None
    return seen


def guest(**row: Any) -> Any:
    (found,) = read(attendees=[{"email": DANA, "responseStatus": "needsAction", **row}]).guests
    return found


def test_an_ordinary_meeting_is_read_whole() -> None:
    seen = read()
    assert seen.series_uid == "k3v0l7q2m9s1@google.com"
    assert seen.recurrence_id == ""
    assert seen.start_at == 1_794_924_000_000_000
    assert seen.end_at == 1_794_924_000_000_000 + 30 * 60 * 1_000_000
    assert (seen.zone, seen.kind, seen.free, seen.private) == (
        "Europe/Berlin",
        "default",
        False,
        False,
    )
    assert seen.organizer_is_self
    assert [(one.address, one.name) for one in seen.guests] == [(ME, ""), (DANA, "Dana Kim")]
    assert seen.guests[1].response is Response.DECLINED
    assert seen.online == "qab-rstu-vwx"
    assert seen.updated_exact


@pytest.mark.parametrize(
    ("google", "ours"),
    [
        ("accepted", Response.ACCEPTED),
        ("declined", Response.DECLINED),
        ("tentative", Response.TENTATIVE),
        ("needsAction", Response.NONE),
        ("newWord", Response.UNKNOWN),
        (None, Response.UNKNOWN),
    ],
)
def test_answers_have_our_words(google: str | None, ours: Response) -> None:
    assert guest(responseStatus=google).response is ours


def test_a_stub_s_moment_is_taken_from_its_etag_and_is_not_exact() -> None:
    seen = meeting(
        {"id": "k3", "etag": '"3346892308754000"', "status": "cancelled"}, "c", MINE, NOW
    )
    assert seen is not None
    assert (seen.stub, seen.status) == (True, Status.CANCELLED)
    assert seen.updated_at == 1_673_446_154_377_000  # 2023-01-11T14:09:14.377Z
    assert not seen.updated_exact
    assert (seen.start_at, seen.end_at, seen.guests) == (None, None, ())
    assert not seen.guests_complete


@pytest.mark.parametrize(
    "etag", ['"9999999999999999"', '"12"', '"abc"', "", None, 7, '"' + "9" * 40 + '"']
)
def test_an_etag_that_gives_no_sane_moment_is_not_believed(etag: Any) -> None:
    seen = meeting({"id": "k3", "etag": etag, "status": "cancelled"}, "c", MINE, NOW)
    assert seen is not None
    assert seen.updated_at is None


@pytest.mark.parametrize(
    ("item", "recurrence", "series"),
    [
        (
            {"id": "w8_20261116T090000Z", "recurringEventId": "w8", "originalStartTime": ORIGINAL},
            "20261116T090000Z",
            "w8@google.com",
        ),
        ({"id": "w8_20261123T090000Z"}, "20261123T090000Z", "w8@google.com"),
        ({"id": "w8_20261123", "recurringEventId": "w8"}, "20261123", "w8@google.com"),
        (
            {"id": "w8_x", "recurringEventId": "w8", "originalStartTime": {"date": "2026-11-23"}},
            "20261123",
            "w8@google.com",
        ),
        (
            {
                "id": "w8_R20261207T090000_20261207T090000Z",
                "recurringEventId": "w8_R20261207T090000",
            },
            "20261207T090000Z",
            "w8@google.com",
        ),
        # base32hex of 'abc@other.example': how Google names what was imported
        ({"id": "_c5h66g3fehk6gpbi5pu62qbdc5o0"}, "", None),
        ({"id": "w8_20269999T090000Z"}, "", "w8@google.com"),
    ],
)
def test_a_cancelled_occurrence_is_known_by_what_little_it_carries(
    item: dict[str, Any], recurrence: str, series: str | None
) -> None:
    seen = meeting({**item, "status": "cancelled"}, "c", MINE, NOW)
    assert seen is not None
    assert seen.stub
    assert seen.recurrence_id == recurrence
    if series is not None:
        assert seen.series_uid == series


def test_a_stub_of_an_imported_meeting_finds_its_foreign_uid() -> None:
    import base64

    uid = "ABC-123@other.example"
    name = "_" + base64.b32hexencode(uid.encode()).decode().lower().rstrip("=")
    seen = meeting({"id": name, "status": "cancelled"}, "c", MINE, NOW)
    assert seen is not None
    assert seen.series_uid == uid.lower()
    instance = {"id": f"{name}_20261116T090000Z", "recurringEventId": name, "status": "cancelled"}
    seen = meeting(instance, "c", MINE, NOW)
    assert seen is not None
    assert (seen.series_uid, seen.recurrence_id) == (uid.lower(), "20261116T090000Z")


def test_a_single_meeting_whose_id_looks_like_an_occurrence_is_none() -> None:
    assert read(id="trip_20261116").recurrence_id == ""


def test_a_moved_occurrence_keeps_its_original_start() -> None:
    moved: dict[str, Any] = {
        "id": "w8_20261116T090000Z",
        "recurringEventId": "w8",
        "originalStartTime": ORIGINAL,
    }
    seen = read(**moved)
    assert seen.recurrence_id == "20261116T090000Z"
    assert seen.start_at != original_start({**EVENT, **moved})


def test_a_cancelled_copy_of_a_guest_is_never_believed_its_start() -> None:
    seen = read(status="cancelled", organizer={"email": DANA})
    assert seen.stub
    assert (seen.start_at, seen.guests, seen.online) == (None, (), "")


def test_a_master_and_an_item_without_a_start_are_no_meetings() -> None:
    assert meeting({**EVENT, "recurrence": ["RRULE:FREQ=DAILY"]}, "c", MINE, NOW) is None
    assert meeting({**EVENT, "start": None}, "c", MINE, NOW) is None
    assert meeting({**EVENT, "id": None}, "c", MINE, NOW) is None


def test_an_all_day_entry_is_a_date() -> None:
    seen = read(
        start={"date": "2026-11-24"}, end={"date": "2026-11-26"}, transparency="transparent"
    )
    assert (seen.all_day, seen.free) == (True, True)
    assert seen.start_at == 1_795_478_400_000_000
    assert seen.end_at is not None
    assert seen.end_at - seen.start_at == 2 * 86_400 * 1_000_000


@pytest.mark.parametrize(
    ("organizer", "creator", "address", "ours"),
    [
        ({"email": DANA}, {}, DANA, False),
        ({"email": "Me@ACME.example"}, {}, ME, True),
        ({"email": "unknownorganizer@calendar.google.com"}, {}, "", False),
        ({"email": "c_4f@group.calendar.google.com", "self": True}, {"email": ME}, "", True),
        ({"email": "c_4f@group.calendar.google.com", "self": True}, {"email": DANA}, "", False),
        (None, None, "", False),
    ],
)
def test_calendars_and_unknown_organisers_are_no_persons(
    organizer: Any, creator: Any, address: str, ours: bool
) -> None:
    seen = read(organizer=organizer, creator=creator)
    assert (seen.organizer, seen.organizer_is_self) == (address, ours)


@pytest.mark.parametrize(
    ("creator", "written_by"),
    [
        ({"email": ME}, ""),
        ({"email": "alias@acme.example", "self": True}, ""),
        ({}, ""),
        ({"email": "c_4f@group.calendar.google.com"}, ""),
        ({"email": DANA}, DANA),
    ],
)
def test_who_made_an_entry_in_our_name_is_told(creator: Any, written_by: str) -> None:
    assert read(organizer={"email": ME}, creator=creator).sent_by == written_by
    assert read(organizer={"email": DANA}, creator=creator).sent_by == ""


def test_self_means_the_calendar_and_not_the_owner_on_a_foreign_calendar() -> None:
    foreign = Owner(frozenset({ME}), primary=False)
    seen = read(
        foreign,
        organizer={"email": DANA, "self": True},
        attendees=[{"email": DANA, "self": True, "responseStatus": "accepted"}, {"email": ME}],
    )
    assert not seen.organizer_is_self
    assert [one.is_self for one in seen.guests] == [False, True]


@pytest.mark.parametrize(
    ("changed", "complete"),
    [
        ({}, True),
        ({"attendeesOmitted": True}, False),
        ({"guestsCanSeeOtherGuests": False, "organizer": {"email": DANA}}, False),
        ({"guestsCanSeeOtherGuests": False}, True),  # the organiser sees them all
        ({"attendees": [{"displayName": "No address"}]}, False),
        ({"attendees": None}, True),
    ],
)
def test_hidden_and_omitted_guests_are_said(changed: dict[str, Any], complete: bool) -> None:
    assert read(**changed).guests_complete is complete


def test_two_hundred_guests_do_not_show_their_answers_to_a_guest() -> None:
    rows: list[dict[str, Any]] = [
        {"email": f"g{n}@client.example", "responseStatus": "accepted"} for n in range(200)
    ]
    rows.append({"email": ME, "self": True, "responseStatus": "accepted"})
    seen = read(organizer={"email": DANA}, attendees=rows)
    assert {one.response for one in seen.guests} == {Response.UNKNOWN, Response.ACCEPTED}
    assert [one.response for one in seen.guests if one.is_self] == [Response.ACCEPTED]


def test_rooms_are_resources_also_where_google_forgets_to_say_so() -> None:
    assert guest(email="c_188@resource.calendar.google.com").resource
    assert guest(resource=True).resource
    assert not guest().resource


@pytest.mark.parametrize(
    ("comment", "machine"),
    [
        ("I am out of office", True),
        ("Declined because I am in Focus Time", True),
        ("Stuck at the airport", False),
        ("", False),
    ],
)
def test_only_a_decline_can_be_a_machine_s(comment: str, machine: bool) -> None:
    assert guest(responseStatus="declined", comment=comment).machine is machine
    assert not guest(responseStatus="accepted", comment=comment).machine


@pytest.mark.parametrize(
    ("location", "on_site", "online"),
    [
        ("HQ-2-Oak (8)", True, ""),
        ("Hauptstraße 5, Berlin", True, ""),
        ("https://zoom.us/j/123?pwd=x", False, "zoom.us"),
        ("Microsoft Teams Meeting", False, ""),
        ("Teamsportplatz 3", True, ""),
        ("Zoom", False, ""),
        ("+49 30 1234567", False, ""),
        ("tbd", False, ""),
        ("  ", False, ""),
        ("https://", False, ""),
        ("https://[broken", False, ""),
    ],
)
def test_a_place_is_a_flag_and_its_words_are_not_kept(
    location: str, on_site: bool, online: str
) -> None:
    seen = read(location=location, hangoutLink=None)
    assert (seen.on_site, seen.online) == (on_site, online)
    if location.strip():
        assert "Oak" not in repr(seen)
        assert "pwd" not in repr(seen)


def test_no_text_but_the_subject_is_kept() -> None:
    seen = read(
        description="Salary talk",
        location="Dana's kitchen",
        extendedProperties={"private": {"noshow": "held", "note": "hush"}, "shared": {"x": "hush"}},
        attendees=[{"email": DANA, "comment": "ill again", "responseStatus": "declined"}],
    )
    assert seen.mark == "held"
    for text in ("Salary", "kitchen", "hush", "ill again"):
        assert text not in repr(seen)


MESSAGE: dict[str, Any] = {
    "id": "19d5a7c0be41f203",
    "threadId": "19d5a7c0be41f203",
    "labelIds": ["UNREAD", "INBOX", "Label_4", "Label_9"],
    "historyId": "8841207",
    "internalDate": "1794921124000",
    "sizeEstimate": 14822,
}


def header_rows(**headers: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-"), "value": value} for name, value in headers.items()]


def mail(**headers: str) -> Any:
    return message(
        {**MESSAGE, "payload": {"headers": header_rows(**headers)}},
        {"Label_4": "promised/2026-12-01"},
    )


def test_a_notification_of_google_calendar_is_the_person_s() -> None:
    seen = mail(
        Return_Path="<dana@client.example>",
        Sender="Google Calendar <calendar-notification@google.com>",
        auto_submitted="auto-generated",
        Message_ID="<calendar-5d0c@google.com>",
        Date="Tue, 17 Nov 2026 13:12:04 +0000",
        Subject="Declined: Pilot review",
        From="Dana Kim <dana@client.example>",
        To="me@acme.example",
    )
    assert (seen.from_.address, seen.from_.name) == (DANA, "Dana Kim")
    assert seen.sender_address == "calendar-notification@google.com"
    assert seen.message_key == "calendar-5d0c@google.com"
    assert seen.at == 1_794_921_124_000_000
    assert seen.labels == ("promised/2026-12-01",)
    assert "auto-submitted: auto-generated" in seen.headers
    assert (seen.inbox, seen.sent, seen.size) == (True, False, 14822)


@pytest.mark.parametrize(
    ("author", "to", "sent"),
    [
        (DANA, ME, False),
        (ME, DANA, True),
        (ME, ME, True),
        ("me@another.example", DANA, True),  # by an address that the settings do not know
    ],
)
def test_what_came_to_its_owner_is_not_sent_mail_wherever_it_was_put(
    author: str, to: str, sent: bool
) -> None:
    """A program that moves an answer among the sent mail by IMAP gives it Gmail's label."""
    headers = header_rows(Message_ID="<a@client.example>", From=author, To=to)
    item = {**MESSAGE, "labelIds": ["SENT"], "payload": {"headers": headers}}
    assert message(item, {}, frozenset([ME])).sent is sent


@pytest.mark.parametrize(
    "headers",
    [
        {"From": "sales@acme.example", "X_Original_From": "Dana Kim <dana@client.example>"},
        {"From": "Dana Kim via Sales <sales@acme.example>", "Reply_To": "dana@client.example"},
    ],
)
def test_the_author_is_the_from_and_what_a_group_has_put_elsewhere_is_kept(
    headers: dict[str, str],
) -> None:
    seen = mail(Message_ID="<a@client.example>", **headers)
    assert seen.from_.address == "sales@acme.example"
    assert "dana@client.example" in seen.headers


def test_an_answer_address_alone_makes_nobody_the_author() -> None:
    seen = mail(From="sales@acme.example", Reply_To="dana@client.example")
    assert seen.from_.address == "sales@acme.example"


@pytest.mark.parametrize(
    ("subject", "read_as"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ==?=\r\n =?utf-8?q?_an_alle?=", "Grüße an alle"),
        ("=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße"),
        ("=?no-such-charset?q?Gr=C3=BC?=", "Grü"),
        ("=?utf-8?b?%%%%?=", None),
        ("Re:\r\n folded\tline", "Re: folded line"),
        ("a\x00b\ud800c\u202ed", "abcd"),
        ("Familie 👩‍👧", "Familie 👩‍👧"),
    ],
)
def test_subjects_are_decoded_and_broken_ones_survive(subject: str, read_as: str | None) -> None:
    got = mail(From=DANA, Subject=subject).subject
    got.encode()
    if read_as is not None:
        assert got == read_as


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ('"Kim, Dana" <dana@client.example>, lee@client.example', [DANA, "lee@client.example"]),
        ("=?utf-8?q?Kim=2C_Dana?= <dana@client.example>", [DANA]),
        ("Team: dana@client.example, lee@client.example;", [DANA, "lee@client.example"]),
        ("undisclosed-recipients:;", []),
        ("Dana <dana@client.example>, <broken", [DANA]),
        ('"unclosed <dana@client.example>, lee@client.example', [DANA, "lee@client.example"]),
        ("dana@client.example (Dana (the) Kim)", [DANA]),
        ("<@relay.example:dana@client.example>", [DANA]),
        ("Kim, Dana <dana@client.example>", [DANA]),
        ("'dana@client.example'", [DANA]),
        ("Dana dana@client.example", [DANA]),
        ("MAILER-DAEMON", []),
        ("<>", []),
    ],
)
def test_addresses_are_found_in_what_people_and_programs_write(
    value: str, addresses: list[str]
) -> None:
    assert [person.address for person in people(value)] == addresses


def test_a_message_without_headers_or_dates_is_still_a_message() -> None:
    seen = message({"id": "m1"}, {})
    assert (seen.provider_id, seen.at, seen.from_.address) == ("m1", None, "")
    assert seen.message_key.endswith("@digest.invalid")


def test_the_digest_of_a_mail_without_an_id_is_the_same_in_every_copy() -> None:
    one = mail(From=f"Dana <{DANA}>", Date="Tue, 17 Nov 2026 13:12:04 +0000", Subject="Hi")
    two = mail(From=f"D. Kim <{DANA}>", Date="Tue, 17 Nov 2026 13:12:04  +0000", Subject="Hi")
    other = mail(From=DANA, Date="Tue, 17 Nov 2026 13:12:05 +0000", Subject="Hi")
    assert one.message_key == two.message_key != other.message_key


@pytest.mark.parametrize("stamp", ["0", "-5", "99999999999999999", "soon", None])
def test_an_absurd_date_of_acceptance_gives_way_to_the_date_header(stamp: Any) -> None:
    rows = header_rows(Date="Tue, 17 Nov 2026 13:12:04 +0000")
    seen = message({**MESSAGE, "internalDate": stamp, "payload": {"headers": rows}}, {})
    assert seen.at == seen.dated_at == 1_794_921_124_000_000


@pytest.mark.parametrize(
    ("headers", "important"),
    [
        ({"Importance": "High"}, True),
        ({"X_Priority": "1 (Highest)"}, True),
        ({"X_Priority": "3"}, False),
        ({}, False),
    ],
)
def test_importance_is_the_sender_s_word_and_not_gmail_s(
    headers: dict[str, str], important: bool
) -> None:
    assert mail(From=DANA, **headers).important is important


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *EVENT,
                "recurringEventId",
                "originalStartTime",
                "creator",
                "conferenceData",
                "extendedProperties",
                "location",
                "colorId",
                "attendeesOmitted",
            ]
        ),
        ANYTHING,
    )
)
def test_no_event_is_an_error(changed: dict[str, Any]) -> None:
    seen = meeting({**EVENT, **changed}, "primary", MINE, NOW)
    if seen is not None:
        repr(seen).encode()
        assert seen.stub or seen.start_at is not None


@given(
    st.dictionaries(st.sampled_from([*MESSAGE, "payload"]), ANYTHING),
    st.lists(
        st.tuples(
            st.sampled_from(
                ["From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type"]
            ),
            st.text(),
        ),
        max_size=6,
    ),
)
def test_no_message_is_an_error(changed: dict[str, Any], headers: list[tuple[str, str]]) -> None:
    rows = [{"name": name, "value": value} for name, value in headers]
    seen = message({**MESSAGE, "payload": {"headers": rows}, **changed}, {})
    repr(seen).encode()


@given(st.text(), st.text(alphabet='"<>(),;:@\\ =?_.ab'))
def test_no_header_is_an_error(anything: str, nasty: str) -> None:
    for value in (anything, nasty):
        decoded(value).encode()
        moment(value)
        assert all("@" in person.address for person in people(value))
