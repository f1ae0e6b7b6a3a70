"""Which English words open the report: subject, coverage, what changed?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reports.render.words.amounts import listed, plural


class Head:
    """Subject and head, coverage, section titles, what changed."""

    # ------------------------------------------------------------------ subject and head
    def subject(self, talk: int, pause: int, questions: int, owed: int, early: bool) -> str:
        parts = []
        if early:
            parts.append("too early for rates")
        if talk:
            parts.append(f"{talk} to talk to")
        if pause:
            parts.append(f"{pause} to consider pausing")
        if questions:
            parts.append(plural(questions, "question", "questions"))
        if owed and len(parts) < 3:
            parts.append(plural(owed, "reply you owe", "replies you owe"))
        text = ", ".join(parts) or "nobody to talk to"
        return text[0].upper() + text[1:]

    def week(self, number: int) -> str:
        return f"week {number}"

    def incomplete(self, since: str) -> str:
        return f"incomplete since {since}" if since else "incomplete"

    def old(self, when: str) -> str:
        return f"nothing was read since {when}: what came later is missing here"

    again = "sent again"

    def title(self, talk: int, pause: int, questions: int, owed: int, early: bool) -> str:
        parts = []
        if talk:
            parts.append(plural(talk, "contact to talk to", "contacts to talk to"))
        if pause:
            unit = "" if talk else "contact " if pause == 1 else "contacts "
            parts.append(f"{pause} {unit}to consider pausing")
        if questions:
            parts.append(
                plural(questions, "question only you can answer", "questions only you can answer")
            )
        if owed and not (talk or pause):
            parts.append(plural(owed, "reply that you owe", "replies that you owe"))
        text = listed(parts) or "Nobody to talk to this week"
        if early:
            text = f"Too early for rates: {text}" if parts else "Too early to say anything yet"
        return text[0].upper() + text[1:]

    def kicker(self, number: int, days: str) -> str:
        return f"Week {number} · {days}"

    def resent(self, first: str) -> str:
        return (
            f"This report is sent again: the copy of {first} was not found in the mailbox. "
            "If both are here, they say the same."
        )

    # ------------------------------------------------------------------ coverage
    def complete_up_to(self, when: str, boxes: int) -> str:
        return f"Complete up to {when}{self._boxes(boxes)}"

    def looked_up_to(self, when: str, boxes: int) -> str:
        return f"Looked at up to {when}{self._boxes(boxes)}"

    def _boxes(self, boxes: int) -> str:
        if boxes < 2:
            return ""
        return " for both mailboxes" if boxes == 2 else f" for {boxes} mailboxes"

    nothing_complete = "No mailbox has been read completely yet"

    def counts(self, since: str, meetings: int, sent: int, received: int) -> str:
        read = f"Read since {since}: " if since else "Read so far: "
        return (
            f"{read}{plural(meetings, 'meeting', 'meetings')} with contacts, "
            f"{plural(sent, 'mail', 'mails')} sent, {received:,} received"
        )

    def missing(self, pending: int, given_up: int) -> str:
        parts = []
        if pending:
            parts.append(
                plural(pending, "item is still to be fetched", "items are still to be fetched")
            )
        if given_up:
            parts.append(f"{given_up:,} could not be had")
        return f"Not complete: {listed(parts)}. What is missing counts against nobody."

    def progress(self, done: str, total: str) -> str:
        return f"Older mail is being read: {done} of {total} so far."

    def too_early(self, calendar: str, mail: str, needed: int) -> str:
        return (
            f"Too early for rates: {calendar} weeks of calendar and {mail} of mail seen so far, "
            f"{needed} are needed. Until then: questions, replies that you owe, and counts."
        )

    no_mailbox = "No mailbox could be read for this report."
    # ------------------------------------------------------------------ section titles
    titles: Mapping[str, str] = MappingProxyType(
        {
            "owed": "Your side first",
            "questions": "Questions only you can answer",
            "coming": "This week: worth confirming the day before",
            "talk": "To talk to",
            "pause": "To consider pausing",
            "cold": "Asked, not yet in touch",
            "dead": "Mail does not arrive",
            "waiting": "Waiting for an answer",
            "unread": "Not said, because it is not known",
            "promises": "Promises whose day passed",
            "back": "Came back",
            "twelve": "Twelve weeks",
            "kept": "Kept last week, as far as can be seen",
            "notices": "About your answers",
            "how": "How to read this",
        }
    )

    def since(self, week: int, last: bool) -> str:
        return "Since last week" if last else f"Since the report of week {week}"

    def between(self, first: str, last: str) -> str:
        """When something happened that only two looks, days apart, can tell."""
        return f"some time between {first} and {last}" if first != last else f"on {first}"

    answered_meeting = "You answered about {meeting} with {who}, {when}: “{said}”{counts}."
    answered_mail = "You answered about {who}{org}: “{said}”."
    counted: Mapping[str, str] = MappingProxyType(
        {
            "theirs": "; it counts as a late change of theirs",
            "absent": "; it counts as an absence",
            "kept": "; it counts as kept",
            "ours": "; it counts as a late change of yours",
            "nobody": "; it counts for nobody",
        }
    )

    def shares(self, before: tuple[int, int] | None, after: tuple[int, int] | None) -> str:
        """` (4 of 6, was 3 of 5)` behind a name."""
        if before is None or after is None or before == after:
            return ""
        return f" ({after[0]} of {after[1]}, was {before[0]} of {before[1]})"

    changed = "What has changed"
    first_report = "This is the first report: there is no earlier one to compare it with."
    nothing_changed = "Nobody new, nobody gone, nobody better or worse."
    nobody = "Nobody this week."
    nobody_yet = "Nobody so far; not everything has been read yet."
