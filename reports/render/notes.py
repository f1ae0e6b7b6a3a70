"""Which short mails are there beside the weekly one: that it was stopped, and the day before?"""

from __future__ import annotations

from collections.abc import Sequence

from reports.render.document import Line, Run
from reports.render.letter import Block, Letter, Section
from reports.render.mail import Envelope, Rendered, html
from reports.render.parts import do_now, trouble
from reports.render.plain_text import plain
from reports.render.writer import Pen
from reports.weekly.report import Coming, WeeklyReport


def stopped(report: WeeklyReport, envelope: Envelope) -> Rendered:
    """Said once to a reader who asked for no more reports."""
    pen = Pen(report)
    title = pen.say("Stopped: you get no more reports.")
    paragraphs = (
        pen.say("You asked for that by a mail with the subject “noshow stop”."),
        pen.say(
            "noshow still reads your mailbox. To end that too, ask whoever runs noshow. To get reports "
            "again, send yourself a mail with the subject “noshow start”."
        ),
    )
    return _short(pen, envelope, title, paragraphs, ())


def day_before(report: WeeklyReport, meetings: Sequence[Coming], envelope: Envelope) -> Rendered:
    """The reminder of the working day before: each meeting with its ready draft.

    Where the mailbox was not read to its end nobody knows what was said or moved since: no count is
    named then, and what could not be read is.
    """
    pen = Pen(report)
    blind = not report.reached
    parts = [
        pen.say(
            "{day} {hour} with {name}",
            name=pen.given(one.who),
            day=pen.days.name(one.start_at),
            hour=pen.days.clock(one.start_at),
        )
        for one in meetings
    ]
    title = pen.plural("Confirm {list}.", "Confirm {list}.", len(parts), list=pen.listed(parts))
    said = (trouble.headline(pen), *trouble.notes(pen)) if blind else trouble.notes(pen)
    blocks: tuple[Block, ...] = tuple(do_now.confirm(pen, one, blind=blind) for one in meetings)
    return _short(pen, envelope, title, said, (Section(pen.say("Do now"), blocks),))


def _short(
    pen: Pen,
    envelope: Envelope,
    title: str,
    paragraphs: tuple[str, ...],
    sections: tuple[Section, ...],
) -> Rendered:
    token = f" ({envelope.token})" if envelope.token else ""
    again = f" · {pen.say('sent again')}" if envelope.resent_of is not None else ""
    footer: list[Line] = [
        (
            Run(pen.say("Why you get this:"), "strong"),
            Run(" " + pen.say("noshow runs on your mailbox.")),
        )
    ]
    if envelope.stop:
        send = Run(pen.say("send “noshow stop” to yourself"), "", envelope.stop)
        footer.append(
            (Run(pen.say("To stop:"), "strong"), Run(" "), *pen.rich("{what}.", what=send))
        )
    tree = Letter(
        language=pen.report.language,
        subject=title.rstrip(".") + again + token,
        preheader=title if sections or not paragraphs else paragraphs[0],
        kicker=pen.say("Repeat no-show report"),
        title=title,
        figures="",
        notes=(),
        trouble=None,
        paragraphs=paragraphs,
        sections=sections,
        footer=tuple(footer),
    )
    return Rendered(tree.subject, plain(tree, pen), html(tree), {}, stop=envelope.stop)
