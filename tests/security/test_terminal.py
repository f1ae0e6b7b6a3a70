"""Does what a stranger wrote reach the terminal without what could hide or forge lines there?"""

from __future__ import annotations

import ast
import csv
import io
import logging
import os
import shlex
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from jobs.console import terminal
from jobs.console.logs import start_log
from jobs.query.tables import Format, columns, show
from tests.support.facts.files import ME, calendar, event, guest, organizer
from tests.support.machine.terminal import Terminal
from tests.support.providers.house import NOSHOW, House

ROOT = Path(__file__).parent.parent.parent
#: Clears the screen, renames the window, turns the direction, hides a letter.
EVIL = "A\x1b[2J\x1b]0;owned\x07B\u202etxt\u202c\u200bC\x9b31mD\u2066E\ufeff"
NICE = "Größe 東京 👍 שלום مرحبا"


def harmless(text: str) -> bool:
    return all(
        unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or one in "\n\t"
        for one in text
    )


def test_what_could_lie_is_cut_and_what_people_write_stays() -> None:
    assert harmless(terminal.clean(EVIL))
    assert terminal.clean(NICE) == NICE
    assert terminal.clean("two\nlines\tand a tab") == "two\nlines\tand a tab"
    assert terminal.clean("a\u2028b\udcff") == "a b\ufffd"
    assert all(
        terminal.clean(chr(code)) != chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.bidirectional(chr(code))
        in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    )


def test_all_that_is_written_inside_the_guard_is_cleaned(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with terminal.guarded():
        sys.stdout.write(EVIL)
        sys.stderr.writelines([EVIL])
        terminal.console().print(EVIL)
        terminal.console(stderr=True).print(Text(EVIL))
        start_log()
        logging.getLogger("noshow").warning("%s", EVIL)
    shown = capsys.readouterr()
    assert harmless(shown.out)
    assert harmless(shown.err)
    assert "B" in shown.out
    assert "B" in shown.err


def test_rich_may_still_colour_and_move_its_own_bars() -> None:
    screen = io.StringIO()
    before, sys.stdout = sys.stdout, screen
    try:
        with terminal.guarded():
            console = Console(force_terminal=True, color_system="standard", _environ={})
            console.print("own", style="bold red")
    finally:
        sys.stdout = before
    assert "\x1b[" in screen.getvalue()


def test_no_other_place_writes_to_a_terminal() -> None:
    """`print` and consoles of their own would pass the guard's filter for lines by."""
    found = []
    for room in ("config", "connectors", "reports", "jobs"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    if node.func.id in ("print", "Console"):
                        found.append((str(path.relative_to(ROOT)), node.func.id))
                if isinstance(node, ast.Attribute) and node.attr in ("__stdout__", "__stderr__"):
                    found.append((str(path.relative_to(ROOT)), node.attr))
    assert found == []


def test_titles_and_file_names_of_an_import_cannot_write_on_the_screen(house: House) -> None:
    import_me(house)
    for words in (
        ("import", str(house.home.parent / "evil"), "--me", ME),
        ("next",),
        ("questions",),
        ("contact", "dana@client.example"),
        ("report", "--to", "stdout", "--dry-run"),
        ("export", "--format", "json"),
        ("contact", "dana@client.example", "--format", "csv"),
    ):
        typed = house.type(*words)
        assert "a bug" not in typed.said, typed.said
        assert harmless(typed.said), (words, typed.said)


def test_the_names_are_harmless_at_a_real_terminal_too(house: House) -> None:
    import_me(house)
    seen = Terminal(house, "import", str(house.home.parent / "evil"), "--me", ME)
    seen.until("no calendar in it")
    seen.end()
    assert "\x1b]0;" not in seen.shown
    assert "\x1b[2J" not in seen.shown
    assert "\u202e" not in seen.shown


def import_me(house: House) -> None:
    """A folder with a calendar full of control characters, under such a name."""
    folder = house.home.parent / "evil"
    folder.mkdir(parents=True)
    title = EVIL.replace("\x07", "")
    held = calendar(
        event(
            f"SUMMARY:{title}",
            organizer(ME),
            guest("dana@client.example", "ACCEPTED", CN='"' + title + '"'),
            start="20261125T090000Z",
        )
    )
    (folder / "fine.ics").write_bytes(held)
    (folder / f"{title.replace('/', '')}.ics").write_bytes(b"BEGIN:NOTHING\r\n")


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        " =1+1",
        "﹦1",
        "⁼1",
        '"=1+1',
        "\u3000@SUM(1)",
        "\u061c\u2060=1",
        "\u00a0=1",
        "\t=1",
        "\n@SUM(1)",
        "\u200b+1",
        "-cmd",
        "＝1+1",
        "\ufeff=1",
    ],
)
def test_no_cell_of_a_csv_is_a_formula(cell: str) -> None:
    text = show({"a": "a"}, [(cell,)], Format.CSV)
    _, (shown,) = csv.reader(io.StringIO(text))
    assert shown.startswith("'")


@pytest.mark.parametrize("separator", [";", "\t", "|", "; ", "\r\n", ';"', "; '"])
@pytest.mark.parametrize("sign", "=+-@＝﹫")
def test_no_part_of_a_cell_becomes_a_formula_where_another_separator_is_read(
    separator: str, sign: str
) -> None:
    (_, (shown,)) = csv.reader(
        io.StringIO(show(("a",), [(f"Talk{separator}{sign}1+1",)], Format.CSV))
    )
    assert f"'{sign}" in shown
    assert separator + sign not in shown


def test_numbers_and_plain_words_of_a_csv_stay_as_they_are() -> None:
    text = show(columns("a", "b", "c"), [(-3, "two words", "a=b")], Format.CSV)
    assert text.splitlines()[1] == "-3,two words,a=b"


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_what_an_output_cannot_show_becomes_a_mark_and_no_line_is_lost(errors: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors=errors)
    before = sys.stdout
    sys.stdout = stream
    try:
        with terminal.guarded():
            terminal.line("Zo\u00eb \U0001f600 \udcff")
    finally:
        sys.stdout = before
    assert raw.getvalue() == b"Zo? ? ?\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", [("status",), ("forget", "omar@client.example")])
def test_a_stream_that_is_closed_is_no_bug(
    kates: House, words: tuple[str, ...], closed: str
) -> None:
    line = f"exec {shlex.quote(str(NOSHOW))} {shlex.join(words)} {closed}"
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        env={**os.environ, **kates.variables()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == (4 if words == ("status",) else 130), done.stderr
    assert "a bug" not in done.stderr


def test_a_reader_that_has_gone_is_no_bug(kates: House) -> None:
    kates.type("sync")
    process = kates.start("contacts")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0, said
    assert said == ""
