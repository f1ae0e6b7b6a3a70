"""Which mail does a button prepare? Polite, about one meeting or mail, and never about counts.

A draft is the reader's own mail to a contact: it names the meeting, its day, hour and zone as a
person writes them, and says nothing of how often anything happened.
"""

from __future__ import annotations

from collections.abc import Mapping

from reports.render.document import Action
from reports.render.writer import Pen
from reports.vocabulary import Step
from reports.weekly import links
from reports.weekly.person import Event, Person, Who
from reports.weekly.report import Coming, Owed


def confirm(pen: Pen, one: Coming, *, when: bool = False) -> Action:
    """`Confirm with Petra`: does it still suit you? `when`: the label says the day."""
    day, hour = pen.days.full(one.start_at), pen.days.clock(one.start_at)
    zone, subject = pen.zone(one.start_at), pen.days.full_stamp(one.start_at)
    if one.accepted:
        body = pen.say(
            "our meeting on {day} at {hour} ({zone}): does it still suit you?",
            day=day, hour=hour, zone=zone,
        )  # fmt: skip
    else:
        body = pen.say(
            "I have us down for {day} at {hour} ({zone}). Does that suit you?",
            day=day, hour=hour, zone=zone,
        )  # fmt: skip
    label = pen.say("Confirm with {name}", name=pen.given(one.who))
    if when:
        label = pen.say("{action}, {when}", action=label, when=pen.days.brief(one.start_at))
    return Action(label, _mail(pen, one.who, subject, body), subject, solid=True)


def reply(pen: Pen, one: Owed) -> Action:
    """`Answer Tom`: the thread where the provider has a link to it, else a mail."""
    label = pen.say("Answer {name}", name=pen.given(one.who))
    if one.link:
        return Action(label, one.link, solid=True)
    subject = pen.say("Re: {subject}", subject=one.subject) if one.subject else ""
    return Action(label, _mail(pen, one.who, subject, ""), subject, solid=True)


def step(pen: Pen, person: Person, *, solid: bool = False) -> Action | None:
    """The button of a person's next step; None where it is none that a mail can take."""
    label = step_label(pen, person)
    if not label:
        return None
    to = person.step_who if person.step == Step.WRITE_TO and person.step_who else person.who
    subject, body = _step_words(pen, person)
    said = pen.say("{action}: a mail to {name}", action=label, name=to.name)
    return Action(label, _mail(pen, to, subject, body), subject, said, solid)


def step_label(pen: Pen, person: Person) -> str:
    """What the step's button says; "" for a step that is none."""
    if person.step == Step.WRITE_TO:
        name = pen.given(person.step_who) if person.step_who else ""
        return pen.say("Write to {name}", name=name) if name else ""
    said: Mapping[str, str] = {
        Step.YOUR_CHANGES_FIRST: pen.say("Propose a new day"),
        Step.ASK_DIRECTLY: pen.say("Ask what changed"),
        Step.INVITE_CLOSER: pen.say("Propose a nearer day"),
        Step.ANOTHER_WAY: pen.say("Ask who to talk to"),
    }
    return said.get(person.step, "")


def _step_words(pen: Pen, person: Person) -> tuple[str, str]:
    """Subject and body of a step's draft."""
    last = next(iter(person.incidents), None)
    mail = person.quiet.subject if person.quiet is not None else ""
    about = pen.say("Re: {subject}", subject=mail) if mail else ""
    if person.step == Step.ASK_DIRECTLY:
        question = pen.say(
            "Has something changed on your side, and is there a day or a length that suits you better?"
        )
        return _title(pen, last), _joined(_what_happened(pen, last), question)
    if person.step == Step.YOUR_CHANGES_FIRST:
        ours = next((one for one in person.events if one.kind == "ours"), None)
        if ours is not None:
            happened = pen.say(
                "I am sorry that I changed our meeting on {day} at {hour} ({zone}) so late.",
                day=pen.days.full(ours.at), hour=pen.days.clock(ours.at), zone=pen.zone(ours.at),
            )  # fmt: skip
            last = ours
        else:
            happened = _what_happened(pen, last)
        return _title(pen, last), _joined(
            happened, pen.say("Which day would suit you for a new one?")
        )
    if person.step == Step.INVITE_CLOSER:
        return _title(pen, last), pen.say(
            "shall we set our next meeting only a few days before? Which day of this week or the "
            "next would suit you?"
        )
    if person.step == Step.WRITE_TO:
        name = person.who.name
        return (about or pen.say("A question about {name}", name=name)), pen.say(
            "I have been trying to reach {name}. Could you tell me how best to do that, or who else "
            "could help me?",
            name=name,
        )
    return about, pen.say(
        "is there somebody else I should talk to about this? A name is enough, and thank you."
    )


def _title(pen: Pen, event: Event | None) -> str:
    if event is not None and event.subject:
        return event.subject
    return pen.say("Our meetings")


def _what_happened(pen: Pen, event: Event | None) -> str:
    if event is None:
        return ""
    day, hour, zone = pen.days.full(event.at), pen.days.clock(event.at), pen.zone(event.at)
    if event.kind == "moved":
        return pen.say(
            "our meeting on {day} at {hour} ({zone}) went to another time.",
            day=day, hour=hour, zone=zone,
        )  # fmt: skip
    if event.kind == "absent":
        return pen.say(
            "we missed each other at our meeting on {day} at {hour} ({zone}).",
            day=day, hour=hour, zone=zone,
        )  # fmt: skip
    return pen.say(
        "our meeting on {day} at {hour} ({zone}) did not take place.",
        day=day, hour=hour, zone=zone,
    )  # fmt: skip


def _joined(first: str, second: str) -> str:
    return f"{first} {second}" if first else second


def _mail(pen: Pen, to: Who, subject: str, body: str) -> str:
    """The link that opens a mail to a contact, greeted and signed."""
    if body:
        parts = [pen.say("Hello {name},", name=pen.called(to)), body, pen.signature()]
        body = "\n\n".join(part for part in parts if part)
    return links.mailto(to.address, subject, body)
