"""Who acts for whom outside, and which meetings did somebody organise for another outsider?

rules.md section 1: an incident through an assistant is their principal's, also where the calendar
names only the assistant as the organiser. With several outside persons it is nobody's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.model.frames import Frames, empty, enforce
from reports.columns import addresses, tables, text
from reports.columns.instants import Flags, micros
from reports.columns.text import distinct
from reports.detect.mail import mail_class
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting
from reports.schemas import ASSISTANTS
from reports.vocabulary import Origin, Outcome

#: Answers in threads addressed to somebody else that make an assistant (rules.md section 1).
ASSISTANT_ANSWERS = 2
#: What a slot says of an outcome; blank where it is nobody's.
_SAID = ["outcome", "rule", "origin", "question", "was", "act_name"]
_THEIRS = [Outcome.CANCELLED_LATE, Outcome.MOVED_LATE]
#: The assistant and the principal.
_PAIR = 2


def find_assistants(
    setting: Setting, frames: Frames, index: MailIndex, basic: pd.DataFrame
) -> pd.DataFrame:
    """Who acts for whom; a frame by ASSISTANTS, ordered, one row a pair.

    Same organisation (so never freemail), and acted for them once (SENT-BY, or Sender differs
    from From), or answered at least twice in conversations in which we had written to them and
    not to the assistant. Machines are nobody's assistant. Source: rules.md section 1.
    """
    through = tables.kept(
        frames.messages,
        frames.messages["sender_address"] != "",
        ["from_address", "sender_address", "headers"],
    )
    # What failed its sender check says nothing of who writes for whom.
    through = tables.kept(through, ~mail_class.unproven(distinct(through["headers"])))
    acted = [
        tables.kept(
            frames.observations, frames.observations["sent_by"] != "", ["actor", "sent_by"]
        ),
        tables.narrow(through, ["from_address", "sender_address"]),
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
                tables.once(table).set_axis(["principal", "assistant"], axis=1) for table in acted
            )
        ]
        + [_answering(index)],
        ignore_index=True,
    )
    persons = tables.kept(basic, ~basic["machine"]).set_index("contact")
    belongs = persons.loc[persons["organisation"] != "", "organisation"]
    home = pairs["principal"].map(belongs)
    pairs = pairs[
        (pairs["principal"] != pairs["assistant"])
        & home.notna()
        & (home == pairs["assistant"].map(belongs))
    ]
    pairs = tables.ordered(tables.once(pairs), ["principal", "assistant"])
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


def handed_over(slots: pd.DataFrame, assistants: pd.DataFrame) -> pd.DataFrame:
    """The raw slots (slots.history), where an assistant's own ones with a principal are theirs.

    assistants: by ASSISTANTS. Where the principal is the only other outside person the meeting is
    the principal's as if they organised it: what the assistant did is `via` them and never certain.
    An act of the principal's own in it goes before. With several such persons it is nobody's
    (`why_not` is `assistant`; outcomes.by_assistants tells of it).
    """
    pairs = _organised(slots, assistants)
    if not len(pairs):
        return slots
    slots = slots.copy(deep=False)
    size = slots[["code", "contact"]].drop_duplicates().groupby("code").size()
    alone = pairs[(pairs["code"].map(size) == _PAIR).to_numpy()]
    own = slots.loc[
        (slots["origin"] == Origin.THEM) & slots["outcome"].isin(_THEIRS), ["code", "contact"]
    ].rename(columns={"contact": "principal"})
    acted = _among(alone, own, ["code", "principal"])
    given = alone[~acted]
    back = pairs[~pairs["code"].isin(given["code"])]
    stepped = _among(slots, back, ["code", "contact"])
    slots.loc[stepped, "eligible"] = False
    slots.loc[stepped, "why_not"] = "assistant"
    slots.loc[stepped, _SAID] = ""

    moved = _among(slots, given, ["code", "contact"])
    to = given.set_index("code")["principal"].reindex(slots.loc[moved, "code"])
    late = moved & slots["outcome"].isin(_THEIRS).to_numpy()
    slots.loc[late, "via"] = slots.loc[late, "contact"]
    # What the assistant said yes to the principal did not: no record can say that they missed it.
    slots.loc[moved, ["proof", "fresh"]] = False
    slots.loc[moved, "contact"] = to.to_numpy(dtype=object)
    replaced = _among(slots, given.assign(contact=given["principal"]), ["code", "contact"])
    slots = slots[~(replaced & ~moved)]
    return tables.ordered(slots, ["start", "meeting_key", "contact", "number"], ignore_index=True)


def _organised(slots: pd.DataFrame, assistants: pd.DataFrame) -> pd.DataFrame:
    """Meetings of an assistant with a principal in them; columns code, contact, principal; each once."""
    organised = tables.once(
        tables.kept(slots, slots["organised_by"] == "them", ["code", "contact"])
    )
    organised = organised[organised["contact"].isin(assistants["assistant"])]
    pairs = organised.merge(
        tables.narrow(assistants, ["assistant", "principal"]),
        left_on="contact",
        right_on="assistant",
    )
    beside = tables.once(tables.kept(slots, slots["code"].isin(pairs["code"]), ["code", "contact"]))
    beside = beside.rename(columns={"contact": "principal"})
    return tables.narrow(
        tables.joined(pairs, beside, ["code", "principal"]), ["code", "contact", "principal"]
    )


def _among(table: pd.DataFrame, known: pd.DataFrame, labels: list[str]) -> Flags:
    """Which rows have these values in a row of the other table?"""
    found: Flags = pd.MultiIndex.from_frame(table[labels]).isin(
        pd.MultiIndex.from_frame(known[labels])
    )
    return found


def _answering(index: MailIndex) -> pd.DataFrame:
    """(principal, assistant) by answers: at least two mails after ours to the principal alone."""
    named = tables.kept(
        index.named,
        index.ours[index.named["mail"].to_numpy()] & (index.named["person"] >= 0),
        ["mail", "person", "to"],
    )
    conversation, at = index.mails["conversation"].to_numpy(), micros(index.mails["at"])
    asked = tables.kept(named, named["to"], ["mail", "person"])
    answers = np.flatnonzero(index.theirs)
    both = tables.joined(
        asked.assign(conversation=conversation[asked["mail"]]),
        pd.DataFrame(
            {
                "conversation": conversation[answers],
                "answer": answers,
                "by": index.writer[answers],
            }
        ),
        "conversation",
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
