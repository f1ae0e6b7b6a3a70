"""Does the wheel run when it is installed alone, wherever the person stands?"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("config", "connectors", "jobs", "reports")

# One worker builds for all of them.
pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("wheel")]


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    run(*build, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@dataclass(frozen=True)
class Installed:
    noshow: Path
    env: dict[str, str]
    folder: Path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel with its locked dependencies, and nothing else, in a fresh environment.

    And a folder to stand in that holds a foreign `config` and `jobs`: importing either ends the run.
    """
    home = tmp_path_factory.mktemp("home")
    # The installer keeps the person's settings and cache; noshow gets an empty home.
    venv = home / "venv"
    run(sys.executable, "-m", "venv", venv, cwd=home)
    pip = (venv / "bin" / "python", "-m", "pip", "install", "--quiet")
    run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=home)
    run(*pip, "--no-deps", wheel, cwd=home)
    run(venv / "bin" / "python", "-m", "pip", "check", cwd=home)

    folder = tmp_path_factory.mktemp("foreign")
    for name in ("config", "jobs"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("raise SystemExit('a foreign package ran')\n")
    kept = {"PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"}
    env = {name: value for name, value in os.environ.items() if name in kept}
    env |= {"HOME": str(home), "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1"}
    return Installed(venv / "bin" / "noshow", env, folder)


def test_the_wheel_holds_our_four_packages_with_their_data_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        (info,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
        metadata = archive.read(f"{info}/METADATA").decode()
    assert {name.split("/")[0] for name in names} == {*ROOMS, info}
    on_disk = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if not name.startswith(info)} == on_disk
    assert "Classifier: Private :: Do Not Upload" in metadata


def test_the_wheel_alone_shows_its_help(installed: Installed) -> None:
    shown = run(installed.noshow, "--help", cwd=installed.folder, env=installed.env)
    assert "Usage" in shown


def test_the_wheel_alone_runs_the_demo_beside_foreign_packages(installed: Installed) -> None:
    said = run(installed.noshow, "demo", "--check", cwd=installed.folder, env=installed.env)
    assert "30 of 30 planted contacts as they should be" in said
    (pasted,) = (line.strip() for line in said.splitlines() if line.endswith(" contact omar"))
    shown = run("/bin/sh", "-c", pasted, cwd=installed.folder, env=installed.env)
    assert shown.startswith("Omar Haddad <omar@client.example>")
