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
#: A quoted string is a whole value (RFC 5545 3.1); a quote elsewhere is part of a damaged one.
_PARAMETER = re.compile(
    r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)(?=[;:]|$)'
)
_NEXT = re.compile(r";(?=[A-Za-z][A-Za-z0-9-]*=)")
#: Where the address of a person may begin. A doubled scheme (`mailto:mailto:`) begins once.
_ADDRESS = re.compile(
    r"""(?<!mailto):(?=\s*["'<]?(?:mailto:|urn:|https?:|invalid:|/|[^\s:;="]+@[^\s:;="]+\s*$))""",
    re.IGNORECASE,
)
_MAILTO = re.compile(r"(?<!mailto):(?=\s*[\"'<]?mailto:)", re.IGNORECASE)
#: A parameter or a second address inside a value: the value was taken to begin too early.
_EARLY = re.compile(r";[A-Za-z][A-Za-z-]+=|(?<!mailto):\s*[\"'<]?mailto:", re.IGNORECASE)
#: A value that is an address, to the end of its line.
_WHOLE = re.compile(r":\s*mailto:[^\s:;,\"@]+@[^\s:;,\"@]+$", re.IGNORECASE)
_DATED = re.compile(r":(?=\s*(?:\d{8}|\d{4}-\d{2}-\d{2}))")
_PEOPLE = frozenset(["ATTENDEE", "ORGANIZER"])
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
    mail names, then UTF-8 (RFC 5545 3.1.4), then line by line.
    """
    if data.startswith(codecs.BOM_UTF8):
        text = _decoded(data[3:], "")
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    elif data[1:2] == b"\0" or data[:1] == b"\0":
        text = data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    else:
        text = _decoded(data, charset)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\ufeff" in text:
        # Files that were joined keep the mark of each.
        text = text.replace("\n\ufeff", "\n")
    return text


def _decoded(data: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        if not name:
            continue
        try:
            return data.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return _line_by_line(data)


def _line_by_line(data: bytes) -> str:
    """Text of which some bytes are not UTF-8: a fold inside a character, or a damaged line.

    Lines are unfolded as bytes (RFC 5545 3.1 folds octets), then each is decoded by itself, so
    that one bad byte changes how no other line is read. Empty lines keep the count of lines.
    """
    lines: list[str] = []
    parts: list[bytes] = []

    def end() -> None:
        if parts:
            lines.append(_line(b"".join(parts)))
            lines.extend([""] * (len(parts) - 1))
            parts.clear()

    for raw in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if raw[:1] in (b" ", b"\t") and parts:
            parts.append(raw[1:])
        else:
            end()
            parts.append(raw)
    end()
    return "\n".join(lines)


def _line(raw: bytes) -> str:
    """One line: UTF-8; damaged UTF-8 where other characters of it are whole; else Windows-1252."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
    if any(ord(letter) > 127 for letter in text.replace("\ufffd", "")):
        return text
    return raw.decode("cp1252", "replace")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """(line number, unfolded content line). A line that names no property continues the last.

    Real folds begin with a space or a tab. Text that a broken producer wrapped without one is
    joined to the property before it if that line was long enough to be wrapped; else it is junk.
    """
    first = 0
    parts: list[str] = []
    size = 0
    lines = text.split("\n")
    for number, raw in enumerate(lines, 1):
        head = raw[:1]
        if head == " " or head == "\t":
            piece = raw[1:]
        elif not raw:
            continue
        elif not parts or _begins_one(raw, parts[-1], lines[number : number + 1]):
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


def _begins_one(raw: str, before: str, following: list[str]) -> bool:
    """Does a line begin a property? One behind a long line whose name nobody knows (`Kim;RSVP=TRUE:…`)
    was folded, and has lost the blank at its beginning. Not where it is folded within the name, nor
    where the address has ended for which the line before it was written.
    """
    found = _NAME.match(raw)
    if found is None or len(before) < _WRAPPED or _KNOWN.fullmatch(found[1]):
        return found is not None
    if raw[found.end(1) : found.end(1) + 1] and _WHOLE.search(before):
        return True
    return found.end() == len(found[1]) and any(one[:1] in (" ", "\t") for one in following)


#: RFC 5545, 5546, 7986, 9073 and 9253, with those of vCalendar 1.0 that lie in an event.
_KNOWN = re.compile(
    r"(?:X-.*|"
    r"BEGIN|END|CALSCALE|METHOD|PRODID|VERSION|NAME|ATTACH|CATEGORIES|CLASS|COMMENT|"
    r"DESCRIPTION|GEO|LOCATION|PERCENT-COMPLETE|PRIORITY|RESOURCES|STATUS|SUMMARY|"
    r"COMPLETED|DTEND|DUE|DTSTART|DURATION|FREEBUSY|TRANSP|TZID|TZNAME|TZOFFSETFROM|"
    r"TZOFFSETTO|TZURL|ATTENDEE|CONTACT|ORGANIZER|RECURRENCE-ID|RELATED-TO|URL|UID|EXDATE|"
    r"EXRULE|RDATE|RRULE|ACTION|REPEAT|TRIGGER|CREATED|DTSTAMP|LAST-MODIFIED|SEQUENCE|"
    r"REQUEST-STATUS|COLOR|IMAGE|CONFERENCE|REFRESH-INTERVAL|SOURCE|ACKNOWLEDGED|"
    r"PROXIMITY|BUSYTYPE|LOCATION-TYPE|PARTICIPANT-TYPE|RESOURCE-TYPE|STRUCTURED-DATA|"
    r"STYLED-DESCRIPTION|CALENDAR-ADDRESS|CONCEPT|LINK|REFID|POLL-MODE|POLL-ITEM-ID|VOTER|"
    r"TZID-ALIAS-OF|TZUNTIL|ESTIMATED-DURATION|SUBSTATE|DAYLIGHT|TZ|AALARM|DALARM|MALARM|"
    r"PALARM|DCREATED|RNUM"
    r")",
    re.IGNORECASE,
)


def split(line: str, number: int) -> Property | None:
    """A content line as a property; None where it is none."""
    found = _NAME.match(line)
    if not found:
        return None
    name = found[1].upper()
    at = found.end(1)
    params: dict[str, str] = {}
    while line[at : at + 1] == ";":
        if line[at + 1 : at + 2] in (";", ":"):
            # Nothing between two semicolons.
            at += 1
            continue
        parameter = _PARAMETER.match(line, at)
        if not parameter:
            break
        params.setdefault(parameter[1].upper(), _unquoted(parameter[2]))
        at = parameter.end()
    if line[at : at + 1] != ":" or (params and _begins_early(name, params, line, at)):
        return _damaged(name, line, number)
    return Property(name, params, line[at + 1 :], number)


def _begins_early(name: str, params: dict[str, str], line: str, at: int) -> bool:
    """Did an unquoted colon in a parameter (`CN=Sales: Dana`) pass for the one before the value?"""
    if name in _PEOPLE:
        return _EARLY.search(line, at + 1) is not None
    return "TZID" in params and _DATED.match(line, at) is None


def _damaged(name: str, line: str, number: int) -> Property | None:
    """A line with colons or quotes where none may be: the value is found first, by what it is,
    and every parameter reaches to the next `;NAME=`.
    """
    begin = len(name)
    if name in _PEOPLE:
        found = [one.start() for one in _MAILTO.finditer(line, begin)]
        found = found or [one.start() for one in _ADDRESS.finditer(line, begin)]
        at = found[-1] if found else line.rfind(":")
    else:
        dated = _DATED.search(line, begin)
        at = dated.start() if dated else line.find(":", begin)
    if at < begin:
        return None
    head = line[begin:at].rstrip(": ")
    params: dict[str, str] = {}
    place = 0
    while place < len(head):
        whole = _PARAMETER.match(head, place)
        if whole and (whole.end() == len(head) or _NEXT.match(head, whole.end())):
            params.setdefault(whole[1].upper(), _unquoted(whole[2]))
            place = whole.end()
            continue
        following = _NEXT.search(head, place + 1)
        end = following.start() if following else len(head)
        key, equals, value = head[place + 1 : end].partition("=")
        if equals:
            params.setdefault(key.strip().upper(), _unquoted(value))
        place = end
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
                    complain(lost.line, _endless(lost))
                    if lost.name == "VTIMEZONE":
                        # What was whole in it explains the times all the same.
                        stack[-1].children.append(lost)
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
                if prop is None and upper in _PEOPLE:
                    # Somebody is named, and nobody can read who.
                    prop = Property(upper, {}, "", number)
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
        complain(lost.line, _endless(lost))
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


#: The calendar's own end is missing: nobody knows what else is.
CUT_OFF = "a calendar that never ends: the file is cut off or damaged"
_NAMES = frozenset(
    ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM", "VTIMEZONE", "STANDARD", "DAYLIGHT"]
)


def _endless(component: Component) -> str:
    """A reason never quotes what stands in a file, unless it is a name that everybody uses."""
    name = component.name if component.name in _NAMES else "component"
    return f"a {name} that never ends"


def _unfinished(stack: list[Component], complain: Complain) -> Iterator[Component]:
    """The text ended, or a new calendar began, inside this one: keep what was whole."""
    while stack:
        last = stack.pop()
        if last.name == "VCALENDAR" and not stack:
            complain(last.line, CUT_OFF)
            yield last
        else:
            complain(last.line, _endless(last))
