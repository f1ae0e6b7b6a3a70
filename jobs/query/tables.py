"""How does a list look as a table, as CSV and as JSON? The same columns in all three.

A column has a key, which CSV and JSON name it by, and a heading for the table. Values keep their
type: numbers stay numbers, and a moment is written `2026-11-18 15:00` for the eye and in ISO 8601
with its offset for a program, beside the name of the zone, since an offset names none.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from jobs import terminal

#: Key -> heading, in the order of the columns.
Columns = Mapping[str, str]


class Format(StrEnum):
    """`--format`."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


#: A cell that begins with one of these is a formula to a spreadsheet, which also looks behind
#: blanks, line ends and invisible characters, and takes the wide and small forms for the others.
_FORMULA = ("=", "+", "-", "@")
#: Where a spreadsheet may begin a cell within a cell: many separate by semicolons or tabs.
_INNER = re.compile(r"([;|\t\r\n](?:[^\S\t\r\n]|['\"])*+)(?=[=+\-@＝＋－＠﹦﹢﹣﹫])")
#: What is copied from a list into a command stays on one line, however narrow the terminal is.
_COPIED = frozenset({"id", "contact", "mailbox", "start", "when", "report", "to"})
#: The least that is left to each column that may wrap.
_LEAST = 10


def columns(*headings: str) -> Columns:
    """Columns whose keys are their headings: `complete to` has the key `complete_to`."""
    return {re.sub(r"\W+", "_", one): one for one in headings}


def show(shown: Columns, rows: Sequence[Sequence[Any]], form: Format, zone: str = "") -> str:
    """The list as text that ends without a line break. Empty lists keep their header.

    zone: the IANA name by which moments are written; "" where the list has none.
    """
    if form is Format.TABLE:
        return _table(shown, rows, zone)
    if form is Format.JSON:
        return json.dumps(objects(shown, rows, zone), indent=2)
    return _csv((*shown, *_zone_column(zone)), [_values(row, zone) for row in rows])


def objects(shown: Columns, rows: Sequence[Sequence[Any]], zone: str = "") -> list[dict[str, Any]]:
    """The rows as JSON-ready objects; `zone` is the last key of each where it is given."""
    keys = (*shown, *_zone_column(zone))
    return [dict(zip(keys, _values(row, zone), strict=True)) for row in rows]


def local(moment: datetime, zone: str) -> str:
    """`2026-11-18 15:00` in the zone."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def exact(moment: datetime, zone: str) -> str:
    """`2026-11-18T15:00:00+01:00` in the zone."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def _zone_column(zone: str) -> tuple[str, ...]:
    return ("zone",) if zone else ()


def _values(row: Sequence[Any], zone: str) -> list[Any]:
    typed = [exact(one, zone) if isinstance(one, datetime) else one for one in row]
    return [*typed, zone] if zone else typed


def _csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().rstrip("\n")


def _table(shown: Columns, rows: Sequence[Sequence[Any]], zone: str) -> str:
    cells = [[_seen(value, zone) for value in row] for row in rows]
    table = Table(box=None, pad_edge=False)
    for key, heading in shown.items():
        table.add_column(heading, overflow="fold", no_wrap=key in _COPIED)
    for row in cells:
        table.add_row(*row)
    wide = Console(file=io.StringIO(), width=_width(shown, cells), markup=False, emoji=False)
    wide.print(table)
    text = wide.file
    assert isinstance(text, io.StringIO)  # noqa: S101 - it was made two lines above
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip("\n").splitlines())


def _width(shown: Columns, cells: Sequence[Sequence[str]]) -> int:
    """The terminal's width, and more where what is copied needs it; off a terminal all of it."""
    longest = [
        max(len(heading), *(len(row[place]) for row in cells), 0)
        for place, heading in enumerate(shown.values())
    ]
    whole = 2 * sum(longest) + len(shown)  # a wide character takes two places
    console = Console()
    if not console.is_terminal:
        return max(whole, 80)
    least = sum(
        2 + (most if key in _COPIED else min(most, _LEAST))
        for key, most in zip(shown, longest, strict=True)
    )
    return max(console.width, least)


def _seen(value: Any, zone: str) -> str:
    """A value for the eye."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return local(value, zone) if isinstance(value, datetime) else str(value)


def _cell(value: Any) -> Any:
    """Text that a spreadsheet will not run: a quote before what looks like a formula."""
    if not isinstance(value, str):
        return value
    value = _INNER.sub(r"\1'", value)
    shown = unicodedata.normalize("NFKC", terminal.clean(value[:100])).lstrip(' \t\r\n"')
    hidden = value[:1] in ("\t", "\r", "\n")
    return f"'{value}" if hidden or shown.startswith(_FORMULA) else value
