"""How does a list look as a table, as CSV and as JSON? The same columns in all three."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table

from jobs import terminal


class Format(StrEnum):
    """`--format`."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


#: A cell that begins with one of these is a formula to a spreadsheet, which also looks behind
#: blanks, line ends and invisible characters, and takes the wide forms for the narrow ones.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def show(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], form: Format, title: str = ""
) -> str:
    """The list as text that ends without a line break. Empty lists keep their header."""
    if form is Format.JSON:
        return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=2)
    if form is Format.CSV:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)
        return out.getvalue().rstrip("\n")
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    wide = Console(file=io.StringIO(), width=None if _terminal() else 160, markup=False)
    wide.print(table)
    text = wide.file
    assert isinstance(text, io.StringIO)  # noqa: S101 - it was made two lines above
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip("\n").splitlines())


def _cell(value: Any) -> Any:
    """Text that a spreadsheet will not run: a leading quote before what looks like a formula."""
    if not isinstance(value, str):
        return value
    shown = terminal.clean(value).lstrip()
    hidden = value[:1] in ("\t", "\r", "\n")
    return f"'{value}" if hidden or shown.startswith(_FORMULA) else value


def _terminal() -> bool:
    return Console().is_terminal
