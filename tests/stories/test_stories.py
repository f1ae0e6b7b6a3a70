"""Does every story end as the rules say?

The stories are data (`*/*.toml`, see README.md). Each goes through the real sync engine into a real
store and is judged with the default policy.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from reports.schemas import SHAPES
from tests.stories.cast import StoryError
from tests.stories.conftest import Telling
from tests.stories.expecting import check
from tests.stories.reading import Story, parse, stories
from tests.stories.telling import Told, companies, fresh_url, tell, tell_together

ROOT = Path(__file__).parents[2]
_STORIES = stories()
#: Which stories are told together, and so by one worker.
_COMPANY = {
    story.name: number
    for number, members in enumerate(companies(_STORIES.values()))
    for story in members
}
#: Where rules.md gives an id, it stands in bold or in brackets: **M1**, **T2+**, (P1).
_RULE = re.compile(r"(?:\*\*|\()([A-Z]\d\d?\+?)(?:\*\*|\))")


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(story, id=name, marks=pytest.mark.xdist_group(f"stories {_COMPANY[name]}"))
        for name, story in _STORIES.items()
    ],
)
def test_story(story: Story, told: Telling, tmp_path: Path, empty_store: Path) -> None:
    """With the others of its company; one that fails is told again alone, and says why there."""
    try:
        _check(story, told(story))
    except Exception as together:
        _check(story, tell(story, fresh_url(tmp_path, empty_store)))
        raise AssertionError(
            f"{story.file}, {story.name} ends as the rules say when it is told alone, and does not in"
            " one store with others: something of theirs is taken for something of its own"
        ) from together


def _check(story: Story, told: Told) -> None:
    for place, expected in enumerate(story.expect, start=1):
        try:
            check(story, expected, told.found, told.mails)
        except AssertionError as error:
            raise AssertionError(
                f"{story.file}, {story.name}, expectation {place} ({expected.about}): {error}\n"
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
    told = tell(story, fresh_url(tmp_path, empty_store))
    with pytest.raises(AssertionError, match="'kept' instead of 'absent'"):
        check(story, story.expect[0], told.found, told.mails)


TWICE = """
[she_declines]
why = "The same names in both stories: what Dana does here is nothing that Dana does there."
rules = ["M2"]
provider = "microsoft"
meetings = [{ at = "Mon 23 Nov 10:00", made = "Tue 10 Nov 09:00", accepted = "Wed 11 Nov 10:00" }]
events = [{ at = "Mon 23 Nov 09:20", who = "dana", does = "declines" }]
mails = [{ at = "Mon 16 Nov 10:00", id = "ours", to = "fritz", subject = "An offer" }]
expect = [{ slot = "Mon 23 Nov 10:00", outcome = "cancelled_late", grade = "certain" }]

[she_comes]
why = "The same meeting, the same people, the same mail, and she comes to it as she said."
rules = ["M2"]
provider = "microsoft"
meetings = [{ at = "Mon 23 Nov 10:00", made = "Tue 10 Nov 09:00", accepted = "Wed 11 Nov 10:00" }]
mails = [
  { at = "Mon 16 Nov 10:00", id = "ours", to = "fritz", subject = "An offer" },
  { at = "Tue 17 Nov 10:00", id = "theirs", from = "fritz", re = "ours" },
]
expect = [{ accused = "nobody" }, { silence = "fritz", rule = "" }]
"""


def test_stories_told_together_say_what_each_says_alone(
    tmp_path_factory: pytest.TempPathFactory, empty_store: Path
) -> None:
    def url() -> str:
        return fresh_url(tmp_path_factory.mktemp("told"), empty_store)

    both = list(parse(TWICE, "both.toml"))
    assert companies(both) == [both]
    together = tell_together(both, url())
    for story in both:
        alone = tell(story, url())
        told = together[story.name]
        assert told.mails.keys() == alone.mails.keys()
        for name, schema in SHAPES.items():
            # ids are of the store; all that is said is the same
            said = [one for one, kind in schema.items() if kind.kind != "key" and one != "evidence"]
            expected, found = (getattr(one.found, name)[said] for one in (alone, told))
            assert_frame_equal(found, expected, obj=f"{story.name}: {name}")
