"""What is to be said where a mailbox could not be read: which, since when, and what mends it?"""

from __future__ import annotations

import re

from reports.render.document import Action, Run
from reports.render.letter import Trouble
from reports.render.writer import Pen
from reports.weekly import links
from reports.weekly.report import Seen

_COMMAND = re.compile(r"noshow connect \S+(?: (?:-m|--for) \S+)*")
_LOGIN = re.compile(r"(?i)log(?:ged)? ?in|consent|token")


def headline(pen: Pen) -> str:
    """`Log in again: nothing since Thursday 26 November, 14:05, could be read.`"""
    worst = _worst(pen)
    if worst is None:
        return pen.say("No mailbox could be read.")
    if worst.complete_to is None:
        return pen.say("Nothing could be read to its end yet.")
    since = pen.days.full_stamp(worst.complete_to)
    if _is_login(pen, worst):
        return pen.say("Log in again: nothing since {since}, could be read.", since=since)
    if worst.progress:
        done, total = (pen.days.number(count) for count in worst.progress)
        return pen.say("Still reading: {done} of {total} mails.", done=done, total=total)
    return pen.say("Nothing since {since}, could be read.", since=since)


def short(pen: Pen) -> str:
    """The same for the subject, behind the word incomplete and a colon."""
    worst = _worst(pen)
    if worst is not None and _is_login(pen, worst):
        return pen.say("log in again")
    if worst is not None and worst.progress:
        return pen.say("still reading")
    return pen.say("not all could be read")


def box(pen: Pen) -> Trouble | None:
    """The trouble, its command and a mail that passes both on; None where time mends it."""
    worst = _worst(pen)
    if worst is None:
        return Trouble(
            (Run(pen.say("The settings name no mailbox, or none has been read.")),),
            "noshow doctor",
            None,
        )
    if not worst.problems and worst.progress:
        said = pen.say("The first reading goes on by itself; lists come when it is done.")
        return Trouble((Run(said),), "", None)
    address = Run(worst.address, "strong")
    if _is_login(pen, worst):
        command = _command(pen, worst)
        line = pen.rich(
            "The login to {address} is no longer accepted. Whoever runs noshow types this, and you "
            "then agree in the browser:",
            address=address,
        )
    else:
        command = "noshow doctor"
        why = links.clean("; ".join(worst.problems), 200) or _no_look(pen, worst)
        line = pen.rich("{address}: {why}. This says what to do:", address=address, why=why)
    return Trouble(line, command, _pass_on(pen, worst, command))


def notes(pen: Pen) -> tuple[str, ...]:
    """What is missing beside the worst: one line a mailbox, and warnings of the job."""
    found = [links.clean(pen.told(one), 300) for one in pen.report.warnings]
    for one in pen.report.seen:
        if one.pending or one.given_up:
            said = pen.plural(
                "{address}: {count} entry is still to be fetched",
                "{address}: {count} entries are still to be fetched",
                one.pending,
                address=one.address,
            )
            if not one.pending:
                said = pen.plural(
                    "{address}: {count} entry could not be had",
                    "{address}: {count} entries could not be had",
                    one.given_up,
                    address=one.address,
                )
            elif one.given_up:
                lost = pen.plural(
                    "{count} could not be had", "{count} could not be had", one.given_up
                )
                said = pen.clauses((said, lost))
            found.append(pen.say("{what}. What is missing counts against nobody.", what=said))
        if one.progress:
            done, total = (pen.days.number(count) for count in one.progress)
            found.append(
                pen.say(
                    "{address}: {done} of {total} mails are read so far.",
                    address=one.address,
                    done=done,
                    total=total,
                )
            )
        if one.old_since is not None and one.reached:
            when = pen.days.stamp(one.old_since)
            found.append(
                pen.say(
                    "Nothing was read since {when}: what came later is missing here.", when=when
                )
            )
        if one.problems and one.reached:
            why = links.clean("; ".join(one.problems), 200)
            found.append(pen.say("The last look failed: {why}", why=why))
    return tuple(found)


def _worst(pen: Pen) -> Seen | None:
    """The mailbox that was read the least far, of those with trouble."""
    found = [one for one in pen.report.seen if not one.reached]
    if not found:
        return None
    return min(
        found, key=lambda one: (one.complete_to is not None, one.complete_to or pen.report.as_of)
    )


def _no_look(pen: Pen, one: Seen) -> str:
    if one.complete_to is None:
        return pen.say("no look has been complete yet")
    return pen.say("no look has been complete since {when}", when=pen.days.stamp(one.complete_to))


def _is_login(pen: Pen, one: Seen) -> bool:
    said = " ".join((*one.problems, *(w for w in pen.report.warnings if one.address in w)))
    return bool(_LOGIN.search(said)) and not one.progress


def _command(pen: Pen, one: Seen) -> str:
    for text in (*one.problems, *pen.report.warnings):
        found = _COMMAND.search(text) if one.address in text or "noshow connect" in text else None
        if found:
            return found[0].rstrip(".;,")
    return f"noshow connect {one.provider or 'google'} -m {one.address}"


def _pass_on(pen: Pen, one: Seen, command: str) -> Action:
    """A mail to whoever runs noshow; its address is for the reader to choose."""
    body = pen.say(
        "Hello,\n\nnoshow can no longer read {address}. Please run:\n\n    {command}\n\nWhat is "
        "missing is then fetched by itself.",
        address=one.address,
        command=command,
    )
    name = pen.signature()
    text = f"{body}\n\n{name}" if name else body
    subject = (
        pen.say("noshow: a login is needed")
        if _is_login(pen, one)
        else pen.say("noshow: help is needed")
    )
    return Action(pen.say("Pass this on"), links.mailto("", subject, text), subject, "", True)
