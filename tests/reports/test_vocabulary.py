"""Is each word of the findings written as a member of its enumeration, and nowhere as a loose text?"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from reports import vocabulary
from reports.claims import FITTING
from reports.detect.outcomes import questions
from reports.vocabulary import ClaimKind, Grade, Origin, Outcome, Rule, Step, Tier, Word

ROOT = Path(__file__).parents[2]
ROOMS = ("reports", "jobs")
#: By the name of what holds it: a column, an attribute, a variable or an argument.
HOLDERS: Mapping[str, type[StrEnum]] = {
    "outcome": Outcome,
    "origin": Origin,
    "grade": Grade,
    "rule": Rule,
    "rules": Rule,
    "question": Rule,
    "tier": Tier,
    "step": Step,
    "word": Word,
}
#: Words of one kind, and no name of anything else.
DISTINCT: Mapping[str, type[StrEnum]] = {
    one: kind
    for kind, words in (
        (Outcome, (Outcome.CANCELLED_LATE, Outcome.MOVED_LATE, Outcome.CHANGED_EARLY)),
        (Grade, tuple(Grade)),
        (Tier, (Tier.TALK, Tier.PAUSE)),
        (Step, tuple(Step)),
        (Rule, tuple(one for one in Rule if one != Rule.UNKNOWN)),
    )
    for one in words
}
#: Words that show, among nothing but words of the kind, what is listed.
TELLING = {*DISTINCT, Outcome.ATTENDED, Word.HELD, Word.REACHED, Word.WRONG, ClaimKind.INCIDENT}
KINDS = (Outcome, Origin, Grade, Rule, Tier, Step, Word, ClaimKind)


class Loose(ast.NodeVisitor):
    """The words of one module that are written as a text: (node, member)."""

    def __init__(self) -> None:
        self.found: dict[ast.Constant, StrEnum] = {}

    def note(self, value: ast.AST | None, kind: type[StrEnum] | None) -> None:
        """All words of this kind that may be the value."""
        if kind is None or value is None:
            return
        if isinstance(value, ast.Constant) and value.value in {*kind}:
            self.found[value] = kind(value.value)
        elif isinstance(value, ast.Tuple | ast.List | ast.Set):
            for one in value.elts:
                self.note(one, kind)
        elif isinstance(value, ast.IfExp):
            self.note(value.body, kind)
            self.note(value.orelse, kind)
        elif isinstance(value, ast.BoolOp):
            for one in value.values:
                self.note(one, kind)
        elif isinstance(value, ast.Call):
            for one in (*value.args, *(word.value for word in value.keywords)):
                self.note(one, kind)

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for one in sides:
            for other in sides:
                self.note(other, holder(one))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("isin", "eq", "ne", "where"):
            for one in node.args:
                self.note(one, holder(node.func.value))
        if getattr(node.func, "attr", "") == "among" and node.args:
            self.note(node.args[-1], holder(node.args[0]))
        if ast.unparse(node.func) == "Claim" and len(node.args) > 1:
            self.note(node.args[1], ClaimKind)
        for word in node.keywords:
            self.note(word.value, HOLDERS.get(word.arg or ""))
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._assigned(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._assigned(node.target, node.value)
        self.generic_visit(node)

    def _assigned(self, target: ast.expr, value: ast.expr | None) -> None:
        names = several(target)
        if names and isinstance(value, ast.Tuple | ast.List) and len(names) == len(value.elts):
            for name, one in zip(names, value.elts, strict=True):
                self.note(one, HOLDERS.get(name))
        elif names and isinstance(value, ast.IfExp):
            self._assigned(target, value.body)
            self._assigned(target, value.orelse)
        else:
            self.note(value, holder(target))

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                self.note(value, HOLDERS.get(key.value))
        self._listed([one for one in node.keys if one is not None])
        self._listed(node.values)
        self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        self._listed(node.elts)
        self.generic_visit(node)

    def visit_List(self, node: ast.List) -> None:
        self._listed(node.elts)
        self.generic_visit(node)

    def visit_Set(self, node: ast.Set) -> None:
        self._listed(node.elts)
        self.generic_visit(node)

    def _listed(self, listed: list[ast.expr]) -> None:
        """Words of one kind beside one another, of which one at least tells which kind."""
        texts = [one for one in listed if isinstance(one, ast.Constant) and one.value]
        members = [one for one in listed if isinstance(one, ast.Attribute)]
        for kind in KINDS:
            if not all(one.value in set(kind) for one in texts):
                continue
            named = any(ast.unparse(one.value) == kind.__name__ for one in members)
            if named or (len(texts) > 1 and any(one.value in TELLING for one in texts)):
                for one in texts:
                    self.note(one, kind)
                return

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and node.value in DISTINCT and node not in self.found:
            self.found[node] = DISTINCT[node.value](node.value)


def name_of(one: ast.expr) -> str:
    """`outcome` of `slots["outcome"]`, `slots.loc[late, "outcome"]`, `slot.outcome`, `str(outcome)`."""
    if isinstance(one, ast.Subscript):
        last = one.slice.elts[-1] if isinstance(one.slice, ast.Tuple) else one.slice
        if isinstance(last, ast.Constant) and isinstance(last.value, str):
            return last.value
        return name_of(one.value) if not isinstance(last, ast.Constant | ast.List) else ""
    if isinstance(one, ast.Attribute):
        return one.attr
    if isinstance(one, ast.Name):
        return one.id
    if isinstance(one, ast.Call):
        if isinstance(one.func, ast.Attribute):
            return name_of(one.func.value)
        return name_of(one.args[0]) if one.args else ""
    return ""


def holder(one: ast.expr) -> type[StrEnum] | None:
    if isinstance(one, ast.Attribute) and one.attr == "kind" and name_of(one.value) == "claim":
        return ClaimKind
    return HOLDERS.get(name_of(one))


def several(target: ast.expr) -> list[str]:
    """The names that one assignment gives at once."""
    if isinstance(target, ast.Tuple):
        return [name_of(one) for one in target.elts]
    if isinstance(target, ast.Subscript):
        last = target.slice.elts[-1] if isinstance(target.slice, ast.Tuple) else target.slice
        if isinstance(last, ast.List):
            return [str(getattr(one, "value", "")) for one in last.elts]
    return []


def loose(source: str) -> Iterator[tuple[ast.Constant, StrEnum]]:
    found = Loose()
    found.visit(ast.parse(source))
    yield from found.found.items()


MODULES = [
    path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if path != Path(vocabulary.__file__)
]


def test_no_word_of_a_finding_is_written_as_a_loose_text() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {member!r}"
        for path in MODULES
        for node, member in loose(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "written",
    [
        'slots["outcome"] == "kept"',
        'slots.loc[late, "origin"] = "them"',
        'slots.loc[late, ["outcome", "rule"]] = ["absent", "M7"]',
        'slot.outcome, slot.grade = "unknown", "likely"',
        'late = slots["outcome"].isin(("cancelled_late", "absent"))',
        'tier = "dead" if person.dead else ""',
        'Slot(outcome="kept")',
        '{"tier": "cold"}',
        'str(row.word) in ("held", "us")',
        'LATE = ("moved_late",)',
        'CAME = ("kept", Outcome.ATTENDED)',
        'CAME = {"kept": 1, "attended": 2}',
        'one.claim.kind == "kept"',
        'Claim(7, "owed", contact, "", key)',
    ],
)
def test_a_loose_text_would_be_found(written: str) -> None:
    assert list(loose(written))


@pytest.mark.parametrize(
    "written",
    [
        'slots["unknown"]',
        'call.outcome == "spoke"',
        'acts["kind"] == "kept"',
        '{"excused": 1}',
        'records[["attended", "sent"]]',
    ],
)
def test_other_texts_are_left_alone(written: str) -> None:
    assert not list(loose(written))


def test_what_can_be_answered_is_what_can_be_claimed() -> None:
    assert set(FITTING) == set(ClaimKind)
    assert {word for words in FITTING.values() for word in words} == set(Word) - {Word.UNDO}
    assert {one for one in ClaimKind if one in set(Rule)} == set(questions.KINDS)
