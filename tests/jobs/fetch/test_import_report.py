"""Does a report come out of files that other programs wrote, and is what cannot be read named?"""

from __future__ import annotations

import json
import mailbox
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import icalendar
import pytest

from tests.support.providers.house import KATE, House

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
OMAR = "omar@client.example"
INES = "ines@alder.example"
#: So many weeks ago Omar declined two hours before the start.
LATE = (1, 3, 5, 7, 9)
LIBRARY = Path(icalendar.__file__).parent / "tests" / "calendars"


def calendar(folder: Path) -> Path:
    """Twelve weekly meetings with Omar, written by the icalendar library."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Somebody//Calendar//EN")
    made.add("version", "2.0")
    for week in range(12):
        start = NOW - timedelta(days=7 * week + 5, hours=-4)
        event = icalendar.Event()
        event.add("uid", f"review-{week}@ourco.example")
        event.add("dtstamp", start - timedelta(days=10))
        event.add("created", start - timedelta(days=10))
        event.add("sequence", 0)  # never moved: so its start was agreed when it was made
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(hours=1))
        event.add("summary", f"Review {week}")
        event.add("organizer", f"mailto:{KATE}")
        guest = icalendar.vCalAddress(f"mailto:{OMAR}")
        guest.params["PARTSTAT"] = icalendar.vText("DECLINED" if week in LATE else "ACCEPTED")
        event.add("attendee", guest)
        made.add_component(event)
    path = folder / "calendar.ics"
    path.write_bytes(made.to_ical())
    return path


def mails(folder: Path) -> Path:
    """A mailbox written by Python: a dialogue with Omar, Omar's late declines, a mail of Ines."""
    path = folder / "All mail.mbox"
    box = mailbox.mbox(path)

    def put(at: datetime, sender: str, to: str, subject: str, **headers: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<{len(box)}@{sender.rpartition('@')[2]}>"
        mail["X-Gmail-Labels" if sender == KATE else "Delivered-To"] = (
            "Sent" if sender == KATE else KATE
        )
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content("a body that nobody may keep: hunter2\n")
        box.add(mail)
        return mail

    first = put(NOW - timedelta(days=80), KATE, OMAR, "Offer")
    put(NOW - timedelta(days=79), OMAR, KATE, "Re: Offer", In_Reply_To=str(first["Message-ID"]))
    for week in LATE:
        start = NOW - timedelta(days=7 * week + 5, hours=-4)
        box.add(reply(week, start, "ACCEPTED", start - timedelta(days=8)))
        box.add(reply(week, start, "DECLINED", start - timedelta(hours=2)))
    put(NOW - timedelta(days=40), KATE, INES, "Price list")
    put(NOW - timedelta(days=12), INES, KATE, "A question about the price list")
    # The export reaches to the evening before: behind its last mail it knows nothing.
    put(NOW - timedelta(hours=10), "jonas@ourco.example", KATE, "Monday")
    box.close()
    return path


def reply(week: int, start: datetime, answer: str, at: datetime) -> EmailMessage:
    """The mail with which Omar's calendar program answers an invitation (RFC 6047)."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Somebody//Calendar//EN")
    made.add("version", "2.0")
    made.add("method", "REPLY")
    event = icalendar.Event()
    event.add("uid", f"review-{week}@ourco.example")
    event.add("dtstamp", at)
    event.add("dtstart", start)
    event.add("summary", f"Review {week}")
    event.add("organizer", f"mailto:{KATE}")
    guest = icalendar.vCalAddress(f"mailto:{OMAR}")
    guest.params["PARTSTAT"] = icalendar.vText(answer)
    event.add("attendee", guest)
    made.add_component(event)
    mail = EmailMessage()
    mail["From"], mail["To"] = OMAR, KATE
    mail["Subject"] = f"{answer.title()}: Review {week}"
    mail["Date"] = format_datetime(at)
    mail["Delivered-To"] = KATE
    mail["Message-ID"] = f"<{answer.lower()}-{week}@client.example>"
    mail.set_content(f"{answer.lower()}\n")
    mail.add_alternative(
        made.to_ical(), maintype="text", subtype="calendar", params={"method": "REPLY"}
    )
    return mail


@pytest.fixture
def typed_on_monday(house: House) -> House:
    house.now = NOW
    return house


def test_from_two_exported_files_to_a_report_without_any_settings(
    typed_on_monday: House, tmp_path: Path
) -> None:
    house = typed_on_monday
    files = (str(calendar(tmp_path)), str(mails(tmp_path)))
    typed = house.type("import", *files, "--me", KATE)
    assert typed.code == 0, typed.said
    assert "next: noshow report --open" in typed.out
    assert house.settings_file.exists()
    typed = house.type("report", "--to", "stdout")
    assert typed.code in (0, 3), typed.said
    words = " ".join(typed.out.split())
    assert "ines@alder.example has waited" in words, typed.out
    findings = json.loads(house.type("export").out)
    (line,) = [one for one in findings["standings"] if one["contact"] == OMAR]
    assert (line["k"], line["tier"]) == (5, "talk")
    assert f"* {OMAR}" in typed.out
    assert "You called off none that can be seen, they 5 of 12" in words
    before = json.loads(house.type("status", "--format", "json").out)["mailboxes"]
    assert house.type("import", *files).code == 0
    (row,), (was,) = json.loads(house.type("status", "--format", "json").out)["mailboxes"], before
    assert (row["mails"], row["meetings"]) == (was["mails"], was["meetings"])
    (again,) = [
        one for one in json.loads(house.type("export").out)["standings"] if one["contact"] == OMAR
    ]
    assert again["k"] == line["k"], "nothing counts twice"


def test_nothing_of_a_body_reaches_store_report_or_log(
    typed_on_monday: House, tmp_path: Path
) -> None:
    house = typed_on_monday
    house.environ["NOSHOW_LOG"] = "debug"
    typed = house.type("import", str(mails(tmp_path)), "--me", KATE)
    report = house.type("report", "--to", "stdout", "--to", "folder")
    assert "hunter2" not in typed.said + report.said
    for path in house.home.rglob("*"):
        if path.is_file():
            assert b"hunter2" not in path.read_bytes(), path


def test_without_me_the_likely_owner_is_proposed_and_nothing_is_stored(
    typed_on_monday: House, tmp_path: Path
) -> None:
    typed = typed_on_monday.type("import", str(mails(tmp_path)))
    assert typed.code == 2
    assert "whose calendar and mail is this?" in typed.err
    assert f"--me {KATE}" in typed.err
    assert not typed_on_monday.settings_file.exists()


def test_a_folder_of_real_and_broken_calendars_is_read_and_each_problem_named(
    typed_on_monday: House,
) -> None:
    """The icalendar package's own test files, some of them broken on purpose."""
    if not LIBRARY.exists():
        pytest.skip("icalendar comes without its test files")
    house = typed_on_monday
    typed = house.type("import", str(LIBRARY), "--me", KATE)
    assert typed.code == 3, typed.said
    assert "a bug" not in typed.said
    assert ".ics" in typed.err
    assert "more like it)" in typed.err
    assert house.type("report", "--to", "stdout").code in (0, 3)


def test_a_path_that_is_not_there_is_said_before_anything_is_done(
    typed_on_monday: House, tmp_path: Path
) -> None:
    typed = typed_on_monday.type("import", str(tmp_path / "gone.ics"), "--me", KATE)
    assert typed.code == 2
    assert "gone.ics" in typed.err
    assert not typed_on_monday.settings_file.exists()


def test_files_of_somebody_else_are_not_taken_for_the_owners(
    typed_on_monday: House, tmp_path: Path
) -> None:
    house = typed_on_monday
    house.settings(mailbox={"provider": "files"})
    typed = house.type("import", str(calendar(tmp_path)), "--me", "jonas@ourco.example")
    assert typed.code == 2
    assert "is no mailbox or alias in the settings" in typed.err


def test_a_file_that_could_not_be_read_is_named_until_it_is_settled(
    typed_on_monday: House, tmp_path: Path
) -> None:
    house = typed_on_monday
    folder = tmp_path / "given"
    folder.mkdir()
    mails(folder)
    (folder / "old.pst").write_bytes(b"!BDN")
    for number in range(3):
        (folder / f"{number}.csv").write_bytes(b'"Subject","Start Date","Start Time"\r\n')
    named = tmp_path / "problems.txt"
    typed = house.type("import", str(folder), "--me", KATE, "--problems", str(named))
    assert typed.code == 3, typed.said
    assert "and 2 more like it)" in typed.err
    assert len(named.read_text().splitlines()) == 4
    assert "not all mail read" in " ".join(house.type("report", "--to", "stdout").said.split())
    assert "old.pst" in house.type("status").out
    assert house.type("import", "--settled", "old.pst", "--settled", ".csv").code == 0
    assert "old.pst" not in house.type("status").out
    again = house.type("import", "--settled", "old.pst")
    assert again.code == 2, "nothing of that name is missing any more"
