"""Which function called which, how often, and for which first argument?"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any


@dataclass
class Calls:
    """Calls by the code of caller and called; `of` also by the identity of the first argument."""

    pairs: Counter[tuple[CodeType, CodeType]] = field(default_factory=Counter)
    of: Counter[tuple[CodeType, int]] = field(default_factory=Counter)
    #: Kept, so that no other gets their identity.
    first_arguments: list[Any] = field(default_factory=list)

    def times(self, code: CodeType) -> int:
        return sum(times for (_, called), times in self.pairs.items() if called is code)


def calls_of(run: Callable[[], Any], watched: Callable[[CodeType], bool]) -> Calls:
    """What of the watched functions this run called, in this thread."""
    found = Calls()
    known: dict[CodeType, bool] = {}

    def noted(frame: FrameType, event: str, _: object) -> None:
        code, caller = frame.f_code, frame.f_back
        if event != "call" or caller is None:
            return
        if code not in known:
            known[code] = watched(code)
        if known[code]:
            found.pairs[caller.f_code, code] += 1
            if code.co_argcount:
                first = frame.f_locals[code.co_varnames[0]]
                found.first_arguments.append(first)
                found.of[code, id(first)] += 1

    sys.setprofile(noted)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found
