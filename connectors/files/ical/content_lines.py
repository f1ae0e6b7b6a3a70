r"""Which properties does a piece of iCalendar text hold, and on which lines?

RFC 5545 3.1 says how lines are folded and parameters written; this reader also takes what broken
producers write: bare CR or LF, a byte order mark, UTF-16, text lines that were broken without a
fold, unquoted colons in names, `END` that does not match. It keeps only the properties that are
asked for, so that no description or comment is ever held.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

#: A name alone on its line is one too: some break the line before the colon.
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(?:[;:]|$)")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,])*(?:,(?:"[^"]*"|[^";:,])*)*)')
_MAILTO = re.compile(r":(?=mailto:)", re.IGNORECASE)
_DATED = re.compile(r":(?=\d{8}|\d{4}-\d{2}-\d{2})")
_CARET = {"^n": "\n", "^^": "^", "^'": '"'}
_CARETS = re.compile(r"\^[n^']")
_ESCAPED = re.compile(r"\\([\\;,nN])")

#: A line longer than this is no property of ours (an attachment in base64, or a bomb).
LONGEST = 100_000
#: A line shorter than this was not wrapped at its end.
_WRAPPED = 55
#: Components nested deeper than this are ignored; RFC 5545 needs three.
DEEPEST = 8

Complain = Callable[[int, str], None]


@dataclass(slots=True)
class Property:
    """One content line: `params` by upper-case name, unquoted; `value` still escaped."""

    name: str
    params: dict[str, str]
    value: str
    line: int

    def text(self) -> str:
        r"""The value of a TEXT property, unescaped (RFC 5545 3.3.11)."""
        return _ESCAPED.sub(lambda found: _unescape(found[1]), self.value)


def _unescape(character: str) -> str:
    return "\n" if character in "nN" else character


@dataclass(slots=True)
class Component:
    """One BEGIN ... END with the wanted properties, in order, and its children."""

    name: str
    line: int
    properties: dict[str, list[Property]] = field(default_factory=dict)
    children: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        found = self.properties.get(name)
        return found[0] if found else None

    def every(self, name: str) -> list[Property]:
        return self.properties.get(name, [])

    def value(self, name: str) -> str:
        """The first such property's raw value, trimmed; "" where there is none."""
        found = self.properties.get(name)
        return found[0].value.strip() if found else ""


def text_of(data: bytes, charset: str = "") -> str:
    """iCalendar bytes as text with LF line ends; never raises.

    A byte order mark decides, then zero bytes (UTF-16 without a mark), then the charset that a
    mail names, then UTF-8 (RFC 5545 3.1.4), then Windows-1252.
    """
    if data.startswith(codecs.BOM_UTF8):
        text = data[3:].decode("utf-8", "replace")
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    elif data[1:2] == b"\0" or data[:1] == b"\0":
        text = data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    else:
        text = _decoded(data, charset)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _decoded(data: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        if not name:
            continue
        try:
            return data.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """(line number, unfolded content line). A line that names no property continues the last.

    Real folds begin with a space or a tab. Text that a broken producer wrapped without one is
    joined to the property before it if that line was long enough to be wrapped; else it is junk.
    """
    first = 0
    parts: list[str] = []
    size = 0
    for number, raw in enumerate(text.split("\n"), 1):
        head = raw[:1]
        if head == " " or head == "\t":
            piece = raw[1:]
        elif not raw:
            continue
        elif _NAME.match(raw) or not parts:
            if parts:
                yield first, "".join(parts)
            first, parts, size = number, [raw], len(raw)
            continue
        elif len(parts[-1]) >= _WRAPPED:
            piece = raw
        else:
            continue
        size += len(piece)
        if parts and size <= LONGEST:
            parts.append(piece)
    if parts:
        yield first, "".join(parts)


def split(line: str, number: int) -> Property | None:
    """A content line as a property; None where it is none."""
    found = _NAME.match(line)
    if not found:
        return None
    name = found[1].upper()
    at = found.end(1)
    params: dict[str, str] = {}
    while line[at : at + 1] == ";":
        parameter = _PARAMETER.match(line, at)
        if not parameter:
            break
        params.setdefault(parameter[1].upper(), _unquoted(parameter[2]))
        at = parameter.end()
    if line[at : at + 1] != ":":
        # A colon or a quote inside an unquoted name; where an address follows, it is found.
        mailto = _MAILTO.search(line, at)
        at = mailto.start() if mailto else line.find(":", at)
        if at < 0:
            return None
    elif name in ("ATTENDEE", "ORGANIZER"):
        # `CN=Sales: Dana:mailto:...`: the value begins at the last `mailto:`.
        mailto = _MAILTO.search(line, at)
        at = mailto.start() if mailto else at
    elif "TZID" in params:
        # `TZID=UTC+02:00:20261123T090000`: an unquoted name with a colon in it.
        begins = _DATED.search(line, at)
        if begins and begins.start() > at:
            params["TZID"] += line[at : begins.start()]
            at = begins.start()
    return Property(name, params, line[at + 1 :], number)


def _unquoted(value: str) -> str:
    if '"' in value:
        value = value.replace('"', "")
    return _CARETS.sub(lambda found: _CARET[found[0]], value) if "^" in value else value


def calendars(text: str, wanted: frozenset[str], complain: Complain) -> Iterator[Component]:
    """The VCALENDARs in a text, with only the wanted properties in them and in their events.

    Events are children named VEVENT; zones are VTIMEZONE with STANDARD and DAYLIGHT children.
    What stands in other components (an alarm, a to-do) is skipped. `complain(line, reason)` is
    called for an entry that never ends; it is not in the result.
    """
    stack: list[Component] = []
    too_deep = 0
    for number, line in lines_of(text):
        name = line[:6].upper()
        if name == "BEGIN:":
            kind = line[6:].strip().upper()
            if len(stack) >= DEEPEST:
                too_deep += 1
                continue
            if kind == "VCALENDAR" and stack:
                yield from _unfinished(stack, complain)
            elif kind == "VEVENT":
                while len(stack) > 1 and stack[-1].name != "VCALENDAR":
                    lost = stack.pop()
                    complain(lost.line, f"a {lost.name} that never ends")
            stack.append(Component(kind, number))
        elif name[:4] == "END:":
            kind = line[4:].strip().upper()
            if too_deep:
                too_deep -= 1
                continue
            done = _close(stack, kind, complain)
            if done is not None:
                yield done
        elif stack and not too_deep:
            found = _NAME.match(line)
            allowed = _PLACES.get(stack[-1].name, wanted)
            if found and (upper := found[1].upper()) in allowed:
                prop = split(line, number)
                if prop is not None:
                    stack[-1].properties.setdefault(upper, []).append(prop)
    yield from _unfinished(stack, complain)


_KEPT = frozenset({"VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"})
_ZONE = frozenset(
    {"TZID", "TZOFFSETFROM", "TZOFFSETTO", "X-LIC-LOCATION", "DTSTART", "RRULE", "RDATE"}
)
_NOTHING: frozenset[str] = frozenset()
#: What is read where the caller's choice does not hold: zones, and components that are skipped.
_PLACES = {"VTIMEZONE": _ZONE, "STANDARD": _ZONE, "DAYLIGHT": _ZONE} | dict.fromkeys(
    ("VALARM", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY", "PARTICIPANT", "VLOCATION"),
    _NOTHING,
)


def _close(stack: list[Component], kind: str, complain: Complain) -> Component | None:
    """Close the innermost component of that kind; what lies open inside it never ended."""
    if all(component.name != kind for component in stack):
        return None
    while stack[-1].name != kind:
        lost = stack.pop()
        complain(lost.line, f"a {lost.name} that never ends")
    done = stack.pop()
    if not stack:
        if done.name == "VCALENDAR":
            return done
        # An entry outside any calendar: some exports lack the frame around it.
        if done.name == "VEVENT":
            return Component("VCALENDAR", done.line, children=[done])
        return None
    if done.name in _KEPT:
        stack[-1].children.append(done)
    return None


def _unfinished(stack: list[Component], complain: Complain) -> Iterator[Component]:
    """The text ended, or a new calendar began, inside this one: keep what was whole."""
    while stack:
        last = stack.pop()
        if last.name == "VCALENDAR" and not stack:
            complain(last.line, "a calendar that never ends: the file is cut off or damaged")
            yield last
        else:
            complain(last.line, f"a {last.name} that never ends")
