"""Who and when is meant by what was typed: an address or a part of a name, `friday`, `yesterday 15:30`?"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.clock import in_reach, to_micros
from config.errors import ConfigError
from config.phrasing import bare
from config.settings import WEEKDAYS
from jobs.context import Context, own_addresses
from jobs.keeping.privacy import check_known, typed_address
from jobs.query import tagged

_NEAR = {"today": 0, "yesterday": -1, "tomorrow": 1}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
#: So many are named where several are meant.
_MOST = 8


def contact(context: Context, text: str) -> str:
    """The address that is meant: as typed, or the only contact whose name or address holds it.

    Addresses that a tag joins are one contact. Raises ConfigError where nobody or several are meant,
    with whom.
    """
    if "@" in text:
        return address(context, text)
    if not text.strip():
        raise ConfigError(
            "nobody is named",
            hint="write a part of the name, or an address like omar@client.example",
        )
    ours = {one for box in context.settings.mailbox for one in own_addresses(box)}
    found = {
        who: name
        for who, name in context.store.people.like(text.strip()).items()
        if who not in ours
    }
    whole = [who for who, name in found.items() if bare(text) in re.split(r"\W+", bare(name))]
    for meant in (list(found), whole):
        if meant and tagged.person(tagged.holding(context), meant[0]).issuperset(meant):
            return meant[0]
    if not found:
        raise ConfigError(
            f"nobody is known of whom {text!r} is a part of the name",
            hint="write the address, like omar@client.example",
        )
    named = [f"{who} ({name})" if name else who for who, name in found.items()]
    more = f" and {len(named) - _MOST} more" if len(named) > _MOST else ""
    raise ConfigError(
        f"{text!r} may mean several", hint=f"say which: {', '.join(named[:_MOST])}{more}"
    )


def somebody(context: Context, text: str, *, new: bool = False) -> str:
    """As `contact`, and known already unless `new`: a slip of the pen is nobody to keep facts of.

    Raises ConfigError, also where the person was forgotten.
    """
    who = address(context, text) if new else contact(context, text)
    check_known(context, who)
    if not new and context.store.pending.begun() and not context.store.people.known(who):
        raise ConfigError(
            f"no calendar or mail names {who}", hint="if it is right, say so with: --new"
        )
    return who


def address(context: Context, text: str) -> str:
    """The address in normal form, also of `Dana Kim <dana@client.example>`.

    Raises ConfigError where it is none, or several.
    """
    return typed_address(context, text)


def day(context: Context, text: str, *, ahead: bool, now: datetime | None = None) -> date:
    """A day as people write it: 2026-11-20, today, tomorrow, friday.

    A weekday is the next one after today, or with `ahead` False the last one up to today. `now`: the
    moment that is looked back to, in whose words it was typed. Raises ConfigError.
    """
    moment = now or context.clock.now()
    today = moment.astimezone(ZoneInfo(context.settings.zone)).date()
    word = text.strip().lower()
    if word in _NEAR:
        return today + timedelta(days=_NEAR[word])
    if word.isalpha() and len(word) >= 3 and word[:3] in WEEKDAYS:
        number = WEEKDAYS.index(word[:3])
        if ahead:
            return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
        return today - timedelta(days=(today.weekday() - number) % 7)
    try:
        found = date.fromisoformat(word)
        if not in_reach(found):
            raise ValueError(word)
    except ValueError as error:
        raise ConfigError(
            f"{text!r} is no day", hint="write it like 2026-11-20, friday or tomorrow"
        ) from error
    return found


def moment(context: Context, text: str) -> int:
    """A moment that has been [µs UTC]: 2026-11-20T15:30, yesterday, friday 15:30. Raises ConfigError.

    Without a time of the day it is noon.
    """
    try:
        found = datetime.fromisoformat(text)
        if not in_reach(found):
            raise ConfigError(
                f"{text!r} is no moment", hint="write it like 2026-11-20T15:30 or yesterday 15:30"
            )
        if "T" not in text and " " not in text.strip():
            found = found.replace(hour=12)
    except ValueError:
        head, _, tail = text.strip().partition(" ")
        clock = _CLOCK.fullmatch(tail or "12:00")
        if clock is None:
            raise ConfigError(
                f"{text!r} is no moment", hint="write it like 2026-11-20T15:30 or yesterday 15:30"
            ) from None
        at = time(int(clock[1]), int(clock[2]))
        found = datetime.combine(day(context, head, ahead=False), at)
    zoned = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(context.settings.zone))
    return to_micros(zoned)
