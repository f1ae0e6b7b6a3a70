"""Who stands in a From, To, Cc or Bcc header, however it is written?

One bad entry never swallows its neighbours: a quote, bracket or parenthesis that never closes, or
closes behind somebody else's address, is taken for a letter. RFC 5322 3.4 (groups, comments), 4.4
(source routes), RFC 2047 (encoded words, also where they must not stand). Linear in the length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from connectors.model import normal_forms
from connectors.model.headers.header_values import decoded, unfolded
from connectors.model.records import Person

#: Longer lists are cut; no mail system takes them.
LONGEST = 200_000
_ENCODED = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")
#: An address in angles; a comma in it ends one that never closes, unless it stands in quotes.
_ANGLE = re.compile(r'<\s*(?:@[^<>]*:)?((?:"[^"<>]*"|[^<>,;"])*)>?')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
#: The end of an address, in angles or alone, and of its entry.
_HIDDEN = re.compile(r"@[^<>@]*>\s*[,;]|@[^\s<>@,;\"]+\s*[,;]")
_SCHEME = re.compile(r"(?:mailto|smtp):\s*", re.IGNORECASE)
#: What an input method for Chinese and Japanese writes for the signs between addresses.
_WIDE = str.maketrans("，、；：＜＞＠", ",,;:<>@")
_OPENS = re.compile(r"\s*<")
_AROUND = re.compile(r"\s*([@.])\s*")
_NOT_IN_ADDRESS = frozenset(' \t<>()",;:@')
_STOPS = re.compile(r'[",;:(<]|=\?')


def people(value: str) -> tuple[Person, ...]:
    """The addresses of a header in their order, each once, normalised.

    Groups give their members; an entry without an address gives nobody. Names are decoded after
    the split, since a decoded name may hold commas.
    """
    found: dict[str, Person] = {}
    text = unfolded(value[:LONGEST])
    if "&lt;" in text or "&#60;" in text:
        # A form on a web page has written it.
        text = unescape(text)
    for entry in _entries(text if text.isascii() else text.translate(_WIDE)):
        for person in _persons(*entry):
            found.setdefault(person.address, person)
    return tuple(found.values())


def author(value: str) -> Person:
    """Who wrote a mail by its From: the first with an address; else a name without one.

    Mail systems write `MAILER-DAEMON <>`: nobody, and by the name it can be told who.
    """
    found = people(value)
    return found[0] if found else Person("", decoded(value.partition("<")[0])[:200].strip(" \"'"))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """(name or whole entry, what stands in its angles) of each entry.

    Split at commas, semicolons, group names and behind every address in angles.
    """
    closes, angles = _comments(text)
    quotes = _Quotes(text)
    begin = at = 0
    while stop := _STOPS.search(text, at):
        at = stop.start()
        sign = stop.group()
        if sign == "=?":
            word = _ENCODED.match(text, at)
            at = word.end() if word else at + 2
        elif sign == '"':
            at = quotes.behind(begin, at)
        elif sign == "(":
            end = closes.get(at, 0)
            # A comment that holds an address would hide somebody: it closes in another entry.
            hides = end and bisect_left(angles, at) < bisect_left(angles, end)
            at = end if end and not hides else at + 1
        elif sign == "<":
            angle = _ANGLE.match(text, at)
            inner = decoded(angle[1]) if angle and "=?" in angle[1] else angle[1] if angle else ""
            if angle and "@" in inner:
                # Nothing behind it belongs to it; where somebody left out the comma, the next does.
                yield text[begin:at], inner
                at = begin = angle.end()
            else:
                at = angle.end() if angle else at + 1
        else:
            if sign != ":" or "@" in text[begin:at]:
                yield text[begin:at], ""
            at = begin = at + 1
    yield text[begin:], ""


def _comments(text: str) -> tuple[dict[int, int], list[int]]:
    """(behind which place each parenthesis closes, where angles open)."""
    closes: dict[int, int] = {}
    if "(" not in text:
        return closes, []
    opened: list[int] = []
    for found in re.finditer(r"\\.|[()]", text):
        if found.group() == "(":
            opened.append(found.start())
        elif found.group() == ")" and opened:
            closes[opened.pop()] = found.end()
    return closes, [one.start() for one in re.finditer("<", text)]


class _Quotes:
    """Where the quotes of a header end. Each part of the text is walked through once, however
    often a quote in it is asked for: one that is escaped in a quoted text ends where that ends.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._hidden = [one.span() for one in _HIDDEN.finditer(text)] if '"' in text else []
        self._opened, self._closed, self._unclosed = -1, -1, False
        self._entry = -1

    def behind(self, begin: int, at: int) -> int:
        """Where to go on behind the quote at `at` of the entry that began at `begin`: at its end,
        or behind a sign that opens none.

        Where it closes in another entry it would hide somebody, and only a name that is quoted as
        a whole may look like that.
        """
        first, self._entry = begin != self._entry, begin
        if not self._opened < at < self._closed - 1:
            # Where one never closes, all quotes behind it are escaped, and close no better.
            quoted = None if self._unclosed else _QUOTED.match(self._text, at)
            self._unclosed = quoted is None
            if quoted is None:
                return at + 1
            self._opened, self._closed = at, quoted.end()
        next_ = bisect_left(self._hidden, (at,))
        if next_ < len(self._hidden) and self._hidden[next_][1] <= self._closed:
            whole = first and not self._text[begin:at].strip()
            if not whole or not _OPENS.match(self._text, self._closed):
                return at + 1
        return self._closed


def _persons(name: str, inner: str) -> Iterator[Person]:
    """The persons of one entry: nearly always one."""
    inner = inner.strip().strip("'").strip()
    if inner[:1] == '"' == inner[-1:]:
        inner = inner.strip('"')
    written = _address(_AROUND.sub(r"\1", inner)) if inner else ""
    if written:
        yield _named(name.strip().lstrip("'"), written)
        return
    text = name.strip().strip("'")
    if "=?" in text:
        # Wholly inside an encoded word, against RFC 2047 5.
        told = decoded(text)
        if "@" in told and "=?" not in told:
            yield from people(told)
            return
    if "%40" in text and "@" not in text:
        # As it stands in a link.
        text = unquote(text)
    if "@" not in text:
        return
    comment = text[text.find("(") + 1 : text.rfind(")")] if "(" in text else ""
    outside = _without_comments(text)
    if "@" not in outside and "@" in comment:
        # `Dana Kim (dana@client.example)`: the other way round.
        outside, comment = comment, text.partition("(")[0].strip()
    for word in _AROUND.sub(r"\1", outside).split():
        # A quote that is alone opens nothing.
        word = _address(word.strip("[]{}'<>\"" if word.count('"') == 1 else "[]{}'<>"))
        if word:
            yield _named(comment, word)


def _address(text: str) -> str:
    """The normal form of what is one address and nothing else; "" for anything else."""
    # Exchange writes the kind of an address before it.
    text = _SCHEME.sub("", text)
    local, _, domain = text.rpartition("@")
    if not local or not domain or not _NOT_IN_ADDRESS.isdisjoint(domain):
        return ""
    quoted = len(local) > 2 and local[0] == local[-1] == '"' and '"' not in local[1:-1]
    if not quoted and not _NOT_IN_ADDRESS.isdisjoint(local):
        return ""
    return normal_forms.address(text)


def _named(name: str, address: str) -> Person:
    spoken = decoded(_unquoted(name))
    return Person(address, "" if normal_forms.address(spoken) == address else spoken)


def _without_comments(text: str) -> str:
    return re.sub(r"\([^()]*\)", " ", text) if "(" in text else text


def _unquoted(name: str) -> str:
    text = name.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return text.strip().strip("'")
