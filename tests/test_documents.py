"""Do the documents say what is there: cited facts, words, rules and their homes?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_repository import ROOT, tracked_files

DOCS = ROOT / "docs"
PAGES = (
    "CONTRIBUTING.md",
    "tests/README.md",
    "tests/stories/README.md",
    "docs/architecture.md",
    "docs/glossary.md",
    "docs/rule-index.md",
)
_FOLDED = re.compile(r"\s*\n\s*(?:#:?\s*)?")
_NUMBER = r"\d+(?:\.\d+)?"
_CITED = re.compile(
    rf"(?:facts/|\b)((?:google|microsoft|detection)\.md|rules\.md),?"
    rf"(?: (?:section )?§?({_NUMBER}(?:(?:, | and | to )§?{_NUMBER})*))?"
)
_PAGE = re.compile(r"\b(?:facts|docs)/[\w./-]*\w\.md|\bdocs/decisions/\d{4}")
_SHOWN = re.compile(r"`((?:config|connectors|docs|jobs|reports|tests)/[\w./-]*|[\w-]+\.md)`")


def citations(text: str) -> Iterator[tuple[str, list[str]]]:
    """Which fact sheets does a comment cite, and which of their sections?"""
    for page, sections in _CITED.findall(_FOLDED.sub(" ", text)):
        yield page, re.findall(_NUMBER, sections)


def sections_of(page: Path) -> set[str]:
    return set(re.findall(rf"^#{{2,3}} ({_NUMBER})[. ]", page.read_text("utf-8"), re.MULTILINE))


def sheet(page: str) -> Path:
    return DOCS / page if page == "rules.md" else DOCS / "facts" / page


def unfounded(text: str) -> list[str]:
    """The cited pages that are not there, and the sections that they do not have."""
    wrong = []
    for page, sections in citations(text):
        known = sections_of(sheet(page))
        wrong += [f"{page} {number}" for number in sections if number not in known]
    for cited in _PAGE.findall(_FOLDED.sub(" ", text)):
        path = DOCS / cited if cited.startswith("facts/") else ROOT / cited
        if not path.exists() and not list(path.parent.glob(f"{path.name}-*.md")):
            wrong.append(cited)
    return wrong


def test_every_cited_fact_rule_and_decision_exists() -> None:
    # The sheets cite others' pages; two modules hold wrong citations on purpose.
    aside = {Path(__file__).resolve(), ROOT / "tests" / "test_repository.py"}
    texts = {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for path in tracked_files()
        if path.suffix in {".py", ".toml", ".md"}
        and path not in aside
        and path.parent != DOCS / "facts"
    }
    assert {path: found for path, text in texts.items() if (found := unfounded(text))} == {}
    assert sum(len(sections) for text in texts.values() for _, sections in citations(text)) > 100


@pytest.mark.parametrize(
    "text",
    [
        "# facts/google.md 2.9",
        "(facts/google.md\n#: 1.1, 12 and 2.2)",
        "detection.md §99",
        "rules.md section 40",
        "facts/yahoo.md",
        "docs/decisions/9999",
    ],
)
def test_a_citation_of_what_is_not_there_would_be_found(text: str) -> None:
    assert len(unfounded(text)) == 1


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_page_names_exists(name: str) -> None:
    page = ROOT / name
    text = page.read_text("utf-8")
    links = [
        one for one in re.findall(r"\]\(([^)#]+)", text) if "://" not in one and one != "mailto:"
    ]
    assert [one for one in links if not (page.parent / one).exists()] == []
    missing = [
        one
        for one in _SHOWN.findall(text)
        if not any(
            folder.joinpath(one).exists() or (one.endswith("…") or "*" in one)
            for folder in (ROOT, page.parent, DOCS)
        )
    ]
    assert missing == []


def rows(name: str) -> list[list[str]]:
    lines = (DOCS / name).read_text("utf-8").splitlines()
    table = [line for line in lines if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_every_word_is_in_the_glossary_once_and_in_order() -> None:
    words = [row[0].strip("*") for row in rows("glossary.md")]
    assert words == sorted(set(words))
    assert {"poll", "snapshot", "mail index", "dated act", "answer", "slot", "claim"} <= set(words)


def test_every_rule_has_a_module_that_names_it_and_a_story_that_tells_it() -> None:
    text = (DOCS / "rules.md").read_text("utf-8")
    ids = set(re.findall(r"(?:\*\*|\()([A-Z]\d\d?\+?)(?:\*\*|\))", text))
    index = rows("rule-index.md")
    assert sorted(row[0] for row in index) == sorted(ids)
    for rule, _, module, file in index:
        code = (ROOT / module.strip("`")).read_text("utf-8")
        assert re.search(rf"(?<![A-Za-z0-9]){re.escape(rule)}(?![A-Za-z0-9+])", code, re.I), (
            f"{module} does not name {rule}"
        )
        stories = tomllib.loads((ROOT / file.strip("`")).read_text("utf-8"))
        assert any(rule in story.get("rules", ()) for story in stories.values()), (
            f"{file} has no story of {rule}"
        )


def promised() -> list[str]:
    """The tests that docs/reliability.md names, `path::name`."""
    return re.findall(
        r"`(tests/[\w/]+\.py::test_\w+)`", (DOCS / "reliability.md").read_text("utf-8")
    )


def test_every_test_that_shows_a_promise_exists() -> None:
    missing = []
    for one in promised():
        path, _, name = one.partition("::")
        file = ROOT / path
        if not file.exists() or f"def {name}(" not in file.read_text("utf-8"):
            missing.append(one)
    assert missing == []
    assert len(set(promised())) > 25
