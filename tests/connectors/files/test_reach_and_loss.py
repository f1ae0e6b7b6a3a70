"""What was not read accuses nobody: lost files, only sent mail, and dates that cannot be true.

The whole way: files are read, stored in a real store, and judged. Dana wrote in July; we asked her
on 5, 13 and 27 October; a newsletter of 20 November closes the mailbox. That is T3.
"""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from config import phrasing
from config.clock import Clock
from config.ours import Ours
from config.policy import Policy
from connectors.files.importing import import_files
from connectors.files.problems import Lost, Problem
from connectors.store.store import Store
from reports.schemas import Coverage
from tests.support.facts.asked import detect
from tests.support.facts.files import DANA, HORIZON, ME, calendar, event, mail, mbox, zipped

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OURS = Ours(
    mailboxes=MappingProxyType({ME: ME}), domains=frozenset({"acme.example"}), zone="Europe/Berlin"
)
POLICY, PHRASES = Policy(), phrasing.load()


def came(day: str, sender: str = DANA, number: int = 0, hop: bool = True) -> bytes:
    received = (f"Received: from mx by mail.acme.example with ESMTP; {day} 09:00:00 +0000",)
    return mail(
        *(received if hop else ()),
        sender=sender,
        date=f"{day} 09:00:00 +0000",
        key=f"<in-{day.replace(' ', '')}{number}@x.example>",
        subject="News",
    )


def went(day: str) -> bytes:
    return mail(
        sender=ME,
        to=DANA,
        date=f"{day} 09:00:00 +0000",
        key=f"<out-{day.replace(' ', '')}@acme.example>",
        subject="Proposal",
    )


HEARD = (came("Wed, 01 Jul 2026"), went("Thu, 02 Jul 2026"), came("Fri, 03 Jul 2026"))
ASKED = (went("Mon, 05 Oct 2026"), went("Tue, 13 Oct 2026"), went("Tue, 27 Oct 2026"))
CLOSE = came("Fri, 20 Nov 2026", "news@shop.example")
ALL = mbox(*HEARD, *ASKED, CLOSE)


@dataclass
class Told:
    """What one store says of Dana's silence after some imports."""

    rule: str
    why: str
    coverage: Coverage
    problems: list[Problem]


@dataclass
class Box:
    """A folder of files and the store that they are imported into."""

    folder: Path
    written: datetime = datetime(2026, 11, 21, tzinfo=UTC)

    def put(self, name: str, data: bytes, written: datetime | None = None) -> Path:
        path = self.folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        moment = (written or self.written).timestamp()
        os.utime(path, (moment, moment))
        return path

    def told(self, *paths: Path) -> Told:
        problems: list[Problem] = []
        clock = Clock(now_=lambda: NOW)
        with Store.open(f"sqlite:///{self.folder / 'store.db'}", clock) as store:
            box = store.mailboxes.ensure(ME, "files", "Europe/Berlin")
            import_files(
                store,
                box,
                paths or (self.folder / "files",),
                me=(ME,),
                zone="Europe/Berlin",
                horizon=HORIZON,
                problems=problems.append,
            )
            frames = store.frames(NOW)
        found = detect(frames, OURS, POLICY, PHRASES, pd.Timestamp(NOW))
        lines = found.silences.loc[found.silences["contact"] == DANA]
        rule, why = (lines.iloc[0]["rule"], lines.iloc[0]["why"]) if len(lines) else ("", "")
        return Told(str(rule), str(why), found.coverage[0], problems)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def torn(name: str, data: bytes) -> bytes:
    """A zip of one member that is cut in its middle: only its list of contents is whole."""
    made = bytearray(zipped({name: data}))
    begin = made.find(name.encode()) + len(name) + 4
    made[begin : begin + 40] = bytes(40)
    return bytes(made)


def test_all_that_was_given_was_read(box: Box) -> None:
    box.put("All.mbox", ALL)
    told = box.told()
    assert (told.rule, told.why, told.coverage.problems) == ("T3", "", ())


LOSSES = {
    "a torn archive": lambda box: box.put("more.zip", torn("Inbox.mbox", ALL * 20)),
    "an archive that ends too early": lambda box: box.put("more.zip", zipped({"a": ALL})[:-40]),
    "a file of another program": lambda box: box.put("old.pst", b"!BDN" + bytes(99)),
    "no mailbox in spite of its name": lambda box: box.put("Inbox.mbox", b"\x00\x01" * 400),
    "a link that leads nowhere": lambda box: (box.folder / "files" / "Inbox").symlink_to("gone"),
    "an encrypted member": lambda box: box.put("more.zip", _encrypted()),
    "a calendar that is cut off": lambda box: box.put("work.ics", calendar(event())[:-20]),
    "a calendar that is none": lambda box: box.put("work.ics", b"<html>please sign in</html>"),
}


def _encrypted() -> bytes:
    made = bytearray(zipped({"Inbox.mbox": ALL}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.find(mark) + at] |= 1
    return bytes(made)


@pytest.mark.parametrize("kind", LOSSES)
def test_a_silence_that_a_lost_file_may_have_ended_is_unknown(box: Box, kind: str) -> None:
    box.put("All.mbox", ALL)
    LOSSES[kind](box)
    told = box.told()
    assert told.rule == "unknown"
    assert told.why.startswith("not-all-read ")
    (line,) = told.coverage.problems
    assert line.startswith("not all mail read: ")
    assert any(one.lost is Lost.FILE for one in told.problems)


def test_a_file_that_was_lost_before_the_first_ask_holds_no_answer(box: Box) -> None:
    box.put("All.mbox", ALL)
    box.put("old.pst", b"!BDN" + bytes(99), datetime(2026, 9, 30, tzinfo=UTC))
    told = box.told()
    assert told.rule == "T3"
    assert len(told.coverage.problems) == 1, "but it is named"


def test_a_loss_stays_until_the_file_was_read(box: Box) -> None:
    whole = box.put("All.mbox", ALL)
    broken = box.put("takeout.zip", torn("Takeout/Mail/Inbox.mbox", ALL * 20))
    assert box.told().rule == "unknown"
    assert box.told(whole).rule == "unknown", "another file says nothing of it"
    broken.write_bytes(zipped({"Takeout/Mail/Inbox.mbox": ALL}))
    told = box.told(broken)
    assert (told.rule, told.coverage.problems) == ("T3", ())


def test_the_same_member_of_a_new_archive_settles_the_loss(box: Box) -> None:
    box.put("All.mbox", ALL)
    box.put("takeout.zip", torn("Takeout/Mail/Inbox.mbox", ALL * 20))
    assert box.told().rule == "unknown"
    again = box.put("again/takeout (1).zip", zipped({"Takeout/Mail/Inbox.mbox": ALL}))
    assert box.told(again).rule == "T3"


def test_a_mail_without_a_header_bounds_what_it_may_answer_by_its_separator(box: Box) -> None:
    junk = b"From x Wed Jul 01 08:00:00 2026\nStatus: RO\n\nnothing of a mail in it\n\n"
    box.put("All.mbox", ALL + junk)
    assert box.told().rule == "T3"
    box.put("All.mbox", ALL + junk.replace(b"Jul 01", b"Nov 11"))
    assert box.told().rule == "unknown"


def test_sent_mail_alone_says_nothing_of_answers(box: Box) -> None:
    box.put("Sent.mbox", mbox(HEARD[1], *ASKED, went("Fri, 20 Nov 2026")))
    told = box.told()
    assert told.rule in ("", "unknown")
    assert any("sent mail only" in line for line in told.coverage.problems)


@pytest.mark.parametrize("together", [True, False])
def test_sent_mail_reaches_no_further_than_what_was_received(box: Box, together: bool) -> None:
    # The inbox was saved on 6 October, the sent mail six weeks later.
    inbox = box.put("Inbox.mbox", mbox(HEARD[0], HEARD[2], came("Tue, 06 Oct 2026", "n@x.example")))
    sent = box.put("Sent.mbox", mbox(HEARD[1], *ASKED, went("Fri, 20 Nov 2026")))
    if together:
        told = box.told()
    else:
        box.told(inbox)
        told = box.told(sent)
    assert told.rule in ("", "T1", "unknown")
    assert told.rule != "T1" or told.coverage.complete_to < pd.Timestamp("2026-10-07", tz="UTC")


STRANGE = {
    "a mail of 2031": came("Wed, 01 Jan 2031", "odd@x.example", hop=False),
    "a mail of tomorrow": came("Tue, 24 Nov 2026", "odd@x.example", hop=False),
    "a mail dated after the export": came("Wed, 18 Nov 2026", "odd@x.example", hop=False),
    "a spam whose own lines lie too": mail(
        "Received: from mx by mail.acme.example with ESMTP; Mon, 31 Aug 2026 09:00:00 +0000",
        "Received: from a by b with SMTP; Wed, 18 Nov 2026 09:00:00 +0000",
        sender="odd@x.example",
        date="Wed, 18 Nov 2026 09:00:00 +0000",
    ),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_an_export_reaches_to_its_last_moment_that_can_be_trusted(box: Box, kind: str) -> None:
    asks = (went("Mon, 06 Jul 2026"), went("Tue, 14 Jul 2026"), went("Mon, 31 Aug 2026"))
    first = came("Tue, 01 Sep 2026", "n@x.example")
    box.put(
        "All.mbox", mbox(*HEARD, *asks, first, STRANGE[kind]), datetime(2026, 9, 1, 20, tzinfo=UTC)
    )
    told = box.told()
    assert told.coverage.complete_to is not None
    assert told.coverage.complete_to.date().isoformat() == "2026-09-01"
    assert told.rule != "T3", "the third ask is one day old in this file"


def test_complete_up_to_is_the_reach_of_the_files_and_not_the_clock_of_the_import(box: Box) -> None:
    box.put("All.mbox", ALL)
    box.put("work.ics", calendar(event()), datetime(2026, 11, 10, 8, tzinfo=UTC))
    told = box.told()
    assert told.coverage.complete_to is not None
    assert told.coverage.complete_to.date().isoformat() == "2026-11-10", "the calendar ends first"


def test_a_mailbox_of_somebody_else_is_named_and_one_to_a_list_is_not(box: Box) -> None:
    theirs = [
        mail(sender="a@x.example", to="b@y.example", key=f"<{n}@x.example>") for n in range(6)
    ]
    path = box.put("Archive.mbox", mbox(*theirs))
    (warning,) = (one for one in box.told(path).problems if one.lost is Lost.STRANGER)
    assert "--me" in warning.hint
    listed = mail(
        f"Delivered-To: {ME}", sender="a@x.example", to="list@x.example", key="<9@x.example>"
    )
    path = box.put("Archive.mbox", mbox(*theirs, listed))
    assert not any(one.lost is Lost.STRANGER for one in box.told(path).problems)


def test_an_archive_of_old_days_and_a_damaged_one_are_told_apart(box: Box) -> None:
    assert zipfile.is_zipfile(box.put("a.zip", zipped({"readme.txt": b"hello"})))
    box.put("All.mbox", ALL)
    told = box.told()
    assert (told.rule, told.coverage.problems) == ("T3", ()), "what holds no mail is no loss"
