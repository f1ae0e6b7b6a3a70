"""What may have been the answer, though nobody can say so?

Rules.md sections 0, 2 and 5: a mail without a usable date, an answer dated before its question, a
program's or a stranger's answer in the thread of an ask, a delivery report that does not say what
became of it, a mail that failed its sender check. None of them ends a silence, and none lets one
be printed as such.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from config import organisations
from connectors.model.frames import Frames
from connectors.model.headers.address_lists import people
from reports.columns import addresses, keys, tables, text
from reports.columns.instants import DAY, NONE, UTC, Flags, micros
from reports.columns.text import Distinct, distinct
from reports.detect.mail import mail_class, references, subject_lines
from reports.detect.setting import Setting
from reports.detect.silence import failed_reports

#: Of two mails of ours with one Message-ID: what is dated so long before the later one, answers it all the same.
_APART: Final = DAY
_NEVER: Final = np.iinfo(np.int64).max
#: Signs of a subject; a shorter one stands in too many others.
_NAMING: Final = 4
_COLUMNS: Final = ["contact", "at", "why"]


def find_doubts(
    setting: Setting, frames: Frames, mails: pd.DataFrame, asks: pd.DataFrame
) -> pd.DataFrame:
    """Columns contact, at (the latest moment it may have been written), why; each once, ordered.

    mails: by MAILS; asks: the open ones, by ASKS. `why` is of SILENCES, with the address that
    wrote in the thread behind a space.
    """
    messages = keys.unique(frames.messages, "message_id")
    threads = tables.once(tables.kept(asks, asks["conversation"] >= 0, ["contact", "conversation"]))
    parts = [
        _undated(setting, frames, messages, mails, threads),
        *_dated(setting, messages, mails, asks, threads),
        _strangers(setting, frames, mails, threads),
        _through_ours(setting, messages, mails, threads),
        *failed_reports.find_failures(setting, frames, messages, mails, asks),
    ]
    told = [tables.narrow(one, _COLUMNS) for one in parts if len(one)]
    if not told:
        return _nothing()
    found = pd.concat(told, ignore_index=True)
    return tables.ordered(tables.once(found[found["contact"] != ""]), _COLUMNS, ignore_index=True)


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "contact": pd.Series([], dtype="str"),
            "at": pd.Series([], dtype=UTC),
            "why": pd.Series([], dtype="str"),
        }
    )


def _undated(
    setting: Setting,
    frames: Frames,
    messages: pd.DataFrame,
    mails: pd.DataFrame,
    threads: pd.DataFrame,
) -> pd.DataFrame:
    """Mails at an unknown time, until we saw them: by whom they are, whom of the same organisation they
    name beside us, and in the threads they name.
    """
    ours = setting.ours
    some = messages[
        messages["at"].isna() & ~messages["draft"] & ~messages["chat"] & ~messages["sent"]
    ].reset_index(drop=True)
    some = some[~addresses.holds(some["from_address"], ours.__contains__)].reset_index(drop=True)
    if not len(some):
        return _nothing()
    seen = some["first_seen_at"].fillna(setting.as_of)
    contacts = addresses.contacts(some["from_address"], ours, setting.merge)
    theirs = pd.DataFrame({"contact": contacts, "at": seen})
    named = references.links(some)
    answered = pd.DataFrame({"key": text.column(named.key)})
    answered["at"] = seen.take(named.row).to_numpy()
    answered["at"] = answered["at"].astype(seen.dtype)
    held = pd.DataFrame({"message_id": messages["message_id"].array})
    held["key"] = text.column(references.linking(messages["message_key"]))
    held = held[addresses.among(held["key"], answered["key"])]
    held = tables.joined(held, tables.narrow(mails, ["message_id", "conversation"]), "message_id")
    within = tables.joined(tables.joined(answered, held, "key"), threads, "conversation")
    parts = [theirs, _beside(setting, frames, some.assign(by=contacts, at=seen)), within]
    every = pd.concat([tables.narrow(one, ["contact", "at"]) for one in parts], ignore_index=True)
    return every.assign(why="undated-answer")


def _beside(setting: Setting, frames: Frames, some: pd.DataFrame) -> pd.DataFrame:
    """Whom of the writer's organisation these mails name in To or Cc. some: message_id, by, at."""
    given = frames.recipients
    given = tables.kept(given, given["role"] != "bcc", ["message_id", "address"])
    named = tables.joined(given, tables.narrow(some, ["message_id", "by", "at"]), "message_id")
    named["contact"] = addresses.contacts(named["address"], setting.ours, setting.merge)
    home = failed_reports.homes(setting, named["by"])
    return named[(home != "") & (home == failed_reports.homes(setting, named["contact"]))]


def _dated(
    setting: Setting,
    messages: pd.DataFrame,
    mails: pd.DataFrame,
    asks: pd.DataFrame,
    threads: pd.DataFrame,
) -> list[pd.DataFrame]:
    """What came in and is no clear word: each by whom it is, and in the threads of the asks."""
    # Servers of our own, too, tell what became of a mail.
    by_ours = (mails["direction"] == "internal") & (mails["mail_class"] == "auto")
    came = tables.kept(
        mails,
        ((mails["direction"] == "in") & (mails["mail_class"] != "calendar")) | by_ours,
        ["message_id", "at", "mail_class", "conversation", "contact", "direction"],
    )
    if not len(came):
        return []
    labels = ["message_id", "in_reply_to", "reference_keys", "subject", "headers", "from_address"]
    out = tables.kept(mails, mails["direction"] == "out", ["message_id", "at", "conversation"])
    sent = tables.joined(out, tables.narrow(messages, ["message_id", "message_key"]), "message_id")
    auto = tables.joined(came[came["mail_class"] == "auto"], messages[labels], "message_id")
    headers: Distinct = distinct(auto["headers"])
    senders = distinct(auto["from_address"])
    answers = references.naming(auto, sent["message_key"])
    itself = mail_class.generated(headers) | mail_class.answered_by_itself(headers)
    itself &= ~mail_class.away_notice(headers, auto["subject"], setting.phrases)
    itself &= (auto["direction"] == "in").to_numpy()
    generated = answers & itself
    # A help desk, a shared inbox, a board: whoever pressed Reply there, a service has sent it.
    by_sender = mail_class.by_sender_alone(headers, senders, setting.phrases)
    # A name with a "via" in it, beside an address that we asked, may be a person's after all.
    generated |= by_sender & (answers | addresses.among(auto["contact"], asks["contact"]))
    unlinked = itself & ~answers
    # A rule may have sent on what they wrote.
    generated |= unlinked & mail_class.perhaps_sent_on(headers)
    by_name = _asked_by_name(setting, tables.kept(auto, unlinked), messages, asks)
    # No server writes a report from the address that it is about: a program of theirs may have refused.
    refused = came[
        (came["mail_class"] == "bounce") & addresses.among(came["contact"], asks["contact"])
    ]
    unclear = mail_class.unclear_report(headers, senders, auto["subject"], setting.phrases)
    unproven = came[came["mail_class"] == "unproven"]
    late = _before_asked(came, messages, sent, asks).assign(at=setting.as_of)
    by_hand = late[late["mail_class"].isin(["human", "bulk"])].drop(columns="contact")
    found = [
        late.assign(why="misdated-answer"),
        tables.joined(by_hand, threads, "conversation").assign(why="misdated-answer"),
        by_name.assign(why="generated-answer"),
        refused.assign(why="unclear-report"),
    ]
    auto, unproven = (
        one.assign(at=one["at"].mask(one["message_id"].isin(late["message_id"]), setting.as_of))
        for one in (auto, unproven)
    )
    for some, why in (
        (tables.kept(auto, generated), "generated-answer"),
        (tables.kept(auto, unclear & answers), "unclear-report"),
        (unproven, "sender-check"),
    ):
        rows = tables.narrow(some, ["contact", "conversation", "at"])
        within = tables.joined(rows.drop(columns="contact"), threads, "conversation")
        found += [rows.assign(why=why), within.assign(why=why)]
    return found


def _before_asked(
    came: pd.DataFrame, messages: pd.DataFrame, sent: pd.DataFrame, asks: pd.DataFrame
) -> pd.DataFrame:
    """What came in before a mail of ours that it names: its clock was wrong, for it was written later.

    sent: message_key, at, conversation of our mails. Looked at is what may answer an open ask (`asks`).
    """
    concerned = came["conversation"].isin(asks["conversation"]) | addresses.among(
        came["contact"], asks["contact"].drop_duplicates()
    )
    # What answers another is of its conversation: few came in before any of ours in theirs.
    threads, group = np.unique(sent["conversation"].to_numpy(), return_inverse=True)
    last = np.full(len(threads) + 1, NONE)
    np.maximum.at(last, group, micros(sent["at"]))
    place, held = keys.places(threads, came["conversation"].to_numpy())
    early = micros(came["at"]) < last[np.where(held, place, -1)]
    came = tables.kept(came, early & concerned.to_numpy()).reset_index(drop=True)
    if not len(came):
        return came
    sent = tables.kept(sent, sent["conversation"].isin(came["conversation"]))
    asked = distinct(text.column(references.linking(sent["message_key"])))
    moments = micros(sent["at"])
    first, latest = np.full(len(asked.texts) + 1, _NEVER), np.full(len(asked.texts) + 1, NONE)
    np.minimum.at(first, asked.codes, moments)
    np.maximum.at(latest, asked.codes, moments)
    first[-1] = NONE
    place, _ = keys.places(messages["message_id"].to_numpy(), came["message_id"].to_numpy())
    named = references.links(messages[["in_reply_to", "reference_keys"]].take(place))
    answered = pc.index_in(named.key, value_set=asked.texts).fill_null(-1).to_numpy()
    at = micros(came["at"])[named.row]
    before: Flags = np.zeros(len(came), dtype=bool)
    before[named.row[(at < first[answered]) | (at + _APART < latest[answered])]] = True
    return tables.kept(came, before)


def _asked_by_name(
    setting: Setting, came: pd.DataFrame, messages: pd.DataFrame, asks: pd.DataFrame
) -> pd.DataFrame:
    """Whom of a writer's organisation we asked under the subject that a mail bears, with or without more;
    columns contact, at (when that mail came).

    Help desks drop the References and put a number of their own beside the subject.
    """
    asked = tables.joined(
        tables.kept(asks, asks["message_id"] >= 0, ["contact", "message_id"]),
        tables.narrow(messages, ["message_id", "subject"]),
        "message_id",
    )
    asked["asked"] = subject_lines.base(asked["subject"], setting.phrases)
    asked = tables.once(
        tables.kept(asked, asked["asked"].str.len() >= _NAMING, ["contact", "asked"])
    )
    asked["home"] = _homes_or_selves(setting, asked["contact"])
    told = pd.DataFrame(
        {
            "home": _homes_or_selves(setting, came["contact"]),
            "at": came["at"],
            "told": text.plain(came["subject"]),
        }
    )
    pairs = tables.joined(told, asked, "home")
    hit = [one in other for one, other in zip(pairs["asked"], pairs["told"], strict=True)]
    return pairs.loc[np.asarray(hit, dtype=bool), ["contact", "at"]]


def _homes_or_selves(setting: Setting, who: pd.Series) -> pd.Series:
    home = failed_reports.homes(setting, who)
    return home.where(home != "", who)


def _strangers(
    setting: Setting, frames: Frames, mails: pd.DataFrame, threads: pd.DataFrame
) -> pd.DataFrame:
    """Human mails in the thread of an ask by somebody whom nothing in it had named before."""
    wrote = mails[(mails["direction"] == "in") & (mails["mail_class"] == "human")]
    wrote = tables.narrow(wrote, ["message_id", "conversation", "contact", "at"])
    wrote = tables.joined(wrote.rename(columns={"contact": "by"}), threads, "conversation")
    wrote = wrote[wrote["by"] != wrote["contact"]]
    if not len(wrote):
        return wrote.assign(why=pd.Series([], dtype="str"))
    inside = mails[mails["conversation"].isin(wrote["conversation"])]
    given = tables.joined(
        frames.recipients, inside[["message_id", "conversation", "at"]], "message_id"
    )
    given = given.assign(by=addresses.contacts(given["address"], setting.ours, setting.merge))
    named = given.groupby(["conversation", "by"])["at"].min().rename("named_at").reset_index()
    wrote = tables.joined(wrote, named, ["conversation", "by"], "left")
    new = wrote["named_at"].isna() | (wrote["named_at"] >= wrote["at"])
    chosen = wrote[np.asarray(new)]
    return chosen.assign(why="thread-answer " + chosen["by"])


def _through_ours(
    setting: Setting, messages: pd.DataFrame, mails: pd.DataFrame, threads: pd.DataFrame
) -> pd.DataFrame:
    """Mails in the thread of an ask from an address of ours that we did not send, and that somebody
    outside may have written: a forwarder, a group or a help desk of our own wrote its own address
    in place of theirs. They say so by where an answer goes, by a "via" beside the address, or by the
    word of a program that is no notice of an absence.
    """
    inside = (mails["direction"] != "in") & mails["conversation"].isin(threads["conversation"])
    inside &= ~mails["mail_class"].isin(["calendar", "bounce"])
    some = tables.kept(mails, inside, ["message_id", "at", "conversation", "direction"])
    place, _ = keys.places(messages["message_id"].to_numpy(), some["message_id"].to_numpy())
    # Nearly all of them we sent: what stands in those is not asked.
    unsent = ~messages["sent"].to_numpy()[place]
    some, place = tables.kept(some, unsent), place[unsent]
    labels = ["headers", "from_address", "from_name", "subject"]
    some = pd.concat(
        [some.reset_index(drop=True), messages[labels].take(place).reset_index(drop=True)], axis=1
    )
    some = tables.kept(some, addresses.holds(some["from_address"], setting.ours.__contains__))
    if not len(some):
        return _nothing()
    named = distinct(some["from_name"]).matches(mail_class.SERVICE)
    headers = distinct(some["headers"])
    made = mail_class.generated(headers) & (some["direction"] == "internal").to_numpy()
    made &= ~addresses.holds(some["from_address"], setting.phrases.is_daemon)
    made &= ~mail_class.away_notice(headers, some["subject"], setting.phrases)
    wrote = tables.joined(some.assign(shown=named | made), threads, "conversation")
    lines = wrote["headers"].str.extract(r"(?m)^reply-to: ?(.+)$", expand=False).fillna("")
    back = [
        any(_alike(setting, one.address, contact) for one in people(line))
        for line, contact in zip(lines, wrote["contact"], strict=True)
    ]
    wrote = tables.kept(wrote, wrote["shown"].to_numpy(dtype=bool) | np.array(back, dtype=bool))
    return wrote.assign(why="thread-answer " + wrote["from_address"])


def _alike(setting: Setting, address: str, contact: str) -> bool:
    """Is it the contact's address, or of their organisation?"""
    same = setting.merge.get(address, address) == contact
    return same or organisations.same(address, contact, setting.phrases)
