"""Which word of the user holds for each printed claim?

rules.md section 9: the last answer holds, `undo` takes it back, and an answer is about the evidence
as it was printed.
"""

from __future__ import annotations

import pandas as pd

from reports.columns import tables
from reports.columns.instants import UTC
from reports.vocabulary import Word


def latest(claims: pd.DataFrame, answers: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The word that holds for each answered claim at `as_of`.

    Columns: those of claims, word, answered_at; one row a claim and person, ordered by mailbox and claim.
    Claims without a word, and claims whose last word is `undo`, are left out.
    """
    if not len(claims) or not len(answers):
        nothing = claims.iloc[:0].assign(word=pd.Series([], dtype="str"))
        return nothing.assign(answered_at=pd.Series([], dtype=UTC))
    given = tables.ordered(answers[answers["at"] <= as_of], ["at", "answer_id"])
    given = tables.once(given, ["mailbox_id", "claim_id"], keep="last")
    given = tables.kept(given, given["word"] != Word.UNDO, ["mailbox_id", "claim_id", "word", "at"])
    table = tables.joined(
        tables.once(claims, ["mailbox_id", "claim_id", "contact"]),
        given.rename(columns={"at": "answered_at"}),
        ["mailbox_id", "claim_id"],
    )
    return tables.ordered(table, ["mailbox_id", "claim_id", "contact"], ignore_index=True)
