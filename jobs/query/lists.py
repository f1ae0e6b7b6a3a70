"""What does noshow know of contacts and of the coming days? One contact, all of them, the meetings ahead."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from config.errors import ConfigError
from config.phrasing import bare
from jobs.console.outcome import NOTHING, Outcome
from jobs.context import Context
from jobs.delivery import remember
from jobs.delivery.judging import found, found_of, moment
from jobs.query import as_kept, reach, typed
from jobs.query.status import unfetched
from jobs.query.tables import Columns, Format, columns, local, show
from reports.columns.rows import moment as instant
from reports.columns.rows import rows as rows_of
from reports.contact import timeline
from reports.vocabulary import Step, Tier

_ENTRIES = columns("when", "what", "rule", "facts")
_CONTACTS: Columns = {
    "contact": "contact",
    "name": "name",
    "tier": "tier",
    "k": "late or missed",
    "n": "of",
    "unknown": "unknown",
    "step": "next step",
    "step_detail": "to whom, until when",
}
_COMING: Columns = {
    "start": "start",
    "contact": "contact",
    "meeting": "meeting",
    "accepted": "accepted",
    "agreed": "agreed",
    "k": "late or missed",
    "n": "of",
    "confirm": "worth confirming",
}
#: The words of `--tier`.
TIERS = (Tier.TALK, Tier.PAUSE, Tier.COLD, Tier.DEAD)


def contact(
    context: Context, *, address: str, as_of: str = "", form: Format, explain: bool = False
) -> Outcome:
    """One contact's standing and timeline in words; with `explain` the numbers and rules.

    Exit code 4 where nothing is known of the address.
    """
    nothing = unfetched(context, _ENTRIES, form)
    if nothing is not None:
        return nothing
    who = typed.contact(context, address)
    then, zone = moment(context, as_of), context.settings.zone
    known = found_of(context, then, who)
    # A joined address is asked for as well by whom it was joined to.
    merge = known.setting.merge
    if merge.get(who, who) != who:
        who = merge[who]
        known = found_of(context, then, who)
    also = sorted(one for one, main in merge.items() if main == who != one)
    page = timeline.of(who, known, context.settings.policy, zone)
    if page is None:
        lines = (f"nothing is known of {who} as of {local(then, zone)}",)
        return reach.beside(context, Outcome(NOTHING, lines), _back(as_of, then))
    if also:
        page = replace(page, title=f"{page.title}; also {', '.join(also)}")
    return reach.beside(
        context, Outcome(lines=_shown(page, who, zone, form, explain)), _back(as_of, then)
    )


def _shown(
    page: timeline.Page, who: str, zone: str, form: Format, explain: bool
) -> tuple[str, ...]:
    if form is Format.JSON:
        return (json.dumps(page.tree(zone), indent=2),)
    if explain or form is Format.CSV:
        rows = [(_aware(one.at), one.kind, one.rule, one.explained()) for one in page.entries]
        listing = show(_ENTRIES, rows, form, zone)
        above = () if form is Format.CSV else (page.title, "", *page.numbers, "")
        return (*above, listing)
    # A mail and a calendar may tell of one act: in words it is told once.
    said = dict.fromkeys(f"{local(one.at, zone)}  {one.said}" for one in page.entries)
    hint = f"the numbers behind it: noshow contact {who} --explain"
    return (page.title, "", *page.reasons, "", *said, "", hint)


def contacts(
    context: Context, *, part: str = "", tier: str = "", as_of: str = "", form: Format
) -> Outcome:
    """All contacts that were met, the worst first; only those of a tier, or a part of the name.

    Raises ConfigError for an unknown tier.
    """
    if tier and tier not in TIERS:
        raise ConfigError(f"{tier!r} is not one of {', '.join(TIERS)}")
    nothing = unfetched(context, _CONTACTS, form)
    if nothing is not None:
        return nothing
    then = moment(context, as_of)
    known = found(context, then)
    names = {str(one.contact): str(one.name) for one in rows_of(known.people)}
    also: dict[str, str] = {}
    for one, main in known.setting.merge.items():
        also[main] = f"{also.get(main, '')} {one}"
    order: Mapping[str, int] = {Tier.PAUSE: 0, Tier.TALK: 1}
    ordered = sorted(
        rows_of(known.standings),
        key=lambda one: (order.get(str(one.tier), 2), -float(one.posterior), str(one.contact)),
    )
    rows = [
        (
            *(who, name, str(one.tier), int(one.k), int(one.n), int(one.unknown)),
            *(str(one.step), _detail(one)),
        )
        for one in ordered
        for who, name in ((str(one.contact), names.get(str(one.contact), "")),)
        if (not tier or str(one.tier) == tier)
        and bare(part) in bare(f"{who} {name}{also.get(who, '')}")
    ]
    none = not rows and form is Format.TABLE
    zone = context.settings.zone
    lines = ("no such contact",) if none else (show(_CONTACTS, rows, form, zone),)
    return reach.beside(context, Outcome(lines=lines), _back(as_of, then))


def coming(
    context: Context,
    *,
    as_of: str = "",
    days: int = 7,
    day: str = "",
    fresh: bool = False,
    form: Format,
) -> Outcome:
    """The meetings of the coming days, by day and hour; of a series with one contact the next one.

    `day`: those of one day alone. `fresh`: judged anew in a large store, too, where else the last
    report's are shown and that is said. Worth confirming, as in the report: something was late
    or missed with them, or they have not accepted. Raises ConfigError for what is no day.
    """
    then = moment(context, as_of)
    only = typed.day(context, day, ahead=True, now=then) if day else None
    nothing = unfetched(context, _COMING, form)
    if nothing is not None:
        return nothing
    kept = None if as_of or fresh else as_kept.found(context, context.store.coming_list)
    said = (as_kept.sentence(context, kept, "next"),) if kept is not None else ()
    if kept is not None:
        known = kept.rows
    else:
        state = context.store.coming_list.state()
        known = remember.coming(found(context, then))
        if not as_of:
            context.store.coming_list.keep(state, known)
    if only is None:
        first, last = then, then + timedelta(days=days, microseconds=1)
    else:
        zone = ZoneInfo(context.settings.zone)
        first, last = (
            datetime.combine(one, time(), tzinfo=zone) for one in (only, only + timedelta(days=1))
        )
    rows = _near(known, max(first, then), last)
    if not rows and form is Format.TABLE:
        when = f"in the next {days} days" if only is None else f"on {only:%A} {only.isoformat()}"
        outcome = Outcome(lines=(f"no meeting with a contact {when}",), problems=said)
    else:
        lines = (show(_COMING, rows, form, context.settings.zone),)
        outcome = Outcome(lines=lines, problems=said)
    return reach.beside(context, outcome, _back(as_of, then))


def _near(known: Sequence[Sequence[str]], first: datetime, last: datetime) -> list[tuple[Any, ...]]:
    """The meetings (as remember.coming keeps them) from the first moment to before the last one."""
    rows: list[tuple[Any, ...]] = []
    seen: set[tuple[str, str]] = set()
    for start, contact, subject, accepted, agreed, k, n, key in known:
        at, series = datetime.fromisoformat(start), (key.partition(" ")[0], contact)
        if not first <= at < last or series in seen:
            continue
        seen.add(series)
        since = datetime.fromisoformat(agreed) if agreed else None
        confirm = int(k) >= 1 or not accepted
        rows.append((at, contact, subject, bool(accepted), since, int(k), int(n), confirm))
    return rows


def _detail(one: Any) -> Any:
    """To whom it is written, or the moment until which it rests; None where there is neither."""
    if one.step == Step.LET_REST and one.step_detail:
        return datetime.fromisoformat(one.step_detail)
    return str(one.step_detail) or None


def _back(as_of: str, then: datetime) -> datetime | None:
    """The moment that is looked back to; None where it is now."""
    return then if as_of else None


def _aware(value: Any) -> datetime | None:
    stamp = instant(value)
    return None if stamp is None else stamp.to_pydatetime()
