"""Which parts of the facts does each root of contacts need, to be judged as if it saw all of them?

A *thing* is what is never cut (a conversation, or series that belong together); a thing is needed by
the groups of whom it tells, and by those that are judged by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reports.columns.instants import Flags, Ints
from reports.detect.shards.groups import Roots, pairs


@dataclass(frozen=True)
class Reach:
    """`thing[i]` is needed by the group `group[i]`; `of_row`: the thing of each row (-1: of none)."""

    of_row: Ints
    thing: Ints
    group: Ints
    size: int

    @classmethod
    def of(cls, of_row: Ints, row: Ints, group: Ints) -> Reach:
        """row, group: which rows tell of which group; a group below 0 is nobody."""
        known = (group >= 0) & (of_row[row] >= 0)
        thing, told = pairs(of_row[row[known]], group[known])
        return cls(of_row, thing, told, int(of_row.max(initial=-1)) + 1)

    def needed(self, roots: Roots, chosen: Flags) -> Flags:
        """The things that the chosen roots need; shape (size,)."""
        found = np.zeros(self.size, dtype=bool)
        found[self.thing[chosen[roots.root[self.group]]]] = True
        return found

    def groups_of(self, things: Flags, roots: Roots) -> Flags:
        """The groups of whom these things tell; shape (groups,)."""
        found = np.zeros(len(roots.root), dtype=bool)
        found[self.group[things[self.thing]]] = True
        return found

    def rows(self, things: Flags) -> Flags:
        """The rows of these things; shape (len(of_row),)."""
        return np.append(things, False)[self.of_row]
