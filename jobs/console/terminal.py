"""What may reach a terminal? Everything that noshow prints passes here, and loses what could lie.

Titles, names and file names are written by strangers. An escape sequence among them moves the
cursor, renames the window or hides lines; a mark of direction or a character without width makes
one address look like another. `guarded` puts a filter before standard output and error, `line`
writes a line through it, and `console` gives the consoles of rich the same one, since their own
escape sequences must pass. rich is loaded for bars alone: what is typed by hand answers at once.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

#: Control characters but tab and line end; soft hyphens, joiners, marks and overrides of
#: direction, invisible operators, the byte order mark, notes and tags.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_BREAKS = re.compile("[\u2028\u2029]")
#: What a file name of no known encoding becomes; no terminal takes it.
_HALVES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without control, direction and zero-width characters; tabs and line ends stay."""
    if text.isascii() and text.isprintable():
        return text
    return _HALVES.sub("\ufffd", _BREAKS.sub(" ", _HARMFUL.sub("", text)))


class _Guarded:
    """A text stream whose writes are cleaned; all else is the stream's own.

    rich looks for `rich_proxied_file` and writes its escape sequences there.
    """

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        self.rich_proxied_file.write(clean(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        self.rich_proxied_file.writelines(clean(line) for line in lines)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


def opened() -> None:
    """Put nothing in the place of each standard stream that was closed before noshow began (`>&-`).

    Python has None there; and the next file that is opened, the store perhaps, would take its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - stays


@contextmanager
def guarded() -> Iterator[None]:
    """For the block, all that is written to standard output and error is cleaned."""
    before = sys.stdout, sys.stderr
    for stream in before:
        # A terminal or a file of another encoding gets a "?" for what it cannot show, and no
        # line is lost to it. (In the C locale Python lets through what was no text, and fails
        # at all else.)
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="replace")
    sys.stdout, sys.stderr = (cast("TextIO", _Guarded(stream)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def line(text: str, *, stderr: bool = False, bold: bool = False) -> None:
    """One line (or several), cleaned, to standard output or error as it is now.

    `bold`: where somebody reads along on a terminal that can.
    """
    stream = sys.stderr if stderr else sys.stdout
    cleaned = clean(text)
    if (
        bold
        and stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    ):
        # Past the guard, which would take our own sequence for a stranger's.
        stream = getattr(stream, "rich_proxied_file", stream)
        cleaned = f"\x1b[1m{cleaned}\x1b[0m"
    stream.write(f"{cleaned}\n")
    stream.flush()


def console(*, stderr: bool = False) -> Console:
    """A console of rich over standard output or error as they are at each moment of printing.

    It prints plain lines: no markup, no colours by guess, cleaned.
    """
    from rich.console import Console
    from rich.text import Text

    class Plain(Console):
        def print(self, *objects: Any, **options: Any) -> None:
            # A bar's console is handed what others write meanwhile, as Text.
            plain = (one.plain if isinstance(one, Text) else one for one in objects)
            cleaned = (clean(one) if isinstance(one, str) else one for one in plain)
            super().print(*cleaned, **{"highlight": False, "markup": False, **options})

    return Plain(stderr=stderr)
