"""What do `contact`, `answer` and `forget` cost where a million mails are stored?

Each runs as a process of its own, as it is typed, over the made-up store of the bench of detection; the
processor's time of the whole process counts, from the interpreter's start on. `answer` and `forget` write: they are
asked of a copy. The contacts are spread over all that there are; those *of many* stand in the most mails.
`--scale 0.1` is a quick run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from connectors.store.claims import Claim
from connectors.store.store import Store
from tests.bench import detection_world as world
from tests.bench.detection_bench import CACHE, MESSAGES, print_scaled, store_of
from tests.bench.run import Row
from tests.bench.start_up_bench import NOSHOW, measured

#: Each of them may take so long [s of the processor].
GOAL = 1.5
CONTACTS, FORGOTTEN, ANSWERS = 5, 3, 3


def home(store: Path, folder: Path) -> tuple[dict[str, str], list[str]]:
    """An installation over a copy of this store: its environment, and ids that can be answered."""
    state = folder / "state"
    state.mkdir(parents=True)
    shutil.copy(store, state / "noshow.db")
    boxes = [world.ours(number) for number in range(1, world.MAILBOXES + 1)]
    named = "\n".join(f'[[mailbox]]\naddress = "{one}"\nprovider = "google"' for one in boxes)
    settings = f'zone = "Europe/Berlin"\n[own]\ndomains = ["ours.example"]\n{named}\n'
    (folder / "noshow.toml").write_text(settings)
    with Store.open(f"sqlite:///{state / 'noshow.db'}") as opened:
        claims = [
            Claim("silence", world.person(one), "", f"<{one}@ours.example>")
            for one in range(ANSWERS + 1)
        ]
        ids = list(opened.claims.ids(1, claims))
    environ = {
        **os.environ,
        "NOSHOW_HOME": str(folder),
        "NOSHOW_NOW": world.AS_OF.isoformat(),
        # As where it is installed: modules are compiled once.
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return environ, ids


def people(mails: int, number: int, first: int = 0) -> list[str]:
    """So many contacts of a store of so many mails, from all over it."""
    every = max(60, mails // 50)
    chosen = range(first, every, max(1, every // number))
    return [world.person(one) for one in list(chosen)[:number]]


def taken(commands: Sequence[Sequence[str]], environ: dict[str, str]) -> tuple[list[float], float]:
    """Seconds of the processor of each command, and the most memory [MB]."""
    found = [measured([str(NOSHOW), *words], environ) for words in commands]
    if failed := [code for _, _, code in found if code]:
        raise RuntimeError(f"noshow {commands[0][0]} ended with {failed[0]}")
    return [one[0] for one in found], max(one[1] for one in found)


def run(scale: float = 1.0, folder: Path = CACHE) -> list[Row]:
    """Two rows a command: the mean and the most seconds."""
    store = store_of(scale, folder)
    mails = int(MESSAGES * scale)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as below:
        environ, ids = home(store, Path(below) / "home")
        commands = {
            "contact": [["contact", one] for one in people(mails, CONTACTS + 1)],
            # Those of low numbers are met by nearly all sellers, and stand in very many mails.
            "contact, of many": [["contact", one] for one in people(mails, 500)[:3]],
            "answer": [["answer", one, "reached"] for one in ids],
            "forget": [["forget", one, "--yes"] for one in people(mails, FORGOTTEN + 1, first=2)],
        }
        for name, (first, *each) in commands.items():
            taken([first], environ)  # compiles what it needs
            seconds, most = taken(each, environ)
            rows += [
                (f"noshow {name}", fmean(seconds), "s", f"mean of {len(each)}; {most:,.0f} MB"),
                ("  the dearest", max(seconds), "s", f"{max(seconds) / GOAL:.2f} x of the goal"),
            ]
    return rows


def main(arguments: list[str] | None = None) -> None:
    print_scaled(run, __doc__, arguments)


if __name__ == "__main__":
    main()
