"""Which words, prefixes, addresses and domains mean something, in which language?

The tables lie in `config/phrases/*.toml`, one subject a file, so that a language is added without
touching code. Everything is normalised once (`plain`), so that rules compare like with like.
Sources: facts of public translations and public code, named in the head of each table.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from config.errors import ConfigError

MEETING_KINDS = frozenset(
    [
        "accept",
        "tentative",
        "decline",
        "cancel",
        "either",
        "update",
        "counter",
        "counter_declined",
        "forward",
        "invite",
    ]
)
_FILES = ("meeting", "automatic", "closing", "moving", "prefixes", "machines", "freemail")
_SPACE = re.compile(r"\s+")
#: What a gateway writes before a subject: `[EXT] `, `***SPAM*** `.
_MARKS = r"(?:\[[^\[\]]{1,30}\] ?|\*{1,5} ?[^*]{1,20}\*{1,5} ?)*"
#: Letters that Unicode does not take apart.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "đ": "d", "ı": "i", "’": "'"})
#: From here on scripts write without spaces between words, Hangul with endings joined to them.
_UNSPACED = "\u1100"


def plain(text: str) -> str:
    """The form that subjects and phrases are compared in: NFKC, lower case, single spaces.

    NFKC makes the wide colon a colon and the no-break space a space. A large Turkish I with its dot is made
    a plain small one, as in the columns of a frame (reports.columns.text).
    """
    small = unicodedata.normalize("NFKC", text).lower().replace("i\u0307", "i")
    return _SPACE.sub(" ", small).strip()


def _either(words: Iterable[str]) -> str:
    """An alternation that prefers the longest word, safe for Python's `re` and for RE2."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    escaped = (re.escape(word).replace(r"\ ", " ") for word in ordered)
    # Some languages, and some programs in all of them, write a space before the colon.
    return "|".join(re.sub(r" ?:$", " ?:", one) for one in escaped)


def bare(text: str) -> str:
    """`plain`, without accents and other marks: Urlaub and URLAUB, frånvaro and franvaro are one.

    Google's own texts bear accents, what people type on a phone often does not.
    """
    letters = unicodedata.normalize("NFD", plain(text).casefold())
    marked = "".join(one for one in letters if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", marked).translate(_LETTERS)


def _anywhere(words: Iterable[str]) -> str:
    """Matches one of the words as a whole word; scripts without spaces count anywhere."""
    known = set(words)
    spaced = {word for word in known if word[0] < _UNSPACED}
    unspaced = known - spaced
    edge = r"[\s:;,.!?()\[\]/\-–+|]"
    parts = [rf"(?:^|{edge})(?:{_either(spaced)})(?:{edge}|$)"] if spaced else []
    parts += [f"(?:{_either(unspaced)})"] if unspaced else []
    return "|".join(parts) or r"^\b$"


def _glob(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*")


@dataclass(frozen=True)
class Phrases:
    """All tables, in `plain` form. Patterns expect `plain` text and work in `re` and in RE2.

    `meeting` maps a subject's first words to a kind of MEETING_KINDS. `local`, `daemon` and
    `role` are patterns over the part before the @; `freemail` and `domains` are domains.
    """

    meeting: Mapping[str, str]
    away: frozenset[str]
    absent: frozenset[str]
    bounce: frozenset[str]
    delay: frozenset[str]
    delivered: frozenset[str]
    closing: frozenset[str]
    moving: frozenset[str]
    reply: frozenset[str]
    forward: frozenset[str]
    copied: frozenset[str]
    local: frozenset[str]
    daemon: frozenset[str]
    role: frozenset[str]
    addresses: frozenset[str]
    domains: frozenset[str]
    freemail: frozenset[str]

    @cached_property
    def meeting_pattern(self) -> str:
        """Matches the first words of a meeting mail's subject with their colon."""
        return rf"^(?:{_either(self.meeting)}) ?: ?"

    def says_called_off(self, title: str) -> bool:
        """Do the first words of an entry's title say that the meeting is off, in any language?

        A gateway writes its mark before them, whoever sent it on a prefix: `[EXT] FW: Canceled: x`.
        """
        return bool(self._called_off.match(plain(title)))

    @cached_property
    def _called_off(self) -> re.Pattern[str]:
        said = _either(w for w, kind in self.meeting.items() if kind in ("cancel", "either"))
        before = _either(self.reply | self.forward | self.copied)
        marks = rf"(?:\[[^\[\]]{{1,30}}\] ?|(?:{before}) ?: ?)*"
        return re.compile(rf"{marks}(?:(?:{said})(?: ?:| [-–] )|[(*\[](?:{said})[)*\]])")

    @cached_property
    def away_pattern(self) -> str:
        return rf"^{_MARKS}\[?(?:{_either(self.away)})(?:[ :;,.!()\[\]–-]|$)"

    def is_absent(self, comment: str) -> bool:
        """Does a guest's comment sound like their calendar, which declined because they are away?

        Its text is its owner's own and in any language. In doubt it is a machine's: that is the
        milder word. An automatic mail's words are such words, too.
        """
        return bool(comment) and bool(self._absent.search(bare(comment)))

    @cached_property
    def _absent(self) -> re.Pattern[str]:
        titles = {word for word in self.away if word[-1].isalnum()}
        words = {bare(word) for word in self.absent | titles}
        spaced = {word for word in words if word[0] < _UNSPACED}
        parts = [rf"(?<!\w)(?:{_either(spaced)})(?!\w)"] if spaced else []
        parts += [_either(words - spaced)] if words - spaced else []
        return re.compile("|".join(parts) or r"(?!)")

    @cached_property
    def bounce_pattern(self) -> str:
        return rf"^{_MARKS}(?:{_either(self.bounce | self.delay)})"

    @cached_property
    def delay_pattern(self) -> str:
        return rf"^{_MARKS}(?:{_either(self.delay)})"

    @cached_property
    def delivered_pattern(self) -> str:
        """Reports of success, relay or expansion, and of delay: they count for nothing."""
        return rf"^{_MARKS}(?:{_either(self.delivered | self.delay) or '$^'})"

    @cached_property
    def closing_pattern(self) -> str:
        """A closing word as a whole word; scripts without spaces count anywhere."""
        return _anywhere(self.closing)

    @cached_property
    def moving_pattern(self) -> str:
        """Words that ask to move a meeting or to call it off, in the same way."""
        return _anywhere(word.replace("'", mark) for word in self.moving for mark in "'’")

    @cached_property
    def prefix_pattern(self) -> str:
        """Matches all leading reply and forward prefixes and [tags], with counters like Re[2]:."""
        words = _either(self.reply | self.forward)
        return rf"^(?:(?:{words}) ?(?:\[\d+\]|\(\d+\))? ?: ?|\[[^\]]*\] ?)+"

    @cached_property
    def reply_pattern(self) -> str:
        """Matches the start of a subject that says of itself that it answers something."""
        return rf"^(?:\[[^\]]*\] ?)*(?:{_either(self.reply)}) ?(?:\[\d+\]|\(\d+\))? ?:"

    def is_machine(self, address: str) -> bool:
        """No person, by its address alone (normal form); shared role addresses are not among them."""
        local, _, domain = address.rpartition("@")
        if address in self.addresses or _below(domain, self.domains):
            return True
        return self._local.matches(local)

    def is_group(self, address: str) -> bool:
        """A service's own domain for groups, lists and calendars: persons may stand behind it."""
        return _below(address.rpartition("@")[2], self.domains)

    def is_daemon(self, address: str) -> bool:
        """Only mail systems write from here: what comes is a report about another mail."""
        return self._daemon.matches(address.rpartition("@")[0])

    def is_role(self, address: str) -> bool:
        """A shared address such as info@: a machine only with a second sign."""
        return self._role.matches(address.rpartition("@")[0])

    def is_freemail(self, domain: str) -> bool:
        """Gives this domain (or the one above it) mailboxes to anybody?"""
        return _below(domain, self.freemail)

    @cached_property
    def _local(self) -> _Locals:
        return _Locals(self.local)

    @cached_property
    def _daemon(self) -> _Locals:
        return _Locals(self.daemon)

    @cached_property
    def _role(self) -> _Locals:
        return _Locals(self.role)


class _Locals:
    """Patterns for the part before the @; a separator counts only where the pattern has one."""

    def __init__(self, patterns: Iterable[str]) -> None:
        exact = [pattern for pattern in patterns if re.search(r"[-._]", pattern)]
        loose = [pattern for pattern in patterns if not re.search(r"[-._]", pattern)]
        self._exact = re.compile("|".join(map(_glob, sorted(exact))) or r"(?!)")
        self._loose = re.compile("|".join(map(_glob, sorted(loose))) or r"(?!)")

    def matches(self, local: str) -> bool:
        squeezed = local.replace("-", "").replace(".", "").replace("_", "")
        return bool(self._exact.fullmatch(local) or self._loose.fullmatch(squeezed))


def _below(domain: str, known: frozenset[str]) -> bool:
    while domain:
        if domain in known:
            return True
        domain = domain.partition(".")[2]
    return False


@lru_cache(maxsize=1)
def load() -> Phrases:
    """The tables that are shipped. Raises ConfigError where one of them is broken."""
    folder = resources.files("config") / "phrases"
    trees: dict[str, dict[str, Any]] = {}
    for name in _FILES:
        try:
            trees[name] = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(
                f"the phrase table {name}.toml cannot be read: {error}",
                hint="the installation is damaged: install noshow again",
            ) from error
    return build(trees)


def build(trees: Mapping[str, Mapping[str, Any]]) -> Phrases:
    """Phrases from the trees of the tables, by file name.

    Raises ConfigError for an unknown kind, a word that means two things, or a wrong type.
    """
    problems: list[str] = []
    meeting: dict[str, str] = {}
    for place, kind, word in _words(trees.get("meeting", {}), "meeting", problems):
        if kind not in MEETING_KINDS:
            problems.append(f"{place}: {kind!r} is no kind of meeting mail")
        elif meeting.setdefault(word, kind) != kind:
            problems.append(f"{place}: {word!r} means {meeting[word]} and {kind}")
    automatic: dict[str, set[str]] = {
        kind: set() for kind in ("away", "absent", "bounce", "delay", "delivered")
    }
    for place, kind, word in _words(trees.get("automatic", {}), "automatic", problems):
        if kind in automatic:
            automatic[kind].add(word)
        else:
            problems.append(f"{place}: {kind!r} is no kind of automatic mail")
    closing, moving = (
        frozenset(word for _, _, word in _words(trees.get(name, {}), name, problems))
        for name in ("closing", "moving")
    )
    flat = {
        (name, key): frozenset(word for _, _, word in _listed(name, key, value, problems))
        for name in ("prefixes", "machines", "freemail")
        for key, value in trees.get(name, {}).items()
        if key != "families"
    }
    families = {
        f"{brand}.{ending}"
        for brand, endings in trees.get("freemail", {}).get("families", {}).items()
        for ending in endings
    }
    if problems:
        raise ConfigError("the phrase tables hold mistakes", problems=tuple(problems))
    return Phrases(
        meeting=MappingProxyType(meeting),
        away=frozenset(automatic["away"]),
        absent=frozenset(automatic["absent"]),
        bounce=frozenset(automatic["bounce"]),
        delay=frozenset(automatic["delay"]),
        delivered=frozenset(automatic["delivered"]),
        closing=closing,
        moving=moving,
        reply=flat.get(("prefixes", "reply"), frozenset()),
        forward=flat.get(("prefixes", "forward"), frozenset()),
        copied=flat.get(("prefixes", "copied"), frozenset()),
        local=flat.get(("machines", "local"), frozenset()),
        daemon=flat.get(("machines", "daemon"), frozenset()),
        role=flat.get(("machines", "role"), frozenset()),
        addresses=flat.get(("machines", "address"), frozenset()),
        domains=flat.get(("machines", "domain"), frozenset()),
        freemail=flat.get(("freemail", "domains"), frozenset()) | families,
    )


def _words(
    tree: Mapping[str, Any], name: str, problems: list[str]
) -> Iterator[tuple[str, str, str]]:
    """(place, key, word) of a table that has one section a language."""
    for language, section in tree.items():
        if not isinstance(section, dict):
            problems.append(f"{name}.{language}: not a section")
            continue
        for key, value in section.items():
            yield from _listed(f"{name}.{language}", key, value, problems)


def _listed(
    name: str, key: str, value: object, problems: list[str]
) -> Iterator[tuple[str, str, str]]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        problems.append(f"{name}.{key}: not a list of words")
        return
    for word in value:
        yield f"{name}.{key}", key, plain(word)
