"""Until when have we read a mailbox's mail, and what of it is still unread?

Never accuse on what was not looked at: a clock of silence stops at the last complete poll, and
mail that was listed and not yet fetched may hold the answer (rules.md section 5).
"""

from __future__ import annotations

import pandas as pd

from reports.columns import tables
from reports.columns.instants import Flags

_STREAM = "mail"
_SLACK = pd.Timedelta(days=1)
#: Looks that list everything that came in until they began; a fetch settles what they listed.
LIVE = ("full", "delta")
#: After a longer pause a provider no longer tells what came and was deleted in it (Gmail's history
#: reaches back a week, facts/google.md 2.3); who looks once a week makes no pause.
_PAUSE = pd.Timedelta(days=8)


def complete(polls: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The polls of any stream that had ended well by then. polls: by POLLS."""
    return tables.kept(polls, _ended_well(polls, as_of))


def reach(polls: pd.DataFrame) -> pd.Series:
    """Until when each poll saw: it sees what was there when it began, and no further than its window
    (an imported file, a backfill).
    """
    # Without a window nothing is earlier.
    bounded = polls["window_to"] < polls["started_at"]
    seen: pd.Series = polls["started_at"].where(~bounded, polls["window_to"])
    return seen


def _ended_well(polls: pd.DataFrame, as_of: pd.Timestamp) -> Flags:
    # None that had not ended is earlier than any moment.
    done = (polls["finished_at"] <= as_of) & (polls["problem"] == "")
    return done.to_numpy(dtype=bool)


def _complete(polls: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Those of mail, with what is asked of them here."""
    of_mail = (polls["stream"] == _STREAM).to_numpy(dtype=bool)
    labels = ["mailbox_id", "kind", "started_at", "window_to"]
    return tables.kept(polls, _ended_well(polls, as_of) & of_mail, labels)


def seen_to(polls: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Up to which moment each mailbox's mail is listed; index mailbox_id, instants.

    polls: by POLLS. Mailboxes without a complete poll are not in it.
    """
    done = _complete(polls, as_of)
    done = tables.kept(done, done["kind"] != "fetch")
    return reach(done).groupby(done["mailbox_id"]).max()


def live_since(polls: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Since when each mailbox's mail is read live without a long pause; index mailbox_id, instants.

    What was deleted before it cannot be seen. Mailboxes only filled from files are not in it.
    """
    done = _complete(polls, as_of)
    live = tables.kept(done, done["kind"].isin(LIVE), ["mailbox_id", "started_at"])
    live = tables.ordered(live, ["mailbox_id", "started_at"])
    before = live.groupby("mailbox_id")["started_at"].shift()
    begins = live[~(live["started_at"] - before <= _PAUSE)]
    return begins.groupby("mailbox_id")["started_at"].max()


def unread_until(pending: pd.DataFrame, losses: pd.DataFrame) -> pd.Timestamp | None:
    """The latest moment that an unread mail may have, over all mailboxes; None where all is read.

    pending: by PENDING; losses: by LOSSES. Given-up mails, and files that could not be read, count
    too: nobody read them. Where no upper bound is known the result is the end of time. One reply
    lies in one of several mailboxes, so all of them count. Where a mailbox only does not tell some
    detail of its mails, none is unread.
    """
    mail = pending[pending["stream"] == _STREAM]
    unread = losses.loc[losses["mails"] > 0, "not_after"]
    bounds = pd.concat([mail["not_after"], unread], ignore_index=True)
    if not len(bounds):
        return None
    if bounds.isna().any():
        return pd.Timestamp("2199-12-31", tz="UTC")
    latest: pd.Timestamp = bounds.max()
    return latest


def received(messages: pd.DataFrame) -> Flags:
    """Which mails somebody sent to a mailbox: sent mail, drafts and chats hold no answer of anybody."""
    mine = messages["sent"] | messages["draft"] | messages["chat"]
    return ~mine.to_numpy(dtype=bool)


def received_to(messages: pd.DataFrame) -> pd.Series:
    """When the last mail that somebody sent to each mailbox came in; index mailbox_id, instants.

    messages: by MESSAGES.
    """
    came = tables.kept(messages, received(messages), ["mailbox_id", "at"])
    return came.groupby("mailbox_id")["at"].max().dropna()


def ahead_of_received(
    polls: pd.DataFrame, messages: pd.DataFrame, as_of: pd.Timestamp
) -> frozenset[int]:
    """Mailboxes whose files tell of sent mail for longer than of received mail: no answer can be
    seen in them. What was read live was listed whole, and is not among them.
    """
    ends = seen_to(polls, as_of)
    ends = ends[~ends.index.isin(live_since(polls, as_of).index)]
    came = received_to(messages).reindex(ends.index)
    # The last mail of a file may have been forgotten on request; a day more or less says nothing.
    short = came.isna() | (came + _SLACK < ends)
    return frozenset(int(box) for box in ends.index[short])


def capped(mailbox_id: pd.Series, polls: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Until when a clock may run in each row's mailbox; aligned, NaT where it was never read."""
    ends = seen_to(polls, as_of)
    found: pd.Series = mailbox_id.map(ends) if len(ends) else pd.Series(pd.NaT, mailbox_id.index)
    return (
        found.astype("datetime64[us, UTC]")
        if len(ends)
        else found.dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    )
