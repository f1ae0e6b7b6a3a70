"""Do the scripts of proof see a difference, and only a true one?"""

from __future__ import annotations

import ast

import pytest

from tests.support.proof.mutate import ROOT, SUITES, Mutant, chosen, mutants, places
from tests.support.proof.same_findings import canonical, canonical_tree

CODE = '''
def late(notice: float, answers: list[bool]) -> bool:
    """Größe: a letter of two bytes before what is changed."""
    ärger = True
    return notice < 24.0 and not any(answers) and (notice + 1 == 2 or ärger)


def nothing() -> None:
    return None
'''


def test_each_change_is_one_change_and_still_a_program() -> None:
    found = list(mutants("late.py", CODE))
    texts = [one.applied(CODE) for one in found]
    assert len(set(texts)) == len(found)
    assert CODE not in texts
    for text in texts:
        ast.parse(text)
    changes = {(one.before, one.after) for one in found}
    assert {("<", "<="), ("==", "!="), ("+", "-"), ("True", "False"), ("24.0", "25.0")} <= changes
    assert ("not ", "") in changes


def test_a_seed_chooses_the_same_changes_again_one_a_line() -> None:
    first = chosen(20, 7)
    assert first == chosen(20, 7)
    assert first != chosen(20, 8)
    assert len({(one.path, one.line) for one in first}) == 20


def test_the_tests_of_the_changed_folder_are_asked_first() -> None:
    one = Mutant("reports/detect/silence/asks.py", 1, 0, 1, "<", "<=")
    assert places(one, SUITES, ROOT)[0] == "tests/reports/detect/silence"
    top = Mutant("reports/detect/pipeline.py", 1, 0, 1, "<", "<=")
    assert places(top, SUITES, ROOT) == [suite for suite in SUITES if suite != "near"]


def test_ids_and_row_numbers_are_no_difference() -> None:
    assert canonical("noshow 7Q3F2K them") == canonical("noshow FPZBFP them")
    one = {"as_of": "2026-11-30T06:00:00.1+00:00", "asks": [{"message_id": 1, "evidence": "m1 o2"}]}
    two = {"as_of": "2026-11-30T06:00:00.7+00:00", "asks": [{"message_id": 5, "evidence": "m5 o9"}]}
    assert canonical_tree(one) == canonical_tree(two)


@pytest.mark.parametrize("changed", [{"k": 2}, {"contact": "nora@partner.example"}, {"tier": ""}])
def test_what_is_said_of_somebody_is_a_difference(changed: dict[str, object]) -> None:
    row = {"contact": "dana@client.example", "k": 1, "tier": "talk"}
    tree = {"as_of": "2026-11-30T06:00", "standings": [row]}
    other = {"as_of": "2026-11-30T06:00", "standings": [row | changed]}
    assert canonical_tree(tree) != canonical_tree(other)
