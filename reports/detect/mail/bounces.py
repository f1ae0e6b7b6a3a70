"""Which addresses and mails came back?

rules.md section 2: a bounce counts for the address it names, or for the only outside recipient of
the mail it names; a delay notice counts for nothing. Anybody can write one, so it counts only in
answer to a mail of ours: one that it names and that went to that address, or, where it names none
of ours, any that went there shortly before. A person with a second address is not gone when the
first one is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from connectors.model import normal_forms
from reports.columns import addresses, keys, tables
from reports.columns.instants import Flags
from reports.columns.moment_index import Timeline
from reports.columns.text import column
from reports.detect.mail import mail_class, references
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting

_COLUMNS = {
    "contact": "str",
    "address": "str",
    "at": "datetime64[us, UTC]",
    "key": "str",
    "message_id": "int64",
}


def find_bounces(setting: Setting, index: MailIndex) -> pd.DataFrame:
    """Every bounce until the setting's moment; columns contact, address, at, key, message_id, ordered.

    `address`: what bounced, `contact`: whose it is after merges. `key`: the Message-ID that came
    back, "" where only an address is named.
    """
    # Exchange writes them under a name in our own domain: those are internal, and bounces as well.
    bounced = (index.mails["mail_class"] == "bounce") & (index.mails["direction"] != "out")
    place = np.flatnonzero(bounced)
    subject = index.facts["subject"].take(place)
    place = place[~mail_class.delay_notice(index.headers.take(place), subject, setting.phrases)]
    labels = ["in_reply_to", "reference_keys"]
    table = pd.concat(
        [tables.narrow(index.mails, ["message_id", "at"]), index.facts[labels]], axis=1
    ).take(place)
    table = table.reset_index(drop=True).assign(headers=index.headers.take(place).text())
    table = table[table["at"] <= setting.as_of].reset_index(drop=True)
    if not len(table):
        return pd.DataFrame({label: pd.Series([], dtype=kind) for label, kind in _COLUMNS.items()})
    answered = _answered(table, index)
    failed = table["headers"].str.extract(r"(?m)^x-failed-recipients: ?(.+)$", expand=False)
    about = table["headers"].str.extract(r"(?m)^content-type:.*; x-about=(\S+)$", expand=False)
    told = table.assign(address=failed.fillna(about).fillna("").str.split(",")).explode("address")
    told["address"] = [normal_forms.address(text) for text in told["address"]]
    told["contact"] = addresses.contacts(told["address"], setting.ours, setting.merge)
    told["key"] = ""
    told = tables.kept(
        told, told["contact"] != "", ["message_id", "at", "contact", "address", "key"]
    )
    wait = pd.Timedelta(days=setting.policy.bounce_days)
    told = tables.kept(told, _meant(told, answered, index, wait))
    timely = answered["at"] - answered["sent_at"] <= wait
    returned = tables.kept(answered, answered["alone"] & timely, told.columns)
    # A bounce that names its address and its mail counts for both.
    found = tables.once(pd.concat([told, returned], ignore_index=True))
    found = tables.ordered(
        found, ["contact", "at", "key", "message_id", "address"], ignore_index=True
    )
    return found[list(_COLUMNS)].astype(_COLUMNS)


def undelivered(asks: pd.DataFrame, bounces: pd.DataFrame, index: MailIndex) -> pd.Series:
    """Which asks came back, or went only to addresses that came back after them; aligned flags.

    asks: contact, at, key and message_id (the Message-ID and its number, "" and -1 where there is
    none). bounces: as from `find_bounces`. What is no mail counts by the person.
    """
    if not len(bounces):
        return pd.Series(False, index=asks.index, dtype="bool")
    later = Timeline(bounces["contact"], bounces["at"]).after(asks["contact"], asks["at"]).notna()
    later &= ~_arrived(asks[later & (asks["message_id"] >= 0)], bounces, index).reindex(
        asks.index, fill_value=False
    )
    named = tables.kept(bounces, bounces["key"] != "", ["contact", "key"])
    itself = addresses.among(asks["key"], named["key"])
    pairs = pd.MultiIndex.from_frame(tables.kept(asks, itself, ["contact", "key"]))
    itself[itself] = pairs.isin(pd.MultiIndex.from_frame(named))
    # Nobody's mailbox refuses a phone call.
    return (later | itself) & (asks["kind"] != "call")


def _arrived(asks: pd.DataFrame, bounces: pd.DataFrame, index: MailIndex) -> pd.Series:
    """Which asks by mail also went to an address of the same person that did not come back."""
    place, _ = keys.places(
        index.mails["message_id"].to_numpy(), asks["message_id"].to_numpy(dtype="int64")
    )
    sent = tables.narrow(asks, ["contact", "at"]).assign(mail=place).reset_index(names="ask")
    rows = index.named[(index.named["person"] >= 0) & index.named["mail"].isin(place)]
    rows = tables.once(tables.narrow(rows, ["mail", "person", "address"]))
    rows = tables.joined(
        rows.assign(
            contact=index.text(rows["person"].to_numpy()).to_numpy(),
            address=_spelled(index, rows).to_numpy(),
        ),
        sent,
        ["mail", "contact"],
    )
    back = Timeline(bounces["address"], bounces["at"]).after(rows["address"], rows["at"])
    return pd.Series(asks.index.isin(rows.loc[back.isna(), "ask"]), index=asks.index)


def _spelled(index: MailIndex, rows: pd.DataFrame) -> pd.Series:
    """The addresses of these rows of `index.named`; index 0, 1, ..."""
    return column(index.addresses.take(pa.array(rows["address"])))


def _meant(
    told: pd.DataFrame, answered: pd.DataFrame, index: MailIndex, wait: pd.Timedelta
) -> Flags:
    """Which of the addresses that bounces name had a mail of ours that the bounce can be about?

    told: message_id, at, address. A bounce that names mails of ours speaks of their recipients
    alone; another one of whomever we wrote to at most `wait` before it.
    """
    pair = pd.MultiIndex.from_frame(tables.narrow(told, ["message_id", "address"]))
    to_it = pair.isin(pd.MultiIndex.from_frame(tables.narrow(answered, ["message_id", "address"])))
    names_one = told["message_id"].isin(answered["message_id"]).to_numpy()
    out = (index.mails["direction"] == "out").to_numpy()
    wanted = addresses.among(column(index.addresses), told["address"])
    rows = tables.narrow(index.named, ["mail", "address"])
    wrote = rows[out[rows["mail"]] & wanted[rows["address"]]]
    line = Timeline(_spelled(index, wrote), index.at(wrote["mail"].to_numpy()))
    last = line.before(told["address"], told["at"], same=True)
    recent = (told["at"] - last <= wait).to_numpy()
    found: Flags = np.where(names_one, to_it, recent)
    return found


def _answered(table: pd.DataFrame, index: MailIndex) -> pd.DataFrame:
    """The mail of ours that a bounce names, a row for each of its outside recipients.

    One mail came back, and those before it in its thread arrived: the mail that it answers, else the
    last of ours in its References. Columns message_id and at (of the bounce), key and sent_at (of our mail), contact, address, and
    `alone`: it went to nobody else outside.
    """
    pairs = references.links(table)
    named = pd.DataFrame({"row": pairs.row, "key": pairs.key.to_pandas()}).astype({"key": "str"})
    # Of all we ever sent only what a bounce names.
    out = (index.mails["direction"] == "out").to_numpy()
    own = column(references.linking(index.facts["message_key"]))
    sent = np.flatnonzero(out & addresses.among(own, named["key"]))
    ours = addresses.among(named["key"], own.take(sent))
    answers = tables.narrow(table, ["message_id", "at"]).assign(
        answers=column(references.linking(table["in_reply_to"]))
    )
    named = tables.kept(named, ours).join(answers, on="row")
    named["answers"] = named["key"] == named["answers"]
    named = tables.once(tables.ordered(named, ["row", "answers"]), "row", keep="last")
    to = tables.kept(index.named, index.named["person"] >= 0, ["mail", "person", "address"])
    to = tables.once(to[to["mail"].isin(sent)])
    place = to["mail"].to_numpy()
    ours_sent = tables.once(
        pd.DataFrame(
            {
                "named": own.take(place).array,
                "key": index.facts["message_key"].take(place).array,
                "sent_at": index.at(place).array,
                "contact": index.text(to["person"].to_numpy()).array,
                "address": _spelled(index, to).array,
                "alone": ~to["mail"].duplicated(keep=False).to_numpy(),
            }
        )
    )
    named = tables.narrow(named, ["message_id", "at", "key"]).rename(columns={"key": "named"})
    return tables.joined(named, ours_sent, "named").drop(columns="named")
