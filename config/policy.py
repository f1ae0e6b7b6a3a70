"""From when on does noshow call something late, repeated, silent or owed?

Every number of rules.md is a default here, with its reason. Detectors take them as keyword
arguments or as one `Policy`; nothing else in the product holds a threshold.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Ten years, and counts beyond any mailbox: the arithmetic of dates ends at some thousand times as much.
Hours = Annotated[float, Field(ge=0, le=87_600)]
Days = Annotated[int, Field(ge=0, le=3650)]
Count = Annotated[int, Field(ge=0, le=100_000)]
#: Without a single one there is nothing to speak of.
Some = Annotated[int, Field(ge=1, le=100_000)]
Share = Annotated[float, Field(gt=0, lt=1)]


class Policy(BaseModel):
    """All thresholds, immutable. Units are in the names or in [brackets]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Meetings: rules.md section 3
    late_hours: Hours = 24.0
    """Notice below this is late [h]: the most common limit among practices."""
    late_share: Share = 0.5
    """... but never more than this share of the time between agreement and start."""
    shift_minutes: Count = 30
    """A move of at most this, within one local day, shifts the slot and ends nothing [min]."""
    max_outsiders: Count = 3
    """More outside guests than this: no single one decides whether it takes place."""
    min_minutes: Count = 10
    """Shorter entries are reminders [min]."""
    max_minutes: Count = 240
    """Longer entries are events or blocks, not meetings with a contact [min]."""
    min_agreed_hours: Hours = 2.0
    """Agreed later than this before the start: nobody had time to plan [h]."""
    known_hours: Hours = 48.0
    """Where agreement is undated, the meeting must have been seen this long before [h]."""
    meeting_slots: Count = 4
    """At most the latest so many counted slots of one meeting stay in n and k."""
    series_slots: Count = 8
    """At most the latest so many counted occurrences of one series stay in n and k."""
    kept_after_hours: Hours = 1.0
    """A slot can be `kept` only this long after its start [h]: late syncs must have come in."""
    consequence_hours: Hours = 6.0
    """Our change within this after their counter-proposal is its consequence [h] (M5)."""
    asked_hours: Hours = 72.0
    """What they change late within this after a mail of ours that asks for it is unknown [h] (M5)."""
    asked_soon_hours: Hours = 6.0
    """So it is after a mail of ours about the meeting; after any other it is likely at most [h] (M5)."""
    excuse_hours: Hours = 24.0
    """A late change within this before an absence's first notice is excused [h]."""
    series_minutes: Count = 60
    """Changes by one person within this over occurrences of a series are one incident [min]."""
    after_start_hours: Hours = 2.0
    """A change this long after the start may still be about it [h] (M8)."""
    mail_before_minutes: Count = 15
    """A mail from this long before the start may be about it [min] (M8)."""
    new_date_days: Days = 7
    """... where a date was made within this afterwards [d] (M8)."""
    present_minutes: Count = 10
    """One of ours must have been in the call this long [min] (M7)."""
    replacement_before_days: Days = 1
    """A replacement is made from this long before the loss on [d] (M9)."""
    replacement_made_days: Days = 3
    """... until so many business days after it (M9)."""
    replacement_start_days: Days = 5
    """... and starts within so many business days of the lost start (M9)."""
    churn_moves: Count = 3
    """Start changes with enough notice from which on they are shown (M10)."""

    # Counting: rules.md section 4
    horizon_days: Days = 180
    """Evidence older than this is forgotten: people change [d]."""
    baseline: Annotated[float, Field(ge=0.10, le=0.30)] = 0.20
    """Share of accepted meetings that fall through in general: prior mean."""
    prior_weight: Annotated[float, Field(ge=0.1, le=100_000)] = 10.0
    """The prior weighs as much as so many meetings."""
    list_k: Some = 2
    """A single incident is never listed (R1)."""
    list_probability: Share = 0.70
    """P(rate > baseline) from which on a contact is listed (R1)."""
    strong_k: Some = 3
    """Hard incidents needed for R2."""
    strong_probability: Share = 0.85
    """P(rate > baseline) for R2."""
    coverage_weeks: Count = 8
    """With fewer weeks of coverage nothing is listed: too early."""

    # Asks and silence: rules.md section 5
    ask_recipients: Count = 3
    """More outside recipients than this: nobody in particular is asked."""
    bulk_subjects: Count = 5
    """So many equal subjects on one day are a mailing."""
    tap_days: Days = 2
    """We wrote again after so many business days: a reply was expected."""
    thread_depth: Count = 3
    """A thread of so many mails with changing sides may simply be over."""
    awaiting_days: Days = 3
    """T1 [business days]: the peers' default."""
    unanswered_days: Days = 5
    """T2 [business days]: waiting longer adds almost nothing."""
    distinct_days: Days = 2
    """Asks nearer than this are one [business days]."""
    talk_asks: Some = 2
    """Distinct asks for T2+."""
    persistent_asks: Some = 3
    """Distinct asks for T3 and T4."""
    persistent_days: Days = 14
    """... the first and the last at least so far apart [d]."""
    absence_days: Days = 15
    """An out-of-office opens an absence of at most so many business days."""
    absence_before_days: Days = 1
    """... which begins so many business days before the notice."""
    warm_days: Days = 400
    """An introduction, kept meeting, acceptance or call warms for so long [d]."""
    introduction_recipients: Count = 5
    """An introduction has at most so many recipients."""
    bounce_days: Days = 30
    """A bounce in the last so many days makes an address dead, if nothing human came since, and is
    about a mail of ours at most so old [d]: servers give up after a week, some are slow to say so."""
    confirming_replies: Count = 3
    """So many automatic replies that no phrase table knows make a confirming mailbox,"""
    confirming_days: Days = 20
    """... the first and the last at least so many business days apart: no absence lasts so long."""
    dead_notices: Count = 3
    """... or so many out-of-office notices"""
    dead_notice_days: Days = 60
    """... over at least so long [d]."""
    reply_minimum: Count = 5
    """Reply times are shown from so many replies on."""
    colleague_days: Days = 90
    """A colleague who wrote within this may be asked instead [d]."""

    # Our side, questions, next steps: rules.md sections 7 to 10
    owed_days: Days = 5
    """We owe a reply after so many business days (F1)."""
    owed_recipients: Count = 3
    """... to a mail with at most so many recipients (F1)."""
    owed_age_days: Days = 60
    """... not older than this [d] (F1)."""
    pause_owed_days: Days = 180
    """Owed mails of this span speak against a pause by silence [d]."""
    pause_owed_count: Count = 2
    """... from so many on."""
    own_changes: Count = 2
    """Late changes of ours (F2) with a contact that speak against a pause."""
    step_from_days: Days = 14
    """A pause needs `ask directly` in a report at least this old [d]"""
    step_to_days: Days = 180
    """... and at most this old [d]."""
    rest_days: Days = 60
    """Let it rest until so long after our last ask or their last incident [d]."""
    lead_share: Share = 0.5
    """Kept meetings agreed this much nearer than lost ones: invite closer to the date."""
    lead_meetings: Count = 2
    """... with at least so many of each."""
    questions_report: Count = 5
    """Questions a report."""
    questions_contact: Count = 2
    """Questions a contact."""
    question_expiry_days: Days = 28
    """A question expires so long after it was first printed [d]."""
    question_age_days: Days = 60
    """What is older is not asked [d]."""
    kept_listed: Count = 8
    """Last week's kept meetings in the small print."""
    old_hours: Hours = 26.0
    """Nothing read for longer than this: the report is incomplete, and says since when [h]. A day,
    since one look by night must do; exported files may be four times as old."""
    travel_minutes: Count = 0
    """Added to each hour lost to an on-site meeting [min]."""

    @model_validator(mode="after")
    def _in_order(self) -> Policy:
        """Thresholds that only make sense in an order are in it."""
        problems = []
        if self.unanswered_days < self.awaiting_days:
            problems.append("unanswered_days must not be less than awaiting_days")
        if self.persistent_asks < self.talk_asks:
            problems.append("persistent_asks must not be less than talk_asks")
        if self.max_minutes < self.min_minutes:
            problems.append("max_minutes must not be less than min_minutes")
        if self.strong_k < self.list_k:
            problems.append("strong_k must not be less than list_k")
        if self.step_to_days < self.step_from_days:
            problems.append("step_to_days must not be less than step_from_days")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def old_after(self, provider: str) -> float:
        """So long after it was last read whole a mailbox counts as old [h]."""
        # Nobody exports files each day.
        return self.old_hours * (4 if provider == "files" else 1)
