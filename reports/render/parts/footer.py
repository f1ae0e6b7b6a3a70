"""Why does the reader get this, what was read, where is the evidence, and how does it stop?"""

from __future__ import annotations

from reports.render.document import Line, Run
from reports.render.writer import Pen
from reports.weekly.brief import Brief


def lines(pen: Pen, brief: Brief, stop: str) -> tuple[Line, ...]:
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
    parts: list[tuple[str, Line]] = [
        (pen.say("Why you get this:"), (Run(pen.say("noshow runs on your mailbox.")),))
    ]
    if brief.kind == "week":
        hours = pen.days.number(report.late_hours, 1)
        parts.append(
            (pen.say("Late:"), (Run(pen.say("under {hours} hours before.", hours=hours)),))
        )
    parts.append((pen.say("Read:"), (Run(read),)))
    parts.append((pen.say("Evidence:"), _evidence(pen)))
    if report.lead:
        parts.append((pen.say("Who else sees something:"), (Run(_of_lead(pen)),)))
    if stop:
        send = Run(pen.say("send “noshow stop” to yourself"), "", stop)
        parts.append((pen.say("To stop:"), pen.rich("{what}.", what=send)))
    else:
        parts.append((pen.say("To stop:"), (Run(pen.say("ask whoever runs noshow.")),)))
    return tuple((Run(label, "strong"), Run(" "), *line) for label, line in parts)


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
