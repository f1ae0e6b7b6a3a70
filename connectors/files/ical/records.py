"""How does one occurrence of a calendar file become a record?

Only wire facts: a place becomes the flag `on_site`, a category becomes a mark where it is one of
ours, and no other text than the title is kept.
"""

from __future__ import annotations

import re
from dataclasses import replace

from config import phrasing
from connectors.files.ical.content_lines import Component
from connectors.files.ical.date_times import plausible, stamp
from connectors.files.ical.event import Entry
from connectors.files.ical.guests import guests, party, said_by
from connectors.files.ical.series import Occurrence
from connectors.model.entry_words import category_mark
from connectors.model.records import Evidence, Guest, MeetingSeen, Response, Status

_CONFERENCES = ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "CONFERENCE")
_MEET = re.compile(r"https?://meet\.google\.com/([a-z]{3}-[a-z]{4}-[a-z]{3})", re.IGNORECASE)
#: A place that names a conference or a telephone is no place to travel to.
_NOWHERE = re.compile(
    r"https?://|\b(teams|zoom|google meet|hangouts?|webex|skype|gotomeeting|whereby|jitsi|online|"
    r"virtual|remote|video|phone|telefon\w*|t[eé]l[eé]phone|call)\b",
    re.IGNORECASE,
)
_STATUS = {
    "CANCELLED": Status.CANCELLED,
    "CANCELED": Status.CANCELLED,
    "TENTATIVE": Status.TENTATIVE,
}
_KINDS = {"OOF": "outOfOffice", "WORKINGELSEWHERE": "workingLocation"}


class Snapshots:
    """Makes records of one VCALENDAR, knowing what its producer writes and what not."""

    def __init__(
        self,
        calendar: Component,
        entries: list[Entry],
        calendar_id: str,
        me: frozenset[str],
        seen_to: int | None,
    ) -> None:
        """`seen_to` [µs UTC]: until when the file can tell (the moment of its export)."""
        self._seen_to = seen_to
        self._calendar_id = calendar_id
        self._me = me
        self._google = "google" in calendar.value("PRODID").lower()
        answered = any(said_by(line) for one in entries for line in one.component.every("ATTENDEE"))
        # Outlook writes no answers into the calendars it saves: they are unknown then, not open.
        self._unsaid = Response.NONE if answered else Response.UNKNOWN
        stamps = {one.stamp for one in entries if one.stamp is not None}
        # One DTSTAMP for all: the moment of the export (Google, Outlook), no change of anything.
        self._stamped = len(entries) == 1 or len(stamps) > 1
        self._base: dict[int, MeetingSeen] = {}

    def record(self, occurrence: Occurrence) -> MeetingSeen:
        """The record of one occurrence; a stub with status `removed` for an excluded one."""
        one = occurrence.entry
        key = f"{one.uid}|{occurrence.recurrence_id}"
        if occurrence.excluded:
            return self._gone(one, occurrence.recurrence_id, key)
        if cancelled_copy(one.component):
            # It says that the meeting is off, in a title, which is nobody's act.
            return self._gone(one, occurrence.recurrence_id, key)
        base = self._base.get(id(one))
        if base is None:
            base = self._described(one)
            if one.repeats or one.future:
                self._base[id(one)] = base
        return replace(
            base,
            provider_id=key,
            recurrence_id=occurrence.recurrence_id,
            start_at=plausible(occurrence.start),
            end_at=plausible(occurrence.end),
        )

    def _gone(self, one: Entry, recurrence_id: str, key: str) -> MeetingSeen:
        """A stub that says no more than that the meeting is not there any more."""
        return MeetingSeen(
            provider_id=key,
            calendar_id=self._calendar_id,
            series_uid=one.uid,
            recurrence_id=recurrence_id,
            status=Status.REMOVED,
            stub=True,
            all_day=one.start.all_day,
            sequence=one.sequence,
            true_at=self._seen_to,
        )

    def _described(self, one: Entry) -> MeetingSeen:
        component = one.component
        organizer = party(component.first("ORGANIZER"))
        people, complete = guests(
            component.every("ATTENDEE"),
            me=self._me,
            organizer=organizer.address,
            unsaid=self._unsaid,
        )
        busy = component.value("X-MICROSOFT-CDO-BUSYSTATUS").upper()
        subject = component.first("SUMMARY")
        created = stamp(component.first("CREATED"), one.zones)
        changed, exact = one.modified, one.modified is not None
        if changed is None and self._stamped:
            changed = one.stamp
        return MeetingSeen(
            provider_id="",
            calendar_id=self._calendar_id,
            series_uid=one.uid,
            recurrence_id="",
            status=_STATUS.get(component.value("STATUS").upper(), Status.CONFIRMED),
            evidence=Evidence.SNAPSHOT,
            all_day=one.start.all_day,
            zone=one.start.zone_name,
            subject=" ".join(subject.text().split())[:1000] if subject else "",
            organizer=organizer.address,
            organizer_name=organizer.name,
            organizer_is_self=organizer.address in self._me,
            # Who wrote it in our name: it may bear their word and not ours.
            sent_by=organizer.sent_by if organizer.address in self._me else "",
            created_at=created,
            updated_at=changed,
            updated_exact=exact,
            sequence=one.sequence,
            kind=_KINDS.get(busy, "default"),
            free=_free(component),
            private=component.value("CLASS").upper() in ("PRIVATE", "CONFIDENTIAL"),
            guests=people,
            guests_complete=complete and not self._hidden(component, organizer.address, people),
            online=_online(component),
            on_site=_on_site(component),
            mark=_mark(component),
            true_at=self._seen_to,
        )

    def _hidden(self, component: Component, organizer: str, people: tuple[Guest, ...]) -> bool:
        """Is the guest list not to be trusted? Another organiser without guests invited somebody,
        also one who is not named; and Google shows a guest only themselves where guests may not see
        one another.
        """
        if not people:
            return component.first("ORGANIZER") is not None and organizer not in self._me
        alone = bool(people) and all(guest.is_self for guest in people)
        return self._google and alone and organizer not in self._me


def cancelled_copy(component: Component) -> bool:
    """Is it Outlook's own copy of a meeting that was called off?

    Outlook keeps it with STATUS:CONFIRMED, as free time, with "Canceled:" before the title.
    """
    subject = component.first("SUMMARY")
    if subject is None or not _free(component):
        return False
    return phrasing.load().says_called_off(subject.text()[:200])


def _free(component: Component) -> bool:
    busy = component.value("X-MICROSOFT-CDO-BUSYSTATUS").upper()
    return component.value("TRANSP").upper() == "TRANSPARENT" or busy == "FREE"


def _online(component: Component) -> str:
    for name in _CONFERENCES:
        for line in component.every(name):
            address = line.value.strip()
            code = _MEET.match(address)
            if code:
                return code[1].lower()
            if re.match(r"https?://\S+$", address):
                return address[:1000]
    return ""


def _on_site(component: Component) -> bool:
    place = component.value("LOCATION")
    return bool(place) and not _NOWHERE.search(place)


def _mark(component: Component) -> str:
    lines = component.every("CATEGORIES")
    return category_mark(one for line in lines for one in line.text().split(","))
