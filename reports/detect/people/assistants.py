"""Who acts for whom outside, and which meetings did somebody organise for another outsider?

rules.md section 1: an incident through an assistant is their principal's. The calendar names only
the assistant as the organiser, so nothing of such a meeting is counted for the assistant.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.model.frames import Frames, empty, enforce
from reports.columns import addresses, text
from reports.columns.instants import micros
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting
from reports.schemas import ASSISTANTS

#: Answers in threads addressed to somebody else that make an assistant (rules.md section 1).
ASSISTANT_ANSWERS = 2
#: What a slot says of an outcome; blank where it is nobody's.
_SAID = ["outcome", "rule", "origin", "question", "was", "act_name"]


def find_assistants(
    setting: Setting, frames: Frames, index: MailIndex, basic: pd.DataFrame
) -> pd.DataFrame:
    """Who acts for whom; a frame by ASSISTANTS, ordered, one row a pair.

    Same organisation (so never freemail), and acted for them once (SENT-BY, or Sender differs
    from From), or answered at least twice in conversations in which we had written to them and
    not to the assistant. Machines are nobody's assistant. Source: rules.md section 1.
    """
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
                    label: addresses.contacts(one[label], setting.ours, setting.merge)
                    for label in ("principal", "assistant")
                }
            )
            for one in (
                table.drop_duplicates().set_axis(["principal", "assistant"], axis=1)
                for table in acted
            )
        ]
        + [_answering(index)],
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


def stepped_back(slots: pd.DataFrame, assistants: pd.DataFrame) -> pd.DataFrame:
    """The raw slots (outcomes.history), where an assistant's own ones with a principal do not count.

    assistants: by ASSISTANTS. The slots of the principals stay as they are.
    """
    organised = slots.loc[slots["organised_by"] == "them", ["code", "contact"]].drop_duplicates()
    organised = organised[organised["contact"].isin(assistants["assistant"])]
    if not len(organised):
        return slots
    pairs = organised.merge(
        assistants[["assistant", "principal"]], left_on="contact", right_on="assistant"
    )
    beside = slots.loc[slots["code"].isin(pairs["code"]), ["code", "contact"]].drop_duplicates()
    beside = beside.rename(columns={"contact": "principal"})
    acted = pairs.merge(beside, on=["code", "principal"])[["code", "contact"]]
    theirs = pd.MultiIndex.from_frame(slots[["code", "contact"]]).isin(
        pd.MultiIndex.from_frame(acted)
    )
    slots = slots.copy(deep=False)
    slots.loc[theirs, "eligible"] = False
    slots.loc[theirs, "why_not"] = "assistant"
    slots.loc[theirs, _SAID] = ""
    return slots


def _answering(index: MailIndex) -> pd.DataFrame:
    """(principal, assistant) by answers: at least two mails after ours to the principal alone."""
    named = index.named.loc[
        index.ours[index.named["mail"].to_numpy()] & (index.named["person"] >= 0),
        ["mail", "person", "to"],
    ]
    conversation, at = index.mails["conversation"].to_numpy(), micros(index.mails["at"])
    asked = named.loc[named["to"], ["mail", "person"]]
    answers = np.flatnonzero(index.theirs)
    both = asked.assign(conversation=conversation[asked["mail"]]).merge(
        pd.DataFrame(
            {
                "conversation": conversation[answers],
                "answer": answers,
                "by": index.writer[answers],
            }
        ),
        on="conversation",
    )
    later = at[both["answer"]] > at[both["mail"]]
    both = both[later & (both["person"] != both["by"]).to_numpy()]
    # Whoever answers had not been written to beside them.
    wide = len(index.names) + 1
    addressed = (named["mail"] * wide + named["person"]).unique()
    both = both[~(both["mail"] * wide + both["by"]).isin(addressed)]
    counted = both.assign(key=index.key[both["answer"]]).groupby(["person", "by"])["key"].nunique()
    enough = counted[counted >= ASSISTANT_ANSWERS].reset_index()
    return pd.DataFrame(
        {
            "principal": index.text(enough["person"].to_numpy()),
            "assistant": index.text(enough["by"].to_numpy()),
        }
    )
