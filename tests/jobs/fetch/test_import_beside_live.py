"""Does an export of a mailbox that is read live anyway change what the report says of it?"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contracts import takeout
from tests.support.providers.house import KATE, House


def scope(house: House) -> str:
    """How much was seen, as the page says it."""
    text = re.sub(r"<[^>]+>", " ", house.newest("-page.html"))
    found = re.search(r"[\d,]+ mails sent and [\d,]+ received", re.sub(r"\s+", " ", text))
    assert found
    return found[0]


def weeks_later(house: House, weeks: int) -> int:
    assert house.world is not None
    house.now = house.world.now + timedelta(weeks=weeks)
    return house.type("run-due").code


def test_an_export_beside_live_mail_counts_nothing_twice_and_makes_nothing_old(
    kates: House, tmp_path: Path
) -> None:
    assert kates.world is not None
    assert weeks_later(kates, 0) == 0
    said = scope(kates)
    for path in takeout.write(kates.world, KATE, tmp_path / "takeout"):
        assert kates.type("import", str(path), "--me", KATE).code == 0
    assert weeks_later(kates, 1) == 0, "nothing is missing"
    assert scope(kates) == said
    assert "ncomplete" not in kates.newest()


@pytest.mark.parametrize("only", ["calendar.ics", "mail.mbox"])
def test_what_comes_from_a_file_alone_is_as_old_as_it(
    kates: House, tmp_path: Path, only: str
) -> None:
    assert kates.world is not None
    kates.settings(mailbox={"provider": "files"})
    for path in takeout.write(kates.world, KATE, tmp_path / "takeout"):
        if path.name == only:
            assert kates.type("import", str(path), "--me", KATE).code == 0
    assert weeks_later(kates, 8) == 3
    assert "ncomplete" in kates.newest()
