"""Which calls does a table from a CRM hold? One line a call: date, address, channel, outcome.

Comma, semicolon or tab; the columns in any order, by name; every mistake is named with its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, time, tzinfo

from config.clock import to_micros
from connectors.files.ical.content_lines import text_of
from connectors.files.problems import Lost, Problem, Report
from connectors.model.records import Call
from connectors.model.written_addresses import one_typed

LARGEST = 64 << 20
_COLUMNS = {
    "date": "date",
    "at": "date",
    "when": "date",
    "time": "time",
    "datetime": "date",
    "address": "address",
    "email": "address",
    "e-mail": "address",
    "contact": "address",
    "channel": "channel",
    "outcome": "outcome",
    "result": "outcome",
}
#: The words of rules.md section 9, and those that CRMs write for the same (HubSpot's defaults).
_OUTCOMES = {
    "no-answer": "no-answer",
    "noanswer": "no-answer",
    "busy": "no-answer",
    "left-voicemail": "no-answer",
    "voicemail": "no-answer",
    "assistant": "assistant",
    "left-live-message": "assistant",
    "spoke": "spoke",
    "connected": "spoke",
    "will-call": "will-call",
}
_HINT = "write date,address,channel,outcome with outcome no-answer, assistant, spoke or will-call"
#: Excel's own first line, which says what stands between the columns.
_SEPARATOR = re.compile(r"\s*(?:sep=(.)[^\n]*\n\s*)?", re.IGNORECASE)
_HOUR = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
#: A call of a day without a time, or at midnight, as a table's program writes a mere day, counts as made at its end: so it can only be later than it was,
#: and nobody is said to have been silent since an earlier hour.
_END_OF_DAY = time(23, 59)


def read(data: bytes, *, place: str, floating: tzinfo, report: Report) -> Iterator[Call]:
    """The calls in a table; each line that cannot be read is reported with its number.

    Dates are ISO 8601 (2026-11-03, 2026-11-03 14:30, with or without an offset), the hour perhaps in
    a column of its own; a time without an offset is in `floating`. 03/11/2026 is refused: it is another day in another country.
    """
    text = text_of(data)
    before = _SEPARATOR.match(text)
    skipped = text[: before.end()] if before else ""
    text = text[len(skipped) :]
    first, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = next(rows, [])
    except csv.Error:
        header = []
    columns: dict[str, int] = {}
    for number, name in enumerate(header):
        meaning = _COLUMNS.get(name.strip().lower())
        if meaning is not None:
            columns.setdefault(meaning, number)
    if "date" not in columns and "time" in columns:
        columns["date"] = columns.pop("time")
    missing = [name for name in ("date", "address", "outcome") if name not in columns]
    if missing:
        reason = f"line 1 names no column {' and no column '.join(missing)}"
        report(Problem(place, reason, Lost.FILE, _HINT))
        return
    while True:
        try:
            row = next(rows, None)
            if row is None:
                return
            if any(cell.strip() for cell in row):
                yield _call(row, columns, floating)
        except (ValueError, OverflowError, csv.Error) as error:
            at = f"{place}, line {rows.line_num + skipped.count(chr(10))}"
            report(Problem(at, str(error) or "a line that cannot be read", Lost.LINE, _HINT))


def _call(row: list[str], columns: dict[str, int], floating: tzinfo) -> Call:
    def cell(name: str) -> str:
        number = columns.get(name, len(row))
        return row[number].strip() if number < len(row) else ""

    found = one_typed(cell("address"))
    if not found:
        raise ValueError("the address is none")
    word = re.sub(r"[\s_-]+", "-", cell("outcome").lower())
    outcome = _OUTCOMES.get(word)
    if outcome is None:
        raise ValueError("the outcome is none of no-answer, assistant, spoke, will-call")
    channel = re.sub(r"[^a-z0-9-]+", "-", cell("channel").lower()).strip("-")[:40]
    day, hour = cell("date"), cell("time")
    when = f"{day} {hour}" if len(day) == 10 and _HOUR.fullmatch(hour) else day
    return Call(_moment(when, floating), found, outcome, channel or "phone")


def _moment(text: str, floating: tzinfo) -> int:
    if not _ISO.match(text):
        raise ValueError("the date is not written like 2026-11-03 or 2026-11-03 14:30")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("the date is not written like 2026-11-03 or 2026-11-03 14:30") from None
    if len(text) == 10 or moment.time() == time():
        moment = datetime.combine(moment.date(), _END_OF_DAY, moment.tzinfo)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=floating)
    if not 1990 <= moment.year < 2200:
        raise ValueError("the date lies in no year of ours")
    return to_micros(moment)
