"""What do the providers do where no documentation says it? Asked once on the user's own account.

The fact sheets mark what no source says as UNCONFIRMED, and the code works either way. Where a
request that only reads can tell, `doctor --probe` asks it, and keeps yes or no with its day in the
state folder; `doctor` shows it. Nothing of what is looked at is kept: no subject, address or id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TypeVar

from config import private_files
from config.clock import from_micros
from config.errors import AuthError, NoshowError, ProviderError
from jobs.context import Context

Way = TypeVar("Way")
_FILE = "probe.json"


class Said(StrEnum):
    """What the account showed. UNSEEN: it holds nothing that could show it."""

    YES = "yes"
    NO = "no"
    UNSEEN = "nothing to see it by"


@dataclass(frozen=True, slots=True)
class Fact:
    """One open question of a fact sheet. `key` names it in docs/facts/probes.md."""

    key: str
    question: str


@dataclass(frozen=True, slots=True)
class Found:
    """What one mailbox's account said to it, and when [µs UTC]."""

    mailbox: str
    key: str
    question: str
    said: str
    at: int

    @property
    def line(self) -> str:
        return f"{self.question}: {self.said} ({self.mailbox}, {from_micros(self.at):%Y-%m-%d})"


#: One question with its way to ask.
Asking = tuple[Fact, Callable[[Way], Said]]


def ask(context: Context, mailbox: str, way: Way, questions: Sequence[Asking[Way]]) -> list[Found]:
    """Ask them all and keep the answers. One that could not be asked now keeps its old answer."""
    found = []
    for fact, question in questions:
        try:
            said = question(way)
        except NoshowError:
            continue
        found.append(Found(mailbox, fact.key, fact.question, said.value, context.clock.micros()))
    fresh = {(one.mailbox, one.key) for one in found}
    kept = [one for one in known(context) if (one.mailbox, one.key) not in fresh]
    tree = [asdict(one) for one in sorted([*kept, *found], key=lambda one: (one.mailbox, one.key))]
    private_files.write(context.paths.state / _FILE, json.dumps(tree, indent=1))
    return found


def known(context: Context) -> tuple[Found, ...]:
    """What was answered so far; nothing where the file is not there or is damaged."""
    try:
        tree = json.loads((context.paths.state / _FILE).read_text("utf-8"))
        return tuple(Found(**one) for one in tree)
    except (OSError, ValueError, TypeError):
        return ()


def allowed(question: Callable[[], object]) -> bool:
    """Is this asked with success? False for a refusal; other errors are raised."""
    try:
        question()
    except (AuthError, ProviderError) as error:
        if isinstance(error, ProviderError) and (error.status or 500) >= 500:
            raise
        return False
    return True


def yes(answer: bool) -> Said:
    return Said.YES if answer else Said.NO
