"""What could we see of each mailbox, from when to when, and what is missing?

Nothing is listed before 8 weeks of coverage (rules.md section 4), and the report says what it could
not see. Days on which every poll failed are not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from config.policy import Policy
from connectors.model.frames import Frames
from connectors.model.records import DETAILS
from reports.columns import tables
from reports.columns.rows import rows
from reports.detect.mail import read_until
from reports.schemas import Coverage

_MAIL: Final = "mail"
_WEEK: Final = 7.0
#: So many lost files are named; noshow status names all.
_NAMED: Final = 3
_NOT_READ: Final = "not all mail read"
_ONLY_SENT: Final = f"{_NOT_READ}: sent mail only, none received as late as it"


def find_coverage(frames: Frames, mails: pd.DataFrame, as_of: pd.Timestamp) -> tuple[Coverage, ...]:
    """One Coverage a mailbox, in the order of their ids. mails: by MAILS.

    A poll covers from its window's lower bound to the moment it began; without a bound, from the
    earliest fact of the mailbox. Weeks are days divided by seven, in UTC.
    """
    polls, done = _polls(frames, as_of)
    calendar = _seen(polls, done, _of_calendar, _firsts(frames.meetings, "start_at"))
    post = _seen(polls, done, _of_mail, _firsts(mails, "at"))
    ways = _sizes(_each_once(mails, frames), "mailbox_id", "direction")
    blind = read_until.ahead_of_received(frames.polls, frames.messages, as_of)
    ends = _complete_to(done, as_of)
    live = dict(read_until.live_since(polls, as_of).items())
    meetings = _meetings(frames.meetings, as_of)
    waiting = tables.kept(frames.pending, ~frames.pending["given_up"])
    pending = _sizes(waiting, "mailbox_id")
    mail_pending = _sizes(tables.kept(waiting, waiting["stream"] == _MAIL), "mailbox_id")
    given_up = _sizes(tables.kept(frames.pending, frames.pending["given_up"]), "mailbox_id")
    troubled = frozenset(polls.loc[polls["problem"] != "", "mailbox_id"])
    lost = frozenset(frames.losses["mailbox_id"])
    found = []
    for box in rows(tables.ordered(tables.once(frames.mailboxes, "mailbox_id"), "mailbox_id")):
        mailbox = int(box.mailbox_id)
        written = {way: ways.get((mailbox, way), 0) for way in ("in", "out", "internal")}
        fetched, mail_waiting = sum(written.values()), mail_pending.get(mailbox, 0)
        problems: list[str] = []
        if mailbox in troubled:
            problems += _problems(_of(polls, mailbox), _of(done, mailbox))
        if mailbox in lost:
            problems += _lost(_of(frames.losses, mailbox))
        if mailbox in blind:
            problems.append(_ONLY_SENT)
        found.append(
            Coverage(
                mailbox_id=mailbox,
                address=str(box.address),
                calendar_from=calendar.since.get(mailbox),
                mail_from=post.since.get(mailbox),
                complete_to=ends.get(mailbox),
                live_since=live.get(mailbox),
                calendar_weeks=calendar.weeks.get(mailbox, 0.0),
                mail_weeks=post.weeks.get(mailbox, 0.0),
                pending=pending.get(mailbox, 0),
                given_up=given_up.get(mailbox, 0),
                meetings=meetings.get(mailbox, 0),
                sent=written["out"],
                received=written["in"],
                problems=tuple(problems),
                mail_progress=(fetched, fetched + mail_waiting) if mail_waiting else None,
            )
        )
    return tuple(found)


def _of(table: pd.DataFrame, mailbox: int) -> pd.DataFrame:
    return tables.kept(table, table["mailbox_id"] == mailbox)


def _sizes(table: pd.DataFrame, *keys: str) -> dict[Any, int]:
    """How many rows each mailbox (and what else) has; without those that have none."""
    if not len(table):
        return {}
    sizes = table.groupby(list(keys) if len(keys) > 1 else keys[0]).size()
    return {key: int(size) for key, size in sizes.items()}


def _firsts(table: pd.DataFrame, column: str) -> dict[Any, pd.Timestamp]:
    """The earliest moment of a column in each mailbox that has one."""
    if not len(table):
        return {}
    first = table.groupby("mailbox_id")[column].min().dropna()
    return dict(first.items())


def _polls(frames: Frames, as_of: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All looks that had begun, and those of them that were complete by then."""
    polls = tables.once(frames.polls, "poll_id")
    polls = tables.kept(polls, polls["started_at"] <= as_of)
    return polls, read_until.complete(polls, as_of)


def complete_to(frames: Frames, as_of: pd.Timestamp) -> dict[int, pd.Timestamp]:
    """Until when each mailbox is read completely; those that never were are not in it."""
    _, done = _polls(frames, as_of)
    return _complete_to(done, as_of)


def _of_calendar(polls: pd.DataFrame) -> pd.Series:
    calendar: pd.Series = polls["stream"].str.startswith("calendar")
    return calendar


def _of_mail(polls: pd.DataFrame) -> pd.Series:
    mail: pd.Series = polls["stream"] == _MAIL
    return mail


@dataclass(frozen=True)
class _Seen:
    """Of the calendars or of the mail of each mailbox: seen since when, and for how many weeks."""

    since: dict[int, pd.Timestamp]
    weeks: dict[int, float]


def _seen(
    polls: pd.DataFrame,
    done: pd.DataFrame,
    which: Callable[[pd.DataFrame], pd.Series],
    firsts: dict[int, pd.Timestamp],
) -> _Seen:
    """looks: all; done: those that were complete. firsts: the earliest fact of each mailbox."""
    tried, good = tables.kept(polls, which(polls)), tables.kept(done, which(done))
    if not len(good):
        return _Seen({}, {})
    reach = read_until.reach(good)
    windows = good["window_from"].where(good["window_from"] < reach, reach)
    each = pd.DataFrame(
        {
            "mailbox_id": good["mailbox_id"],
            "reach": reach,
            "bounded": windows.where(good["window_from"].notna()),
            "endless": good["window_from"].isna(),
        }
    ).groupby("mailbox_id")
    by_box = pd.DataFrame(
        {
            "bounded": each["bounded"].min(),
            "endless": each["endless"].any(),
            "first": each["reach"].min(),
            "until": each["reach"].max(),
        }
    )
    failed = _days(tables.kept(tried, ~tried.index.isin(good.index)))
    worked = _days(good)
    since: dict[int, pd.Timestamp] = {}
    weeks: dict[int, float] = {}
    for box in rows(by_box.reset_index()):
        mailbox = int(box.mailbox_id)
        begin = box.bounded
        if box.endless:
            known = (box.bounded, firsts.get(mailbox, box.first), box.first)
            begin = min(one for one in known if not pd.isna(one))
        bad = failed.get(mailbox, frozenset()) - worked.get(mailbox, frozenset())
        missing = sum(begin <= day <= box.until for day in bad)
        span = max(0.0, float((box.until - begin) / pd.Timedelta(days=1)))
        since[mailbox] = begin
        weeks[mailbox] = max(0.0, span - missing) / _WEEK
    return _Seen(since, weeks)


def _days(polls: pd.DataFrame) -> dict[Any, frozenset[pd.Timestamp]]:
    """The days on which polls of each mailbox began."""
    if not len(polls):
        return {}
    days = polls["started_at"].dt.floor("D")
    each = tables.once(pd.DataFrame({"mailbox_id": polls["mailbox_id"], "day": days}))
    return {box: frozenset(of["day"]) for box, of in each.groupby("mailbox_id")}


def _complete_to(done: pd.DataFrame, as_of: pd.Timestamp) -> dict[int, pd.Timestamp]:
    """Of each mailbox the end of the last complete look at the stream that was looked at longest ago.

    A file tells until its own end, whenever it was imported; beside calendars, or mail, that are read
    live it tells of the past alone, and makes nothing old.
    """
    if not len(done):
        return {}
    live = tables.kept(done, done["kind"].isin(read_until.LIVE))
    files = tables.kept(done, (done["kind"] == "import") & (_of_mail(done) | _of_calendar(done)))
    for of in (_of_mail, _of_calendar):
        kept_up = live.loc[of(live), "mailbox_id"]
        files = tables.kept(files, ~(of(files) & files["mailbox_id"].isin(kept_up)))
    ends = pd.concat([live["finished_at"], read_until.reach(files)])
    streams = tables.narrow(pd.concat([live, files]), ["mailbox_id", "stream"])
    latest = ends.groupby([streams["mailbox_id"], streams["stream"]]).max()
    return {
        int(mailbox): min(end, as_of)
        for mailbox, end in latest.groupby(level="mailbox_id").min().items()
    }


def _lost(losses: pd.DataFrame) -> tuple[str, ...]:
    """The files that were given and not read, the latest first; many are counted. Behind them what
    the mailbox does not tell of its mails.
    """
    details = losses["place"] == DETAILS
    untold = tuple(sorted(losses.loc[details, "reason"]))
    losses = losses.loc[~details]
    ordered = tables.ordered(losses, ["not_after", "place", "reason"], [False, True, True])
    lines = [
        f"{_NOT_READ}: {str(one.place).rpartition('/')[2]}: "
        + (f"{one.mails} mails: " if one.mails > 1 else "")
        + str(one.reason)
        for one in rows(ordered.head(_NAMED))
    ]
    if len(ordered) > _NAMED:
        lines.append(f"{_NOT_READ}: {len(ordered) - _NAMED} more (noshow status names them)")
    return (*lines, *untold)


def _each_once(mails: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """The mails, without those of a file that its mailbox holds already."""
    if not (frames.polls["kind"] == "import").any():
        return mails
    named = tables.once(frames.messages, "message_id").set_index("message_id")["message_key"]
    keyed = mails.assign(key=mails["message_id"].map(named).fillna("").to_numpy())
    again = keyed.duplicated(["mailbox_id", "key"]) & (keyed["key"] != "")
    return tables.kept(mails, ~again.to_numpy())


def _meetings(meetings: pd.DataFrame, as_of: pd.Timestamp) -> dict[Any, int]:
    """How many meetings that have begun each mailbox holds."""
    begun = tables.kept(meetings, ~meetings["stub"] & (meetings["start_at"] <= as_of))
    return _sizes(
        tables.once(tables.narrow(begun, ["mailbox_id", "series_uid", "recurrence_id"])),
        "mailbox_id",
    )


def _problems(polls: pd.DataFrame, done: pd.DataFrame) -> tuple[str, ...]:
    """Why the latest look at a stream failed, where nothing complete came after it."""
    found = []
    for stream, tried in tables.kept(polls, polls["problem"] != "").groupby("stream"):
        last = tables.ordered(tried, ["started_at", "poll_id"]).iloc[-1]
        after = tables.kept(
            done, (done["stream"] == stream) & (done["started_at"] > last["started_at"])
        )
        if not len(after):
            name = "calendar" if str(stream).startswith("calendar") else str(stream)
            found.append(f"{name}: {last['problem']}")
    return tuple(dict.fromkeys(found))


def enough(coverage: tuple[Coverage, ...], policy: Policy, what: str) -> frozenset[int]:
    """The mailboxes whose coverage of `calendar` or `mail` reaches the 8 weeks."""
    return frozenset(
        one.mailbox_id
        for one in coverage
        if (one.calendar_weeks if what == "calendar" else one.mail_weeks) >= policy.coverage_weeks
    )
