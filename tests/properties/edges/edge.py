"""What is an edge: facts on both sides of one threshold, and what is said on each?

An `Edge` names a field of config.policy.Policy. `tell(x, policy)` builds the facts for a quantity `x`
(a count, a length) and returns what detection says of them. At `below` and `above`, the two nearest
values on both sides of the default threshold, it says two different things; and with the field
alone set to `moved`, the facts of `other` cross over. So it is this field that decides, and
nothing that happens to lie nearby.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from config.policy import Policy

Tell = Callable[[Any, Policy], str]
F = TypeVar("F", bound=Tell)


@dataclass(frozen=True)
class Edge:
    """`base`: what else differs from the default, so that no other threshold decides first."""

    name: str
    tell: Tell
    below: Any
    above: Any
    says: tuple[str, str]
    #: Which side crosses over with the moved threshold: "below" or "above".
    crosses: str
    moved: float
    base: Mapping[str, float] = field(default_factory=dict)

    def policy(self, moved: bool = False) -> Policy:
        return Policy(**{**self.base, **({self.name: self.moved} if moved else {})})


def edge(
    edges: dict[str, Edge],
    *,
    below: Any,
    above: Any,
    says: tuple[str, str],
    moved: float,
    crosses: str = "above",
    **base: float,
) -> Callable[[F], F]:
    """Enter the decorated function, named like its field, into the table of edges."""

    def enter(tell: F) -> F:
        assert crosses in ("below", "above")
        assert tell.__name__ not in edges, f"{tell.__name__} has two entries"
        edges[tell.__name__] = Edge(tell.__name__, tell, below, above, says, crosses, moved, base)
        return tell

    return enter
