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
import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from jobs.console import terminal

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
#: Between two columns.
_GAP = "  "
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
    cells = [
        tuple(shown.values()),
        *(tuple(terminal.clean(_seen(value, zone)) for value in row) for row in rows),
    ]
    widths = _widths(shown, cells)
    lines = []
    for row in cells:
        folded = [_folded(text, width) for text, width in zip(row, widths, strict=True)]
        for at in range(max(map(len, folded))):
            parts = [part[at] if at < len(part) else "" for part in folded]
            padded = (
                part + " " * (width - cell_len(part))
                for part, width in zip(parts, widths, strict=True)
            )
            lines.append(_GAP.join(padded).rstrip())
    return "\n".join(lines)


def _widths(shown: Columns, cells: Sequence[Sequence[str]]) -> list[int]:
    """How wide each column is: as what it holds; on a terminal, no more in all than fits there.

    The widest give way first, down to what a word needs; what is copied never does.
    """
    widths = [
        max(cell_len(line) for row in cells for line in row[place].split("\n"))
        for place in range(len(shown))
    ]
    if not sys.stdout.isatty():
        return widths
    may = [place for place, key in enumerate(shown) if key not in _COPIED]
    room = shutil.get_terminal_size().columns - len(_GAP) * (len(widths) - 1)
    while sum(widths) > room and any(widths[place] > _LEAST for place in may):
        widths[max(may, key=widths.__getitem__)] -= 1
    return widths


def _folded(text: str, width: int) -> list[str]:
    """The text in lines that fit, broken between words where that can be."""
    lines = []
    for line in text.split("\n"):
        now = ""
        for word in re.findall(r"\S+\s*|\s+", line):
            rest = word
            if now and cell_len(now + rest.rstrip()) > width:
                lines.append(now.rstrip())
                now = ""
            while cell_len(rest.rstrip()) > width:
                head, rest = _head(rest, width)
                lines.append(head)
            now += rest
        lines.append(now.rstrip())
    return lines


def _head(text: str, width: int) -> tuple[str, str]:
    """As much of the text as fits, at least one character, and the rest."""
    end = 1
    while end < len(text) and cell_len(text[: end + 1]) <= width:
        end += 1
    return text[:end], text[end:]


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
