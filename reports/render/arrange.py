"""In which order does the mail say what it says?

Do now (owed replies, then meetings to confirm by date), questions, people, one line each for the
rest, twelve weeks, footer. What is printed was chosen by reports.weekly.brief; nothing is decided
about anybody here.
"""

from __future__ import annotations

import pandas as pd

from reports.columns.iso_weeks import number_of
from reports.render.letter import Block, Letter, Section
from reports.render.parts import also, cards, do_now, footer, questions, trouble, twelve_weeks
from reports.render.words import headline, wording
from reports.render.writer import Pen
from reports.weekly import brief as briefs
from reports.weekly.brief import Brief


def arrange(
    pen: Pen, *, token: str = "", resent_of: pd.Timestamp | None = None, stop: str = ""
) -> Letter:
    """The mail of a report.

    `token` is the short sign in the subject by which the next sync finds the mail. `resent_of`:
    when the first copy was handed over, where this is the second. `stop`: the address of a mail
    that stops the report, "" where the reader cannot.
    """
    report = pen.report
    brief = briefs.choose(report)
    blind = brief.kind == "incomplete"
    notes = list(trouble.notes(pen))
    if resent_of is not None:
        notes.insert(
            0,
            pen.say(
                "Sent again: the copy of {when} was not found in the mailbox. If both are here, they "
                "say the same.",
                when=pen.days.stamp(resent_of),
            ),
        )
    title = trouble.headline(pen) if blind else headline.headline(pen, brief)
    return Letter(
        language=report.language,
        subject=headline.subject(
            pen,
            brief,
            trouble.short(pen) if blind else "",
            again=resent_of is not None,
            token=token,
        ),
        preheader=_preheader(pen, brief),
        kicker=_kicker(pen),
        title=title,
        figures="" if blind else _figures(pen, brief),
        notes=tuple(notes),
        trouble=trouble.box(pen) if blind else None,
        paragraphs=_paragraphs(pen, brief),
        sections=tuple(one for one in _sections(pen, brief) if one.blocks),
        footer=footer.lines(pen, brief, stop),
    )


def _kicker(pen: Pen) -> str:
    number = str(number_of(pen.report.week))
    if not pen.report.complete:
        return pen.say("Repeat no-show report · week {number} · incomplete", number=number)
    return pen.say("Repeat no-show report · week {number}", number=number)


def _figures(pen: Pen, brief: Brief) -> str:
    """`1 reply · 2 to confirm · 4 questions · 3 people`"""
    report = pen.report
    asked = len(report.questions) + report.left_out.get("questions", 0)
    confirm = sum(1 for one in report.coming if one.confirm)
    parts = (
        (len(report.owed), pen.plural("{count} reply", "{count} replies", len(report.owed))),
        (confirm, pen.plural("{count} to confirm", "{count} to confirm", confirm)),
        (asked, pen.plural("{count} question", "{count} questions", asked)),
        (len(brief.people), pen.plural("{count} person", "{count} people", len(brief.people))),
    )
    return " · ".join(text for count, text in parts if count)


def _preheader(pen: Pen, brief: Brief) -> str:
    """What a mail program shows beside the subject."""
    if brief.kind == "incomplete":
        return pen.say("What is missing is not read and counts against nobody.")
    if brief.kind == "quiet":
        return pen.say("No reply owed, nothing to confirm, no question.")
    parts = [
        pen.plural(
            "{name} has waited {count} working day.",
            "{name} has waited {count} working days.",
            one.days,
            name=one.who.name,
        )
        for one in brief.owed[:1]
    ]
    for one in brief.confirm[:2]:
        when = pen.days.brief(one.start_at)
        parts.append(pen.say("{name}: {when}.", name=one.who.name, when=when))
    parts += [
        pen.say("{name}: {share} changed late.", name=one.who.name, share=wording.share(pen, one))
        for one in brief.named[:1]
        if one.by_meetings
    ]
    return " ".join(parts)[:200]


def _paragraphs(pen: Pen, brief: Brief) -> tuple[str, ...]:
    report = pen.report
    found = []
    if brief.kind == "incomplete":
        found.append(
            pen.say(
                "What is missing counts against nobody. Rates and lists wait until all is read."
            )
        )
    if brief.kind == "quiet":
        found.append(
            pen.say("You owe no reply, no coming meeting needs a word, no question is open.")
        )
    if report.too_early is not None and brief.kind != "incomplete":
        found.append(_too_early(pen))
    week = report.twelve.weeks[-1] if report.twelve is not None else None
    if brief.kind == "quiet" and week is not None:
        found.append(_last_week(pen, week.kept, week.unknown, week.late + week.absent))
    if brief.kind in ("quiet", "early") and (pen.attached or pen.page):
        found.append(pen.say("Everybody’s counts, with their evidence, are on the page."))
    return tuple(found)


def _last_week(pen: Pen, kept: int, unknown: int, late: int) -> str:
    if not (kept or unknown or late):
        return pen.say(
            "Last week no meeting with a contact came to its day, as far as can be seen."
        )
    said = pen.plural(
        "Last week {count} meeting was kept, as far as can be seen",
        "Last week {count} meetings were kept, as far as can be seen",
        kept,
    )
    if not kept:
        said = pen.say("Last week no meeting was kept, as far as can be seen")
    parts = [said]
    if late:
        parts.append(pen.plural("{count} changed late", "{count} changed late", late))
    if unknown:
        parts.append(pen.plural("{count} is unknown", "{count} are unknown", unknown))
    return pen.say("{what}.", what=pen.clauses(parts))


def _too_early(pen: Pen) -> str:
    report = pen.report
    assert report.too_early is not None  # noqa: S101 - asked before
    calendar, mail = (pen.days.number(weeks, 1) for weeks in report.too_early)
    return pen.say(
        "Too early for rates: {calendar} of {needed} weeks of calendar are read, and {mail} of {needed} "
        "of mail. Replies and questions count at once.",
        calendar=calendar,
        mail=mail,
        needed=pen.days.number(report.needed_weeks),
    )


def _sections(pen: Pen, brief: Brief) -> list[Section]:
    blind = brief.kind == "incomplete"
    now: list[Block] = [do_now.owed(pen, one, blind=blind) for one in brief.owed]
    now += [do_now.confirm(pen, one, blind=blind) for one in brief.confirm]
    now += do_now.no_room(pen, brief)
    if blind:
        ends = [one.complete_to for one in pen.report.seen if one.complete_to is not None]
        day = pen.days.full(min(ends)) if ends else ""
        return [
            Section(
                pen.say("Known on {day}", day=day) if day else pen.say("Known so far"), tuple(now)
            )
        ]
    return [
        Section(pen.say("Do now"), tuple(now)),
        questions.section(pen, brief),
        Section(
            _to_talk_to(pen, len(brief.people)),
            tuple(cards.card(pen, one, solid=one in brief.named) for one in brief.people),
        ),
        also.section(pen, brief),
        twelve_weeks.section(pen, brief),
    ]


def _to_talk_to(pen: Pen, count: int) -> str:
    """`Three people to talk to`; the number stands where the language puts it."""
    said = pen.plural(
        "{words} person to talk to", "{words} people to talk to", count, words=pen.counted(count)
    )
    return said[:1].upper() + said[1:]
