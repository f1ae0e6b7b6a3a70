"""What does `doctor` say of one thing: is it as it must be, and what is to be done?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """`warn`: it works, and will not for ever or not as well as it could; `fail`: it does not."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One line. `do` is what to type or to change; "" where nothing is to be done."""

    about: str
    state: State
    said: str
    do: str = ""

    @property
    def line(self) -> str:
        """For people; what it is about is left out where the sentence begins with it."""
        named = f"{self.about}: {self.said}" if self.about else self.said
        return f"{self.state:<5} {named}{f' -> {self.do}' if self.do else ''}"

    def tree(self) -> dict[str, Any]:
        return asdict(self)


def ok(about: str, said: str) -> Check:
    return Check(about, State.OK, said)


def warn(about: str, said: str, do: str = "") -> Check:
    return Check(about, State.WARN, said, do)


def fail(about: str, said: str, do: str = "") -> Check:
    return Check(about, State.FAIL, said, do)


def parted(text: str, about: str, state: State) -> Check:
    """A sentence of another module, `what is wrong -> what to do`, as a check."""
    said, _, do = text.partition(" -> ")
    return Check(about, state, said, do)


def lines(checks: Iterable[Check], *states: State) -> tuple[str, ...]:
    return tuple(one.line for one in checks if one.state in states)
