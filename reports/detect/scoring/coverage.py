"""What could we see of each mailbox, from when to when, and what is missing?

Nothing is listed before 8 weeks of coverage (rules.md section 4), and the report says what it could
not see. Days on which every look failed are not counted.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from config.policy import Policy
from connectors.model.frames import Frames
from connectors.model.records import DETAILS
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

    A look covers from its window's lower bound to the moment it began; without a bound, from the
    earliest fact of the mailbox. Weeks are days divided by seven, in UTC.
    """
    looks, done = _looks(frames, as_of)
    first = mails.groupby("mailbox_id")["at"].min()
    ways = mails.groupby(["mailbox_id", "direction"]).size()
    blind = read_until.ahead_of_received(frames.looks, frames.messages, as_of)
    found = []
    for box in rows(frames.mailboxes.drop_duplicates("mailbox_id").sort_values("mailbox_id")):
        mailbox = int(box.mailbox_id)
        mine = looks.loc[looks["mailbox_id"] == mailbox]
        complete = done.loc[done["mailbox_id"] == mailbox]
        starts = frames.meetings.loc[frames.meetings["mailbox_id"] == mailbox, "start_at"]
        written = {way: int(ways.get((mailbox, way), 0)) for way in ("in", "out", "internal")}
        calendar, post = _split(mine), _split(complete)
        calendar_from = _since(post[0], starts)
        mail_from = _since(post[1], first.loc[first.index == mailbox])
        pending = frames.pending.loc[frames.pending["mailbox_id"] == mailbox]
        waiting = pending.loc[~pending["given_up"]]
        mail_waiting = int((waiting["stream"] == _MAIL).sum())
        fetched = sum(written.values())
        live = complete.loc[complete["kind"].isin(read_until.LIVE), "started_at"]
        found.append(
            Coverage(
                mailbox_id=mailbox,
                address=str(box.address),
                calendar_from=calendar_from,
                mail_from=mail_from,
                complete_to=_complete_to(complete, as_of),
                live_since=None if not len(live) else live.min(),
                calendar_weeks=_weeks(calendar_from, calendar[0], post[0]),
                mail_weeks=_weeks(mail_from, calendar[1], post[1]),
                pending=len(waiting),
                given_up=len(pending) - len(waiting),
                meetings=_meetings(frames, mailbox, as_of),
                sent=written["out"],
                received=written["in"],
                problems=(
                    *_problems(mine, complete),
                    *_lost(frames.losses.loc[frames.losses["mailbox_id"] == mailbox]),
                    *((_ONLY_SENT,) if mailbox in blind else ()),
                ),
                mail_progress=(fetched, fetched + mail_waiting) if mail_waiting else None,
            )
        )
    return tuple(found)


def _looks(frames: Frames, as_of: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All looks that had begun, and those of them that were complete by then."""
    looks = frames.looks.drop_duplicates("look_id")
    looks = looks.loc[looks["started_at"] <= as_of]
    return looks, read_until.complete(looks, as_of)


def complete_to(frames: Frames, as_of: pd.Timestamp) -> dict[int, pd.Timestamp]:
    """Until when each mailbox is read completely; those that never were are not in it."""
    _, done = _looks(frames, as_of)
    ends = {
        int(mailbox): _complete_to(done.loc[done["mailbox_id"] == mailbox], as_of)
        for mailbox in done["mailbox_id"].unique()
    }
    return {mailbox: end for mailbox, end in ends.items() if end is not None}


def _of_calendar(looks: pd.DataFrame) -> pd.Series:
    calendar: pd.Series = looks["stream"].str.startswith("calendar")
    return calendar


def _of_mail(looks: pd.DataFrame) -> pd.Series:
    mail: pd.Series = looks["stream"] == _MAIL
    return mail


def _split(looks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return looks.loc[_of_calendar(looks)], looks.loc[_of_mail(looks)]


def _since(looks: pd.DataFrame, facts: pd.Series) -> pd.Timestamp | None:
    if not len(looks):
        return None
    reach = read_until.reach(looks)
    windows = looks["window_from"].where(looks["window_from"] < reach, reach)
    bounded: pd.Timestamp = windows.loc[looks["window_from"].notna()].min()
    if looks["window_from"].notna().all():
        return bounded
    earliest = facts.dropna().min() if facts.notna().any() else reach.min()
    candidates = [one for one in (bounded, earliest, reach.min()) if not pd.isna(one)]
    return min(candidates)


def _weeks(since: pd.Timestamp | None, tried: pd.DataFrame, done: pd.DataFrame) -> float:
    if since is None or not len(done):
        return 0.0
    until = read_until.reach(done).max()
    span = max(0.0, float((until - since) / pd.Timedelta(days=1)))
    failed = tried.loc[~tried.index.isin(done.index), "started_at"].dt.floor("D").unique()
    good = set(done["started_at"].dt.floor("D").unique())
    bad = {day for day in failed if since <= day <= until} - good
    return max(0.0, span - len(bad)) / _WEEK


def _complete_to(done: pd.DataFrame, as_of: pd.Timestamp) -> pd.Timestamp | None:
    """The end of the last complete look at the stream that was looked at longest ago.

    A file tells until its own end, whenever it was imported.
    """
    live = done.loc[done["kind"].isin(read_until.LIVE)]
    files = done.loc[(done["kind"] == "import") & (_of_mail(done) | _of_calendar(done))]
    ends = pd.concat([live["finished_at"], read_until.reach(files)])
    if not len(ends):
        return None
    streams = pd.concat([live["stream"], files["stream"]])
    latest: pd.Timestamp = ends.groupby(streams).max().min()
    return min(latest, as_of)


def _lost(losses: pd.DataFrame) -> tuple[str, ...]:
    """The files that were given and not read, the latest first; many are counted. Behind them what
    the mailbox does not tell of its mails.
    """
    details = losses["place"] == DETAILS
    untold = tuple(sorted(losses.loc[details, "reason"]))
    losses = losses.loc[~details]
    ordered = losses.sort_values(["not_after", "place", "reason"], ascending=[False, True, True])
    lines = [
        f"{_NOT_READ}: {str(one.place).rpartition('/')[2]}: "
        + (f"{one.mails} mails: " if one.mails > 1 else "")
        + str(one.reason)
        for one in rows(ordered.head(_NAMED))
    ]
    if len(ordered) > _NAMED:
        lines.append(f"{_NOT_READ}: {len(ordered) - _NAMED} more (noshow status names them)")
    return (*lines, *untold)


def _meetings(frames: Frames, mailbox: int, as_of: pd.Timestamp) -> int:
    mine = frames.meetings.loc[
        (frames.meetings["mailbox_id"] == mailbox)
        & ~frames.meetings["stub"]
        & (frames.meetings["start_at"] <= as_of)
    ]
    return len(mine[["series_uid", "recurrence_id"]].drop_duplicates())


def _problems(looks: pd.DataFrame, done: pd.DataFrame) -> tuple[str, ...]:
    """Why the latest look at a stream failed, where nothing complete came after it."""
    found = []
    for stream, tried in looks.loc[looks["problem"] != ""].groupby("stream"):
        last = tried.sort_values(["started_at", "look_id"]).iloc[-1]
        after = done.loc[(done["stream"] == stream) & (done["started_at"] > last["started_at"])]
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
