"""Which addresses does a text name, in whatever way programs write them?

As they are; in a link (`dana%40client.example`); in an envelope that returns to a list
(`bounce-7-dana=client.example@lists.example`) or to a forwarder (`SRS0=x=y=client.example=dana@host`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

from connectors.model import normal_forms

#: Linear: anchored where a word begins (connectors.model.headers.header_values).
_WORD = re.compile(r"(?<![^\s<>()\",;:@'\[\]|])[^\s<>()\",;:@'\[\]|]+@[^\s<>()\",;:@'\[\]|]+")
#: A local part may hold many a sign, and in links and notes what stands before it is not of the address.
_BEFORE = re.compile(r"[^\w.+-]")
_NAMED = re.compile(r"[^<>]*<([^<>]*)>")
#: Dots, quotes, apostrophes and letters of any script; no blank and no list, but within quotes.
_BARE = re.compile(r"(?:\"[^\"]+\"|[^\s<>(),;:\"\[\]@]+)@[^\s<>(),;:\"@]+")
_RETURNING = re.compile(r"[-+._=/]")
_FORWARDED = re.compile(r"srs[01][-+=].*=([^=]+)=([^=]+)")
_BEHIND = re.compile(r"[^\w.-]")
#: A word with more places where its address may begin is built to be slow.
_MOST = 20


def one_typed(text: str) -> str:
    """The one address in normal form that somebody typed or copied: bare, or behind a name as in
    `Dana Kim <dana@client.example>`; "" where it is none, or several.
    """
    inner = _NAMED.fullmatch(text.strip())
    bare = normal_forms.address(inner[1] if inner is not None else text)
    return bare if _BARE.fullmatch(bare) else ""


def written(text: str) -> frozenset[str]:
    """The addresses in normal form that the text names; where it can be read in two ways, both."""
    if "@" not in text and "%40" not in text:
        return frozenset()
    lower = text.lower()
    if "%40" in lower:
        lower = f"{lower}\n{unquote(lower)}"
    found = {one for word in _WORD.findall(lower) for one in _addresses(word)}
    return frozenset(found - {""})


def _addresses(word: str) -> Iterator[str]:
    if len(word) > normal_forms.LONGEST_ADDRESS:
        return
    local, _, domain = word.strip(".-").rpartition("@")
    yield normal_forms.address(f"{local}@{domain}")
    short = _BEHIND.split(domain, maxsplit=1)[0].rstrip(".-")
    for name in _tails(local, _BEFORE):
        yield normal_forms.address(f"{name}@{short}")
    forwarded = _FORWARDED.fullmatch(local)
    if forwarded is not None:
        yield normal_forms.address(f"{forwarded[2]}@{forwarded[1]}")
    name, equals, home = local.rpartition("=")
    if equals and "." in home:
        for tail in _tails(name, _RETURNING):
            yield normal_forms.address(f"{tail}@{home}")


def _tails(text: str, sign: re.Pattern[str]) -> Iterator[str]:
    """The text, and what stands behind each sign in it."""
    yield text
    for one in islice(sign.finditer(text), _MOST):
        yield text[one.end() :]
