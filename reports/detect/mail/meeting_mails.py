"""Which meeting is a meeting mail about, who acted, and how sure is that?

A mail dates an act to the second, which a calendar's state cannot. By UID where the provider gives
one (`uid`); else by its people, its title and the time (`title`); where several meetings fit, the next one
(`weak`: to be shown, never to be counted). Nobody acts on a meeting whose guest or organiser
neither they nor their principal is: a forwarded invitation makes no offender (RFC 5546 3.2.2.6).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from connectors.model.frames import Frames, empty, enforce
from connectors.model.schemas import Column, schema
from reports.columns import addresses, tables, text
from reports.detect.mail import subject_dates, subject_lines
from reports.detect.setting import Setting

NOTICES = schema(
    meeting_key=Column("text", "the meeting"),
    contact=Column("text", "who acted"),
    kind=Column(
        "text",
        "accept, tentative, decline, cancel, counter, invite, or move (an update: whether the"
        " start moved is for the observations to say)",
    ),
    at=Column("instant", "when the mail came", False),
    message_id=Column("key", "the mail"),
    confidence=Column("text", "uid, title or weak"),
    via=Column("text", "who sent it for them; empty"),
    names_at=Column("instant", "the start that it names; missing", True),
)

OWN_ANSWERS = schema(
    meeting_key=Column("text", "the meeting, of somebody outside"),
    who=Column("text", "who of us answered"),
    kind=Column("text", "accept, tentative, decline or counter"),
    at=Column("instant", "when the mail was sent", False),
    message_id=Column("key", "the mail"),
    confidence=Column("text", "as in NOTICES"),
    names_at=Column("instant", "the start that it names; missing", True),
)

#: What a mail says of a meeting.
_TOLD: Final = (
    "subject", "meeting_type", "meeting_uid", "meeting_recurrence_id", "meeting_start_at",
)  # fmt: skip
_KINDS: Final = {
    "request": "invite",
    "invite": "invite",
    "update": "move",
    "cancel": "cancel",
    "accept": "accept",
    "tentative": "tentative",
    "decline": "decline",
    "counter": "counter",
    "either": "either",
}
_BY_GUEST: Final = ["accept", "tentative", "decline", "counter"]
#: A mail about a meeting that began longer ago is tidying up (rules.md M8).
_AFTER_START: Final = pd.Timedelta(hours=2)
#: Clocks of two systems, and a calendar that was looked at after the mail came.
_BEFORE_CREATED: Final = pd.Timedelta(days=1)


def join(
    setting: Setting,
    frames: Frames,
    mails: pd.DataFrame,
    assistants: pd.DataFrame,
    mail_class: str = "calendar",
) -> pd.DataFrame:
    """Dated acts of people outside, by their meeting mails; by NOTICES, ordered by message.

    mails: by MAILS; assistants: by ASSISTANTS. Only mails of this class that came in count. A mail about a whole series
    gives one row for each occurrence that had not begun two hours before it.
    """
    came = tables.kept(mails, mails["mail_class"] == mail_class)
    if not len(came) or not len(frames.meetings):
        return empty(NOTICES)
    acts = _incoming(setting, frames, came)
    if not len(acts):
        return empty(NOTICES)
    meetings = _meetings(setting, frames)
    persons = _persons(setting, frames)
    by_uid = _by_uid(acts, meetings)
    rest = acts[~acts["message_id"].isin(by_uid["message_id"])]
    by_title = _by_title(setting, frames, rest, meetings, _writers(persons, assistants))
    found = _who(pd.concat([by_uid, by_title], ignore_index=True), persons, assistants)
    columns = list(NOTICES)
    found = tables.ordered(tables.once(found[columns]), ["message_id", "meeting_key", "contact"])
    return enforce(found, NOTICES, "notices")


def own_answers(setting: Setting, frames: Frames, mails: pd.DataFrame) -> pd.DataFrame:
    """Answers of ours among the sent mail, of which no entry says what they are about; by OWN_ANSWERS.

    A calendar drops what we declined, and with it what our own message is about. The meeting is that
    of somebody whom it went to, by its title and time.
    """
    went = tables.kept(mails, (mails["mail_class"] == "calendar") & (mails["direction"] == "out"))
    if not len(went) or not len(frames.meetings):
        return empty(OWN_ANSWERS)
    told = tables.kept(frames.messages, frames.messages["sent"] & ~frames.messages["draft"])
    to = tables.once(tables.narrow(frames.recipients, ["message_id", "address"]))
    to["contact"] = addresses.contacts(to["address"], setting.ours, setting.merge)
    chosen = tables.joined(
        tables.narrow(went, ["message_id", "mailbox_id", "at"]),
        tables.narrow(told, ["message_id", *_TOLD, "from_address"]),
        "message_id",
    )
    sent = tables.joined(chosen, tables.narrow(to, ["message_id", "contact"]), "message_id")
    acts = _worded(setting, tables.kept(sent, sent["contact"] != ""))
    acts = tables.kept(acts, acts["kind"].isin(_BY_GUEST))
    if not len(acts):
        return empty(OWN_ANSWERS)
    meetings, persons = _meetings(setting, frames), _persons(setting, frames)
    hosts = tables.kept(persons, persons["organises"].astype("bool"))
    hosts = hosts.rename(columns={"person": "contact"}).drop(columns="organises")
    by_uid = tables.joined(_by_uid(acts, meetings), hosts, ["meeting_key", "contact"])
    rest = acts[~acts["message_id"].isin(by_uid["message_id"])]
    by_title = _by_title(setting, frames, rest, meetings, hosts)
    found = pd.concat([by_uid, by_title], ignore_index=True)
    found = found.assign(who=_as_invited(setting, frames, found))
    found = tables.ordered(tables.once(found[list(OWN_ANSWERS)]), ["message_id", "meeting_key"])
    return enforce(found, OWN_ANSWERS, "own answers")


def _as_invited(setting: Setting, frames: Frames, answers: pd.DataFrame) -> pd.Series:
    """Who of us answered, by the address under which the meeting lists them."""
    homes = setting.ours.mailboxes
    keys = tables.once(frames.meetings, "meeting_id").set_index("meeting_id")
    key = keys["series_uid"] + " " + keys["recurrence_id"]
    listed = tables.once(tables.narrow(frames.guests, ["meeting_id", "address"]))
    listed = listed.assign(
        meeting_key=listed["meeting_id"].map(key),
        home=listed["address"].map(lambda one: homes.get(one, one)),
    )
    listed = tables.once(listed, ["meeting_key", "home"]).set_index(["meeting_key", "home"])
    home = answers["from_address"].map(lambda one: homes.get(one, one))
    wanted = pd.MultiIndex.from_arrays([answers["meeting_key"], home])
    found = listed["address"].reindex(wanted).set_axis(answers.index)
    return found.astype("object").where(found.notna(), answers["from_address"])


def _incoming(setting: Setting, frames: Frames, mails: pd.DataFrame) -> pd.DataFrame:
    """Meeting mails of persons outside, with their kind, title, date tail and who sent them."""
    phrases = setting.phrases
    chosen = mails[(mails["direction"] == "in") & (mails["contact"] != "")]
    chosen = chosen[~addresses.holds(chosen["contact"], phrases.is_machine)]
    labels = ["message_id", *_TOLD, "sender_address"]
    table = tables.joined(
        tables.narrow(chosen, ["message_id", "mailbox_id", "at", "contact"]),
        tables.once(frames.messages[labels], "message_id"),
        "message_id",
    )
    table = _worded(setting, table)
    sender = addresses.contacts(table["sender_address"], setting.ours, setting.merge)
    machine = addresses.holds(sender, phrases.is_machine)
    table["via"] = sender.mask(machine | (sender == table["contact"]), "")
    return table[table["kind"] != ""]


def _worded(setting: Setting, table: pd.DataFrame) -> pd.DataFrame:
    """The mails with their kind, title and date tail. table: with the columns _TOLD."""
    phrases, table = setting.phrases, table.copy(deep=False)
    worded = subject_lines.kinds(table["subject"], phrases)
    typed = table["meeting_type"].where(table["meeting_type"] != "", worded)
    # A provider calls a new invitation and an update the same.
    typed = typed.mask((typed == "request") & (worded == "update"), "update")
    table["kind"] = text.translated(typed, _KINDS)
    table["title"] = subject_lines.titles(table["subject"], phrases)
    table["whole"] = subject_lines.whole_titles(table["subject"])
    table["tail"] = text.plain(table["subject"]).str.extract(r" @ ([^@]*\d.*)$", expand=False)
    return table


def _meetings(setting: Setting, frames: Frames) -> pd.DataFrame:
    table = tables.ordered(tables.once(frames.meetings, "meeting_id"), "meeting_id")
    return pd.DataFrame(
        {
            "meeting_id": table["meeting_id"],
            "mailbox_id": table["mailbox_id"],
            "meeting_key": table["series_uid"] + " " + table["recurrence_id"],
            "series_uid": table["series_uid"],
            "recurrence_id": table["recurrence_id"],
            "title": subject_lines.titles(table["subject"], setting.phrases),
            "whole": subject_lines.whole_titles(table["subject"]),
            "start_at": table["start_at"],
            "from_at": tables.narrow(table, ["created_at", "first_seen_at"]).min(axis=1)
            - _BEFORE_CREATED,
        }
    )


def _by_uid(acts: pd.DataFrame, meetings: pd.DataFrame) -> pd.DataFrame:
    named = acts[acts["meeting_uid"] != ""].drop(columns=["title", "whole", "mailbox_id"])
    copies = tables.once(
        tables.narrow(meetings, ["meeting_key", "series_uid", "recurrence_id", "start_at"]),
        "meeting_key",
    )
    pairs = named.merge(copies, left_on="meeting_uid", right_on="series_uid")
    exact = pairs["recurrence_id"] == pairs["meeting_recurrence_id"]
    dated = pairs["start_at"] == pairs["meeting_start_at"]
    ahead = pairs["start_at"].isna() | (pairs["start_at"] + _AFTER_START >= pairs["at"])
    # The occurrence it names; else the one that starts when it says; else the series.
    rank = pd.Series(np.select([exact, dated, ahead], [0, 1, 2], 3), index=pairs.index)
    best = rank.groupby(pairs["message_id"]).transform("min")
    loose = (rank == 2) & (pairs["meeting_recurrence_id"] != "")
    chosen = tables.kept(pairs, (rank == best) & (rank < 3) & ~loose)
    return chosen.assign(confidence="uid", names_at=chosen["meeting_start_at"])


def _by_title(
    setting: Setting,
    frames: Frames,
    acts: pd.DataFrame,
    meetings: pd.DataFrame,
    writers: pd.DataFrame,
) -> pd.DataFrame:
    """The people are asked first: only a meeting that its writer may speak for can be meant.

    writers: meeting_key and contact. Of several that are left the day in the subject decides, and
    of several on that day the hour. A time at which the only one never was is that of another one,
    which the calendar has not shown.
    """
    pairs = tables.joined(_same_title(acts, meetings), writers, ["meeting_key", "contact"])
    pairs = pairs[
        (pairs["at"] >= pairs["from_at"]) & (pairs["at"] <= pairs["start_at"] + _AFTER_START)
    ]
    if not len(pairs):
        return pairs.assign(confidence=pd.Series([], dtype="str"), names_at=pairs["start_at"])
    # An answer's subject is the meeting's title behind one word: a title that begins so itself fits.
    best = pairs.groupby("message_id")["exact"].transform("any")
    pairs = pairs[pairs["exact"] | ~best | ~pairs["kind"].isin(_BY_GUEST)]
    local = pairs["start_at"].dt.tz_convert(setting.ours.zone)
    named = [
        subject_dates.named(tail, moment) for tail, moment in zip(pairs["tail"], local, strict=True)
    ]
    day = pd.Series([one != "" for one in named], index=pairs.index, dtype="bool")
    hour = pd.Series([one == "hour" for one in named], index=pairs.index, dtype="bool")
    hour |= pairs["meeting_start_at"] == pairs["start_at"]
    many = pairs.groupby("message_id")["meeting_key"].transform("nunique") > 1
    days, hours = (one.groupby(pairs["message_id"]).transform("sum") for one in (day, hour))
    sure = ~many | (day & (days == 1)) | (hour & (hours == 1))
    sure &= ~_at_another_time(setting, frames, pairs, hour)
    settled = sure.groupby(pairs["message_id"]).transform("any")
    following = pairs["start_at"] == pairs.groupby("message_id")["start_at"].transform("min")
    chosen = tables.kept(pairs, sure | (~settled & following))
    return chosen.assign(
        confidence=np.where(sure[chosen.index], "title", "weak"),
        names_at=chosen["start_at"].where(hour[chosen.index]),
    )


def _at_another_time(
    setting: Setting, frames: Frames, pairs: pd.DataFrame, hour: pd.Series
) -> pd.Series:
    """Which mails name a day, or in our own zone an hour, at which the meeting was never seen to start?

    hour: whether they name that of its present start. A reader in another zone may have the next day.
    Where the provider says which start a mail is about, that one alone is asked for.
    """
    typed = pairs["meeting_start_at"].notna()
    dated = typed | (~hour & pairs["tail"].map(subject_dates.tells_day).astype("bool"))
    if not dated.any():
        return dated
    told = tables.joined(
        tables.kept(pairs, dated, ["meeting_key", "tail", "meeting_start_at"]).reset_index(
            names="pair"
        ),
        _starts(setting, frames, set(pairs.loc[dated, "meeting_key"])),
        "meeting_key",
    )
    near = [
        said == moment if pd.notna(said) else subject_dates.near(tail, moment)
        for said, tail, moment in zip(
            told["meeting_start_at"], told["tail"], told["start_at"], strict=True
        )
    ]
    return dated & ~pairs.index.isin(told.loc[np.array(near, dtype=bool), "pair"])


def _starts(setting: Setting, frames: Frames, wanted: set[str]) -> pd.DataFrame:
    """Every start that some meetings were seen with; columns meeting_key, start_at (local)."""
    meetings = tables.once(frames.meetings, "meeting_id")
    meetings = tables.narrow(meetings, ["meeting_id", "start_at"]).assign(
        meeting_key=meetings["series_uid"] + " " + meetings["recurrence_id"]
    )
    meetings = tables.kept(meetings, meetings["meeting_key"].isin(wanted))
    seen = tables.narrow(frames.observations, ["meeting_id", "start_at"])
    seen = tables.joined(seen, tables.narrow(meetings, ["meeting_id", "meeting_key"]), "meeting_id")
    columns = ["meeting_key", "start_at"]
    table = pd.concat([meetings[columns], seen[columns]], ignore_index=True).dropna()
    table["start_at"] = table["start_at"].dt.tz_convert(setting.ours.zone)
    return tables.once(table)


def _same_title(acts: pd.DataFrame, meetings: pd.DataFrame) -> pd.DataFrame:
    """Pairs of a mail and a meeting of one mailbox that may bear the same title, with and without a
    notice's first word on both sides; `exact`: the mail's without it is the meeting's as it stands.
    """
    labels = ["mailbox_id", "meeting_key", "title", "whole", "start_at", "from_at"]
    entries = tables.kept(meetings, meetings["start_at"].notna(), labels)
    entries = tables.once(entries, ["mailbox_id", "meeting_key"])
    mails = acts[acts["title"] != ""]
    sides = [(mail, entry) for mail in ("title", "whole") for entry in ("whole", "title")]
    parts = [
        tables.joined(
            mails.drop(columns=[one for one in ("title", "whole") if one != mail]).rename(
                columns={mail: "called"}
            ),
            entries.drop(columns=[one for one in ("title", "whole") if one != entry]).rename(
                columns={entry: "called"}
            ),
            ["mailbox_id", "called"],
        ).assign(exact=(mail, entry) == ("title", "whole"))
        for mail, entry in sides
    ]
    pairs = pd.concat(parts, ignore_index=True).drop(columns="called")
    return tables.once(pairs, ["message_id", "meeting_key"], ignore_index=True)


def _writers(persons: pd.DataFrame, assistants: pd.DataFrame) -> pd.DataFrame:
    """Who may write of which meeting: its persons, and those who write for one of them."""
    own = tables.narrow(persons, ["meeting_key", "person"]).set_axis(
        ["meeting_key", "contact"], axis=1
    )
    helped = tables.narrow(assistants, ["assistant", "principal"]).merge(
        persons, left_on="principal", right_on="person"
    )
    theirs = tables.narrow(helped, ["meeting_key", "assistant"]).set_axis(
        ["meeting_key", "contact"], axis=1
    )
    return tables.once(pd.concat([own, theirs], ignore_index=True))


def _persons(setting: Setting, frames: Frames) -> pd.DataFrame:
    """(meeting_key, person, organises) for everybody outside who ever was in a meeting."""
    meetings = tables.once(frames.meetings, "meeting_id")
    key = (meetings["series_uid"] + " " + meetings["recurrence_id"]).set_axis(
        meetings["meeting_id"]
    )
    parts = [
        tables.narrow(frames.guests, ["meeting_id", "address"]).assign(
            organises=frames.guests["is_organizer"]
        ),
        tables.narrow(frames.observations, ["meeting_id", "organizer"])
        .set_axis(["meeting_id", "address"], axis=1)
        .assign(organises=True),
        tables.narrow(meetings, ["meeting_id", "organizer"])
        .set_axis(["meeting_id", "address"], axis=1)
        .assign(organises=True),
    ]
    table = tables.once(pd.concat(parts, ignore_index=True))
    table["person"] = addresses.contacts(table["address"], setting.ours, setting.merge)
    table["meeting_key"] = table["meeting_id"].map(key)
    table = table[(table["person"] != "") & table["meeting_key"].notna()]
    organises: pd.Series = table.groupby(["meeting_key", "person"])["organises"].any()
    return organises.reset_index()


def _who(found: pd.DataFrame, persons: pd.DataFrame, assistants: pd.DataFrame) -> pd.DataFrame:
    """The rows whose writer belongs to the meeting, or writes for somebody who does."""
    own = found.merge(
        persons, left_on=["meeting_key", "contact"], right_on=["meeting_key", "person"]
    )
    parts = [own]
    if len(assistants):
        others = found[~found["message_id"].isin(own["message_id"])]
        helped = others.merge(
            tables.narrow(assistants, ["assistant", "principal"]),
            left_on="contact",
            right_on="assistant",
        ).merge(persons, left_on=["meeting_key", "principal"], right_on=["meeting_key", "person"])
        # Whose assistant of two guests wrote cannot be told: nobody's act.
        alone = helped.groupby(["message_id", "meeting_key"])["person"].transform("nunique") == 1
        helped = tables.kept(helped, alone)
        parts.append(helped.assign(via=helped["assistant"], contact=helped["person"]))
    table = pd.concat(parts, ignore_index=True)
    organises = table["organises"].astype("bool")
    either = table["kind"] == "either"
    table["kind"] = (
        table["kind"].mask(either & organises, "cancel").mask(either & ~organises, "decline")
    )
    # A guest cannot cancel and an organiser does not decline (RFC 5546 3.2.5): some program erred.
    odd = table["kind"].isin(_BY_GUEST) == organises
    table["confidence"] = table["confidence"].mask(odd, "weak")
    return table
