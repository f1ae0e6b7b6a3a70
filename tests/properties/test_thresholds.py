"""Does every threshold of the policy decide exactly where it says, and nothing else in its place?"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from config.policy import Policy
from tests.properties.edges import mail as edges_mail
from tests.properties.edges import meetings as edges_meetings
from tests.properties.edges import report as edges_report
from tests.properties.edges.edge import Edge

EDGES: dict[str, Edge] = {
    **edges_meetings.EDGES,
    **edges_mail.EDGES,
    **edges_report.EDGES,
}


def uncovered(fields: Iterable[str]) -> set[str]:
    """Which fields have no edge, and which edges no field?"""
    return set(fields) ^ set(EDGES)


def test_every_field_of_the_policy_has_an_edge() -> None:
    assert uncovered(Policy.model_fields) == set()


def test_a_new_field_without_an_edge_would_be_found() -> None:
    class Wider(Policy):
        invented_days: int = 3

    assert "invented_days" in uncovered(Wider.model_fields)


#: Every run tells a fourth of the edges; the long tests tell them all.
_SHORT = sorted(EDGES)[::4]
_TOLD = [
    name if name in _SHORT else pytest.param(name, marks=pytest.mark.proof)
    for name in sorted(EDGES)
]


@pytest.mark.parametrize("name", _TOLD)
def test_both_sides_of_the_edge_differ(name: str) -> None:
    edge = EDGES[name]
    assert edge.says[0] != edge.says[1]
    policy = edge.policy()
    assert (edge.tell(edge.below, policy), edge.tell(edge.above, policy)) == edge.says


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(EDGES))
def test_the_field_alone_moves_its_edge(name: str) -> None:
    edge = EDGES[name]
    below, above = edge.says
    moved = edge.policy(moved=True)
    assert getattr(moved, name) != getattr(edge.policy(), name)
    if edge.crosses == "above":
        assert edge.tell(edge.above, moved) == below
    else:
        assert edge.tell(edge.below, moved) == above
