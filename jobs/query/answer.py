"""What does the user say that mail and calendar cannot know? Answers, tags, calls, promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from config.clock import from_micros, to_micros
from config.errors import ConfigError
from connectors.model import short_ids
from connectors.model.records import Call
from connectors.store.user_input import Said
from jobs.console.outcome import Outcome
from jobs.context import Context
from jobs.query import said, tagged, typed
from jobs.query.tables import local
from reports.claims import FITTING

CALLS = ("no-answer", "assistant", "spoke", "will-call")
TAGS = ("client", "warm", "let-go", "machine", tagged.SAME)
UNDO = "undo"


def answer(
    context: Context, *, claims: Sequence[str], word: str, mailboxes: tuple[str, ...] = ()
) -> Outcome:
    """Answer the claims with these ids, all with one word, or none of them.

    Raises ConfigError for an unknown id or a word that does not fit one of them.
    """
    lower = word.strip().lower()
    found = [_printed(context, claim, mailboxes) for claim in claims]
    for known in found:
        fitting = sorted({*FITTING.get(known.kind, ()), UNDO})
        if lower not in fitting:
            raise ConfigError(
                f"{word!r} does not fit this claim", hint=f"it takes one of: {', '.join(fitting)}"
            )
    lines = []
    for claim, known in zip(claims, found, strict=True):
        drawn = short_ids.as_drawn(claim)
        now = context.clock.micros()
        since = context.store.claims.answered_since(known.mailbox_id, drawn)
        context.store.claims.answer(known.mailbox_id, drawn, lower, now, "command")
        if lower == UNDO and since is not None:
            said.unlearn(context, known.contact, since)
        lines.append(f"{drawn}: {lower}; it counts from the next report on")
    return Outcome(lines=tuple(lines))


@dataclass(frozen=True)
class _Printed:
    mailbox_id: int
    kind: str
    contact: str


def _printed(context: Context, claim: str, mailboxes: tuple[str, ...]) -> _Printed:
    for box in context.chosen(mailboxes):
        number = context.mailbox_id(box)
        known = context.store.claims.find(number, claim)
        if known is not None:
            return _Printed(number, known.kind, known.contact)
    raise ConfigError(
        f"no report of these mailboxes printed the id {claim!r}",
        hint="see them with: noshow questions",
    )


def tag(
    context: Context, *, address: str, word: str, value: str, remove: bool, new: bool = False
) -> Outcome:
    """Set or take off a tag. Raises ConfigError for an unknown word, person or a missing value."""
    if word not in TAGS:
        raise ConfigError(f"{word!r} is not one of {', '.join(TAGS)}")
    if (word == "same-person") != bool(value):
        raise ConfigError(
            "same-person needs the other address, and no other tag takes one",
            hint="noshow tag dana@client.example same-person dana@home.example",
        )
    who = typed.somebody(context, address, new=new)
    # The other address may well be one that nothing names yet.
    other = typed.somebody(context, value, new=True) if value else ""
    if other == who:
        raise ConfigError("these are one address", hint="same-person needs another one")
    label = f"not-{word}" if remove else word
    if remove and word == tagged.SAME:
        held = said.joined(context, who, other)
        if held is not None:
            said.unlearn(context, who, held.at)
            who, other = held.address, held.more
    context.store.user_input.tag(_first(context), who, label, other, context.clock.micros())
    done = "no longer" if remove else "now"
    return Outcome(lines=(f"{who} is {done} tagged {word}{f' as {other}' if other else ''}",))


def undo_tag(context: Context, number: str) -> Outcome:
    """Take off the tag that `noshow tag list` shows by this id. Raises ConfigError."""

    def take_off(one: Said) -> None:
        # Not before it was set, also where the clock was put back since.
        at = max(context.clock.micros(), one.at)
        context.store.user_input.tag(_first(context), one.address, f"not-{one.words}", one.more, at)

    return said.undo_tag(context, number, take_off)


def call(
    context: Context, *, address: str, outcome: str, at: str = "", new: bool = False
) -> Outcome:
    """Log a call. Raises ConfigError for an unknown outcome or person, or no past moment."""
    if outcome not in CALLS:
        raise ConfigError(f"how did the call end? {outcome!r} is not one of {', '.join(CALLS)}")
    who = typed.somebody(context, address, new=new)
    moment = typed.moment(context, at) if at else context.clock.micros()
    if moment > context.clock.micros():
        raise ConfigError(f"{at} lies in the future", hint="a call is logged when it was made")
    added = context.store.user_input.log_calls(_first(context), [Call(moment, who, outcome)])
    if not added:
        return Outcome(lines=("this call was logged before",))
    day = local(from_micros(moment), context.settings.zone)
    back = _way_back("call", context.store.user_input.calls(), who)
    return Outcome(lines=(f"logged: {who}, {outcome}, {day}", back))


def promise(context: Context, *, address: str, text: str, by: str, new: bool = False) -> Outcome:
    """Keep a promise and its day. Raises ConfigError."""
    if not text.strip() or not by:
        raise ConfigError(
            "a promise needs its words and its day",
            hint=f'noshow promise {address} "the deposit" --by friday',
        )
    day = typed.day(context, by, ahead=True)
    due = to_micros(datetime.combine(day, time(), tzinfo=UTC))
    who = typed.somebody(context, address, new=new)
    added = context.store.user_input.promise(
        _first(context), who, text, context.clock.micros(), due, "command"
    )
    said_day = f"{day:%A} {day.day} {day:%B %Y}"
    if not added:
        return Outcome(lines=(f"remembered before for {said_day}",))
    back = _way_back("promise", context.store.user_input.promises(), who)
    return Outcome(lines=(f"remembered for {said_day}", back))


def _way_back(what: str, known: Sequence[Said], who: str) -> str:
    """How what was just said is taken back: it has the highest number."""
    newest = max(one.number for one in known if one.address == who)
    return f"take it back with: noshow {what} undo {newest}"


def _first(context: Context) -> int:
    """Opinions are the user's, so they lie with the first mailbox of the settings."""
    boxes = context.chosen()
    if not boxes:
        raise ConfigError("the settings name no mailbox", hint="add a [[mailbox]]; see noshow init")
    return context.mailbox_id(boxes[0])
