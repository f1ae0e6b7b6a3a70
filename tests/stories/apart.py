"""How are many stories told in one store, and none of them hears of another?

A detection has its price however little there is to find. So the stories that share a report's
moment and our settings are told together: each has mailboxes, colleagues, organisations,
meetings and threads of its own, because every address and every id bears the story's mark while it
is in the store. What was found is parted by that mark, which is then taken off again: what a story
expects is written as if it were alone.

What detection says of a store as a whole (notices, what waits to be fetched) cannot be parted, and
the stories about that are told alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar, cast

import pandas as pd

from reports.detect.pipeline import Detection
from reports.schemas import SHAPES, Coverage, Findings
from tests.support.facts.asked import asked

#: Where a mark goes: before the end of a domain of the stories, or the @ of one that many share.
_PLACES = re.compile(r"(?=\.example\b|@(?:gmail|googlemail|googlegroups)\.com\b)", re.IGNORECASE)
#: Names that are an id in the mailbox or with the provider, and no address.
_IDS = ("thread_id", "message_key", "online")

_ANY = re.compile("-x[a-j]{3}")
_LETTERS = str.maketrans("0123456789", "abcdefghij")

T = TypeVar("T")


@dataclass(frozen=True)
class Mark:
    """What tells the people and things of one story from those of the others; "" for none."""

    text: str = ""

    @classmethod
    def of(cls, place: int) -> Mark:
        """The mark of a numbered story, in letters: a digit could be read as a day."""
        return cls("-x" + f"{place:03}".translate(_LETTERS))

    def on(self, value: T) -> T:
        """The same text, tuple or record, with every address and id of this story alone."""
        return self._on(value) if self.text else value  # type: ignore[return-value]

    def _on(self, value: object) -> object:
        if isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return _PLACES.sub(self.text, value)
        if isinstance(value, tuple):
            return tuple(self._on(one) for one in value)
        if is_dataclass(value) and not isinstance(value, type):
            changed: dict[str, object] = {}
            for field in fields(value):
                before = getattr(value, field.name)
                after = self._on(before)
                if field.name in _IDS and before and after == before:
                    name, at, domain = str(before).partition("@")
                    after = f"{name}{self.text}{at}{domain}"
                if after != before:
                    changed[field.name] = after
            return replace(value, **changed) if changed else value
        return value

    def off(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame of the findings, by its name, as if the story had been alone."""
        if not self.text or not len(frame):
            return frame
        texts = [column for column, kind in SHAPES[name].items() if kind.kind == "text"]
        return frame.assign(
            **{one: frame[one].str.replace(self.text, "", regex=False) for one in texts}
        )


#: The mark of a story that is told alone.
PLAIN = Mark()


class Parted:
    """What was found of a whole company, still marked: its rows are looked through once for all.

    Of a story alone nothing is looked at: what is expected of it asks for what it needs.
    """

    def __init__(self, detection: Detection) -> None:
        self._detection = detection

    @cached_property
    def found(self) -> Findings:
        return self._detection.findings

    @cached_property
    def _marked(self) -> dict[str, dict[str, list[int]]]:
        return {name: _by_mark(getattr(self.found, name)) for name in SHAPES}

    @cached_property
    def _boxed(self) -> dict[str, Mapping[int, Iterable[int]]]:
        frames = {name: getattr(self.found, name) for name in SHAPES}
        return {
            name: frame.groupby("mailbox_id").indices
            for name, frame in frames.items()
            if "mailbox_id" in frame
        }

    def of(self, mark: Mark, boxes: Iterable[int]) -> Findings:
        """What was found of one story. boxes: the ids of its mailboxes."""
        if not mark.text:
            return asked(self._detection)
        mine = set(boxes)
        parts = {name: self.frame(name, mark, mine) for name in SHAPES}
        return replace(self.found, coverage=self.seen(mine), **parts)  # type: ignore[arg-type]

    def plain(self, mark: Mark, boxes: Iterable[int]) -> Findings:
        """The same as if the story had been alone; to be read, not to be taken apart."""
        if not mark.text:
            return asked(self._detection)
        return cast("Findings", _Alone(self, mark, frozenset(boxes)))

    def frame(self, name: str, mark: Mark, boxes: Set[int]) -> pd.DataFrame:
        """The rows of one frame that are the story's."""
        places = set(self._marked[name].get(mark.text, ()))
        if name in self._boxed:
            places.update(*(self._boxed[name].get(box, ()) for box in boxes))
        else:
            places.update(self._marked[name].get("", ()))
        return getattr(self.found, name).take(sorted(places)).reset_index(drop=True)

    def seen(self, boxes: Set[int]) -> tuple[Coverage, ...]:
        return tuple(one for one in self.found.coverage if one.mailbox_id in boxes)


class _Alone:
    """One story's part of what was found, without its mark: each frame when it is first asked for.

    A story looks at two or three frames, and to part all of them costs as much as to tell it.
    """

    def __init__(self, parted: Parted, mark: Mark, boxes: frozenset[int]) -> None:
        self._parted, self._mark, self._boxes = parted, mark, boxes

    def __getattr__(self, name: str) -> Any:
        mark, found = self._mark, self._parted.found
        value: Any
        if name in SHAPES:
            value = mark.off(name, self._parted.frame(name, mark, self._boxes))
        elif name == "coverage":
            seen = self._parted.seen(self._boxes)
            value = tuple(replace(one, address=one.address.replace(mark.text, "")) for one in seen)
        else:
            value = getattr(found, name)
        setattr(self, name, value)
        return value


def _by_mark(frame: pd.DataFrame) -> dict[str, list[int]]:
    """The places of the rows of each story's people: a stranger beside one shows up with both.

    Under "" those whose contact has no mark: a provider's own address is the same in all stories.
    """
    names = [frame[name] for name in ("contact", "assistant") if name in frame]
    found: dict[str, list[int]] = {}
    for place, (first, *others) in enumerate(zip(*names, strict=True)):
        marks = set(_ANY.findall(first)) or {""}
        for mark in marks.union(*(_ANY.findall(other) for other in others)):
            found.setdefault(mark, []).append(place)
    return found
