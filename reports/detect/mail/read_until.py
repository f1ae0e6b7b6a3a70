"""Until when have we read a mailbox's mail, and what of it is still unread?

Never accuse on what was not looked at: a clock of silence stops at the last complete look, and
mail that was listed and not yet fetched may hold the answer (rules.md section 5).
"""

from __future__ import annotations

import pandas as pd

_STREAM = "mail"
#: Looks that list everything that came in until they began; a fetch settles what they listed.
_LIVE = ["full", "delta"]


def _complete(looks: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    done = looks["finished_at"].notna() & (looks["finished_at"] <= as_of) & (looks["problem"] == "")
    return looks[done & (looks["stream"] == _STREAM)]


def seen_to(looks: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Up to which moment each mailbox's mail is listed; index mailbox_id, instants.

    looks: by LOOKS. A look sees what was there when it began, and no further than its window
    (an imported file, a backfill). Mailboxes without a complete look are not in it.
    """
    done = _complete(looks, as_of)
    done = done[done["kind"] != "fetch"]
    reach = done["started_at"]
    reach = reach.where(done["window_to"].isna() | (done["window_to"] > reach), done["window_to"])
    return reach.groupby(done["mailbox_id"]).max()


def live_since(looks: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """When live sync of each mailbox's mail began; index mailbox_id, instants.

    What was deleted before it cannot be seen. Mailboxes only filled from files are not in it.
    """
    done = _complete(looks, as_of)
    live = done[done["kind"].isin(_LIVE)]
    return live["started_at"].groupby(live["mailbox_id"]).min()


def unread_until(pending: pd.DataFrame) -> pd.Timestamp | None:
    """The latest moment that an unread mail may have, over all mailboxes; None where all is read.

    pending: by PENDING. Given-up mails count too: nobody read them. Where no upper bound is known
    the result is the end of time. One reply lies in one of several mailboxes, so all of them count.
    """
    mail = pending[pending["stream"] == _STREAM]
    if not len(mail):
        return None
    if mail["not_after"].isna().any():
        return pd.Timestamp("2199-12-31", tz="UTC")
    latest: pd.Timestamp = mail["not_after"].max()
    return latest


def capped(mailbox_id: pd.Series, looks: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Until when a clock may run in each row's mailbox; aligned, NaT where it was never read."""
    reach = seen_to(looks, as_of)
    found: pd.Series = mailbox_id.map(reach) if len(reach) else pd.Series(pd.NaT, mailbox_id.index)
    return (
        found.astype("datetime64[us, UTC]")
        if len(reach)
        else found.dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    )
