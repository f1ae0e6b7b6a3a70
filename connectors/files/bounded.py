"""How is a stream of a stranger's archive read, so that it can neither lie nor grow without end?"""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from typing import IO

#: All that reading a damaged or strange archive is known to raise (bz2 and gzip raise OSError).
DAMAGED = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
)


class Refused(OSError):
    """A file, or a member of an archive, that is not read any further, with the reason."""


def why(error: BaseException) -> str:
    """What happened to a file, in words that quote nothing of it."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, EOFError):
        return "it ends too early"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"damaged, or of an unknown kind ({type(error).__name__})"


class Bounded(io.RawIOBase):
    """A stream that is refused, for `reason`, where it yields more than `limit` bytes.

    `under`: the stream that `inner` unpacks, which is closed with it.
    """

    def __init__(
        self,
        inner: IO[bytes] | io.BufferedIOBase,
        limit: int,
        reason: str,
        under: IO[bytes] | None = None,
    ) -> None:
        super().__init__()
        self._inner = inner
        self._under = under
        self._limit = limit
        self._reason = reason
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._inner.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = self._inner.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._inner.read(len(buffer))
        self._at += len(data)
        if self._at > self._limit:
            raise Refused(self._reason)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        if self._under is not None:
            self._under.close()
        super().close()
