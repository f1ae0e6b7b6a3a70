"""What do all facts together say, as of one moment?

The one place that knows in which order the detectors work: each is a pure function of frames, and
none calls another's neighbour. What a human did by hand must be known before absences (they end
with the next human act), absences before outcomes (they excuse), outcomes before stages, and
stages before silences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from config.ours import Ours
from config.phrasing import Phrases
from config.policy import Policy
from connectors.model.frames import Frames, empty, enforce
from reports.columns.addresses import among
from reports.columns.instants import NONE, micro, whole_instants
from reports.columns.moment_index import Timeline
from reports.detect.mail import bounces, letters, mail_index, meeting_mails, threads
from reports.detect.meetings import copies, dated_acts
from reports.detect.outcomes import answers, outcomes, questions
from reports.detect.people import absences, assistants, directory, introductions, stages
from reports.detect.scoring import counts as scoring
from reports.detect.scoring import coverage
from reports.detect.setting import Setting
from reports.detect.silence import (
    asks,
    calendar_acts,
    human_acts,
    owed,
    promises,
    reply_times,
    silence,
)
from reports.detect.silence import ends as endings
from reports.schemas import COMING, Findings


def detect(
    frames: Frames, ours: Ours, policy: Policy, phrases: Phrases, as_of: pd.Timestamp
) -> Findings:
    """All findings of one store as of a moment, each frame by reports.schemas.

    frames: all facts of the store, later ones are left out. as_of: with a zone. The inputs are not
    changed; the same facts in another order give the same findings.
    Raises StoreError where a frame, or an earlier report's snapshot, cannot be read.
    """
    setting = Setting.of(frames.tags, ours, policy, phrases, as_of)
    as_of, merge, days = setting.as_of, setting.merge, setting.days
    by_mail = answers.by_mail(frames, ours, as_of)
    frames = _with_answers(frames, by_mail)

    arrived = mail_index.arrived(frames, ours, merge)
    mails = threads.mails(arrived, frames.meetings, ours, phrases, as_of, merge=merge)
    read = mail_index.gather(arrived, mails)
    basic = directory.basic(frames, arrived, ours, as_of, phrases=phrases, mails=mails, merge=merge)
    helpers = directory.assistants(frames, read, basic, ours, merge=merge)
    talk = letters.talk(read, basic, ours, policy)
    introduced = introductions.find(read, basic, policy)
    returned = bounces.find(read, ours, phrases, as_of, merge=merge)
    notices = meeting_mails.join(frames, mails, phrases, ours, merge=merge, assistants=helpers)

    gathered = copies.gather(
        frames,
        ours,
        machines=frozenset(basic.loc[basic["machine"], "contact"]),
        merge=merge,
        as_of=micro(as_of),
    )
    dated = _dated(gathered, notices, frames)
    history = outcomes.history(gathered, dated, ours, policy, as_of)
    history = assistants.stepped_back(history, helpers)
    in_calendars = calendar_acts.find(gathered, dated, history, micro(as_of))
    done = human_acts.human(
        frames, read, basic, ours, phrases, as_of, merge=merge, calendar=in_calendars
    )
    told = absences.notices(read, basic, phrases)
    away = absences.find(told, done, days, policy, as_of)
    holding, unfit = answers.holding(frames.claims, frames.answers, policy, as_of)
    wrote = mails.loc[read.theirs & mails["to_us"].to_numpy(), ["contact", "at", "message_id"]]
    judging = partial(
        outcomes.judge,
        history,
        gathered,
        frames,
        wrote=wrote,
        holding=_merged(holding, merge),
        ours=ours,
        policy=policy,
        calendar=days,
        as_of=as_of,
        organisations=dict(zip(basic["contact"], basic["organisation"], strict=True)),
        merge=merge,
    )
    slots, unmarked = judging(absences=away)
    came = _without_absent(done, slots)
    if len(came) < len(done):
        # What they are said to have missed did not end an absence either.
        known, away = away, absences.find(told, came, days, policy, as_of)
        if not away.equals(known):
            slots, unmarked = judging(absences=away)
    slots = questions.named_mails(slots, wrote, policy)
    done = _without_absent(done, slots)
    shaped = outcomes.shaped(slots)

    heard = Timeline.of(done, endings.find(frames, read, basic, as_of))
    asked = asks.find(
        frames,
        read,
        talk,
        done,
        heard,
        away,
        returned,
        basic,
        ours,
        phrases,
        days,
        policy,
        as_of,
        merge=merge,
        invitations=_missed_invitations(slots),
    )
    whole = stages.complete(
        basic,
        frames,
        talk,
        done,
        asked,
        shaped,
        told,
        returned,
        introduced,
        ours,
        days,
        policy,
        as_of,
        merge=merge,
    )
    silences = silence.find(frames, mails, asked, heard, whole, ours, policy, as_of, merge=merge)
    debts = owed.find(
        frames, read, talk, done, introduced, whole, ours, days, policy, as_of, merge=merge
    )
    passed = promises.find(frames, mails, heard, whole, ours, days, as_of, merge=merge)
    speeds = reply_times.times(read, talk, asked, whole, days, policy, as_of)

    seen = coverage.find(frames, mails, as_of)
    standing = scoring.standings(
        slots,
        scoring.Known(
            people=whole,
            silences=silences,
            asks=asked,
            owed=debts,
            replies=speeds,
            earlier=scoring.earlier(frames.standings, as_of),
            calendar_enough=coverage.enough(seen, policy, "calendar"),
            mail_enough=coverage.enough(seen, policy, "mail"),
        ),
        policy,
        as_of,
    )
    let_go = frozenset(whole.loc[whole["let_go"], "contact"])
    asking = questions.open_questions(slots, frames.claims, policy, as_of, let_go=let_go)
    asking = asking.assign(would_change=scoring.would_change(asking, slots, standing, policy))
    return Findings(
        as_of=as_of,
        coverage=seen,
        people=whole,
        assistants=helpers,
        mails=mails,
        absences=away,
        acts=done,
        slots=shaped,
        questions=questions.chosen(asking, policy),
        asks=asked,
        silences=silences,
        owed=debts,
        passed=passed,
        replies=speeds,
        standings=standing,
        coming=_coming(slots, standing, let_go, policy, as_of),
        expected_by_chance=scoring.expected_by_chance(standing),
        notices=tuple(dict.fromkeys((*by_mail.notices, *unfit, *unmarked))),
    )


def _with_answers(frames: Frames, by_mail: answers.ByMail) -> Frames:
    """The facts with the answers and calls that came by mail; these mails are in no statistic."""
    if not by_mail.message_ids:
        return frames
    return replace(
        frames,
        messages=answers.without(frames.messages, by_mail.message_ids),
        recipients=answers.without(frames.recipients, by_mail.message_ids),
        answers=pd.concat([frames.answers, by_mail.answers], ignore_index=True),
        calls=_new_calls(frames.calls, by_mail.calls),
    )


def _new_calls(known: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """All calls; one that was already taken from its mail into the store counts once."""
    both = pd.concat([known, more], ignore_index=True)
    return both.drop_duplicates(["mailbox_id", "at", "address", "outcome"])


def _dated(gathered: copies.Gathered, notices: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    dated = dated_acts.by_mail(gathered.dated, notices, frames, gathered.meetings)
    looks = gathered.looks
    timed = looks.loc[looks["leads"] & (looks["start"] != NONE)].drop_duplicates(
        "code", keep="last"
    )
    last = pd.Series(timed["start"].to_numpy(), index=timed["code"].to_numpy())
    starts = last.reindex(gathered.meetings.index).fillna(NONE).to_numpy(dtype="int64")
    return dated_acts.spread(dated, gathered.meetings, starts)


def _merged(holding: pd.DataFrame, merge: Mapping[str, str]) -> pd.DataFrame:
    """Answers about an address that was merged since are about the person."""
    return holding.assign(contact=holding["contact"].map(lambda one: merge.get(one, one)))


def _without_absent(done: pd.DataFrame, slots: pd.DataFrame) -> pd.DataFrame:
    """A meeting that somebody says they missed is no act of theirs."""
    missed = slots.loc[slots["outcome"] == "absent", ["contact", "meeting_key"]]
    if not len(missed):
        return done
    gone = (done["kind"] == "kept").to_numpy() & among(done["contact"], missed["contact"])
    pairs = pd.MultiIndex.from_frame(done.loc[gone, ["contact", "meeting_key"]])
    gone[gone] = pairs.isin(pd.MultiIndex.from_frame(missed))
    return done.loc[~gone].reset_index(drop=True)


def _missed_invitations(slots: pd.DataFrame) -> pd.DataFrame:
    """Invitations of ours, unanswered and unchanged at their start, that they surely missed."""
    chosen = slots.loc[slots["missed"]].sort_values("start")
    chosen = chosen.drop_duplicates(["series_uid", "contact"])
    return pd.DataFrame(
        {
            "contact": chosen["contact"].to_numpy(dtype=object),
            "at": whole_instants(chosen["start"].to_numpy(dtype="int64")),
            "mailbox_id": chosen["mailbox_id"].to_numpy(dtype="int64"),
        }
    )


def _coming(
    slots: pd.DataFrame,
    standing: pd.DataFrame,
    let_go: frozenset[str],
    policy: Policy,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Meetings still to come, by COMING, ordered by weight: posterior x duration [h]."""
    now = micro(as_of)
    ahead = slots.loc[
        (slots["start"] > now)
        & ((slots["outcome"] == "coming") | (slots["why_not"] == "not-accepted"))
        & ~slots["given_up"]
        & ~slots["contact"].isin(list(let_go))
    ]
    ahead = ahead.sort_values("number").drop_duplicates(["meeting_key", "contact"], keep="last")
    if not len(ahead):
        return empty(COMING)
    known = standing.set_index("contact").reindex(ahead["contact"])
    base = scoring.posterior(np.zeros(1, "int64"), np.zeros(1, "int64"), policy)[0]
    likely = known["posterior"].fillna(base).to_numpy()
    length = ((ahead["end"] - ahead["start"]) / 3_600_000_000).where(ahead["end"] != NONE, 0.0)
    frame = pd.DataFrame(
        {
            "meeting_key": ahead["meeting_key"],
            "contact": ahead["contact"],
            "mailbox_id": ahead["mailbox_id"],
            "subject": ahead["subject"],
            "start_at": whole_instants(ahead["start"].to_numpy()).set_axis(ahead.index),
            "end_at": whole_instants(ahead["end"].to_numpy()).set_axis(ahead.index),
            "accepted": ahead["fresh"],
            "on_site": ahead["on_site"],
            "agreed_at": whole_instants(ahead["agreed"].to_numpy()).set_axis(ahead.index),
            "k": known["k"].fillna(0).to_numpy(dtype="int64"),
            "n": known["n"].fillna(0).to_numpy(dtype="int64"),
            "weight": likely * length.to_numpy(),
        }
    )
    frame = frame.sort_values(["weight", "start_at", "contact"], ascending=[False, True, True])
    return enforce(frame, COMING, "coming")
