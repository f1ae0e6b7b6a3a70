"""How does one page of a source, with its cursor, become part of the store?

Each page is one transaction: look up what it names, let `connectors.planning` decide, write, move
the cursor. A round that listed everything is closed in the transaction of its last page: what it
should have held and did not is marked, never removed. Killed anywhere, the next run goes on from
the cursor, or begins the round anew, and ends in the same state.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, insert, literal, select, text, update

from connectors import planning
from connectors.base import Failure, Listed, Page, Window
from connectors.model.records import Evidence
from connectors.store import mails, meetings
from connectors.store.access import Access, chunks, clean, moment, upsert
from connectors.store.plans import (
    CURSOR_KINDS,
    MAIL,
    Applied,
    Counts,
    Cursor,
    Known,
    KnownCopy,
    Look,
    Plan,
    calendar_of,
)
from connectors.store.privacy import suppressor
from connectors.store.schema import cursors, looks, messages, pending, rounds, staging
from connectors.store.schema import meetings as meetings_table

_CURSOR_ROUND = "cursor"
#: A listing that began so long ago [µs] and has not come to its end will not.
_DESERTED = 24 * 3_600_000_000


class Pages(Access):
    """Looks, cursors, pages and what is pending."""

    def cursor(self, mailbox_id: int, stream: str, parameters: str) -> Cursor:
        """Where the stream goes on; none where other parameters were frozen with the stored one."""
        with self.reading() as connection:
            row = _cursor_row(connection, mailbox_id, stream)
            if row is None or row.value is None or row.parameters != parameters:
                return Cursor(None)
            if not row.midway:
                return Cursor(row.value, kind="delta")
            kind = connection.execute(
                select(rounds.c.kind).where(*_of_round(mailbox_id, stream, _CURSOR_ROUND))
            ).scalar()
            # A continued round of which nobody knows what it began as cannot be closed.
            return Cursor(row.value, midway=True, kind=kind) if kind else Cursor(None)

    def drop_cursor(self, mailbox_id: int, stream: str) -> None:
        """Forget where the stream stood: the next round is a full one. No fact is touched."""
        values: dict[str, Any] = {"value": None, "midway": False}
        values["updated_at"] = self._clock.micros()
        with self.writing() as connection:
            round_ = select(rounds.c.comparable).where(
                *_of_round(mailbox_id, stream, _CURSOR_ROUND)
            )
            if connection.execute(round_).scalar() is False:
                # What it has not listed yet was last seen with other parameters than those that
                # its first page wrote down.
                values["parameters"] = ""
            connection.execute(
                update(cursors)
                .where(cursors.c.mailbox_id == mailbox_id, cursors.c.stream == stream)
                .values(values)
            )
            _clear_round(connection, mailbox_id, stream, _CURSOR_ROUND)

    def begin_look(
        self,
        mailbox_id: int,
        stream: str,
        kind: str,
        window: Window | None = None,
        *,
        parameters: str = "",
        resume: bool = False,
    ) -> Look:
        """Note that a look began. `kind`: full, delta, backfill, fetch or import.

        `resume`: it continues the cut-off round of the stored cursor; else the round begins anew,
        and what an earlier attempt at it had listed is forgotten.
        """
        now = self._clock.micros()
        with self.writing() as connection:
            number = connection.execute(
                insert(looks)
                .values(
                    mailbox_id=mailbox_id,
                    stream=stream,
                    kind=kind,
                    window_from=moment(window.start) if window else None,
                    window_to=moment(window.end) if window else None,
                    started_at=now,
                )
                .returning(looks.c.look_id)
            ).scalar_one()
            row = _cursor_row(connection, mailbox_id, stream)
            if row is None and parameters:
                connection.execute(
                    insert(cursors).values(
                        mailbox_id=mailbox_id,
                        stream=stream,
                        parameters=parameters,
                        midway=False,
                        updated_at=now,
                    )
                )
            name = _round_name(kind, number)
            began, comparable = now, row is None or row.parameters == parameters
            if name:
                began, comparable = _open_round(
                    connection, (mailbox_id, stream, name), kind, now, comparable, resume
                )
        return Look(
            look_id=number,
            mailbox_id=mailbox_id,
            stream=stream,
            kind=kind,
            window=window,
            round=name,
            began_at=began,
            stream_sure_at=row.sure_at if row is not None else None,
            parameters=parameters,
            comparable=comparable,
            complete_deltas=row is None
            or row.missed_at is None
            or row.missed_at < now - planning.DISTRUST,
        )

    def finish_look(self, look: Look, problem: str = "", *, window: Window | None = None) -> None:
        """Note that the look is complete, or (`problem`) why it is not.

        `window`: what it really covered, where that is known only now.
        """
        values: dict[str, Any] = {"problem": clean(problem)}
        if not problem:
            values["finished_at"] = self._clock.micros()
        if window is not None:
            values |= {"window_from": moment(window.start), "window_to": moment(window.end)}
        with self.writing() as connection:
            connection.execute(update(looks).where(looks.c.look_id == look.look_id).values(values))

    def known(
        self, mailbox_id: int, calendar: str, provider_ids: list[str]
    ) -> dict[str, KnownCopy]:
        """The stored copies in one calendar, by the provider's id."""
        with self.reading() as connection:
            found = meetings.known_copies(
                connection, mailbox_id, {(calendar, one) for one in provider_ids}
            )
        return {provider_id: copy for (_, provider_id), copy in found.items()}

    def occurrences(self, mailbox_id: int, series_uid: str) -> list[str]:
        """The stored recurrence ids of a series, in order; none for a single meeting."""
        with self.reading() as connection:
            return list(
                connection.execute(
                    select(meetings_table.c.recurrence_id)
                    .where(
                        meetings_table.c.mailbox_id == mailbox_id,
                        meetings_table.c.series_uid == series_uid,
                        meetings_table.c.recurrence_id != "",
                    )
                    .distinct()
                    .order_by(meetings_table.c.recurrence_id)
                ).scalars()
            )

    def apply(self, look: Look, page: Page, *, allow_empty: bool = False) -> Applied:
        """Store one page and its cursor in one transaction. Applying it again changes nothing.

        Raises SuspiciousSync, with nothing of the page stored, where it completes a full round
        that lists next to nothing of what was there (unless `allow_empty`); StoreError, Busy.
        """
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                # What SQLite's single writer gives for free: pages of one mailbox in a row.
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:room, :mailbox)"),
                    {"room": 0x6E6F7368, "mailbox": look.mailbox_id},
                )
            decided = planning.plan(_lookup(connection, look, page), page, look)
            now = self._clock.micros()
            meetings.write(connection, look, decided, now)
            mails.write(connection, look, decided, now)
            _narrow(connection, look, decided)
            _stage(connection, look, decided)
            vanished, deleted = 0, 0
            if look.round and decided.last and _still_full(connection, look, decided):
                vanished, deleted = _close_full(connection, look, decided, now, allow_empty)
            _move_cursor(connection, look, decided, now)
            if decided.missed:
                connection.execute(
                    update(cursors)
                    .where(cursors.c.mailbox_id == look.mailbox_id, cursors.c.stream == look.stream)
                    .values(missed_at=now)
                )
            if look.round and decided.last:
                _clear_round(connection, look.mailbox_id, look.stream, look.round)
        return Applied(
            stored=len(decided.new_messages)
            + sum(copy.changed for copy in decided.copies)
            + len(decided.attendance),
            observations=len(decided.observations),
            vanished=vanished,
            deleted=deleted + len(decided.deleted),
            last=decided.last,
        )

    def pending(
        self, mailbox_id: int, stream: str, limit: int, *, not_tried_in: int = 0
    ) -> list[Listed]:
        """What is still to be fetched: the most urgent first, then the newest.

        `not_tried_in`: leave out what already failed in this look.
        """
        newest = func.coalesce(pending.c.not_after, pending.c.not_before)
        with self.reading() as connection:
            rows = connection.execute(
                select(pending)
                .where(
                    pending.c.mailbox_id == mailbox_id,
                    pending.c.stream == stream,
                    pending.c.given_up.is_(False),
                    (pending.c.tried_in != not_tried_in) if not_tried_in else literal(True),
                )
                .order_by(pending.c.priority, newest.desc().nulls_last(), pending.c.provider_id)
                .limit(limit)
            ).all()
        return [
            Listed(row.provider_id, row.thread_id, row.priority, row.not_before, row.not_after)
            for row in rows
        ]

    def pending_count(self, mailbox_id: int, stream: str = MAIL) -> int:
        """How many ids are still to be fetched; named failures are not among them."""
        return self.counts(mailbox_id, stream).pending

    def failures(self, mailbox_id: int, stream: str = MAIL) -> list[Failure]:
        """The named failures: what was listed and is given up on, with the last reason."""
        with self.reading() as connection:
            rows = connection.execute(
                select(pending.c.provider_id, pending.c.error)
                .where(
                    pending.c.mailbox_id == mailbox_id,
                    pending.c.stream == stream,
                    pending.c.given_up.is_(True),
                )
                .order_by(pending.c.provider_id)
            ).all()
        return [Failure(row.provider_id, row.error, final=True) for row in rows]

    def counts(self, mailbox_id: int, stream: str = MAIL) -> Counts:
        """Stored, pending and given up: together all that this stream ever listed and that is not
        known to be gone.
        """
        calendar = calendar_of(stream)
        table = meetings_table if calendar else messages
        stored = select(func.count()).where(table.c.mailbox_id == mailbox_id)
        if calendar:
            stored = stored.where(table.c.calendar_id == calendar)
        with self.reading() as connection:
            rows = connection.execute(
                select(pending.c.given_up, func.count())
                .where(pending.c.mailbox_id == mailbox_id, pending.c.stream == stream)
                .group_by(pending.c.given_up)
            ).all()
            waiting = {bool(row[0]): int(row[1]) for row in rows}
            number = connection.execute(stored).scalar_one()
        return Counts(number, waiting.get(False, 0), waiting.get(True, 0))


def _cursor_row(connection: Connection, mailbox_id: int, stream: str) -> Any:
    return connection.execute(
        select(cursors).where(cursors.c.mailbox_id == mailbox_id, cursors.c.stream == stream)
    ).first()


def _round_name(kind: str, look_id: int) -> str:
    """Only a cursor round is ever continued. Two processes may list one window at the same time."""
    if kind in CURSOR_KINDS:
        return _CURSOR_ROUND
    return "" if kind == "fetch" else f"{kind}:{look_id}"


def _of_round(mailbox_id: int, stream: str, name: str) -> tuple[Any, ...]:
    return (
        rounds.c.mailbox_id == mailbox_id,
        rounds.c.stream == stream,
        rounds.c.name == name,
    )


def _open_round(
    connection: Connection,
    place: tuple[int, str, str],
    kind: str,
    now: int,
    comparable: bool,
    resume: bool,
) -> tuple[int, bool]:
    """The round's beginning and whether it is comparable: of the one that goes on, or a new one."""
    if resume:
        row = connection.execute(select(rounds).where(*_of_round(*place))).first()
        if row is not None:
            return int(row.started_at), bool(row.comparable)
    _clear_round(connection, *place)
    mailbox_id, stream, name = place
    _clear_deserted(connection, mailbox_id, stream, now)
    connection.execute(
        insert(rounds).values(
            mailbox_id=mailbox_id,
            stream=stream,
            name=name,
            kind=kind,
            started_at=now,
            full=True,
            comparable=comparable,
        )
    )
    return now, comparable


def _clear_deserted(connection: Connection, mailbox_id: int, stream: str, now: int) -> None:
    """Forget what listings had staged whose processes died; one that still lives marks nothing."""
    names = connection.execute(
        select(rounds.c.name).where(
            rounds.c.mailbox_id == mailbox_id,
            rounds.c.stream == stream,
            rounds.c.name != _CURSOR_ROUND,
            rounds.c.started_at < now - _DESERTED,
        )
    ).scalars()
    for name in names.all():
        _clear_round(connection, mailbox_id, stream, name)


def _clear_round(connection: Connection, mailbox_id: int, stream: str, name: str) -> None:
    for table in (staging, rounds):
        connection.execute(
            delete(table).where(
                table.c.mailbox_id == mailbox_id,
                table.c.stream == stream,
                table.c.name == name,
            )
        )


def _lookup(connection: Connection, look: Look, page: Page) -> Known:
    """What the store holds of the things that the page names."""
    box = look.mailbox_id
    acts = meetings.keys_of(one for one in page.meetings if one.evidence is not Evidence.SNAPSHOT)
    copies = meetings.known_copies(connection, box, meetings.places_of(page, look))
    fresh = {
        (one.series_uid, one.recurrence_id)
        for one in page.meetings
        if one.series_uid
        and one.evidence is Evidence.SNAPSHOT
        and (look.calendar or one.calendar_id, one.provider_id) not in copies
    }
    named = mails.ids_of(page)
    every = named | {one.provider_id for one in page.meetings}
    return Known(
        copies=copies,
        by_key=meetings.known_by_key(connection, box, acts | fresh),
        acts=meetings.known_acts(connection, box, acts),
        messages={} if look.calendar else mails.known_messages(connection, box, named),
        pending=mails.known_pending(connection, look, every),
        suppressed=suppressor(connection),
    )


def _narrow(connection: Connection, look: Look, decided: Plan) -> None:
    """A round from a cursor lists everything only where each of its pages says so.

    In any other round the last page alone says whether it was full.
    """
    if look.kind == "delta" and not decided.full:
        connection.execute(
            update(rounds)
            .where(*_of_round(look.mailbox_id, look.stream, look.round))
            .values(full=False)
        )


def _stage(connection: Connection, look: Look, decided: Plan) -> None:
    """Remember what was listed, for every round of the stream that is open.

    A backfill gives its lock back between pages: what it shows meanwhile has not vanished for a
    cursor round that is under way, and the other way round.
    """
    if not decided.listed:
        return
    names = connection.execute(
        select(rounds.c.name).where(
            rounds.c.mailbox_id == look.mailbox_id,
            rounds.c.stream == look.stream,
            rounds.c.full.is_(True),
        )
    ).scalars()
    for name in names.all():
        connection.execute(
            upsert(connection, staging).on_conflict_do_nothing(),
            [
                {
                    "mailbox_id": look.mailbox_id,
                    "stream": look.stream,
                    "name": name,
                    "provider_id": provider_id,
                }
                for provider_id in sorted({clean(one) for one in decided.listed})
            ],
        )


def _still_full(connection: Connection, look: Look, decided: Plan) -> bool:
    place = _of_round(look.mailbox_id, look.stream, look.round)
    return decided.full and bool(connection.execute(select(rounds.c.full).where(*place)).scalar())


def _close_full(
    connection: Connection, look: Look, decided: Plan, now: int, allow_empty: bool
) -> tuple[int, int]:
    """Mark what the round's window should have held and did not. Copies and mails marked.

    A page that names no window listed all that the look asked for.
    """
    window = decided.window or look.window
    if look.calendar:
        listed = meetings.staged(connection, look)
        there = meetings.expected(connection, look, window)
        missing = [copy for copy in there if copy.provider_id not in listed]
        planning.doubtful(
            len(there), len(listed), len(there) - len(missing), allow_empty=allow_empty
        )
        waiting: set[str] = set()
        for part in chunks([copy.provider_id for copy in missing]):
            waiting |= mails.known_pending(connection, look, part)
        gone = planning.vanished(missing, frozenset(waiting), look)
        meetings.write(connection, look, gone, now)
        return len(gone.observations), 0
    if look.stream != MAIL:
        return 0, 0
    condition = mails.expected(look, window)
    unlisted = condition & mails.unlisted(look)
    there_ = connection.execute(select(func.count()).where(condition)).scalar_one()
    missing_ = connection.execute(select(func.count()).where(unlisted)).scalar_one()
    listed_ = connection.execute(
        select(func.count()).where(
            staging.c.mailbox_id == look.mailbox_id,
            staging.c.stream == look.stream,
            staging.c.name == look.round,
        )
    ).scalar_one()
    planning.doubtful(there_, listed_, there_ - missing_, allow_empty=allow_empty)
    marked = connection.execute(update(messages).where(unlisted).values(deleted_at=now))
    return 0, marked.rowcount


def _keep_place(connection: Connection, look: Look, place: str, now: int) -> None:
    """Where in its files an import goes on. It vouches for nothing that they do not show."""
    values = {
        "value": place,
        "midway": False,
        "parameters": look.parameters,
        "updated_at": now,
    }
    connection.execute(
        upsert(connection, cursors)
        .values(mailbox_id=look.mailbox_id, stream=look.stream, **values)
        .on_conflict_do_update(index_elements=["mailbox_id", "stream"], set_=values)
    )


def _move_cursor(connection: Connection, look: Look, decided: Plan, now: int) -> None:
    """Go on behind this page; only rounds that go on from a cursor have one."""
    if look.kind == "import" and decided.cursor is not None:
        _keep_place(connection, look, decided.cursor, now)
    if look.kind not in CURSOR_KINDS or (decided.cursor is None and not decided.last):
        return
    row = _cursor_row(connection, look.mailbox_id, look.stream)
    values: dict[str, Any] = {
        "value": decided.cursor,
        "midway": not decided.last,
        "parameters": look.parameters,
        "updated_at": now,
    }
    if decided.last:
        values["sure_at"] = look.began_at
        if decided.cursor is None and row is not None and look.kind == "delta" and not row.midway:
            values["value"] = row.value
    if row is None:
        connection.execute(
            insert(cursors).values(mailbox_id=look.mailbox_id, stream=look.stream, **values)
        )
        return
    connection.execute(
        update(cursors)
        .where(cursors.c.mailbox_id == look.mailbox_id, cursors.c.stream == look.stream)
        .values(values)
    )
