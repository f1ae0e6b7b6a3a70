"""Is one mail the same mail, whichever source it is read from?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.readers import WAYS, reader
from tests.contracts.world import ANA, DANA, KATE, LEE, at, small

SUBJECT = "Angebot für Köln"


def keys(way: str, folder: Path) -> dict[str, list[str]]:
    """The keys of the mails by subject, as this way reads them."""
    story = small()
    world = story.world
    for more in ({}, {"cc": [ANA]}, {"headers": [("Message-ID", "<>")]}):
        subject = f"{SUBJECT} {sorted(more)}"
        world.mail(at(4, 1), DANA, [KATE, LEE], subject, unnamed=True, **more)
    world.mail(at(4, 1), DANA, [KATE, LEE], f"{SUBJECT} ['cc']", unnamed=True)
    world.mail(at(4, 1.5), KATE, DANA, SUBJECT, unnamed=True)
    world.advance_to(at(4, 2))
    folder.mkdir()
    with reader(way, folder, world) as source:
        assert all(one.complete for one in source.poll())
        found = source.mails.loc[source.mails["subject"].str.startswith(SUBJECT)]
    return {str(name): sorted(rows) for name, rows in found.groupby("subject")["message_key"]}


@pytest.fixture(scope="module")
def by_way(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    folder = tmp_path_factory.mktemp("ways")
    return {way: keys(way, folder / way) for way in WAYS}


def test_a_mail_without_an_id_has_the_same_key_in_every_source(
    by_way: dict[str, dict[str, list[str]]],
) -> None:
    assert by_way["google"] == by_way["microsoft"] == by_way["files"]
    assert all(
        key.endswith("@digest.invalid") for found in by_way["google"].values() for key in found
    )


def test_mails_that_differ_in_their_recipients_alone_are_two(
    by_way: dict[str, dict[str, list[str]]],
) -> None:
    for found in by_way.values():
        assert len(set(found[f"{SUBJECT} ['cc']"])) == 2
