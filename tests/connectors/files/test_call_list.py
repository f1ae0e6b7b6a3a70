"""Are tables of calls read, and their mistakes named by line?"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files.problems import Lost
from connectors.model.records import Call
from tests.support.facts.files import DANA, at, imported_file


def test_a_table_of_calls(tmp_path: Path) -> None:
    text = (
        "date,address,channel,outcome\n"
        "2026-11-03 14:30,dana@client.example,phone,no-answer\n"
        "2026-11-03T14:30:00+00:00,Dana+x@Client.Example,Mobile Phone,Spoke\n"
        "2026-11-04,dana@client.example,,will_call\n"
        "\n"
        "2026-11-05 09:00,dana@client.example,phone,Left voicemail\n"
    )
    result = imported_file(tmp_path, "crm.csv", text.encode())
    assert result.calls == [
        Call(at("2026-11-03 13:30"), DANA, "no-answer", "phone"),
        Call(at("2026-11-03 14:30"), DANA, "spoke", "mobile-phone"),
        # A day without a time counts as its end: nobody is accused for the hours before.
        Call(at("2026-11-04 22:59"), DANA, "will-call", "phone"),
        Call(at("2026-11-05 08:00"), DANA, "no-answer", "phone"),
    ]
    assert not result.problems


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_columns_in_any_order_and_as_spreadsheets_write_them(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    rows = [["Outcome", "E-Mail", "Notes", "Date"], ["spoke", DANA, "Grüße", "2026-11-03 14:30"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    result = imported_file(tmp_path, "calls.csv", text.encode(encoding))
    assert result.calls == [Call(at("2026-11-03 13:30"), DANA, "spoke", "phone")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("03/11/2026,dana@client.example,phone,spoke", "the date is not written like"),
        ("2026-13-03,dana@client.example,phone,spoke", "the date is not written like"),
        ("2026-11-03,nobody,phone,spoke", "the address is none"),
        ("2026-11-03,dana@client.example,phone,rude", "the outcome is none of"),
        ("2026-11-03", "the address is none"),
        ("0001-01-01,dana@client.example,phone,spoke", "in no year of ours"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_the_rest_is_read(
    tmp_path: Path, line: str, reason: str
) -> None:
    text = f"date,address,channel,outcome\n2026-11-03,{DANA},phone,spoke\n{line}\n2026-11-04,{DANA},phone,spoke\n"
    result = imported_file(tmp_path, "calls.csv", text.encode())
    assert len(result.calls) == 2
    (problem,) = result.problems
    assert problem.place.endswith("calls.csv, line 3")
    assert reason in problem.reason
    assert problem.lost is Lost.LINE
    assert "nobody" not in problem.reason
    assert "rude" not in problem.reason


def test_a_table_without_the_columns_says_which_are_missing(tmp_path: Path) -> None:
    result = imported_file(tmp_path, "calls.csv", b"when,who\n1,2\n")
    assert result.problems[0].reason == "line 1 names no column address and no column outcome"
    assert "date,address,channel,outcome" in result.problems[0].hint


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (f"date,time,email,outcome\n2026-11-03,14:30,{DANA},spoke\n", "2026-11-03 13:30"),
        (f"time,date,email,outcome\n14:30:00,2026-11-03,{DANA},spoke\n", "2026-11-03 13:30"),
        (f"time,email,outcome\n2026-11-03 14:30,{DANA},spoke\n", "2026-11-03 13:30"),
        (f"date,time,email,outcome\n2026-11-03,2 pm,{DANA},spoke\n", "2026-11-03 22:59"),
        # A program for tables writes a mere day as its midnight.
        (f"date,email,outcome\n2026-11-03 00:00:00,{DANA},spoke\n", "2026-11-03 22:59"),
        (f"date,email,outcome\n2026-11-03 00:01,{DANA},spoke\n", "2026-11-02 23:01"),
        (f"sep=;\r\ndate;email;outcome\r\n2026-11-03 14:30;{DANA};spoke\r\n", "2026-11-03 13:30"),
        (f"\n\ndate,email,outcome\n2026-11-03 14:30,{DANA},spoke\n", "2026-11-03 13:30"),
        (f"date,email,outcome\n2026-11-03 14:30,Dana K. <{DANA}>,spoke\n", "2026-11-03 13:30"),
        (f'date,email,outcome\n2026-11-03 14:30,"K, Dana <{DANA}>",spoke\n', "2026-11-03 13:30"),
        (f"date,email,outcome\n2026-11-03 14:30,<{DANA}>,spoke\n", "2026-11-03 13:30"),
    ],
)
def test_days_hours_and_addresses_as_programs_write_them(
    tmp_path: Path, text: str, moment: str
) -> None:
    result = imported_file(tmp_path, "calls.csv", text.encode())
    assert result.calls == [Call(at(moment), DANA, "spoke", "phone")]
    assert not result.problems


@pytest.mark.parametrize("who", [f"{DANA};emil@client.example", f"<{DANA}> <b@client.example>"])
def test_two_addresses_in_one_field_are_named_and_are_nobody(tmp_path: Path, who: str) -> None:
    text = f"sep=,\ndate,email,outcome\n2026-11-03,{who},spoke\n"
    result = imported_file(tmp_path, "calls.csv", text.encode())
    assert result.calls == []
    (problem,) = result.problems
    assert (problem.reason, problem.lost) == ("the address is none", Lost.LINE)
    assert problem.place.endswith("calls.csv, line 3")
