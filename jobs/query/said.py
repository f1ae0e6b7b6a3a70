"""What did the user say by hand, and how is a slip taken back? Calls, tags and promises as lists.

A call or promise that is taken back is removed, as if it had never been said. A tag is a fact with a
time: taking it back sets its opposite, and the past keeps what was true then. What reports noted of
somebody meanwhile goes with it (decision 0095).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from config.clock import from_micros
from config.errors import ConfigError
from connectors.store.user_input import Said
from jobs.console.outcome import Outcome
from jobs.context import Context
from jobs.query import tagged, typed
from jobs.query.tables import Columns, Format, columns, show

#: In the place of somebody's name: the list of all (or of one), and the way back.
LIST, UNDO = "list", "undo"
_CALLS = columns("id", "when", "contact", "outcome", "channel")
_TAGS: Columns = {"id": "id", "when": "when", "contact": "contact", "tag": "tag", "value": "as"}
_PROMISES = columns("id", "day", "contact", "promise", "source")


def calls(context: Context, *, who: str, form: Format) -> Outcome:
    """The logged calls, the oldest first; only those with `who` where somebody is named."""
    rows = [
        (one.number, from_micros(one.at), one.address, one.words, one.more)
        for one in _with(context, context.store.user_input.calls(), who)
    ]
    return _listed(context, _CALLS, rows, form, "no call was logged")


def tags(context: Context, *, who: str, form: Format) -> Outcome:
    """The tags that hold now, in the order in which they were set."""
    rows = [
        (one.number, from_micros(one.at), one.address, one.words, one.more)
        for one in _with(context, tagged.holding(context), who)
    ]
    return _listed(context, _TAGS, rows, form, "nobody is tagged")


def promises(context: Context, *, who: str, form: Format) -> Outcome:
    """The promises by their day, also those that have passed."""
    rows = [
        (one.number, from_micros(one.at).date().isoformat(), one.address, one.words, one.more)
        for one in _with(context, context.store.user_input.promises(), who)
    ]
    return _listed(context, _PROMISES, rows, form, "no promise is kept", dated=False)


def undo_call(context: Context, number: str) -> Outcome:
    """Take back the call of this id. Raises ConfigError where there is none."""
    found = _of(context.store.user_input.calls(), number, "call")
    context.store.user_input.drop_call(found.number)
    unlearn(context, found.address, found.at)
    return Outcome(lines=(f"taken back: {found.address}, {found.words}",))


def undo_promise(context: Context, number: str) -> Outcome:
    """Take back the promise of this id. Raises ConfigError where there is none."""
    found = _of(context.store.user_input.promises(), number, "promise")
    context.store.user_input.drop_promise(found.number)
    return Outcome(lines=(f"taken back: {found.address}, {found.words}",))


def undo_tag(context: Context, number: str, take_off: Callable[[Said], None]) -> Outcome:
    """Take off the tag of this id, by `take_off`. Raises ConfigError where there is none."""
    found = _of(tagged.holding(context), number, "tag")
    if found.words == tagged.SAME:
        unlearn(context, found.address, found.at)
    take_off(found)
    return Outcome(lines=(f"{found.address} is no longer tagged {found.words}",))


def joined(context: Context, one: str, other: str) -> Said | None:
    """The tag by which these two addresses are one person, in whichever order it was typed."""
    pair = {one, other}
    held = [
        tag
        for tag in tagged.holding(context)
        if tag.words == tagged.SAME and {tag.address, tag.more} == pair
    ]
    return held[0] if held else None


def unlearn(context: Context, address: str, since: int) -> None:
    """Drop what reports have noted of this person since then [µs UTC], under whichever address.

    To be called while the tags that join the addresses still hold.
    """
    person = tagged.person(tagged.holding(context), address)
    context.store.contact_memory.unlearn(person, since)


def _with(context: Context, found: Sequence[Said], who: str) -> list[Said]:
    if not who:
        return list(found)
    meant = tagged.person(tagged.holding(context), typed.contact(context, who))
    return [one for one in found if meant & {one.address, one.more}]


def _of(found: Sequence[Said], number: str, what: str) -> Said:
    for one in found:
        if str(one.number) == number.strip():
            return one
    raise ConfigError(f"there is no {what} {number!r}", hint=f"see them with: noshow {what} list")


def _listed(
    context: Context,
    shown: Columns,
    rows: Sequence[Sequence[Any]],
    form: Format,
    nothing: str,
    *,
    dated: bool = True,
) -> Outcome:
    if not rows and form is Format.TABLE:
        return Outcome(lines=(nothing,))
    return Outcome(lines=(show(shown, rows, form, context.settings.zone if dated else ""),))
