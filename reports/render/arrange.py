"""In which order does the mail say what it says?

Do now (owed replies, then meetings to confirm by date), questions, people, one line each for the
rest, twelve weeks, footer. What is printed was chosen by reports.weekly.brief; nothing is decided
about anybody here.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reports.claims import FITTING
from reports.columns.iso_weeks import number_of
from reports.render import cards, charts, drafts, trouble
from reports.render.document import Action, Line, Run
from reports.render.letter import Block, Do, Letter, OneLine, Picture, Section
from reports.render.words import headline, wording
from reports.render.writer import Pen, strong
from reports.vocabulary import ClaimKind, Word
from reports.weekly import brief as briefs
from reports.weekly import links
from reports.weekly.brief import Brief
from reports.weekly.report import Coming, Owed, Question

PICTURE = "twelve-weeks"
#: Which answers to a question get a button; the draft's body explains the others.
_BUTTONS: Mapping[str, tuple[str, ...]] = {
    ClaimKind.M1: (Word.THEM, Word.US, Word.BOTH),
    ClaimKind.M6: (Word.THEM, Word.US, Word.BOTH),
    ClaimKind.M8: (Word.HELD, Word.ABSENT),
}


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
        footer=_footer(pen, brief, stop),
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
    said = pen.plural(
        "Last week {count} meeting was kept, as far as can be seen",
        "Last week {count} meetings were kept, as far as can be seen",
        kept,
    )
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
    now: list[Block] = [_owed(pen, one, blind) for one in brief.owed]
    now += [confirm(pen, one, blind=blind) for one in brief.confirm]
    now += _left(pen, brief)
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
        _questions(pen, brief),
        Section(
            _to_talk_to(pen, len(brief.people)),
            tuple(cards.card(pen, one, solid=one in brief.named) for one in brief.people),
        ),
        _also(pen, brief),
        _twelve(pen, brief),
    ]


def _to_talk_to(pen: Pen, count: int) -> str:
    """`Three people to talk to`; the number stands where the language puts it."""
    said = pen.plural(
        "{words} person to talk to", "{words} people to talk to", count, words=pen.counted(count)
    )
    return said[:1].upper() + said[1:]


def _owed(pen: Pen, one: Owed, blind: bool) -> Do:
    mail = pen.mail_titled(one.subject)
    day = pen.days.weekday(one.at)
    if blind:
        first = pen.rich("{who} wrote on {day}", who=strong(one.who), day=day)
        second = pen.rich("{mail}; whether you answered since is unknown", mail=mail)
    else:
        first = pen.rich_plural(
            "{who} has waited {count} working day",
            "{who} has waited {count} working days",
            one.days,
            who=strong(one.who),
        )
        second = pen.rich("{mail}, {day}", mail=mail, day=day)
    body = pen.say(
        "Send this mail as it is. If no answer was needed, write wrong instead of done in the subject."
    )
    done = pen.answer(one.claim, "done", pen.say("Already answered"), body=body)
    return Do((first, second), (drafts.reply(pen, one),), done)


def confirm(pen: Pen, one: Coming, *, blind: bool = False) -> Do:
    """A meeting that is worth a word, with the draft of that word."""
    when = pen.days.stamp(one.start_at)
    first = pen.rich("{who}, {when}", who=strong(one.who), when=when)
    meeting = pen.titled(one.subject, one.link)
    if blind:
        second = pen.rich("{meeting}, if it still stands", meeting=meeting)
    else:
        facts = _facts(pen, one)
        second = (
            pen.rich("{meeting}; {facts}", meeting=meeting, facts=facts) if facts else (meeting,)
        )
    return Do((first, second), (drafts.confirm(pen, one),))


def _facts(pen: Pen, one: Coming) -> str:
    """Why a word is worth it: `on site; 3 of 5 changed late`."""
    parts = []
    if one.on_site:
        parts.append(pen.say("on site"))
    if not one.accepted:
        parts.append(pen.say("not accepted yet"))
    person = next((who for who in pen.report.people if who.who.address == one.who.address), None)
    if one.k and person is not None:
        parts.append(wording.late(pen, person))
    return pen.clauses(parts)


def _left(pen: Pen, brief: Brief) -> list[Block]:
    """What of both lists had no room."""
    owed = len(pen.report.owed) - len(brief.owed)
    confirm = sum(1 for one in pen.report.coming if one.confirm) - len(brief.confirm)
    parts = []
    if owed:
        parts.append(
            pen.plural("{count} more reply is owed", "{count} more replies are owed", owed)
        )
    if confirm:
        parts.append(
            pen.plural(
                "{count} more meeting to confirm", "{count} more meetings to confirm", confirm
            )
        )
    if not parts:
        return []
    return [OneLine((Run(pen.say("{what}: see the page.", what=pen.clauses(parts)), "quiet"),))]


def _questions(pen: Pen, brief: Brief) -> Section:
    report = pen.report
    total = len(report.questions) + report.left_out.get("questions", 0)
    shown = len(brief.questions)
    title = pen.say("Only you can answer")
    if total > shown:
        title = pen.say(
            "Only you can answer ({shown} of {total})", shown=str(shown), total=str(total)
        )
    blocks = tuple(question(pen, one) for one in brief.questions)
    return Section(title, blocks, " ".join(_about_questions(pen, total - shown)))


def _about_questions(pen: Pen, rest: int) -> list[str]:
    """What the buttons of the questions do, and where the `rest` of the questions is."""
    said = []
    if pen.report.ids:
        said.append(pen.say("These open a mail to yourself; only you send it."))
    if rest > 0 and (pen.page or pen.attached):
        said.append(pen.plural("One more is on the page.", "{count} more are on the page.", rest))
    return said


def question(pen: Pen, one: Question, *, long: bool = False) -> Do:
    """A question with its buttons; `long`: all answers are buttons, and the mail is named."""
    what = wording.happened(pen, one)
    when = pen.days.stamp(one.start_at)
    line: Line = pen.rich("{who}, {when}: {what}.", who=strong(one.who), when=when, what=what)
    if one.mail_at is not None and one.was != "mailed":
        wrote = pen.days.stamp(one.mail_at)
        said = pen.say("{name} wrote on {when}.", name=pen.given(one.who), when=wrote)
        line = (*line, Run(f" {said}"))
    if one.claim.kind == ClaimKind.M8:
        line = (
            *line,
            Run(" "),
            *pen.rich("Did {meeting} take place?", meeting=pen.titled(one.subject)),
        )
    else:
        line = (*line, Run(" " + pen.say("Who needed the change?")))
    buttons = FITTING[one.claim.kind] if long else _BUTTONS[one.claim.kind]
    body = "" if long else wording.others(pen, one.claim.kind, buttons)
    actions = [
        (word, pen.answer(one.claim, word, answer_label(pen, one, word), body=body))
        for word in FITTING[one.claim.kind]
    ]
    return Do(
        (line,),
        tuple(action for word, action in actions if action is not None and word in buttons),
        more=tuple(
            action for word, action in actions if action is not None and word not in buttons
        ),
    )


def answer_label(pen: Pen, one: Question, word: str) -> str:
    """What a button of a question says."""
    name = pen.given(one.who)
    if one.claim.kind == ClaimKind.M8:
        return {
            Word.HELD: pen.say("It did"),
            Word.ABSENT: pen.say("{name} did not come", name=name),
            Word.THEM: pen.say("They called it off"),
            Word.US: pen.say("I called it off"),
            Word.BOTH: pen.say("Both of us did"),
            Word.NONE: pen.say("A slip or tidying"),
        }[Word(word)]
    return {
        Word.THEM: name,
        Word.US: pen.say("I did"),
        Word.BOTH: pen.say("Both of us"),
        Word.NONE: pen.say("A slip or tidying"),
        Word.HELD: pen.say("It took place"),
    }[Word(word)]


def _also(pen: Pen, brief: Brief) -> Section:
    lines = [cards.line(pen, one) for one in brief.others]
    lines += [cards.promise(pen, one) for one in brief.promises]
    lines += [cards.came_back(pen, one) for one in brief.back]
    lines += [cards.said_back(pen, one) for one in brief.answered]
    lines += [OneLine((Run(links.clean(pen.told(one), 200), "quiet"),)) for one in brief.notices]
    if brief.more:
        more = pen.plural("{count} more on the page", "{count} more on the page", brief.more)
        lines.append(OneLine((Run(more, "quiet"),)))
    return Section(pen.say("Also this week"), tuple(lines), side=_one_is_wrong(pen, brief))


def _one_is_wrong(pen: Pen, brief: Brief) -> Action | None:
    pairs = []
    for person in brief.others:
        name = person.who.name
        if person.dead is not None:
            pairs.append((person.dead.claim, name))
        elif person.quiet is not None and person.by == "silence":
            pairs.append((person.quiet.claim, name))
        else:
            pairs += [
                (one.claim, f"{name}, {wording.date(pen, one)}")
                for one in person.incidents
                if one.claim is not None
            ]
    pairs += [(one.claim, one.who.name) for one in brief.promises]
    return cards.wrong(
        pen,
        pairs,
        label=pen.say("One of these is wrong"),
        lead=pen.say("Leave in the subject only the ids of the lines that are wrong, and send."),
        silent=True,
    )


def _twelve(pen: Pen, brief: Brief) -> Section:
    twelve = pen.report.twelve
    if (
        twelve is None
        or brief.kind == "quiet"
        or not any(charts.total(one) for one in twelve.weeks)
    ):
        return Section("", ())
    picture = Picture(PICTURE, charts_words(pen), charts.WIDTH)
    return Section(twelve_title(pen), (picture,))


def twelve_title(pen: Pen) -> str:
    """`Twelve weeks: 9 of 113 meetings changed late; 4 of 90 in the twelve before`"""
    twelve = pen.report.twelve
    assert twelve is not None  # noqa: S101 - asked before
    late, n = pen.days.number(twelve.late), pen.days.number(twelve.n)
    if twelve.since is not None:
        day = pen.days.day(twelve.since)
        return pen.say("Since {day}: {late} of {n} meetings changed late", day=day, late=late, n=n)
    if twelve.before is None:
        return pen.say("Twelve weeks: {late} of {n} meetings changed late", late=late, n=n)
    was, of = (pen.days.number(one) for one in twelve.before)
    return pen.say(
        "Twelve weeks: {late} of {n} meetings changed late; {was} of {of} in the twelve before",
        late=late, n=n, was=was, of=of,
    )  # fmt: skip


def charts_words(pen: Pen) -> str:
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


def _footer(pen: Pen, brief: Brief, stop: str) -> tuple[Line, ...]:
    """Why you get this, what late means, what was read, where the evidence is, how to stop."""
    report = pen.report
    ends = [one.complete_to for one in report.seen]
    known = [one for one in ends if one is not None]
    if known and len(known) == len(ends):
        read = pen.say(
            "mail headers and calendar entries, complete to {when}; never a mail’s text.",
            when=pen.days.stamp(min(known)),
        )
    else:
        read = pen.say(
            "mail headers and calendar entries, not yet to the end; never a mail’s text."
        )
    lines: list[tuple[str, Line]] = [
        (pen.say("Why you get this:"), (Run(pen.say("noshow runs on your mailbox.")),))
    ]
    if brief.kind == "week":
        hours = pen.days.number(report.late_hours, 1)
        lines.append(
            (pen.say("Late:"), (Run(pen.say("under {hours} hours before.", hours=hours)),))
        )
    lines.append((pen.say("Read:"), (Run(read),)))
    lines.append((pen.say("Evidence:"), _evidence(pen)))
    if report.lead:
        lines.append((pen.say("Who else sees something:"), (Run(_of_lead(pen)),)))
    if stop:
        send = Run(pen.say("send “noshow stop” to yourself"), "", stop)
        lines.append((pen.say("To stop:"), pen.rich("{what}.", what=send)))
    else:
        lines.append((pen.say("To stop:"), (Run(pen.say("ask whoever runs noshow.")),)))
    return tuple((Run(label, "strong"), Run(" "), *line) for label, line in lines)


def _of_lead(pen: Pen) -> str:
    return pen.say(
        "{lead} gets a short list of contacts that are on a list of two or more of you, or cost the most "
        "hours, with what your mailbox shows of them; nothing of your own side.",
        lead=pen.report.lead,
    )


def _evidence(pen: Pen) -> Line:
    page = Run(pen.say("the page"), "", pen.page)
    if pen.page and pen.attached:
        return pen.rich("{page}, also attached.", page=page)
    if pen.page:
        return pen.rich("{page}.", page=page)
    if pen.attached:
        return (Run(pen.say("attached page.")),)
    return (Run(pen.say("the page that “noshow report --open” shows.")),)
