"""How are all findings handed to another program? As one JSON document, or a folder of tables."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from config import private_files
from config.errors import ConfigError
from jobs.console.outcome import NOTHING, Outcome
from jobs.context import Context
from jobs.delivery.judging import found, moment
from jobs.query import reach
from jobs.query.status import nothing_yet
from jobs.query.tables import Format, columns, show
from reports.contact import export as exporting

#: `--format`; a table per list but for JSON.
FORMATS = ("json", "csv", "parquet")
#: Beside the tables of a folder: of when they are, and what was not read.
ABOUT = "about.json"


def export(context: Context, *, as_of: str = "", form: str, to: Path | None) -> Outcome:
    """All findings as one JSON document, or as a folder of CSV or Parquet files.

    Nothing is written, and it ends with exit code 4, before anything was ever fetched; with 3 where
    something of it was not read. Raises ConfigError for an unknown form, and where a folder is needed and not named.
    """
    if form not in FORMATS:
        raise ConfigError(f"{form!r} is not one of {', '.join(FORMATS)}")
    if form != "json" and to is None:
        raise ConfigError(
            f"{form} needs a folder", hint=f"noshow export --format {form} --to findings/"
        )
    if not context.store.pending.begun():
        # An empty document would say that nobody is late.
        return Outcome(NOTHING, problems=(nothing_yet(context),))
    then = moment(context, as_of)
    missing = reach.beside(context, Outcome(), then if as_of else None)
    findings, zone = found(context, then).findings, context.settings.zone
    if to is None or form == "json":
        tree = exporting.tree(findings, zone) | {"missing": missing.problems}
        written = json.dumps(tree, indent=2, allow_nan=False)
        if to is None:
            return replace(missing, lines=(written,))
        private_files.write(to, written + "\n")
        return replace(missing, lines=(f"wrote {to}",))
    private_files.make_folder(to)
    # A folder that is handed on without this would read as whole, and as of any day.
    about = exporting.about(findings, zone) | {"missing": missing.problems}
    private_files.write(to / ABOUT, json.dumps(about, indent=2, allow_nan=False) + "\n")
    for name, frame in exporting.tables(findings).items():
        if form == "parquet":
            # Typed: instants are timestamps in UTC, flags are booleans.
            private_files.write(to / f"{name}.parquet", frame.to_parquet(index=False))
        else:
            cells = [list(row.values()) for row in exporting.plain(frame)]
            text = show(columns(*frame.columns), cells, Format.CSV)
            private_files.write(to / f"{name}.csv", text + "\n")
    return replace(missing, lines=(f"wrote {to}",))
