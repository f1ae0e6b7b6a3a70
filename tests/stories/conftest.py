"""What do the stories share? An empty store with all its tables, and one telling a company."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stories.reading import Story
from tests.stories.telling import Told, companies, fresh_url, make_template, tell_together

Telling = Callable[[Story], Told]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("stories"))


@pytest.fixture(scope="session")
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, empty_store: Path
) -> Telling:
    """What was found of a story, told once with those of its company that this run wants too."""
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = [call.params["story"] for call in calls if call and "story" in call.params]
    group = {story.name: members for members in companies(wanted) for story in members}
    kept: dict[str, Told] = {}
    failed: dict[str, Exception] = {}

    def tell(story: Story) -> Told:
        if story.name in failed:
            raise failed[story.name]  # each of them is told alone; together they fail but once
        if story.name not in kept:
            url = fresh_url(tmp_path_factory.mktemp("company"), empty_store)
            try:
                kept.update(tell_together(group[story.name], url))
            except Exception as error:
                failed.update((one.name, error) for one in group[story.name])
                raise
        return kept[story.name]

    return tell
