"""Who are the people outside, where do they belong, and who is no person at all?

rules.md section 1. Nobody is merged by name; only `noshow tag A same-person B` merges. What needs
findings (stage, warm, dead) is completed in reports/detect/people/stages.py.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from config.organisations import organisation
from connectors.model.frames import Frames, empty, enforce
from connectors.model.normal_forms import domain_of
from reports.columns import addresses, tables, text
from reports.columns.text import Distinct, column, distinct
from reports.detect.mail.mail_index import Arrived
from reports.detect.setting import Setting
from reports.detect.tags import tagged
from reports.schemas import PEOPLE


def basic(setting: Setting, frames: Frames, arrived: Arrived, mails: pd.DataFrame) -> pd.DataFrame:
    """Everybody outside that any fact names; a frame by PEOPLE, ordered by contact.

    One row a person after merges: name, organisation, machine, client are set. `stage` is
    `never`, or `client`; warm, let_go, dead and the moments are left for stages.complete.
    mails: by MAILS (threads.mails), needed for the second sign of a role address.
    """
    ours, merge, as_of = setting.ours, setting.merge, setting.as_of
    seen, named = _sightings(setting, frames, arrived)
    if not len(seen):
        return empty(PEOPLE)
    contacts = seen.sort_values(ignore_index=True)
    # The name written most often; of equals the first by alphabet.
    order = tables.ordered(named, ["contact", "times", "name"], [True, False, True])
    spelled = tables.once(order, "contact")
    names = dict(zip(*(text.listed(spelled[label]) for label in ("contact", "name")), strict=True))
    client_tags = set(
        tagged(frames.tags, "client", as_of)["address"].map(lambda a: merge.get(a, a))
    )
    merged: dict[str, set[str]] = {}
    for one, representative in merge.items():
        merged.setdefault(representative, {representative}).add(one)

    def is_client(contact: str) -> bool:
        return contact in client_tags or any(
            known in ours.clients or _below(domain_of(known), ours.clients)
            for known in merged.get(contact, {contact})
        )

    client = addresses.holds(contacts, is_client)
    table = pd.DataFrame(
        {
            "contact": contacts,
            "name": text.translated(contacts, names),
            "organisation": [organisation(one, setting.phrases) for one in text.listed(contacts)],
            "machine": _machines(setting, contacts, frames, arrived, mails),
            "client": client,
            "let_go": False,
            "dead": False,
            "dead_reason": "",
            "dead_at": pd.NaT,
            "stage": pd.Series("never", index=contacts.index).where(~client, "client"),
            "warm": False,
            "first_act_at": pd.NaT,
            "last_act_at": pd.NaT,
            "last_mail_at": pd.NaT,
        }
    )
    return enforce(table, PEOPLE, "people")


def _below(domain: str, known: frozenset[str]) -> bool:
    """Is the domain, or one above it, among the known?"""
    while domain:
        if domain in known:
            return True
        domain = domain.partition(".")[2]
    return False


def _sightings(
    setting: Setting, frames: Frames, arrived: Arrived
) -> tuple[pd.Series, pd.DataFrame]:
    """Everybody outside that a fact names, and how often each name was written beside them."""
    messages, rows = arrived.messages, arrived.rows
    recipients = Distinct(arrived.addresses, rows["address"].to_numpy())
    # With the name written beside it, and the mail or meeting: a name counts once for each.
    named = [
        (arrived.senders, arrived.spelled, messages["message_id"]),
        (recipients, distinct(frames.recipients["name"]), rows["message_id"]),
        *(
            (distinct(table[label]), distinct(table[name]), table[key])
            for table, label, name, key in (
                (frames.guests, "address", "name", "meeting_id"),
                (frames.meetings, "organizer", "organizer_name", "meeting_id"),
                (frames.attendance, "address", "name", "record_id"),
            )
        ),
    ]
    alone = [
        messages["sender_address"],
        *(frames.observations[label] for label in ("organizer", "actor", "sent_by")),
        *(table["address"] for table in (frames.calls, frames.promises, frames.memory)),
        frames.tags["address"],
    ]
    every = [one.texts for one, _, _ in named] + [distinct(texts).texts for texts in alone]
    everybody = pc.unique(pa.concat_arrays(every))
    contacts = addresses.behind(everybody, setting.ours, setting.merge)
    spellings = []
    for written, spelled, keys in named:
        known = column(contacts.take(pc.index_in(written.texts, value_set=everybody)))
        pair, both = pd.factorize(written.codes * len(spelled.texts) + spelled.codes)
        key = keys.to_numpy()
        if not (key[1:] > key[:-1]).all():
            key, each = pd.factorize(key)
            pair = pd.unique(pair * len(each) + key) // max(len(each), 1)
        times = np.bincount(pair)
        address, name = np.divmod(both, max(len(spelled.texts), 1))
        spellings.append(
            pd.DataFrame(
                {
                    "contact": known.take(address).to_numpy(),
                    "address": column(written.texts).take(address).to_numpy(),
                    "name": column(spelled.texts).take(name).to_numpy(),
                    "times": times,
                }
            )
        )
    table = pd.concat(spellings, ignore_index=True)
    # A name that only repeats the address tells nothing.
    told = (table["name"] != "") & (table["name"].str.lower() != table["address"])
    table = table[told & (table["contact"] != "")]
    seen = column(pc.unique(contacts))
    times_of = table.groupby(["contact", "name"])["times"].sum()
    return seen[seen != ""], times_of.reset_index()


def nobodies(setting: Setting, frames: Frames) -> frozenset[str]:
    """Machines by the user's tag: no guest, and nobody stands behind them; contacts.

    A list or a group stays one whatever its tag: who is in it is not known.
    """
    told = tagged(frames.tags, "machine", setting.as_of)["address"]
    lists = _lists(distinct(frames.messages["headers"])) if len(told) else set()
    return frozenset(
        setting.merge.get(one, one)
        for one in told
        if one not in lists and not setting.phrases.is_group(one)
    )


def _lists(headers: Distinct) -> set[str]:
    """The addresses of mailing lists, as their own headers say."""
    lines = column(headers.texts)
    posts = lines[text.matches(lines, r"(?m)^list-post:")]
    found = posts.str.extract(r"(?m)^list-post:.*?mailto:([^>?\s]+)", expand=False)
    return set(found.dropna().str.lower())


def _machines(
    setting: Setting,
    contacts: pd.Series,
    frames: Frames,
    arrived: Arrived,
    mails: pd.DataFrame,
) -> pd.Series:
    """Which contacts are no person. A role address needs a second sign: it wrote, never by hand."""
    phrases, merge = setting.phrases, setting.merge
    plain = addresses.holds(contacts, phrases.is_machine)
    rooms = frames.guests.loc[frames.guests["resource"], "address"]
    lists = _lists(arrived.headers)
    told = tagged(frames.tags, "machine", setting.as_of)["address"]
    given = {merge.get(one, one) for one in [*rooms, *lists, *told]}
    incoming = tables.kept(mails, mails["direction"] == "in", ["contact", "mail_class"])
    manual = incoming["mail_class"].isin(["human", "calendar"])
    by_hand = addresses.among(contacts, incoming.loc[manual, "contact"].drop_duplicates())
    wrote = addresses.among(contacts, incoming["contact"].drop_duplicates())
    silent_role = addresses.holds(contacts, phrases.is_role) & wrote & ~by_hand
    machine = plain | silent_role | addresses.among(contacts, given)
    return pd.Series(machine, index=contacts.index)
