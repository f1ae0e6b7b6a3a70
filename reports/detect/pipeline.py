"""What do all facts together say, as of one moment?

The one place that knows in which order the detectors work: each is a pure function of frames, and
none calls another's neighbour. What a human did by hand must be known before absences (they end
with the next human act), absences before outcomes (they excuse), outcomes before stages, and
stages before silences. A step is computed when it is first asked for, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, wraps
from typing import Any, Final

import pandas as pd

from config import phrasing
from config.ours import Ours
from config.phrasing import Phrases
from config.policy import Policy
from connectors.model.frames import Frames, empty_frames
from reports.columns import tables
from reports.columns.instants import DAY, NONE, Ints
from reports.columns.moment_index import Timeline
from reports.detect.incremental import Found, Steps, step
from reports.detect.mail import (
    believed,
    bounces,
    letters,
    mail_index,
    meeting_mails,
    own_wishes,
    threads,
)
from reports.detect.meetings import copies, dated_acts, named_starts
from reports.detect.outcomes import (
    answers,
    by_assistants,
    doubted_acts,
    outcomes,
    perhaps_asked,
    questions,
    remarks,
)
from reports.detect.people import (
    absences,
    assistants,
    automatic,
    directory,
    introductions,
    printed_as,
    stages,
)
from reports.detect.scoring import coming, counts, coverage, past_standings, steps, tiers
from reports.detect.setting import Setting
from reports.detect.silence import (
    asks,
    calendar_acts,
    ends,
    human_acts,
    owed,
    promises,
    reply_expected,
    reply_times,
    silence,
)
from reports.detect.slots.history import by_calendar
from reports.detect.slots.notice import Limits
from reports.schemas import Coverage, Findings

#: Lines that are told once are of the week before the moment [us].
WEEK = 7 * DAY


def detect(
    frames: Frames, ours: Ours, policy: Policy, phrases: Phrases, as_of: pd.Timestamp
) -> Findings:
    """All findings of one store as of a moment, each frame by reports.schemas.

    frames: all facts of the store, later ones are left out. as_of: with a zone. The inputs are not
    changed; the same facts in another order give the same findings.
    Raises StoreError where a frame, or an earlier report's snapshot, cannot be read.
    """
    return Detection(frames, Setting.of(frames.tags, ours, policy, phrases, as_of)).findings


@dataclass(frozen=True)
class Judged:
    """How meetings ended: raw slots (outcomes.judge), who was away, and what marks did not fit."""

    slots: pd.DataFrame
    absences: pd.DataFrame
    remarks: tuple[remarks.Remark, ...]


#: The tables in which somebody may be named.
_OF_PEOPLE: Final = (
    "meetings", "observations", "guests", "messages", "recipients", "attendance", "calls", "tags",
    "promises", "claims", "answers", "memory", "standings",
)  # fmt: skip


def _said_of(*tables: str) -> Callable[[Callable[[Detection], Found]], step[Found]]:
    """A step that has nothing to say where all of these tables are empty.

    What it says of nothing is the same every time; a contact without meetings, or a calendar
    without mails, should not pay for the arithmetic on empty columns.
    """

    def kept(compute: Callable[[Detection], Found]) -> step[Found]:
        @wraps(compute)
        def answer(detection: Detection) -> Found:
            facts = detection.frames
            if detection.thorough or any(len(getattr(facts, table)) for table in tables):
                return compute(detection)
            found: Found = getattr(_nothing(), compute.__name__)
            return found

        return step(answer)

    return kept


class Detection(Steps):
    """One store as of one moment, step by step: whoever asks for a step twice gets the same one.

    The report, a contact's page, what is remembered of contacts, and the tests ask here.
    """

    def __init__(
        self,
        frames: Frames,
        setting: Setting,
        *,
        thorough: bool = False,
        before: Detection | None = None,
        surveyed: Mapping[str, Any] | None = None,
    ) -> None:
        """surveyed: what steps that poll beyond these facts say, by their names (detect.shards)."""
        super().__init__(setting, before, surveyed)
        self.given, self.thorough = printed_as.of_persons(frames, setting), thorough

    def under(self, policy: Policy) -> Detection:
        """The same store under other limits: what they change nothing of is taken over, and what was
        surveyed holds (shards.survey asks whether it does).
        """
        return Detection(
            self.given,
            replace(self.setting, policy=policy),
            thorough=self.thorough,
            before=self,
            surveyed=self.surveyed,
        )

    # -- what arrived, and from whom ----------------------------------------------------------

    @step
    def by_mail(self) -> answers.ByMail:
        """Answers and calls that the user sent to themselves."""
        return answers.by_mail(self.given, self.setting.ours, self.setting.as_of)

    @step
    def believed(self) -> believed.Believed:
        """The facts with the answers and calls that came by mail, without these mails, and without
        what messages tell of meetings and is not believed.
        """
        setting = self.setting
        facts = answers.with_answers(self.given, self.by_mail)
        return believed.believed(facts, setting.ours, setting.phrases)

    @step
    def frames(self) -> Frames:
        """The facts that every other step reads."""
        return self.believed.frames

    @step
    def arrived(self) -> mail_index.Arrived:
        return mail_index.arrived(self.setting, self.frames)

    @step
    def mails(self) -> pd.DataFrame:
        return threads.mails(self.setting, self.arrived, self.frames.meetings)

    @step
    def index(self) -> mail_index.MailIndex:
        return mail_index.gather(self.arrived, self.mails)

    @_said_of(*_OF_PEOPLE)
    def basic(self) -> pd.DataFrame:
        """The people, before anything is known of how far we got with them."""
        return directory.basic(self.setting, self.frames, self.arrived, self.mails)

    @_said_of("messages", "meetings")
    def assistants(self) -> pd.DataFrame:
        return assistants.find_assistants(self.setting, self.frames, self.index, self.basic)

    @_said_of("messages")
    def own_letters(self) -> pd.DataFrame:
        """Our letters, each once."""
        return letters.letters(self.setting, self.index)

    @step
    def mailings(self) -> Ints:
        """Which of our letters are mailings, whoever of us sent them."""
        return reply_expected.mailings(self.setting, self.index, self.own_letters)

    @_said_of("messages")
    def talk(self) -> letters.Talk:
        return letters.talk(self.setting, self.index, self.own_letters, self.basic)

    @_said_of("messages")
    def introduced(self) -> pd.DataFrame:
        return introductions.find_introductions(self.setting, self.index, self.basic)

    @_said_of("messages")
    def returned(self) -> pd.DataFrame:
        return bounces.find_bounces(self.setting, self.index)

    @_said_of("messages")
    def notices(self) -> pd.DataFrame:
        """What meeting mails say of meetings."""
        return meeting_mails.join(self.setting, self.frames, self.mails, self.assistants)

    @step
    def unproven(self) -> pd.DataFrame:
        """What mails that failed their sender check say of meetings."""
        return meeting_mails.join(
            self.setting, self.frames, self.mails, self.assistants, "unproven"
        )

    @step
    def nobodies(self) -> frozenset[str]:
        return directory.nobodies(self.setting, self.frames)

    # -- what calendars say -------------------------------------------------------------------

    @_said_of("meetings", "observations")
    def gathered(self) -> copies.Gathered:
        found = copies.gather(self.setting, self.frames, self.basic, self.nobodies)
        return named_starts.bounded(self.setting, found, self.notices, self.frames)

    @_said_of("meetings", "observations")
    def dated(self) -> pd.DataFrame:
        """Acts that messages and audit logs date, those on whole series spread."""
        own = meeting_mails.own_answers(self.setting, self.frames, self.mails)
        return _dated(self.gathered, (self.notices, own), self.frames, self.believed.vouched)

    @step
    def doubted(self) -> pd.DataFrame:
        """Acts on meetings of which a mail tells that proves nothing."""
        return doubted_acts.find(
            self.setting, self.given, self.gathered, self.believed.doubted, self.unproven
        )

    @step
    def limits(self) -> Limits:
        return Limits.of(self.setting.policy, self.setting.ours.zone, self.setting.now)

    @_said_of("meetings", "observations")
    def history(self) -> pd.DataFrame:
        """The raw slots by the calendars alone, each whose name stands in it."""
        raw = by_calendar(self.setting, self.limits, self.gathered, self.dated)
        return doubted_acts.applied(raw, self.gathered, self.doubted, self.limits)

    @_said_of("meetings", "observations")
    def attributed(self) -> pd.DataFrame:
        """The raw slots, where what an assistant organised is the principal's."""
        return assistants.handed_over(self.history, self.assistants)

    @step
    def called_off(self) -> tuple[remarks.Remark, ...]:
        """What assistants called off last week that counts for nobody."""
        since = self.setting.now - WEEK
        zone = self.setting.ours.zone
        return by_assistants.called_off(self.attributed, self.history, self.basic, since, zone)

    @_said_of("meetings", "observations")
    def calendar_acts(self) -> pd.DataFrame:
        return calendar_acts.find_acts(self.gathered, self.dated, self.history, self.setting.now)

    # -- what people did, when they were away, and how meetings ended ------------------------

    @_said_of(*_OF_PEOPLE)
    def first_acts(self) -> pd.DataFrame:
        """Human acts, also of meetings that somebody may have missed."""
        return human_acts.find_acts(
            self.setting, self.frames, self.index, self.basic, self.calendar_acts
        )

    @_said_of("messages")
    def automatic(self) -> pd.DataFrame:
        """What people's mailboxes answered by themselves."""
        return automatic.find_replies(self.setting, self.index, self.basic)

    @_said_of("messages")
    def told(self) -> pd.DataFrame:
        """Out-of-office notices."""
        return absences.find_notices(self.automatic)

    @step
    def holding(self) -> tuple[pd.DataFrame, tuple[remarks.Remark, ...]]:
        """The answers that hold, and what is to be said of the others."""
        facts, setting = self.frames, self.setting
        return answers.holding(facts.claims, facts.answers, setting.policy, setting.as_of)

    @_said_of("messages")
    def wrote(self) -> pd.DataFrame:
        """Human mails of theirs to us: contact, at, message_id."""
        to_us = self.index.theirs & self.mails["to_us"].to_numpy()
        wrote: pd.DataFrame = tables.kept(self.mails, to_us, ["contact", "at", "message_id"])
        return wrote

    @step
    def judged(self) -> Judged:
        setting = self.setting
        facts = self.frames
        away = absences.find_absences(setting, self.told, self.first_acts)
        if not self.thorough and not len(facts.meetings) and not len(facts.observations):
            return replace(_nothing().judged, absences=away)
        wishes = own_wishes.find(
            setting,
            self.index,
            self.own_letters,
            self.mailings,
            perhaps_asked.people(self.attributed),
        )
        beside = outcomes.Beside(self.wrote, wishes, away, self.holding[0], self.basic)
        slots, unmarked = outcomes.judge(
            setting, self.attributed, self.gathered, self.frames, beside
        )
        return Judged(questions.named_mails(slots, self.wrote), away, unmarked)

    @step
    def absences(self) -> pd.DataFrame:
        return self.judged.absences

    @_said_of("meetings", "observations")
    def slots(self) -> pd.DataFrame:
        return outcomes.shaped(self.judged.slots)

    @step
    def invitations(self) -> pd.DataFrame:
        """Invitations of ours that they surely missed."""
        return asks.missed_invitations(self.judged.slots)

    @_said_of(*_OF_PEOPLE)
    def acts(self) -> pd.DataFrame:
        return human_acts.without_missed(self.first_acts, self.judged.slots)

    # -- who waits for whom -------------------------------------------------------------------

    @_said_of(*_OF_PEOPLE)
    def heard(self) -> Timeline:
        """When something of theirs ended a silence."""
        ended = ends.find_ends(self.setting, self.frames, self.index, self.basic)
        return Timeline.of(self.acts, ended)

    @_said_of("messages", "calls", "meetings")
    def asks(self) -> pd.DataFrame:
        setting, heard = self.setting, self.heard
        written = reply_expected.candidates(
            setting, self.index, self.talk, self.acts, heard, self.mailings
        )
        sent = asks.sent(setting, self.frames.calls, self.basic, written, self.invitations)
        back = bounces.undelivered(sent, self.returned, self.index)
        return asks.find_asks(setting, self.frames.polls, sent, back, heard, self.absences)

    @_said_of(*_OF_PEOPLE)
    def people(self) -> pd.DataFrame:
        signs = stages.Signs(
            acts=self.acts,
            asks=self.asks,
            slots=self.slots,
            told=self.told,
            returned=self.returned,
            introduced=self.introduced,
            accepted=self.accepted,
            talk=self.talk,
        )
        return stages.complete(self.setting, self.frames, self.basic, signs)

    @_said_of("messages", "calls", "meetings")
    def silences(self) -> pd.DataFrame:
        return silence.find_silences(
            self.setting, self.frames, self.mails, self.asks, self.heard, self.people
        )

    @_said_of("messages")
    def owed(self) -> pd.DataFrame:
        known = owed.known(
            self.index,
            self.people,
            self.acts,
            self.introduced,
            stages.invited(self.setting, self.frames),
        )
        return owed.find_owed(self.setting, self.frames, self.index, self.talk, known)

    @_said_of("promises", "messages")
    def passed(self) -> pd.DataFrame:
        return promises.find_passed(
            self.setting, self.frames, self.mails, self.heard, self.people, self.assistants
        )

    @_said_of("messages", "calls")
    def replies(self) -> pd.DataFrame:
        return reply_times.find_replies(self.setting, self.index, self.talk, self.asks, self.people)

    # -- where everybody stands ---------------------------------------------------------------

    @_said_of("mailboxes")
    def coverage(self) -> tuple[Coverage, ...]:
        return coverage.find_coverage(self.frames, self.mails, self.setting.as_of)

    @step
    def earlier(self) -> past_standings.Earlier:
        """Where everybody stood in earlier reports, oldest first."""
        setting = self.setting
        return past_standings.earlier(self.frames.standings, setting.as_of, setting.merge)

    @_said_of(*_OF_PEOPLE)
    def standings(self) -> pd.DataFrame:
        policy = self.setting.policy
        known = tiers.Known(
            people=self.people,
            silences=self.silences,
            asks=self.asks,
            owed=self.owed,
            replies=self.replies,
            earlier=self.earlier,
            taken=steps.find_taken(self.setting, self.frames, self.index, self.earlier),
            calendar_enough=coverage.enough(self.coverage, policy, "calendar"),
            mail_enough=coverage.enough(self.coverage, policy, "mail"),
        )
        return tiers.find_standings(self.setting, self.judged.slots, known)

    @step
    def let_go(self) -> frozenset[str]:
        return frozenset(self.people.loc[self.people["let_go"], "contact"])

    @_said_of("meetings", "observations")
    def asking(self) -> pd.DataFrame:
        """All questions that may be asked, whose answer would change a tier marked."""
        slots, policy = self.judged.slots, self.setting.policy
        asking = questions.open_questions(
            slots, self.frames.claims, policy, self.setting.as_of, let_go=self.let_go
        )
        change = tiers.would_change(asking, slots, self.standings, policy)
        return asking.assign(would_change=change)

    @_said_of("meetings", "observations")
    def questions(self) -> pd.DataFrame:
        return questions.chosen(self.asking, self.setting.policy)

    @_said_of("meetings", "observations")
    def coming(self) -> pd.DataFrame:
        return coming.find_coming(self.setting, self.judged.slots, self.standings, self.let_go)

    @_said_of("meetings", "observations")
    def accepted(self) -> pd.DataFrame:
        """Our invitations that somebody outside accepted."""
        return stages.accepted(self.setting, self.frames)

    @step
    def findings(self) -> Findings:
        """All of it, as the reports read it."""
        setting = self.setting
        told = (*self.by_mail.remarks, *self.holding[1], *self.judged.remarks, *self.called_off)
        noticed = remarks.noticed(told, setting.policy, setting.as_of, setting.days.zone)
        return Findings(
            as_of=self.setting.as_of,
            coverage=self.coverage,
            people=self.people,
            assistants=self.assistants,
            mails=self.mails,
            absences=self.absences,
            acts=self.acts,
            slots=self.slots,
            questions=self.questions,
            asks=self.asks,
            silences=self.silences,
            owed=self.owed,
            passed=self.passed,
            replies=self.replies,
            standings=self.standings,
            coming=self.coming,
            expected_by_chance=counts.expected_by_chance(self.standings),
            notices=noticed.lines,
            own_notices=noticed.own,
        )


@lru_cache(maxsize=1)
def _nothing() -> Detection:
    """The detection of a store in which nothing is: what its steps say, each has said once."""
    frames = empty_frames()
    long_ago = pd.Timestamp("2000-01-01", tz="UTC")
    setting = Setting.of(frames.tags, Ours(), Policy(), phrasing.load(), long_ago)
    return Detection(frames, setting, thorough=True)


def _dated(
    gathered: copies.Gathered,
    told: tuple[pd.DataFrame, pd.DataFrame],
    frames: Frames,
    vouched: frozenset[str],
) -> pd.DataFrame:
    """told: what mails say, by NOTICES and by OWN_ANSWERS."""
    dated = dated_acts.by_mail(gathered.dated, *told, frames, gathered.meetings)
    dated = dated_acts.vouched(dated, vouched)
    polls = gathered.snapshots
    timed = tables.once(
        tables.kept(polls, polls["leads"] & (polls["start"] != NONE)), "code", keep="last"
    )
    last = pd.Series(timed["start"].to_numpy(), index=timed["code"].to_numpy())
    starts = last.reindex(gathered.meetings.index).fillna(NONE).to_numpy(dtype="int64")
    return dated_acts.spread(dated, gathered.meetings, starts)
