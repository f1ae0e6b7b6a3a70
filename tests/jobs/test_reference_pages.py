"""Are the pages that are made from the code current, and is every setting and column on them?"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from config.policy import Policy
from config.settings import Settings
from jobs.commands import manual, settings_page
from tests.support.providers.house import House

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["configuration", "export"])
def test_the_page_is_what_the_code_makes(house: House, name: str) -> None:
    made = house.type("help", "--page", name)
    assert made.code == 0
    assert (DOCS / f"{name}.md").read_text("utf-8") == made.out, "write it anew: make docs"


def test_another_page_is_refused(house: House) -> None:
    assert house.type("help", "--page", "everything").code == 2


def test_every_setting_has_a_meaning() -> None:
    models: list[type[BaseModel]] = [Policy]
    for info in Settings.model_fields.values():
        found = settings_page.table_of(info)
        models += [found] if found is not None else []
    without = [
        f"{model.__name__}.{name}"
        for model in models
        for name in model.model_fields
        if not settings_page.meanings(model).get(name)
    ]
    assert len(models) > 10
    assert without == []


def test_the_export_has_exactly_the_columns_of_its_page(fetched: House) -> None:
    page = manual.reference("export")
    documented = {
        part.split("`")[0]: re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
        for part in page.split("\n## `")[1:]
    }
    documented["incidents"] = documented["slots"]
    tree = json.loads(fetched.type("export").out)
    lists = {name: rows for name, rows in tree.items() if isinstance(rows, list)}
    words = {"notices", "missing"}
    assert set(lists) - words == set(documented)
    filled = {name: list(rows[0]) for name, rows in lists.items() if rows and name not in words}
    assert {"people", "slots", "standings", "mail_classes"} <= set(filled)
    assert filled == {name: documented[name] for name in filled}
    assert set(tree) - set(lists) == {"version", "as_of", "zone", "expected_by_chance"}
