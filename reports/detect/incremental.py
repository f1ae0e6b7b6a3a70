"""How is a step of detection computed once, and again only where something that it read has changed?

While a step runs it is noted which other steps it asks, and which limits it reads. Under other
limits it is taken over if none that it read has changed and every step that it asked says the same.
A step that was computed anew and says the same as before passes for unchanged, so that what only
follows from it is taken over as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Generic, Self, TypeVar, cast, overload

import numpy as np
import pandas as pd

from config.policy import Policy
from reports.detect.setting import Setting

Found = TypeVar("Found")


@dataclass(frozen=True)
class Reads:
    """What one step read: limits by name, and other steps in the order in which it asked them."""

    limits: set[str] = field(default_factory=set)
    steps: dict[str, None] = field(default_factory=dict)


class _Watched:
    """A policy that notes which of its limits the running step reads."""

    def __init__(self, policy: Policy, running: list[Reads]) -> None:
        self._policy, self._running = policy, running

    def __getattr__(self, name: str) -> Any:
        if self._running:
            # Whatever is no single limit may read them all.
            every = Policy.model_fields
            self._running[-1].limits.update((name,) if name in every else every)
        return getattr(self._policy, name)


class Steps:
    """What has steps, over one setting; with `before` the same under other limits."""

    #: What holds for all steps.
    setting: Setting

    def __init__(
        self,
        setting: Setting,
        before: Steps | None = None,
        surveyed: Mapping[str, Any] | None = None,
    ) -> None:
        """surveyed: what some steps say, by their names: they are not computed here."""
        self.surveyed = dict(surveyed or {})
        self._kept: dict[str, Any] = dict(self.surveyed)
        self._reads: dict[str, Reads] = {}
        self._running: list[Reads] = []
        self._before = before
        self._changed: frozenset[str] = frozenset()
        if before is not None:
            old, new = before.setting.policy, setting.policy
            self._changed = frozenset(
                one for one in Policy.model_fields if getattr(old, one) != getattr(new, one)
            )
        watched = cast("Policy", _Watched(setting.policy, self._running))
        self.setting = replace(setting, policy=watched)

    @property
    def kept(self) -> Mapping[str, Any]:
        """What was found up to now, by the names of the steps."""
        return self._kept


class step(Generic[Found]):  # noqa: N801 - a decorator, as cached_property is
    """A method that is computed when it is first asked for, and kept."""

    def __init__(self, compute: Callable[[Any], Found]) -> None:
        self.compute, self.name, self.__doc__ = compute, compute.__name__, compute.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...

    @overload
    def __get__(self, owner: Steps, kind: type) -> Found: ...

    def __get__(self, owner: Steps | None, kind: type) -> Self | Found:
        if owner is None:
            return self
        if owner._running:
            owner._running[-1].steps[self.name] = None
        if self.name not in owner._kept:
            self._find(owner)
        found: Found = owner._kept[self.name]
        return found

    def _find(self, owner: Steps) -> None:
        """Take over what was found before, or compute it."""
        before, reads = owner._before, Reads()
        owner._running.append(reads)
        try:
            if before is not None and self._still_holds(owner, before):
                owner._kept[self.name] = before._kept[self.name]
                owner._reads[self.name] = before._reads[self.name]
                return
            reads.steps.clear()
            found = self.compute(owner)
        finally:
            owner._running.pop()
        if before is not None and same(found, before._kept[self.name]):
            found = before._kept[self.name]
        owner._kept[self.name], owner._reads[self.name] = found, reads

    def _still_holds(self, owner: Steps, before: Steps) -> bool:
        """Was nothing that this step read before changed by the other limits?"""
        getattr(before, self.name)  # computed once, for both
        read = before._reads[self.name]
        return not read.limits & owner._changed and all(
            getattr(owner, one) is before._kept[one] for one in read.steps
        )


def same(one: Any, other: Any) -> bool:
    """Do both say the same? In doubt not: then what follows is computed anew, and is right too."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, pd.DataFrame | pd.Series | pd.Index):
        return bool(one.equals(other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if is_dataclass(one):
        return all(same(getattr(one, part.name), getattr(other, part.name)) for part in fields(one))
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return isinstance(one, str | int | float | frozenset | pd.Timestamp) and bool(one == other)
