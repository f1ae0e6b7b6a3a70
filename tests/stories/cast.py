"""Who plays in the stories, and how do they tell the time?"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from config.clock import to_micros
from connectors.model import normal_forms

#: Who plays in the stories. A name with an @ stands for itself.
CAST = {
    "sam": "sam@ours.example",  # the owner of the mailbox
    "bob": "bob@ours.example",  # a colleague of ours
    "dana": "dana@client.example",
    "emil": "emil@client.example",  # of Dana's organisation
    "ana": "ana@client.example",  # assistant there
    "nora": "nora@partner.example",
    "omar": "omar@vendor.example",
    "petra": "petra@vendor.example",  # of Omar's organisation
    "fritz": "fritz@gmail.com",
    "gita": "gita@gmail.com",  # a freemail domain is no organisation
    "room": "room-4@client.example",
    "daemon": "mailer-daemon@mail.example",
}

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOMENT = re.compile(
    rf"(?:(?P<weekday>{'|'.join(_DAYS)}) )?(?P<day>\d\d?) (?P<month>{'|'.join(MONTHS)})"
    r"(?: (?P<year>\d{4}))? (?P<hour>\d\d):(?P<minute>\d\d)(?P<second>:\d\d)?(?P<again> again)?"
)


class StoryError(Exception):
    """A story file is wrong; the text says which story, where and why."""


def moment(text: str, zone: str, year: int) -> int:
    """`Mon 23 Nov 10:00` in the zone, as microseconds UTC. `again`: the second 02:30 of that night.

    Raises StoryError for a text that is none, a weekday that does not fit, and a wall time that
    the clocks skip.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise StoryError(f"{text!r} is no moment: write it like 'Mon 23 Nov 10:00'")
    day = date(int(found["year"] or year), MONTHS.index(found["month"]) + 1, int(found["day"]))
    if found["weekday"] and _DAYS[day.weekday()] != found["weekday"]:
        raise StoryError(f"{text!r}: that day is a {_DAYS[day.weekday()]}")
    seconds = int((found["second"] or ":00")[1:])
    wall = datetime.combine(day, time(int(found["hour"]), int(found["minute"]), seconds))
    local = wall.replace(tzinfo=ZoneInfo(zone), fold=1 if found["again"] else 0)
    if local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        raise StoryError(f"{text!r}: the clocks skip that time in {zone}")
    return to_micros(local)


def address(name: str) -> str:
    """The address of somebody in the cast. Raises StoryError for a name that nobody bears."""
    if "@" in name:
        return normal_forms.address(name)
    if name not in CAST:
        raise StoryError(f"{name!r} is not in the cast: {', '.join(CAST)}")
    return CAST[name]
