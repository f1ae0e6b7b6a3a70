"""Who has not answered, under which rule, and how sure can we be?

rules.md section 5, T1 to T5. One line a contact, the strongest rule that holds. What was not all
read, and what a bulk mail of theirs may have answered, is `unknown`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from config.policy import Policy
from connectors.model.frames import Frames, empty, enforce
from reports.columns import addresses, keys, tables
from reports.columns.moment_index import Timeline
from reports.detect.mail import read_until
from reports.detect.setting import Setting
from reports.detect.silence import doubts
from reports.schemas import SILENCES
from reports.vocabulary import Grade, Rule

_ENGAGED = ["dialogue", "met", "client"]
#: Talk, persistent and cold rest on ripe asks only; the counts T1 and T2 on all open ones.
_BY_RIPE = [Rule.T2_PLUS, Rule.T3, Rule.T4]


def find_silences(
    setting: Setting,
    frames: Frames,
    mails: pd.DataFrame,
    asks: pd.DataFrame,
    heard: Timeline,
    people: pd.DataFrame,
) -> pd.DataFrame:
    """The silences at the setting's moment; a frame by SILENCES, one row a contact, ordered.

    asks: by ASKS; heard: what ends a silence, by contact; people: by PEOPLE, complete
    (stages.complete).
    `rule`: T5 before unknown before T3 or T4, T2+, T2, T1. T3 implies T2+ for the tiers. `grade`
    is likely where a mailbox of the open asks was not read live when the first was sent.
    """
    policy, as_of = setting.policy, setting.as_of
    found = tables.ordered(asks[asks["open"]], ["contact", "at", "message_id"])
    if not len(found):
        return empty(SILENCES)
    table = _counted(found, policy)
    person = people.set_index("contact")
    persons = people.loc[~people["machine"], "contact"]
    table = tables.kept(table, addresses.among(table.index.to_series(), persons))
    person = person.reindex(table.index)
    # Who has another address is reached there, whatever came back from the first.
    table["elsewhere"] = addresses.among(table.index.to_series(), setting.merge.values())
    table["rule"] = _rules(table, person, policy)
    table = table[table["rule"] != ""].rename_axis(None)
    if not len(table):
        return empty(SILENCES)
    table["contact"] = table.index
    doubtful = doubts.find_doubts(setting, frames, mails, found)
    table["why"] = _unsure(setting, table, found, mails, doubtful)
    missing = _unread(table, found, frames, as_of)
    table["why"] = table["why"].mask(missing != "", missing)
    table["why"] = table["why"].mask(table["rule"] == Rule.T5, "")
    table["rule"] = table["rule"].mask(table["why"] != "", Rule.UNKNOWN)
    table["grade"] = _grades(found, table, frames, as_of)
    table["last_heard_at"] = heard.before(table["contact"], table["first_ask_at"])
    rows = found[addresses.among(found["contact"], table["contact"])]
    # The mailbox with most of the asks; of equals the first.
    asked = rows.groupby(["contact", "mailbox_id"]).size().reset_index(name="asked")
    asked = tables.once(tables.ordered(asked, "asked", False), "contact")
    table["mailbox_id"] = asked.set_index("contact")["mailbox_id"]
    table["evidence"] = _evidence(setting, rows, table, frames.calls)
    table["evidence_key"] = _evidence_keys(rows, frames)
    table["colleague"] = _colleagues(setting, table, mails, asks, people)
    return enforce(table.sort_index(), SILENCES, "silences")


def _counted(found: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """One row a contact: how many open asks there are of each sort, and when."""
    sound = found[~found["undeliverable"]]
    chosen = found[found["distinct"] & found["ripe"]]
    group = chosen.groupby("contact")
    table = pd.DataFrame(
        {
            "every": found.groupby("contact").size(),
            "sound": sound.groupby("contact").size(),
            "waited": sound.groupby("contact")["waited_days"].max(),
            "distinct": group.size(),
            "calls": chosen[chosen["kind"] == "call"].groupby("contact").size(),
            "sound_calls": sound[sound["kind"] == "call"].groupby("contact").size(),
        }
    )
    table = table.fillna(0).astype("int64")
    moments = {
        "sound_first": sound.groupby("contact")["at"].min(),
        "sound_last": sound.groupby("contact")["at"].max(),
        "distinct_first": group["at"].min(),
        "distinct_last": group["at"].max(),
        "every_first": found.groupby("contact")["at"].min(),
        "every_last": found.groupby("contact")["at"].max(),
    }
    for label, values in moments.items():
        table[label] = values.reindex(table.index).astype("datetime64[us, UTC]")
    apart = table["distinct_last"] - table["distinct_first"]
    table["spread"] = apart >= pd.Timedelta(days=policy.persistent_days)
    return table


def _rules(table: pd.DataFrame, person: pd.DataFrame, policy: Policy) -> list[str]:
    """The strongest rule of each contact; "" where nothing waited long enough."""
    engaged = (person["stage"].isin(_ENGAGED) | person["warm"]).to_numpy(dtype=bool)
    many = (table["distinct"] >= policy.persistent_asks) & table["spread"]
    undeliverable = (table["sound"] == 0) & ~table["elsewhere"]
    dead = person["dead"].to_numpy(dtype=bool) | undeliverable.to_numpy()
    conditions = [
        dead,
        many & engaged,
        many & ~engaged,
        (table["distinct"] >= policy.talk_asks) & engaged,
        table["waited"] >= policy.unanswered_days,
        table["waited"] >= policy.awaiting_days,
    ]
    rules = [Rule.T5, Rule.T3, Rule.T4, Rule.T2_PLUS, Rule.T2, Rule.T1]
    picked = np.select([np.asarray(one, dtype=bool) for one in conditions], rules, "")
    ripe = np.isin(picked, _BY_RIPE)
    dated = np.where(picked == Rule.T5, "every", np.where(ripe, "distinct", "sound"))
    counted = [table[name] for name in ("every", "distinct", "sound")]
    table["asks"] = np.select([dated == one.name for one in counted], counted, 0)
    table["calls"] = table["calls"].where(ripe, table["sound_calls"])
    for end in ("first", "last"):
        moments = table[f"every_{end}"].mask(dated == "distinct", table[f"distinct_{end}"])
        table[f"{end}_ask_at"] = moments.mask(dated == "sound", table[f"sound_{end}"])
    return [str(one) for one in picked]


def _unread(
    table: pd.DataFrame, found: pd.DataFrame, frames: Frames, as_of: pd.Timestamp
) -> pd.Series:
    """Why the answer may lie in what nobody read, with the file's name; "" where all was read."""
    why = pd.Series("", index=table.index, dtype="str")
    unread = read_until.unread_until(frames.pending, frames.losses)
    if unread is not None:
        why = why.mask(table["every_first"] <= unread, "not-all-read")
    lost = tables.ordered(frames.losses[frames.losses["mails"] > 0], ["not_after", "place"]).tail(1)
    for place, until in zip(lost["place"], lost["not_after"], strict=True):
        name = str(place).rpartition("/")[2]
        why = why.mask(table["every_first"] <= until, f"not-all-read {name}")
    blind = read_until.ahead_of_received(frames.polls, frames.messages, as_of)
    asked = found.loc[found["mailbox_id"].isin(blind), "contact"]
    return why.mask(addresses.among(table["contact"], asked), "only-sent-read")


def _unsure(
    setting: Setting,
    table: pd.DataFrame,
    found: pd.DataFrame,
    mails: pd.DataFrame,
    doubtful: pd.DataFrame,
) -> pd.Series:
    """Why a bulk mail, or something doubtful, may be the answer; "" where nothing may.

    A bulk mail of theirs, or by anybody in the thread of an open ask (`found`): a group of their
    house, or a colleague's program, adds the same headers. So is an answer that went to a list alone.
    """
    listed = (mails["mail_class"] == "human") & ~mails["to_us"]
    bulk = mails[(listed | (mails["mail_class"] == "bulk")) & (mails["direction"] == "in")]
    threads = tables.once(
        tables.kept(found, found["conversation"] >= 0, ["contact", "conversation"])
    )
    within = tables.kept(
        bulk, bulk["conversation"].isin(threads["conversation"]), ["conversation", "at"]
    )
    answers = [
        ("bulk-answer", bulk),
        ("bulk-answer", tables.joined(within, threads, "conversation")),
        *((str(why), some) for why, some in doubtful.groupby("why", sort=True)),
    ]
    now = pd.Series(setting.as_of, index=table.index)
    why = pd.Series("", index=table.index, dtype="str")
    for reason, mailed in answers:
        last = Timeline(mailed["contact"], mailed["at"]).before(table["contact"], now, same=True)
        why = why.mask(last > table["every_first"], reason)
    return why


def _grades(
    found: pd.DataFrame, table: pd.DataFrame, frames: Frames, as_of: pd.Timestamp
) -> pd.Series:
    """certain, or likely where the silence began before a mailbox of its asks was read live."""
    live = read_until.live_since(frames.polls, as_of)
    since = found["mailbox_id"].map(live) if len(live) else pd.Series(pd.NaT, found.index)
    missing = since.isna().groupby(found["contact"]).any().reindex(table.index)
    latest = since.groupby(found["contact"]).max().reindex(table.index)
    if missing.all():
        return pd.Series(Grade.LIKELY, index=table.index, dtype="str")
    sure = ~missing & (latest.astype("datetime64[us, UTC]") <= table["every_first"])
    return pd.Series(np.where(sure, Grade.CERTAIN, Grade.LIKELY), index=table.index, dtype="str")


def _evidence(
    setting: Setting, rows: pd.DataFrame, table: pd.DataFrame, calls: pd.DataFrame
) -> pd.Series:
    """The mails of the open asks, then the calls since they were last heard."""
    mails = tables.kept(rows, rows["message_id"] >= 0, ["contact", "message_id"])
    calls = calls[calls["outcome"].isin(["no-answer", "assistant"])]
    calls = tables.ordered(tables.once(calls, "call_id"), ["at", "call_id"])
    who = addresses.contacts(calls["address"], setting.ours, setting.merge)
    calls = calls.assign(contact=who)
    since = table["last_heard_at"].reindex(calls["contact"]).set_axis(calls.index)
    until = table["last_ask_at"].reindex(calls["contact"]).set_axis(calls.index)
    asked = rows.loc[rows["kind"] == "call", "contact"]
    calls = calls[
        calls["contact"].isin(asked)
        & (since.isna() | (calls["at"] > since))
        & (calls["at"] <= until)
    ]
    parts = [
        ("m" + mails["message_id"].astype("str")).groupby(mails["contact"]),
        ("c" + calls["call_id"].astype("str")).groupby(calls["contact"]),
    ]
    texts = [part.agg(" ".join).reindex(table.index).fillna("") for part in parts]
    whole: pd.Series = (texts[0].astype("str") + " " + texts[1].astype("str")).str.strip()
    return whole


def _evidence_keys(rows: pd.DataFrame, frames: Frames) -> pd.Series:
    """The contact and the first open ask, by its Message-ID; by its moment where it has none."""
    first = tables.once(rows, "contact")
    messages = keys.unique(frames.messages, "message_id")
    place, held = keys.places(messages["message_id"].to_numpy(), first["message_id"].to_numpy())
    named = pd.Series("", index=first.index, dtype="str")
    named[held] = messages["message_key"].array.take(place[held])
    dated = first["kind"] + " " + first["at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    key = named.where(named != "", dated)
    return pd.Series((first["contact"] + " " + key).to_numpy(), index=first["contact"].to_numpy())


def _colleagues(
    setting: Setting,
    table: pd.DataFrame,
    mails: pd.DataFrame,
    asks: pd.DataFrame,
    people: pd.DataFrame,
) -> list[str]:
    """Who else of the organisation wrote to us by hand within 90 days and leaves no T2 open."""
    since = setting.as_of - pd.Timedelta(days=setting.policy.colleague_days)
    late = tables.kept(mails, mails["to_us"] & (mails["at"] >= since))
    by_hand = (late["direction"] == "in") & (late["mail_class"] == "human")
    wrote = tables.kept(late, by_hand, ["contact", "at"])
    last = wrote.groupby("contact")["at"].max().rename("wrote_at").reset_index()
    free = people[
        ~people["machine"]
        & ~people["dead"]
        & ~people["let_go"]
        & (people["organisation"] != "")
        & ~people["contact"].isin(asks.loc[asks["ripe"], "contact"])
    ]
    others = tables.joined(tables.narrow(free, ["contact", "organisation"]), last, "contact")
    others = tables.ordered(others, ["wrote_at", "contact"], [False, True])
    home = people.set_index("contact")["organisation"].reindex(table["contact"])
    best = tables.once(others, "organisation").set_index("organisation")["contact"].to_dict()
    # A contact in a silence has a ripe ask or wrote nothing since, but may be their own answer.
    second = others.groupby("organisation")["contact"].nth(1)
    spare = dict(zip(others.loc[second.index, "organisation"], second, strict=True))
    return [
        str(spare.get(where, "") if best.get(where) == who else best.get(where, ""))
        for who, where in zip(table["contact"], home, strict=True)
    ]
