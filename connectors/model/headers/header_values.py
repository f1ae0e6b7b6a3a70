"""What does the value of a mail header say as text, however broken it is?

Pure and total: every function gives its best answer and none raises. Shared by all sources, so
that the same mail read through an API and from a file becomes the same record. RFC 2047.
"""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header

_UNFIT = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u202a-\\u202e\\u2066-\\u2069]")
#: Of a text in encoded words; 998 characters in any script fit. What reads them is not linear.
_LONGEST_ENCODED = 8_000


def unfolded(value: str) -> str:
    """One line, runs of white space as one space (RFC 5322 2.2.3)."""
    return " ".join(value.split())


def plain(text: str) -> str:
    """The text without what no store takes or what would mislead a reader.

    Cut are control characters (line ends too), halves of surrogate pairs, and marks that turn the
    direction of writing.
    """
    return _UNFIT.sub("", text)


def in_seven_bits(value: bytes) -> str:
    """Text in ISO-2022-JP written raw, without encoded words, as some phones still do."""
    return value.decode("iso2022_jp_2", "replace")


def decoded(value: str) -> str:
    """Readable text of a header value: unfolded, encoded words decoded, control characters cut.

    What cannot be decoded stays as it is written; an unknown charset is read as UTF-8.
    """
    if "\x1b" in value and value.isascii():
        value = in_seven_bits(value.encode("ascii"))
    flat = unfolded(value)
    if "=?" in flat:
        flat = flat[:_LONGEST_ENCODED]
        try:
            parts = [
                _bytes_to_text(part, charset) if isinstance(part, bytes) else part
                for part, charset in decode_header(flat)
            ]
            flat = unfolded("".join(parts))
        except (HeaderParseError, ValueError):
            pass
    return plain(flat)


def _bytes_to_text(part: bytes, charset: str | None) -> str:
    try:
        return part.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return part.decode("utf-8", "replace")
