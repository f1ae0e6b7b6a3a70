"""Does an iTIP story, as files, end in the outcome of rules.md section 3?

The whole way: files are read, stored in a real store, and judged. Only the files are made up.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
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
from connectors.store.store import Store
from tests.support.facts.asked import detect
from tests.support.facts.files import (
    ANA,
    DANA,
    HORIZON,
    ME,
    calendar,
    event,
    guest,
    mail,
    mbox,
    organizer,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OURS = Ours(
    mailboxes=MappingProxyType({ME: ME}), domains=frozenset({"acme.example"}), zone="Europe/Berlin"
)


@dataclass
class Told:
    """One mail of a story: who writes when, with which method and lines."""

    at: str
    method: str
    lines: tuple[str, ...]
    sender: str = DANA

    def mail(self, number: int) -> bytes:
        moment = datetime.fromisoformat(self.at).replace(tzinfo=UTC)
        stamp = f"DTSTAMP:{moment:%Y%m%dT%H%M%SZ}"
        lines = (
            self.lines
            if any(one.startswith("DTSTAMP") for one in self.lines)
            else (stamp, *self.lines)
        )
        return mail(
            sender=self.sender,
            to=DANA if self.sender == ME else ME,
            date=f"{moment:%a, %d %b %Y %H:%M:%S} +0000",
            key=f"<story{number}@x.example>",
            subject="Pilot review",
            ics=calendar(event(*lines), method=self.method),
            method=self.method,
        )


@dataclass
class Exported:
    """A calendar as somebody saved it at a moment."""

    at: str
    calendar: bytes
    name: str = ""

    def save(self, path: Path) -> None:
        path.write_bytes(self.calendar)
        moment = datetime.fromisoformat(self.at).replace(tzinfo=UTC).timestamp()
        os.utime(path, (moment, moment))


@dataclass
class Ending:
    """What was judged: the slots of one contact, by their start."""

    slots: pd.DataFrame

    def of(self, start: str) -> pd.Series:
        found = self.slots[self.slots["start_at"] == pd.Timestamp(start, tz="UTC")]
        assert len(found) == 1, self.slots[["start_at", "outcome", "rule"]]
        return found.iloc[0]

    def outcome(self, start: str) -> tuple[str, str, str]:
        slot = self.of(start)
        return slot["outcome"], slot["rule"], slot["grade"]


Judge = Callable[..., Ending]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    number = iter(range(100))

    def judge(*told: Told, exports: Sequence[Exported] = (), contact: str = DANA) -> Ending:
        folder = tmp_path / str(next(number))
        folder.mkdir()
        ours = [one.mail(n) for n, one in enumerate(told) if one.sender == ME]
        theirs = [one.mail(n) for n, one in enumerate(told) if one.sender != ME]
        (folder / "Sent.mbox").write_bytes(mbox(*ours))
        # A newsletter behind it all: nothing is known of what came after the last mail.
        later = mail(sender="news@x.example", to=ME, date="Wed, 25 Nov 2026 08:00:00 +0000")
        (folder / "Inbox.mbox").write_bytes(mbox(*theirs, later))
        for order, export in enumerate(exports):
            export.save(folder / (export.name or f"work ({order}).ics"))
        clock = Clock(now_=lambda: NOW)
        with Store.open(f"sqlite:///{folder / 'store.db'}", clock) as store:
            box = store.mailboxes.ensure(ME, "files", "Europe/Berlin")
            problems: list[object] = []
            for _ in range(2):
                # Twice: the same files once more must not change what is said.
                import_files(
                    store,
                    box,
                    [folder / "Sent.mbox", folder / "Inbox.mbox", *folder.glob("*.ics")],
                    me=(ME,),
                    zone="Europe/Berlin",
                    horizon=HORIZON,
                    problems=problems.append,
                )
            frames = store.frames(NOW)
        found = detect(frames, OURS, Policy(), phrasing.load(), pd.Timestamp(NOW))
        return Ending(found.slots[found.slots["contact"] == contact])

    return judge


START = "2026-11-23 09:00"
DETAILS = ("DTEND:20261123T093000Z", organizer(ME), guest(ME, "ACCEPTED"))
INVITED = Told("2026-11-10 08:00", "REQUEST", (*DETAILS, guest(DANA, "NEEDS-ACTION")), sender=ME)


def answer(at: str, partstat: str, sender: str = DANA, **params: str) -> Told:
    line = guest(DANA, partstat, **params)
    return Told(at, "REPLY", ("DTEND:20261123T093000Z", organizer(ME), line), sender=sender)


def test_a_refusal_after_acceptance_40_minutes_before_is_a_late_cancellation(judged: Judge) -> None:
    ending = judged(
        INVITED, answer("2026-11-11 10:00", "ACCEPTED"), answer("2026-11-23 08:20", "DECLINED")
    )
    assert ending.outcome(START) == ("cancelled_late", "M2", "likely")
    slot = ending.of(START)
    assert (slot["origin"], slot["notice_lo"], slot["in_k"]) == ("them", pytest.approx(2 / 3), True)


def test_a_refusal_with_three_days_notice_is_none(judged: Judge) -> None:
    ending = judged(
        INVITED, answer("2026-11-11 10:00", "ACCEPTED"), answer("2026-11-20 08:20", "DECLINED")
    )
    assert ending.outcome(START)[0] == "changed_early"


def test_who_declines_and_accepts_again_has_kept_it(judged: Judge) -> None:
    ending = judged(
        INVITED,
        answer("2026-11-11 10:00", "ACCEPTED"),
        answer("2026-11-23 08:20", "DECLINED"),
        answer("2026-11-23 08:40", "ACCEPTED"),
    )
    assert ending.outcome(START)[0] == "kept"


def test_a_refusal_without_acceptance_is_nobodys_incident(judged: Judge) -> None:
    ending = judged(INVITED, answer("2026-11-23 08:20", "DECLINED"))
    assert not ending.slots["in_k"].any()


def test_an_assistants_refusal_is_the_guests_and_says_through_whom(judged: Judge) -> None:
    ending = judged(
        INVITED,
        answer("2026-11-11 10:00", "ACCEPTED"),
        answer("2026-11-23 08:20", "DECLINED", sender=ANA, SENT_BY=f'"mailto:{ANA}"'),
    )
    assert ending.outcome(START)[:2] == ("cancelled_late", "M2")
    assert ending.of(START)["via"] == ANA


def test_a_refusal_in_the_guests_name_from_elsewhere_accuses_nobody(judged: Judge) -> None:
    ending = judged(
        INVITED,
        answer("2026-11-11 10:00", "ACCEPTED"),
        answer("2026-11-23 08:20", "DECLINED", sender="mallory@evil.example"),
    )
    assert not ending.slots["in_k"].any()


ZONE = "TZID=Europe/Berlin"
#: Mondays at 10:00 in Berlin: 2, 9, 16 and 23 November; Dana organises, we have accepted.
SERIES = (
    f"DTSTART;{ZONE}:20261102T100000",
    f"DTEND;{ZONE}:20261102T103000",
    "RRULE:FREQ=WEEKLY;COUNT=4",
    "CREATED:20261001T080000Z",
    "SEQUENCE:0",
    "LAST-MODIFIED:20261001T080000Z",
    organizer(DANA),
    guest(ME, "ACCEPTED"),
    guest(DANA, "ACCEPTED"),
)
HELD = calendar(event(*SERIES, "DTSTAMP:20261101T080000Z"))
#: The same series after the occurrence of the 16th was taken out of it.
WITHOUT = calendar(
    event(
        *SERIES,
        f"EXDATE;{ZONE}:20261116T100000",
        "LAST-MODIFIED:20261116T083000Z",
        "DTSTAMP:20261124T080000Z",
    )
)
CALLED = (organizer(DANA), guest(ME, "ACCEPTED"))
MONDAYS = [f"2026-11-{day:02} 09:00" for day in (2, 9, 16, 23)]
CANCELLED = Told(
    "2026-11-16 08:30",
    "CANCEL",
    (f"RECURRENCE-ID;{ZONE}:20261116T100000", f"DTSTART;{ZONE}:20261116T100000", *CALLED),
)


def test_one_occurrence_cancelled_half_an_hour_before(judged: Judge) -> None:
    ending = judged(CANCELLED, exports=[Exported("2026-11-16 08:00", HELD)])
    assert ending.outcome(MONDAYS[2]) == ("cancelled_late", "M1", "likely")
    assert [ending.outcome(start)[0] for start in MONDAYS[:2]] == ["kept", "kept"]


DAYS = [
    "RECURRENCE-ID;VALUE=DATE:20261116",
    f"RECURRENCE-ID;{ZONE}:20261116T000000",
    "RECURRENCE-ID:20261116T100000",
    "RECURRENCE-ID;TZID=Nowhere:20261116T100000",
]


@pytest.mark.parametrize("named", DAYS)
@pytest.mark.parametrize("known", ["by a calendar", "by mail"])
def test_one_occurrence_that_is_named_by_its_day_is_that_of_the_day(
    judged: Judge, named: str, known: str
) -> None:
    exports = [Exported("2026-11-16 08:00", HELD)] if known == "by a calendar" else []
    invited = [] if exports else [Told("2026-10-10 08:00", "REQUEST", SERIES)]
    for method, hour in (("CANCEL", "09"), ("REQUEST", "14")):
        lines = (named, f"DTSTART:20261116T{hour}0000Z", f"DTEND:20261116T{hour}3000Z", *CALLED)
        told = Told("2026-11-16 08:30", method, ("SEQUENCE:1", *lines))
        ending = judged(*invited, told, exports=exports)
        outcome = "cancelled_late" if method == "CANCEL" else "moved_late"
        assert ending.outcome(MONDAYS[2])[0] == outcome
        assert len(ending.slots) == (4 if method == "CANCEL" else 5)


def test_the_day_of_an_occurrence_is_that_of_whoever_names_it(judged: Judge) -> None:
    """Nine in the morning in Sydney is the evening of the day before where we are."""
    sydney = "TZID=Australia/Sydney"
    lines = (f"DTSTART;{sydney}:20261103T090000", f"DTEND;{sydney}:20261103T093000", *SERIES[2:])
    off = (
        "RECURRENCE-ID;VALUE=DATE:20261117",
        f"DTSTART;{sydney}:20261117T090000",
        f"DTEND;{sydney}:20261117T093000",
        *CALLED,
    )
    told = (Told("2026-10-10 08:00", "REQUEST", lines), Told("2026-11-16 21:00", "CANCEL", off))
    ending = judged(*told)
    assert ending.outcome("2026-11-16 22:00")[:2] == ("cancelled_late", "M1")
    assert len(ending.slots) == 4


def test_an_export_made_before_a_meeting_cannot_say_that_it_was_kept(judged: Judge) -> None:
    ending = judged(CANCELLED, exports=[Exported("2026-11-16 08:00", HELD)])
    assert ending.outcome(MONDAYS[3])[0] == "unknown"


def test_a_newer_export_tells_what_became_of_the_others(judged: Judge) -> None:
    exports = [Exported("2026-11-16 08:00", HELD), Exported("2026-11-25 08:00", WITHOUT)]
    ending = judged(CANCELLED, exports=exports)
    assert ending.outcome(MONDAYS[2])[:2] == ("cancelled_late", "M1")
    assert [ending.outcome(start)[0] for start in (MONDAYS[0], MONDAYS[1], MONDAYS[3])] == [
        "kept"
    ] * 3


def test_an_export_that_still_shows_it_after_the_cancellation_accuses_nobody(
    judged: Judge,
) -> None:
    """Taken back, or never taken over by the calendar: nobody knows."""
    ending = judged(CANCELLED, exports=[Exported("2026-11-25 08:00", HELD)])
    assert not ending.slots["in_k"].any()


def series_cancelled(at: str) -> Told:
    return Told(at, "CANCEL", (f"DTSTART;{ZONE}:20261102T100000", "SEQUENCE:1", *CALLED))


def test_a_series_cancelled_ten_minutes_before_its_next_occurrence_is_one_incident(
    judged: Judge,
) -> None:
    called_off = series_cancelled("2026-11-16 08:50")
    ending = judged(called_off, exports=[Exported("2026-11-16 08:00", HELD)])
    assert ending.outcome(MONDAYS[2])[:2] == ("cancelled_late", "M1")
    assert int(ending.slots["in_k"].sum()) == 1
    assert [ending.outcome(start)[0] for start in MONDAYS[:2]] == ["kept", "kept"]


def test_a_series_cancelled_after_its_last_occurrence_is_tidying_up(judged: Judge) -> None:
    called_off = series_cancelled("2026-11-23 12:00")
    ending = judged(called_off, exports=[Exported("2026-11-23 11:00", HELD)])
    assert not ending.slots["in_k"].any()
    assert set(ending.slots["outcome"]) == {"kept"}


def moved(at: str, start: str, end: str, sequence: int, *more: str, sender: str = DANA) -> Told:
    lines = (f"DTSTART:{start}", f"DTEND:{end}", f"SEQUENCE:{sequence}", *more)
    return Told(at, "REQUEST", lines, sender=sender)


THEIRS = (organizer(DANA), guest(ME, "ACCEPTED"), guest(DANA, "ACCEPTED"))


def test_the_organiser_moves_it_on_the_day(judged: Judge) -> None:
    ending = judged(
        moved("2026-11-10 08:00", "20261123T090000Z", "20261123T093000Z", 0, *THEIRS),
        moved("2026-11-23 07:30", "20261124T090000Z", "20261124T093000Z", 1, *THEIRS),
    )
    assert ending.outcome(START)[:2] == ("moved_late", "M3")


def test_an_old_invitation_that_is_sent_again_moves_nothing_back(judged: Judge) -> None:
    """The stale copy comes last, with the sequence and the stamp of its own day."""
    old = ("DTSTAMP:20261110T080000Z", *THEIRS)
    ending = judged(
        moved("2026-11-10 08:00", "20261119T090000Z", "20261119T093000Z", 0, *old),
        moved("2026-11-12 08:00", "20261123T090000Z", "20261123T093000Z", 1, *THEIRS),
        moved("2026-11-23 08:00", "20261119T090000Z", "20261119T093000Z", 0, *old),
    )
    assert not ending.slots["in_k"].any()
    assert ending.outcome(START)[0] == "kept"


def proposal(at: str, start: str) -> Told:
    lines = (f"DTSTART:{start}", organizer(ME), guest(DANA, "TENTATIVE"))
    return Told(at, "COUNTER", lines)


def test_a_proposal_on_the_day_that_we_follow_is_their_move(judged: Judge) -> None:
    ours = (organizer(ME), guest(ME, "ACCEPTED"), guest(DANA, "NEEDS-ACTION"))
    ending = judged(
        INVITED,
        answer("2026-11-11 10:00", "ACCEPTED"),
        proposal("2026-11-23 08:00", "20261124T130000Z"),
        moved("2026-11-23 08:10", "20261124T130000Z", "20261124T133000Z", 1, *ours, sender=ME),
    )
    outcome, rule, _ = ending.outcome(START)
    assert outcome == "moved_late"
    assert rule in ("M4", "M5")
    assert ending.of(START)["origin"] == "them"


def test_a_proposal_that_comes_to_nothing_is_nothing(judged: Judge) -> None:
    ending = judged(
        INVITED,
        answer("2026-11-11 10:00", "ACCEPTED"),
        proposal("2026-11-23 08:00", "20261124T130000Z"),
    )
    assert not ending.slots["in_k"].any()


STAND_IN = "2_GEYTAMRWHE4DEMJRGAZDMOJYGL3ZWMGHH@imip.me.com"
BY_ICLOUD = (organizer(STAND_IN, EMAIL=DANA), guest(DANA, "ACCEPTED", ROLE="CHAIR"))


@pytest.mark.parametrize("by", [THEIRS, BY_ICLOUD], ids=["by their address", "by icloud's"])
def test_who_organises_in_icloud_calls_it_off_as_anybody_does(
    judged: Judge, by: tuple[str, ...]
) -> None:
    ends = "DTEND:20261123T093000Z"
    asked = Told("2026-11-10 08:00", "REQUEST", (ends, *by, guest(ME, "NEEDS-ACTION")))
    yes = Told("2026-11-11 10:00", "REPLY", (by[0], guest(ME, "ACCEPTED")), sender=ME)
    off = Told("2026-11-23 08:00", "CANCEL", (ends, *by, guest(ME)))
    assert judged(asked, yes, off).outcome(START) == ("cancelled_late", "M1", "likely")


def test_the_address_that_icloud_makes_for_an_invitation_is_nobody(judged: Judge) -> None:
    """As Google keeps it: without the person's own address beside it."""
    lines = (organizer(STAND_IN), guest(ME, "ACCEPTED"), guest(DANA, "ACCEPTED", ROLE="CHAIR"))
    held = Exported("2026-11-24 08:00", calendar(event("DTEND:20261123T093000Z", *lines)))
    assert judged(exports=[held]).outcome(START)[0] == "kept"
    assert not len(judged(exports=[held], contact=STAND_IN.lower()).slots)


@pytest.mark.parametrize(
    ("whom", "outcome"), [(ME, "cancelled_late"), (ANA, "kept")], ids=["us", "another"]
)
def test_who_takes_another_guest_out_on_the_day_calls_nothing_off(
    judged: Judge, whom: str, outcome: str
) -> None:
    theirs = ("DTEND:20261123T093000Z", organizer(DANA))
    asked = (*theirs, guest(DANA, "ACCEPTED"), guest(ANA), guest(ME, "NEEDS-ACTION"))
    ending = judged(
        Told("2026-11-10 08:00", "REQUEST", asked),
        Told("2026-11-11 10:00", "REPLY", (organizer(DANA), guest(ME, "ACCEPTED")), sender=ME),
        Told("2026-11-23 08:00", "CANCEL", (*theirs, guest(whom))),
    )
    assert ending.outcome(START)[0] == outcome


def three(last_looked: str, *uids: str) -> bytes:
    """Meetings of 9, 12 and 23 November that Dana accepted, as a calendar of this day showed them."""
    days = zip(uids, ("09", "12", "23"), strict=True)
    return calendar(
        *(
            event(
                f"UID:{uid}@acme.example",
                f"DTSTART:202611{day}T090000Z",
                f"DTEND:202611{day}T093000Z",
                f"DTSTAMP:{last_looked}",
                organizer(ME),
                guest(ME, "ACCEPTED"),
                guest(DANA, "ACCEPTED"),
            )
            for uid, day in days
        )
    )


@pytest.mark.parametrize(
    ("older", "ending"),
    [
        # The same meetings under another file's name: what became of the calendar is read.
        (("a", "b", "c"), "kept"),
        (("a", "b", "gone"), "kept"),
        # Another calendar, which may have shown what it cannot tell of any more.
        (("x", "y", "z"), "unknown"),
        (("a", "y", "z"), "unknown"),
    ],
)
def test_an_older_export_under_another_name_bounds_only_what_is_another_calendar(
    judged: Judge, older: tuple[str, ...], ending: str
) -> None:
    slots = judged(
        exports=[
            Exported("2026-11-13 08:00", three("20261113T080000Z", *older), "before.ics"),
            Exported("2026-11-25 08:00", three("20261125T080000Z", "a", "b", "c"), "after.ics"),
        ]
    ).slots
    (last,) = slots.loc[slots["meeting_key"].str.startswith("c@"), "outcome"]
    assert last == ending
