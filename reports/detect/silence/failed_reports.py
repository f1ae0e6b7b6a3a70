"""Whom may a report of failure be about that does not say whose address failed?

rules.md section 2: such a report ends no silence, and lets none be printed as such.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from config import organisations
from connectors.model.frames import Frames
from reports.columns import addresses, tables, text
from reports.columns.instants import UTC
from reports.columns.text import distinct
from reports.detect.mail import mail_class, references
from reports.detect.setting import Setting

#: A server that refuses a mail at once says so by then.
_AT_ONCE: Final = pd.Timedelta(hours=1)
#: Whoever's server it is: what is refused while it is handed over comes back in the same minutes.
_WHILE_SENDING: Final = pd.Timedelta(minutes=5)
_LEAST: Final = pd.Timedelta(seconds=1)


def find_failures(
    setting: Setting,
    frames: Frames,
    messages: pd.DataFrame,
    mails: pd.DataFrame,
    asks: pd.DataFrame,
) -> list[pd.DataFrame]:
    """Reports of failure which do not say whose address failed: each by whom it may be about.

    One that names a mail of ours is about one of the several that it went to. One that names neither an
    address nor a mail is about what had gone to that organisation shortly before, or out of that mailbox
    at the same time.
    """
    told = mails["mail_class"].isin(["bounce", "auto"]) & (mails["direction"] != "out")
    failed = tables.kept(mails, told, ["message_id", "at", "mailbox_id", "mail_class"])
    asked = tables.kept(
        asks, asks["message_id"] >= 0, ["contact", "at", "message_id", "mailbox_id"]
    )
    if not len(failed) or not len(asked):
        return []
    labels = ["message_id", "from_address", "in_reply_to", "reference_keys", "headers", "subject"]
    failed = tables.joined(failed, messages[labels], "message_id")
    headers, senders = distinct(failed["headers"]), distinct(failed["from_address"])
    clear = (failed["mail_class"] == "bounce").to_numpy()
    reports = clear | mail_class.unclear_report(
        headers, senders, failed["subject"], setting.phrases
    )
    reports &= ~headers.matches(r"(?m)^x-failed-recipients:|^content-type:.*; x-about=")
    reports &= ~mail_class.delay_notice(headers, failed["subject"], setting.phrases)
    named = references.naming(failed, messages["message_key"])
    nameless = tables.kept(failed, reports & ~named).sort_values("at")
    found = [
        _of_several(setting, frames, messages, tables.kept(failed, reports & clear & named), asked),
        _in_their_house(setting, nameless[nameless["mail_class"] == "bounce"], asked),
        _while_sending(nameless, asked),
    ]
    return [one.assign(why="unclear-report") for one in found]


def _of_several(
    setting: Setting,
    frames: Frames,
    messages: pd.DataFrame,
    failed: pd.DataFrame,
    asked: pd.DataFrame,
) -> pd.DataFrame:
    """Whom we asked by a mail that a report names, where it went to others outside as well."""
    to = frames.recipients[frames.recipients["message_id"].isin(asked["message_id"])]
    to = tables.once(tables.narrow(to, ["message_id", "address"]))
    to = to[~addresses.holds(to["address"], setting.ours.__contains__)]
    many = to.loc[to["message_id"].duplicated(keep=False), "message_id"]
    asked = tables.kept(asked, asked["message_id"].isin(many), ["contact", "message_id"])
    if not len(failed) or not len(asked):
        return asked.assign(at=pd.Series(pd.NaT, asked.index, dtype=UTC)).head(0)
    held = tables.joined(
        asked, tables.narrow(messages, ["message_id", "message_key"]), "message_id"
    )
    held["key"] = text.column(references.linking(held["message_key"]))
    # One mail came back, and those before it in its thread arrived.
    earlier = failed["reference_keys"].mask(failed["in_reply_to"] != "", "")
    pairs = references.links(failed.assign(reference_keys=earlier))
    named = pd.DataFrame({"key": text.column(pairs.key)})
    named["at"] = failed["at"].take(pairs.row).to_numpy()
    named["at"] = named["at"].astype(failed["at"].dtype)
    return tables.joined(named, tables.narrow(held, ["key", "contact"]), "key")


def _in_their_house(setting: Setting, failed: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Whom we asked last in the organisation of the server that reports. failed: ordered by `at`."""
    failed = failed.assign(home=homes(setting, failed["from_address"]))
    asked = asked.assign(home=homes(setting, asked["contact"])).sort_values("at")
    last = pd.merge_asof(
        failed.loc[failed["home"] != "", ["at", "home"]],
        asked[["at", "home", "message_id"]],
        on="at",
        by="home",
        tolerance=_AT_ONCE,
    ).dropna(subset="message_id")
    return last.astype({"message_id": "int64"}).merge(
        asked[["contact", "message_id", "home"]], on=["message_id", "home"]
    )


def _while_sending(failed: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Whom we asked out of the mailbox that a report came into, just before. failed: ordered by `at`."""
    next_one = pd.merge_asof(
        asked[["contact", "at", "mailbox_id"]].sort_values("at"),
        failed[["at", "mailbox_id"]].assign(back=failed["at"]),
        on="at",
        by="mailbox_id",
        direction="forward",
        tolerance=_WHILE_SENDING,
    ).dropna(subset="back")
    # A doubt is later than what it is about, and both may bear the same second.
    return next_one.assign(at=next_one["back"].clip(lower=next_one["at"] + _LEAST))


def homes(setting: Setting, who: pd.Series) -> pd.Series:
    """The organisation of each address; empty for one of a provider that everybody uses."""
    known = {one: organisations.organisation(one, setting.phrases) for one in who.unique()}
    return who.map(known).astype("str")
