"""Does noshow run when it is installed alone, from the wheel or a clone, wherever the person stands?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("config", "connectors", "jobs", "reports")

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
BEGIN:VEVENT
UID:one@calendar.example
DTSTAMP:20260901T080000Z
DTSTART:20260903T080000Z
DTEND:20260903T090000Z
SUMMARY:Review
ORGANIZER:mailto:you@ourco.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:dana@client.example
END:VEVENT
END:VCALENDAR
"""

# One worker builds for all of them.
pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("wheel")]


def run(
    *command: str | Path,
    cwd: Path,
    env: dict[str, str] | None = None,
    codes: tuple[int, ...] = (0,),
) -> str:
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
    assert done.returncode in codes, (
        f"{command} ended with {done.returncode}:\n{done.stdout[-4000:]}"
    )
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


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone, or a copy of what is packaged where there is no git."""
    folder = tmp_path_factory.mktemp("clone") / "noshow"
    if shutil.which("git") and (ROOT / ".git").exists():
        run("git", "clone", "--quiet", ROOT, folder, cwd=folder.parent)
        return folder
    folder.mkdir()
    for name in (*ROOMS, "pyproject.toml", "README.md", "LICENSE"):
        source = ROOT / name
        copied = shutil.copytree if source.is_dir() else shutil.copy
        copied(source, folder / name)
    return folder


@pytest.fixture(scope="module")
def pipx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pipx, from the index into an environment of its own."""
    venv = tmp_path_factory.mktemp("pipx") / "venv"
    run(sys.executable, "-m", "venv", venv, cwd=venv.parent)
    asked = (venv / "bin" / "python", "-m", "pip", "install", "--quiet", "pipx")
    got = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=900)
    if got.returncode:
        pytest.skip(f"no index to take pipx from: {got.stderr.strip().splitlines()[-1:]}")
    return venv / "bin" / "pipx"


@pytest.fixture(scope="module")
def uv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """uv of the development lock, where it reaches an index."""
    found = Path(sys.executable).with_name("uv")
    if not found.exists():
        pytest.skip("uv is not installed")
    asked = (found, "pip", "compile", "--quiet", "--no-header", "-")
    got = subprocess.run(
        asked,
        input="hatchling",
        cwd=tmp_path_factory.mktemp("uv"),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if got.returncode:
        pytest.skip(f"uv reaches no index: {got.stderr.strip().splitlines()[-1:]}")
    return found


@pytest.mark.parametrize("source", ["clone", "wheel"])
@pytest.mark.parametrize("tool", ["pipx", "uv"])
def test_a_tool_installs_it_into_an_empty_account(
    request: pytest.FixtureRequest, tmp_path: Path, tool: str, source: str
) -> None:
    program, what = request.getfixturevalue(tool), request.getfixturevalue(source)
    home = tmp_path / "home"
    home.mkdir()
    kept = {"PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH"}
    # How this machine reaches an index is the machine's matter, not the account's.
    env = {
        name: value
        for name, value in os.environ.items()
        if name in kept or name.startswith(("PIP_", "UV_", "SSL_", "HTTP", "http"))
    }
    env |= {
        "HOME": str(home),
        "PIPX_HOME": str(home / "pipx"),
        "PIPX_BIN_DIR": str(home / "bin"),
        "UV_TOOL_DIR": str(home / "uv"),
        "UV_TOOL_BIN_DIR": str(home / "bin"),
        "UV_CACHE_DIR": str(home / "cache"),
    }
    words = ("install", "--python", sys.executable, str(what))
    run(program, *(words if tool == "pipx" else ("tool", *words)), cwd=home, env=env)
    noshow = home / "bin" / "noshow"
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(home)}
    assert run(noshow, "--version", cwd=home, env=bare).startswith("noshow ")
    said = run(
        noshow, "init", "--address", "you@ourco.example", "--provider", "files", cwd=home, env=bare
    )
    assert str(home) in said
    (home / "a.ics").write_text(CALENDAR.replace("\n", "\r\n"))
    run(noshow, "import", "a.ics", "--me", "you@ourco.example", cwd=home, env=bare)
    # One meeting is far from all that a report wants to know: it says so, and ends with 3.
    shown = run(noshow, "report", "--to", "stdout", "--dry-run", cwd=home, env=bare, codes=(0, 3))
    assert "Repeat no-show report" in shown
