"""How long before the start did somebody change it, in words a person would use?

To the half hour below ten hours, in hours up to two days, then in days. Where only an interval is
known, the mail says the days it covers; the page, whose reader looks for evidence, its hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pandas as pd

from reports.render.writer import Pen
from reports.weekly.person import Event, Notice

#: Both ends within this say one moment [h].
_EXACT = 0.25
_DAY = 48.0


def before(pen: Pen, known: Notice, start_at: pd.Timestamp, *, exact: bool = False) -> str:
    """`3½ hours before`, `that morning`, `on the day or the day before`.

    `exact`: an interval is said in its hours, as far as it is shorter than two days.
    """
    lo, hi = known.lo, known.hi
    if lo is None or hi is None:
        return _open(pen, lo, hi)
    if hi <= 0:
        return pen.say("{span} after it began", span=_length(pen, -lo))
    if lo < 0 and hi - lo < _DAY:
        return pen.say("around its start")
    if hi - lo < _EXACT:
        return _ago(pen, (lo + hi) / 2)
    if exact and hi < _DAY:
        least, most = _number(pen, lo), _number(pen, hi)
        if least == most:
            return _ago(pen, hi)
        return pen.say("between {least} and {most} hours before", least=least, most=most)
    return days(pen, start_at, lo, hi)


def days(pen: Pen, start_at: pd.Timestamp, lo: float, hi: float) -> str:
    """The local days that an interval of hours before the start covers."""
    zone = ZoneInfo(pen.report.zone)
    first, last = ((start_at - pd.Timedelta(hours=hours)).tz_convert(zone) for hours in (hi, lo))
    start = start_at.tz_convert(zone)
    if first.date() == start.date():
        return pen.say("that morning") if last.hour < 12 else pen.say("that day")
    apart = (start.date() - first.date()).days
    if apart == 1 and last.date() == start.date():
        return pen.say(
            "on {first} or {last}", first=pen.days.short(first), last=pen.days.short(last)
        )
    if first.date() == last.date():
        return pen.say("on {day}", day=pen.days.weekday(first))
    return pen.say(
        "between {first} and {last}", first=pen.days.weekday(first), last=pen.days.weekday(last)
    )


def spread(pen: Pen, events: Sequence[Event]) -> str:
    """The notices of several changes: `2½ to 4 hours before`, or `on the day`; "" if unknown."""
    known = [one for one in events if one.notice.lo is not None and one.notice.hi is not None]
    if not known or len(known) < len(events):
        return ""
    bounds = [(one.notice.lo or 0.0, one.notice.hi or 0.0) for one in known]
    lo, hi = min(low for low, _ in bounds), max(high for _, high in bounds)
    if lo < 0:
        return ""
    if hi >= _DAY:
        return pen.plural("up to {count} day before", "up to {count} days before", round(hi / 24))
    if all(high - low < _EXACT for low, high in bounds):
        least, most = _number(pen, lo), _number(pen, hi)
        if least == most:
            return _ago(pen, hi)
        if lo < _EXACT:
            return pen.say("up to {span} before", span=_length(pen, hi))
        return pen.say("{least} to {most} hours before", least=least, most=most)
    zone = ZoneInfo(pen.report.zone)
    same = all(
        (one.at - pd.Timedelta(hours=high)).tz_convert(zone).date()
        == one.at.tz_convert(zone).date()
        for one, (_, high) in zip(known, bounds, strict=True)
    )
    return pen.say("on the day") if same else pen.say("on the day or the day before")


def _open(pen: Pen, lo: float | None, hi: float | None) -> str:
    if lo is not None and lo >= 0:
        return pen.say("at least {span} before", span=_length(pen, lo))
    if hi is not None and hi > 0:
        return pen.say("at most {span} before", span=_length(pen, hi))
    if lo is None and hi is None:
        return pen.say("at a time that is not known")
    return pen.say("after it began")


def _ago(pen: Pen, hours: float) -> str:
    if hours < _EXACT:
        return pen.say("minutes before")
    return pen.say("{span} before", span=_length(pen, hours))


def _length(pen: Pen, hours: float) -> str:
    """`minutes`, `half an hour`, `1 hour`, `3½ hours`, `26 hours`, `3 days`"""
    if hours < _EXACT:
        return pen.say("minutes")
    halves = round(hours * 2)
    if halves == 1:
        return pen.say("half an hour")
    if hours >= _DAY:
        return pen.plural("{count} day", "{count} days", round(hours / 24))
    if halves == 2:
        return pen.say("1 hour")
    return pen.say("{number} hours", number=_number(pen, hours))


def _number(pen: Pen, hours: float) -> str:
    """`½`, `3½`; whole from ten on."""
    if hours >= 10:
        return pen.days.number(round(hours))
    whole, half = divmod(round(hours * 2), 2)
    return ("½" if half else "0") if not whole else f"{whole}½" if half else str(whole)
