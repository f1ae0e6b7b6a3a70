"""What does the mail ask for first: replies that are owed, then meetings worth a word?"""

from __future__ import annotations

from reports.render.document import Run
from reports.render.letter import Block, Do, OneLine
from reports.render.parts import drafts
from reports.render.words import wording
from reports.render.writer import Pen, strong
from reports.weekly.brief import Brief
from reports.weekly.report import Coming, Owed


def owed(pen: Pen, one: Owed, *, blind: bool) -> Do:
    """A reply that is owed; `blind`: whether it was given since is not known."""
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


def no_room(pen: Pen, brief: Brief) -> list[Block]:
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
