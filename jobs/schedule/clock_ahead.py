"""Did a clock run ahead? What lies in the future is no evidence, and is never passed over in silence."""

from __future__ import annotations

from config.clock import from_micros
from jobs.console.outcome import PARTLY, Outcome
from jobs.context import Context


def put_right(context: Context) -> Outcome:
    """Strike out what a clock that leapt ahead left (connectors.store.ledger.disown), and say so."""
    said = in_the_future(context)
    if not said:
        return Outcome()
    gone = context.store.ledger.disown()
    what = f"struck out {gone} entries" if gone else "they are passed over"
    return Outcome(PARTLY, problems=(f"{said}: {what}",))


def in_the_future(context: Context) -> str:
    """How to say that runs lie in the future; "" where none does."""
    ahead = context.store.ledger.ahead()
    if ahead is None:
        return ""
    runs = f"{ahead.runs} runs lie" if ahead.runs > 1 else "a run lies"
    return (
        f"{runs} in the future, the last on {from_micros(ahead.latest):%Y-%m-%d}; this machine's "
        "clock was ahead then, or is behind now"
    )
