"""What does a big team's store look like? A made-up one, filled in bulk and the same every time.

Eight mailboxes over two years: threads with answers, newsletters, out-of-office notices, bounces,
meetings that are kept, moved, cancelled and declined. Nothing here is measured; the shares are
those of an ordinary sales mailbox (a third bulk, one meeting in eight changed).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectors.store.store import Store
from connectors.store.write import mail_links

AS_OF: Final = pd.Timestamp("2026-11-23 06:00", tz="UTC")
MAILBOXES: Final = 8
#: Raised when the made-up world changes, so that a cached store is not mistaken for it.
VERSION: Final = 3

_DAY: Final = 86_400_000_000
_HOUR: Final = _DAY // 24
_SPAN: Final = 730 * _DAY
_CHUNK: Final = 50_000

Ints = npt.NDArray[np.int64]
Row = tuple[Any, ...]

_BULK = "list-unsubscribe: <https://lists.example/u/{0}>\nprecedence: bulk\nlist-id: <n{0}.lists.example>"
_PLAIN = "return-path: <{0}>\nreply-to: {0}\nx-mailer: Example Mail 16.0\ncontent-class: urn:content-classes:message"
_AWAY = "auto-submitted: auto-replied\nx-autoreply: yes\nprecedence: auto_reply\nreturn-path: <{0}>"
_BOUNCE = "auto-submitted: auto-replied\nreturn-path: <>\nx-failed-recipients: {0}"


def ours(number: int) -> str:
    return f"seller{number}@ours.example"


def person(number: int) -> str:
    """The address of a contact; four are of one organisation."""
    return f"person{number}@org{number // 4}.example"


def _now() -> int:
    return int(AS_OF.as_unit("us").tz_localize(None).asm8.astype("int64"))


def _insert(
    connection: sqlite3.Connection, table: str, names: Sequence[str], rows: Iterable[Row]
) -> None:
    marks = ", ".join("?" * len(names))
    connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)


def build(
    path: Path, messages: int, meetings: int, *, mailboxes: int = MAILBOXES, days: int = 365
) -> None:
    """Make the store at `path` anew. Shape: `messages` mails in so many mailboxes, `meetings` copies
    of meetings with about 1.9 looks each, in sum about 1.8 recipients a mail. `days`: so long each
    mailbox has been looked at.
    """
    path.unlink(missing_ok=True)
    Store.open(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous=OFF", "journal_mode=OFF", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("BEGIN")
    contacts = max(60, messages // 50)
    world = _World(np.random.default_rng(20261123), contacts, mailboxes)
    _insert(
        connection,
        "mailboxes",
        ["mailbox_id", "address", "provider", "zone", "added_at"],
        [(n, ours(n), "google", "Europe/Berlin", 0) for n in range(1, mailboxes + 1)],
    )
    _insert(
        connection,
        "polls",
        ["mailbox_id", "stream", "kind", "window_from", "window_to", "started_at", "finished_at"],
        world.polls(days),
    )
    world.mail(connection, messages)
    world.calendar(connection, meetings)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.close()
    _link(path)


def _link(path: Path) -> None:
    """Write what the store writes beside each mail: what it hangs together with."""
    query = (
        "SELECT message_id, mailbox_id, thread_id, message_key, in_reply_to, reference_keys"
        " FROM messages WHERE message_id > ? ORDER BY message_id LIMIT ?"
    )
    last = 0
    with Store.open(f"sqlite:///{path}") as store, store.database.writing() as connection:
        while mails := connection.exec_driver_sql(query, (last, _CHUNK)).all():
            mail_links.write(connection, [tuple(one) for one in mails])
            last = mails[-1][0]


class _World:
    """Who there is, and one source of chance for all."""

    def __init__(self, chance: np.random.Generator, contacts: int, mailboxes: int) -> None:
        self.chance = chance
        self.mailboxes = mailboxes
        self.people = [person(n) for n in range(contacts)]
        self.names = [f"Person {n}" for n in range(contacts)]
        self.now = _now()

    def polls(self, days: int) -> Iterator[Row]:
        """Every mailbox and stream was looked at every two hours for so long."""
        began = self.now - days * _DAY
        for mailbox in range(1, self.mailboxes + 1):
            for stream in ("mail", "calendar:primary"):
                for step in range(days * 12):
                    at = began + step * 2 * _HOUR
                    kind = "delta" if step else "full"
                    yield mailbox, stream, kind, self.now - _SPAN, None, at, at + 30_000_000

    # -- mail ---------------------------------------------------------------------------------

    def mail(self, connection: sqlite3.Connection, total: int) -> None:
        """Threads of one to six letters; a third of all mails is bulk, alone in its thread."""
        chance = self.chance
        bulk = total // 3
        sizes = chance.choice([1, 2, 3, 4, 6], size=total, p=[0.35, 0.3, 0.15, 0.12, 0.08])
        ends = np.cumsum(sizes)
        threads = int(np.searchsorted(ends, total - bulk)) + 1
        thread = np.concatenate([np.repeat(np.arange(threads), sizes[:threads])[: total - bulk],
                                 np.arange(threads, threads + bulk)])  # fmt: skip
        place = pd.Series(thread).groupby(thread).cumcount().to_numpy()
        count = int(thread[-1]) + 1
        begins = self.now - _SPAN + (chance.random(count) * _SPAN).astype("int64")
        mailbox = chance.integers(1, self.mailboxes + 1, count)
        # Few contacts get most of the mail, as it is.
        person = (chance.random(count) ** 2 * len(self.people)).astype("int64")
        we_begin = chance.random(count) < 0.6
        gaps = (chance.exponential(1.5 * _DAY, total)).astype("int64") + _HOUR
        at = (
            begins[thread]
            + pd.Series(np.where(place > 0, gaps, 0)).groupby(thread).cumsum().to_numpy()
        )
        turn = chance.random(total) < 0.8  # who answers is mostly the other side
        flips = pd.Series(np.where(place > 0, turn, 0)).groupby(thread).cumsum().to_numpy() % 2
        out = np.where(we_begin[thread], flips == 0, flips == 1)
        is_bulk = np.arange(total) >= total - bulk
        out &= ~is_bulk
        kind = chance.random(total)
        away = ~out & ~is_bulk & (kind < 0.02)
        bounce = ~out & ~is_bulk & (kind > 0.995)
        at = np.minimum(at, self.now - _HOUR)
        second = chance.random(total) < 0.25
        flagged = out & (chance.random(total) < 0.01)
        order = np.argsort(at, kind="stable")
        number = np.empty(total, dtype="int64")
        number[order] = np.arange(1, total + 1)
        names = [
            "message_id", "mailbox_id", "provider_id", "thread_id", "message_key", "in_reply_to",
            "reference_keys", "from_address", "from_name", "subject", "at", "dated_at", "sent",
            "draft", "chat", "inbox", "spam", "trash", "promotions", "flagged", "important",
            "size", "headers", "first_seen_at",
        ]  # fmt: skip
        columns = (
            thread.tolist(), place.tolist(), mailbox[thread].tolist(), person[thread].tolist(),
            at.tolist(), out.tolist(), is_bulk.tolist(), away.tolist(), bounce.tolist(),
            flagged.tolist(), number.tolist(),
        )  # fmt: skip
        _insert(connection, "messages", names, self._messages(columns))
        recipients = zip(
            number.tolist(), mailbox[thread].tolist(), person[thread].tolist(), out.tolist(),
            second.tolist(), strict=True,
        )  # fmt: skip
        _insert(
            connection,
            "recipients",
            ["message_id", "position", "role", "address", "name"],
            self._recipients(recipients),
        )

    def _messages(self, columns: Sequence[list[Any]]) -> Iterator[Row]:
        for thread, place, box, who, at, out, bulk, away, bounce, flagged, number in zip(
            *columns, strict=True
        ):
            address = self.people[who]
            keys = [f"{thread}.{step}@mail.example" for step in range(place + 1)]
            if bulk:
                sender, name = f"news@list{who % 997}.example", "News"
                headers = _BULK.format(who % 997)
            elif bounce:
                sender, name, headers = "mailer-daemon@mx.example", "", _BOUNCE.format(address)
            else:
                sender, name = (ours(box), "Seller") if out else (address, self.names[who])
                headers = (_AWAY if away else _PLAIN).format(sender)
            subject = f"Re: matter {thread}" if place else f"matter {thread}"
            yield (
                number, box, f"p{number}", f"t{thread}", keys[-1], keys[-2] if place else "",
                " ".join(keys[:-1]), sender, name,
                f"Out of office: {subject}" if away else subject, at, at, out, False, False,
                not out, False, False, bulk, flagged, False, 5_000, headers, at,
            )  # fmt: skip

    def _recipients(self, rows: Iterable[tuple[int, int, int, bool, bool]]) -> Iterator[Row]:
        for number, box, who, out, second in rows:
            if out:
                yield number, 0, "to", self.people[who], self.names[who]
            else:
                yield number, 0, "to", ours(box), "Seller"
            if second:
                other = (who // 4) * 4 + (who + 1) % 4
                yield number, 1, "cc", self.people[min(other, len(self.people) - 1)], ""

    # -- calendar -----------------------------------------------------------------------------

    def calendar(self, connection: sqlite3.Connection, total: int) -> None:
        """A third are occurrences of weekly series; one in eight is moved, cancelled or declined."""
        chance = self.chance
        quarter = 15 * 60_000_000
        start = self.now - 400 * _DAY + (chance.random(total) * 430 * _DAY).astype("int64")
        start -= start % quarter
        lead = (chance.exponential(12 * _DAY, total)).astype("int64") + 3 * _HOUR
        rows = zip(
            range(1, total + 1),
            start.tolist(),
            (start - lead).tolist(),
            chance.integers(1, self.mailboxes + 1, total).tolist(),
            (chance.random(total) ** 2 * len(self.people)).astype("int64").tolist(),
            chance.choice([30, 45, 60, 90], total).tolist(),
            (chance.random(total) < 0.7).tolist(),
            (chance.random(total) < 0.33).tolist(),
            chance.random(total).tolist(),
            chance.random(total).tolist(),
            (chance.random(total) < 0.2).tolist(),
            strict=True,
        )
        copies: list[Row] = []
        observations: list[Row] = []
        attendees: list[Row] = []
        records: list[Row] = []
        participants: list[Row] = []
        for row in rows:
            self._meeting(row, copies, observations, attendees, records, participants)
        _insert(
            connection,
            "meetings",
            [
                "meeting_id", "mailbox_id", "calendar_id", "provider_id", "series_uid",
                "recurrence_id", "acts_only", "status", "subject", "start_at", "end_at",
                "all_day", "updated_exact", "first_seen_at", "last_seen_at",
            ],
            copies,
        )  # fmt: skip
        _insert(
            connection,
            "observations",
            [
                "observation_id", "meeting_id", "mailbox_id", "evidence", "seen_after", "seen_at",
                "status", "stub", "start_at", "end_at", "all_day", "sequence", "updated_at",
                "updated_exact", "organizer", "guests_complete", "guests_can_modify", "subject",
                "organizer_is_self", "created_at", "kind", "free", "private", "online", "on_site",
            ],
            observations,
        )  # fmt: skip
        _insert(
            connection,
            "attendees",
            [
                "observation_id", "position", "address", "name", "response", "responded_at",
                "optional", "resource", "is_self", "is_organizer", "machine",
            ],
            attendees,
        )  # fmt: skip
        _insert(
            connection,
            "attendance",
            ["record_id", "mailbox_id", "provider_id", "series_uid", "recurrence_id",
             "started_at", "ended_at", "first_seen_at"],
            records,
        )  # fmt: skip
        _insert(
            connection,
            "participants",
            [
                "record_id",
                "position",
                "address",
                "name",
                "identity",
                "joined_at",
                "left_at",
                "seconds",
            ],
            participants,
        )

    def _meeting(
        self,
        row: tuple[Any, ...],
        copies: list[Row],
        observations: list[Row],
        attendees: list[Row],
        records: list[Row],
        participants: list[Row],
    ) -> None:
        number, start, made, box, who, minutes, mine, recurring, fate, moment, several = row
        made = max(made, start - 300 * _DAY)
        made = min(made, self.now - _HOUR)
        length = minutes * 60_000_000
        series = (
            f"s{number % 4000}-{who % 7}@cal.example" if recurring else f"u{number}@cal.example"
        )
        stamp = pd.Timestamp(start, unit="us").strftime("%Y%m%dT%H%M%SZ") if recurring else ""
        organizer = ours(box) if mine else self.people[who]
        guests = [who, (who // 4) * 4 + (who + 1) % 4] if several else [who]
        guests = [min(one, len(self.people) - 1) for one in dict.fromkeys(guests)]
        answered = made + int((start - made) * 0.3 * moment)
        states: list[tuple[int, str, int, str]] = [(made, "confirmed", start, "none")]
        if fate < 0.92:
            states.append((answered, "confirmed", start, "accepted"))
        # When something changes: one half of it on the last day.
        changed = start - int((moment * 2) ** 3 * 24 * _HOUR)
        if changed > answered and changed < self.now - 3 * _HOUR:
            if fate < 0.06:
                states.append((changed, "confirmed", start + 7 * _DAY, "none"))
            elif fate < 0.10:
                states.append((changed, "cancelled", start, "accepted"))
            elif fate < 0.13:
                states.append((changed, "confirmed", start, "declined"))
        seen = [one for one in states if one[0] < self.now - 2 * _HOUR] or states[:1]
        for at, status, begins, response in seen:
            poll = at - at % (2 * _HOUR) + 2 * _HOUR
            observed = len(observations) + 1
            observations.append((
                observed, number, box, "snapshot", poll - 2 * _HOUR, poll, status, False, begins,
                begins + length, False, 0, at, True, organizer, True, False, f"meeting {number}", mine,
                made, "default", False, False, f"meet-{number}" if moment < 0.7 else "",
                moment >= 0.7,
            ))  # fmt: skip
            attendees.append((
                observed, 0, ours(box), "Seller", "accepted", None, False, False, True, mine, False,
            ))  # fmt: skip
            for place, guest in enumerate(guests, 1):
                leads = not mine and guest == who
                attendees.append((
                    observed, place, self.people[guest], self.names[guest],
                    "accepted" if leads else response, None, False, False, False, leads, False,
                ))  # fmt: skip
        first, last = seen[0][0], seen[-1]
        copies.append((
            number, box, "primary", f"e{number}", series, stamp, False, last[1],
            f"meeting {number}", last[2], last[2] + length, False, False,
            first - first % (2 * _HOUR) + 2 * _HOUR, last[0],
        ))  # fmt: skip
        if fate > 0.95 and start < self.now - 3 * _HOUR:
            record = len(records) + 1
            records.append((record, box, f"r{record}", series, stamp, start, start + length, start))
            participants.append((
                record, 0, ours(box), "Seller", "signed_in", start, start + length, length // 1_000_000,
            ))  # fmt: skip
            if fate > 0.96:
                participants.append((
                    record, 1, self.people[who], self.names[who], "signed_in", start, start + length,
                    length // 1_000_000,
                ))  # fmt: skip
