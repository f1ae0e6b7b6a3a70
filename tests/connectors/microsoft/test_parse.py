"""What becomes of one event and one message of Graph?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from config.clock import to_micros
from connectors.microsoft import times
from connectors.microsoft.calendar.parse import Owner, Unreadable, meeting
from connectors.microsoft.mail.parse import is_thin, parsed
from connectors.model.records import Evidence, MeetingSeen, Method, Response, Status
from connectors.sandbox.microsoft.values import global_object_id

KATE, DANA = "kate@ourco.example", "dana@client.example"
BOSS = "boss@ourco.example"
OWNER = Owner(frozenset({KATE}), True, "Europe/Berlin")
UID = "040000008200E00074C5B7101A82E00800000000AA01BB02CC03DD04000000000000000010000000" + "AB" * 16


def micros(*parts: int) -> int:
    return to_micros(datetime(*parts, tzinfo=UTC))  # type: ignore[misc, arg-type]


def wall(text: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


def person(address: str, name: str = "") -> dict[str, Any]:
    return {"emailAddress": {"name": name or address, "address": address}}


def guest(
    address: str, response: str = "none", time: str = "0001-01-01T00:00:00Z", **more: Any
) -> Any:
    status = {"response": response, "time": time}
    return {"type": "required", "status": status, **person(address), **more}


def event(**more: Any) -> dict[str, Any]:
    """Our own meeting with Dana, on 9 March 2026, 14:00 to 14:30 UTC."""
    return {
        "id": "AAk1=",
        "iCalUId": UID,
        "type": "singleInstance",
        "subject": "Review",
        "createdDateTime": "2026-03-02T09:12:44.1203311Z",
        "lastModifiedDateTime": "2026-03-04T16:01:09.55Z",
        "isOrganizer": True,
        "isAllDay": False,
        "showAs": "busy",
        "start": wall("2026-03-09T14:00:00.0000000"),
        "end": wall("2026-03-09T14:30:00.0000000"),
        "organizer": person(KATE, "Kate Lind"),
        "attendees": [guest(DANA, "accepted", "2026-03-03T08:20:11.0Z")],
        **more,
    }


def seen(**more: Any) -> MeetingSeen:
    found = meeting(event(**more), "primary", OWNER)
    assert found is not None
    return found


def only_guest(**more: Any) -> Any:
    (one,) = seen(attendees=[guest(DANA, **more)]).guests
    return one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T09:12:44.1203311Z", micros(2026, 3, 2, 9, 12, 44, 120331)),
        ("2026-03-02T09:12:44.5Z", micros(2026, 3, 2, 9, 12, 44, 500000)),
        ("2026-03-02T09:12:44Z", micros(2026, 3, 2, 9, 12, 44)),
        ("2026-03-02T10:12:44+01:00", micros(2026, 3, 2, 9, 12, 44)),
        ("0001-01-01T00:00:00Z", None),
        ("4501-01-01T00:00:00Z", None),
        ("soon", None),
        (None, None),
    ],
)
def test_an_instant_is_exact_and_a_sentinel_is_none(text: str | None, expected: int | None) -> None:
    assert times.instant(text) == expected


@pytest.mark.parametrize("zone", ["W. Europe Standard Time", "Europe/Berlin"])
def test_a_wall_time_is_read_in_its_zone(zone: str) -> None:
    assert times.wall(wall("2026-07-01T10:00:00", zone)) == micros(2026, 7, 1, 8)


def test_a_zone_that_nobody_knows_gives_no_moment() -> None:
    assert times.wall(wall("2026-07-01T10:00:00", "tzone://Microsoft/Custom")) is None
    with pytest.raises(Unreadable):
        seen(start=wall("2026-07-01T10:00:00", "tzone://Microsoft/Custom"))


def test_our_own_meeting_shows_everybody_s_answer_and_when_it_was_given() -> None:
    found = seen()
    assert (found.organizer, found.organizer_is_self) == (KATE, True)
    assert found.guests[0].response is Response.ACCEPTED
    assert found.guests[0].responded_at == micros(2026, 3, 3, 8, 20, 11)
    assert (found.start_at, found.end_at) == (micros(2026, 3, 9, 14), micros(2026, 3, 9, 14, 30))
    assert found.created_at == micros(2026, 3, 2, 9, 12, 44, 120331)
    assert not found.updated_exact


@pytest.mark.parametrize(
    ("word", "response"),
    [
        ("declined", Response.DECLINED),
        ("tentativelyAccepted", Response.TENTATIVE),
        ("notResponded", Response.NONE),
        ("none", Response.NONE),
        ("something new", Response.UNKNOWN),
    ],
)
def test_each_answer_has_a_word_of_ours(word: str, response: Response) -> None:
    assert only_guest(response=word).response is response


def test_who_has_not_answered_has_no_time_of_answer() -> None:
    assert only_guest(response="notResponded", time="4501-01-01T00:00:00Z").responded_at is None
    # A time beside "none" would be somebody else's.
    assert only_guest(response="none", time="2026-03-03T08:20:11Z").responded_at is None


def test_a_counter_proposal_is_kept_beside_the_answer() -> None:
    proposed = {"start": wall("2026-03-11T10:00:00"), "end": wall("2026-03-11T10:30:00")}
    one = only_guest(response="declined", proposedNewTime=proposed)
    assert (one.response, one.proposed_start) == (Response.DECLINED, micros(2026, 3, 11, 10))


def test_in_a_guest_s_copy_only_the_own_answer_is_known() -> None:
    found = seen(
        isOrganizer=False,
        organizer=person(DANA),
        attendees=[guest(DANA), guest("lee@client.example"), guest(KATE, "accepted")],
        responseStatus={"response": "accepted", "time": "2026-03-01T10:00:00Z"},
    )
    dana, lee, kate = found.guests
    assert (dana.response, dana.is_organizer) == (Response.UNKNOWN, True)
    assert lee.response is Response.UNKNOWN
    assert (kate.response, kate.is_self) == (Response.ACCEPTED, True)
    assert kate.responded_at == micros(2026, 3, 1, 10)
    assert not found.organizer_is_self


@pytest.mark.parametrize(
    ("whose", "answers"),
    [
        (BOSS, {BOSS: Response.DECLINED, KATE: Response.UNKNOWN}),  # shared with her
        (KATE, {BOSS: Response.UNKNOWN, KATE: Response.DECLINED}),  # another one of her own
        ("", {BOSS: Response.UNKNOWN, KATE: Response.UNKNOWN}),  # Graph does not say
    ],
)
def test_in_another_calendar_the_answer_beside_the_list_is_that_of_its_owner(
    whose: str, answers: dict[str, Response]
) -> None:
    item = event(
        isOrganizer=False,
        organizer=person(DANA),
        attendees=[guest(BOSS), guest(KATE)],
        responseStatus={"response": "declined", "time": "2026-03-01T10:00:00Z"},
    )
    found = meeting(item, "Shared", replace(OWNER, primary=False, calendar=whose))
    assert found is not None
    assert {one.address: one.response for one in found.guests} == answers
    assert [one.is_self for one in found.guests] == [False, True]


def test_hidden_guests_make_the_list_incomplete_for_guests_alone() -> None:
    assert seen(hideAttendees=True).guests_complete
    assert not seen(hideAttendees=True, isOrganizer=False, organizer=person(DANA)).guests_complete


def test_a_cancelled_copy_keeps_its_title_and_is_not_free() -> None:
    found = seen(isCancelled=True, subject="Canceled: Vendor sync", showAs="free")
    assert (found.status, found.subject, found.free) == (Status.CANCELLED, "Vendor sync", False)
    assert seen(subject="Canceled: a title of ours").subject == "Canceled: a title of ours"
    assert seen(showAs="free").free


def test_a_master_is_no_meeting_and_a_draft_says_nothing() -> None:
    assert meeting(event(type="seriesMaster"), "primary", OWNER) is None
    draft = seen(isDraft=True)
    assert (draft.stub, draft.start_at, draft.guests) == (True, None, ())


def test_a_moved_occurrence_keeps_the_key_of_its_original_start() -> None:
    moved = seen(type="exception", originalStart="2026-03-02T10:00:00Z", iCalUId=UID)
    assert moved.recurrence_id == "20260302T100000Z"
    assert seen(type="occurrence").recurrence_id == "20260309T140000Z"
    with pytest.raises(Unreadable):
        seen(type="exception")


def test_all_occurrences_share_the_series_uid_whatever_day_stands_in_theirs() -> None:
    first = global_object_id(UID, datetime(2026, 3, 2, tzinfo=UTC))
    second = global_object_id(UID, datetime(2026, 3, 9, tzinfo=UTC))
    assert first != second
    assert seen(iCalUId=first).series_uid == seen(iCalUId=second).series_uid == UID.lower()


def test_a_foreign_uid_is_unwrapped_to_what_the_other_provider_calls_it() -> None:
    wrapped = global_object_id("AbC123@google.com", datetime(2026, 3, 2, tzinfo=UTC))
    assert seen(iCalUId=wrapped).series_uid == "abc123@google.com"


@pytest.mark.parametrize("original", ["2026-03-08T23:00:00Z", "2026-03-09T00:00:00Z"])
def test_an_all_day_occurrence_is_keyed_by_its_date_wherever_midnight_is(original: str) -> None:
    found = seen(
        type="occurrence",
        isAllDay=True,
        iCalUId="FEDCBA",
        originalStart=original,
        start=wall("2026-03-09T00:00:00.0000000"),
        end=wall("2026-03-10T00:00:00.0000000"),
    )
    assert (found.recurrence_id, found.start_at) == ("20260309", micros(2026, 3, 9))


def test_an_all_day_date_floats_whatever_zone_stands_beside_it() -> None:
    found = seen(isAllDay=True, start=wall("2026-03-09T00:00:00", "Tokyo Standard Time"))
    assert found.start_at == micros(2026, 3, 9)


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        (micros(2026, 11, 19, 23), "Europe/Berlin", date(2026, 11, 20)),
        (micros(2026, 11, 20, 5), "America/New_York", date(2026, 11, 20)),
        (micros(2026, 11, 20), "America/New_York", date(2026, 11, 20)),
        (micros(2026, 11, 19, 11), "Pacific/Auckland", date(2026, 11, 20)),
        (micros(2026, 11, 20, 7), "UTC", date(2026, 11, 20)),
    ],
)
def test_a_midnight_somewhere_is_a_day(moment: int, zone: str, expected: date) -> None:
    assert times.nearest_day(moment, times.zone_named(zone)) == expected


def test_text_that_people_wrote_is_not_kept() -> None:
    found = seen(
        body={"content": "zq-private"},
        bodyPreview="zq-private",
        location={"displayName": "Cafe zq-private"},
    )
    assert found.on_site
    assert "zq-private" not in repr(found)


def test_a_conference_is_kept_by_its_join_address_and_is_no_place() -> None:
    link = "https://teams.microsoft.com/l/meetup-join/x"
    teams = {"displayName": "Microsoft Teams Meeting"}
    found = seen(onlineMeeting={"joinUrl": link}, location=teams)
    assert (found.online, found.on_site) == (link, False)


@pytest.mark.parametrize(
    ("categories", "mark"),
    [
        (["noshow: absent"], "absent"),
        (["Client", "NoShow:  held "], "held"),
        (["noshow: guilty"], ""),
        (["absent"], ""),
        (None, ""),
    ],
)
def test_a_private_mark_is_one_of_five_words(categories: list[str] | None, mark: str) -> None:
    assert seen(categories=categories).mark == mark


@pytest.mark.parametrize(
    ("shown", "kind"),
    [("oof", "outOfOffice"), ("workingElsewhere", "workingLocation"), ("busy", "default")],
)
def test_the_kind_is_in_the_words_of_all_providers(shown: str, kind: str) -> None:
    assert seen(showAs=shown).kind == kind


def test_odd_content_never_raises_but_for_what_is_named() -> None:
    for odd in (None, 3, "x", [], {}, [3, None], {"a": []}):
        names = set(event()) - {"id", "type"}
        for name in names:
            meeting({**event(), name: odd}, "primary", OWNER)
        for name in message():
            parsed({**message(), name: odd}, "inbox", OWNER)


def message(**more: Any) -> dict[str, Any]:
    """A mail of Dana's to Kate."""
    return {
        "@odata.type": "#microsoft.graph.message",
        "id": "AAk2=",
        "internetMessageId": "<m1@client.example>",
        "conversationId": "c1",
        "parentFolderId": "f1",
        "subject": "Re: Offer",
        "from": person(DANA, "Dana Kim"),
        "sender": person(DANA, "Dana Kim"),
        "toRecipients": [person(KATE)],
        "receivedDateTime": "2026-03-09T13:22:40Z",
        "sentDateTime": "2026-03-09T13:22:37Z",
        "internetMessageHeaders": [
            {"name": "In-Reply-To", "value": "<offer@ourco.example>"},
            {"name": "Auto-Submitted", "value": "auto-generated"},
        ],
        **more,
    }


def notice(type_: str, **more: Any) -> dict[str, Any]:
    """A meeting message about the review of 9 March."""
    return message(
        **{
            "@odata.type": f"#microsoft.graph.{type_}",
            "startDateTime": wall("2026-03-09T14:00:00.0000000"),
            "endDateTime": wall("2026-03-09T14:30:00.0000000"),
            "type": "singleInstance",
            "event": {"id": "AAk1=", "iCalUId": UID, "type": "singleInstance"},
            **more,
        }
    )


def test_a_mail_s_headers_become_its_record() -> None:
    found = parsed(message(), "inbox", OWNER).message
    assert (found.message_key, found.thread_id) == ("m1@client.example", "c1")
    assert (found.from_.address, found.from_.name, found.sender_address) == (DANA, "Dana Kim", "")
    assert found.in_reply_to == "offer@ourco.example"
    assert (found.at, found.dated_at) == (
        micros(2026, 3, 9, 13, 22, 40),
        micros(2026, 3, 9, 13, 22, 37),
    )
    assert "auto-submitted: auto-generated" in found.headers
    assert found.to[0].name == ""  # Exchange repeats the address where it knows no name


def test_the_author_is_the_from_and_a_header_makes_nobody_act() -> None:
    through: dict[str, Any] = {
        "from": person("sales@ourco.example", "Sales"),
        "sender": person("sales@ourco.example", "Sales"),
        "internetMessageHeaders": [
            {"name": "X-Original-From", "value": f"Dana Kim <{DANA}>"},
        ],
    }
    found = parsed(message(**through), "inbox", OWNER).message
    assert (found.from_.address, found.from_.name) == ("sales@ourco.example", "Sales")
    assert DANA in found.headers
    act = parsed(
        notice("eventMessageRequest", meetingMessageType="meetingCancelled", **through),
        "inbox",
        OWNER,
    ).notice
    assert act is not None
    assert (act.actor, act.sent_by) == ("sales@ourco.example", "")


def test_an_answer_that_is_kept_among_the_sent_items_is_its_writers() -> None:
    way = [{"name": "Received", "value": "from mx by mx; Mon, 9 Mar 2026 13:22:39 +0000"}]
    assert not parsed(message(internetMessageHeaders=way), "sent", OWNER).message.sent
    ours = {"from": person(KATE), "sender": person(KATE)}
    assert parsed(message(internetMessageHeaders=way, **ours), "sent", OWNER).message.sent
    # Without headers it is one that we sent by another address, unless it went to us.
    elsewhere = [person("omar@client.example")]
    by_alias = message(internetMessageHeaders=[], toRecipients=elsewhere)
    assert parsed(by_alias, "sent", OWNER).message.sent
    assert not parsed(message(internetMessageHeaders=[]), "sent", OWNER).message.sent


@pytest.mark.parametrize("kind", ["drafts", "named-drafts"])
def test_a_mail_of_somebody_else_among_the_drafts_was_sent(kind: Any) -> None:
    kept = message(internetMessageHeaders=[])
    assert not parsed(kept, kind, OWNER).message.draft
    assert parsed({**kept, "isDraft": True}, kind, OWNER).message.draft
    assert parsed({**kept, "from": person(KATE)}, kind, OWNER).message.draft


def test_what_a_program_laid_down_for_its_owner_is_no_draft() -> None:
    """A message made through Graph, by a help desk or when a mailbox is moved, bears the mark of one."""
    way = [{"name": "Received", "value": "from mx by mx; Mon, 9 Mar 2026 13:22:39 +0000"}]
    made = message(isDraft=True, internetMessageHeaders=[])
    assert not parsed(made, "inbox", OWNER).message.draft
    elsewhere = {**made, "toRecipients": [person("omar@client.example")]}
    assert not parsed({**elsewhere, "internetMessageHeaders": way}, "other", OWNER).message.draft
    assert parsed(elsewhere, "other", OWNER).message.draft
    assert parsed({**made, "from": person(KATE)}, "other", OWNER).message.draft


X500 = "/o=ExchangeLabs/ou=Exchange/cn=Recipients/cn=0a1b-dana"


@pytest.mark.parametrize(
    "given",
    [
        person("'dana@client.example'"),
        person('"Dana@Client.example"'),
        person("SMTP:dana@client.example"),
        person("mailto:dana@client.example"),
        person(" <dana@client.example> "),
        person(X500, "Dana Kim"),
        person("", "Dana Kim"),
        None,
    ],
)
def test_an_author_is_known_however_exchange_shows_them(given: dict[str, Any] | None) -> None:
    headers = [{"name": "From", "value": "Dana Kim <dana@client.example>"}]
    item = message(**{"from": given, "internetMessageHeaders": headers})
    assert parsed(item, "inbox", OWNER).message.from_.address == DANA


def test_a_from_of_the_headers_is_asked_only_where_graph_names_nobody() -> None:
    headers = [{"name": "From", "value": "Eve <eve@evil.example>"}]
    assert (
        parsed(message(internetMessageHeaders=headers), "inbox", OWNER).message.from_.address
        == DANA
    )
    nobody = message(**{"from": None, "sender": person("ana@client.example")})
    assert parsed(nobody, "inbox", OWNER).message.from_.address == "ana@client.example"


def test_a_recipient_without_an_address_is_counted_by_the_header() -> None:
    headers = [{"name": "To", "value": "Kate <kate@ourco.example>, Lee <lee@vendor.example>"}]
    rows = [person(KATE), person(X500, "Lee")]
    seen = parsed(
        message(toRecipients=rows, internetMessageHeaders=headers), "inbox", OWNER
    ).message
    assert [one.address for one in seen.to] == [KATE, "lee@vendor.example"]


def test_a_second_header_of_what_is_answered_is_read_too() -> None:
    headers = [
        {"name": "In-Reply-To", "value": value} for value in ("<x@y.example>", "<a0@ourco.example>")
    ]
    seen = parsed(message(internetMessageHeaders=headers), "inbox", OWNER).message
    assert (seen.in_reply_to, seen.references) == ("x@y.example", ("a0@ourco.example",))


@pytest.mark.parametrize("kind", ["inbox", "sent", "junk", "deleted", "other"])
def test_the_folder_says_what_a_mail_is_and_its_from_never_does(kind: Any) -> None:
    found = parsed(message(**{"from": person(KATE)}), kind, OWNER).message
    flags = (found.inbox, found.sent, found.spam, found.trash)
    assert flags == (kind == "inbox", kind == "sent", kind == "junk", kind == "deleted")


def test_a_promise_bears_its_category_and_its_day() -> None:
    flag = {"flagStatus": "flagged", "dueDateTime": wall("2026-11-19T23:00:00.0000000")}
    found = parsed(message(categories=["promised"], flag=flag), "inbox", OWNER).message
    assert (found.labels, found.flagged) == (("promised",), True)
    assert found.due_at == micros(2026, 11, 20)


def test_a_decline_written_by_an_assistant_is_the_contact_s_own_and_dated() -> None:
    found = parsed(
        notice(
            "eventMessageResponse",
            meetingMessageType="meetingDeclined",
            responseType="declined",
            sender=person("ana@client.example", "Ana Pires"),
        ),
        "inbox",
        OWNER,
    )
    assert (found.message.meeting_type, found.message.sender_address) == (
        "decline",
        "ana@client.example",
    )
    act = found.notice
    assert act is not None
    assert (act.evidence, act.method, act.actor) == (Evidence.NOTICE, Method.REPLY, DANA)
    assert (act.sent_by, act.acted_at) == ("ana@client.example", micros(2026, 3, 9, 13, 22, 37))
    (guest_,) = act.guests
    assert (guest_.address, guest_.response) == (DANA, Response.DECLINED)
    assert (act.series_uid, act.recurrence_id) == (UID.lower(), "")


def test_the_machine_that_carries_google_s_answers_is_nobody_s_assistant() -> None:
    found = parsed(
        notice(
            "eventMessageResponse",
            meetingMessageType="meetingAccepted",
            responseType="accepted",
            sender=person("calendar-notification@google.com"),
        ),
        "inbox",
        OWNER,
    )
    assert found.notice is not None
    assert found.notice.sent_by == ""
    # ... and its auto-generated mark does not make the person a machine.
    assert not found.notice.guests[0].machine


@pytest.mark.parametrize("word", ["meetingTenativelyAccepted", "meetingTentativelyAccepted"])
def test_both_spellings_of_tentative_are_read(word: str) -> None:
    item = notice("eventMessageResponse", meetingMessageType=word)
    assert parsed(item, "inbox", OWNER).message.meeting_type == "tentative"


def test_a_decline_with_another_time_is_a_counter_proposal() -> None:
    item = notice(
        "eventMessageResponse",
        meetingMessageType="meetingDeclined",
        responseType="declined",
        proposedNewTime={"start": wall("2026-03-11T10:00:00"), "end": wall("2026-03-11T11:00:00")},
    )
    found = parsed(item, "inbox", OWNER)
    assert found.message.meeting_type == "counter"
    assert found.notice is not None
    assert found.notice.method is Method.COUNTER
    (one,) = found.notice.guests
    assert (one.response, one.proposed_start) == (Response.DECLINED, micros(2026, 3, 11, 10))


def test_a_move_tells_where_the_meeting_was() -> None:
    item = notice(
        "eventMessageRequest",
        meetingMessageType="meetingRequest",
        previousStartDateTime=wall("2026-03-08T09:00:00.0000000"),
    )
    act = parsed(item, "inbox", OWNER).notice
    assert act is not None
    assert (act.method, act.organizer) == (Method.REQUEST, DANA)
    assert act.previous_start_at == micros(2026, 3, 8, 9)


def test_a_cancellation_of_one_occurrence_is_of_that_one_alone() -> None:
    series = {"id": "AAk1=", "iCalUId": UID, "type": "seriesMaster"}
    item = notice(
        "eventMessage", meetingMessageType="meetingCancelled", type="occurrence", event=series
    )
    act = parsed(item, "inbox", OWNER).notice
    assert act is not None
    assert (act.status, act.recurrence_id) == (Status.CANCELLED, "20260309T140000Z")


def test_where_the_occurrence_cannot_be_told_there_is_a_mail_and_no_act() -> None:
    series = {"id": "AAk1=", "iCalUId": UID, "type": "seriesMaster"}
    item = notice(
        "eventMessage", meetingMessageType="meetingCancelled", type="exception", event=series
    )
    found = parsed(item, "inbox", OWNER)
    assert found.notice is None
    assert (found.message.meeting_type, found.message.meeting_uid) == ("cancel", UID.lower())


def test_a_meeting_message_without_its_details_is_still_a_calendar_s() -> None:
    item = message(**{"@odata.type": "#microsoft.graph.eventMessageResponse"})
    found = parsed(item, "inbox", OWNER)
    assert found.notice is None
    assert "content-class: urn:content-classes:calendarmessage" in found.message.headers


def test_a_change_that_names_only_what_changed_is_read_anew() -> None:
    assert is_thin({"id": "AAk2=", "isRead": True})
    assert not is_thin(message())
