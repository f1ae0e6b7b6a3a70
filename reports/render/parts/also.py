"""What does the mail say in one line each, and how is one of these lines said to be wrong?"""

from __future__ import annotations

from reports.render.document import Action, Run
from reports.render.letter import OneLine, Section
from reports.render.parts import cards
from reports.render.words import wording
from reports.render.writer import Pen
from reports.weekly import links
from reports.weekly.brief import Brief


def section(pen: Pen, brief: Brief) -> Section:
    """One line each for whoever needs no card."""
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
        label=pen.say("One of these is wrong") if len(pairs) > 1 else pen.say("This is wrong"),
        lead=pen.say("Leave in the subject only the ids of the lines that are wrong, and send."),
        silent=True,
    )
