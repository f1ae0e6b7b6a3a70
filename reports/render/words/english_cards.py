"""Which English words stand on the card of a contact?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from reports.render.words.amounts import listed, plural


class Cards:
    """Rates, incidents, silences, steps and corrections."""

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
            return plural(max(1, round(hours * 60)), "working minute", "working minutes")
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
