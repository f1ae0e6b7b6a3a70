"""Which English words tell of our side, and ask?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reports.render.words.amounts import plural


class OwnSide:
    """Our side, questions, the week ahead."""

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
            "moved_by_anyone": "It was moved {notice}; every guest may do that.",
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
