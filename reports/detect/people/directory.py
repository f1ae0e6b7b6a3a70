"""Who are the people outside, where do they belong, and who is no person at all?

rules.md section 1. Nobody is merged by name; only `noshow tag A same-person B` merges. What needs
findings (stage, warm, dead) is completed in reports/detect/people/stages.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd
from publicsuffixlist import PublicSuffixList

from config.ours import Ours
from config.phrasing import Phrases
from connectors.model.frames import Frames, empty, enforce
from connectors.model.normal_forms import domain_of
from reports.columns import addresses, text
from reports.columns.instants import micros
from reports.columns.text import Distinct, column, distinct
from reports.detect.mail.mail_index import Arrived, Post
from reports.detect.tags import tagged
from reports.schemas import ASSISTANTS, PEOPLE

#: Answers in threads addressed to somebody else that make an assistant (rules.md section 1).
ASSISTANT_ANSWERS = 2


@lru_cache(maxsize=1)
def _suffixes() -> tuple[PublicSuffixList, PublicSuffixList]:
    """The list that is shipped with the package, with and without its private part: no network."""
    return PublicSuffixList(), PublicSuffixList(only_icann=True)


@lru_cache(maxsize=100_000)
def registrable(domain: str) -> str:
    """`mail.client.co.uk` -> `client.co.uk`; the domain itself where no more can be cut.

    Below a private suffix (`shop.github.io`) everybody is an organisation of their own; a mailbox
    at the private suffix itself belongs to the company behind it. Source: publicsuffix.org.
    """
    whole, icann = _suffixes()
    return str(whole.privatesuffix(domain) or icann.privatesuffix(domain) or domain)


def organisation(address: str, phrases: Phrases) -> str:
    """The registrable domain of an address in normal form; "" for freemail and for none."""
    domain = domain_of(address)
    return "" if not domain or phrases.is_freemail(domain) else registrable(domain)


def basic(
    frames: Frames,
    arrived: Arrived,
    ours: Ours,
    as_of: pd.Timestamp,
    *,
    phrases: Phrases,
    mails: pd.DataFrame,
    merge: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Everybody outside that any fact names; a frame by PEOPLE, ordered by contact.

    One row a person after merges: name, organisation, machine, client are set. `stage` is
    `never`, or `client`; warm, let_go, dead and the moments are left for stages.complete.
    mails: by MAILS (threads.mails), needed for the second sign of a role address.
    """
    merge = merge or {}
    seen, named = _sightings(frames, arrived, ours, merge)
    if not len(seen):
        return empty(PEOPLE)
    contacts = seen.sort_values(ignore_index=True)
    # The name written most often; of equals the first by alphabet.
    order = named.sort_values(["contact", "times", "name"], ascending=[True, False, True])
    spelled = order.drop_duplicates("contact")
    names = dict(zip(spelled["contact"], spelled["name"], strict=True))
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
            "organisation": [organisation(one, phrases) for one in contacts],
            "machine": _machines(contacts, frames, arrived, mails, phrases, merge, as_of),
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


def assistants(
    frames: Frames,
    post: Post,
    basic: pd.DataFrame,
    ours: Ours,
    *,
    merge: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Who acts for whom; a frame by ASSISTANTS, ordered, one row a pair.

    Same organisation (so never freemail), and acted for them once (SENT-BY, or Sender differs
    from From), or answered at least twice in conversations in which we had written to them and
    not to the assistant. Machines are nobody's assistant. Source: rules.md section 1.
    """
    merge = merge or {}
    acted = [
        frames.observations.loc[frames.observations["sent_by"] != "", ["actor", "sent_by"]],
        frames.messages.loc[
            frames.messages["sender_address"] != "", ["from_address", "sender_address"]
        ],
    ]
    pairs = pd.concat(
        [
            pd.DataFrame(
                {
                    label: addresses.contacts(one[label], ours, merge)
                    for label in ("principal", "assistant")
                }
            )
            for one in (
                table.drop_duplicates().set_axis(["principal", "assistant"], axis=1)
                for table in acted
            )
        ]
        + [_answering(post)],
        ignore_index=True,
    )
    persons = basic.loc[~basic["machine"]].set_index("contact")
    belongs = persons.loc[persons["organisation"] != "", "organisation"]
    home = pairs["principal"].map(belongs)
    pairs = pairs[
        (pairs["principal"] != pairs["assistant"])
        & home.notna()
        & (home == pairs["assistant"].map(belongs))
    ]
    pairs = pairs.drop_duplicates().sort_values(["principal", "assistant"])
    if not len(pairs):
        return empty(ASSISTANTS)
    table = pd.DataFrame(
        {
            "assistant": pairs["assistant"],
            "principal": pairs["principal"],
            "name": text.translated(
                pairs["assistant"], dict(zip(persons.index, persons["name"], strict=True))
            ),
        }
    )
    return enforce(table, ASSISTANTS, "assistants")


def _below(domain: str, known: frozenset[str]) -> bool:
    """Is the domain, or one above it, among the known?"""
    while domain:
        if domain in known:
            return True
        domain = domain.partition(".")[2]
    return False


def _sightings(
    frames: Frames, arrived: Arrived, ours: Ours, merge: Mapping[str, str]
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
    contacts = [_contacts(distinct(texts), ours, merge) for texts in alone]
    spellings = []
    for written, spelled, keys in named:
        known = _contacts(written, ours, merge)
        contacts.append(known)
        pair, both = pd.factorize(written.codes * len(spelled.texts) + spelled.codes)
        key, each = pd.factorize(keys)
        times = np.bincount(pd.unique(pair * len(each) + key) // max(len(each), 1))
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
    everybody = pd.concat(contacts, ignore_index=True).drop_duplicates()
    return everybody[everybody != ""], table.groupby(["contact", "name"])[
        "times"
    ].sum().reset_index()


def _contacts(written: Distinct, ours: Ours, merge: Mapping[str, str]) -> pd.Series:
    return addresses.contacts(column(written.texts), ours, merge)


def _machines(
    contacts: pd.Series,
    frames: Frames,
    arrived: Arrived,
    mails: pd.DataFrame,
    phrases: Phrases,
    merge: Mapping[str, str],
    as_of: pd.Timestamp,
) -> pd.Series:
    """Which contacts are no person. A role address needs a second sign: it wrote, never by hand."""
    plain = addresses.holds(contacts, phrases.is_machine)
    rooms = frames.guests.loc[frames.guests["resource"], "address"]
    headers = column(arrived.headers.texts)
    posts = headers[text.matches(headers, r"(?m)^list-post:")]
    lists = posts.str.extract(r"(?m)^list-post:.*?mailto:([^>?\s]+)", expand=False)
    told = tagged(frames.tags, "machine", as_of)["address"]
    given = {merge.get(one, one) for one in [*rooms, *lists.dropna().str.lower(), *told]}
    incoming = mails.loc[mails["direction"] == "in", ["contact", "mail_class"]]
    manual = incoming["mail_class"].isin(["human", "calendar"])
    by_hand = set(incoming.loc[manual, "contact"].unique())
    wrote = set(incoming["contact"].unique())
    role = addresses.holds(contacts, phrases.is_role)
    silent_role = role & addresses.among(contacts, wrote - by_hand)
    machine = plain | silent_role | addresses.among(contacts, given)
    return pd.Series(machine, index=contacts.index)


def _answering(post: Post) -> pd.DataFrame:
    """(principal, assistant) by answers: at least two mails after ours to the principal alone."""
    named = post.named.loc[
        post.ours[post.named["mail"].to_numpy()] & (post.named["person"] >= 0),
        ["mail", "person", "to"],
    ]
    conversation, at = post.mails["conversation"].to_numpy(), micros(post.mails["at"])
    asked = named.loc[named["to"], ["mail", "person"]]
    answers = np.flatnonzero(post.theirs)
    both = asked.assign(conversation=conversation[asked["mail"]]).merge(
        pd.DataFrame(
            {
                "conversation": conversation[answers],
                "answer": answers,
                "by": post.writer[answers],
            }
        ),
        on="conversation",
    )
    later = at[both["answer"]] > at[both["mail"]]
    both = both[later & (both["person"] != both["by"]).to_numpy()]
    # Whoever answers had not been written to beside them.
    wide = len(post.names) + 1
    addressed = (named["mail"] * wide + named["person"]).unique()
    both = both[~(both["mail"] * wide + both["by"]).isin(addressed)]
    counted = both.assign(key=post.key[both["answer"]]).groupby(["person", "by"])["key"].nunique()
    enough = counted[counted >= ASSISTANT_ANSWERS].reset_index()
    return pd.DataFrame(
        {
            "principal": post.text(enough["person"].to_numpy()),
            "assistant": post.text(enough["by"].to_numpy()),
        }
    )
