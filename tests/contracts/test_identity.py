"""Is one meeting one story, whatever ids its provider gives it from poll to poll?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.wire import DANA, KATE, Poll, Told, play

OMAR = "omar@northwind.example"
GOID = "040000008200E00074C5B7101A82E008{day}10AA00000000DC0100000000000000001000000000112233445566778899AABBCCDDEEFF"
WHOLE = GOID.format(day="00000000")


def instance(
    start: str,
    base: str = "ser",
    *,
    said: str = "accepted",
    who: str = DANA,
    updated: str = "2026-08-03T08:00:00.000Z",
    title: str = "Weekly",
) -> dict[str, Any]:
    """One occurrence of a weekly of ours, as Google lists it."""
    at = datetime.fromisoformat(start)
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    return {
        "id": f"{base}_{stamp}",
        "status": "confirmed",
        "iCalUID": f"{base}@google.com",
        "created": "2026-08-03T08:00:00.000Z",
        "updated": updated,
        "summary": title,
        "eventType": "default",
        "sequence": 0,
        "organizer": {"email": KATE, "self": True},
        "creator": {"email": KATE},
        "start": {"dateTime": start, "timeZone": "Europe/Berlin"},
        "end": {"dateTime": (at + timedelta(minutes=30)).isoformat(), "timeZone": "Europe/Berlin"},
        "recurringEventId": base,
        "originalStartTime": {"dateTime": start},
        "attendees": [
            {"email": KATE, "self": True, "organizer": True, "responseStatus": "accepted"},
            {"email": who, "responseStatus": said},
        ],
    }


def stub(
    start: str, base: str = "ser", updated: str = "2026-09-09T12:00:00.000Z"
) -> dict[str, Any]:
    """What Google says of an occurrence that is gone."""
    stamp = datetime.fromisoformat(start).strftime("%Y%m%dT%H%M%SZ")
    return {
        "id": f"{base}_{stamp}",
        "status": "cancelled",
        "updated": updated,
        "recurringEventId": base,
        "originalStartTime": {"dateTime": start},
    }


def weekly(first: str, weeks: int, base: str = "ser", **more: Any) -> list[dict[str, Any]]:
    day = datetime.fromisoformat(first)
    return [
        instance((day + timedelta(weeks=week)).strftime("%Y-%m-%dT%H:%M:%SZ"), base, **more)
        for week in range(weeks)
    ]


def starts(items: Sequence[Mapping[str, Any]]) -> list[str]:
    return [item["start"]["dateTime"] for item in items]


SERIES = weekly("2026-08-17T09:00:00Z", 8)
REST = starts(SERIES)[4:]
BEGIN = [
    Poll("2026-08-03T08:30:00Z", SERIES),
    Poll("2026-08-24T08:00:00Z"),
    Poll(
        "2026-08-24T08:30:00Z",
        [instance("2026-08-24T09:00:00Z", said="declined", updated="2026-08-24T08:20:00.000Z")],
    ),
    Poll("2026-09-09T11:00:00Z"),
]
END = "2026-10-20T09:00:00Z"
LAST = Poll("2026-10-20T08:00:00Z")


def cut(base: str = "ser_R20260914T090000", **more: Any) -> list[dict[str, Any]]:
    """The rest of the series under the ids of a new one."""
    more = {"updated": "2026-09-09T12:00:00.000Z", "title": "Weekly (new title)", **more}
    return [instance(start, base, **more) for start in REST]


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What is found where nothing of all this happens to the series."""
    told = play("google", [*BEGIN, LAST], END, tmp_path_factory.mktemp("control"))
    assert told.counts()[:2] == (1, 8)
    return told


def test_a_series_that_is_cut_at_the_same_hour_has_not_changed(
    tmp_path: Path, control: Told
) -> None:
    for number, base in enumerate(("ser_R20260914T090000", "anothername")):
        (tmp_path / f"{number}").mkdir()
        polls = [*BEGIN, Poll("2026-09-09T12:30:00Z", [*map(stub, REST), *cut(base)]), LAST]
        told = play("google", polls, END, tmp_path / f"{number}")
        assert told.outcomes() == control.outcomes()
        assert told.counts() == control.counts()
        assert told.asked() == []


def test_one_that_is_only_missing_in_the_nightly_listing_has_not_changed(
    tmp_path: Path, control: Told
) -> None:
    new = cut()
    listing = [*SERIES[:1], BEGIN[2].items[0], *SERIES[2:4], *new]
    polls = [
        *BEGIN,
        Poll("2026-09-09T12:30:00Z", new),
        Poll("2026-09-10T02:00:00Z", listing, whole=True),
        LAST,
    ]
    told = play("google", polls, END, tmp_path)
    assert told.outcomes() == control.outcomes()


def test_a_series_cut_twice_is_still_one_story(tmp_path: Path, control: Told) -> None:
    first, second = cut("ser_R20260914T090000"), cut("ser_R20260914T090001")
    polls = [
        *BEGIN,
        Poll("2026-09-09T12:30:00Z", [*map(stub, REST), *first]),
        Poll("2026-09-10T11:00:00Z"),
        Poll(
            "2026-09-10T12:30:00Z",
            [
                *(stub(one, "ser_R20260914T090000", "2026-09-10T12:00:00.000Z") for one in REST),
                *second,
            ],
        ),
        LAST,
    ]
    told = play("google", polls, END, tmp_path)
    assert told.outcomes() == control.outcomes()


def test_her_late_no_after_the_cut_is_hers(tmp_path: Path) -> None:
    late = instance(
        REST[1],
        "ser_R20260914T090000",
        said="declined",
        updated="2026-09-21T08:10:00.000Z",
        title="Weekly (new title)",
    )
    polls = [
        *BEGIN,
        Poll("2026-09-09T12:30:00Z", [*map(stub, REST), *cut()]),
        Poll("2026-09-21T08:00:00Z"),
        Poll("2026-09-21T08:30:00Z", [late]),
        LAST,
    ]
    told = play("google", polls, END, tmp_path)
    assert told.counts()[:2] == (2, 8)
    assert ("09-21 09:00", "cancelled_late", "M2") in told.outcomes()


@pytest.mark.parametrize(
    "instead",
    [
        pytest.param([], id="nothing came in its place"),
        pytest.param(cut(who=OMAR), id="somebody else was invited in its place"),
        pytest.param(weekly("2026-09-14T15:00:00Z", 4, "later"), id="it goes on at another hour"),
    ],
)
def test_what_really_ended_has_ended(instead: list[dict[str, Any]], tmp_path: Path) -> None:
    polls = [*BEGIN, Poll("2026-09-09T12:30:00Z", [*map(stub, REST), *instead]), LAST]
    told = dict.fromkeys(one[:2] for one in play("google", polls, END, tmp_path).outcomes())
    assert not any((f"{start[5:10]} 09:00", "kept") in told for start in REST)


def with_guest(items: Sequence[Mapping[str, Any]], *addresses: str) -> list[dict[str, Any]]:
    more = [{"email": address, "responseStatus": "needsAction"} for address in addresses]
    return [{**one, "attendees": [*one["attendees"], *more]} for one in items]


SOON = "2026-09-14T08:00:00.000Z"
GOES = [stub(start, updated=SOON) for start in REST]
NEW = cut(updated=SOON)
QUARTER = weekly("2026-09-14T09:15:00Z", 4, updated=SOON)


@pytest.mark.parametrize(
    ("polls", "hour"),
    [
        pytest.param([NEW, GOES], "09:00", id="the new ids come first"),
        pytest.param([GOES, NEW], "09:00", id="the stubs come first"),
        pytest.param([[*GOES, *with_guest(NEW, "bob@ourco.example")]], "09:00", id="a colleague"),
        pytest.param([[*GOES, *with_guest(NEW, OMAR)]], "09:00", id="one guest more"),
        pytest.param([[*GOES, *QUARTER]], "09:15", id="a quarter of an hour later"),
    ],
)
def test_a_series_that_goes_on_an_hour_before_its_next_date(
    polls: list[list[dict[str, Any]]], hour: str, tmp_path: Path
) -> None:
    told = play(
        "google",
        [
            *BEGIN,
            Poll("2026-09-14T07:50:00Z"),
            *(Poll(f"2026-09-14T08:{10 + 20 * n}:00Z", one) for n, one in enumerate(polls)),
            LAST,
        ],
        END,
        tmp_path,
    )
    assert told.counts()[:2] == (1, 8)
    assert told.asked() == []
    assert [(start[-5:], outcome) for start, outcome, _ in told.outcomes()[4:]] == [
        (hour, "kept")
    ] * 4


def notetaker(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return with_guest(items, "notes@recorder.example")


def test_a_guest_who_is_in_every_meeting_makes_no_two_of_them_one(tmp_path: Path) -> None:
    begin = [Poll(one.at, notetaker(one.items)) for one in BEGIN]
    polls = [*begin, Poll("2026-09-09T12:30:00Z", [*map(stub, REST), *notetaker(cut(who=OMAR))])]
    told = play("google", [*polls, LAST], END, tmp_path)
    assert not any(outcome == "kept" for start, outcome, _ in told.outcomes() if start > "09-08")


def test_dates_that_a_move_of_the_series_puts_into_the_past_never_took_place(
    tmp_path: Path,
) -> None:
    by_a_day = weekly("2026-08-18T09:00:00Z", 8, updated="2026-09-09T12:00:00.000Z")
    gone = [stub(start) for start in starts(SERIES)]
    polls = [*BEGIN, Poll("2026-09-09T12:30:00Z", [*gone, *by_a_day]), LAST]
    told = play("google", polls, END, tmp_path)
    assert told.counts()[:2] == (1, 8)
    past = [one[:2] for one in told.outcomes() if one[0] < "09-09"]
    assert [start for start, _ in past] == [
        "08-17 09:00",
        "08-24 09:00",
        "08-31 09:00",
        "09-07 09:00",
    ]
    assert [outcome for _, outcome in past] == ["kept", "cancelled_late", "kept", "kept"]


def event(key: str, start: str, **more: Any) -> dict[str, Any]:
    """One entry as Graph shows it: ours with Dana, who has accepted."""
    at = datetime.fromisoformat(start)
    ours = more.pop("ours", True)
    said = more.pop("said", "accepted")
    answered = "2026-11-01T09:00:00Z" if said == "accepted" else "0001-01-01T00:00:00Z"
    owner = {"name": "K", "address": KATE if ours else DANA}
    return {
        "id": key,
        "iCalUId": WHOLE,
        "type": "singleInstance",
        "subject": "Status",
        "isAllDay": False,
        "isCancelled": False,
        "isDraft": False,
        "isOrganizer": ours,
        "start": {"dateTime": at.strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": "UTC"},
        "end": {
            "dateTime": (at + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%S.0000000"),
            "timeZone": "UTC",
        },
        "createdDateTime": "2026-11-01T08:00:00Z",
        "lastModifiedDateTime": "2026-11-01T08:00:00Z",
        "showAs": "busy",
        "sensitivity": "normal",
        "organizer": {"emailAddress": owner},
        "responseStatus": {
            "response": "organizer" if ours else "accepted",
            "time": "2026-11-01T09:00:00Z",
        },
        "attendees": [
            {
                "type": "required",
                "emailAddress": {"name": "D", "address": DANA if ours else KATE},
                "status": {"response": said, "time": answered},
            }
        ],
        **more,
    }


def test_a_single_entry_made_a_series_in_place_was_kept_once(tmp_path: Path) -> None:
    single = event("S", "2026-11-10T09:00:00Z")
    made = [
        event(
            f"O{number}",
            f"2026-11-{day}T09:00:00Z",
            type="occurrence",
            seriesMasterId="S",
            originalStart=f"2026-11-{day}T09:00:00Z",
            iCalUId=GOID.format(day=f"07EA0B{day:02X}"),
            lastModifiedDateTime="2026-11-09T20:00:00Z",
        )
        for number, day in enumerate((10, 17, 24))
    ]
    polls = [
        Poll("2026-11-02T08:00:00Z", [single]),
        Poll("2026-11-09T18:00:00Z", [single]),
        Poll("2026-11-09T21:00:00Z", made),
        Poll("2026-11-28T08:00:00Z", made),
    ]
    told = play("microsoft", polls, "2026-11-28T09:00:00Z", tmp_path)
    assert [one[:2] for one in told.outcomes()] == [
        (f"11-{day} 09:00", "kept") for day in (10, 17, 24)
    ]
    assert told.asked() == []


@pytest.mark.parametrize("called_off", [10, 12])
def test_instances_sent_singly_are_two_meetings(called_off: int, tmp_path: Path) -> None:
    def entries(cancelled: bool) -> list[dict[str, Any]]:
        return [
            event(
                f"day {day}",
                f"2026-11-{day}T09:00:00Z",
                ours=False,
                said="none",
                iCalUId=GOID.format(day=f"07EA0B{day:02X}"),
                isCancelled=cancelled and day == called_off,
                lastModifiedDateTime=f"2026-11-{day if cancelled else 1:02}T08:15:00Z",
            )
            for day in (10, 12)
        ]

    polls = [
        Poll("2026-11-02T08:00:00Z", entries(False)),
        Poll(f"2026-11-{called_off}T08:00:00Z", entries(False)),
        Poll(f"2026-11-{called_off}T08:30:00Z", entries(True)),
        Poll("2026-11-20T08:00:00Z", entries(True)),
    ]
    told = play("microsoft", polls, "2026-11-20T09:00:00Z", tmp_path)
    assert {start: outcome for start, outcome, _ in told.outcomes()} == {
        f"11-{day} 09:00": "cancelled_late" if day == called_off else "kept" for day in (10, 12)
    }


def test_an_entry_without_an_id_is_a_named_failure_and_nothing_is_gone(tmp_path: Path) -> None:
    days = (10, 12, 13)
    whole = [
        event(f"M{day}", f"2026-11-{day}T09:00:00Z", iCalUId=f"{WHOLE[:-2]}{day}") for day in days
    ]
    broken = [{**whole[0], "id": " ", "iCalUId": ""}, *whole[1:]]
    polls = [
        Poll("2026-11-02T08:00:00Z", whole),
        Poll("2026-11-10T07:00:00Z", whole),
        Poll("2026-11-10T08:00:00Z", broken),
        Poll("2026-11-20T08:00:00Z", broken),
    ]
    told = play("microsoft", polls, "2026-11-20T09:00:00Z", tmp_path)
    assert [one[:2] for one in told.outcomes()] == [(f"11-{day} 09:00", "kept") for day in days]
    assert told.asked() == []
    assert told.given_up == ["an entry without an id"]


def test_she_calls_off_and_invites_anew_to_the_same_hour(tmp_path: Path) -> None:
    entry = event("A", "2026-11-10T09:00:00Z", ours=False, said="none")
    anew = {
        **event("B", "2026-11-10T09:00:00Z", ours=False, said="none"),
        "iCalUId": WHOLE[:-2] + "00",
        "createdDateTime": "2026-11-10T07:50:00Z",
    }
    off = {**entry, "isCancelled": True, "lastModifiedDateTime": "2026-11-10T08:15:00Z"}
    for number, between in enumerate(([entry, anew], [entry], [off])):
        (tmp_path / f"{number}").mkdir()
        polls = [
            Poll("2026-11-02T08:00:00Z", [entry]),
            Poll("2026-11-10T07:30:00Z", [entry]),
            Poll("2026-11-10T08:20:00Z", between),
            Poll("2026-11-10T08:30:00Z", [off, anew]),
            Poll("2026-11-20T08:00:00Z", [off, anew]),
        ]
        told = play("microsoft", polls, "2026-11-20T09:00:00Z", tmp_path / f"{number}")
        assert [one[:2] for one in told.outcomes()] == [("11-10 09:00", "kept")]
        assert told.counts()[0] == 0


@pytest.mark.parametrize(
    ("again", "outcome"),
    [("09:20", "kept"), ("08:45", "kept"), ("09:45", "cancelled_late"), ("", "cancelled_late")],
)
def test_who_calls_off_and_invites_anew_within_half_an_hour_has_shifted_it(
    tmp_path: Path, again: str, outcome: str
) -> None:
    entry = event("A", "2026-11-10T09:00:00Z", ours=False, said="none")
    off = {**entry, "isCancelled": True, "lastModifiedDateTime": "2026-11-10T08:05:00Z"}
    anew = event(
        "B",
        f"2026-11-10T{again or '09:20'}:00Z",
        ours=False,
        said="none",
        iCalUId=WHOLE[:-2] + "00",
        createdDateTime="2026-11-10T08:06:00Z",
    )
    after = [off, anew] if again else [off]
    polls = [
        Poll("2026-11-02T08:00:00Z", [entry]),
        Poll("2026-11-10T08:00:00Z", [entry]),
        Poll("2026-11-10T08:20:00Z", after),
        Poll("2026-11-20T08:00:00Z", after),
    ]
    told = play("microsoft", polls, "2026-11-20T09:00:00Z", tmp_path)
    assert told.outcomes()[0][1] == outcome
    assert told.counts()[0] == (outcome == "cancelled_late")


def invited_by(
    who: str, *guests: str, at: str = "10T09:00", made: str = "10T08:06", said: str = "accepted"
) -> dict[str, Any]:
    """A second entry, by itself at the hour of the first and made when that one had been called off."""
    anew = event(
        "B",
        f"2026-11-{at}:00Z",
        ours=who == KATE,
        said=said,
        iCalUId=WHOLE[:-2] + "00",
        createdDateTime=f"2026-11-{made}:00Z",
    )
    person = anew["attendees"][0]
    anew["organizer"] = {"emailAddress": {"name": "O", "address": who}}
    anew["attendees"] = [
        {**person, "emailAddress": {"name": "G", "address": one}} for one in guests
    ]
    return anew


ANA = "ana@client.example"


@pytest.mark.parametrize("first", [DANA, KATE])
@pytest.mark.parametrize(
    ("anew", "after"),
    [
        pytest.param(invited_by(KATE, DANA), (DANA, KATE), id="we invite instead"),
        pytest.param(invited_by(KATE, DANA, at="10T09:20"), (DANA, KATE), id="a little later"),
        pytest.param(invited_by(DANA, KATE), (DANA, KATE), id="she invites instead"),
        pytest.param(invited_by(ANA, KATE, DANA), (DANA,), id="her colleague takes it over"),
        pytest.param(invited_by(ANA, KATE), (), id="her colleague comes without her"),
        pytest.param(invited_by(OMAR, KATE, DANA), (), id="somebody else invites both"),
        pytest.param(invited_by(KATE, OMAR), (), id="we meet somebody else"),
    ],
)
def test_who_takes_a_meeting_over_at_its_hour_has_called_nothing_off(
    tmp_path: Path, first: str, anew: dict[str, Any], after: tuple[str, ...]
) -> None:
    """After whom it goes on."""
    goes_on = first in after
    entry = event("A", "2026-11-10T09:00:00Z", ours=first == KATE, said="accepted")
    off = {**entry, "isCancelled": True, "lastModifiedDateTime": "2026-11-10T08:05:00Z"}
    polls = [
        Poll("2026-11-02T08:00:00Z", [entry]),
        Poll("2026-11-10T08:00:00Z", [entry]),
        Poll("2026-11-10T08:20:00Z", [off, anew]),
        Poll("2026-11-20T08:00:00Z", [off, anew]),
    ]
    told = play("microsoft", polls, "2026-11-20T09:00:00Z", tmp_path)
    ended = {"cancelled_late"} if first == DANA else {"unknown"}
    assert ended.isdisjoint(one[1] for one in told.outcomes()) is goes_on
    # Whoever came to the other entry lost nobody's hour, whoever invited to it.
    there = DANA in {one["emailAddress"]["address"] for one in anew["attendees"]}
    assert told.counts()[0] == (first == DANA and not goes_on and not there)
    # Whose late change it was is asked only where it was one of ours.
    assert told.asked() == (["M6"] if first == KATE and not goes_on else [])


@pytest.mark.parametrize(
    ("at", "made", "counted"),
    [
        ("10T09:15", "10T08:10", 0),
        ("10T09:30", "10T07:50", 0),
        ("10T08:40", "10T08:10", 0),
        pytest.param("10T09:45", "10T08:10", 1, id="too far from the hour"),
        pytest.param("10T09:15", "03T08:10", 1, id="made long before"),
        pytest.param("11T09:15", "10T08:10", 1, id="on another day"),
    ],
)
def test_who_declines_and_invites_to_a_little_later_has_shifted_it(
    tmp_path: Path, at: str, made: str, counted: int
) -> None:
    entry = event("A", "2026-11-10T09:00:00Z", ours=True, said="accepted")
    no = event(
        "A",
        "2026-11-10T09:00:00Z",
        ours=True,
        said="declined",
        lastModifiedDateTime="2026-11-10T08:05:00Z",
    )
    no["attendees"][0]["status"]["time"] = "2026-11-10T08:05:00Z"
    anew = invited_by(DANA, KATE, at=at, made=made)
    early = [entry, anew] if made < "10" else [entry]
    polls = [
        Poll("2026-11-02T08:00:00Z", [entry]),
        Poll("2026-11-03T08:30:00Z", early),
        Poll("2026-11-10T08:00:00Z", early),
        Poll("2026-11-10T08:20:00Z", [no, anew]),
        Poll("2026-11-20T08:00:00Z", [no, anew]),
    ]
    told = play("microsoft", polls, "2026-11-20T09:00:00Z", tmp_path)
    assert told.counts()[0] == counted


@pytest.mark.parametrize(("said", "counted"), [("none", 0), ("declined", 1)])
def test_ours_stood_beside_hers_for_days_and_she_called_hers_off(
    tmp_path: Path, said: str, counted: int
) -> None:
    """Nobody knows whether she came to ours, which she never answered; she had said no to the other."""
    entry = event("A", "2026-11-10T09:00:00Z", ours=False, said="none")
    off = {**entry, "isCancelled": True, "lastModifiedDateTime": "2026-11-10T08:05:00Z"}
    ours = invited_by(KATE, DANA, made="06T08:00", said=said)
    polls = [
        Poll("2026-11-02T08:00:00Z", [entry]),
        Poll("2026-11-06T08:30:00Z", [entry, ours]),
        Poll("2026-11-10T08:00:00Z", [entry, ours]),
        Poll("2026-11-10T08:20:00Z", [off, ours]),
        Poll("2026-11-20T08:00:00Z", [off, ours]),
    ]
    told = play("microsoft", polls, "2026-11-20T09:00:00Z", tmp_path)
    assert told.counts()[0] == counted


def test_entries_that_share_their_uid_are_meetings_of_their_own(tmp_path: Path) -> None:
    entries = [event(f"X{day}", f"2026-11-{day}T09:00:00Z") for day in (10, 17, 24)]
    polls = [Poll("2026-11-02T08:00:00Z", entries), Poll("2026-11-28T08:00:00Z", entries)]
    told = play("microsoft", polls, "2026-11-28T09:00:00Z", tmp_path)
    assert [one[:2] for one in told.outcomes()] == [
        (f"11-{day} 09:00", "kept") for day in (10, 17, 24)
    ]


def test_two_entries_under_one_id_are_named_and_neither_has_changed(tmp_path: Path) -> None:
    entries = [
        event("A", "2026-11-10T09:00:00Z"),
        event("A", "2026-11-12T09:00:00Z", iCalUId=WHOLE[:-2] + "00"),
    ]
    polls = [Poll(f"2026-11-{day}T08:00:00Z", entries) for day in ("02", "08", "20")]
    told = play("microsoft", polls, "2026-11-20T09:00:00Z", tmp_path)
    assert [one[:2] for one in told.outcomes()] == [("11-10 09:00", "kept")]
    assert told.asked() == []
    assert told.given_up == ["two entries under one id"]


def test_the_failure_is_forgotten_when_every_entry_has_its_id_again(tmp_path: Path) -> None:
    whole = [event("M", "2026-11-10T09:00:00Z")]
    polls = [
        Poll("2026-11-02T08:00:00Z", whole),
        Poll("2026-11-03T08:00:00Z", [{**whole[0], "id": ""}]),
        Poll("2026-11-04T08:00:00Z", whole),
    ]
    assert play("microsoft", polls, "2026-11-20T09:00:00Z", tmp_path).given_up == []


@pytest.mark.parametrize("empty", ["", " ", None, 5])
def test_google_entries_without_an_id_are_named_too(tmp_path: Path, empty: object) -> None:
    polls = [
        Poll("2026-08-03T08:30:00Z", SERIES),
        Poll("2026-08-04T02:00:00Z", [{**SERIES[0], "id": empty}, *SERIES[1:]], whole=True),
        LAST,
    ]
    told = play("google", polls, END, tmp_path)
    assert told.given_up == ["an entry without an id"]
    assert told.counts()[:2] == (0, 8)
