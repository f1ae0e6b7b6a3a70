"""What does a contact's card say, sentence by sentence?

Theirs first, then ours, then one next step; every piece of evidence has its date, its id and the
answers that contradict it.
"""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from reports.render.document import CardBlock, Line, Paragraph, Row, Run, Square, compose
from reports.render.words.amounts import listed
from reports.render.writer import Pen, is_last_week, week_number
from reports.weekly.report import Card, Incident, Owed, Quiet

#: Below this share of the late ones' lead, the kept ones were agreed much closer to their day: the
#: same that makes the step `invite closer to the date` (rules.md section 8).
_MUCH_CLOSER = 0.5
_TONES = {
    "kept": "kept",
    "attended": "kept",
    "cancelled_late": "late",
    "moved_late": "moved",
    "absent": "absent",
    "unknown": "unknown",
}


def card_block(pen: Pen, card: Card) -> CardBlock:
    """One card of the document."""
    words = pen.words
    by_meetings = card.by in ("meetings", "both") or bool({"R1", "R2"} & set(card.rules))
    facts: list[Paragraph] = []
    if by_meetings:
        facts.append(_rate(pen, card))
    evidence = [_incident_row(pen, one) for one in card.incidents]
    after: list[Paragraph] = []
    if card.incidents_left_out:
        line = compose(words.earlier(card.incidents_left_out), who=card.who.address)
        after.append(Paragraph(line, quiet=True))
    if card.churned:
        least = pen.report.churn_moves
        after.append(Paragraph((Run(words.churned(card.churned, least)),), quiet=True))
    if card.quiet is not None:
        after.append(_silence(pen, card.quiet))
        after += _silence_limits(pen, card.quiet)
    if card.waiting is not None and card.quiet is None:
        rule, count, since = card.waiting
        least = pen.report.waiting_days[0 if rule == "T1" else 1]
        text = words.waits(count, pen.days.day(since), least)
        after.append(Paragraph((Run(text),)))
    speed = words.speed(
        *(
            (one[0], words.working_hours(one[1])) if one else None
            for one in (card.replies, card.our_replies)
        )
    )
    if speed:
        after.append(Paragraph((Run(speed),), quiet=True))
    after += _our_part(pen, card, by_meetings)
    after += [_perhaps(pen, one) for one in card.perhaps_owed]
    step_speed = words.working_hours(card.step_hours) if card.step_hours is not None else ""
    other = card.step_who.name if card.step_who else ""
    step = words.step(card.step, card.who.name, other, _rest_until(pen, card.step_detail))
    step_why = words.step_why(
        card.step, card.owed, card.own_late, card.k, step_speed, card.step_detail
    )
    if not step and card.quiet is not None:
        # rules.md section 8: silence has no step left only after `a different way in`.
        step, step_why = words.no_step, words.no_step_why
    slots = card.n + card.unknown
    return CardBlock(
        name=card.who.name,
        tags=_tags(pen, card),
        strip=tuple(
            Square(_TONES[one.outcome], words.squares[one.outcome], pen.days.short(one.start_at))
            for one in card.strip
        )
        if by_meetings
        else (),
        facts=tuple(facts),
        evidence=tuple(evidence),
        after=tuple(after),
        strip_note=words.strip_note(len(card.strip), slots)
        if by_meetings and len(card.strip) < slots
        else "",
        step=step,
        step_why=step_why,
        foot=_foot(pen, card),
    )


def _tags(pen: Pen, card: Card) -> tuple[tuple[str, str], ...]:
    report, words = pen.report, pen.words
    tags = []
    if card.who.organisation:
        tags.append((card.who.organisation, ""))
    if card.who.stage in words.stages:
        tags.append((words.stages[card.who.stage], ""))
    if card.movement in ("new", "worse", "better") and report.compared_with:
        earlier = report.compared_with
        last = is_last_week(earlier, report.week)
        text = words.movement(card.movement, last, week_number(earlier))
        tags.append((text, "better" if card.movement == "better" else "worse"))
    return tuple(tags)


def _rate(pen: Pen, card: Card) -> Paragraph:
    """`3 of 5 meetings that came to their day …; 1 unknown; 4 changed in good time.`"""
    words = pen.words
    outcomes = {one.outcome for one in card.incidents}
    hard = bool(outcomes & {"cancelled_late", "absent"}) or not outcomes
    line = compose(
        words.rate(hard, "moved_late" in outcomes),
        share=Run(words.share(card.k, card.n), "strong"),
        more=words.more(card.unknown, card.early, card.excused),
    )
    if card.moves_only:
        line = (*line, Run(" " + words.moves_only))
    return Paragraph(line)


def _incident_row(pen: Pen, one: Incident) -> Row:
    words = pen.words
    what = words.incident(one.outcome, one.rule, one.grade)
    if one.outcome != "absent":
        what += " " + pen.notice(one.notice, one.start_at)
    held = next((one.facts[key] for key in ("held_minutes", "present") if key in one.facts), "")
    if held.isdigit() and one.outcome == "absent":
        what += words.held(held)
    if one.via:
        what += words.via(one.via)
    if one.replaced_at is not None:
        what += words.replaced(pen.days.weekday(one.replaced_at))
    what += "".join(words.incident_facts[key] for key in words.incident_facts if key in one.facts)
    line: Line = (pen.titled(one.subject, one.link), Run(f": {what}"))
    took_place = words.kept_after_all if one.outcome == "moved_late" else words.took_place
    actions = pen.answers(
        one.claim, ("wrong", words.wrong), ("held", took_place), ("us", words.my_doing)
    )
    return Row(pen.days.stamp(one.start_at), line, actions, pen.id(one.claim))


def _silence(pen: Pen, one: Quiet) -> Paragraph:
    words, days = pen.words, pen.days
    kinds: dict[str, list[str]] = {}
    for ask in one.asks:
        kinds.setdefault(ask.kind, []).append(days.short(ask.at))
    detail = listed([words.asks_on(kind, when) for kind, when in kinds.items()])
    heard = (
        words.heard(days.day(one.last_heard_at))
        if one.last_heard_at is not None
        else words.not_heard
    )
    line = (
        Run(words.asks(one.count, days.day(one.first_ask_at)), "strong"),
        Run(f" {detail}. {heard}" if detail else f" {heard}"),
    )
    actions = pen.answers(
        one.claim, ("reached", words.reached), ("done", words.settled), ("wrong", words.wrong)
    )
    return Paragraph(line, actions=actions, id=pen.id(one.claim))


def _silence_limits(pen: Pen, one: Quiet) -> list[Paragraph]:
    """What a silence that began before live sync cannot know (rules.md section 5)."""
    if one.grade != "likely" or one.live_since is None or one.first_ask_at >= one.live_since:
        return []
    text = pen.words.cannot_see(pen.days.day(one.live_since))
    return [Paragraph((Run(text),), quiet=True)]


def _our_part(pen: Pen, card: Card, by_meetings: bool) -> list[Paragraph]:
    """What we did ourselves; how far ahead was agreed only where that may be the reason.

    Beside a silence our late changes are named only if there were any.
    """
    words, days = pen.words, pen.days
    if not (by_meetings or card.own_late or card.owed):
        return []
    text = words.your_part(card.own_late, card.owed)
    kept, late = card.lead_kept, card.lead_lost
    if kept is not None and late is not None and kept < late * _MUCH_CLOSER:
        text += " " + words.leads(days.number(kept), days.number(late))
    return [Paragraph((Run(text),), quiet=True)]


def _perhaps(pen: Pen, one: Owed) -> Paragraph:
    words = pen.words
    line = compose(
        words.perhaps,
        mail=Run(one.subject or words.no_subject, "", one.link),
        day=pen.days.day(one.at),
    )
    actions = pen.answers(one.claim, ("done", words.done), ("wrong", words.wrong))
    return Paragraph((*line, Run(".")), quiet=True, actions=actions, id=pen.id(one.claim))


def _rest_until(pen: Pen, detail: str) -> str:
    """A step's date, such as `2027-01-11`, in words; "" where it is none."""
    try:
        day = date.fromisoformat(detail[:10])
    except ValueError:
        return ""
    noon = datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - gets its zone below
    return pen.days.day(pd.Timestamp(noon, tz=pen.report.zone))


def _foot(pen: Pen, card: Card) -> Line:
    words = pen.words
    runs = [Run(f"{words.rules} {' '.join(_rule_ids(card))}")]
    if card.quiet is not None and card.quiet.link:
        runs += [Run(" · "), Run(words.thread, "", card.quiet.link)]
    return tuple(runs)


def _rule_ids(card: Card) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*card.rules, *(one.rule for one in card.incidents if one.rule))))
