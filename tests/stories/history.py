"""Which meetings does a history such as `late kept late` stand for?"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.stories.cast import StoryError
from tests.stories.reading import Event, Meeting, Story

#: What a word of a history makes of a meeting that everybody had accepted.
_HISTORY = ("kept", "late", "early", "tentative", "asked")


def with_history(story: Story) -> tuple[list[Meeting], list[Event]]:
    """The story's meetings and events, and those that each word of a history stands for.

    The last word is the newest: one meeting a week, on the Friday before the report at the latest.
    """
    meetings, events = list(story.meetings), list(story.events)
    end = datetime.fromtimestamp(story.at(story.as_of) / 1_000_000, ZoneInfo(story.zone))
    for row, (who, words) in enumerate(story.history.items()):
        several = words.split()
        for place, word in enumerate(reversed(several)):
            if word not in _HISTORY:
                raise StoryError(f"{story.name}: {word!r} is none of {', '.join(_HISTORY)}")
            number = len(several) - place
            ordinal = end.date().toordinal() - 3 - 7 * place
            day = datetime.fromordinal(ordinal).replace(tzinfo=UTC)
            made = datetime.fromordinal(end.date().toordinal() - 3 - 7 * len(several) - 14)
            name = f"{who}-{number}"
            meetings.append(
                Meeting(
                    id=name,
                    at=f"{day:%d %b %Y} {11 + row}:00",
                    made=f"{made:%d %b %Y} 10:10",
                    accepted=f"{made:%d %b %Y} 10:40",
                    with_=(who,),
                )
            )
            hours = f"{day:%d %b %Y} {9 + row:02}:05"
            early = datetime.fromordinal(ordinal - 3)
            if word in ("late", "asked", "tentative"):
                acts = {"late": (who, "declines"), "asked": ("sam", "cancels")}
                actor, does = acts.get(word, (who, "tentative"))
                events.append(Event.model_validate(
                    {"at": hours, "who": actor, "does": does, "meeting": name}
                ))  # fmt: skip
            elif word == "early":
                events.append(
                    Event(at=f"{early:%d %b %Y} 09:05", who=who, does="declines", meeting=name)
                )
    return meetings, events
