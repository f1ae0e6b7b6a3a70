"""Is everything that the README shows true: its commands, keys, links, pictures and promises?"""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import matplotlib.image
import pytest
import typer.main

from config.loading import example, parse
from jobs.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")),
)
#: What a mail to oneself or a mark says, and no command: an id or two and a word, a wish.
_WRITTEN = re.compile(r"noshow (?:[0-9A-HJKMNP-TV-Z]{6} |stop$|start$|absent$)")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Each noshow command in code, in blocks and between backticks, without placeholders."""
    shown = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S)
        for line in block.splitlines()
    ]
    shown += re.findall(r"`((?:\.venv/bin/)?noshow [^`]+)`", text)
    typed = [one.removeprefix(".venv/bin/").strip() for one in shown]
    return [one for one in typed if one.startswith("noshow ") and not _WRITTEN.match(one)]


def understood(command: str) -> None:
    """Parse it as the command line would, without running anything. Raises click's usage errors."""
    _, name, *words = shlex.split(command)
    group = typer.main.get_command(app)
    if name.startswith("--"):
        group.make_context("noshow", [name], resilient_parsing=True)
        return
    found = group.commands.get(name)  # type: ignore[attr-defined]
    assert found is not None, f"there is no command {name}"
    found.make_context(name, words)


@pytest.mark.parametrize("command", sorted(set(commands(README))))
def test_every_command_of_the_readme_exists_with_these_words(command: str) -> None:
    understood(command)


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.startswith("docs/")])
def test_every_command_of_the_documents_exists_with_these_words(name: str) -> None:
    for command in commands((ROOT / name).read_text("utf-8")):
        # A sentence may speak of a command by its name alone.
        if len(command.split()) > 2:
            understood(command)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("noshow explode", "no command explode"),
        ("noshow report --weak 3", "weak"),
        ("noshow answer 7Q3F2K", "(?i)word"),
    ],
)
def test_a_command_that_does_not_exist_would_be_found(wrong: str, said: str) -> None:
    with pytest.raises(Exception, match=said):
        understood(wrong)


def test_the_changelog_names_only_commands_that_exist() -> None:
    group = typer.main.get_command(app)
    known = set(group.commands)  # type: ignore[attr-defined]
    named = {
        one.split()[1] for name in DOCUMENTS for one in commands((ROOT / name).read_text("utf-8"))
    }
    assert {one for one in named if not one.startswith("-")} - known == set()


@pytest.mark.parametrize("block", blocks("toml"))
def test_every_key_of_the_readme_is_one_of_the_settings(block: str) -> None:
    tree = tomllib.loads(block)
    # What a block leaves out is as in the file that `noshow init` writes.
    whole = tomllib.loads(example()) | tree
    if "smtp" in str(tree.get("report", "")):
        assert "smtp" in tree
    parse(whole)
    text = example()
    for table, keys in tree.items():
        assert f"[{table}]" in text
        for key in keys[0] if isinstance(keys, list) else keys:
            assert re.search(rf"^(# )?{key} = ", text, re.MULTILINE), f"{table}.{key}"


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"\bmake (\w+)", README))
    assert {"demo", "test"} <= targets
    assert [one for one in targets if not re.search(rf"^{one}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("name", [*DOCUMENTS, "docs/decisions/README.md", "docs/rules.md"])
def test_every_link_to_a_file_leads_to_one(name: str) -> None:
    page = ROOT / name
    text = page.read_text("utf-8")
    links = re.findall(r"\]\(([^)#]+)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    inside = [one for one in links if "://" not in one and not one.startswith("mailto:")]
    assert [one for one in inside if not (page.parent / one).exists()] == []


def test_every_decision_is_listed_once_with_its_title() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(
        r"^\| \[(\d{4})\]\((\S+)\) \| (.+) \|$", (folder / "README.md").read_text(), re.M
    )
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name for _, name, _ in listed] == pages
    for number, name, title in listed:
        head = (folder / name).read_text("utf-8").splitlines()[0]
        assert head.startswith(f"# {number}: ")
        assert name.startswith(number)
        assert title


@pytest.mark.parametrize("name", ["report.png", "report-dark.png", "report-mobile.png"])
def test_the_pictures_are_small_and_show_a_whole_screen(name: str) -> None:
    path = ROOT / "docs" / name
    assert path.stat().st_size < 400_000
    height, width, *_ = matplotlib.image.imread(path).shape
    assert 380 <= width <= 1200
    assert height > width


def test_the_first_screen_shows_the_two_commands_and_how_long_it_takes() -> None:
    first = README[: README.index("## ")]
    assert "under 15 minutes" in first
    assert "\nmake demo\n" in first
    assert "\n.venv/bin/noshow init --guided\n" in first
    assert "docs/report.png" in first
    assert len(first.splitlines()) < 45
