"""Which English words have the lists and the small print?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from reports.render.words.amounts import listed, plural


class Lists:
    """Lists of one line each, twelve weeks, how to read this."""

    # ------------------------------------------------------------------ lists
    cold = "{who}{org}: {count} since {first}, the last on {last}."
    cold_step = "A different way in, or let it rest."

    def cold_count(self, count: int) -> str:
        return plural(count, "ask", "asks")

    dead: Mapping[str, str] = MappingProxyType(
        {
            "bounce": "{who}{org}: mail came back{on}.",
            "machine": "{who}{org}: answers only by machine{since}.",
        }
    )

    def on(self, day: str) -> str:
        return f" on {day}"

    def since_day(self, day: str) -> str:
        return f" since {day}"

    unread = "{who}{org}: asked since {first}; {why}."
    unread_why: Mapping[str, str] = MappingProxyType(
        {
            "not-all-read": "not all mail since then has been read",
            "bulk-answer": "a mailing came after it, which may be the answer",
            "undated-answer": "a mail whose date cannot be read may be the answer",
            "misdated-answer": "an answer is dated before its question",
            "generated-answer": "a program answered, perhaps for a person",
            "thread-answer": "answered by {who} in the thread",
            "unclear-report": "a delivery report does not say what became of it",
            "sender-check": "a mail in that name failed the sender check",
        }
    )

    def waiting(self, three: int, five: int, days: tuple[int, int]) -> str:
        parts = []
        if five:
            parts.append(
                f"{plural(five, 'contact', 'contacts')} for {days[1]} working days or more"
            )
        if three:
            parts.append(f"{plural(three, 'contact', 'contacts')} for {days[0]}")
        return f"Nothing to do yet: {listed(parts)}."

    promise = "{who}{org}: {words}, promised for {day}{word}."
    no_word = ", passed without a word"

    def word_before(self, day: str) -> str:
        return f"; wrote on {day}, before its day"

    back = "{who}{org} was back in touch on {day}, {days} after the first ask{kept}."

    def days(self, count: int) -> str:
        return plural(count, "day", "days")

    def kept_too(self, day: str) -> str:
        return f", and kept the meeting of {day}"

    movements: Mapping[str, str] = MappingProxyType(
        {"new": "New", "worse": "Worse", "better": "Better", "gone": "No longer listed"}
    )
    tiers: Mapping[str, str] = MappingProxyType(
        {
            "talk": "to talk to",
            "pause": "to consider pausing",
            "cold": "asked, not yet in touch",
            "dead": "mail does not arrive",
        }
    )

    def from_to(self, was: str, now: str) -> str:
        return f" ({self.tiers.get(was, was)} → {self.tiers.get(now, now)})"

    def and_more(self, count: int) -> str:
        return f"and {count:,} more"

    # ------------------------------------------------------------------ twelve weeks
    def twelve(self, late: int, n: int, before: tuple[int, int] | None, since: str) -> str:
        if not n:
            return "No meeting with a contact came to its day in these twelve weeks."
        earlier = f" ({before[0]} of {before[1]} in the twelve weeks before)" if before else ""
        seen = f" Seen since {since}." if since else ""
        return (
            f"{late} of {n} meetings that came to their day fell through or were moved late"
            f"{earlier}.{seen}"
        )

    def hours(self, hours: str, travel: bool) -> str:
        counted = "travel counted" if travel else "travel not counted"
        unit = "hour" if hours == "1" else "hours"
        return (
            f"{hours} {unit} of your calendar went to meetings that did not take place, {counted}."
        )

    legend: Mapping[str, str] = MappingProxyType(
        {
            "kept": "kept",
            "late": "late by them",
            "absent": "absent",
            "ours": "late by us",
            "unknown": "unknown",
        }
    )

    def picture(self, weeks: Sequence[str]) -> str:
        return f"Meetings with contacts by week. {'; '.join(weeks)}."

    def picture_week(self, number: int, parts: Sequence[str]) -> str:
        return f"Week {number}: {', '.join(parts) if parts else 'none'}"

    # ------------------------------------------------------------------ small print
    kept_lead = "If somebody was not there, answer “absent”:"
    absent = "absent"

    def how(self, late: str, list_k: int, baseline: str, chance: str) -> tuple[str, ...]:
        by_chance = (
            f" By chance alone, about {chance} of the names here would be listed." if chance else ""
        )
        return (
            f"Late means less than {late} hours before the start, and less than half of the time "
            f"since it was agreed. A contact is listed from {list_k} such meetings on, and only if "
            f"it is likely that more of them go this way than the usual {baseline}.{by_chance} Where "
            "the moment or the side is not known, nothing is claimed. R1, M2 and their like are the "
            "numbers of the rules in docs/rules.md.",
            "Every line that can be wrong has an id. A mail from you to yourself with the subject "
            "“noshow ID word” answers it; so does the command “noshow answer ID word”. Words: them, "
            "us, both, none (who needed the change; none: a slip or tidying) · held, absent · done "
            "(I did reply) · reached (answered by phone or in person) · wrong · undo. "
            "“noshow call dana@client.example spoke” logs a call.",
            "Only headers and calendar entries are read, never the text of a mail.",
        )
