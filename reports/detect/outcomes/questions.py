"""What can only the user answer, and what is asked this week?

rules.md section 9: at most 5 questions a report and 2 a contact, of the mailbox that organises;
first what would change a tier, then the newest start, then the address. A question expires 28 days
after it was first printed and is not asked if its start is older than 60 days. Not answered, its
slot stays unknown.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from config.policy import Policy
from connectors.model.frames import empty, enforce
from reports.columns import addresses, tables
from reports.columns.instants import DAY, NONE, hours, micro, micros, whole_instants
from reports.schemas import QUESTIONS
from reports.vocabulary import Rule

KINDS = (Rule.M1, Rule.M6, Rule.M8)


def open_questions(
    slots: pd.DataFrame,
    claims: pd.DataFrame,
    policy: Policy,
    as_of: pd.Timestamp,
    *,
    let_go: Collection[str] = (),
) -> pd.DataFrame:
    """All questions that may be asked, one row each, by QUESTIONS; `would_change` is False yet.

    slots: from outcomes.judge. Several late changes of one meeting are one question, told by the
    latest of them. Machines have no slots; who is let go is not asked about.
    """
    now = micro(as_of)
    asked = tables.kept(
        slots,
        slots["eligible"]
        & slots["question"].isin(KINDS)
        & (slots["start"] >= now - policy.question_age_days * DAY)
        & ~slots["contact"].isin(list(let_go)),
    )
    asked = tables.ordered(asked, ["evidence_key", "contact", "start", "number"])
    asked = tables.once(asked, ["evidence_key", "contact"], keep="last")
    first = tables.kept(claims, claims["kind"].isin(KINDS)).groupby(["evidence_key", "contact"])
    printed = first["first_printed_at"].min()
    old = printed.index[printed < as_of - pd.Timedelta(days=policy.question_expiry_days)]
    expired = pd.MultiIndex.from_frame(tables.narrow(asked, ["evidence_key", "contact"])).isin(old)
    asked = tables.kept(asked, ~expired)
    if not len(asked):
        return empty(QUESTIONS)
    act_lo, act_hi = asked["act_lo"].to_numpy(), asked["act_hi"].to_numpy()
    ref = asked["ref"].to_numpy()
    measured = (ref != NONE) & (act_hi != NONE)
    frame = pd.DataFrame(
        {
            "kind": asked["question"].to_numpy(),
            "contact": asked["contact"].to_numpy(),
            "meeting_key": asked["meeting_key"].to_numpy(),
            "mailbox_id": asked["mailbox_id"].to_numpy(),
            "start_at": whole_instants(asked["start"].to_numpy()),
            "subject": asked["subject"].to_numpy(),
            "asked_of": whole_instants(act_hi),
            "notice_lo": hours(ref - np.where(measured, act_hi, 0), measured),
            "notice_hi": hours(
                ref - np.where(act_lo != NONE, act_lo, 0), measured & (act_lo != NONE)
            ),
            "mail_at": whole_instants(asked["mail_at"].to_numpy()),
            "was": asked["was"].to_numpy(),
            "evidence_key": asked["evidence_key"].to_numpy(),
            "would_change": False,
        }
    )
    return enforce(frame, QUESTIONS, "questions")


def named_mails(slots: pd.DataFrame, mails: pd.DataFrame) -> pd.DataFrame:
    """The slots with `mail_at`: a mail of theirs shortly before our late change (M6 names it).

    mails: human mails of contacts to us (contact, at). Their counter-proposal comes first.
    """
    slots = slots.copy(deep=False)
    asked = tables.kept(slots, (slots["question"] == Rule.M6) & (slots["act_hi"] != NONE))
    if not len(asked):
        return slots
    own = asked.loc[asked["proposed_at"] != NONE, "proposed_at"]
    slots.loc[own.index, "mail_at"] = own
    rest = asked.drop(index=own.index)
    wrote = tables.kept(mails, addresses.among(mails["contact"], rest["contact"]))
    pairs = tables.narrow(rest, ["contact", "act_lo", "act_hi"]).assign(slot=rest.index)
    pairs = tables.joined(
        pairs, pd.DataFrame({"contact": wrote["contact"], "mail": micros(wrote["at"])}), "contact"
    )
    earliest = pairs["act_lo"].where(pairs["act_lo"] != NONE, pairs["act_hi"])
    near = (pairs["mail"] <= pairs["act_hi"]) & (pairs["mail"] >= earliest - DAY)
    last = tables.kept(pairs, near).groupby("slot")["mail"].max()
    slots.loc[last.index, "mail_at"] = last
    return slots


def chosen(questions: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Those that are asked: 5 for each mailbox, 2 a contact, in the order of the rules."""
    order = questions.assign(
        later=~questions["would_change"], newest=-micros(questions["start_at"])
    )
    order = tables.ordered(
        order, ["mailbox_id", "later", "newest", "contact", "meeting_key", "evidence_key"]
    )
    order = tables.kept(
        order, order.groupby(["mailbox_id", "contact"]).cumcount() < policy.questions_contact
    )
    order = tables.kept(order, order.groupby("mailbox_id").cumcount() < policy.questions_report)
    return enforce(order, QUESTIONS, "questions")
