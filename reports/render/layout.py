"""In which order does the report say what it says?

From WeeklyReport to the Document tree. Nothing is decided about anybody here: what is printed was
chosen by reports.weekly.build, the sentences are in reports.render.list_lines and reports.render.card_lines, the words
in reports.words.
"""

from __future__ import annotations

import pandas as pd

from reports.render import list_lines
from reports.render.card_lines import card_block
from reports.render.document import Document, Paragraph, Row, Run, Section, text_of
from reports.render.writer import Pen, week_number
from reports.weekly import links
from reports.weekly.report import Seen, WeeklyReport


def arrange(
    report: WeeklyReport, *, token: str = "", resent_of: pd.Timestamp | None = None
) -> Document:
    """The document of a report.

    `token` is the short sign in the subject by which the next sync finds the mail. `resent_of`:
    when the first copy was handed over, where this is the second.
    Raises KeyError for a language without words.
    """
    pen = Pen(report)
    words, days = pen.words, pen.days
    number = week_number(report.week)
    counts = (
        len(report.talk) + sum(1 for one in report.cards_left_out if one[1] == "talk"),
        len(report.pause) + sum(1 for one in report.cards_left_out if one[1] == "pause"),
        len(report.questions),
        len(report.owed) + report.left_out.get("owed", 0),
        report.too_early is not None,
    )
    subject = f"{words.subject(*counts)} · {words.week(number)}"
    if not report.complete:
        old = report.old_since
        subject += f" · {words.incomplete(days.day(old) if old is not None else '')}"
    if resent_of is not None:
        subject += f" · {words.again}"
    if token:
        subject += f" ({token})"
    warnings = [links.clean(one, 300) for one in report.warnings]
    if resent_of is not None:
        warnings.insert(0, words.resent(days.stamp(resent_of)))
    sections = [
        Section(words.titles["owed"], list_lines.own_side(pen)),
        Section(words.titles["questions"], list_lines.questions(pen)),
        Section(words.titles["coming"], list_lines.coming(pen)),
        Section(words.titles["talk"], tuple(card_block(pen, one) for one in report.talk)),
        Section(words.titles["pause"], tuple(card_block(pen, one) for one in report.pause)),
        Section("", list_lines.left_out_cards(pen), small=True),
        Section(words.titles["cold"], list_lines.cold(pen)),
        Section(words.titles["dead"], list_lines.dead(pen)),
        Section(words.titles["waiting"], list_lines.waiting(pen)),
        Section(words.titles["unread"], list_lines.unread(pen), small=True),
        Section(words.titles["promises"], list_lines.promises(pen)),
        Section(words.titles["back"], list_lines.back(pen)),
        Section(list_lines.since_title(pen), list_lines.changes(pen)),
        Section(words.titles["twelve"], list_lines.twelve(pen)),
        Section(words.titles["kept"], list_lines.kept(pen), small=True),
        Section(words.titles["notices"], list_lines.notices(pen), small=True),
        Section(words.titles["how"], list_lines.how(pen), small=True),
    ]
    if not (report.talk or report.pause or report.too_early):
        said = words.nobody if report.complete else words.nobody_yet
        line = Paragraph((Run(said),), quiet=True)
        sections[3] = Section(words.titles["talk"], (line,))
    return Document(
        language=report.language,
        subject=subject,
        preheader=_preheader(pen),
        kicker=words.kicker(number, days.span(report.first_day, report.last_day, words.to)),
        title=words.title(*counts),
        warnings=tuple(warnings),
        coverage=_coverage(pen),
        sections=tuple(one for one in sections if one.blocks),
    )


def _coverage(pen: Pen) -> tuple[str, ...]:
    """What was seen, and all that was not: one sentence, then one a trouble."""
    report, words, days = pen.report, pen.words, pen.days
    seen = report.seen
    if not seen:
        return (words.no_mailbox,)
    ends = [one.complete_to for one in seen]
    known = [one for one in ends if one is not None]
    lines = []
    if len(known) == len(ends):
        tell = words.complete_up_to if report.complete else words.looked_up_to
        head = tell(days.stamp(min(known)), len(seen))
    else:
        head = words.nothing_complete
    total = [sum(getattr(one, name) for one in seen) for name in ("meetings", "sent", "received")]
    begun = [one.since for one in seen if one.since is not None]
    lines.append(f"{head}. {words.counts(days.day(max(begun)) if begun else '', *total)}.")
    for one in seen:
        prefix = f"{one.address}: " if len(seen) > 1 else ""
        lines += [prefix + line for line in _troubles(pen, one)]
    if report.too_early is not None:
        calendar, mail = (days.number(weeks, 1) for weeks in report.too_early)
        lines.append(words.too_early(calendar, mail, report.needed_weeks))
    return tuple(lines)


def _troubles(pen: Pen, one: Seen) -> list[str]:
    lines = [links.clean(problem, 300) for problem in one.problems]
    if one.old_since is not None:
        lines.insert(0, pen.words.old(pen.days.stamp(one.old_since)))
    if one.pending or one.given_up:
        lines.append(pen.words.missing(one.pending, one.given_up))
    if one.progress:
        done, total = (pen.days.number(count) for count in one.progress)
        lines.append(pen.words.progress(done, total))
    return lines


def _preheader(pen: Pen) -> str:
    """The line that a mail program shows beside the subject: our side, then the first card."""
    report, words = pen.report, pen.words
    parts = [
        text_of(line.line) + "." for line in list_lines.own_side(pen)[:1] if isinstance(line, Row)
    ]
    for card in (report.talk + report.pause)[:1]:
        if card.by != "silence" and card.n:
            parts.append(f"{card.who.name}: {words.share(card.k, card.n)}.")
    return " ".join(parts)[:200] or _coverage(pen)[0]
