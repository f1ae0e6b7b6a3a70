"""Does every story end as the rules say?

The stories are data (`*.toml`, see README.md). Each goes through the real sync engine into a real
store and is judged with the default policy.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.stories.cast import StoryError
from tests.stories.expecting import check
from tests.stories.reading import Story, parse, stories
from tests.stories.telling import fresh_url, tell

ROOT = Path(__file__).parents[2]
_STORIES = stories()
#: Where rules.md gives an id, it stands in bold or in brackets: **M1**, **T2+**, (P1).
_RULE = re.compile(r"(?:\*\*|\()([A-Z]\d\d?\+?)(?:\*\*|\))")


@pytest.mark.parametrize("name", list(_STORIES))
def test_story(name: str, tmp_path: Path, empty_store: Path) -> None:
    story = _STORIES[name]
    found, mails = tell(story, fresh_url(tmp_path, empty_store))
    for place, expected in enumerate(story.expect, start=1):
        try:
            check(story, expected, found, mails)
        except AssertionError as error:
            raise AssertionError(
                f"{story.file}, {name}, expectation {place} ({expected.about}): {error}\n"
                f"why: {story.why}"
            ) from error


def test_every_rule_has_a_story() -> None:
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    ids = set(_RULE.findall(text))
    assert len(ids) == 21, sorted(ids)
    named = {rule for story in _STORIES.values() for rule in story.rules}
    assert ids <= named, f"without a story: {sorted(ids - named)}"


def test_the_stories_are_many_and_in_pairs_that_differ() -> None:
    assert len(_STORIES) >= 130
    pairs = {
        frozenset((story.name, story.flips)): (story, _STORIES.get(story.flips))
        for story in _STORIES.values()
        if story.flips
    }
    assert len(pairs) >= 30
    for story, other in pairs.values():
        assert other is not None, f"{story.name} flips {story.flips!r}, which is no story"
        assert story.expect != other.expect, f"{story.name} and {other.name} expect the same"
        assert _facts(story) != _facts(other), f"{story.name} and {other.name} tell the same"


def _facts(story: Story) -> dict[str, object]:
    return story.model_dump(exclude={"name", "file", "why", "rules", "flips", "expect"})


GOOD = """
[somebody_comes]
why = "A meeting that took place is nothing to talk about."
rules = ["M1"]
meetings = [{ at = "Mon 23 Nov 10:00", accepted = "Tue 10 Nov 10:00" }]
expect = [{ slot = "Mon 23 Nov 10:00", outcome = "kept" }]
"""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("why =", "wy ="), "wy: Extra inputs are not permitted"),
        (GOOD.replace("accepted =", "acepted ="), "meetings.0.acepted"),
        (GOOD.replace("outcome = ", "outcom = "), "expect.0.outcom"),
        (re.sub(r"expect = .*", "", GOOD), "expect: Field required"),
        (re.sub(r"expect = .*", "expect = []", GOOD), "at least 1 item"),
        (GOOD.replace(', outcome = "kept"', ""), "it expects nothing of what it names"),
        (GOOD.replace('rules = ["M1"]', ""), "rules: Field required"),
        ("why = 'nothing'", "is no story"),
        ("[a", "broken.toml"),
    ],
)
def test_a_wrong_story_file_says_what_is_wrong(wrong: str, said: str) -> None:
    with pytest.raises(StoryError, match=re.escape(said)):
        list(parse(wrong, "broken.toml"))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Mon 23 Nov", "Tue 23 Nov", "that day is a Mon"),
        ("Mon 23 Nov 10:00", "Sun 29 Mar 02:30", "the clocks skip that time"),
        ("Mon 23 Nov 10:00", "2026-11-23 10:00", "is no moment"),
        ('{ at = "Mon', '{ with = ["dora"], at = "Mon', "'dora' is not in the cast"),
    ],
)
def test_a_story_that_cannot_be_told_says_why(
    before: str, after: str, said: str, tmp_path: Path, empty_store: Path
) -> None:
    (story,) = parse(GOOD.replace(before, after), "broken.toml")
    with pytest.raises(StoryError, match=re.escape(said)):
        tell(story, fresh_url(tmp_path, empty_store))


def test_a_wrong_expectation_fails(tmp_path: Path, empty_store: Path) -> None:
    (story,) = parse(GOOD.replace('"kept"', '"absent"'), "good.toml")
    found, mails = tell(story, fresh_url(tmp_path, empty_store))
    with pytest.raises(AssertionError, match="'kept' instead of 'absent'"):
        check(story, story.expect[0], found, mails)
