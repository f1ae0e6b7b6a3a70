"""How does a test say in one line what a source saw?

`meeting(start="Mon 09:00", declined="dana@client.example")`, `mail("dana@client.example")`.
Moments may be a weekday and time of the week of Monday, 2 November 2026 (UTC), a text in ISO 8601,
a datetime, or microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from config.clock import Clock, to_micros
from connectors.interfaces import Window
from connectors.model.records import (
    Evidence,
    Guest,
    LabelChange,
    MeetingSeen,
    MessageSeen,
    Method,
    Person,
    Response,
    Status,
)
from connectors.store.store import Store

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
OWNER = "sam@ours.example"
DANA = "dana@client.example"
CALENDAR = "primary"
HOUR = 3_600_000_000
DAY = 24 * HOUR
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_numbers = count(1)

Moment = int | str | datetime


def at(moment: Moment) -> int:
    """`Mon 09:00`, `2026-11-02T09:00`, a datetime or microseconds, as microseconds UTC."""
    if isinstance(moment, int):
        return moment
    if isinstance(moment, datetime):
        return to_micros(moment)
    day, _, time = moment.partition(" ")
    if day in _WEEKDAYS:
        hours, minutes = time.split(":")
        return to_micros(
            MONDAY + timedelta(days=_WEEKDAYS.index(day), hours=int(hours), minutes=int(minutes))
        )
    parsed = datetime.fromisoformat(moment)
    return to_micros(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def _addresses(who: str | Iterable[str]) -> tuple[str, ...]:
    return (who,) if isinstance(who, str) else tuple(who)


def meeting(
    uid: str = "m1",
    start: Moment = "Mon 09:00",
    *,
    minutes: int = 30,
    recurrence: str = "",
    guests: str | Iterable[str] = DANA,
    accepted: str | Iterable[str] = (),
    declined: str | Iterable[str] = (),
    tentative: str | Iterable[str] = (),
    calendar: str = CALENDAR,
    provider_id: str = "",
    status: Status = Status.CONFIRMED,
    organizer: str = OWNER,
    updated: Moment | None = None,
    created: Moment | None = None,
    **more: Any,
) -> MeetingSeen:
    """One meeting as a calendar shows it: organised by us, Dana invited and silent."""
    answers = dict.fromkeys(_addresses(guests), Response.NONE)
    for people, response in (
        (accepted, Response.ACCEPTED),
        (declined, Response.DECLINED),
        (tentative, Response.TENTATIVE),
    ):
        answers.update(dict.fromkeys(_addresses(people), response))
    given: dict[str, Any] = {
        "subject": f"Talk {uid}",
        "organizer": organizer,
        "organizer_is_self": organizer == OWNER,
        "guests": tuple(Guest(who, response=response) for who, response in answers.items()),
        "created_at": None if created is None else at(created),
        "updated_at": None if updated is None else at(updated),
        "updated_exact": updated is not None,
    }
    return MeetingSeen(
        provider_id or f"id-{uid}-{recurrence}".rstrip("-"),
        calendar,
        f"{uid}@cal.example",
        recurrence,
        status,
        start_at=at(start),
        end_at=at(start) + minutes * 60_000_000,
        **(given | more),
    )


def stub(uid: str = "m1", *, recurrence: str = "", **more: Any) -> MeetingSeen:
    """A cancelled entry of which nothing but its ids is left."""
    whole = meeting(uid, recurrence=recurrence, **more)
    return MeetingSeen(
        whole.provider_id,
        whole.calendar_id,
        "",
        "",
        Status.CANCELLED,
        stub=True,
    )


def act(
    uid: str = "m1",
    method: Method = Method.REPLY,
    acted: Moment | None = "Mon 08:00",
    *,
    who: str = DANA,
    response: Response = Response.DECLINED,
    recurrence: str = "",
    evidence: Evidence = Evidence.ITIP,
    message: str = "",
    **more: Any,
) -> MeetingSeen:
    """A dated act from a mail: an answer, a request, a cancellation."""
    cancelled = method is Method.CANCEL
    given: dict[str, Any] = {
        "provider_id": f"mail-{uid}-{method}",
        "calendar_id": "mail",
        "evidence": evidence,
        "method": method,
        "acted_at": None if acted is None else at(acted),
        "actor": who,
        "status": Status.CANCELLED if cancelled else Status.CONFIRMED,
        "guests": (Guest(who, response=response),),
        "message_key": message or f"{uid}.{method}.{acted}@client.example",
    }
    return replace(meeting(uid, recurrence=recurrence), **(given | more))


def mail(
    from_: str = DANA,
    moment: Moment | None = "Mon 08:00",
    *,
    to: str | Iterable[str] = OWNER,
    cc: str | Iterable[str] = (),
    provider_id: str = "",
    **more: Any,
) -> MessageSeen:
    """One mail to us, in the inbox."""
    name = provider_id or f"mail-{next(_numbers)}"
    given: dict[str, Any] = {
        "thread_id": f"thread-{name}",
        "message_key": f"{name}@mail.example",
        "subject": f"About {name}",
        "inbox": True,
        "size": 1000,
    }
    return MessageSeen(
        provider_id=name,
        from_=Person(from_),
        at=None if moment is None else at(moment),
        to=tuple(Person(who) for who in _addresses(to)),
        cc=tuple(Person(who) for who in _addresses(cc)),
        **(given | more),
    )


def change(provider_id: str, **flags: Any) -> LabelChange:
    """A mail whose whole set of flags is now this: none but the given ones."""
    names = ("sent", "draft", "inbox", "spam", "trash", "promotions", "flagged")
    return LabelChange(
        provider_id,
        **{name: bool(flags.get(name)) for name in names},
        labels=tuple(flags.get("labels", ())),
    )


class Hands:
    """A clock that only the test moves; its sleep moves it too."""

    def __init__(self, moment: Moment = "Mon 00:00") -> None:
        self.micros = at(moment)
        self.slept = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=self.micros)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.micros += round(seconds * 1_000_000)

    def to(self, moment: Moment) -> None:
        self.micros = at(moment)

    def go(self, **delta: float) -> None:
        self.micros += round(timedelta(**delta).total_seconds() * 1_000_000)

    @property
    def clock(self) -> Clock:
        return Clock(now_=self.now, steady_=lambda: self.micros / 1_000_000, sleep_=self.sleep)


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'state' / 'noshow.db'}"


def open_store(url: str, hands: Hands | None = None) -> Store:
    return Store.open(url, (hands or Hands()).clock)


def mailbox(store: Store, address: str = OWNER) -> int:
    return store.mailboxes.ensure(address, "google", "Europe/Berlin")


#: Wide enough for every meeting that a builder makes.
WINDOW = Window(at("2026-01-01"), at("2027-12-31"))
