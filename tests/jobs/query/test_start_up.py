"""Do the commands that one types by hand answer at once, without what only a report needs?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.providers.house import House, house_with_google, moved_into

#: What only judging facts, drawing, or asking a provider needs.
HEAVY = (
    "pandas", "numpy", "pyarrow", "scipy", "matplotlib", "alembic", "google.auth", "msal",
    "cryptography", "requests", "urllib3", "structlog", "rich.console", "psycopg", "http.server",
    "sqlalchemy.dialects.postgresql", "connectors.sync", "jinja2", "babel", "keyring",
)  # fmt: skip
_PROBE = f"""
HEAVY = {HEAVY!r}
import json, sys
from jobs import cli
try:
    cli.main(sys.argv[1:])
except SystemExit as ended:
    code = ended.code
loaded = [name for name in HEAVY if name in sys.modules]
# What this program took: getrusage would count the process that it was forked from.
(most,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps([code, loaded, int(most.split()[1]) / 1024]))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Kate's house after a sync and a look at the questions."""
    with pytest.MonkeyPatch.context() as patch:
        with house_with_google(tmp_path_factory.mktemp("built"), patch) as made:
            assert made.type("sync").code == 0
            assert made.type("questions").code == 0
            yield made


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "status --format json",
        "questions",
        "call omar@client.example spoke",
        "tag omar@client.example warm",
        "promise omar@client.example deposit --by 2026-12-01",
        "answer 000000 them",
        "schedule --print cron",
        "--help",
    ],
)
def test_a_command_by_hand_loads_nothing_that_only_a_report_needs(
    built: House, command: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *command.split()],
        env={"PATH": "/usr/bin:/bin", **built.variables()},
        capture_output=True,
        text=True,
        check=False,
    )
    code, loaded, megabytes = json.loads(done.stdout.splitlines()[-1])
    assert loaded == []
    assert megabytes <= 80
    assert code in (0, 2, None), done.stderr


def test_the_kept_questions_are_those_that_are_found_and_hold_until_something_happens(
    built: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with moved_into(built, tmp_path, monkeypatch) as house:
        found = house.type("questions").out
        with house.store() as store:
            assert store.question_list.read() is not None
        assert house.type("questions").out == found
        assert house.type("call", "omar@client.example", "spoke").code == 0
        with house.store() as store:
            assert store.question_list.read() is None
        assert house.type("questions").out == found
        assert house.type("forget", "omar@client.example", "--yes").code in (0, 3)
        with house.store() as store:
            assert store.question_list.read() is None
        house.now = house._now() + timedelta(days=8)
        assert house.type("questions").code == 3, "nothing was read for days"
