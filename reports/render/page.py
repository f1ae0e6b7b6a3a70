"""How does the evidence look: one offline page with every contact, every dated event, every rule?

One HTML file that loads nothing and sends nothing (a content policy says so to the browser). It
works without script; with script its rows sort, filter and open by their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.claims import FITTING, Claim
from reports.render import (
    arrange,
    cards,
    charts,
    drafts,
    glossary,
    headline,
    limit_words,
    trouble,
    wording,
)
from reports.render.document import Action, Line, Run, check
from reports.render.writer import Pen, week_number
from reports.weekly import brief as briefs
from reports.weekly import links
from reports.weekly.people import LISTED_SILENCE
from reports.weekly.person import Event, Person
from reports.weekly.report import Answered, Coming, WeeklyReport

#: So many squares a row shows; all are in the list that it opens to.
MOST_SQUARES = 12
#: The same share as of the step `invite closer to the date` (rules.md section 8).
_MUCH_NEARER = 0.5
_SHOWN = ("kept", "off", "moved", "absent", "unknown")


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a row: tone, date, line, rule and what answers it."""

    kind: str
    iso: str
    when: str
    line: Line
    rule: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One contact's line, and what it opens to."""

    person: Person
    organisation: str
    stage: str
    list: str
    tone: str
    late: int
    kept: int
    strip: tuple[tuple[str, int], ...]
    strip_words: str
    waiting: str
    silence: int
    heard: str
    heard_iso: str
    step: str
    why: Line
    rules: tuple[str, ...]
    actions: tuple[Action, ...]
    events: tuple[Happened, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week ahead."""

    name: str
    meetings: tuple[tuple[Coming, str, str, str, Action | None], ...]


def render(report: WeeklyReport) -> str:
    """The page of a report. Raises ValueError for a link that is neither https nor mailto."""
    pen = Pen(report)
    brief = briefs.choose(report)
    rows = tuple(_row(pen, one) for one in report.people)
    words = glossary.rules(pen)
    context = {
        "pen": pen,
        "report": report,
        "title": trouble.headline(pen)
        if brief.kind == "incomplete"
        else headline.headline(pen, brief),
        "kicker": _kicker(pen),
        "notes": trouble.notes(pen),
        "told": tuple(links.clean(one, 300) for one in report.notices),
        "trouble": trouble.box(pen) if brief.kind == "incomplete" else None,
        "now": _now(pen, brief),
        "read": _read(pen, len(rows)),
        "rows": rows,
        "lists": _lists(pen, rows),
        "stages": _stages(pen, rows),
        "changes": _changes(pen),
        "answered": tuple(_answered(pen, one) for one in report.answered),
        "questions": tuple(arrange.question(pen, one, long=True) for one in report.questions),
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
        number=str(week_number(report.week)),
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


# -- the contacts ----------------------------------------------------------------------------------


def _row(pen: Pen, person: Person) -> Row:
    days = pen.days
    squares = [one for one in person.events if one.counted and one.kind in _SHOWN]
    counted = [one for one in person.events if one.counted]
    shown = list(reversed(squares[:MOST_SQUARES]))
    silent = person.quiet.count if person.quiet is not None else 0
    return Row(
        person=person,
        organisation=person.who.organisation if person.who.name != person.who.address else "",
        stage=_stage(pen, person),
        list=_list(pen, person.tier),
        tone={"pause": "talk"}.get(person.tier, person.tier),
        late=person.k - person.absent,
        kept=sum(1 for one in counted if one.kind == "kept"),
        strip=tuple((one.kind, 14 * at) for at, one in enumerate(shown)),
        strip_words=", ".join(f"{days.short(one.at)} {tone(pen, one.kind)}" for one in shown),
        waiting=_waiting(pen, person),
        silence=silent or person.owed,
        heard=days.short(person.heard_at) if person.heard_at is not None else pen.say("not so far"),
        heard_iso=days.iso_day(person.heard_at) if person.heard_at is not None else "0",
        step=_step(pen, person),
        why=_why(pen, person),
        rules=tuple(one for one in person.rules if one in glossary.LISTING),
        actions=_silence_actions(pen, person),
        events=tuple(_happened(pen, one) for one in person.events),
    )


def tone(pen: Pen, kind: str) -> str:
    """The word of a square."""
    return {
        "kept": pen.say("kept"),
        "off": pen.say("off"),
        "moved": pen.say("moved"),
        "absent": pen.say("absent"),
    }.get(kind) or pen.say("unknown")


def _stage(pen: Pen, person: Person) -> str:
    return {
        "met": pen.say("met"),
        "client": pen.say("client"),
        "dialogue": pen.say("by mail"),
    }.get(person.who.stage) or pen.say("not yet in touch")


def _list(pen: Pen, tier: str) -> str:
    return {
        "talk": pen.say("talk to"),
        "pause": pen.say("consider pausing"),
        "cold": pen.say("asked, not in touch"),
        "dead": pen.say("mail comes back"),
    }.get(tier, "")


def _waiting(pen: Pen, person: Person) -> str:
    if person.dead is not None:
        if person.dead.at is None:
            return pen.say("comes back")
        return pen.say("came back {day}", day=pen.days.short(person.dead.at))
    owed = next((one for one in person.events if one.kind == "owed"), None)
    if owed is not None:
        days = wording.waited(pen, int(owed.facts.get("days", "0")))
        return pen.say("you owe, {days}", days=days)
    if person.quiet is not None:
        if person.quiet.rule == "unknown":
            return pen.say("unknown: {why}", why=wording.doubt(pen, person.quiet.why))
        return wording.asks(pen, person.quiet)
    promised = next((one for one in person.events if one.kind == "promise"), None)
    if promised is not None:
        return pen.say("promise of {day}", day=wording.date(pen, promised))
    return ""


def _step(pen: Pen, person: Person) -> str:
    """What the list proposes, as a word or two; also what no mail can do."""
    if person.step == "let-rest":
        until = pd.Timestamp(person.step_detail) if person.step_detail else None
        if until is None:
            return pen.say("let it rest")
        return pen.say("let it rest until {day}", day=pen.days.day(until))
    label = drafts.step_label(pen, person)
    said = {
        "answer-first": pen.say("answer first"),
        "confirm-before": pen.say("confirm the day before"),
        "another-way": pen.say("a call, a letter, an introduction"),
    }.get(person.step) or (label[:1].lower() + label[1:])
    if not said and person.owed:
        return pen.say("answer first")
    if not said and person.tier == "dead":
        return pen.say("find another address")
    return said or (pen.say("none new") if person.tier in ("talk", "pause") else "")


def _why(pen: Pen, person: Person) -> Line:
    """Both sides, and what else there is: `You changed none late. 4 of 6 that came to their day …`"""
    line: Line = ()
    if person.n or person.unknown or person.early:
        if person.own_late:
            own = pen.plural(
                "You changed {count} late.", "You changed {count} late.", person.own_late
            )
        else:
            own = pen.say("You changed none late.")
        line += (Run(own + " "),)
        line += pen.rich(
            "{share} that came to their day were called off, moved late or missed; {unknown} unknown, "
            "{early} changed in good time.",
            share=Run(wording.share(pen, person), "strong"),
            unknown=pen.days.number(person.unknown),
            early=pen.days.number(person.early),
        )
        line += (Run(" "),)
    said = []
    if person.excused:
        said.append(
            pen.plural(
                "{count} excused by an absence.", "{count} excused by an absence.", person.excused
            )
        )
    if person.churned:
        said.append(
            pen.plural(
                "{count} meeting was moved again and again in good time; not counted.",
                "{count} meetings were moved again and again in good time; not counted.",
                person.churned,
            )
        )
    if person.lead_kept is not None and person.lead_lost is not None and _nearer(person):
        kept, lost = (pen.days.number(round(one)) for one in (person.lead_kept, person.lead_lost))
        said.append(
            pen.say(
                "Kept meetings were agreed {kept} days ahead as a rule, the late ones {lost}.",
                kept=kept,
                lost=lost,
            )
        )
    if person.replies is not None:
        said.append(
            pen.say(
                "Half of their {count} answers came within {hours} working hours.",
                count=pen.days.number(person.replies[0]),
                hours=pen.days.number(max(person.replies[1], 0.1), 1),
            )
        )
    if person.our_replies is not None:
        said.append(
            pen.say(
                "Half of your {count} came within {hours}.",
                count=pen.days.number(person.our_replies[0]),
                hours=pen.days.number(max(person.our_replies[1], 0.1), 1),
            )
        )
    if person.too_early:
        said.append(pen.say("Not listed: too early, too few weeks are read."))
    elif person.k and not person.tier:
        said.append(_not_listed(pen, person))
    if person.step_who is not None and person.tier:
        said.append(pen.say("In touch with you there: {name}.", name=person.step_who.name))
    quiet = person.quiet
    if quiet is not None and quiet.grade == "likely" and quiet.live_since is not None:
        if quiet.first_ask_at < quiet.live_since:
            day = pen.days.day(quiet.live_since)
            said.append(pen.say("Mail deleted before {day} cannot be seen.", day=day))
    return (*line, Run(" ".join(said))) if said else line


def _nearer(person: Person) -> bool:
    """Were kept meetings agreed so much nearer to their day that it may be the reason?"""
    kept, lost = person.lead_kept or 0.0, person.lead_lost or 0.0
    return person.k > 0 and kept < _MUCH_NEARER * lost


def _not_listed(pen: Pen, person: Person) -> str:
    if person.k < pen.report.list_k:
        least = pen.days.number(pen.report.list_k)
        return pen.say("Not listed: fewer than {count} late changes.", count=least)
    return pen.say("Not listed: too few of all to be more than the usual share.")


def _silence_actions(pen: Pen, person: Person) -> tuple[Action, ...]:
    claim: Claim | None = None
    if person.dead is not None:
        claim = person.dead.claim
    elif person.quiet is not None and person.quiet.rule in LISTED_SILENCE:
        claim = person.quiet.claim
    return () if claim is None else _answers(pen, claim, "")


def _happened(pen: Pen, one: Event) -> Happened:
    when = wording.date(pen, one)
    actions = () if one.claim is None else _answers(pen, one.claim, when)
    listed = one.rule if one.rule in glossary.KNOWN and one.kind != "kept" else ""
    local = one.at.tz_convert("UTC" if one.kind == "promise" else pen.report.zone)
    return Happened(
        one.kind, local.strftime("%Y-%m-%dT%H:%M"), when, wording.event(pen, one), listed, actions
    )


def _answers(pen: Pen, claim: Claim, when: str) -> tuple[Action, ...]:
    """The words that contradict a claim, each a mail to oneself."""
    labels = {
        "wrong": pen.say("This is wrong"),
        "held": pen.say("It took place"),
        "us": pen.say("I needed it"),
        "both": pen.say("Both of us"),
        "none": pen.say("A slip or tidying"),
        "absent": pen.say("They were not there"),
        "reached": pen.say("Answered me another way"),
        "done": pen.say("Already answered") if claim.kind == "owed" else pen.say("Settled"),
    }
    found = [
        pen.answer(
            claim,
            word,
            labels[word],
            said=pen.say("{what}, {when}", what=labels[word], when=when) if when else "",
        )
        for word in FITTING.get(claim.kind, ())
        if word in labels
    ]
    return tuple(one for one in found if one is not None)


def _lists(pen: Pen, rows: Sequence[Row]) -> Mapping[str, str]:
    present = {row.tone for row in rows if row.tone}
    return {name: _list(pen, name) for name in ("talk", "cold", "dead") if name in present}


def _stages(pen: Pen, rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.stage for row in rows))


# -- the other sections ------------------------------------------------------------------------------


def _answered(pen: Pen, one: Answered) -> Line:
    return cards.said_back(pen, one).line


def _changes(pen: Pen) -> tuple[str, ...]:
    """Who is listed otherwise than in the last report."""
    words = {
        "new": pen.say("New:"),
        "worse": pen.say("More:"),
        "better": pen.say("Fewer:"),
        "gone": pen.say("No longer listed:"),
    }
    lines = []
    for movement, label in words.items():
        parts = []
        for one in pen.report.changes:
            if one.movement != movement:
                continue
            name = one.who.name
            if one.before is not None and one.after is not None and one.before != one.after:
                was, now = (f"{k}/{n}" for k, n in (one.before, one.after))
                name = pen.say("{name} ({now}, was {was})", name=name, now=now, was=was)
            elif one.was and one.now and one.was != one.now:
                was, now = _list(pen, one.was), _list(pen, one.now)
                name = pen.say("{name} ({was} → {now})", name=name, now=now, was=was)
            parts.append(name)
        if parts:
            lines.append(f"{label} {pen.listed(parts)}.")
    return tuple(lines)


def _ahead(pen: Pen) -> tuple[Day, ...]:
    days: dict[str, list[tuple[Coming, str, str, str, Action | None]]] = {}
    for one in pen.report.coming:
        action = drafts.confirm(pen, one) if one.confirm else None
        local = one.start_at.tz_convert(pen.report.zone)
        facts = pen.say("{k} of {n} late", k=str(one.k), n=str(one.n))
        if one.on_site:
            facts = pen.say("on site; {facts}", facts=facts)
        if not one.accepted:
            facts = pen.say("not accepted yet; {facts}", facts=facts)
        if one.agreed_at is not None:
            ago = max(0, (pen.report.as_of - one.agreed_at).days)
            agreed = pen.plural("agreed {count} day ago", "agreed {count} days ago", ago)
            agreed = agreed if ago else pen.say("agreed today")
            facts = f"{facts}; {agreed}"
        entry = (one, local.strftime("%Y-%m-%dT%H:%M"), pen.days.clock(one.start_at), facts, action)
        days.setdefault(pen.days.weekday(one.start_at), []).append(entry)
    return tuple(Day(name, tuple(meetings)) for name, meetings in days.items())


@dataclass(frozen=True, slots=True)
class Trend:
    """Twelve weeks as bars and as a table."""

    title: str
    words: str
    bars: tuple[charts.Bar, ...]
    labels: tuple[tuple[float, str, bool], ...]
    counts: tuple[tuple[float, float, str], ...]
    legend: tuple[tuple[str, str, float], ...]
    note: str
    columns: tuple[tuple[str, str], ...]
    table: tuple[tuple[str, tuple[int, ...]], ...]


def _trend(pen: Pen) -> Trend | None:
    twelve = pen.report.twelve
    if twelve is None or not any(charts.total(one) for one in twelve.weeks):
        return None
    words = {
        tone: word
        for tone, word in arrange.tones(pen).items()
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
    x, legend = 16.0, []
    for tone, word in words.items():
        legend.append((tone, word, x))
        x += 34 + 8.0 * len(word)
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
        title=arrange.twelve_title(pen),
        words=arrange.charts_words(pen),
        bars=bars,
        labels=labels,
        counts=counts,
        legend=tuple(legend),
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
    environment = Environment(
        loader=PackageLoader("reports.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    loader = environment.loader
    assert loader is not None  # noqa: S101 - given above
    for name in ("page.css", "page.js"):
        source = loader.get_source(environment, name)[0]
        environment.globals[name.replace(".", "_")] = Markup(source)  # noqa: S704 - our own file
    return environment
