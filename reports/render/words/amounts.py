"""How are counts, durations and lists said in English?"""

from __future__ import annotations

from collections.abc import Sequence

_MINUTES = 60
_QUARTER = 15


def plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`"""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def duration(hours: float, *, rough: bool = False) -> str:
    """`45 min`, `1 h 48 min`, `22 h`, `3 days`: minutes only below ten hours.

    `rough`: from an hour on to the quarter, for an end of something hours wide.
    """
    minutes = round(abs(hours) * _MINUTES)
    if rough and minutes >= _MINUTES:
        minutes = _QUARTER * round(minutes / _QUARTER)
    if minutes < _MINUTES:
        return f"{minutes} min"
    if minutes < 10 * _MINUTES:
        whole, rest = divmod(minutes, _MINUTES)
        return f"{whole} h {rest} min" if rest else f"{whole} h"
    if abs(hours) < 48:
        return f"{round(abs(hours))} h"
    return plural(round(abs(hours) / 24), "day", "days")


def notice(lo: float | None, hi: float | None) -> str:
    """When a change came, told from the start: exactly, or as the interval that is known."""
    if lo is None and hi is None:
        return "at a moment that is not known"
    if lo is None:
        assert hi is not None  # noqa: S101 - one of the two is given
        if hi > 0:
            return f"at most {duration(hi)} before it began"
        return f"{duration(hi)} or longer after it began"
    if hi is None:
        if lo >= 0:
            return f"at least {duration(lo)} before it began"
        return f"{duration(lo)} after it began at the latest"
    if abs(hi - lo) * _MINUTES < 1 or (duration(hi) == duration(lo) and lo * hi > 0):
        if abs(hi) * _MINUTES < 1:
            return "at the minute it began"
        return f"{duration(hi)} {'before' if hi > 0 else 'after'} it began"
    wide = hi - lo >= 1
    least, most = duration(lo, rough=wide), duration(hi, rough=wide)
    if lo >= 0:
        return f"{least} to {most} before it began"
    if hi <= 0:
        return f"{most} to {least} after it began"
    return f"some time from {most} before it began to {least} after"
