"""What ends a contact's silence, and when?

rules.md section 5: any human act of theirs, in any thread and folder; a human mail of a colleague
or assistant of the same organisation in a conversation of ours with them, or with them in To or
Cc (never for freemail); and the user's own word on the claim.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.model.frames import Frames
from reports.columns import tables
from reports.columns.moment_index import joined
from reports.detect.mail.mail_index import MailIndex
from reports.detect.outcomes.verdicts import latest
from reports.detect.setting import Setting
from reports.vocabulary import Word

#: `reached` is a human act already; the other two end the silence when they were given.
_WORDS = [Word.WRONG, Word.DONE]


def find_ends(
    setting: Setting, frames: Frames, index: MailIndex, people: pd.DataFrame
) -> pd.DataFrame:
    """What ends a silence beside their own acts; columns contact, at; each once, ordered.

    people: by PEOPLE. A moment ends every ask before it.
    """
    words = latest(frames.claims, frames.answers, setting.as_of)
    words = words[(words["kind"] == "silence") & words["word"].isin(_WORDS)]
    told = tables.narrow(words, ["contact", "answered_at"]).set_axis(["contact", "at"], axis=1)
    table = joined([_by_colleagues(index, people), told])
    table = table[table["at"] <= setting.as_of]
    return tables.ordered(table, ["contact", "at"], ignore_index=True)


def _by_colleagues(index: MailIndex, people: pd.DataFrame) -> pd.DataFrame:
    """(contact, at) of human mails by somebody else of their organisation that are about them."""
    home = index.homes(people)
    wrote = np.flatnonzero(index.theirs & (index.writer >= 0))
    writer = index.writer[wrote]
    wrote, writer = wrote[home[writer] > 0], writer[home[writer] > 0]
    from_home = np.zeros(len(index.mails), dtype="int64")
    from_home[wrote] = home[writer]

    given = tables.kept(
        index.named, index.named["shown"] & (index.named["person"] >= 0), ["mail", "person"]
    )
    mail, about = given["mail"].to_numpy(), given["person"].to_numpy()
    belongs = home[about] > 0
    mail, about = mail[belongs], about[belongs]
    # Named beside us in To or Cc of a colleague's mail.
    beside = (from_home[mail] == home[about]) & (index.writer[mail] != about)
    # Written to by us in the same conversation.
    conversation = index.mails["conversation"].to_numpy()
    asked = index.ours[mail]
    addressed = tables.once(
        pd.DataFrame(
            {
                "conversation": conversation[mail[asked]],
                "home": home[about[asked]],
                "about": about[asked],
            }
        )
    )
    within = tables.joined(
        pd.DataFrame(
            {"conversation": conversation[wrote], "home": home[writer], "mail": wrote, "by": writer}
        ),
        addressed,
        ["conversation", "home"],
    )
    within = within[within["about"] != within["by"]]
    mail = np.concatenate([mail[beside], within["mail"].to_numpy()])
    about = np.concatenate([about[beside], within["about"].to_numpy()])
    return joined([pd.DataFrame({"contact": index.text(about), "at": index.at(mail)})])
