"""How does the evidence look: one offline page with every contact, every dated event, every rule?

One HTML file that loads nothing and sends nothing (a content policy says so to the browser). It
works without script; with script its rows sort, filter and open by their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Environment

from config.sentences import mark
from reports.columns.iso_weeks import number_of
from reports.render import templating
from reports.render.document import Action, check
from reports.render.page import glossary, limit_words
from reports.render.page import rows as rows_
from reports.render.parts import cards, charts, drafts, trouble, twelve_weeks
from reports.render.parts import questions as asking
from reports.render.words import headline
from reports.render.writer import Pen
from reports.weekly import brief as briefs
from reports.weekly import links
from reports.weekly.report import Coming, WeeklyReport


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week ahead."""

    name: str
    meetings: tuple[tuple[Coming, str, str, str, Action | None], ...]


def render(report: WeeklyReport) -> str:
    """The page of a report. Raises ValueError for a link that is neither https nor mailto."""
    pen = Pen(report)
    brief = briefs.choose(report)
    rows = tuple(rows_.row(pen, one) for one in report.people)
    words = glossary.rules(pen)
    context = {
        "pen": pen,
        "report": report,
        "title": trouble.headline(pen)
        if brief.kind == "incomplete"
        else headline.headline(pen, brief),
        "kicker": _kicker(pen),
        "notes": trouble.notes(pen),
        "told": tuple(links.clean(pen.told(one), 300) for one in report.notices),
        "trouble": trouble.box(pen) if brief.kind == "incomplete" else None,
        "now": _now(pen, brief),
        "read": _read(pen, len(rows)),
        "rows": rows,
        "lists": rows_.lists(pen, rows),
        "stages": rows_.stages(rows),
        "changes": _changes(pen),
        "answered": tuple(cards.said_back(pen, one).line for one in report.answered),
        "questions": tuple(asking.question(pen, one, long=True) for one in report.questions),
        "days": _ahead(pen),
        "trend": _trend(pen),
        "limits": limit_words.lines(pen),
        "mailboxes": report.seen,
        "terms": glossary.terms(pen, len(rows)),
        "rules": words,
        "plural": pen.plural,
        "say": pen.say,
    }
    check(_hrefs(context))
    return _environment().get_template("page.html.j2").render(**context)


# -- the head --------------------------------------------------------------------------------------


def _kicker(pen: Pen) -> str:
    report = pen.report
    first, last = pen.days.span(report.first_day, report.last_day)
    return pen.say(
        "Repeat no-show report · week {number}, {first} to {last} · {mailboxes}",
        number=str(number_of(report.week)),
        first=first,
        last=last,
        mailboxes=", ".join(report.addresses.values()),
    )


def _now(pen: Pen, brief: briefs.Brief) -> tuple[Action, ...]:
    found = [drafts.reply(pen, one) for one in brief.owed]
    found += [drafts.confirm(pen, one, when=True) for one in brief.confirm]
    for one in brief.named:
        action = drafts.step(pen, one, solid=True)
        if action is not None:
            label = pen.say("{action}: {name}", action=action.label, name=pen.given(one.who))
            found.append(Action(label, action.href, action.subject, "", True))
    return tuple(found)


def _read(pen: Pen, contacts: int) -> str:
    report = pen.report
    ends = [one.complete_to for one in report.seen]
    known = [one for one in ends if one is not None]
    parts = []
    if known and len(known) == len(ends):
        parts.append(pen.say("Complete up to {when}", when=pen.days.stamp(min(known))))
    parts.append(pen.plural("{count} contact", "{count} contacts", contacts))
    meetings, sent, received = (
        pen.days.number(sum(getattr(one, name) for one in report.seen))
        for name in ("meetings", "sent", "received")
    )
    begun = [one.since for one in report.seen if one.since is not None]
    if begun:
        parts.append(
            pen.say(
                "{meetings} meetings, {sent} mails sent and {received} received since {day}",
                meetings=meetings,
                sent=sent,
                received=received,
                day=pen.days.date(max(begun)),
            )
        )
    return " · ".join(parts)


# -- the other sections ------------------------------------------------------------------------------


def _changes(pen: Pen) -> tuple[str, ...]:
    """Who is listed otherwise than in the last report."""
    words = {
        "new": mark("New: {names}."),
        "worse": mark("More: {names}."),
        "better": mark("Fewer: {names}."),
        "gone": mark("No longer listed: {names}."),
    }
    lines = []
    for movement, text in words.items():
        parts = []
        for one in pen.report.changes:
            if one.movement != movement:
                continue
            name = one.who.name
            if one.before is not None and one.after is not None and one.before != one.after:
                was, now = (f"{k}/{n}" for k, n in (one.before, one.after))
                name = pen.say("{name} ({now}, was {was})", name=name, now=now, was=was)
            elif one.was and one.now and one.was != one.now:
                was, now = rows_.listed(pen, one.was), rows_.listed(pen, one.now)
                name = pen.say("{name} ({was} → {now})", name=name, now=now, was=was)
            parts.append(name)
        if parts:
            lines.append(pen.say(text, names=pen.listed(parts)))
    return tuple(lines)


def _ahead(pen: Pen) -> tuple[Day, ...]:
    days: dict[str, list[tuple[Coming, str, str, str, Action | None]]] = {}
    for one in pen.report.coming:
        action = drafts.confirm(pen, one) if one.confirm else None
        local = one.start_at.tz_convert(pen.report.zone)
        clock, facts = pen.days.clock(one.start_at), pen.clauses(_facts(pen, one))
        entry = (one, local.strftime("%Y-%m-%dT%H:%M"), clock, facts, action)
        days.setdefault(pen.days.weekday(one.start_at), []).append(entry)
    return tuple(Day(name, tuple(meetings)) for name, meetings in days.items())


def _facts(pen: Pen, one: Coming) -> list[str]:
    """What is known of a coming meeting, a clause each."""
    facts = [] if one.accepted else [pen.say("not accepted yet")]
    if one.on_site:
        facts.append(pen.say("on site"))
    facts.append(pen.say("{k} of {n} late", k=str(one.k), n=str(one.n)))
    if one.agreed_at is not None:
        ago = max(0, (pen.report.as_of - one.agreed_at).days)
        agreed = pen.plural("agreed {count} day ago", "agreed {count} days ago", ago)
        facts.append(agreed if ago else pen.say("agreed today"))
    return facts


@dataclass(frozen=True, slots=True)
class Trend:
    """Twelve weeks as bars and as a table."""

    title: str
    words: str
    bars: tuple[charts.Bar, ...]
    labels: tuple[tuple[float, str, bool], ...]
    counts: tuple[tuple[float, float, str], ...]
    legend: tuple[tuple[str, str, float, float], ...]
    note: str
    columns: tuple[tuple[str, str], ...]
    table: tuple[tuple[str, tuple[int, ...]], ...]


def _trend(pen: Pen) -> Trend | None:
    twelve = pen.report.twelve
    if twelve is None or not any(charts.total(one) for one in twelve.weeks):
        return None
    words = {
        tone: word
        for tone, word in twelve_weeks.tones(pen).items()
        if any(getattr(week, tone) for week in twelve.weeks)
    }
    bars = charts.bars(twelve.weeks)
    places = charts.middles(len(twelve.weeks))
    last = len(places) - 1
    labels = tuple(
        (x, pen.days.short(week.monday), at == last)
        for at, (x, week) in enumerate(zip(places, twelve.weeks, strict=True))
        if at == last or (at % 3 == 0 and at < last - 2)
    )
    counts = tuple(
        (x, min(bar.y for bar in bars if bar.x < x < bar.x + bar.width) - 5, str(late))
        for x, week in zip(places, twelve.weeks, strict=True)
        if (late := week.late + week.absent)
    )
    notes = [pen.say("Weeks begin on Monday.")]
    if twelve.hours > 0:
        hours = pen.days.number(twelve.hours, 1)
        if twelve.travel:
            said = pen.say(
                "{hours} hours of your calendar went to meetings that did not take place, travel counted.",
                hours=hours,
            )
        else:
            said = pen.say(
                "{hours} hours of your calendar went to meetings that did not take place; travel is not counted.",
                hours=hours,
            )
        notes.append(said)
    return Trend(
        title=twelve_weeks.title(pen),
        words=twelve_weeks.in_words(pen),
        bars=bars,
        labels=labels,
        counts=counts,
        legend=charts.legend_places(words),
        note=" ".join(notes),
        columns=tuple(words.items()),
        table=tuple(
            (pen.days.short(week.monday), tuple(getattr(week, tone) for tone in words))
            for week in twelve.weeks
        ),
    )


def _hrefs(context: Mapping[str, Any]) -> list[str]:
    found = [one.href for one in context["now"]]
    for row in context["rows"]:
        found += [one.href for one in row.actions]
        for event in row.events:
            found += [one.href for one in event.actions]
            found += [run.href for run in event.line]
    for question in context["questions"]:
        found += [one.href for one in question.actions]
        found += [run.href for line in question.lines for run in line]
    for day in context["days"]:
        for meeting, _, _, _, action in day.meetings:
            found += [meeting.link, action.href if action is not None else ""]
    found += [run.href for line in context["answered"] for run in line]
    return found


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = templating.environment(lstrip=True)
    for name in ("page.css", "page.js"):
        environment.globals[name.replace(".", "_")] = templating.source(name)
    return environment
