"""What would another value of each limit change this week, in a sentence each?"""

from __future__ import annotations

from reports.render.writer import Pen
from reports.weekly.report import Limit, Other


def lines(pen: Pen) -> tuple[tuple[str, str], ...]:
    """(the limit as it is, what other values would change), one a limit."""
    return tuple((_name(pen, one), " ".join(_other(pen, one.name, other) for other in one.others))
                 for one in pen.report.limits)  # fmt: skip


def _name(pen: Pen, one: Limit) -> str:
    value = _value(pen, one.name, one.value)
    return {
        "late_hours": pen.say("Late is less than {value} before the start", value=value),
        "list_k": pen.say("Listed from {value} on", value=value),
        "list_probability": pen.say("How sure the list must be: {value}", value=value),
        "baseline": pen.say("The usual share of late changes: {value}", value=value),
        "horizon_days": pen.say("Looked back: {value}", value=value),
        "persistent_asks": pen.say("A silence that lasts: {value} without an answer", value=value),
        "owed_days": pen.say("A reply is owed after {value}", value=value),
    }[one.name]


def _value(pen: Pen, name: str, value: float) -> str:
    if name in ("list_probability", "baseline"):
        return pen.say("{percent}%", percent=pen.days.number(100 * value))
    count = round(value)
    return {
        "late_hours": pen.plural("{count} hour", "{count} hours", count),
        "list_k": pen.plural("{count} late change", "{count} late changes", count),
        "horizon_days": pen.plural("{count} day", "{count} days", count),
        "persistent_asks": pen.plural("{count} ask", "{count} asks", count),
        "owed_days": pen.plural("{count} working day", "{count} working days", count),
    }[name]


def _other(pen: Pen, name: str, one: Other) -> str:
    """`48 hours: Emil Sand is added; Omar Haddad 3 of 3.`"""
    parts = []
    if one.added:
        names = pen.listed([who.name for who in one.added[:6]])
        parts.append(
            pen.plural("{names} is added", "{names} are added", len(one.added), names=names)
        )
    if one.gone:
        names = pen.listed([who.name for who in one.gone[:6]])
        parts.append(
            pen.plural(
                "{names} leaves the list", "{names} leave the list", len(one.gone), names=names
            )
        )
    parts += [
        pen.say("{name} would have {k} of {n}", name=who.name, k=str(k), n=str(n))
        for who, k, n in one.recounted[:4]
    ]
    what = "; ".join(parts) or pen.say("nobody changes")
    return pen.say("{value}: {what}.", value=_value(pen, name, one.value), what=what)
