"""How is the lead's view written? A short mail: each contact, and below it what each mailbox says.

Dates and counts. No titles, no links and no ids: what is wrong is contradicted by the seller whose
mailbox said it.
"""

from __future__ import annotations

from reports.columns.iso_weeks import number_of
from reports.render.document import Line, Run
from reports.render.letter import Block, Do, Letter, Section
from reports.render.mail import Envelope, Rendered, html
from reports.render.plain_text import plain
from reports.render.words import spans, wording
from reports.render.writer import Pen, strong
from reports.weekly.lead import LeadView, Shared, Told
from reports.weekly.person import Event


def render(pen: Pen, view: LeadView, envelope: Envelope) -> Rendered:
    """The view as a mail. `pen` writes in the zone and language of one of the reports."""
    title = _title(pen, view)
    token = f" ({envelope.token})" if envelope.token else ""
    again = f" · {pen.say('sent again')}" if envelope.resent_of is not None else ""
    sections = (
        Section(
            pen.say("On the lists of several"), tuple(_contact(pen, one) for one in view.shared)
        ),
        Section(pen.say("Cost the most hours"), tuple(_contact(pen, one) for one in view.costly)),
    )
    tree = Letter(
        language=pen.report.language,
        subject=title.rstrip(".") + again + token,
        preheader=title,
        kicker=pen.say(
            "Repeat no-show report of the team · week {number}",
            number=str(number_of(pen.report.week)),
        ),
        title=title,
        figures="",
        notes=_notes(pen, view),
        trouble=None,
        paragraphs=(),
        sections=tuple(one for one in sections if one.blocks),
        footer=_footer(pen),
    )
    return Rendered(tree.subject, plain(tree, pen), html(tree), {})


def _title(pen: Pen, view: LeadView) -> str:
    shared, costly = len(view.shared), len(view.costly)
    if shared:
        return pen.plural(
            "{count} contact is on the lists of several of the team.",
            "{count} contacts are on the lists of several of the team.",
            shared,
        )
    if costly:
        return pen.say("No contact is on the lists of several of the team.")
    return pen.say("No contact concerns several of the team or cost hours.")


def _notes(pen: Pen, view: LeadView) -> tuple[str, ...]:
    """What is missing: a view over a part of the team must not read like one over all."""
    if view.used == view.mailboxes:
        return ()
    said = pen.plural(
        "{used} of {count} mailbox stands behind this; of the others not all is read, or their owners "
        "do not know of this view.",
        "{used} of {count} mailboxes stand behind this; of the others not all is read, or their owners "
        "do not know of this view.",
        view.mailboxes,
        used=pen.days.number(view.used),
    )
    return (said,)


def _contact(pen: Pen, one: Shared) -> Block:
    """A contact with a line a mailbox: `Omar Haddad: late on 2 of the team; 5 of 14 meetings that …`."""
    lines: list[Line] = [_headed(pen, one)]
    lines += [_told(pen, told) for told in one.told]
    return Do(tuple(lines), ())


def _headed(pen: Pen, one: Shared) -> Line:
    who: tuple[Run, ...] = (strong(one.who),)
    if one.who.house:
        who = (*who, Run(f" {one.who.house}", "quiet"))
    parts = []
    if one.late_on:
        parts.append(
            pen.plural("late on {count} of the team", "late on {count} of the team", one.late_on)
        )
        parts.append(
            pen.plural(
                "{k} of {count} meeting that came to its day",
                "{k} of {count} meetings that came to their day",
                one.n,
                k=pen.days.number(one.k),
            )
        )
    silent = sum(1 for told in one.told if told.quiet is not None)
    if silent:
        parts.append(
            pen.plural(
                "no answer to {count} of the team", "no answer to {count} of the team", silent
            )
        )
    if one.hours:
        hours = pen.days.number(one.hours, 1)
        parts.append(pen.say("booked hours lost: {hours}", hours=hours))
    return pen.rich("{who}: {what}", who=who, what=pen.clauses(parts))


def _told(pen: Pen, told: Told) -> Line:
    parts = [
        pen.say("{when}: {what}", when=wording.date(pen, one), what=_late(pen, one))
        for one in told.late
    ]
    if told.quiet is not None:
        asks = wording.asks(pen, told.quiet)
        parts.append(pen.say("{asks}, no answer so far", asks=asks))
    whose = Run(pen.say("Mailbox of {name}:", name=told.seller.name), "quiet")
    return (whose, Run(" "), Run(pen.clauses(parts)))


def _late(pen: Pen, one: Event) -> str:
    """What the contact did, without what the seller said of it."""
    if one.kind == "absent":
        return pen.say("not there")
    span = spans.before(pen, one.notice, one.at, exact=True)
    said = pen.say("moved {span}", span=span)
    if one.kind == "off":
        said = pen.say("called off {span}", span=span)
    if one.other_at is not None:
        said = pen.say("{what}; kept on {day}", what=said, day=pen.days.weekday(one.other_at))
    return said


def _footer(pen: Pen) -> tuple[Line, ...]:
    told = pen.say(
        "it names contacts that are on a list of two or more of the team, or cost the most hours, and "
        "nothing of anybody’s own side. Everybody whose mailbox is read for it was told so."
    )
    lines = (
        (pen.say("Why you get this:"), pen.say("the settings name you as the team’s lead.")),
        (pen.say("What this is:"), told),
        (pen.say("To stop:"), pen.say("ask whoever runs noshow.")),
    )
    return tuple((Run(label, "strong"), Run(" "), Run(text)) for label, text in lines)
