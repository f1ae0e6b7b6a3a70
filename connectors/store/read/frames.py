"""How do the facts come out of the store as the frames that reports read?

SQLite: `Connection.backup()` into a private file, read through ADBC as Arrow columns. The live
file is never opened by ADBC: its own copy of SQLite would drop this process's POSIX locks, and
another process could write at once. PostgreSQL: ADBC (SQLAlchemy where it is missing), all frames
in one repeatable-read transaction.

`as_of` cuts: an undated look by when we saw it, a dated act by when it happened, a mail by its
moment, everything else by its own; and where mail was read live by then, nothing that it showed only
later. Known afterwards only: a mail's flags are those of today, and what was listed and not fetched
then is no longer said to wait. Of now all that was seen is there: what a clock that was ahead wrote
down was surely seen by now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, text

from config.clock import to_micros
from config.errors import StoreError
from config.hired import without_collector
from connectors.model.frames import Frames, enforce
from connectors.model.schemas import MEETINGS, OBSERVATIONS, RECIPIENTS, SCHEMAS
from connectors.model.wanted import Wanted
from connectors.store.database.engine import translated
from connectors.store.database.integrity import damaged
from connectors.store.database.lost import Unreachable, repeated
from connectors.store.database.transactions import Database
from connectors.store.database.troubles import AWAY, folder_of, is_sqlite
from connectors.store.read import circle
from connectors.store.read.columns import Read, by_arrow, by_rows, give_back
from connectors.store.read.lookups import Lookups
from connectors.store.read.private_copy import copied

#: A moment at most so long ago is now [µs].
_NOW = 10 * 1_000_000
#: The columns of an observation that are its meeting's state.
_STATE = tuple(
    name
    for name in MEETINGS
    if name
    not in (
        "meeting_id",
        "mailbox_id",
        "series_uid",
        "recurrence_id",
        "provider_id",
        "calendar_id",
        "first_seen_at",
        "last_seen_at",
    )
)
#: Says nothing of the meeting, only of the one who answers.
_ANSWERS = ("reply", "counter", "refresh", "declinecounter")

_QUERIES = {
    "mailboxes": "SELECT mailbox_id, address, provider, zone FROM mailboxes ORDER BY mailbox_id",
    "guests": """
        SELECT a.*, o.meeting_id FROM attendees a
        JOIN observations o ON o.observation_id = a.observation_id
        JOIN meetings m ON m.meeting_id = o.meeting_id
        WHERE {acts}{of_meetings} ORDER BY a.observation_id, a.position""",
    "messages": """
        SELECT {columns} FROM messages m WHERE {mails}{of_mails} ORDER BY message_id""",
    # Of which mails and in which order is told afterwards: the database would look each mail up again.
    "recipients": """
        SELECT m.message_id, m.position, m.role, m.address, m.name FROM recipients m
        WHERE true{of_mails}""",
    "attendance": """
        SELECT a.record_id, a.mailbox_id, a.series_uid, a.recurrence_id, a.started_at,
            a.ended_at, p.address, p.name, p.identity, p.joined_at, p.left_at, p.seconds
        FROM attendance a JOIN participants p ON p.record_id = a.record_id
        WHERE coalesce(a.ended_at, a.started_at) <= :now{of_series} ORDER BY a.record_id, p.position""",
    "calls": "SELECT * FROM calls WHERE at <= :now ORDER BY call_id",
    "tags": "SELECT * FROM tags WHERE at <= :now ORDER BY tag_id",
    "promises": "SELECT * FROM promises WHERE made_at <= :now ORDER BY promise_id",
    "claims": """
        SELECT claim_id, mailbox_id, kind, contact, meeting_key, evidence_key, first_printed_at,
            CASE WHEN last_printed_at <= :now THEN last_printed_at
                ELSE first_printed_at END AS last_printed_at
        FROM claims WHERE first_printed_at <= :now
        ORDER BY mailbox_id, first_printed_at, claim_id""",
    "answers": "SELECT * FROM answers WHERE at <= :now ORDER BY answer_id",
    "pending": """
        SELECT mailbox_id, stream, provider_id, thread_id, not_before, not_after, tries, error,
            given_up
        FROM pending WHERE listed_at <= :now ORDER BY mailbox_id, stream, provider_id""",
    "losses": """
        SELECT mailbox_id, place, reason, count AS mails, not_after, at
        FROM losses WHERE at <= :now ORDER BY mailbox_id, place, reason""",
    "polls": """
        SELECT poll_id, mailbox_id, stream, kind, window_from, window_to, started_at,
            CASE WHEN finished_at <= :now THEN finished_at END AS finished_at,
            CASE WHEN finished_at > :now THEN '' ELSE problem END AS problem
        FROM polls WHERE started_at <= :now ORDER BY poll_id""",
    "memory": """
        SELECT {memory} FROM contacts_memory JOIN (
            SELECT address AS whose, max(noted_at) AS noted FROM contacts_memory
            WHERE {noted}{of_addresses} GROUP BY address
        ) AS last ON address = whose AND noted_at = noted ORDER BY address""",
    "standings": "SELECT * FROM standings WHERE at <= :now ORDER BY at, mailbox_id",
}
_COPIES = """
    SELECT meeting_id, mailbox_id, series_uid, recurrence_id, provider_id, calendar_id,
        first_seen_at, last_seen_at FROM meetings m WHERE true{of_meetings} ORDER BY meeting_id"""
_OBSERVED = """
    SELECT o.* FROM observations o JOIN meetings m ON m.meeting_id = o.meeting_id
    WHERE {acts}{of_meetings} ORDER BY o.observation_id"""
#: Where some contacts' facts alone are read: which of the rows.
_SOME = {
    "{of_mails}": " AND m.message_id IN {among}",
    "{of_meetings}": " AND m.meeting_id IN {among}",
    "{of_series}": " AND a.series_uid IN {among}",
    "{of_addresses}": " AND address IN {among}",
}
#: A mailbox whose mail was read live by then knew what it had seen by then, and no more. Of others, and of
#: files, the moments of the mails themselves decide: that is what would have been known.
_READ_BY_THEN = """mailbox_id NOT IN (
    SELECT mailbox_id FROM polls
    WHERE finished_at <= :now AND kind IN ('full', 'delta') AND stream = 'mail')"""
_THEN = {
    "{mails}": f"coalesce(at, first_seen_at) <= :now AND (first_seen_at <= :now OR {_READ_BY_THEN})",
    "{acts}": "coalesce(o.acted_at, o.seen_at) <= :now"
    f" AND (o.seen_at <= :now OR m.{_READ_BY_THEN})",
    "{noted}": "noted_at <= :now",
}
#: Now all that is stored is known; what a clock that was ahead saw, too.
_NOW_KNOWN = {
    "{mails}": "coalesce(at, first_seen_at) <= :now",
    "{acts}": "coalesce(o.acted_at, 0) <= :now",
    "{noted}": "noted_at >= 0",
}


@repeated
class FactReader:
    """The frames of the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, as_of: datetime | int | None = None, contacts: Wanted | None = None) -> Frames:
        """All facts as they were known of that moment (None: now), as one consistent snapshot.

        `as_of`: an aware datetime, or microseconds UTC. `contacts`: only what must be known to judge
        these as if all had been read (read.circle). Raises StoreError.
        """
        if as_of is None:
            then = self._database.now()
        else:
            then = to_micros(as_of) if isinstance(as_of, datetime) else as_of
        live = then >= self._database.now() - _NOW
        try:
            if contacts is not None:
                with self._steady() as connection, without_collector():
                    return _frames_of(Lookups(connection), contacts, then, live=live)
            with self._snapshot() as read:
                found = _frames(_all_of(read), then, live=live)
            give_back()
            return found
        except StoreError as error:
            if error.hint:
                raise
            # A value that noshow never writes.
            raise damaged(self._database.url) from error
        except (ValueError, OverflowError) as error:
            raise damaged(self._database.url) from error

    @contextmanager
    def _snapshot(self) -> Iterator[Read]:
        folder = folder_of(self._database.url)
        if folder is not None:
            with (
                copied(Path(str(self._database.url.database)), folder) as read,
                translated(self._database.url),
            ):
                yield read
            return
        with translated(self._database.url):
            try:
                from adbc_driver_postgresql import dbapi
            except ImportError:
                with self._by_rows() as read:
                    yield read
                return
            address = self._database.url.set(drivername="postgresql")
            try:
                with dbapi.connect(address.render_as_string(hide_password=False)) as connection:
                    with connection.cursor() as cursor:
                        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    yield by_arrow(connection)
            except dbapi.Error as error:
                # A lost connection mostly has no code of PostgreSQL's.
                kind = StoreError if _refused(error) else Unreachable
                raise kind(
                    f"the database could not be read ({type(error).__name__})",
                    hint="check the server; run noshow doctor",
                ) from error

    @contextmanager
    def _by_rows(self) -> Iterator[Read]:
        with self._steady() as connection:
            yield lambda query: by_rows(connection.execute(text(query)))

    @contextmanager
    def _steady(self) -> Iterator[Connection]:
        """One transaction that reads, and sees the same all the while."""
        if is_sqlite(self._database.url):
            with self._database.reading() as connection:
                yield connection
            return
        with translated(self._database.url), self._database.engine.connect() as connection:
            steady = connection.execution_options(isolation_level="REPEATABLE READ")
            with steady.begin():
                yield steady


def _frames_of(lookups: Lookups, contacts: Wanted, now: int, *, live: bool) -> Frames:
    """The frames of some contacts: each query asks for the rows of their circle."""
    known = _NOW_KNOWN if live else _THEN
    tags = by_rows(lookups.connection.execute(text(_with(_QUERIES["tags"], now, known))))
    found = circle.find(
        lookups, contacts, enforce(tags, SCHEMAS["tags"]), lambda query: _with(query, now, known)
    )
    asked = (found.mails, found.meetings, found.series, found.addresses)
    chosen: dict[str, set[Any]] = dict(zip(_SOME, asked, strict=True))

    def read(query: str) -> pd.DataFrame:
        # A list of nobody is one of a number or an address that nothing has.
        some = next((name for name in _SOME if name in query), None)
        if some is None:
            return by_rows(lookups.connection.execute(text(query)))
        among = chosen[some] or ({-1} if some in ("{of_mails}", "{of_meetings}") else {""})
        chosen_rows = lookups.of(query.replace(some, _SOME[some]), among)
        return by_rows(lookups.connection.execute(text(chosen_rows), lookups.given(among)))

    return _frames(read, now, live=live)


def _all_of(read: Read) -> Read:
    """A reader that asks for all rows."""

    def whole(query: str) -> pd.DataFrame:
        for name in _SOME:
            query = query.replace(name, "")
        return read(query)

    return whole


def _frames(read: Read, now: int, *, live: bool) -> Frames:
    known = _NOW_KNOWN if live else _THEN
    observed = _in_order(read(_with(_OBSERVED, now, known)), now)
    found = {name: read(_with(query, now, known)) for name, query in _QUERIES.items()}
    found["recipients"] = _of_mails(found["recipients"], found["messages"])
    found["observations"] = observed[list(OBSERVATIONS)]
    found["meetings"] = _meetings(read(_with(_COPIES, now, known)), observed, now)
    return Frames(**found)


def _of_mails(recipients: pd.DataFrame, messages: pd.DataFrame) -> pd.DataFrame:
    """The recipients of these mails, ordered by mail and position."""
    known = messages["message_id"].to_numpy("int64")
    mail, position = (recipients[name].to_numpy("int64") for name in ("message_id", "position"))
    rows = np.flatnonzero(np.isin(mail, known))
    mail, position = mail[rows], position[rows]
    step = np.diff(mail)
    ordered = bool(((step > 0) | ((step == 0) & (np.diff(position) > 0))).all())
    if not ordered:
        rows = rows[np.lexsort([position, mail])]
    found = recipients[list(RECIPIENTS)]
    return found if ordered and len(rows) == len(found) else found.take(rows)


def _in_order(observed: pd.DataFrame, now: int) -> pd.DataFrame:
    """What was seen by a clock that was ahead was seen by now; since when is not known then."""
    future = observed["seen_at"] > pd.Timestamp(now, unit="us", tz="UTC")
    observed["seen_at"] = observed["seen_at"].mask(future, pd.Timestamp(now, unit="us", tz="UTC"))
    late = observed["seen_after"] > observed["seen_at"]
    observed["seen_after"] = observed["seen_after"].mask(late)
    return observed


def _with(query: str, now: int, known: Mapping[str, str]) -> str:
    """The query with its moment, which is a number of ours, what was known of it, and the columns
    named by schemas.
    """
    for name, condition in known.items():
        query = query.replace(name, condition)
    if "{columns}" in query:
        query = query.replace("{columns}", ", ".join(SCHEMAS["messages"]))
    if "{memory}" in query:
        names = [
            f"CASE WHEN {name} <= :now THEN {name} END AS {name}"
            if column.kind == "instant"
            else name
            for name, column in SCHEMAS["memory"].items()
        ]
        query = query.replace("{memory}", ", ".join(names))
    return query.replace(":now", str(int(now)))


def _meetings(copies: pd.DataFrame, observed: pd.DataFrame, now: int) -> pd.DataFrame:
    """Each copy in the state of its last observation as of `now`.

    A calendar's own word goes before what mails say of it; among mails an answer never decides
    what a request or a cancellation says. Details come from the last that carried any.
    """
    moment = observed["acted_at"].where(observed["acted_at"].notna(), observed["seen_at"])
    snapshot = observed["evidence"] == "snapshot"
    ranked = observed.assign(
        _calendar=snapshot,
        _whole=~observed["method"].isin(_ANSWERS),
        # Snapshots in the order of arrival; acts in the order in which they happened.
        _moment=moment.mask(snapshot),
        stub=observed["stub"].astype(bool),
    ).sort_values(["meeting_id", "_calendar", "_whole", "_moment", "observation_id"], kind="stable")
    last = ranked.drop_duplicates("meeting_id", keep="last").set_index("meeting_id")
    detailed = ranked[~ranked["stub"]].drop_duplicates("meeting_id", keep="last")
    detailed = detailed.set_index("meeting_id")
    state = last[list(_STATE)].copy()
    known = state.index.isin(detailed.index)
    details = [name for name in _STATE if name not in ("status", "stub")]
    bare = state[~known]
    state = detailed.loc[state.index[known], details].assign(
        status=last.loc[state.index[known], "status"], stub=False
    )
    if len(bare):
        state = pd.concat([state, bare[state.columns]])
    state.index.name = None
    merged = copies.merge(state, left_on="meeting_id", right_index=True, how="inner")
    seen = observed.groupby("meeting_id", as_index=False)["seen_at"].max()
    merged = merged.merge(seen, on="meeting_id", how="left")
    merged = merged.sort_values("meeting_id", kind="stable", ignore_index=True)
    still = merged["last_seen_at"] <= pd.Timestamp(now, unit="us", tz="UTC")
    merged["last_seen_at"] = merged["last_seen_at"].where(still, merged["seen_at"])
    return merged[list(MEETINGS)]


def _refused(error: Any) -> bool:
    """Did the server answer, and say no?"""
    state = error.sqlstate or ""
    return bool(state.strip("\0")) and state not in AWAY and not state.startswith("08")
