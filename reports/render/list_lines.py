"""What do the lists of the report say, line by line?

One function a section, in the order of the mail; an empty tuple leaves the section out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.claims import FITTING, Claim
from reports.render.document import Action, Asked, Block, Paragraph, Picture, Row, Run, compose
from reports.render.words.amounts import listed
from reports.render.words.days import Days
from reports.render.writer import Pen, is_last_week, iso_week, strong, week_number
from reports.weekly import links
from reports.weekly.report import Answered, Coming, Question

#: Which answers to a question get a large button; the others stand small behind it.
_LARGE = {"M1": 3, "M6": 3, "M8": 2}
PICTURE = "twelve-weeks"


def more(pen: Pen, name: str) -> tuple[Block, ...]:
    count = pen.report.left_out.get(name, 0)
    return (Paragraph((Run(pen.words.and_more(count)),), quiet=True),) if count else ()


def own_side(pen: Pen) -> tuple[Block, ...]:
    words = pen.words
    blocks: list[Block] = []
    for one in pen.report.owed:
        line = compose(
            words.owes,
            who=strong(one.who),
            org=pen.org(one.who),
            mail=Run(one.subject or words.no_subject, "", one.link),
        )
        actions = pen.answers(one.claim, ("done", words.done), ("wrong", words.wrong))
        blocks.append(Row(words.working_days(one.days), line, actions, pen.id(one.claim)))
    blocks += more(pen, "owed")
    for change in pen.report.own_changes:
        answered = (
            words.answered(pen.days.weekday(change.answered_at))
            if change.answered_at is not None
            else ""
        )
        line = compose(
            words.own_change,
            meeting=pen.titled(change.subject),
            who=strong(change.who),
            notice=pen.notice(change.notice, change.start_at),
            answered=answered,
        )
        blocks.append(Row(pen.days.weekday(change.start_at), line))
    return tuple(blocks)


def questions(pen: Pen) -> tuple[Block, ...]:
    blocks: list[Block] = [question(pen, one) for one in pen.report.questions]
    if blocks:
        blocks += more(pen, "questions")
        if pen.report.ids:
            blocks.append(Paragraph((Run(pen.words.click),), quiet=True))
    return tuple(blocks)


def question(pen: Pen, one: Question) -> Asked:
    words, days = pen.words, pen.days
    after = one.claim.kind == "M8"
    was = one.was if one.claim.kind != "M1" or one.was != "cancelled" else "cancelled_unknown"
    what = words.happened.get(was, words.happened["gone"]).format(
        notice=pen.notice(one.notice, one.start_at)
    )
    line = list(
        compose(
            words.asked,
            meeting=pen.titled(one.subject, one.link, strong=True),
            who=strong(one.who),
            when=days.stamp(one.start_at),
            what=what,
            ask="{ask}",
        )
    )
    line.pop()  # the place of the question, which comes last
    if one.mail_at is not None:
        line += compose(words.they_wrote.lstrip(), who=one.who.name, when=days.stamp(one.mail_at))
        line.append(Run(" "))
    line.append(Run(words.did_it_happen if after else words.who_needed))
    labels = {
        **(words.answers_after if after else words.answers),
        "absent": words.did_not_come(one.who.name),
    }
    actions = pen.answers(one.claim, *((word, labels[word]) for word in FITTING[one.claim.kind]))
    large = _LARGE[one.claim.kind]
    return Asked(tuple(line), actions[:large], actions[large:], pen.id(one.claim))


def coming(pen: Pen) -> tuple[Block, ...]:
    lines: list[Block] = [coming_row(pen, one) for one in pen.report.coming]
    if len(lines) > 1:
        lines.insert(0, Paragraph((Run(pen.words.coming_order),), quiet=True))
    return (*lines, *more(pen, "coming"))


def coming_row(pen: Pen, one: Coming) -> Row:
    words, report = pen.words, pen.report
    when = pen.days.stamp(one.start_at)
    agreed = None if one.agreed_at is None else (report.as_of - one.agreed_at).days
    meeting: Sequence[Run] = (pen.titled(one.subject, one.link),)
    if one.on_site:
        meeting = (*meeting, Run(f", {words.on_site}"))
    line = compose(
        words.meets,
        who=strong(one.who),
        org=pen.org(one.who),
        meeting=meeting,
        facts=words.coming_facts(agreed, one.accepted, one.k, one.n),
    )
    subject = words.confirm_subject(one.subject or words.untitled, when)
    body = words.confirm_body(when, report.zone)
    button = Action(words.confirm, links.mailto(one.who.address, subject, body))
    return Row(when, line, button=button)


def left_out_cards(pen: Pen) -> tuple[Block, ...]:
    names = [who.name for who, _ in pen.report.cards_left_out]
    if not names:
        return ()
    shown = [*names[:20], *([pen.words.and_more(len(names) - 20)] if len(names) > 20 else [])]
    return (Paragraph((Run(pen.words.also_listed + ", ".join(shown) + "."),), quiet=True),)


def cold(pen: Pen) -> tuple[Block, ...]:
    words = pen.words
    blocks: list[Block] = []
    for one in pen.report.cold:
        line = compose(
            words.cold,
            who=strong(one.who),
            org=pen.org(one.who),
            count=words.cold_count(one.count),
            first=pen.days.day(one.first_ask_at),
            last=Run(pen.days.day(one.last_ask_at), "", one.link),
        )
        blocks.append(Paragraph(line, actions=silent(pen, one.claim), id=pen.id(one.claim)))
    blocks += more(pen, "cold")
    if blocks:
        blocks.append(Paragraph((Run(words.cold_step),), quiet=True))
    return tuple(blocks)


def silent(pen: Pen, claim: Claim) -> tuple[Action, ...]:
    words = pen.words
    return pen.answers(
        claim, ("reached", words.reached), ("done", words.settled), ("wrong", words.wrong)
    )


def dead(pen: Pen) -> tuple[Block, ...]:
    words = pen.words
    blocks: list[Block] = []
    for one in pen.report.dead:
        day = pen.days.day(one.at) if one.at is not None else ""
        line = compose(
            words.dead["machine" if "machine" in one.reason else "bounce"],
            who=strong(one.who),
            org=pen.org(one.who),
            on=words.on(day) if day else "",
            since=words.since_day(day) if day else "",
        )
        blocks.append(Paragraph(line, actions=silent(pen, one.claim), id=pen.id(one.claim)))
    return (*blocks, *more(pen, "dead"))


def waiting(pen: Pen) -> tuple[Block, ...]:
    report = pen.report
    if not (report.waiting or report.unanswered):
        return ()
    text = pen.words.waiting(report.waiting, report.unanswered, report.waiting_days)
    return (Paragraph((Run(text),)),)


def _why(why: str, words: Mapping[str, str]) -> str:
    """Why nobody can say it; behind a space, who wrote instead."""
    kind, _, who = why.partition(" ")
    return words.get(kind, words["not-all-read"]).format(who=who)


def unread(pen: Pen) -> tuple[Block, ...]:
    words = pen.words
    lines: list[Block] = [
        Paragraph(
            compose(
                words.unread,
                who=one.who.name,
                org=pen.org(one.who),
                first=pen.days.day(one.first_ask_at),
                why=_why(one.why, words.unread_why),
            ),
            quiet=True,
        )
        for one in pen.report.unread
    ]
    return (*lines, *more(pen, "unread"))


def promises(pen: Pen) -> tuple[Block, ...]:
    words, days = pen.words, pen.days
    blocks: list[Block] = []
    for one in pen.report.promises:
        # A promise's day is a date, kept as midnight UTC: it must not move with the zone.
        due = Days("UTC", pen.report.language, pen.report.as_of).day(one.due_at)
        said = words.no_word if one.word_at is None else words.word_before(days.day(one.word_at))
        line = compose(
            words.promise,
            who=strong(one.who),
            org=pen.org(one.who),
            words=one.words or words.no_subject,
            day=due,
            word=said,
        )
        blocks.append(Paragraph(line, actions=silent(pen, one.claim), id=pen.id(one.claim)))
    return (*blocks, *more(pen, "promises"))


def back(pen: Pen) -> tuple[Block, ...]:
    words, days = pen.words, pen.days
    lines: list[Block] = [
        Paragraph(
            compose(
                words.back,
                who=strong(one.who),
                org=pen.org(one.who),
                day=days.weekday(one.at),
                days=words.days(one.days),
                kept=words.kept_too(days.weekday(one.kept_at)) if one.kept_at is not None else "",
            )
        )
        for one in pen.report.came_back
    ]
    return (*lines, *more(pen, "came_back"))


def since_title(pen: Pen) -> str:
    earlier = pen.report.compared_with
    if not earlier:
        return pen.words.changed
    return pen.words.since(week_number(earlier), is_last_week(earlier, pen.report.week))


def changes(pen: Pen) -> tuple[Block, ...]:
    report, words = pen.report, pen.words
    blocks: list[Block] = [
        *(Paragraph(_answered(pen, one)) for one in report.answered),
        *more(pen, "answered"),
    ]
    if not report.compared_with:
        return (*blocks, Paragraph((Run(words.first_report),), quiet=True))
    if not report.changes:
        return (*blocks, Paragraph((Run(words.nothing_changed),), quiet=True))
    for movement, label in words.movements.items():
        parts = [
            one.who.name
            + (
                words.from_to(one.was, one.now)
                if one.was and one.now and one.was != one.now
                else words.shares(one.before, one.after)
            )
            for one in report.changes
            if one.movement == movement
        ]
        if parts:
            blocks.append(Paragraph((Run(f"{label}: ", "strong"), Run(listed(parts) + "."))))
    return (*blocks, *more(pen, "changes"))


def _answered(pen: Pen, one: Answered) -> tuple[Run, ...]:
    """What you said, in the words of the button that you pressed, and how it counts now."""
    words = pen.words
    after = one.kind == "M8"
    label = {
        **words.corrections,
        **(words.answers_after if after else words.answers if one.kind in ("M1", "M6") else {}),
        "absent": words.did_not_come(one.who.name),
    }[one.word]
    if one.start_at is None:
        return compose(words.answered_mail, who=strong(one.who), org=pen.org(one.who), said=label)
    return compose(
        words.answered_meeting,
        meeting=pen.titled(one.subject, one.link),
        who=strong(one.who),
        when=pen.days.stamp(one.start_at),
        said=label,
        counts=words.counted.get(one.counts, "") if one.word != "undo" else "",
    )


def twelve(pen: Pen) -> tuple[Block, ...]:
    twelve, words, days = pen.report.twelve, pen.words, pen.days
    if twelve is None:
        return ()
    weeks = []
    for week in twelve.weeks:
        number = iso_week(week.monday, pen.report.zone)
        parts = [
            f"{getattr(week, tone)} {word}"
            for tone, word in words.legend.items()
            if getattr(week, tone)
        ]
        weeks.append(words.picture_week(number, parts))
    since = days.day(twelve.since) if twelve.since is not None else ""
    said = words.twelve(twelve.late, twelve.n, twelve.before, since)
    if twelve.hours > 0:
        said += " " + words.hours(days.number(twelve.hours, 1), twelve.travel)
    legend = tuple(
        (tone, word)
        for tone, word in words.legend.items()
        if any(getattr(week, tone) for week in twelve.weeks)
    )
    text = Paragraph((Run(said),))
    return (Picture(PICTURE, words.picture(weeks), legend), text) if legend else (text,)


def kept(pen: Pen) -> tuple[Block, ...]:
    words = pen.words
    lines: list[Block] = []
    for one in pen.report.kept:
        place = f", {words.on_site}" if one.on_site else ""
        lines.append(
            Paragraph(
                (Run(f"{one.who.name}, {pen.days.stamp(one.start_at)}{place}"),),
                quiet=True,
                actions=pen.answers(one.claim, ("absent", words.absent)),
                id=pen.id(one.claim),
            )
        )
    if not lines:
        return ()
    return (Paragraph((Run(words.kept_lead),), quiet=True), *lines, *more(pen, "kept"))


def notices(pen: Pen) -> tuple[Block, ...]:
    return tuple(
        Paragraph((Run(links.clean(one, 300)),), quiet=True) for one in pen.report.notices[:10]
    )


def how(pen: Pen) -> tuple[Block, ...]:
    report, days = pen.report, pen.days
    late = days.number(report.late_hours, 1)
    baseline = f"{days.number(100 * report.baseline)} %"
    chance = days.number(report.chance, 1) if report.talk or report.pause else ""
    texts = pen.words.how(late, report.list_k, baseline, chance)
    return tuple(Paragraph((Run(text),), quiet=True) for text in texts)
