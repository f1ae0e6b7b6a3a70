"""What does the user say that mail and calendar cannot know? Answers, tags, calls, promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from config.clock import to_micros
from config.errors import ConfigError
from connectors.model import short_ids
from connectors.model.normal_forms import address as normal_address
from connectors.model.records import Call
from jobs.context import Context
from jobs.outcome import Outcome
from jobs.privacy import check_known
from reports.claims import FITTING

CALLS = ("no-answer", "assistant", "spoke", "will-call")
TAGS = ("client", "warm", "let-go", "machine", "same-person")
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
    said = []
    for claim, known in zip(claims, found, strict=True):
        typed = short_ids.as_drawn(claim)
        now = context.clock.micros()
        context.store.claims.answer(known.mailbox_id, typed, lower, now, "command")
        said.append(f"{typed}: {lower}; it counts from the next report on")
    return Outcome(lines=tuple(said))


@dataclass(frozen=True)
class _Printed:
    mailbox_id: int
    kind: str


def _printed(context: Context, claim: str, mailboxes: tuple[str, ...]) -> _Printed:
    for box in context.chosen(mailboxes):
        number = context.mailbox_id(box)
        known = context.store.claims.find(number, claim)
        if known is not None:
            return _Printed(number, known.kind)
    raise ConfigError(
        f"no report of these mailboxes printed the id {claim!r}",
        hint="see them with: noshow questions",
    )


def tag(context: Context, *, address: str, word: str, value: str, remove: bool) -> Outcome:
    """Set or take off a tag. Raises ConfigError for an unknown word or a missing value."""
    if word not in TAGS:
        raise ConfigError(f"{word!r} is not one of {', '.join(TAGS)}")
    who, other = _address(address), _address(value) if value else ""
    if (word == "same-person") != bool(other):
        raise ConfigError(
            "same-person needs the other address, and no other tag takes one",
            hint="noshow tag dana@client.example same-person dana@home.example",
        )
    for one in filter(None, (who, other)):
        check_known(context, one)
    label = f"not-{word}" if remove else word
    context.store.user_input.tag(_first(context), who, label, other, context.clock.micros())
    done = "no longer" if remove else "now"
    return Outcome(lines=(f"{who} is {done} tagged {word}{f' as {other}' if other else ''}",))


def call(context: Context, *, address: str, outcome: str, at: str = "") -> Outcome:
    """Log a call. Raises ConfigError for an unknown outcome or a moment that is none."""
    if outcome not in CALLS:
        raise ConfigError(f"{outcome!r} is not one of {', '.join(CALLS)}")
    who = _address(address)
    check_known(context, who)
    moment = _moment(context, at) if at else context.clock.micros()
    new = context.store.user_input.log_calls(_first(context), [Call(moment, who, outcome)])
    return Outcome(lines=("logged" if new else "this call was logged before",))


def promise(context: Context, *, address: str, text: str, by: str) -> Outcome:
    """Keep a promise and its day. Raises ConfigError."""
    try:
        day = date.fromisoformat(by)
    except ValueError as error:
        raise ConfigError(f"{by!r} is no day", hint="write it like 2026-11-20") from error
    due = to_micros(datetime.combine(day, time(), tzinfo=UTC))
    who = _address(address)
    check_known(context, who)
    context.store.user_input.promise(
        _first(context), who, text, context.clock.micros(), due, "command"
    )
    return Outcome(lines=(f"remembered for {day:%A} {day.day} {day:%B %Y}",))


def _address(text: str) -> str:
    found = normal_address(text)
    if not found:
        raise ConfigError(
            f"{text!r} is no e-mail address", hint="write it like dana@client.example"
        )
    return found


def _first(context: Context) -> int:
    """Opinions are the user's, so they lie with the first mailbox of the settings."""
    boxes = context.chosen()
    if not boxes:
        raise ConfigError("the settings name no mailbox", hint="add a [[mailbox]]; see noshow init")
    return context.mailbox_id(boxes[0])


def _moment(context: Context, text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no moment", hint="like 2026-11-20T15:30") from error
    zoned = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(context.settings.zone))
    return to_micros(zoned)
