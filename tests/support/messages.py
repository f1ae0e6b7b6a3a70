"""Which sentences can a report be made of, and are the catalogues up to date with them?

`make messages` (python -m tests.support.messages) brings reports/render/language/locale/*.po up to date: what
is new stands there with an empty translation, what no code says any more is gone.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from reports.render.language.catalogues import FOLDER

ROOT = Path(__file__).parents[2]
#: Sentences made anywhere (config/sentences.py), and those of the report's pen. In jobs, `say` is
#: the terminal's.
_ANYWHERE = {"mark": None, "sentence": None, "counted": (1, 2), "mark_counts": (1, 2)}
_PEN = {"say": None, "say_as": ((1, "c"), 2), "rich": None, "plural": (1, 2), "rich_plural": (1, 2)}
_METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext:babel_extract")]


@lru_cache(maxsize=1)
def template() -> Catalog:
    """All messages of the code, each with the files it stands in."""
    found = Catalog(charset="utf-8")
    for room in ("config", "connectors", "jobs", "reports"):
        keywords = {**_ANYWHERE, **(_PEN if room == "reports" else {})}
        for name, _, message, comments, meaning in extract_from_dir(
            str(ROOT / room), _METHODS, keywords=keywords
        ):
            place = (f"{room}/{name}", 1)
            found.add(message, locations=[place], auto_comments=comments, context=meaning)
    return found


def main() -> None:
    known = template()
    for path in sorted(FOLDER.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem)
        catalogue.update(known, no_fuzzy_matching=True, update_creation_date=False)
        with path.open("wb") as file:
            write_po(
                file, catalogue, width=0, ignore_obsolete=True, include_lineno=False, sort_by_file=True
            )  # fmt: skip


if __name__ == "__main__":
    main()
