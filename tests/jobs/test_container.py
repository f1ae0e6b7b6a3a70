"""Does the container file install what is locked, run as nobody special, and write only into its volume?"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

from tests.support.providers.house import NOSHOW, House

ROOT = Path(__file__).parents[2]
LINES = re.sub(r"\\\n\s*", "", (ROOT / "Containerfile").read_text("utf-8")).splitlines()


def said(word: str) -> list[str]:
    return [line.split(" ", 1)[1] for line in LINES if line.startswith(f"{word} ")]


def test_it_installs_the_locked_versions_and_every_package_of_ours() -> None:
    assert any("--require-hashes -r requirements.lock" in line for line in said("RUN"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    copied = {word for line in said("COPY") for word in line.split()[:-1]}
    assert packages <= copied
    for name in copied - {"--from=made", "/opt/noshow"}:
        assert (ROOT / name).exists(), name


def test_it_is_nobody_special_and_keeps_all_in_one_volume() -> None:
    (home,) = re.findall(r"NOSHOW_HOME=(\S+)", " ".join(said("ENV")))
    assert said("VOLUME") == [home]
    assert said("USER") == ["noshow"]
    assert json.loads(said("ENTRYPOINT")[0]) == ["/opt/noshow/bin/noshow"]
    shown = (ROOT / "docs" / "operations.md").read_text("utf-8")
    runs = re.findall(r"^\$ podman run .*$", shown, re.MULTILINE)
    assert runs
    assert all(f"--read-only --tmpfs /tmp -v noshow:{home} " in line for line in runs)


def test_nothing_is_written_outside_of_its_home(house: House, tmp_path: Path) -> None:
    """Everything else is a folder without the right to write, as a read-only root is."""
    house.settings()
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o500)
    env = house.variables() | {
        "HOME": str(shut),
        "PATH": "/usr/bin:/bin",
        "MPLCONFIGDIR": str(tmp_path / "tmp"),  # as the file says
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for words in (("status",), ("run-due",)):
        subprocess.run([NOSHOW, *words], env=env, cwd=shut, capture_output=True, check=False)
    assert list(shut.iterdir()) == []
    assert (house.home / "state" / "noshow.db").exists()
