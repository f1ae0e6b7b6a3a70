"""Whose promised day passed without a word?

rules.md section 6 (P1): only by the user's explicit mark, never by a mere follow-up flag, and
never in k. A word before the day but not after it is printed with its date.
"""

from __future__ import annotations

import pandas as pd

from connectors.model.frames import Frames, empty, enforce
from reports.columns import addresses, tables, text
from reports.columns.moment_index import Timeline
from reports.detect.mail import read_until
from reports.detect.outcomes.verdicts import latest
from reports.detect.setting import Setting
from reports.detect.silence import doubts
from reports.schemas import ASKS, PASSED
from reports.vocabulary import Word

_LABEL = r"(?im)^promised/(\d{4}-\d{2}-\d{2})$"
_CATEGORY = r"(?im)^promised$"


def find_passed(
    setting: Setting,
    frames: Frames,
    mails: pd.DataFrame,
    heard: Timeline,
    people: pd.DataFrame,
    assistants: pd.DataFrame,
) -> pd.DataFrame:
    """Promises whose local day has ended without a word; a frame by PASSED, ordered by due date.

    mails: by MAILS; heard: human acts of theirs, their assistant or a colleague about them
    (ends.find_ends), by contact. A word on the day or after it keeps the promise off the list. The
    day must have ended within what was read, and nothing unread, no bulk mail of theirs, no mail of who
    acts for them (by ASSISTANTS) and nothing doubtful (doubts.find_doubts) may hold the word.
    """
    as_of, zone = setting.as_of, setting.days.zone
    if not len(frames.promises) and not (frames.messages["labels"] != "").any():
        return empty(PASSED)
    marked = pd.concat(
        [part for part in (_told(frames), _labelled(frames, mails)) if len(part)]
        or [_told(frames)],
        ignore_index=True,
    )
    marked["contact"] = addresses.contacts(marked["address"], setting.ours, setting.merge)
    known = addresses.among(marked["contact"], people["contact"])
    marked = marked[known & (marked["made_at"] <= as_of)]
    # A label that was stored as a promise too is the same promise.
    order = ["contact", "mailbox_id", "due_at", "promise_id"]
    marked = tables.ordered(marked, order, [True, True, True, False], ignore_index=True)
    marked = tables.once(marked, ["contact", "mailbox_id", "due_at", "words"]).reset_index(
        drop=True
    )
    if not len(marked):
        return empty(PASSED)
    date = marked["due_at"].dt.tz_localize(None)
    began = _midnight(date, zone)
    over = _midnight(date + pd.Timedelta(days=1), zone)
    read = read_until.capped(marked["mailbox_id"], frames.polls, as_of)
    # What was noted when its day was over already says nothing of what had come by then.
    in_it = (marked["made_at"] > began) & (marked["made_at"] < over)
    since = marked["made_at"].where(in_it, began - pd.Timedelta(microseconds=1))
    last = heard.before(marked["contact"], began)
    marked["word_at"] = last.where(last > marked["made_at"])
    unread = read_until.unread_until(frames.pending, frames.losses)
    hidden = pd.Series(unread is not None, index=marked.index)
    if unread is not None:
        hidden = marked["made_at"].where(marked["made_at"] < since, since) <= unread
    # What was promised may have come through a program that sends it like a mailing, from who acts for
    # them without naming them, or in a mail that is no clear word: nobody can say then that none came.
    mailed = mails[(mails["mail_class"] == "bulk") & (mails["direction"] == "in")]
    doubtful = doubts.find_doubts(setting, frames, mails, empty(ASKS))
    perhaps = pd.concat(
        [
            tables.narrow(mailed, ["contact", "at"]),
            tables.narrow(doubtful, ["contact", "at"]),
            _by_assistants(mails, assistants),
        ],
        ignore_index=True,
    )
    perhaps = perhaps[addresses.among(perhaps["contact"], marked["contact"])]
    sent = Timeline(perhaps["contact"], perhaps["at"]).after(marked["contact"], since)
    hidden |= sent.notna()
    passed = (over <= read) & heard.after(marked["contact"], since).isna() & ~hidden
    table = tables.kept(marked, passed & ~_settled(marked, frames, as_of))
    return enforce(tables.ordered(table, ["due_at", "contact", "evidence_key"]), PASSED, "passed")


def _midnight(dates: pd.Series, zone: str) -> pd.Series:
    """The first moment of each date in the zone, which a clock change may move off midnight."""
    first = pd.Series(True, index=dates.index).to_numpy()
    local = dates.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    moments: pd.Series = local.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    return moments


def _by_assistants(mails: pd.DataFrame, assistants: pd.DataFrame) -> pd.DataFrame:
    """What assistants wrote to us by hand, as their principals' (contact, at)."""
    by_hand = (mails["mail_class"] == "human") & mails["to_us"]
    by_hand &= addresses.among(mails["contact"], assistants["assistant"])
    wrote = tables.kept(mails, by_hand, ["contact", "at"]).rename(columns={"contact": "assistant"})
    table = tables.joined(wrote, assistants[["assistant", "principal"]], "assistant")
    return tables.narrow(table, ["principal", "at"]).set_axis(["contact", "at"], axis=1)


def _told(frames: Frames) -> pd.DataFrame:
    """Promises that the user wrote down, or that sync stored from a mark."""
    table = tables.once(frames.promises, "promise_id")
    return pd.DataFrame(
        {
            "promise_id": table["promise_id"],
            "address": table["address"],
            "mailbox_id": table["mailbox_id"],
            "words": table["words"],
            "made_at": table["made_at"],
            "due_at": table["due_at"].dt.normalize(),
            "evidence_key": "promise " + table["promise_id"].astype("str"),
        }
    )


def _labelled(frames: Frames, mails: pd.DataFrame) -> pd.DataFrame:
    """Mails labelled `promised/YYYY-MM-DD`, or with the category `promised` and a due date.

    Whoever wrote the mail promised; on a mail of ours, its only outside recipient cannot be told
    from the label, so such a mark counts only on mails that came in. `words` is the mail's title.
    """
    names = ["message_id", "mailbox_id", "message_key", "from_address", "subject", "labels"]
    labelled = frames.messages["labels"] != ""
    messages = tables.once(tables.kept(frames.messages, labelled, [*names, "due_at"]), "message_id")
    # What failed its sender check is nobody's word, whatever stands on it.
    theirs = (mails["direction"] == "in") & (mails["mail_class"] != "unproven")
    came_in = tables.kept(mails, theirs, ["message_id", "at"])
    table = tables.joined(messages, came_in, "message_id")
    written = table["labels"].str.extract(_LABEL, expand=False)
    dated = pd.to_datetime(written, format="%Y-%m-%d", errors="coerce", utc=True)
    category = text.matches(table["labels"], _CATEGORY)
    due = dated.astype("datetime64[us, UTC]")
    due = due.where(due.notna() | ~category, table["due_at"].dt.normalize())
    table = table.assign(due=due)
    table = table[table["due"].notna()]
    return pd.DataFrame(
        {
            "promise_id": -1,
            "address": table["from_address"],
            "mailbox_id": table["mailbox_id"],
            "words": table["subject"],
            "made_at": table["at"],
            "due_at": table["due"],
            "evidence_key": table["message_key"] + " " + table["due"].dt.strftime("%Y-%m-%d"),
        }
    )


def _settled(marked: pd.DataFrame, frames: Frames, as_of: pd.Timestamp) -> pd.Series:
    """Which promises the user called `wrong`, `done` or `reached`?"""
    words = latest(frames.claims, frames.answers, as_of)
    words = words[
        (words["kind"] == "promise") & words["word"].isin([Word.WRONG, Word.DONE, Word.REACHED])
    ]
    settled: pd.Series = marked["evidence_key"].isin(words["evidence_key"])
    return settled
