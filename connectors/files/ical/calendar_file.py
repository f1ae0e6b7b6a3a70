"""Which meetings does a calendar file (.ics) hold inside the horizon?

RFC 5545. A calendar without METHOD, or with PUBLISH, is a *snapshot*: the state of a calendar
when it was exported. One with another METHOD is a saved iTIP message, and goes to
`connectors.files.ical.itip`.

An import never says that a meeting is gone because it is missing: an export may be a part of a
calendar, and an older one may come after a newer. Only what the file says itself (a cancelled
status, an excluded date) is said.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import PurePosixPath

from config.clock import from_micros
from connectors.files.ical import itip, itip_occurrences
from connectors.files.ical.content_lines import CUT_OFF, Component, calendars, text_of
from connectors.files.ical.date_times import Moment, day_of, moment
from connectors.files.ical.event import Entry, entry
from connectors.files.ical.records import Snapshots
from connectors.files.ical.recurrence import Budget
from connectors.files.ical.series import Occurrence, occurrences
from connectors.files.ical.zones import UnknownZone, Zones, definitions
from connectors.files.problems import Lost, Problem, Report
from connectors.interfaces import Window
from connectors.model import normal_forms
from connectors.model.records import MeetingSeen, Method

WANTED = frozenset(
    [
        "METHOD",
        "PRODID",
        "CALSCALE",
        "X-WR-RELCALID",
        "X-WR-TIMEZONE",
        "UID",
        "RECURRENCE-ID",
        "SEQUENCE",
        "DTSTAMP",
        "CREATED",
        "LAST-MODIFIED",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "EXRULE",
        "SUMMARY",
        "STATUS",
        "TRANSP",
        "CLASS",
        "CATEGORIES",
        "LOCATION",
        "ORGANIZER",
        "ATTENDEE",
        "CONFERENCE",
        "X-GOOGLE-CONFERENCE",
        "X-MICROSOFT-SKYPETEAMSMEETINGURL",
        "X-MICROSOFT-CDO-BUSYSTATUS",
        "X-MICROSOFT-CDO-ALLDAYEVENT",
    ]
)

#: A larger calendar file is refused: it is read as a whole, unlike a mailbox.
LARGEST = 512 * 1024 * 1024
#: An export's moment cannot lie later than this after the file was written [µs].
_SLACK = 2 * 86_400 * 1_000_000


@dataclass
class Export:
    """One calendar file, read but not yet expanded.

    `calendar_id` stays the same for every export of the same calendar; `moment` [µs UTC] orders
    them: the newest stamp in it, 0 where it has none. `seen_to` [µs UTC]: until when it can tell
    what was changed: the moment of the export itself where the producer stamps it, else when the
    file was written. `snapshot`: it shows the state of a calendar. `entries`: of all its VCALENDARs,
    since some programs write one for each entry. `makers`: who makes the record of an entry, by
    the identity of its component. `unread`: (series, original start) of changed occurrences that
    could not be read: of these the series knows nothing any more. `continued_by`: the id of a newer
    export that shows the same calendar under another name (`continued`); else its own.
    """

    place: str
    calendar_id: str
    moment: int
    seen_to: int
    snapshot: bool = False
    entries: list[Entry] = field(default_factory=list)
    makers: dict[int, Snapshots] = field(default_factory=dict, repr=False)
    messages: list[tuple[Component, Method, Zones]] = field(default_factory=list)
    unread: list[tuple[str, Moment]] = field(default_factory=list)
    continued_by: str = ""

    def acts(
        self, me: frozenset[str], known: itip_occurrences.Known, until: int, report: Report
    ) -> list[MeetingSeen]:
        """The acts of iTIP messages that were saved as calendar files; of an invitation to a series
        those until `until` [µs UTC].
        """
        envelope = itip.Envelope(place=self.place, known=known, until=until)
        return [
            act
            for calendar, method, zones in self.messages
            for act in itip.acts(calendar, method, zones, envelope, me, report)
        ]

    def meetings(self, horizon: Window, budget: Budget, report: Report) -> Iterator[MeetingSeen]:
        """A record for every occurrence inside the horizon, each key once, the newest version."""
        chosen: dict[tuple[str, str], Occurrence] = {}
        for occurrence in self._occurrences(horizon, budget, report):
            key = (occurrence.entry.uid, occurrence.recurrence_id)
            known = chosen.get(key)
            if known is None or known.rank < occurrence.rank:
                chosen[key] = occurrence
        for occurrence in chosen.values():
            yield self.makers[id(occurrence.entry.component)].record(occurrence)

    def _occurrences(self, horizon: Window, budget: Budget, report: Report) -> Iterator[Occurrence]:
        series: dict[str, list[Entry]] = defaultdict(list)
        for one in self.entries:
            series[_written_series(one)].append(one)

        def complain(line: int, reason: str, lost: Lost) -> None:
            report(Problem(f"{self.place}, line {line}", reason, lost))

        unread: dict[str, list[Moment]] = defaultdict(list)
        for uid, named in self.unread:
            unread[uid].append(named)
        for uid, versions in series.items():
            for found in occurrences(versions, horizon, budget, complain):
                if not any(_is_meant(found, named) for named in unread.get(uid, ())):
                    yield found


def _is_meant(found: Occurrence, named: Moment) -> bool:
    """Is it the occurrence of its series that was meant by this original start, or by this day?"""
    one = found.entry
    if one.recurrence is not None:
        return False
    if found.recurrence_id == normal_forms.recurrence_id(named.original()):
        return True
    there = from_micros(found.start).astimezone(one.start.zone or UTC)
    return named.all_day and there.date() == named.wall.date()


def read(
    data: bytes,
    *,
    place: str,
    written: int | None,
    me: frozenset[str],
    floating: tzinfo,
    report: Report,
) -> Export:
    """Read a calendar file. Whatever cannot be read in it is reported with its line.

    `written` [µs UTC]: when the file was written, where known; later stamps are no export moments.
    """
    text = text_of(data)
    found = list(calendars(text, WANTED, _complaining(place, written, report)))
    relation = next((c.value("X-WR-RELCALID") for c in found if c.value("X-WR-RELCALID")), "")
    export = Export(place, calendar_id(place, relation), 0, 0)
    if not found:
        reason = "no calendar in it (no BEGIN:VCALENDAR)"
        report(Problem(place, reason, Lost.FILE, until=written))
    defined = definitions(found)
    held: list[tuple[Component, list[Entry]]] = []
    for calendar in found:
        if calendar.value("CALSCALE").upper() not in ("", "GREGORIAN"):
            reason = "a calendar that is not Gregorian"
            report(Problem(place, reason, Lost.FILE, until=written))
            continue
        zones = Zones(calendar, floating, defined)
        method = itip.method_of(calendar.value("METHOD"))
        if method is not None and method is not itip.PUBLISH and _is_message(calendar):
            export.messages.append((calendar, method, zones))
            continue
        held.append((calendar, _entries(calendar, zones, place, report, export.unread)))
    _keep(export, held, written, me)
    return export


def _keep(
    export: Export,
    held: list[tuple[Component, list[Entry]]],
    written: int | None,
    me: frozenset[str],
) -> None:
    """Take the entries of all VCALENDARs of the file, and what their stamps say of it as a whole."""
    export.snapshot = bool(held)
    entries = export.entries = [one for _, some in held for one in some]
    stamps = [s for e in entries for s in (e.stamp, e.modified) if s is not None]
    if written is not None:
        stamps = [s for s in stamps if s <= written + _SLACK]
    export.moment = max(stamps, default=0)
    made = {e.stamp for e in entries}
    told = made.pop() if len(entries) > 1 and len(made) == 1 else None
    export.seen_to = told or written or max(stamps, default=0) if held else 0
    for calendar, some in held:
        maker = Snapshots(calendar, entries, export.calendar_id, me, export.seen_to or None)
        for one in some:
            export.makers[id(one.component)] = maker


def _written_series(one: Entry) -> str:
    """The UID under which a file writes a series: a series cut by Google has several, and Exchange
    may write its day into that of a changed occurrence.
    """
    return _series_of(one.raw_uid, changed=one.recurrence is not None)


def _series_of(raw_uid: str, *, changed: bool) -> str:
    uid = raw_uid.strip().lower()
    if changed and normal_forms.instance_day(raw_uid) is not None:
        return f"{uid[:32]}00000000{uid[40:]}"
    return uid


def _is_message(calendar: Component) -> bool:
    """Is it about acts of somebody? Some exports say METHOD:REQUEST for a mere list of entries."""
    return any(child.first("ORGANIZER") or child.first("ATTENDEE") for child in calendar.children)


def _complaining(place: str, written: int | None, report: Report) -> itip.Complain:
    def complain(line: int, reason: str) -> None:
        if reason == CUT_OFF:
            # As an archive that ends too early: the rest of the calendar is not there.
            report(Problem(place, reason, Lost.FILE, until=written))
        else:
            report(Problem(f"{place}, line {line}", reason, Lost.EVENT))

    return complain


def _entries(
    calendar: Component,
    zones: Zones,
    place: str,
    report: Report,
    unread: list[tuple[str, Moment]],
) -> list[Entry]:
    entries = []
    for component in calendar.children:
        if component.name != "VEVENT":
            continue
        at = f"{place}, line {component.line}"
        try:
            one = entry(component, zones)
        except (ValueError, OverflowError) as error:
            report(Problem(at, str(error), Lost.EVENT))
            unread += _changed(component, zones)
            continue
        if one.repaired:
            report(Problem(at, f"repaired: {one.repaired}", Lost.DETAIL))
        entries.append(one)
    return entries


def _changed(component: Component, zones: Zones) -> list[tuple[str, Moment]]:
    """Which occurrence an entry that cannot be read has changed: its series and original start.

    In a zone that nobody knows the day is all that it names.
    """
    again = component.first("RECURRENCE-ID")
    if again is None:
        return []
    uid = _series_of(component.value("UID"), changed=True)
    try:
        return [(uid, moment(again, zones))]
    except UnknownZone:
        return [(uid, day_of(again.value, zones))]
    except ValueError:
        return []


def continued(exports: Sequence[Export]) -> None:
    """Note of each snapshot which newer one shows the same calendar. exports: the older first.

    A file may be called as anybody likes. Whatever holds at least half of its meetings is what became
    of it: until when an old state tells is of no account where the calendar was read in a newer one.
    """
    holders: dict[str, set[str]] = defaultdict(set)
    for export in reversed(exports):
        export.continued_by = export.calendar_id
        if not export.snapshot:
            continue
        uids = {one.uid for one in export.entries}
        newer = Counter(one for uid in uids for one in holders.get(uid, ()))
        for name, shared in newer.most_common(1):
            if 2 * shared >= len(uids):
                export.continued_by = name
        for uid in uids:
            holders[uid].add(export.continued_by)


_COPY = re.compile(r"[ _-]*(?:\(\d{1,3}\)|\b(?:19|20)\d{2}-?\d{2}-?\d{2}(?:[T _-]?\d{2,6})?)$")


def calendar_id(place: str, relation: str = "") -> str:
    """The id under which every export of one calendar is known: a digest, never a written name.

    By X-WR-RELCALID, which the producer keeps for a calendar; else by the file's own name without
    folder, ending, the `(1)` of a second download and a date at its end.
    """
    if relation:
        seed = f"relation:{relation.strip()}"
    else:
        stem = PurePosixPath(place.replace("\\", "/").replace("!", "/")).name.lower()
        for ending in (".ics", ".ical", ".icalendar", ".ifb"):
            stem = stem.removesuffix(ending)
        while (shorter := _COPY.sub("", stem)) != stem and shorter:
            stem = shorter
        seed = f"name:{stem.strip()}"
    return "ics-" + hashlib.sha256(seed.encode()).hexdigest()[:16]
