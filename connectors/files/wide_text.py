"""How is a mailbox or mail read that a shell or an editor wrote in UTF-16?

PowerShell does so whenever files are joined with `>`. The other readers of files know UTF-16 themselves.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable
from typing import IO

_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
#: A separator, or the first field of a mail.
_BEGINS = re.compile(rb"[\r\n]*(?:From |>From |[!-9;-~]{1,70}[ \t]*:)")
_BLOCK = 1 << 16


def encoding(head: bytes) -> str:
    """Of a file that begins like mail in UTF-16 which of the two it is; "" for any other."""
    named = next((one for mark, one in _MARKS if head.startswith(mark)), "")
    guessed = "utf-16-le" if head[1:2] == b"\0" else "utf-16-be" if head[:1] == b"\0" else ""
    found = named or guessed
    return found if found and _BEGINS.match(as_bytes(head[:400], found)) else ""


def as_bytes(data: bytes, name: str) -> bytes:
    """The text in UTF-8, without the mark of its encoding."""
    return data.decode(name, "replace").removeprefix("\ufeff").encode("utf-8", "replace")


def opened(open_it: Callable[[], IO[bytes]], name: str) -> IO[bytes]:
    """The file as a stream in UTF-8."""
    return io.BufferedReader(_Narrow(open_it(), name), _BLOCK)


class _Narrow(io.RawIOBase):
    def __init__(self, inner: IO[bytes], name: str) -> None:
        super().__init__()
        self._inner = inner
        self._decoder = codecs.getincrementaldecoder(name)("replace")
        self._made = b""
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._made:
            block = self._inner.read(_BLOCK)
            text = self._decoder.decode(block, final=not block)
            if not self._begun:
                text, self._begun = text.removeprefix("\ufeff"), bool(text)
            self._made = text.encode("utf-8", "replace")
            if not block:
                break
        count = min(len(buffer), len(self._made))
        buffer[:count], self._made = self._made[:count], self._made[count:]
        return count

    def close(self) -> None:
        self._inner.close()
        super().close()
