"""Who is judged with whom? Contacts by organisation, at a freemail service each alone.

A colleague may answer for another (rules.md sections 1 and 5), so an organisation is never cut. Where one
act of the user speaks of several organisations at once, they are one root: judged together as well.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reports.columns.instants import Flags, Ints
from reports.columns.text import Distinct, arrow, distinct


def components(left: Ints, right: Ints, size: int) -> Ints:
    """The number of the component of each of `size` nodes, by pairs that belong together."""
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    found: Ints = label.astype("int64")
    return found


def pairs(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """The pairs of two numbers (none negative), each once."""
    wide = int(right.max(initial=0)) + 1
    once = pd.unique(left * wide + right)
    return once // wide, once % wide


def _hashed(name: str, number: int) -> int:
    return zlib.crc32(name.encode()) % number


@dataclass(frozen=True)
class Groups:
    """The groups of all contacts that a fact names.

    `contacts`: each once; `group`: aligned, the number of their group; `names`: of each group. The
    last group is nobody's: what no contact is in, but must be judged somewhere.
    """

    contacts: pa.Array
    group: Ints
    names: tuple[str, ...]

    @classmethod
    def of(cls, people: pd.DataFrame) -> Groups:
        """people: by PEOPLE, each contact once."""
        by = people["organisation"].where(people["organisation"] != "", people["contact"])
        code, names = pd.factorize(by)
        return cls(
            arrow(people["contact"]), code.astype("int64"), (*(str(one) for one in names), "")
        )

    @property
    def nobody(self) -> int:
        return len(self.names) - 1

    def of_texts(self, texts: pa.Array) -> Ints:
        """The group of each of these contacts; -1 where no fact names them."""
        place = pc.index_in(texts, value_set=self.contacts).fill_null(-1).to_numpy()
        found: Ints = np.append(self.group, -1)[place.astype("int64")]
        return found

    def of_rows(self, contacts: Distinct) -> Ints:
        """The group of each row's contact; -1 for none."""
        found = self.of_texts(contacts.texts)
        return found[contacts.codes] if len(found) else contacts.codes


@dataclass(frozen=True)
class Roots:
    """Groups that are judged together are one root. `root`: of each group, `names`: of each root."""

    groups: Groups
    root: Ints
    names: tuple[str, ...]

    @classmethod
    def of(cls, groups: Groups, left: Ints, right: Ints) -> Roots:
        """left, right: pairs of groups that are judged together."""
        root = components(left, right, len(groups.names))
        first = pd.Series(groups.names).groupby(root).min()
        return cls(groups, root, tuple(first))

    def shards(self, number: int) -> Ints:
        """The shard of each root, of so many; the same for the same facts, whoever asks."""
        return np.array([_hashed(name, number) for name in self.names], dtype="int64")

    def owners(self, contacts: pd.Series, number: int) -> Ints:
        """The shard of each contact; whom only an answer still names is nobody's."""
        group = self.groups.of_rows(distinct(contacts))
        group = np.where(group < 0, self.groups.nobody, group)
        found: Ints = self.shards(number)[self.root[group]]
        return found

    def of_shard(self, shard: int, number: int) -> Flags:
        """Which roots are of this shard? Shape (len(names),)."""
        mine: Flags = self.shards(number) == shard
        return mine
