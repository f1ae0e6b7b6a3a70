"""What is in the export, column by column? A page made from the schemas that every finding passes."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.model.schemas import Column
from reports.contact.export import CLASSED, LISTED, columns
from reports.schemas import SHAPES

_HEAD = """\
# What `noshow export` gives

Made by `noshow help --page export` from the schemas that every finding passes before it is shown.

```sh
noshow export --to findings.json
noshow export --format csv --to findings/
noshow export --format parquet --to findings/
noshow export --as-of 2026-11-02 --to then.json
```

JSON is one document: `version` (1), `as_of`, `zone` (the IANA zone of your settings, by which days are
counted), one list of objects for each table below, `expected_by_chance` (how many contacts a list of
this length would hold by chance), `notices` (what could not be taken into account) and `missing` (what
was not read, one line each: then it ends with exit code 3). CSV and
Parquet are a folder with one file a table, and `about.json` with all of this but the tables. `--as-of` looks back: nothing later is known in it.

Instants are ISO 8601 in UTC, with their offset; in Parquet they are timestamps. What is missing is
null in JSON and Parquet, and empty in CSV. A contact is an address in its normal form, after
`same-person` tags; a meeting key is the series' UID, one space, and the occurrence. A CSV cell that a
spreadsheet would run begins with a quote.
"""
_ABOUT = {
    "people": "One row a person, never one of ours.",
    "assistants": "Who acts for whom.",
    "absences": "When a contact was away.",
    "slots": "One row a contact and slot of a meeting: what became of it, and by which rule.",
    "incidents": "The slots that count in k; the same columns as `slots`.",
    "questions": "What only you can answer.",
    "asks": "What a contact was asked, by mail, call or invitation.",
    "silences": "Who has not answered, one row a contact.",
    "owed": "Mails that wait for your answer, or waited long.",
    "passed": "Promises whose day has passed without a word.",
    "replies": "How fast replies come.",
    "standings": "One row a contact: counts, tier and next step.",
    "coming": "Meetings still to come.",
    "mail_classes": "What each mail was taken for.",
}
_KINDS = {
    "text": "text",
    "flag": "true or false",
    "instant": "instant",
    "number": "number",
    "count": "whole number",
    "key": "whole number",
}


def page() -> str:
    """docs/export.md, as it must be."""
    parts = [_HEAD]
    for name in (*LISTED, "incidents", "mail_classes"):
        parts.append(f"## `{name}`\n\n{_ABOUT[name]}\n")
        if name == "mail_classes":
            parts.append(_table({one: SHAPES["mails"][one] for one in CLASSED}))
        elif name != "incidents":
            parts.append(_table(columns(name)))
    return "\n".join(parts).rstrip() + "\n"


def _table(schema: Mapping[str, Column]) -> str:
    lines = ["| column | kind | meaning |", "|---|---|---|"]
    for name, column in schema.items():
        kind = _KINDS[column.kind] + (", or null" if column.null or column.kind == "number" else "")
        meaning = column.meaning.replace("|", "\\|")
        lines.append(f"| `{name}` | {kind} | {meaning} |")
    return "\n".join(lines) + "\n"
