"""Which title and which words stand beside the picture of twelve weeks?"""

from __future__ import annotations

from reports.render.letter import Picture, Section
from reports.render.parts import charts
from reports.render.writer import Pen
from reports.weekly.brief import Brief

PICTURE = "twelve-weeks"


def section(pen: Pen, brief: Brief) -> Section:
    """The picture of twelve weeks, where it says anything."""
    twelve = pen.report.twelve
    if (
        twelve is None
        or brief.kind == "quiet"
        or not any(charts.total(one) for one in twelve.weeks)
    ):
        return Section("", ())
    picture = Picture(PICTURE, in_words(pen), charts.WIDTH)
    return Section(title(pen), (picture,))


def title(pen: Pen) -> str:
    """`Twelve weeks: 9 of 113 meetings changed late or missed; 4 of 90 before`"""
    twelve = pen.report.twelve
    assert twelve is not None  # noqa: S101 - asked before
    if not twelve.n:
        return pen.say("Twelve weeks: of no meeting is it known how it ended")
    late, n = pen.days.number(twelve.late), pen.days.number(twelve.n)
    if twelve.since is not None:
        day = pen.days.day(twelve.since)
        return pen.say(
            "Since {day}: {late} of {n} meetings changed late or missed", day=day, late=late, n=n
        )
    if twelve.before is None or not twelve.before[1]:
        return pen.say(
            "Twelve weeks: {late} of {n} meetings changed late or missed", late=late, n=n
        )
    was, of = (pen.days.number(one) for one in twelve.before)
    return pen.say(
        "Twelve weeks: {late} of {n} meetings changed late or missed; {was} of {of} before",
        late=late, n=n, was=was, of=of,
    )  # fmt: skip


def in_words(pen: Pen) -> str:
    """All numbers of the picture as text."""
    twelve = pen.report.twelve
    assert twelve is not None  # noqa: S101 - asked before
    words = tones(pen)
    weeks = []
    for at, week in enumerate(twelve.weeks):
        parts = [
            pen.say("{count} {tone}", count=str(getattr(week, tone)), tone=word)
            for tone, word in words.items()
            if getattr(week, tone)
        ]
        day = pen.days.short(week.monday)
        what = ", ".join(parts) or pen.say("none")
        if at == len(twelve.weeks) - 1:
            weeks.append(pen.say("Last week, {day}: {what}.", day=day, what=what))
        else:
            weeks.append(pen.say("{day}: {what}.", day=day, what=what))
    lead = pen.say("Meetings with contacts by week, each bar from Monday.")
    return " ".join((lead, *weeks))


def tones(pen: Pen) -> dict[str, str]:
    """What each colour of the picture means."""
    return {
        "kept": pen.say("kept"),
        "late": pen.say("late"),
        "absent": pen.say("absent"),
        "ours": pen.say("late by you"),
        "unknown": pen.say("unknown"),
    }
