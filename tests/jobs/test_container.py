"""Does the container file install what is locked, run as nobody special, and write only into its volume?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

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


#: In a mount namespace of its own: all is read-only but the first argument; 99 where that cannot be.
SHUT = r"""
mount --make-rprivate / && mount --bind "$1" "$1" || exit 99
for place in $(awk '{print $5}' /proc/self/mountinfo); do
    case "$place" in "$1"|/proc*|/sys*|/dev|/dev/pts|/dev/mqueue) ;;
    *) mount -o remount,bind,ro "$place" 2>/dev/null ;; esac
done
touch "$2/written" 2>/dev/null && exit 99
shift 2
exec "$@"
"""


def test_with_a_read_only_root_everything_is_kept_in_the_volume(
    house: House, tmp_path: Path
) -> None:
    house.settings()
    (house.home / "tmp").mkdir()
    beside = tmp_path / "beside"
    beside.mkdir()
    alone = ["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-m", "sh", "-c", SHUT, "sh"]
    env = house.variables() | {
        "HOME": "/nonexistent",
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "MPLCONFIGDIR": str(house.home / "tmp"),  # /tmp there
        "TMPDIR": str(house.home / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # Nobody has logged in: a report says so, and is written.
    codes = {"status": 4, "run-due": 3, f"backup {house.home}/copy.db": 0, "doctor": 3}
    for words, code in codes.items():
        done = subprocess.run(
            [*alone, house.home, beside, NOSHOW, *words.split()],
            env=env, cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 99 or "unshare failed" in done.stderr:
            pytest.skip("this machine lets nobody shut a root")
        assert done.returncode == code, done.stderr
        assert "Read-only" not in done.stderr
    assert list(beside.iterdir()) == []
    assert list(house.reports.glob("*.html"))
    assert (house.home / "copy.db").exists()


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
