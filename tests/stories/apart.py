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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import cached_property
from typing import TypeVar

import pandas as pd

from reports.detect.pipeline import Detection
from reports.schemas import SHAPES, Findings
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

    def off(self, found: Findings) -> Findings:
        """The same findings, written as if the story had been alone."""
        if not self.text:
            return found
        plain: dict[str, object] = {}
        for name, schema in SHAPES.items():
            frame = plain[name] = getattr(found, name)
            if not len(frame):
                continue
            texts = [column for column, kind in schema.items() if kind.kind == "text"]
            plain[name] = frame.assign(
                **{one: frame[one].str.replace(self.text, "", regex=False) for one in texts}
            )
        seen = tuple(
            replace(one, address=one.address.replace(self.text, "")) for one in found.coverage
        )
        return replace(found, coverage=seen, **plain)  # type: ignore[arg-type]


#: The mark of a story that is told alone.
PLAIN = Mark()


class Parted:
    """What was found of a whole company, still marked: its rows are looked through once for all.

    Of a story alone nothing is looked at: what is expected of it asks for what it needs.
    """

    def __init__(self, detection: Detection) -> None:
        self._detection = detection

    @cached_property
    def _frames(self) -> list[tuple[str, pd.DataFrame]]:
        return [(name, getattr(self._detection.findings, name)) for name in SHAPES]

    @cached_property
    def _marked(self) -> dict[str, dict[str, list[int]]]:
        return {name: _by_mark(frame) for name, frame in self._frames}

    @cached_property
    def _boxed(self) -> dict[str, Mapping[int, Iterable[int]]]:
        return {
            name: frame.groupby("mailbox_id").indices
            for name, frame in self._frames
            if "mailbox_id" in frame
        }

    def of(self, mark: Mark, boxes: Iterable[int]) -> Findings:
        """What was found of one story. boxes: the ids of its mailboxes."""
        if not mark.text:
            return asked(self._detection)
        found, mine = self._detection.findings, set(boxes)
        parts: dict[str, object] = {}
        for name, frame in self._frames:
            places = set(self._marked[name].get(mark.text, ()))
            if name in self._boxed:
                places.update(*(self._boxed[name].get(box, ()) for box in mine))
            else:
                places.update(self._marked[name].get("", ()))
            parts[name] = frame.take(sorted(places)).reset_index(drop=True)
        seen = tuple(one for one in found.coverage if one.mailbox_id in mine)
        return replace(found, coverage=seen, **parts)  # type: ignore[arg-type]


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
