"""Which acts that messages tell of may be believed, and which of them vouch for themselves?

rules.md section 0: anybody can write a mail. What failed the sender check of our own side is evidence
of nothing, and neither is an act in somebody's name (SENT-BY) from another organisation: it makes
unknown what it touches. Who is not the organiser speaks for no meeting, and changes nothing. A mail
is likely at most; the provider's own notice, from its address and authenticated, is certain.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from config import organisations
from config.ours import Ours
from config.phrasing import Phrases
from connectors.model.frames import Frames
from reports.columns import tables
from reports.columns.addresses import among, ours_mask
from reports.columns.instants import NONE, Flags, Ints, micros
from reports.columns.text import distinct
from reports.detect.mail import mail_class
from reports.detect.mail.mail_class import GOOGLE_SENDER

#: What only an organiser can say (RFC 5546 1.4).
_BY_ORGANISER: Final = ("request", "add", "cancel", "publish")
#: Google's signature, checked by our own side; or its own address where the policy passed.
_SIGNED: Final = (
    r"(?im)^authentication-results:.*[:; ]dkim ?= ?pass\b[^;]*\bheader\.[id] ?= ?\"?@?"
    r"(?:[a-z0-9-]+\.)*google\.com(?:[\s;\"]|$)"
)


@dataclass(frozen=True)
class Believed:
    """`frames`: the facts without what is not believed. `doubted`: the observations that make
    unknown what they touch. `vouched`: the keys of the provider's own, authenticated notices.
    """

    frames: Frames
    doubted: pd.DataFrame
    vouched: frozenset[str]


def believed(frames: Frames, ours: Ours, phrases: Phrases) -> Believed:
    """Part what messages tell of meetings into what is believed and what is not.

    A copy of a meeting of which nothing is left is left out with its messages.
    """
    told = frames.observations["evidence"].isin(("itip", "notice")).to_numpy(dtype=bool)
    mails = _mails(frames)
    vouched = frozenset(mails.loc[mails["vouched"], "message_key"])
    if not told.any():
        return Believed(frames, frames.observations.iloc[:0], vouched)
    observed = frames.observations
    failed = observed["message_key"].isin(mails.loc[mails["failed"], "message_key"]).to_numpy()
    doubted = told & (failed | _from_another_house(observed, ours, phrases))
    foreign = told & ~doubted & _by_no_organiser(frames, told & ~doubted)
    left_out = doubted | foreign
    if not left_out.any():
        return Believed(frames, observed.iloc[:0], vouched)
    kept = observed.loc[~left_out]
    lost = observed.loc[left_out, "meeting_id"]
    gone = set(lost) - set(kept["meeting_id"])
    guests = frames.guests
    return Believed(
        replace(
            frames,
            meetings=_by_their_organisers(
                frames.meetings.loc[~frames.meetings["meeting_id"].isin(gone)], kept, set(lost)
            ),
            observations=kept,
            guests=guests.loc[guests["observation_id"].isin(kept["observation_id"])],
        ),
        observed.loc[doubted],
        vouched,
    )


def _mails(frames: Frames) -> pd.DataFrame:
    """The meeting mails that failed their sender check, or are a provider's own: `failed`, `vouched`.

    Only our own side's word on the sender counts, which in a file anybody may have written.
    """
    boxes = frames.mailboxes.loc[frames.mailboxes["provider"] != "files", "mailbox_id"]
    messages = frames.messages
    named = frames.observations["message_key"].drop_duplicates()
    named = named[named != ""]
    told = among(messages["message_key"], named) if len(named) else False
    notice = (messages["sender_address"] == GOOGLE_SENDER) | (
        messages["from_address"] == GOOGLE_SENDER
    )
    labels = ["message_key", "mailbox_id", "headers", "sent"]
    some = tables.kept(messages, (notice | told) & (messages["message_key"] != ""), labels)
    headers = distinct(some["headers"])
    signed = headers.matches(_SIGNED) & notice[some.index].to_numpy(dtype=bool)
    return some.assign(
        failed=mail_class.unproven(headers) & ~some["sent"].to_numpy(dtype=bool),
        vouched=signed & some["mailbox_id"].isin(boxes).to_numpy(),
    )


def _from_another_house(observed: pd.DataFrame, ours: Ours, phrases: Phrases) -> Flags:
    """Where a message itself says that somebody of another organisation acts for another."""
    pairs = observed["actor"] + " " + observed["sent_by"]
    said = (observed["evidence"] == "itip") & (observed["sent_by"] != "")
    apart = distinct(pairs.where(said, "")).holds(
        lambda pair: bool(pair) and not organisations.same(*_both(pair), phrases)
    )
    # one of ours may let anybody write for them
    return apart & ~ours_mask(observed["actor"], ours)


def _both(pair: str) -> tuple[str, str]:
    actor, _, sender = pair.partition(" ")
    return actor, sender


def _by_no_organiser(frames: Frames, among: Flags) -> Flags:
    """Where somebody speaks as the organiser of a meeting that is another's.

    A calendar says whose it is; where none does, the first message about it.
    """
    observed = frames.observations
    series = tables.once(frames.meetings, "meeting_id").set_index("meeting_id")["series_uid"]
    table = tables.narrow(observed, ["observation_id", "evidence", "method", "organizer"]).assign(
        # object first: where no meeting is known, the map is all NaN and of type float
        uid=observed["meeting_id"].map(series).astype("object").fillna("").astype("str"),
        came=_arrived(frames, observed),
        among=among,
    )
    shown = (table["evidence"] == "snapshot") & (table["organizer"] != "")
    first = table["among"] & table["method"].isin(_BY_ORGANISER) & (table["organizer"] != "")
    known = tables.kept(table, shown | first).assign(later=~shown)
    known = tables.ordered(known, ["later", "came", "observation_id"])
    seen = set(known.loc[~known["later"], "uid"] + " " + known.loc[~known["later"], "organizer"])
    opened = tables.once(known, "uid").set_index("uid")["organizer"]
    pair = table["uid"] + " " + table["organizer"]
    right = (table["organizer"] == table["uid"].map(opened)) | pair.isin(seen)
    speaks: Flags = (
        table["among"] & table["method"].isin(_BY_ORGANISER) & table["uid"].isin(opened.index)
    ).to_numpy(dtype=bool)
    return speaks & ~right.to_numpy(dtype=bool)


def _arrived(frames: Frames, observed: pd.DataFrame) -> Ints:
    """When each message arrived, which its writer cannot choose [us]; a saved file: when it was made."""
    held = among(frames.messages["message_key"], observed["message_key"])
    mails = tables.kept(frames.messages, held, ["message_key", "at"])
    mails = tables.ordered(
        tables.kept(mails, (mails["message_key"] != "") & mails["at"].notna()), "at"
    )
    keys = tables.once(mails, "message_key")
    place = pd.Index(keys["message_key"]).get_indexer(observed["message_key"])
    at = np.append(micros(keys["at"]), NONE)[place]
    at = np.where(at == NONE, micros(observed["acted_at"]), at)
    return np.where(at == NONE, micros(observed["seen_at"]), at)


def _by_their_organisers(
    meetings: pd.DataFrame, kept: pd.DataFrame, touched: set[int]
) -> pd.DataFrame:
    """The meetings; of one that an unbelieved message wrote into, the organiser of what is left."""
    rewritten = meetings["meeting_id"].isin(touched)
    if not rewritten.any():
        return meetings
    named = tables.ordered(kept.loc[kept["organizer"] != ""], ["seen_at", "observation_id"])
    first = tables.once(named, "meeting_id").set_index("meeting_id")["organizer"]
    right = meetings["meeting_id"].map(first)
    organizer = meetings["organizer"].where(~rewritten | right.isna(), right.fillna(""))
    same = organizer == meetings["organizer"]
    return meetings.assign(
        organizer=organizer,
        organizer_is_self=np.where(same, meetings["organizer_is_self"], False),
    )
