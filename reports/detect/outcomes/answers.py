"""What has the user answered, and does it hold?

rules.md section 9: one vocabulary in mail, command and file. An answer holds for the claim's
evidence as printed, the last one holds, `undo` takes it back, and a word that does not fit the
claim does nothing but is named. Answers and calls by mail count only from the mailbox to itself and
found among its sent mail, whichever source brought them; whatever else looks like one is named and
not obeyed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from config.ours import Ours
from config.policy import Policy
from config.sentences import Sentence, sentence
from connectors.model import normal_forms, short_ids
from connectors.model.frames import Frames, empty, enforce
from connectors.model.schemas import ANSWERS, CALLS, Column, schema
from reports.claims import FITTING
from reports.columns import tables, text
from reports.columns.rows import rows
from reports.detect.mail import mail_class
from reports.detect.outcomes.questions import KINDS
from reports.detect.outcomes.remarks import Foreign, Remark

#: An answer that holds, by the natural key of what it is about.
HOLDING = schema(
    mailbox_id=Column("key", "whose claim it was"),
    kind=Column("text", "kind of the claim"),
    contact=Column("text", "the contact"),
    meeting_key=Column("text", "the meeting; empty for mail claims"),
    evidence_key=Column("text", "natural key of the evidence as printed"),
    word=Column("text", "the word that holds"),
    at=Column("instant", "when it was given", False),
    first_at=Column("instant", "when the claim was first answered and not undone", False),
)

UNDO: Final = "undo"
WORDS: Final = frozenset(word for words in FITTING.values() for word in words) | {UNDO}
OUTCOMES: Final = frozenset({"no-answer", "assistant", "spoke", "will-call"})

_BEGINS: Final = r"^\s*(?:[\w-]{1,4}\s*:\s*)*noshow\s+"
_BEGINNING: Final = re.compile(_BEGINS, re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[\s,]+")
_CALL: Final = re.compile(_BEGINS + r"call\s+(\S+@\S+)\s+(\S+)\s*$", re.IGNORECASE)
#: What a reader may wish for the reports themselves.
_WISH: Final = re.compile(_BEGINS + r"(stop|start)\s*$", re.IGNORECASE)
#: Negative ids: an answer that is still in the mailbox has no number in the store.
_BY_MAIL: Final = "mail"


@dataclass(frozen=True)
class Wish:
    """A mail to oneself with the subject `noshow stop` or `noshow start`: no more reports, or again."""

    mailbox_id: int
    at: pd.Timestamp
    word: str


@dataclass(frozen=True)
class ByMail:
    """Answers (by ANSWERS), calls (by CALLS) and wishes found among sent mail; `message_ids` are these
    and all that pretend to be some of ours, to be left out of every statistic; `remarks` name the latter.
    """

    answers: pd.DataFrame
    calls: pd.DataFrame
    message_ids: frozenset[int]
    remarks: tuple[Remark, ...]
    wishes: tuple[Wish, ...] = ()


def _overheard(wish: bool, call: bool, idents: tuple[str, ...]) -> Sentence:
    """What is said of a mail of ours that others could read too, and so does nothing."""
    if wish:
        return sentence(
            "A wish to stop or start was sent by a mail not to this mailbox alone: not obeyed."
        )
    if call:
        return sentence("A call was logged by a mail not to this mailbox alone: not obeyed.")
    return sentence(
        "An answer to {ids} was sent by a mail not to this mailbox alone: not obeyed.",
        ids=" ".join(idents),
    )


def _no_id(word: str, part: str) -> Sentence:
    return sentence(
        "An answer {word} names {part}, which is no id.", word=repr(word), part=repr(part)
    )


def by_mail(frames: Frames, ours: Ours, as_of: pd.Timestamp) -> ByMail:
    """Read the subjects of mails to oneself. messages: by the frames' schema."""
    candidates = _candidates(frames, ours, as_of)
    answers: list[dict[str, object]] = []
    calls: list[dict[str, object]] = []
    found: set[int] = set()
    remarks: list[Remark] = []
    wishes: list[Wish] = []
    for row in rows(candidates):
        call, wish = _CALL.match(str(row.subject)), _WISH.match(str(row.subject))
        idents, word, unfit = ((), "", ()) if call else _answer(str(row.subject))
        if not call and not idents and not wish:
            continue
        if row.sent or row.from_address in ours:
            # What somebody outside writes is their mail, whatever its subject looks like.
            found.add(int(row.message_id))
        if not row.believed:
            if not row.copied:
                remarks.append(Remark(row.at, foreign=Foreign.CALL if call else Foreign.ANSWER))
            continue
        if not row.to_self:
            text = _overheard(bool(wish), bool(call), idents)
            remarks.append(Remark(row.at, text))
            continue
        if wish:
            wishes.append(Wish(int(row.mailbox_id), row.at, wish.group(1).lower()))
            continue
        base = {"mailbox_id": row.mailbox_id, "at": row.at}
        if call:
            outcome, address = call.group(2).lower(), normal_forms.address(call.group(1))
            if outcome not in OUTCOMES or not address:
                text = sentence(
                    "A call was logged as {outcome}: no such outcome.", outcome=repr(outcome)
                )
                remarks.append(Remark(row.at, text))
                continue
            number = -2 - len(calls)
            facts = {"address": address, "outcome": outcome, "channel": "phone"}
            calls.append({**base, "call_id": number, **facts})
            continue
        said = {**base, "answer_id": row.message_id, "word": word, "source": _BY_MAIL}
        answers += [{**said, "claim_id": ident} for ident in idents]
        remarks += [Remark(row.at, _no_id(word, part)) for part in unfit]
    return ByMail(
        enforce(pd.DataFrame(answers), ANSWERS, "answers") if answers else empty(ANSWERS),
        enforce(pd.DataFrame(calls), CALLS, "calls") if calls else empty(CALLS),
        frozenset(found),
        tuple(remarks),
        tuple(wishes),
    )


def _candidates(frames: Frames, ours: Ours, as_of: pd.Timestamp) -> pd.DataFrame:
    """The mails whose subject may be an answer, each once, ordered by message_id.

    Beside facts of MESSAGES: `believed` (it lies among the sent mail, and did not fail its sender
    check: a mail in our name may be filed among our own), `to_self` (from this mailbox to it
    alone), `copied` (the same mail lies among the sent mail, too). Without these where none is.
    """
    labels = ["message_id", "mailbox_id", "message_key", "from_address", "subject", "at", "sent"]
    messages = frames.messages
    known = messages["at"].notna() & (messages["at"] <= as_of) & ~messages["draft"]
    found = tables.kept(
        messages, known & text.matches(messages["subject"], "(?i)noshow "), [*labels, "headers"]
    )
    if not len(found):
        return found
    found = tables.ordered(tables.once(found, "message_id"), "message_id", ignore_index=True)
    same = messages["message_key"].isin(found["message_key"]) & messages["sent"]
    own_keys = set(messages.loc[same, "message_key"]) - {""}
    failed = mail_class.unproven(text.distinct(found["headers"]))
    return found.assign(
        believed=found["sent"].to_numpy(dtype=bool) & ~failed,
        to_self=_to_self(found, frames, ours).to_numpy(dtype=bool),
        copied=found["message_key"].isin(own_keys).to_numpy() & ~failed,
    )


def _answer(subject: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """The ids that a subject answers, its word, and what stands among the ids and is none.

    `noshow 7Q3F2K K3X9QD wrong` says one word of two claims. No ids: the subject is no answer. One
    that names anything but ids is an answer only by a word that answers something.
    """
    found = _BEGINNING.match(subject)
    parts = [part for part in _BETWEEN.split(subject[found.end() :]) if part] if found else []
    if len(parts) < 2:
        return (), "", ()
    word = parts.pop().lower()
    idents = {part: short_ids.as_drawn(part) for part in parts}
    good = tuple(dict.fromkeys(one for one in idents.values() if short_ids.is_short_id(one)))
    unfit = tuple(part[:20] for part, one in idents.items() if not short_ids.is_short_id(one))
    return ((), word, ()) if unfit and word not in WORDS else (good, word, unfit)


def _to_self(candidates: pd.DataFrame, frames: Frames, ours: Ours) -> pd.Series:
    """Per mail: from an address of its mailbox, and to addresses of this mailbox alone."""
    main = tables.once(frames.mailboxes, "mailbox_id").set_index("mailbox_id")["address"]
    home = candidates["mailbox_id"].map(main).astype("object").fillna("")
    sender = candidates["from_address"].map(lambda one: ours.mailboxes.get(one, one))
    by_id = pd.Series(home.to_numpy(dtype=object), index=candidates["message_id"])
    result = pd.Series((sender == home).to_numpy(dtype=bool), index=candidates["message_id"])
    recipients = tables.once(
        tables.kept(
            frames.recipients, frames.recipients["message_id"].isin(candidates["message_id"])
        )
    )
    target = recipients["address"].map(lambda one: ours.mailboxes.get(one, one))
    same = (target == recipients["message_id"].map(by_id)).groupby(recipients["message_id"]).all()
    return result & same.reindex(result.index).fillna(False).astype(bool)


def holding(
    claims: pd.DataFrame, answers: pd.DataFrame, policy: Policy, as_of: pd.Timestamp
) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """The answers that hold at the moment (by HOLDING), and what is to be said about the others.

    An answer to a claim that nobody printed, or with a word that does not fit, does nothing; nor
    does one to a question that had expired. One that was answered in time may still be corrected.
    claims: by CLAIMS; one that is about several persons now (printed_as) has a row for each.
    """
    if not len(answers):
        return empty(HOLDING), ()
    expiry = pd.Timedelta(days=policy.question_expiry_days)
    asked = tables.kept(claims, claims["kind"].isin(KINDS))
    printed = asked.groupby(["evidence_key", "contact"])["first_printed_at"].min().to_dict()
    given = tables.kept(answers, answers["at"] <= as_of)
    given = tables.once(given, ["mailbox_id", "claim_id", "word", "at"])
    given = tables.ordered(given, ["at", "answer_id"])
    known: dict[tuple[int, str], list[Any]] = {}
    for row in rows(tables.once(claims, ["mailbox_id", "claim_id", "contact"])):
        known.setdefault((int(row.mailbox_id), str(row.claim_id)), []).append(row)
    remarks: list[Remark] = []
    held: dict[tuple[int, str], tuple[str, pd.Timestamp, pd.Timestamp]] = {}
    for row in rows(given):
        key = (int(row.mailbox_id), str(row.claim_id))
        if key not in known:
            what = sentence(
                "An answer names {id}, which this mailbox was never asked.", id=str(row.claim_id)
            )
            remarks.append(Remark(row.at, what))
            continue
        claim = known[key][0]
        if row.word == UNDO:
            held.pop(key, None)
            continue
        if row.word not in FITTING.get(str(claim.kind), ()):
            what = sentence(
                "The answer {word} does not fit {id}: it does nothing.",
                word=repr(row.word), id=str(row.claim_id),
            )  # fmt: skip
            remarks.append(Remark(row.at, what))
            continue
        first_printed = printed.get((claim.evidence_key, claim.contact))
        expired = claim.kind in KINDS and first_printed < row.at - expiry
        if expired and key not in held:
            what = sentence(
                "The question {id} had expired when it was answered {word}: it does nothing.",
                id=str(row.claim_id), word=repr(row.word),
            )  # fmt: skip
            remarks.append(Remark(row.at, what))
            continue
        held[key] = (str(row.word), row.at, held[key][2] if key in held else row.at)
    if not held:
        return empty(HOLDING), tuple(remarks)
    holding = [
        {
            "mailbox_id": claim.mailbox_id,
            "kind": claim.kind,
            "contact": claim.contact,
            "meeting_key": claim.meeting_key,
            "evidence_key": claim.evidence_key,
            "word": word,
            "at": at,
            "first_at": first_at,
        }
        for key, (word, at, first_at) in held.items()
        for claim in known[key]
    ]
    frame = enforce(pd.DataFrame(holding), HOLDING, "answers that hold")
    return frame, tuple(remarks)


def without(messages: pd.DataFrame, ids: frozenset[int]) -> pd.DataFrame:
    """The messages but the answers, calls and forgeries among them."""
    return tables.kept(messages, ~messages["message_id"].isin(ids)) if ids else messages


def with_answers(frames: Frames, by_mail: ByMail) -> Frames:
    """The facts with the answers and calls that came by mail; these mails are in no statistic."""
    if not by_mail.message_ids:
        return frames
    return replace(
        frames,
        messages=without(frames.messages, by_mail.message_ids),
        recipients=without(frames.recipients, by_mail.message_ids),
        answers=pd.concat([frames.answers, by_mail.answers], ignore_index=True),
        calls=_new_calls(frames.calls, by_mail.calls),
    )


def _new_calls(known: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """All calls; one that was already taken from its mail into the store counts once."""
    both = pd.concat([known, more], ignore_index=True)
    return tables.once(both, ["mailbox_id", "at", "address", "outcome"])
