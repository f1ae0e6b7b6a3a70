"""What does the mail say of one contact: a card for the few to talk to, a line for the others?

A card is one claim, both sides in one sentence, one button and one way to say that it is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.claims import Claim
from reports.columns.iso_weeks import monday_of, number_of
from reports.render.document import Action, Line, Run
from reports.render.language.days import Days
from reports.render.letter import Card, OneLine, Proof, Square
from reports.render.parts import drafts
from reports.render.words import spans, wording
from reports.render.writer import Pen, strong
from reports.vocabulary import Word
from reports.weekly.person import Person
from reports.weekly.report import Answered, CameBack, Promise

#: A strip of up to six squares is one row; more go in rows of five, the latest ten.
ONE_ROW, ROW, MOST_SQUARES = 6, 5, 10
#: Letters of a word that fit into a sixth of a card on a phone.
LONGEST_OF_SIX = 6
SQUARES = ("kept", "off", "moved", "absent")
#: One mail contradicts at most so many claims; more stand on the page, each with its own link.
MOST_WRONG = 12


def card(pen: Pen, person: Person, *, solid: bool) -> Card:
    """The card of somebody to talk to."""
    squares = strip(pen, person)
    columns = _columns(squares)
    return Card(
        name=person.who.name,
        organisation=person.who.house,
        all=_all(pen, person),
        rows=tuple(squares[at : at + columns] for at in range(0, len(squares), columns)),
        columns=columns,
        sentences=_sentences(pen, person),
        action=drafts.step(pen, person, solid=solid),
        side=_wrong(pen, person),
        proofs=_proofs(pen, person),
    )


def _columns(squares: Sequence[Square]) -> int:
    """Six in one row where all fit, else rows of five: also for words too long for a sixth."""
    short = all(len(one.word) <= LONGEST_OF_SIX for one in squares)
    return ONE_ROW if short and len(squares) <= ONE_ROW else ROW


def strip(pen: Pen, person: Person) -> tuple[Square, ...]:
    """The meetings behind `k of n`, oldest first; of more than ten the latest."""
    if not person.by_meetings:
        return ()
    words = wording.squares(pen)
    shown = [one for one in person.events if one.counted and one.kind in SQUARES]
    return tuple(
        Square(one.kind, words[one.kind], pen.days.short(one.at))
        for one in reversed(shown[:MOST_SQUARES])
    )


def _all(pen: Pen, person: Person) -> Run | None:
    """Where all that is known of them stands: `All six`, and behind ten squares how many.

    Without a link it says nothing where the strip shows them all: the footer names the page.
    """
    number = person.n if person.by_meetings else sum(1 for one in person.events)
    if not number or not (pen.page or pen.attached):
        return None
    if not pen.page and len(strip(pen, person)) >= number:
        return None
    words = pen.counted(number)
    if pen.page:
        said = pen.plural(
            "The one date with {name}", "All {words} dates with {name}", number,
            words=words, name=person.who.name,
        )  # fmt: skip
        href = f"{pen.page}#{person.slug}"
        return Run(pen.plural("The one", "All {words}", number, words=words), "", href, said)
    return Run(pen.plural("The one: attached", "All {words}: attached", number, words=words))


def _sentences(pen: Pen, person: Person) -> Line:
    line: Line = ()
    if person.by_meetings:
        line += (*_meetings(pen, person), *_not_known(pen, person), *_here(pen, person))
    if person.quiet is not None and person.by in ("silence", "both"):
        line += (Run(" "),) if line else ()
        line += _silence(pen, person)
    return line


def _meetings(pen: Pen, person: Person) -> Line:
    """Both sides in one sentence: `You called off none, they 4 of 6, 2½ to 4 hours before.`"""
    kinds = {one.kind for one in person.incidents}
    share = _share(pen, person)
    span = spans.spread(pen, person.incidents) if "absent" not in kinds else ""
    if person.own_late or person.own_open or "absent" in kinds:
        return _meetings_of_both(pen, person, share, span)
    own = _none(pen, person)
    if person.pattern is not None:
        return pen.rich(
            "You moved {own}, they {share}, {from_day} to {to_day}; all new dates kept.",
            own=own,
            share=share,
            from_day=pen.days.name(person.pattern.from_day),
            to_day=pen.days.name(person.pattern.to_day),
        )
    if kinds == {"moved"}:
        if span:
            return pen.rich(
                "You moved {own}, they {share}, {span}.", own=own, share=share, span=span
            )
        return pen.rich("You moved {own}, they {share}.", own=own, share=share)
    if "moved" in kinds:
        if span:
            return pen.rich(
                "You called off or moved {own}, they {share}, {span}.",
                own=own, share=share, span=span,
            )  # fmt: skip
        return pen.rich("You called off or moved {own}, they {share}.", own=own, share=share)
    if span:
        return pen.rich(
            "You called off {own}, they {share}, {span}.", own=own, share=share, span=span
        )
    return pen.rich("You called off {own}, they {share}.", own=own, share=share)


def _meetings_of_both(pen: Pen, person: Person, share: Line, span: str) -> Line:
    """The same where more than one sort of change is meant: what we changed is not told apart."""
    own = wording.own_late(pen, person)
    if person.pattern is not None:
        return pen.rich(
            "You changed {own}, they moved {share}, {from_day} to {to_day}; all new dates kept.",
            own=own,
            share=share,
            from_day=pen.days.name(person.pattern.from_day),
            to_day=pen.days.name(person.pattern.to_day),
        )
    if person.absent:
        return pen.rich("You changed {own}, they missed or changed {share}.", own=own, share=share)
    if span:
        return pen.rich("You changed {own}, they {share}, {span}.", own=own, share=share, span=span)
    return pen.rich("You changed {own}, they {share}.", own=own, share=share)


def _not_known(pen: Pen, person: Person) -> Line:
    """How many meetings beside those of the share nobody can tell of, our own open ones left out."""
    if not person.unknown_else:
        return ()
    said = pen.plural("One more is unknown.", "{count} more are unknown.", person.unknown_else)
    return (Run(f" {said}", "quiet"),)


def _here(pen: Pen, person: Person) -> Line:
    """How much of the share this report's mailboxes show, where others show the rest."""
    return (Run(f" {wording.here(pen, person)}", "quiet"),) if person.here is not None else ()


def _none(pen: Pen, person: Person) -> str:
    if person.ours_hidden_before is not None:
        return pen.say_as("You called off none, they 4 of 6", "none that can be seen")
    return pen.say_as("You called off none, they 4 of 6", "none")


def _share(pen: Pen, person: Person) -> Line:
    """`4 of 6`, and what it was in the last report where that was otherwise."""
    report = pen.report
    now = Run(wording.share(pen, person), "strong")
    if person.before is None or person.before == (person.k, person.n):
        return (now,)
    k, n = (str(one) for one in person.before)
    if _just_before(report.compared_with, report.week):
        return pen.rich("{share} (last report: {k} of {n})", share=now, k=k, n=n)
    week = str(number_of(report.compared_with))
    return pen.rich("{share} (report of week {week}: {k} of {n})", share=now, k=k, n=n, week=week)


def _just_before(earlier: str, week: str) -> bool:
    """Is `earlier` the ISO week right before `week`?"""
    return (monday_of(week) - monday_of(earlier)).days == 7


def _silence(pen: Pen, person: Person) -> Line:
    quiet = person.quiet
    assert quiet is not None  # noqa: S101 - asked before
    asks = Run(wording.asks(pen, quiet), "strong")
    if person.owed:
        owed = pen.plural("one reply", "{count} replies", person.owed)
        line = pen.rich("You owe {owed}; your {asks} without an answer.", owed=owed, asks=asks)
    else:
        line = pen.rich("You owe no reply; your {asks} without an answer.", asks=asks)
    if quiet.last_heard_at is not None:
        heard = pen.say("Last heard from on {day}.", day=pen.days.day(quiet.last_heard_at))
        line = (*line, Run(f" {heard}"))
    if quiet.unseen_before is not None:
        line = (*line, Run(f" {wording.unseen(pen, quiet.unseen_before)}", "quiet"))
    return line


def _wrong(pen: Pen, person: Person) -> Action | None:
    """One link for all that a card claims; its body says which id is which."""
    pairs = [
        (one.claim, wording.date(pen, one)) for one in person.incidents if one.claim is not None
    ]
    if person.quiet is not None and person.by in ("silence", "both"):
        pairs.append((person.quiet.claim, wording.asks(pen, person.quiet)))
    return wrong(
        pen,
        pairs,
        label=pen.say("This is wrong"),
        lead=pen.say("Leave in the subject only the ids of what is wrong, and send."),
        said=pen.say("This is wrong: {name}", name=person.who.name),
        silent=person.by in ("silence", "both"),
    )


def wrong(
    pen: Pen,
    pairs: Sequence[tuple[Claim, str]],
    *,
    label: str,
    lead: str,
    said: str = "",
    silent: bool,
) -> Action | None:
    """A link that contradicts several claims, each named by (claim, what it is) in its body."""
    first = pairs[0][0].mailbox_id if pairs else -1
    mine = [(claim, what) for claim, what in pairs if claim.mailbox_id == first][:MOST_WRONG]
    if not mine or not all(pen.id(claim) for claim, _ in mine):
        return None
    listing = "\n".join(f"{pen.id(claim)}  {what}" for claim, what in mine)
    other = (
        pen.say(
            "If they answered by phone or in person, write reached instead of wrong; if it is "
            "settled, done."
        )
        if silent
        else pen.say(
            "Instead of wrong you may write: held (it took place), us (I needed it), both, none "
            "(a slip or tidying)."
        )
    )
    body = "\n\n".join((lead, listing, other))
    return pen.answer_all([claim for claim, _ in mine], "wrong", label, body=body, said=said)


def _proofs(pen: Pen, person: Person) -> tuple[Proof, ...]:
    found = [
        Proof(wording.date(pen, one), wording.event(pen, one), pen.id(one.claim))
        for one in person.incidents
        if one.claim is not None
    ]
    if person.quiet is not None and person.by in ("silence", "both"):
        asks: Line = (Run(wording.asks(pen, person.quiet)),)
        if person.quiet.link:
            last = Run(pen.say("the last mail"), "", person.quiet.link)
            asks = pen.rich("{asks} ({mail})", asks=asks, mail=last)
        found.append(Proof("", asks, pen.id(person.quiet.claim)))
    return tuple(found)


# -- one line each -------------------------------------------------------------------------------


def line(pen: Pen, person: Person) -> OneLine:
    """Somebody listed who has no card: what is known, in one line."""
    who = strong(person.who)
    if person.dead is not None:
        claim = pen.id(person.dead.claim)
        if person.dead.at is None:
            return OneLine(pen.rich("{who}: your mail comes back", who=who), claim)
        day = pen.days.short(person.dead.at)
        if "machine" in person.dead.reason:
            return OneLine(
                pen.rich("{who}: only a machine answers since {day}", who=who, day=day), claim
            )
        return OneLine(pen.rich("{who}: your mail came back on {day}", who=who, day=day), claim)
    if person.quiet is not None and person.by == "silence":
        asks = wording.asks(pen, person.quiet)
        return OneLine(
            pen.rich("{who}: your {asks}, no answer", who=who, asks=asks),
            pen.id(person.quiet.claim),
        )
    ids = " ".join(filter(None, (pen.id(one.claim) for one in person.incidents if one.claim)))
    said = pen.rich("{who}: {what}", who=who, what=wording.late(pen, person))
    if person.here is not None:
        said = (*said, Run(f". {wording.here(pen, person)}"))
    return OneLine(said, ids)


def promise(pen: Pen, one: Promise) -> OneLine:
    """A promise is the reader's own note (a mark or `noshow promise`), and is said as one."""
    day = Days("UTC", pen.report.language, pen.report.as_of).short(one.due_at)
    what = pen.say("{day} ({words})", day=day, words=one.words) if one.words else day
    if one.word_at is None:
        text = pen.rich(
            "{who}: you noted a promise for {what}; no word since", who=strong(one.who), what=what
        )
    else:
        text = pen.rich(
            "{who}: you noted a promise for {what}; last word on {word}",
            who=strong(one.who),
            what=what,
            word=pen.days.short(one.word_at),
        )
    return OneLine(text, pen.id(one.claim))


def came_back(pen: Pen, one: CameBack) -> OneLine:
    return OneLine(
        pen.rich_plural(
            "{who}: back in touch after {count} day",
            "{who}: back in touch after {count} days",
            one.days,
            who=strong(one.who),
        )
    )


def said_back(pen: Pen, one: Answered) -> OneLine:
    """An answer of the reader's, and how it counts now, with the way to take it back."""
    undo: Line = ()
    if one.mailbox and one.word != Word.UNDO:
        action = pen.undo(one)
        undo = (Run(action.label, "", action.href, action.said),)
    said = wording.answered(pen, one)
    if one.start_at is None:
        line = pen.rich("{who}: {said}", who=strong(one.who), said=said)
    else:
        day = pen.days.short(one.start_at)
        line = pen.rich("{who}, {day}: {said}", who=strong(one.who), day=day, said=said)
    return OneLine(pen.rich("{what}; {undo}", what=line, undo=undo) if undo else line)
