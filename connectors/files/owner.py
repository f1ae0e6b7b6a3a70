"""Whose mailbox is it, when nobody has said so? Which addresses look like the owner's?

An address is only proposed, never taken: a wrong owner would turn every fact around.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from connectors.files import archive
from connectors.files.bounded import DAMAGED
from connectors.files.containers import Source
from connectors.files.file_kinds import Kind
from connectors.files.ical.content_lines import calendars, text_of
from connectors.files.ical.guests import party
from connectors.files.mail import header_scan, mbox
from connectors.files.mail.folders import by_folder, by_labels
from connectors.files.problems import Problem
from connectors.model import normal_forms

#: Mails looked at in each mailbox file; the first ones say it well enough.
MOST_MAILS = 5_000
_MOST_EVENTS = 5_000
_MOST_FILES = 500

#: How much one sign weighs. A mail in the sent folder is written by the owner; a delivery names
#: the box; an address on every invitation of a calendar is likely its owner.
_WEIGHTS = {"sent": 5, "delivered": 3, "name": 50, "invited": 1, "written": 1}
_WANTED = frozenset(["ORGANIZER", "ATTENDEE", "X-WR-CALNAME"])


@dataclass(frozen=True, slots=True)
class Guess:
    """An address that may be the owner's. `share` [0, 1] of all weight; `signs` says why."""

    address: str
    share: float
    signs: tuple[tuple[str, int], ...]


def guess_owner(paths: Sequence[str | Path]) -> tuple[Guess, ...]:
    """Up to ten addresses that look like the owner of these files, the likeliest first.

    Looks at the beginning of each file only. Nothing is raised for what cannot be read: the
    import will name it.
    """
    signs: dict[str, Counter[str]] = defaultdict(Counter)

    def unheard(problem: Problem) -> None:
        """Problems are reported by the import itself, once."""

    with ExitStack() as stack:
        for source in archive.sources(paths, unheard, stack)[:_MOST_FILES]:
            with suppress(*DAMAGED):
                if source.kind is Kind.ICS:
                    _calendar(source, signs)
                elif source.kind in (Kind.MBOX, Kind.EML):
                    _mails(source, signs)
    weights = {
        address: sum(_WEIGHTS[sign] * count for sign, count in counts.items())
        for address, counts in signs.items()
    }
    total = sum(weights.values())
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:10]
    return tuple(
        Guess(address, weight / total, tuple(sorted(signs[address].items())))
        for address, weight in ranked
    )


def _mails(source: Source, signs: dict[str, Counter[str]]) -> None:
    with source.open() as stream:
        if source.kind is Kind.EML:
            raws = iter([mbox.one(stream.read(mbox.LONGEST_HEADER))])
        else:
            raws = islice(mbox.Splitter(stream).messages(), MOST_MAILS)
        for raw in raws:
            found = header_scan.scan(raw.header)
            labels = found.get("x-gmail-labels")
            filing = by_labels(", ".join(labels)) if labels else by_folder(source.parts)
            for person in header_scan.people(", ".join(found.get("from", ()))):
                signs[person.address]["sent" if filing.sent else "written"] += 1
            for name in ("delivered-to", "x-original-to"):
                for value in found.get(name, ())[:1]:
                    address = normal_forms.address(value)
                    if address:
                        signs[address]["delivered"] += 1


def _calendar(source: Source, signs: dict[str, Counter[str]]) -> None:
    with source.open() as stream:
        text = text_of(stream.read(32 << 20))
    # Google names the file and the calendar of a person by the address.
    named = normal_forms.address(source.parts[-1].rsplit(".", 1)[0])
    if named and "calendar.google.com" not in named:
        signs[named]["name"] += 1
    for calendar in calendars(text, _WANTED, lambda _line, _reason: None):
        titled = normal_forms.address(calendar.value("X-WR-CALNAME"))
        if titled and "calendar.google.com" not in titled:
            signs[titled]["name"] += 1
        for event in calendar.children[:_MOST_EVENTS]:
            people = {party(line).address for line in event.every("ATTENDEE")[:50]}
            people.add(party(event.first("ORGANIZER")).address)
            for address in people - {""}:
                signs[address]["invited"] += 1
