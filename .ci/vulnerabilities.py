"""Is a known hole in one of the locked dependencies? Asks the open advisory database, OSV.

Usage: python .ci/vulnerabilities.py requirements.lock... Exit code 1 where one is known; 0 where
none is, and where nobody could be asked: that is said, and is no reason to stop a change.
Only names and versions from the lock files are sent.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

SOURCE = os.environ.get("OSV_URL", "https://api.osv.dev/v1/querybatch")
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
_AT_ONCE = 500
_PATIENCE = 15.0


def pinned(text: str) -> list[tuple[str, str]]:
    """(name, version) of each pinned line of a lock file, each once, in order."""
    found = (_PINNED.match(line) for line in text.splitlines())
    return list(dict.fromkeys((one[1].lower(), one[2]) for one in found if one))


def known(packages: list[tuple[str, str]]) -> list[str]:
    """`name version: ids` of each package with an advisory. Raises OSError, ValueError."""
    holes = []
    for start in range(0, len(packages), _AT_ONCE):
        part = packages[start : start + _AT_ONCE]
        asked = [
            {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
            for name, version in part
        ]
        request = urllib.request.Request(  # noqa: S310 - the address is ours
            SOURCE,
            data=json.dumps({"queries": asked}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
            results = json.load(answer)["results"]
        for (name, version), result in zip(part, results, strict=True):
            ids = [str(one["id"]) for one in result.get("vulns", ())]
            if ids:
                holes.append(f"{name} {version}: {', '.join(ids)}")
    return holes


def _say(line: str) -> None:
    sys.stdout.write(f"vulnerabilities: {line}\n")


def main(files: list[str]) -> int:
    """Print what is known; the exit code."""
    packages = list(dict.fromkeys(one for file in files for one in pinned(Path(file).read_text())))
    if not packages:
        _say(f"no pinned package in {', '.join(files)}")
        return 1
    try:
        holes = known(packages)
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = getattr(error, "reason", None) or type(error).__name__
        _say(f"skipped, the advisory source cannot be asked ({why})")
        return 0
    for hole in holes:
        _say(f"{hole}")
    _say(f"{len(packages)} packages looked up, {len(holes)} with a known hole")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
