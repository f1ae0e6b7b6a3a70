"""Does this machine's clock show what the provider's does? What a look sees is dated by ours."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from config.errors import ConfigError
from connectors.transport.exchange import Answer


def check_clock(answer: Answer, now: datetime, most: float) -> None:
    """Raises ConfigError where the answer's Date (RFC 9110, 6.6.1) differs from now by more than `most` [s].

    An answer without a Date that can be read says nothing.
    """
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    off = (now - theirs).total_seconds()
    if abs(off) > most:
        way = "ahead of" if off > 0 else "behind"
        raise ConfigError(
            f"this machine's clock is {_told(abs(off))} {way} the provider's: nothing was read, "
            "because it would be dated wrongly",
            hint="set the clock (on Linux: timedatectl set-ntp true); the next run goes on from here",
        )


def _told(seconds: float) -> str:
    """A length in the largest unit of which there are two or more."""
    for unit, name in ((86_400, "days"), (3_600, "hours")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / 60:.0f} minutes"
