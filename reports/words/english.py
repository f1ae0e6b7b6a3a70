"""Which words does the report use? All English sentences, in one place.

Words are dates and counts: no adjectives about people, no pronouns that guess, "not since" and
never "never" (rules.md section 8). `{name}` marks what is put in later, so that a name keeps its
weight and its link, and can never become markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

_MINUTES = 60
_QUARTER = 15


def plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`"""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def duration(hours: float, *, rough: bool = False) -> str:
    """`45 min`, `1 h 48 min`, `22 h`, `3 days`: minutes only below ten hours.

    `rough`: from an hour on to the quarter, for an end of something hours wide.
    """
    minutes = round(abs(hours) * _MINUTES)
    if rough and minutes >= _MINUTES:
        minutes = _QUARTER * round(minutes / _QUARTER)
    if minutes < _MINUTES:
        return f"{minutes} min"
    if minutes < 10 * _MINUTES:
        whole, rest = divmod(minutes, _MINUTES)
        return f"{whole} h {rest} min" if rest else f"{whole} h"
    if abs(hours) < 48:
        return f"{round(abs(hours))} h"
    return plural(round(abs(hours) / 24), "day", "days")


def notice(lo: float | None, hi: float | None) -> str:
    """When a change came, told from the start: exactly, or as the interval that is known."""
    if lo is None and hi is None:
        return "at a moment that is not known"
    if lo is None:
        assert hi is not None  # noqa: S101 - one of the two is given
        if hi > 0:
            return f"at most {duration(hi)} before it began"
        return f"{duration(hi)} or longer after it began"
    if hi is None:
        if lo >= 0:
            return f"at least {duration(lo)} before it began"
        return f"{duration(lo)} after it began at the latest"
    if abs(hi - lo) * _MINUTES < 1 or (duration(hi) == duration(lo) and lo * hi > 0):
        if abs(hi) * _MINUTES < 1:
            return "at the minute it began"
        return f"{duration(hi)} {'before' if hi > 0 else 'after'} it began"
    wide = hi - lo >= 1
    least, most = duration(lo, rough=wide), duration(hi, rough=wide)
    if lo >= 0:
        return f"{least} to {most} before it began"
    if hi <= 0:
        return f"{most} to {least} after it began"
    return f"some time from {most} before it began to {least} after"


class English:
    """The sentences of one language; another language is another class with the same names."""

    language = "en"
    to = "to"

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

    incomplete = "incomplete"
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

    # ------------------------------------------------------------------ our side
    def working_days(self, days: int) -> str:
        return plural(days, "working day", "working days")

    owes = "You owe {who}{org} a reply: {mail}"
    no_subject = "(no subject)"
    perhaps = "Perhaps yours: {mail} of {day}, their first answer to yours, waits"
    own_change = "You changed {meeting} with {who} {notice}{answered}."

    def answered(self, day: str) -> str:
        return f" (your answer of {day})"

    # ------------------------------------------------------------------ questions
    asked = "{meeting} with {who}, {when}. {what} {ask}"
    untitled = "A meeting"
    happened: Mapping[str, str] = MappingProxyType(
        {
            "moved": "You moved it {notice}.",
            "cancelled": "You cancelled it {notice}.",
            "gone": "It disappeared from the calendar {notice}; who removed it cannot be seen.",
            "cancelled_unknown": "It was cancelled {notice}; who did that cannot be seen.",
            "changed_after": "It was changed after its start: {notice}.",
            "mailed": "Nothing was changed in the calendar.",
        }
    )
    they_wrote = " {who} wrote on {when}."
    who_needed = "Who needed that?"
    did_it_happen = "Did it take place?"
    answers: Mapping[str, str] = MappingProxyType(
        {
            "them": "They did",
            "us": "I did",
            "both": "Both of us",
            "none": "Nobody, a slip or tidying",
            "held": "It took place after all",
        }
    )
    answers_after: Mapping[str, str] = MappingProxyType(
        {
            "held": "It did",
            "them": "They called it off",
            "us": "I called it off",
            "both": "Both of us did",
            "none": "A slip or tidying",
        }
    )

    def did_not_come(self, name: str) -> str:
        return f"{name} did not come"

    click = (
        "A click opens a mail to yourself; send it as it is. "
        "The answer counts from the next sync and can be taken back (undo)."
    )

    # ------------------------------------------------------------------ the week ahead
    meets = "{who}{org}, {meeting}. {facts}"
    on_site = "on site"

    def coming_facts(self, agreed: int | None, accepted: bool, k: int, n: int) -> str:
        parts = []
        if agreed is not None:
            ago = "today" if agreed == 0 else f"{plural(agreed, 'day', 'days')} ago"
            parts.append(f"agreed {ago}")
        if not accepted:
            parts.append("not accepted yet")
        if k:
            parts.append(f"{k} of the {n} that came to their day fell through or moved late")
        text = "; ".join(parts)
        return text[:1].upper() + text[1:] + ("." if text else "")

    coming_order = "The most to lose first: by how likely, and how long."
    confirm = "Write a short confirmation"

    def confirm_subject(self, meeting: str, when: str) -> str:
        return f"{meeting}, {when}"

    def confirm_body(self, when: str, zone: str) -> str:
        return f"Just to confirm: {when} ({zone}). Does it still suit you?\n"

    # ------------------------------------------------------------------ cards
    stages: Mapping[str, str] = MappingProxyType({"client": "client"})

    def movement(self, word: str, last: bool, week: int) -> str:
        if word == "new":
            return "new"
        return f"{word} than last week" if last else f"{word} than in week {week}"

    squares: Mapping[str, str] = MappingProxyType(
        {
            "kept": "kept",
            "attended": "kept",
            "cancelled_late": "late",
            "moved_late": "moved",
            "absent": "absent",
            "unknown": "?",
        }
    )

    def rate(self, hard: bool, moved: bool) -> str:
        how = (
            "fell through or were moved late"
            if hard and moved
            else "were moved late"
            if moved
            else "fell through late"
        )
        return "{share} meetings that came to their day " + how + "{more}."

    def share(self, k: int, n: int) -> str:
        return f"{k} of {n}"

    def more(self, unknown: int, early: int, excused: int) -> str:
        parts = []
        if unknown:
            parts.append(f"{unknown} unknown")
        if early:
            parts.append(f"{early} changed in good time")
        if excused:
            parts.append(f"{excused} excused by an absence")
        return "".join(f"; {part}" for part in parts)

    moves_only = "Changes on the day, keeps the new date."

    def incident(self, outcome: str, rule: str, grade: str) -> str:
        """What happened, to be followed by the notice, except for an absence."""
        if outcome == "absent":
            return "not there, by your word" if grade == "certain" else "not in the call's record"
        if outcome == "moved_late":
            return "another time proposed" if rule == "M4" else "moved"
        return {
            "M1": "cancelled",
            "M2": "declined",
            "M4": "another time proposed, then declined",
        }.get(rule, "called off")

    def held(self, minutes: str) -> str:
        return f" (you were in it for {minutes} min)"

    def via(self, name: str) -> str:
        return f", through {name}"

    def replaced(self, day: str) -> str:
        return f"; kept on {day} instead"

    incident_facts: Mapping[str, str] = MappingProxyType(
        {
            "kept-after-all": ", kept after all",
            "absence": "; an out-of-office of theirs was open",
            "replacement": "; a new date is agreed",
        }
    )

    def churned(self, count: int, moves: int) -> str:
        meetings = plural(count, "meeting was", "meetings were")
        return f"{meetings} moved {moves} times or more in good time; not counted."

    def earlier(self, count: int) -> str:
        return f"{count} earlier ones within 180 days: noshow contact {{who}}"

    def asks(self, count: int, day: str) -> str:
        return f"{plural(count, 'ask', 'asks')} since {day}, no answer:"

    def asks_on(self, kind: str, days: Sequence[str]) -> str:
        one, many = {
            "mail": ("a mail on", "mails on"),
            "call": ("a call on", "calls on"),
            "invitation": ("an invitation of", "invitations of"),
        }.get(kind, ("an ask on", "asks on"))
        return f"{one if len(days) == 1 else many} {listed(days)}"

    def heard(self, day: str) -> str:
        return f"Last heard from on {day}."

    not_heard = "Not heard from in the time that was read."

    def cannot_see(self, day: str) -> str:
        return f"Mail deleted before {day} cannot be seen."

    def waits(self, count: int, day: str, days: int) -> str:
        return (
            f"Mail: {plural(count, 'ask', 'asks')} open since {day}, "
            f"{days} working days or more without an answer."
        )

    def speed(self, theirs: tuple[int, str] | None, ours: tuple[int, str] | None) -> str:
        parts = []
        if theirs:
            parts.append(f"half of their {theirs[0]} answers came within {theirs[1]}")
        if ours:
            parts.append(f"half of your {ours[0]} within {ours[1]}")
        text = "; ".join(parts)
        return f"{text[:1].upper()}{text[1:]}." if text else ""

    def working_hours(self, hours: float) -> str:
        if hours < 1:
            return plural(max(1, round(hours * _MINUTES)), "working minute", "working minutes")
        return plural(round(hours), "working hour", "working hours")

    def your_part(self, own_late: int, owed: int) -> str:
        late = (
            plural(own_late, "late change by you", "late changes by you")
            if own_late
            else "no late change by you"
        )
        mails = f"; {plural(owed, 'reply', 'replies')} owed" if owed else ""
        return f"Your part: {late}{mails}."

    def leads(self, kept: str, late: str) -> str:
        days = "day" if kept == "1" else "days"
        return f"Kept meetings were agreed {kept} {days} ahead as a rule, the late ones {late}."

    def strip_note(self, shown: int, count: int) -> str:
        return f"the latest {shown} of {count}"

    no_step = "No new step."
    no_step_why = "A different way in was proposed in an earlier report."

    def step(self, step: str, name: str, other: str, day: str) -> str:
        rest = f"Let it rest until {day}." if day else "Let it rest for now."
        return {
            "answer-first": f"Answer {name} first.",
            "your-changes-first": "Your own changes first.",
            "ask-directly": f"Ask {name} directly what changed.",
            "invite-closer": "Invite closer to the date.",
            "write-to": f"Write to {other}." if other else "Write to a colleague of theirs.",
            "another-way": "A different way in: a call, a letter, an introduction.",
            "confirm-before": "Confirm the day before.",
            "let-rest": rest,
        }.get(step, "")

    def step_why(self, step: str, owed: int, own_late: int, k: int, speed: str, detail: str) -> str:
        if step == "invite-closer" and detail.isdigit():
            return (
                f"About {plural(int(detail), 'day', 'days')} ahead, as with those that were kept."
            )
        if step == "answer-first":
            return plural(owed, "mail of theirs waits for you.", "mails of theirs wait for you.")
        if step == "your-changes-first":
            return f"{plural(own_late, 'late change', 'late changes')} by you, {k} by them."
        if step == "write-to":
            tail = f"; half of the answers came within {speed}" if speed else ""
            return f"Same organisation, in touch with you{tail}."
        return ""

    wrong = "this is wrong"
    took_place = "it took place"
    kept_after_all = "kept after all"
    my_doing = "I needed it"
    reached = "answered me another way"
    settled = "settled"
    done = "done"
    corrections: Mapping[str, str] = MappingProxyType(
        {
            "wrong": wrong,
            "held": took_place,
            "us": my_doing,
            "both": "both of us",
            "none": "nobody, a slip or tidying",
            "reached": reached,
            "done": done,
            "undo": "taken back",
        }
    )
    rules = "Rules"
    thread = "last mail"
    also_listed = "Also listed, in less detail: "

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
            "bulk-answer": "a mailing of theirs came after it, which may be the answer",
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


_LANGUAGES: Mapping[str, English] = MappingProxyType({"en": English()})


def of(language: str) -> English:
    """The words of a language. Raises KeyError for one that has none yet."""
    return _LANGUAGES[language]
