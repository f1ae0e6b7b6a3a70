"""Does the repository keep its own promises? (docs/decisions/0001 and the locks.)"""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
ROOMS = ("config", "connectors", "jobs", "reports")


def foreign_owners(installed: Iterable[Distribution]) -> set[tuple[str, str]]:
    """Which distributions that are not ours bring a top-level name of ours?"""
    owners = set()
    for distribution in installed:
        if canonicalize_name(distribution.name) == "noshow":
            continue
        declared = (distribution.read_text("top_level.txt") or "").split()
        brought = {Path(file.parts[0]).name.split(".")[0] for file in distribution.files or ()}
        for room in {*declared, *brought} & set(ROOMS):
            owners.add((distribution.name, room))
    return owners


def test_nobody_else_owns_a_top_level_name_of_ours() -> None:
    assert foreign_owners(distributions()) == set()


@pytest.mark.parametrize("file", ["config/__init__.py", "config.py"])
def test_a_foreign_owner_would_be_found(tmp_path: Path, file: str) -> None:
    info = tmp_path / "intruder-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: intruder\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{file},,\nintruder-1.0.dist-info/METADATA,,\n")
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    assert foreign_owners(distributions(path=[str(tmp_path)])) == {("intruder", "config")}


def test_package_inits_are_empty_and_no_room_can_be_run_as_a_module() -> None:
    inits = [path for room in ROOMS for path in (ROOT / room).rglob("__init__.py")]
    assert len(inits) >= len(ROOMS)
    assert [str(path.relative_to(ROOT)) for path in inits if path.read_text().strip()] == []
    assert [path for room in ROOMS for path in (ROOT / room).rglob("__main__.py")] == []


# Split, so that this file does not contain what it looks for.
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.",
    "deb.deb" + "ian.org",
    "conda.an" + "aconda",
]
UNWANTED = re.compile(
    "|".join(re.escape(host) for host in HOSTS)
    # a home or a workspace of one machine
    + r"|(?<![\w./~$}>-])/(?:work|root|home/(?!you\b)[a-z]\w*|Users/(?!you\b)\w+)/"
)  # fmt: skip


def tracked_files() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout
        top = subprocess.run(
            ["git", "rev-parse", "--show-toplevel"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("not in a git checkout: what is tracked cannot be told")
    if Path(top).resolve() != ROOT.resolve():
        pytest.skip("inside another project's checkout")
    return [path for path in (ROOT / name for name in listed.split("\0") if name) if path.is_file()]


def unwanted_in(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        found = UNWANTED.search(line)
        if found or str(ROOT) in line:
            yield f"{number}: {found.group() if found else ROOT}"


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{where}"
        for path in tracked_files()
        for where in unwanted_in(path.read_text(errors="replace"))
    ]
    assert found == []


def test_a_registry_or_a_folder_of_one_machine_would_be_found() -> None:
    lines = [
        "--index-url https://" + HOSTS[0] + "/simple",
        "cd " + "/".join(["", "home", "dana", "noshow"]),
        "-e file://x (from " + "/".join(["", "root", "noshow)"]),
        "ExecStart=/home/you/noshow/.venv/bin/noshow",
        "see docs/work/plan.md and $HOME/work/x",
    ]
    found = list(unwanted_in("\n".join(lines)))
    assert [where.split(":")[0] for where in found] == ["1", "2", "3"]


def test_the_tools_own_lock_is_not_tracked() -> None:
    assert [path.name for path in tracked_files() if path.name == "uv" + ".lock"] == []


def pinned(name: str) -> dict[str, str]:
    """Which version has each distribution in a lock? Every one must have a hash."""
    versions = {}
    entries = re.split(r"\n(?=[a-z0-9])", "\n" + (ROOT / name).read_text())[1:]
    for entry in entries:
        head = re.match(r"([a-z0-9][a-z0-9._-]*)==([^ ;\\\n]+)", entry)
        assert head, f"{name}: not a pinned version: {entry.splitlines()[0]}"
        assert "--hash=sha256:" in entry, f"{name}: {head[1]} has no hash"
        versions[canonicalize_name(head[1])] = head[2]
    return versions


def test_the_locks_are_pinned_agree_and_answer_pyproject() -> None:
    runtime, dev = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert {name: dev.get(name) for name in runtime} == runtime

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    wanted = [(text, runtime) for text in project["project"]["dependencies"]]
    wanted += [(text, dev) for extra in extras.values() for text in extra]
    wanted += [(text, dev) for text in project["dependency-groups"]["dev"]]
    stale = []
    for text, lock in wanted:
        requirement = Requirement(text)
        version = lock.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            stale.append(f"{text}: locked {version}; run make lock")
    assert stale == []


def uncalled(folder: Path, rooms: Iterable[Path]) -> set[str]:
    """`Class.method` of each public method below a folder whose name nothing in the rooms asks for."""
    asked = {
        node.attr
        for room in rooms
        for path in room.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
    }
    return {
        f"{made.name}.{one.name}"
        for path in folder.rglob("*.py")
        for made in ast.parse(path.read_text("utf-8")).body
        if isinstance(made, ast.ClassDef)
        for one in made.body
        if isinstance(one, ast.FunctionDef)
        and not one.name.startswith("_")
        and one.name not in asked
    }


def test_every_public_method_of_the_store_has_a_caller_outside_the_tests() -> None:
    assert uncalled(ROOT / "connectors" / "store", [ROOT / room for room in ROOMS]) == set()


def test_a_method_that_nobody_calls_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text(
        "class Part:\n    def used(self): ...\n    def forgotten(self): ...\n\n\nPart().used()\n"
    )
    assert uncalled(tmp_path, [tmp_path]) == {"Part.forgotten"}
