"""Does the demonstration's report agree with what was planted, and was all of it asked over HTTP?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.sandbox.world.acts import Planted
from connectors.sandbox.world.world import World
from jobs.context import Context
from jobs.delivery.judging import found
from jobs.query.tables import Format, columns, show
from reports.columns.rows import rows
from reports.vocabulary import Rule, Tier


@dataclass(frozen=True)
class Checked:
    """The comparison, line by line; `fair`: nobody innocent is listed, nobody planted is missed."""

    lines: tuple[str, ...]
    fair: bool

    def __add__(self, other: Checked) -> Checked:
        return Checked((*self.lines, *other.lines), self.fair and other.fair)


#: The truth's kinds that must put somebody onto a list, and the rules that may do it.
_LISTED = {
    "late_cancellation": (Rule.R1, Rule.R2),
    "late_move": (Rule.R1,),
    "silence": (Rule.T2_PLUS, Rule.T3),
    "cold": (Rule.T4,),
    "dead_address": (Rule.T5,),
}
#: Kinds that never accuse; `ask` and `returned` only say when things happen.
_NEVER = ("innocent", "single_incident", "own_late_move", "absent_by_record")


def compare(world: World, context: Context) -> Checked:
    """Each planted contact with what detection says as of the world's now."""
    now = int(context.clock.micros())
    findings = found(context, world.now).findings
    standing = {str(row.contact): row for row in rows(findings.standings)}
    owed = {str(row.contact) for row in rows(findings.owed) if not row.perhaps}
    passed = {str(row.contact) for row in rows(findings.passed)}
    table, fair = [], True
    for address, planted in world.truth.items():
        past = [one for one in planted if one.at <= now]
        wanted, why = _wanted(past)
        if not why:
            continue
        row = standing.get(address)
        rules = set(str(row.rules).split()) if row is not None else set()
        tier = str(row.tier) if row is not None else ""
        said = f"{row.k} of {row.n}" if row is not None and row.n else ""
        if wanted == "owed_reply":
            good, shown = address in owed, "you owe a reply" if address in owed else "nothing"
        elif wanted == "promise_passed":
            good, shown = address in passed, "promise passed" if address in passed else "nothing"
        elif wanted:
            good = bool(rules & set(_LISTED[wanted])) and bool(tier)
            shown = f"{tier or 'not listed'} {' '.join(sorted(rules))} {said}".strip()
        else:
            accused = tier in (Tier.TALK, Tier.PAUSE, Tier.COLD)
            good, shown = (
                not accused,
                f"{tier} {' '.join(sorted(rules))}" if accused else "not listed",
            )
        fair = fair and good
        table.append(("ok" if good else "WRONG", address, wanted or "innocent", shown, why))
    table.sort(key=lambda line: (line[2] == "innocent", line[2], line[1]))
    headings = columns("", "contact", "planted", "the report says", "the truth")
    good_ones = sum(1 for line in table if line[0] == "ok")
    listing = show(headings, table, Format.TABLE)
    return Checked(
        (listing, "", f"{good_ones} of {len(table)} planted contacts as they should be"), fair
    )


def _wanted(planted: Sequence[Planted]) -> tuple[str, str]:
    """Which planted kind decides for this contact ("" an innocent), and the truth in words."""
    if any(one.kind == "returned" for one in planted):
        return "", next(one.why for one in planted if one.kind == "returned")
    for kind in (*_LISTED, "owed_reply", "promise_passed"):
        of_kind = [one for one in planted if one.kind == kind]
        if kind in ("late_cancellation", "late_move") and len(of_kind) < 2:
            continue
        if of_kind:
            more = f" ({len(of_kind)} times)" if len(of_kind) > 1 else ""
            return kind, of_kind[-1].why + more
    for one in planted:
        if one.kind in _NEVER:
            return "", one.why
    return "", ""


def joined(world: World, context: Context, address: str) -> Checked:
    """Is somebody who cancels on two of our mailboxes one contact, and each incident counted once?

    A meeting that lies in both mailboxes is planted once, and must be one incident.
    """
    now = int(context.clock.micros())
    detection = found(context, world.now)
    frames, findings = detection.given, detection.findings
    lines = [row for row in rows(findings.standings) if str(row.contact) == address]
    counted = findings.slots
    counted = counted.loc[(counted["contact"] == address) & counted["in_k"]]
    names = dict(zip(frames.mailboxes["mailbox_id"], frames.mailboxes["address"], strict=True))
    shares = counted["mailbox_id"].map(names).value_counts().sort_index()
    planted = {
        one.uid
        for one in world.truth.get(address, ())
        if one.at <= now and one.kind == "late_cancellation"
    }
    whole = len(lines) == 1 and int(lines[0].k) == len(planted) == len(counted)
    good = whole and len(shares) == len(names)
    told = ", ".join(f"{number} with {box}" for box, number in shares.items())
    said = f"{address} is one contact of {len(names)} mailboxes: {told}"
    wrong = f"; planted: {len(planted)}, lines in the report: {len(lines)}"
    return Checked(("", f"ok  {said}" if good else f"WRONG  {said}{wrong}"), good)


def question_ids(context: Context, address: str) -> list[str]:
    """The ids of the questions to a mailbox, the first printed first, of one report by meeting.

    Never by the ids, which are drawn anew each time: the demonstration tells one story.
    """
    facts = context.store.frames()
    boxes = facts.mailboxes.loc[facts.mailboxes["address"] == address, "mailbox_id"]
    claims = facts.claims.loc[facts.claims["mailbox_id"].isin(boxes)]
    asked_for = claims[claims["kind"].isin([Rule.M1, Rule.M6, Rule.M8])]
    order = ["first_printed_at", "meeting_key", "contact", "evidence_key"]
    return [str(one) for one in asked_for.sort_values(order)["claim_id"]]
