"""What ends a contact's silence, and when?

rules.md section 5: any human act of theirs, in any thread and folder; a human mail of a colleague
or assistant of the same organisation in a conversation of ours with them, or with them in To or
Cc (never for freemail); and the user's own word on the claim.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from config.ours import Ours
from connectors.model.frames import Frames
from reports.detect import addresses
from reports.detect.timeline import joined
from reports.detect.verdicts import latest

#: `reached` is a human act already; the other two end the silence when they were given.
_WORDS = ["wrong", "done"]


def find(
    frames: Frames,
    mails: pd.DataFrame,
    acts: pd.DataFrame,
    people: pd.DataFrame,
    ours: Ours,
    as_of: pd.Timestamp,
    *,
    merge: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """All moments that end a silence; columns contact, at; each once, ordered.

    mails: by MAILS; acts: by ACTS; people: by PEOPLE. A moment ends every ask before it.
    """
    merge = merge or {}
    words = latest(frames.claims, frames.answers, as_of)
    words = words[(words["kind"] == "silence") & words["word"].isin(_WORDS)]
    told = words[["contact", "answered_at"]].set_axis(["contact", "at"], axis=1)
    colleagues = _by_colleagues(frames, mails, people, ours, merge)
    table = joined([acts, colleagues, told])
    table = table[table["at"] <= as_of]
    return table.sort_values(["contact", "at"], ignore_index=True)


def _by_colleagues(
    frames: Frames,
    mails: pd.DataFrame,
    people: pd.DataFrame,
    ours: Ours,
    merge: Mapping[str, str],
) -> pd.DataFrame:
    """(contact, at) of human mails by somebody else of their organisation that are about them."""
    persons = people[~people["machine"] & (people["organisation"] != "")]
    home = persons[["contact", "organisation"]]
    human = mails[mails["mail_class"] == "human"]
    theirs = human.loc[
        human["direction"] == "in", ["message_id", "conversation", "at", "contact"]
    ].merge(home, on="contact")
    if not len(theirs):
        return joined([])
    asked = human.loc[human["direction"] == "out", ["message_id", "conversation"]]
    named = frames.recipients.loc[
        frames.recipients["role"].isin(["to", "cc"])
        & frames.recipients["message_id"].isin(
            pd.concat([theirs["message_id"], asked["message_id"]])
        ),
        ["message_id", "address"],
    ].drop_duplicates()
    named = named.assign(about=addresses.contacts(named["address"], ours, merge))
    named = named[named["about"] != ""]
    # Named beside us in To or Cc of a colleague's mail.
    beside = theirs.merge(named, on="message_id")
    # Written to by us in the same conversation.
    addressed = asked.merge(named, on="message_id")[["conversation", "about"]].drop_duplicates()
    within = theirs.merge(addressed, on="conversation")
    both = pd.concat(
        [beside[["at", "contact", "organisation", "about"]]]
        + [within[["at", "contact", "organisation", "about"]]],
        ignore_index=True,
    ).merge(home.set_axis(["about", "home"], axis=1), on="about")
    both = both[(both["organisation"] == both["home"]) & (both["about"] != both["contact"])]
    return joined([both[["about", "at"]].set_axis(["contact", "at"], axis=1)])
