"""Can a stranger's text make reading slow? Time must grow as the text does, not as its square."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.files.ical import content_lines
from connectors.files.mail import folders, header_scan
from connectors.files.problems import Lost
from connectors.model import normal_forms
from connectors.model.headers import (
    address_lists,
    header_values,
    mail_dates,
    message_ids,
    sender_check,
)
from connectors.store.privacy.traces import naming
from jobs.console import terminal
from jobs.query.tables import Format, show
from reports.weekly import links
from tests.support.facts.files import DANA, ME, calendar, event, guest, imported, organizer

#: How a text of n characters is made that a careless pattern would walk through n times.
SHAPES: dict[str, Callable[[int], str]] = {
    "one word": lambda n: "a" * n,
    "blanks inside": lambda n: "a" + " " * n + "b",
    "dots": lambda n: "a." * (n // 2),
    "at signs": lambda n: "a@" * (n // 2),
    "angles": lambda n: "<" * n,
    "an open angle": lambda n: "Dana <" + "a" * n,
    "blanks in an angle": lambda n: "Dana < " + " " * n + "a@b.example x",
    "parentheses": lambda n: "(" * n,
    "quotes": lambda n: '"' * n,
    "an open quote": lambda n: '"' + "a" * n,
    "escaped quotes": lambda n: '\\"' * (n // 2),
    "commas": lambda n: "," * n,
    "groups": lambda n: "a:" * (n // 2),
    "open encoded words": lambda n: "=?x?q?a " * (n // 8),
    "encoded words": lambda n: "=?utf-8?q?a?= " * (n // 14),
    "digits": lambda n: "1" * n,
    "prefixes": lambda n: "re: " * (n // 4),
    "dashes": lambda n: "-" * n + "x",
    "a wide domain": lambda n: "a@" + "ü" * n,
    "open parameters": lambda n: ';a="' * (n // 4),
    "hosts": lambda n: "www." * (n // 4),
    "line ends": lambda n: "\n" * n + "x",
    "tabs": lambda n: "\t" * n + "x",
    "separators": lambda n: "; " * (n // 2),
    "verdicts": lambda n: "mx; " + "dkim=pass header.i=@x.example; " * (n // 31),
    "names of headers": lambda n: "dkim=pass " + "header." * (n // 7),
}

READERS: dict[str, Callable[[str], object]] = {
    "address_lists.people": address_lists.people,
    "header_values.decoded": header_values.decoded,
    "mail_dates.moment": mail_dates.moment,
    "header_values.plain": header_values.plain,
    "header_scan.people": header_scan.people.__wrapped__,
    "header_scan.subject": header_scan.subject,
    "header_scan.date": header_scan.date,
    "header_scan.hops": lambda text: header_scan.hops([text]),
    "header_scan.separator_date": lambda text: header_scan.separator_date(text.encode()),
    "header_scan.scan": lambda text: header_scan.scan(b"From: " + text.encode()),
    "folders.by_labels": folders.by_labels.__wrapped__,
    "normal_forms.address": normal_forms.address.__wrapped__,
    "normal_forms.series_uid": normal_forms.series_uid.__wrapped__,
    "message_ids.message_ids": message_ids.message_ids,
    "content_lines.split": lambda text: content_lines.split(f"ATTENDEE;CN={text}", 1),
    "content_lines.lines_of": lambda text: list(content_lines.lines_of(text)),
    "links.clean": links.clean,
    "links.called": lambda text: links.called(text, "dana@client.example"),
    "sender_check.verdicts": sender_check.verdicts,
    "terminal.clean": terminal.clean,
    "a cell of a CSV": lambda text: show({"a": "a"}, [(f";{text}",)], Format.CSV),
    "traces.naming": lambda text: naming(DANA)(f"x@y {text}"),
}
#: Eight times the text may take this much longer: linear is 8, quadratic is 64.
STEEPEST = 24.0
#: What a machine's other work hides: below it no ratio says anything [s].
SOON = 0.025


def seconds(read: Callable[[str], object], text: str, *, enough: float = 0.0) -> float:
    """The least of three, in the time of this process alone: others only ever make it slower.

    Where it is at most `enough` once, it is so at its least.
    """
    least = math.inf
    for _ in range(3):
        began = time.process_time()
        read(text)
        least = min(least, time.process_time() - began)
        if least <= enough:
            break
    return least


@pytest.mark.parametrize("reader", READERS)
def test_time_grows_with_a_strangers_text_and_not_with_its_square(reader: str) -> None:
    steep = {}
    for shape, made in SHAPES.items():
        short, long = made(12_000), made(96_000)
        slow = seconds(READERS[reader], long, enough=SOON)
        if slow > SOON and slow > STEEPEST * seconds(READERS[reader], short):
            steep[shape] = slow
    assert not steep


def test_an_address_of_a_hundred_kilobytes_names_nobody_and_hides_nobody() -> None:
    long = "a" * 100_000 + "@client.example"
    assert [one.address for one in address_lists.people(f"{long}, Dana <{DANA}>")] == [DANA]
    assert [one.address for one in header_scan.people(f"{long}, Dana <{DANA}>")] == [DANA]
    assert normal_forms.address(long) == ""


@pytest.mark.parametrize(
    "address",
    [
        "srs0=ab12=xy=client.example=" + "b" * 200 + "@forwarder.example",
        "imceaex-_o=exchangelabs_ou=" + "c" * 300 + "@client.example",
    ],
)
def test_the_long_addresses_that_services_write_are_still_read(address: str) -> None:
    assert normal_forms.address(address) == address
    assert [one.address for one in address_lists.people(f"Dana <{address}>")] == [address]
    assert [one.address for one in header_scan.people(f"Dana <{address}>")] == [address]


@pytest.mark.parametrize(
    "header",
    [
        '"Kim, Dana" <dana@client.example>',
        "Dana  Kim   < dana@client.example >",
        "'dana@client.example'",
        "dana@client.example (Dana Kim)",
        "team: dana@client.example;",
        "<dana@client.example>",
    ],
)
def test_the_usual_spellings_of_an_address_are_read_as_before(header: str) -> None:
    assert [one.address for one in address_lists.people(header)] == [DANA]
    assert header_scan.people(header) == address_lists.people(header)


@pytest.mark.proof  # the short form: tests/connectors/files/ical/test_calendar_file.py, out of its budget
def test_three_hundred_endless_series_in_one_file_are_bounded_and_named(tmp_path: Path) -> None:
    bombs = [
        event("RRULE:FREQ=DAILY", uid=f"bomb-{number}@x.example", start="19950101T090000Z")
        for number in range(300)
    ]
    (tmp_path / "bomb.ics").write_bytes(calendar(*bombs))
    result = imported([tmp_path])
    assert len(result.meetings) <= 62_000
    refused = [one for one in result.problems if one.lost is Lost.EVENT]
    assert refused
    assert all("repeat too often" in one.reason for one in refused)


def test_a_full_calendar_of_real_series_is_read_to_its_end(tmp_path: Path) -> None:
    weekly = [
        event(
            "RRULE:FREQ=WEEKLY",
            organizer(ME),
            guest(DANA, "ACCEPTED"),
            uid=f"weekly-{number}@acme.example",
        )
        for number in range(60)
    ]
    (tmp_path / "mine.ics").write_bytes(calendar(*weekly))
    result = imported([tmp_path])
    assert not result.problems
    assert len(result.meetings) == 60 * 58


@pytest.mark.parametrize("name", ["EXDATE", "RDATE"])
def test_a_list_of_a_hundred_thousand_dates_costs_its_own_series_alone(
    tmp_path: Path, name: str
) -> None:
    dates = ",".join(["20261201T090000Z"] * 100_000)
    bomb = event("RRULE:FREQ=DAILY", f"{name}:{dates}", uid="bomb@x.example")
    fine = event(organizer(ME), guest(DANA, "ACCEPTED"), uid="fine@acme.example")
    (tmp_path / "bomb.ics").write_bytes(calendar(bomb, fine))
    result = imported([tmp_path])
    assert "fine@acme.example" in {one.series_uid for one in result.meetings}
    (refused,) = [one for one in result.problems if one.lost is Lost.EVENT]
    assert "dates in a list" in refused.reason
