"""Do text/calendar parts of mails become dated acts of the right people?"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files.problems import Lost
from connectors.model.records import Evidence, MeetingSeen, Method, Response, Status
from tests.support.facts.files import (
    ANA,
    DANA,
    ME,
    Read,
    at,
    calendar,
    event,
    guest,
    imported,
    imported_file,
    mail,
    mbox,
    organizer,
)

ACTED = "DTSTAMP:20261123T075500Z"


def acts(folder: Path, ics: bytes, **kwargs: str) -> Read:
    method = ics.decode().split("METHOD:")[1].split("\r")[0]
    return imported_file(folder, "a.mbox", mbox(mail(ics=ics, method=method, **kwargs)))


def act(result: Read) -> MeetingSeen:
    assert len(result.meetings) == 1, result.problems
    return result.meetings[0]


def test_a_reply_is_dated_by_its_stamp_and_holds_only_the_one_who_answers(tmp_path: Path) -> None:
    ics = calendar(event(ACTED, organizer(ME), guest(DANA, "DECLINED")), method="REPLY")
    seen = act(acts(tmp_path, ics))
    assert (seen.evidence, seen.method) == (Evidence.ITIP, Method.REPLY)
    assert (seen.acted_at, seen.actor) == (at("2026-11-23 07:55"), DANA)
    assert [(one.address, one.response) for one in seen.guests] == [(DANA, Response.DECLINED)]
    assert (seen.message_key, seen.guests_complete) == ("k1@client.example", False)
    # What the guest says is no state of the meeting.
    assert (seen.start_at, seen.status, seen.subject) == (None, Status.CONFIRMED, "")


def test_the_mail_around_an_act_says_what_kind_of_meeting_mail_it_is(tmp_path: Path) -> None:
    kinds = {}
    for partstat in ("ACCEPTED", "DECLINED", "TENTATIVE"):
        ics = calendar(event(organizer(ME), guest(DANA, partstat)), method="REPLY")
        kinds[partstat] = acts(tmp_path, ics).messages[0].meeting_type
    for method, who in (("REQUEST", DANA), ("CANCEL", DANA), ("COUNTER", ME)):
        ics = calendar(event(organizer(who), guest(DANA, "TENTATIVE")), method=method)
        kinds[method] = acts(tmp_path, ics).messages[0].meeting_type
    assert kinds == {
        "ACCEPTED": "accept",
        "DECLINED": "decline",
        "TENTATIVE": "tentative",
        "REQUEST": "request",
        "CANCEL": "cancel",
        "COUNTER": "counter",
    }


def test_a_cancellation_of_one_occurrence_names_it_by_its_original_start(tmp_path: Path) -> None:
    ics = calendar(
        event(
            ACTED,
            "RECURRENCE-ID;TZID=Europe/Berlin:20261124T100000",
            "DTSTART;TZID=Europe/Berlin:20261124T100000",
            "SEQUENCE:3",
            organizer(DANA),
            guest(ME),
        ),
        method="CANCEL",
    )
    seen = act(acts(tmp_path, ics))
    assert (seen.status, seen.recurrence_id) == (Status.CANCELLED, "20261124T090000Z")
    assert (seen.actor, seen.sequence, seen.start_at) == (DANA, 3, at("2026-11-24 09:00"))


def test_a_cancellation_of_a_series_has_no_recurrence_id(tmp_path: Path) -> None:
    ics = calendar(event("RRULE:FREQ=WEEKLY", organizer(DANA), guest(ME)), method="CANCEL")
    assert act(acts(tmp_path, ics)).recurrence_id == ""


def test_a_cancellation_without_a_start_is_a_stub(tmp_path: Path) -> None:
    bare = event(organizer(DANA)).replace("DTSTART:20261123T090000Z\r\n", "")
    seen = act(acts(tmp_path, calendar(bare, method="CANCEL")))
    assert (seen.stub, seen.status, seen.actor) == (True, Status.CANCELLED, DANA)


def test_a_counter_proposal_is_a_proposal_and_no_start(tmp_path: Path) -> None:
    ics = calendar(
        event(organizer(ME), guest(DANA, "TENTATIVE"), start="20261124T130000Z"),
        method="COUNTER",
    )
    seen = act(acts(tmp_path, ics))
    assert seen.start_at is None
    assert seen.guests[0].proposed_start == at("2026-11-24 13:00")


def test_an_assistant_acts_for_the_one_who_is_named(tmp_path: Path) -> None:
    ics = calendar(
        event(organizer(ME), guest(DANA, "DECLINED", SENT_BY=f'"mailto:{ANA}"')), method="REPLY"
    )
    seen = act(acts(tmp_path, ics, sender=ANA))
    assert (seen.actor, seen.sent_by) == (DANA, ANA)
    ics = calendar(event(organizer(DANA, SENT_BY=f'"mailto:{ANA}"'), guest(ME)), method="CANCEL")
    seen = act(acts(tmp_path, ics, sender=ANA))
    assert (seen.actor, seen.sent_by) == (DANA, ANA)


def test_an_invitation_shows_all_guests_without_their_names(tmp_path: Path) -> None:
    ics = calendar(
        event(
            "SUMMARY:SECRET title",
            "DESCRIPTION:SECRET",
            "LOCATION:SECRET",
            "COMMENT:SECRET",
            organizer(DANA, CN="SECRET"),
            guest(ME, "NEEDS-ACTION", CN="SECRET"),
            guest("room@client.example", "ACCEPTED", CUTYPE="ROOM"),
        ),
        method="REQUEST",
    )
    seen = act(acts(tmp_path, ics))
    assert [(one.address, one.resource) for one in seen.guests] == [
        (ME, False),
        ("room@client.example", True),
    ]
    assert "SECRET" not in repr(seen)


def test_the_same_act_attached_twice_is_one(tmp_path: Path) -> None:
    ics = calendar(event(organizer(ME), guest(DANA, "ACCEPTED")), method="REPLY")
    once = mail(ics=ics).decode()
    part = once[once.index("--b\nContent-Type: text/calendar") : once.index("--b--")]
    twice = once.replace("--b--", part + "--b--").encode()
    assert len(imported_file(tmp_path, "a.mbox", mbox(twice)).meetings) == 1


def test_parts_are_read_whatever_their_transfer_encoding_and_letters(tmp_path: Path) -> None:
    import base64

    ics = calendar(event(organizer(ME), guest(DANA, "ACCEPTED")), method="REPLY")
    packed = base64.encodebytes(ics).decode()
    one = (
        "From: dana@client.example\nMessage-ID: <x@y.example>\nMIME-Version: 1.0\n"
        "Content-Type: TEXT/Calendar; METHOD=reply\nContent-Transfer-Encoding: base64\n\n" + packed
    )
    assert act(imported_file(tmp_path, "a.mbox", mbox(one.encode()))).method is Method.REPLY


def test_a_method_only_inside_counts_as_apple_writes_it(tmp_path: Path) -> None:
    ics = calendar(event(organizer(ME), guest(DANA, "ACCEPTED")), method="REPLY")
    without = mail(ics=ics).replace(b"; method=REPLY", b"")
    assert act(imported_file(tmp_path, "a.mbox", mbox(without))).method is Method.REPLY


def test_a_part_without_any_method_is_no_act_and_is_named(tmp_path: Path) -> None:
    ics = calendar(event(organizer(ME), guest(DANA, "ACCEPTED")))
    result = imported_file(tmp_path, "a.mbox", mbox(mail(ics=ics).replace(b"; method=REPLY", b"")))
    assert not result.meetings
    assert len(result.messages) == 1
    assert [one.lost for one in result.problems] == [Lost.PART]


@pytest.mark.parametrize("sender", ["x@evil.example", "notifications@booking.example"])
def test_an_act_in_the_name_of_somebody_else_is_nobodys(tmp_path: Path, sender: str) -> None:
    cancel = calendar(event(organizer(DANA), guest(ME)), method="CANCEL")
    result = acts(tmp_path, cancel, sender=sender)
    # Whoever speaks in the organiser's name changes nothing.
    assert not result.meetings
    assert result.messages[0].meeting_type == ""
    assert "not believed" in result.problems[0].reason
    reply = calendar(event(organizer(ME), guest(DANA, "DECLINED")), method="REPLY")
    seen = act(acts(tmp_path, reply, sender=sender))
    assert (seen.actor, seen.guests[0].response) == ("", Response.UNKNOWN)


def test_a_colleague_of_the_same_house_is_believed_but_not_at_a_mail_provider(
    tmp_path: Path,
) -> None:
    reply = calendar(event(organizer(ME), guest(DANA, "DECLINED")), method="REPLY")
    assert act(acts(tmp_path, reply, sender="office@mail.client.example")).actor == DANA
    free = calendar(event(organizer(ME), guest("dana@gmail.com", "DECLINED")), method="REPLY")
    assert act(acts(tmp_path, free, sender="mallory@gmail.com")).actor == ""
    assert act(acts(tmp_path, free, sender="Dana <d.ana@googlemail.com>")).actor == "dana@gmail.com"


def test_our_own_invitation_among_the_sent_mail_is_ours(tmp_path: Path) -> None:
    ics = calendar(event(organizer(ME), guest(DANA, "NEEDS-ACTION")), method="REQUEST")
    result = imported_file(
        tmp_path, "Sent.mbox", mbox(mail(ics=ics, method="REQUEST", sender=ME, to=DANA))
    )
    seen = act(result)
    assert (seen.actor, seen.organizer_is_self) == (ME, True)
    assert result.messages[0].sent


def test_nobody_acts_after_the_mail_about_it_has_arrived(tmp_path: Path) -> None:
    ics = calendar(
        event("DTSTAMP:20261123T085500Z", organizer(ME), guest(DANA, "DECLINED")), method="REPLY"
    )
    assert act(acts(tmp_path, ics)).acted_at == at("2026-11-23 08:00")


def test_an_automatic_answer_is_a_machines(tmp_path: Path) -> None:
    ics = calendar(event(organizer(ME), guest(DANA, "DECLINED")), method="REPLY")
    data = mbox(mail("Auto-Submitted: auto-replied", ics=ics))
    assert act(imported_file(tmp_path, "a.mbox", data)).guests[0].machine
    data = mbox(mail("Auto-Submitted: auto-generated", ics=ics))
    assert not act(imported_file(tmp_path, "b.mbox", data)).guests[0].machine


def test_of_a_reply_that_lists_everybody_the_sender_is_the_one(tmp_path: Path) -> None:
    ics = calendar(
        event(
            organizer(ME), guest(ME, "ACCEPTED"), guest(DANA, "DECLINED"), guest(ANA, "ACCEPTED")
        ),
        method="REPLY",
    )
    assert act(acts(tmp_path, ics)).actor == DANA
    # Whose answer would it be? The mail is kept, the act is named.
    result = acts(tmp_path, ics, sender="x@other.example")
    assert not result.meetings
    assert [one.lost for one in result.problems] == [Lost.PART]


@pytest.mark.parametrize(
    "times", [["DTSTART;TZID=Nowhere:20261123T090000"], ["DTSTART:nonsense", "DTEND:nonsense"]]
)
def test_an_answer_counts_also_where_the_times_beside_it_cannot_be_read(
    tmp_path: Path, times: list[str]
) -> None:
    """It names its meeting by the UID; that she declined in good time must not be lost."""
    reply = calendar(event(*times, ACTED, organizer(ME), guest(DANA, "DECLINED")), method="REPLY")
    seen = act(acts(tmp_path, reply))
    assert (seen.actor, seen.guests[0].response) == (DANA, Response.DECLINED)
    cancel = calendar(event(*times, ACTED, organizer(DANA), guest(ME)), method="CANCEL")
    assert act(acts(tmp_path, cancel)).status is Status.CANCELLED
    # An invitation to an unknown hour says that what was told before it holds no more, and is named.
    request = calendar(event(*times, ACTED, organizer(DANA), guest(ME)), method="REQUEST")
    result = acts(tmp_path, request)
    assert (act(result).stub, act(result).start_at) == (True, None)
    assert [one.lost for one in result.problems] == [Lost.PART]


@pytest.mark.parametrize("said", [("NEEDS-ACTION", "DECLINED"), ("DECLINED", "NEEDS-ACTION")])
def test_of_two_lines_of_one_person_the_one_that_answers_says_it(
    tmp_path: Path, said: tuple[str, str]
) -> None:
    lines = (guest(DANA, one) for one in said)
    ics = calendar(event(organizer(ME), *lines), method="REPLY")
    for sender in (DANA, ANA):
        assert act(acts(tmp_path, ics, sender=sender)).guests[0].response is Response.DECLINED


def test_a_saved_answer_that_lists_several_answers_is_nobodys(tmp_path: Path) -> None:
    """Nobody sent the file, so nothing says which of them it was."""
    lines = (organizer(ME), guest(ANA, "DECLINED"), guest(DANA, "ACCEPTED"))
    result = imported_file(tmp_path, "reply.ics", calendar(event(*lines), method="REPLY"))
    assert (result.meetings, result.reasons(Lost.EVENT)) == (
        [],
        ["an answer that names several guests"],
    )
    lines = (organizer(ME), guest(ANA, "NEEDS-ACTION"), guest(DANA, "DECLINED"))
    result = imported_file(tmp_path, "one.ics", calendar(event(*lines), method="REPLY"))
    assert [one.actor for one in result.meetings] == [DANA]


def test_this_and_future_is_spread_over_the_occurrences_that_are_known(tmp_path: Path) -> None:
    zone = "TZID=Europe/Berlin"
    held = calendar(
        event(f"DTSTART;{zone}:20261012T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4")
    )
    cancel = calendar(
        event(
            f"RECURRENCE-ID;{zone};RANGE=THISANDFUTURE:20261026T100000",
            f"DTSTART;{zone}:20261026T100000",
            organizer(DANA),
        ),
        method="CANCEL",
    )
    move = calendar(
        event(
            f"RECURRENCE-ID;{zone};RANGE=THISANDFUTURE:20261019T100000",
            f"DTSTART;{zone}:20261020T113000",
            "DURATION:PT30M",
            organizer(DANA),
        ),
        method="REQUEST",
    )
    (tmp_path / "work.ics").write_bytes(held)
    (tmp_path / "a.mbox").write_bytes(
        mbox(
            mail(ics=cancel, method="CANCEL", key="<1@client.example>"),
            mail(ics=move, method="REQUEST", key="<2@client.example>"),
        )
    )
    told = [one for one in imported([tmp_path]).meetings if one.evidence is Evidence.ITIP]
    cancelled = [one.recurrence_id for one in told if one.method is Method.CANCEL]
    moved = {one.recurrence_id: one.start_at for one in told if one.method is Method.REQUEST}
    assert cancelled == ["20261026T090000Z", "20261102T090000Z"]
    # Moved by a day and an hour and a half on the clock on the wall, before and after the change.
    assert moved == {
        "20261019T080000Z": at("2026-10-20 09:30"),
        "20261026T090000Z": at("2026-10-27 10:30"),
        "20261102T090000Z": at("2026-11-03 10:30"),
    }


def test_this_and_future_of_an_unknown_series_concerns_the_named_one_and_says_so(
    tmp_path: Path,
) -> None:
    ics = calendar(
        event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261026T090000Z", organizer(DANA)),
        method="CANCEL",
    )
    result = acts(tmp_path, ics)
    assert act(result).recurrence_id == "20261026T090000Z"
    assert "no later one is known" in result.problems[0].reason


SERIES = (
    "DTSTART;TZID=Europe/Berlin:20261019T100000",
    "DURATION:PT30M",
    "RRULE:FREQ=WEEKLY;COUNT=3",
    "EXDATE;TZID=Europe/Berlin:20261026T100000",
    "RDATE;TZID=Europe/Berlin:20261028T100000",
)


def test_an_invitation_to_a_series_is_one_to_each_of_its_occurrences(tmp_path: Path) -> None:
    ics = calendar(event(*SERIES, organizer(DANA), guest(ME, "NEEDS-ACTION")), method="REQUEST")
    found = acts(tmp_path, ics).meetings
    assert {one.recurrence_id: one.start_at for one in found} == {
        "20261019T080000Z": at("2026-10-19 08:00"),
        "20261028T090000Z": at("2026-10-28 09:00"),
        "20261102T090000Z": at("2026-11-02 09:00"),
    }
    assert {(one.end_at or 0) - (one.start_at or 0) for one in found} == {30 * 60 * 10**6}


@pytest.mark.parametrize(
    "named",
    [
        "RECURRENCE-ID;TZID=Europe/Berlin:20261028T100000",
        "RECURRENCE-ID;VALUE=DATE:20261028",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261028T000000",
        "RECURRENCE-ID;TZID=Nowhere:20261028T100000",
    ],
)
def test_an_occurrence_that_an_invitation_names_by_itself_is_as_it_says_there(
    tmp_path: Path, named: str
) -> None:
    people = (organizer(DANA), guest(ME, "NEEDS-ACTION"))
    moved = event(
        named,
        "DTSTART;TZID=Europe/Berlin:20261029T150000",
        "DURATION:PT30M",
        *people,
    )
    for entries in ((event(*SERIES, *people), moved), (moved, event(*SERIES, *people))):
        found = acts(tmp_path, calendar(*entries, method="REQUEST")).meetings
        # Not "it was moved", by two invitations of one moment.
        assert sorted((one.recurrence_id, one.start_at) for one in found) == [
            ("20261019T080000Z", at("2026-10-19 08:00")),
            ("20261028T090000Z", at("2026-10-29 14:00")),
            ("20261102T090000Z", at("2026-11-02 09:00")),
        ]


def test_a_calendar_part_of_an_attached_mail_is_nobodys_act(tmp_path: Path) -> None:
    """Whoever attaches a mail has not written it, and nobody has checked who did."""
    ics = calendar(event(organizer(DANA), guest(ME), ACTED), method="CANCEL")
    inner = mail(sender="eve@evil.example", ics=ics, method="CANCEL", key="<k2@evil.example>")
    head = mail().partition(b"Content-Type")[0] + b"Content-Type: multipart/mixed; boundary=o\n\n"
    attached = head + b"--o\nContent-Type: message/rfc822\n\n" + inner + b"\n--o--\n"
    result = imported_file(tmp_path, "a.mbox", mbox(attached))
    assert (result.meetings, len(result.messages)) == ([], 1)
    assert result.reasons(Lost.DETAIL) == ["a calendar part of an attached mail: left out"]
    assert act(acts(tmp_path, ics)).method is Method.CANCEL


def test_an_invitation_to_a_series_without_an_end_is_bounded(tmp_path: Path) -> None:
    ics = calendar(
        event("RRULE:FREQ=DAILY", organizer(DANA), guest(ME, "NEEDS-ACTION")), method="REQUEST"
    )
    assert 300 < len(acts(tmp_path, ics).meetings) <= 2 * 366


def test_a_cancellation_of_all_that_follows_finds_the_occurrences_of_an_invitation(
    tmp_path: Path,
) -> None:
    invited = calendar(event(*SERIES, organizer(DANA), guest(ME)), method="REQUEST")
    gone = calendar(
        event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261028T090000Z", organizer(DANA)),
        method="CANCEL",
    )
    data = mbox(
        mail(ics=invited, method="REQUEST", key="<1@client.example>"),
        mail(ics=gone, method="CANCEL", key="<2@client.example>"),
    )
    told = imported_file(tmp_path, "a.mbox", data).meetings
    cancelled = [one.recurrence_id for one in told if one.method is Method.CANCEL]
    assert cancelled == ["20261028T090000Z", "20261102T090000Z"]


def test_a_saved_invitation_file_is_an_act_and_no_calendar(tmp_path: Path) -> None:
    ics = calendar(event(organizer(DANA), guest(ME, "NEEDS-ACTION")), method="REQUEST")
    seen = act(imported_file(tmp_path, "invite.ics", ics))
    assert (seen.evidence, seen.actor, seen.message_key) == (Evidence.ITIP, DANA, "")


def test_an_export_that_only_says_request_is_a_calendar(tmp_path: Path) -> None:
    seen = act(imported_file(tmp_path, "view.ics", calendar(event("SUMMARY:x"), method="REQUEST")))
    assert seen.evidence is Evidence.SNAPSHOT


def test_a_mail_built_to_be_slow_is_not_opened(tmp_path: Path) -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(80)
    )
    ics = calendar(event(organizer(ME), guest(DANA, "ACCEPTED")), method="REPLY")
    data = mbox(mail(ics=ics).replace(b"words", deep))
    result = imported_file(tmp_path, "a.mbox", data)
    assert len(result.messages) == 1
    assert [one.lost for one in result.problems] == [Lost.PART]


@pytest.mark.parametrize(
    ("arrived", "acted"),
    [
        # On its day: the mail says the hour. Later: no later than the day ended anywhere.
        ("Mon, 23 Nov 2026 08:20:00 +0000", "2026-11-23 08:20"),
        ("Thu, 26 Nov 2026 08:20:00 +0000", "2026-11-24 12:00"),
    ],
)
def test_a_stamp_that_is_a_date_bounds_an_act_and_makes_no_notice_longer(
    tmp_path: Path, arrived: str, acted: str
) -> None:
    lines = ("DTSTAMP;VALUE=DATE:20261123", organizer(ME), guest(DANA, "DECLINED"))
    ics = calendar(event(*lines), method="REPLY")
    assert act(acts(tmp_path, ics, date=arrived)).acted_at == at(acted)


def test_a_saved_act_that_is_stamped_by_a_date_has_no_moment(tmp_path: Path) -> None:
    lines = ("DTSTAMP;VALUE=DATE:20261123", organizer(DANA), guest(ME, "ACCEPTED"))
    ics = calendar(event(*lines), method="CANCEL")
    assert act(imported_file(tmp_path, "cancel.ics", ics)).acted_at is None


def test_an_act_upon_an_occurrence_that_was_sent_by_itself_finds_it(tmp_path: Path) -> None:
    uid = f"040000008200E00074C5B7101A82E008{2026:04X}{11:02X}{23:02X}{'0' * 24}AB"
    ics = calendar(event(organizer(DANA), guest(ME), uid=uid), method="CANCEL")
    assert act(acts(tmp_path, ics)).recurrence_id == "20261123"


@pytest.mark.parametrize("saved", [True, False], ids=["as a file", "in its mail"])
def test_an_invitation_to_a_series_is_one_to_each_occurrence(tmp_path: Path, saved: bool) -> None:
    lines = ("RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20261123T090000Z", organizer(DANA), guest(ME))
    ics = calendar(event(*lines), method="REQUEST")
    result = imported_file(tmp_path, "a.ics", ics) if saved else acts(tmp_path, ics)
    named = [one.recurrence_id for one in result.meetings]
    assert named == ["20261130T090000Z", "20261207T090000Z", "20261214T090000Z"]


def test_of_later_occurrences_of_a_saved_invitation_a_saved_cancellation_tells(
    tmp_path: Path,
) -> None:
    lines = ("RRULE:FREQ=WEEKLY;COUNT=3", organizer(DANA), guest(ME))
    invited = calendar(event(*lines), method="REQUEST")
    again = "RECURRENCE-ID;RANGE=THISANDFUTURE:20261130T090000Z"
    off = calendar(event(again, "SEQUENCE:1", organizer(DANA), guest(ME)), method="CANCEL")
    (tmp_path / "a.ics").write_bytes(invited)
    (tmp_path / "b.ics").write_bytes(off)
    told = imported([tmp_path / "a.ics", tmp_path / "b.ics"]).meetings
    ended = [one.recurrence_id for one in told if one.method is Method.CANCEL]
    assert ended == ["20261130T090000Z", "20261207T090000Z"]


def test_a_message_without_an_organiser_is_named_as_lost(tmp_path: Path) -> None:
    ics = calendar(event(guest(ME, "NEEDS-ACTION")), method="REQUEST")
    result = imported_file(tmp_path, "a.ics", ics)
    assert not result.meetings
    assert [one.lost for one in result.problems] == [Lost.EVENT]
    assert "who organises" in result.problems[0].reason


@pytest.mark.parametrize(
    "lines",
    [
        ("STATUS:CANCELLED", organizer(DANA), guest(ANA)),
        (organizer(DANA), guest(ANA), guest(ME)),
        (organizer(DANA), guest(ANA), guest(DANA)),
        (organizer(DANA),),
        (organizer(ME), guest(ANA)),
    ],
)
def test_a_cancellation_is_of_the_meeting_unless_it_names_others_alone(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    ics = calendar(event(ACTED, *lines), method="CANCEL")
    sender, to = (ME, ANA) if lines[0] == organizer(ME) else (DANA, ME)
    seen = act(acts(tmp_path, ics, sender=sender, to=to))
    assert (seen.method, seen.status) == (Method.CANCEL, Status.CANCELLED)


def test_who_is_told_that_another_is_no_guest_any_more_still_has_a_meeting(tmp_path: Path) -> None:
    ics = calendar(event(ACTED, organizer(DANA), guest(ANA)), method="CANCEL")
    result = acts(tmp_path, ics)
    assert not result.meetings
    assert "other guests" in result.reasons(Lost.DETAIL)[0]
