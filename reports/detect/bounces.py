"""Which addresses and mails came back?

rules.md section 2: a bounce counts for the address it names, or for the only outside recipient of
the mail it names; a delay notice counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from config.ours import Ours
from config.phrasing import Phrases
from connectors.model import normal
from reports.detect import addresses, mailclass, references
from reports.detect.post import Post
from reports.detect.timeline import Timeline

_COLUMNS = {"contact": "str", "at": "datetime64[us, UTC]", "key": "str", "message_id": "int64"}


def find(
    post: Post,
    ours: Ours,
    phrases: Phrases,
    as_of: pd.Timestamp,
    *,
    merge: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Every bounce until `as_of`; columns contact, at, key, message_id, ordered.

    `key`: the Message-ID that came back, "" where only an address is named. After a merge an
    address that bounces is the person's; the caller sees whether they live on elsewhere.
    """
    merge = merge or {}
    # Exchange writes them under a name in our own domain: those are internal, and bounces as well.
    bounced = (post.mails["mail_class"] == "bounce") & (post.mails["direction"] != "out")
    place = np.flatnonzero(bounced)
    subject = post.facts["subject"].take(place)
    place = place[~mailclass.delay_notice(post.headers.take(place), subject, phrases)]
    labels = ["in_reply_to", "reference_keys"]
    table = pd.concat([post.mails[["message_id", "at"]], post.facts[labels]], axis=1).take(place)
    table = table.reset_index(drop=True).assign(headers=post.headers.take(place).text())
    table = table[table["at"] <= as_of].reset_index(drop=True)
    if not len(table):
        return pd.DataFrame({label: pd.Series([], dtype=kind) for label, kind in _COLUMNS.items()})
    returned = _returned(table, post)
    failed = table["headers"].str.extract(r"(?m)^x-failed-recipients: ?(.+)$", expand=False)
    told = table.assign(address=failed.fillna("").str.split(",")).explode("address")
    told["address"] = [normal.address(text) for text in told["address"]]
    told["contact"] = addresses.contacts(told["address"], ours, merge)
    told["key"] = ""
    told = told.loc[told["contact"] != "", ["message_id", "at", "contact", "key"]]
    # A bounce that names its address and its mail counts for both.
    found = pd.concat([told, returned], ignore_index=True).drop_duplicates()
    found = found.sort_values(["contact", "at", "key", "message_id"], ignore_index=True)
    return found[list(_COLUMNS)].astype(_COLUMNS)


def undelivered(asks: pd.DataFrame, bounces: pd.DataFrame) -> pd.Series:
    """Which asks came back, or went to an address that came back after them; aligned flags.

    asks: contact, at, key (the Message-ID, "" for a call). bounces: as from `find`.
    """
    if not len(bounces):
        return pd.Series(False, index=asks.index, dtype="bool")
    later = Timeline(bounces["contact"], bounces["at"]).after(asks["contact"], asks["at"]).notna()
    named = bounces.loc[bounces["key"] != "", ["contact", "key"]]
    itself = addresses.among(asks["key"], named["key"])
    pairs = pd.MultiIndex.from_frame(asks.loc[itself, ["contact", "key"]])
    itself[itself] = pairs.isin(pd.MultiIndex.from_frame(named))
    # Nobody's mailbox refuses a phone call.
    return (later | itself) & (asks["kind"] != "call")


def _returned(table: pd.DataFrame, post: Post) -> pd.DataFrame:
    """(contact, key) of mails of ours that a bounce names and that had one outside recipient."""
    pairs = references.links(table)
    named = pd.DataFrame({"row": pairs.row, "key": pairs.key.to_pandas()}).astype({"key": "str"})
    named = named.join(table[["message_id", "at"]], on="row")
    # Of all we ever sent only what a bounce names.
    out = (post.mails["direction"] == "out").to_numpy()
    sent = np.flatnonzero(out & addresses.among(post.facts["message_key"], named["key"]))
    to = post.named.loc[post.named["person"] >= 0, ["mail", "person"]]
    to = to[to["mail"].isin(sent)].drop_duplicates()
    alone = to[~to["mail"].duplicated(keep=False)]
    ours_sent = pd.DataFrame(
        {
            "key": post.facts["message_key"].take(alone["mail"].to_numpy()).array,
            "contact": post.text(alone["person"].to_numpy()).array,
        }
    ).drop_duplicates()
    found = named.merge(ours_sent, on="key")
    return found[["message_id", "at", "contact", "key"]]
