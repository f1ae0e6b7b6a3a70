"""What may stand in a story file, and how is it read?

A story is data: facts in local wall time, and what the report may say of them. Whoever writes one
learns at once of a wrong word: unknown keys, unknown people, a weekday that does not fit its date
and a story that expects nothing are errors with the file and the story named.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.clock import to_micros
from tests.stories.cast import MONTHS, StoryError, moment

FOLDER = Path(__file__).parent
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


Names = tuple[str, ...]


class Meeting(_Table):
    """An entry in our calendar, as it was made.

    `by` organises (`sam`, a contact, or `group`: a shared calendar in which Sam made it). `with`
    are the guests beside Sam. `accepted`: when all guests outside said yes; theirs are accepted by
    Sam at once. `every` and `count` make a series [days]. `undated`: nobody says when it was made.
    `guests_can_modify`: every guest may move it, and Google tells of it in the organiser's name.
    """

    id: str = "meeting"
    at: str
    made: str = ""
    minutes: int = 30
    by: str = "sam"
    with_: Names = Field(("dana",), alias="with")
    accepted: str = ""
    sam: Literal["accepted", "declined", "none"] = "accepted"
    every: int = 0
    count: int = 1
    title: str = ""
    kind: str = "default"
    all_day: bool = False
    free: bool = False
    private: bool = False
    hidden: bool = False
    guests_can_modify: bool = False
    online: bool = False
    on_site: bool = False
    rooms: Names = ()
    mailboxes: Names = ("sam",)
    sequence: int = 0
    undated: bool = False


Does = Literal[
    "accepts", "declines", "tentative", "unanswered", "proposes", "moves", "cancels", "uninvites",
    "invites", "deletes", "vanishes", "returns", "edits", "marks", "hides", "shows",
    "changes",
]  # fmt: skip


class Event(_Table):
    """Something that happened to a meeting, and by which ways we learn of it.

    `meeting` is an id, `id#2` for the second occurrence, `id#all` for the whole series. `seen`:
    `calendar` (the next poll shows the new state), `mail` (the provider's own notification),
    `itip` (a text/calendar part in a mail file), `audit` (the administrator's log). `unnoticed`:
    the entry's last-change time did not move with it. `hides`: Sam may no longer see the entry's
    details (a private one in a calendar that is shared with him); `shows`: he may again.
    `checked`: what our own side's sender check said of the mail; "": nothing.
    `changes`: we make the entry what `word` says: free, private or on_site.
    """

    at: str
    who: str = "sam"
    does: Does
    meeting: str = ""
    to: str = ""
    whom: str = ""
    word: str = ""
    via: str = ""
    machine: bool = False
    keeps_answers: bool = False
    unnoticed: bool = False
    mailboxes: Names = ()
    checked: Literal["pass", "fail", ""] = "pass"
    seen: tuple[Literal["calendar", "mail", "itip", "audit"], ...] = ("calendar",)


class Mail(_Table):
    """A mail in a mailbox: by one of ours it lies among the sent mail, unless `folder` says else.

    `re` is the id of the mail that it answers. `pending`: it was listed and is not fetched yet.
    """

    at: str
    id: str = ""
    from_: str = Field("sam", alias="from")
    to: Names = ("sam",)
    cc: Names = ()
    bcc: Names = ()
    sender: str = ""
    subject: str = ""
    re: str = ""
    thread: str = ""
    folder: Literal["", "inbox", "sent", "spam", "trash", "promotions", "archive"] = ""
    headers: dict[str, str] = Field(default_factory=dict)
    flagged: bool = False
    important: bool = False
    labels: Names = ()
    due: str = ""
    type: str = ""
    mailbox: str = "sam"
    pending: bool = False

    @model_validator(mode="before")
    @classmethod
    def _one_name(cls, given: Any) -> Any:
        """`to = "dana"` is as good as `to = ["dana"]`."""
        if isinstance(given, dict):
            lists = ("to", "cc", "bcc", "labels")
            return {k: [v] if k in lists and isinstance(v, str) else v for k, v in given.items()}
        return given


class Call(_Table):
    at: str
    who: str = "dana"
    outcome: Literal["no-answer", "assistant", "spoke", "will-call"]


class Tag(_Table):
    at: str
    who: str = "dana"
    word: str
    value: str = ""


class Promise(_Table):
    made: str
    who: str = "dana"
    due: str
    words: str = "the signed offer"


class Present(_Table):
    """Somebody in an attendance record; without `who` only a display name was shown.

    `after`: how many minutes after the record's begin they joined.
    """

    who: str = ""
    minutes: int = 25
    after: int = 0
    identity: Literal["signed_in", "guest", "anonymous", "phone"] = "signed_in"


class Record(_Table):
    """One session of an online meeting."""

    at: str
    meeting: str = ""
    minutes: int = 25
    people: tuple[Present, ...]


class Answer(_Table):
    """The user's word on a claim that an earlier report of this story printed.

    `kind`, `who` and `slot` choose the claim; `id` overrides it. By mail: `mail` is a true one,
    `forged` came from elsewhere.
    """

    at: str
    word: str
    kind: str = ""
    who: str = "dana"
    slot: str = ""
    id: str = ""
    by: Literal["command", "mail", "forged"] = "command"


class Expected(_Table):
    """One expectation: what it is about (`slot`, `standing`, ...), and what must be found there."""

    # what about
    slot: str = ""
    standing: str = ""
    silence: str = ""
    owed: str = ""
    promise: str = ""
    question: str = ""
    person: str = ""
    coming: str = ""
    absence: str = ""
    mail: str = ""
    accused: str = ""
    notice: str = ""
    # which one
    who: str = "dana"
    meeting: str = ""
    # a slot
    outcome: str | None = None
    rule: str | None = None
    origin: str | None = None
    grade: str | None = None
    via: str | None = None
    why_not: str | None = None
    in_n: bool | None = None
    in_k: bool | None = None
    hard: bool | None = None
    counted_unknown: bool | None = None
    asked: str | None = None
    notice_hours: float | None = None
    limit_hours: float | None = None
    replaced: str | None = None
    note: str | None = None
    lost_hours: float | None = None
    # a standing
    k: int | None = None
    k_hard: int | None = None
    n: int | None = None
    unknown: int | None = None
    early: int | None = None
    excused: int | None = None
    agreed: int | None = None
    own_late: int | None = None
    tier: str | None = None
    by: str | None = None
    step: str | None = None
    step_detail: str | None = None
    rules: str | None = None
    too_early: bool | None = None
    moves_only: bool | None = None
    # the others
    count: int | None = None
    asks: int | None = None
    calls: int | None = None
    why: str | None = None
    colleague: str | None = None
    perhaps: bool | None = None
    word_at: str | None = None
    kind: str | None = None
    was: str | None = None
    names_mail: str | None = None
    would_change: bool | None = None
    stage: str | None = None
    warm: bool | None = None
    machine: bool | None = None
    client: bool | None = None
    dead: bool | None = None
    dead_reason: str | None = None
    let_go: bool | None = None
    class_: str | None = Field(None, alias="class")
    accepted: bool | None = None
    closes: str | None = None
    printed: bool | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> Expected:
        if len(self.subjects) != 1:
            raise ValueError(f"it is about one thing, not about {self.subjects or 'nothing'}")
        checked = set(self.model_fields_set) - set(self.subjects) - {"who", "meeting"}
        if not checked and self.subjects[0] not in ("accused", "notice"):
            raise ValueError("it expects nothing of what it names")
        return self

    @property
    def subjects(self) -> list[str]:
        about = SUBJECTS & self.model_fields_set
        return sorted(about)

    @property
    def about(self) -> str:
        return self.subjects[0]


SUBJECTS = {
    "slot", "standing", "silence", "owed", "promise", "question", "person", "coming", "absence",
    "mail", "accused", "notice",
}  # fmt: skip


class Story(_Table):
    """One story: settings, facts, and what may be said of them at `as_of`."""

    name: str
    file: str
    why: Annotated[str, Field(min_length=20)]
    rules: Annotated[Names, Field(min_length=1)]
    flips: str = ""
    as_of: str = "Mon 30 Nov 07:00"
    year: int = 2026
    zone: str = "Europe/Berlin"
    countries: Names = ()
    domains: Names = ("ours.example",)
    clients: Names = ()
    provider: Literal["google", "microsoft", "files"] = "google"
    mailboxes: Names = ("sam",)
    since: str = "Thu 1 Jan 01:30"
    looks: str | Names = "2 h"
    past_days: int = 200
    history: dict[str, str] = Field(default_factory=dict)
    meetings: tuple[Meeting, ...] = ()
    events: tuple[Event, ...] = ()
    mails: tuple[Mail, ...] = ()
    calls: tuple[Call, ...] = ()
    tags: tuple[Tag, ...] = ()
    promises: tuple[Promise, ...] = ()
    records: tuple[Record, ...] = ()
    reports: Names = ()
    answers: tuple[Answer, ...] = ()
    expect: Annotated[tuple[Expected, ...], Field(min_length=1)]

    def at(self, text: str) -> int:
        """A moment of this story [µs UTC]."""
        return moment(text, self.zone, self.year)

    def day(self, text: str) -> int:
        """A date, as midnight UTC [µs]."""
        if not _DAY.fullmatch(text):
            raise StoryError(f"{text!r} is no day: write it like '2026-11-20'")
        return to_micros(datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC))

    def before(self, at: int, *, days: int) -> str:
        """A moment some local days before another, at 10:00."""
        local = datetime.fromtimestamp(at / 1_000_000, ZoneInfo(self.zone)) - timedelta(days=days)
        return f"{local.day} {MONTHS[local.month - 1]} {local.year} 10:00"


def parse(text: str, file: str) -> Iterator[Story]:
    """The stories of one file's text. Raises StoryError with the story and all that is wrong."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StoryError(f"{file}: {error}") from error
    for name, table in tree.items():
        if not isinstance(table, dict):
            raise StoryError(f"{file}: {name!r} is no story: write [{name}] and what it tells")
        try:
            yield Story.model_validate({**table, "name": name, "file": file})
        except ValidationError as error:
            wrong = (
                f"{'.'.join(map(str, one['loc'])) or 'the story'}: {one['msg']}"
                for one in error.errors()
            )
            raise StoryError(f"{file}, {name}: {'; '.join(wrong)}") from error


@lru_cache(maxsize=1)
def stories() -> dict[str, Story]:
    """All stories by their name, in the order of the files. Raises StoryError."""
    found: dict[str, Story] = {}
    for path in sorted(FOLDER.rglob("*.toml")):
        for story in parse(path.read_text("utf-8"), path.name):
            if story.name in found:
                raise StoryError(f"{path.name}, {story.name}: there is a story of this name")
            found[story.name] = story
    return found
