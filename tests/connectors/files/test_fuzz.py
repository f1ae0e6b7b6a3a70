"""Whatever the bytes are: no crash, no hang, and nothing lost without a word?"""

from __future__ import annotations

import io
import tempfile
import time
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from connectors.files.mail.mbox import Splitter
from connectors.files.problems import Lost
from connectors.interfaces import Window
from connectors.model.records import MeetingSeen
from tests.support.facts.files import (
    HORIZON,
    Read,
    calendar,
    event,
    guest,
    imported,
    mail,
    organizer,
)

#: What no small input may take on a busy machine; a hang takes for ever.
PATIENCE = 20.0

LINES = st.sampled_from(
    [
        b"From a@b.example Mon Nov 23 08:00:00 2026",
        b"From - Mon Nov 23 08:00:00 2026",
        b"From ",
        b"From me to you",
        b">From x",
        b"From: dana@client.example",
        b"To: a@b.example, =?utf-8?q?x?= <c@d.example>",
        b"Subject: =?utf-8?b?R3LDvMOfZQ==?=",
        b"Message-ID: <1@x.example>",
        b"Date: Mon, 23 Nov 2026 08:00:00 +0000",
        b"X-Gmail-Labels: Sent",
        b"Content-Type: text/calendar; method=REPLY",
        b"Content-Type: multipart/mixed; boundary=b",
        b"--b",
        b"--b--",
        b"BEGIN:VCALENDAR",
        b"METHOD:REPLY",
        b"BEGIN:VEVENT",
        b"UID:1",
        b"DTSTART:20261123T090000Z",
        b"RRULE:FREQ=DAILY",
        b"ATTENDEE;PARTSTAT=DECLINED:mailto:dana@client.example",
        b"END:VEVENT",
        b"END:VCALENDAR",
        b" folded",
        b"",
        b"",
        b"\xff\xfe\x00",
    ]
)
MAILBOXES = st.lists(st.one_of(LINES, st.binary(max_size=20)), max_size=40).flatmap(
    lambda lines: st.sampled_from([b"\n", b"\r\n", b"\r"]).map(lambda end: end.join(lines))
)
ICS_LINES = st.sampled_from(
    [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "BEGIN:VTIMEZONE",
        "BEGIN:STANDARD",
        "BEGIN:VALARM",
        "END:VALARM",
        "END:STANDARD",
        "END:VTIMEZONE",
        "END:VEVENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "METHOD:REQUEST",
        "METHOD:PUBLISH",
        "UID:1",
        "UID:2",
        "TZID:Z",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "DTSTART:20261123T090000Z",
        "DTSTART;TZID=Z:20261123T090000",
        "DTSTART;VALUE=DATE:20261123",
        "DTSTART:00010101T000000Z",
        "DTSTART:99991231T235959Z",
        "DTEND:20261123T080000Z",
        "DURATION:P1D",
        "DURATION:-P999999W",
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=400",
        "RRULE:FREQ=YEARLY;BYDAY=5MO;BYSETPOS=-1",
        "EXDATE:20261124T090000Z,20261125",
        "RDATE;VALUE=PERIOD:20261124T090000Z/PT1H",
        "RECURRENCE-ID:20261124T090000Z",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T090000Z",
        "SEQUENCE:99999999999999999999",
        "DTSTAMP:20261123T090000Z",
        "ORGANIZER;CN=a:b:mailto:dana@client.example",
        'ATTENDEE;PARTSTAT=DECLINED;CN="x;y:z":mailto:dana@client.example',
        "ATTENDEE;SENT-BY=:x",
        " folded",
        "no property",
        "",
    ]
)
CALENDARS = st.lists(st.one_of(ICS_LINES, st.text(max_size=15)), max_size=40).map("\r\n".join)


def attempt(name: str, data: bytes, horizon: Window = HORIZON) -> Read:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        began = time.process_time()
        result = imported([path], horizon=horizon)
        assert time.process_time() - began < PATIENCE
    assert result.pages[-1].last
    check(result)
    return result


def check(result: Read) -> None:
    """What every record must be, whatever it was made of."""
    for one in result.meetings:
        assert one.series_uid
        assert one.provider_id
        for moment in (one.start_at, one.end_at, one.acted_at, one.updated_at, one.created_at):
            assert moment is None or 0 < moment < 7_258_118_400_000_000
        assert all(guest.address for guest in one.guests)
    for message in result.messages:
        assert message.provider_id
        assert message.message_key
        assert "\n" not in message.subject
    last = result.progress[-1] if result.progress else None
    if last is not None:
        lost = sum(problem.lost is Lost.MESSAGE for problem in result.problems)
        # messages_in == yielded + problems
        assert last.messages_in == last.messages_out + lost
        assert last.messages_out == len(result.messages)


@given(MAILBOXES)
@example(b"From ")
@example(b"From \nFrom \nFrom ")
@example(b"\xef\xbb\xbfFrom x Mon Nov 23 08:00:00 2026\n\n\nbody")
def test_any_bytes_are_a_mailbox_or_a_named_problem(data: bytes) -> None:
    result = attempt("a.mbox", data)
    splitter = Splitter(io.BytesIO(data))
    found = list(splitter.messages())
    covered = sum(len(raw.separator) + raw.size for raw in found)
    assert covered <= len(data)
    # Every byte lies in a message, or was counted as junk, or is white space before the first, or what
    # programs leave there.
    before = data[: found[0].offset] if found else data
    assert covered + len(before) == len(data)
    assert not splitter.junk or before.removeprefix(b"\xef\xbb\xbf").strip()
    assert splitter.junk or not before.strip(b"\xef\xbb\xbf\0\x01\x04\x0c\x1a \t\r\n\x0b")
    assert len(result.messages) + len(result.problems) >= len(found)


@given(MAILBOXES)
def test_any_bytes_are_one_mail_or_a_named_problem(data: bytes) -> None:
    assume(not data.lstrip(b"\r\n\xff\xfe\0").upper().startswith(b"BEGIN:VCALENDAR"))
    result = attempt("a.eml", data)
    # FILE: the bytes begin like a zip, whatever the name says.
    if data.removeprefix(b"\xef\xbb\xbf").startswith(b"From "):
        # Some programs append to it: then it is a mailbox.
        assert result.messages or result.problems
    else:
        assert len(result.messages) == 1 or result.problems[0].lost in (Lost.MESSAGE, Lost.FILE)


@given(CALENDARS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_lines_are_a_calendar_or_named_problems(text: str) -> None:
    result = attempt("a.ics", text.encode("utf-8", "surrogatepass"))
    keys = [(one.series_uid, one.recurrence_id, one.evidence) for one in result.meetings]
    snapshots = [key for key in keys if key[2] == "snapshot"]
    assert len(snapshots) == len(set(snapshots))


@given(CALENDARS, st.sampled_from(["REPLY", "REQUEST", "CANCEL", "COUNTER", "ADD", "x", ""]))
def test_any_lines_in_a_mail_are_acts_or_named_problems(text: str, method: str) -> None:
    data = mail(ics=text.encode("utf-8", "surrogatepass") + b"\r\n", method=method)
    assert len(attempt("a.eml", data).messages) == 1


@given(st.integers(0, 400), st.binary(max_size=6), st.sampled_from(["work.ics", "a.eml", "a.zip"]))
def test_a_good_file_that_was_damaged_anywhere_is_read_around_the_damage(
    at: int, noise: bytes, name: str
) -> None:
    ics = calendar(
        event("RRULE:FREQ=WEEKLY;COUNT=9", organizer("me@acme.example"), guest("a@b.example")),
        event(uid="other"),
    )
    if name == "a.eml":
        data = mail(ics=ics)
    elif name == "a.zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("work.ics", ics)
        data = held.getvalue()
    else:
        data = ics
    at = min(at, len(data))
    attempt(name, data[:at] + noise + data[at + len(noise) :])


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(0, 10**6))
def test_every_whole_entry_between_broken_ones_is_found(kinds: list[int], seed: int) -> None:
    """Broken neighbours, before or behind, take nothing with them."""
    broken = [
        "BEGIN:VEVENT\r\nUID:x\r\nDTSTART:nonsense\r\nEND:VEVENT",
        "BEGIN:VEVENT\r\nUID:x\r\nDTSTART;TZID=No/Where:20261123T090000\r\nEND:VEVENT",
        "BEGIN:VTODO\r\nUID:x\r\nDTSTART:20261123T090000Z\r\nEND:VTODO",
    ]
    good = 0
    parts = []
    for kind in kinds:
        if kind < len(broken):
            parts.append(broken[kind])
        else:
            parts.append(event(uid=f"good{good}.{seed}"))
            good += 1
    result = attempt("a.ics", calendar(*parts))
    found: list[MeetingSeen] = [one for one in result.meetings if one.series_uid.startswith("good")]
    assert len(found) == good
    named = sum(kind < 2 for kind in kinds)
    assert sum(one.lost is Lost.EVENT for one in result.problems) == named
