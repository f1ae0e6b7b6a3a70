"""Do two checkouts find, say and export the same? Writes what one of them does, in a canonical form.

    python -m tests.support.proof.same_findings --checkout . --out now
    python -m tests.support.proof.same_findings --checkout ../before --out before
    diff -r before now

A checkout is asked through its own command line, in its own `.venv`, so that one from before a
change of names answers too. Left out is what differs between any two runs: ids that the store gives,
row numbers, and the order of rows that have none.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

#: The store's ids of claims: six of Crockford's letters, mostly with a digit among them.
_ID = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{6}\b")
#: Row numbers of the store, as `evidence` and the keys of these names bear them.
_ROW = re.compile(r"\b([omc])\d+\b")
_NUMBERS = ("message_id", "mailbox_id", "promise_id", "conversation")
#: When the demonstration's second report is made.
_DEMO_NOW = "2026-11-30T06:00:00+00:00"
_BENCH = """
import json, sys
from pathlib import Path
from tests.bench import detection_bench as bench, detection_world as world
path = bench.store_of(float(sys.argv[1]), Path(sys.argv[2]))
boxes = [world.ours(number) for number in range(1, world.MAILBOXES + 1)]
print(json.dumps({"store": str(path), "boxes": boxes, "as_of": world.AS_OF.isoformat()}))
"""


def canonical(text: str) -> str:
    """A report's text without the ids of its claims."""
    return _ID.sub("ID", text)


def canonical_tree(tree: dict[str, Any]) -> dict[str, Any]:
    """An export without row numbers and the run's own second, each list in an order of its own."""
    plain = {name: _rows(rows) for name, rows in tree.items()}
    return plain | {"as_of": str(tree["as_of"])[:16]}


def _rows(rows: Any) -> Any:
    if not isinstance(rows, list):
        return rows
    plain = [_row(row) if isinstance(row, dict) else canonical(str(row)) for row in rows]
    return sorted(plain, key=lambda one: json.dumps(one, sort_keys=True))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in _NUMBERS}
    if "evidence" in kept:
        kept["evidence"] = _ROW.sub(r"\1", str(kept["evidence"]))
    return kept


def _run(checkout: Path, *command: str, **environment: str) -> str:
    """What the checkout's own program prints. Raises CalledProcessError where it fails."""
    program, *rest = command
    # the checkout's own tree comes first, whatever is installed
    asked = subprocess.run(
        [str(checkout / ".venv" / "bin" / program), *rest],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout)} | environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return asked.stdout


def _export(checkout: Path, home: Path, now: str, out: Path) -> None:
    told = _run(
        checkout, "noshow", "export", "--format", "json", NOSHOW_HOME=str(home), NOSHOW_NOW=now
    )
    tree = canonical_tree(json.loads(told))
    out.write_text(json.dumps(tree, indent=1, sort_keys=True) + "\n", "utf-8")


def demo(checkout: Path, provider: str, scratch: Path, out: Path) -> None:
    """The demonstration's reports (text part) and its export."""
    home = scratch / provider
    _run(checkout, "noshow", "demo", "--provider", provider, "--folder", str(home))
    for report in sorted((home / "reports").glob("*.txt")):
        (out / f"{provider}-{report.name}").write_text(
            canonical(report.read_text("utf-8")), "utf-8"
        )
    _export(checkout, home, _DEMO_NOW, out / f"{provider}-export.json")


def bench(checkout: Path, scale: float, scratch: Path, out: Path) -> None:
    """The export of the bench's made-up store, `scale` of its full size."""
    told = json.loads(_run(checkout, "python", "-c", _BENCH, str(scale), str(scratch)))
    home = scratch / "bench"
    (home / "state").mkdir(parents=True)
    Path(told["store"]).rename(home / "state" / "noshow.db")
    lines = ['zone = "Europe/Berlin"', "[own]", 'domains = ["ours.example"]', 'countries = ["DE"]']
    for box in told["boxes"]:
        lines += ["[[mailbox]]", f'address = "{box}"', 'provider = "google"']
    (home / "noshow.toml").write_text("\n".join(lines) + "\n", "utf-8")
    _export(checkout, home, told["as_of"], out / "bench-export.json")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--checkout", type=Path, default=Path(), help="which one; has a .venv")
    parser.add_argument("--out", type=Path, required=True, help="a folder for what it says")
    parser.add_argument("--scale", type=float, default=0.01, help="share of the bench's size")
    parser.add_argument("--providers", default="google microsoft", help="of the demonstration")
    chosen = parser.parse_args(arguments)
    checkout = chosen.checkout.resolve()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        bench(checkout, chosen.scale, Path(scratch), chosen.out)
        for provider in chosen.providers.split():
            demo(checkout, provider, Path(scratch), chosen.out)
    for path in sorted(chosen.out.iterdir()):
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
