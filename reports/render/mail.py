"""How does the report become a mail: its subject, its text, its HTML and its pictures?

HTML and text come from one tree (reports.render.document). All foreign text is escaped by the template;
links come from reports.weekly.links alone, and whatever is neither https nor mailto is refused here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import css_inline
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.render import charts
from reports.render.document import Asked, Block, CardBlock, Document, Picture, Row
from reports.render.layout import arrange
from reports.render.list_lines import PICTURE
from reports.render.plain_text import plain
from reports.render.writer import iso_week
from reports.weekly.build import claims
from reports.weekly.report import Card, WeeklyReport

#: Gmail clips a message's HTML at 102 kB and hides what follows.
MOST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's parts. `html` names its pictures as `cid:<name>`; `pictures` are PNGs by name."""

    subject: str
    text: str
    html: str
    pictures: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that follow each other are one table."""

    rows: tuple[Row, ...] = ()
    block: Block | None = None


def render(
    report: WeeklyReport, *, token: str = "", resent_of: pd.Timestamp | None = None
) -> Rendered:
    """The report as a mail.

    `token` stands in the subject, so that the next sync finds the mail; `resent_of` says when the
    first copy was handed over, where this is the second.
    Raises ValueError where a link is neither https nor mailto, KeyError for a language without
    words.
    """
    document = arrange(report, token=token, resent_of=resent_of)
    pictures: dict[str, bytes] = {}
    if report.twelve is not None and _has(document, PICTURE):
        numbers = [iso_week(week.monday, report.zone) for week in report.twelve.weeks]
        pictures[PICTURE] = charts.twelve_weeks(report.twelve.weeks, numbers)
    return Rendered(
        subject=document.subject,
        text=plain(document),
        html=html(document),
        pictures=MappingProxyType(pictures),
    )


def fitted(report: WeeklyReport) -> WeeklyReport:
    """The report, shortened until its HTML is not clipped: evidence first, then cards, then lists.

    What is left out is counted in the report itself. To be called before the claims get their
    ids, since only what is printed is a claim. A report of usual size comes back as it is.
    """
    for room in _ROOMS:
        shorter = _within(report, room)
        measured = replace(shorter, ids=dict.fromkeys(claims(shorter), "0" * 6))
        if len(html(arrange(measured, token="0" * 6)).encode()) < MOST_BYTES:
            return shorter
    return shorter


@dataclass(frozen=True, slots=True)
class _Room:
    """How much of each kind a report may hold."""

    incidents: int
    cards: int
    lines: int


_ROOMS = (_Room(6, 99, 99), _Room(4, 99, 99), _Room(3, 8, 8), _Room(2, 6, 6), _Room(1, 4, 4))


def _within(report: WeeklyReport, room: _Room) -> WeeklyReport:
    def shorter(card: Card) -> Card:
        over = max(0, len(card.incidents) - room.incidents)
        return replace(
            card,
            incidents=card.incidents[: room.incidents],
            incidents_left_out=card.incidents_left_out + over,
        )

    pause = report.pause[: room.cards]
    talk = report.talk[: max(1, room.cards - len(pause))]
    dropped = (*report.pause[len(pause) :], *report.talk[len(talk) :])
    left_out = dict(report.left_out)
    lists: dict[str, Any] = {}
    for name in (
        "owed",
        "coming",
        "cold",
        "dead",
        "unread",
        "promises",
        "came_back",
        "changes",
        "answered",
    ):
        whole = getattr(report, name)
        lists[name] = whole[: room.lines]
        left_out[name] = left_out.get(name, 0) + max(0, len(whole) - room.lines)
    return replace(
        report,
        talk=tuple(shorter(card) for card in talk),
        pause=tuple(shorter(card) for card in pause),
        cards_left_out=(*((one.who, one.tier) for one in dropped), *report.cards_left_out),
        left_out=MappingProxyType(left_out),
        **lists,
    )


def html(document: Document) -> str:
    """The document as HTML: what carries the layout is inlined, the rest stays in the head.

    Some programs drop the head's styles. What makes a report prettier but not more readable, and
    the media queries, are there all the same: on every line they would cost a third of the room.
    """
    _check(document)
    environment = _environment()
    page = environment.get_template("report.html.j2").render(document=document)
    loader = environment.loader
    assert loader is not None  # noqa: S101 - given below
    css = loader.get_source(environment, "head.css")[0]
    return _inliner().inline(page).replace("</head>", f"<style>{css}</style></head>", 1)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["together"] = _together
    environment.tests["asked_block"] = lambda block: isinstance(block, Asked)
    environment.tests["card_block"] = lambda block: isinstance(block, CardBlock)
    environment.tests["picture_block"] = lambda block: isinstance(block, Picture)
    environment.globals["source"] = lambda name: f"cid:{name}"
    environment.globals["colours"] = charts.COLOURS
    return environment


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)


def _together(blocks: Iterable[Block]) -> Iterator[_Group]:
    rows: list[Row] = []
    for block in blocks:
        if isinstance(block, Row):
            rows.append(block)
            continue
        if rows:
            yield _Group(rows=tuple(rows))
            rows = []
        yield _Group(block=block)
    if rows:
        yield _Group(rows=tuple(rows))


def _has(document: Document, name: str) -> bool:
    return any(
        isinstance(block, Picture) and block.name == name
        for section in document.sections
        for block in section.blocks
    )


def _check(document: Document) -> None:
    """No link leaves the house that is not https or mailto, whatever the sections do."""
    for href in _hrefs(document):
        if not href.startswith(("https://", "mailto:")):
            raise ValueError("a link of the report is neither https nor mailto")


def _hrefs(document: Document) -> Iterator[str]:
    def of_block(block: Block) -> Iterator[str]:
        if isinstance(block, CardBlock):
            inner: tuple[Block, ...] = (*block.facts, *block.evidence, *block.after)
            for one in inner:
                yield from of_block(one)
            yield from (run.href for run in block.foot if run.href)
        elif not isinstance(block, Picture):
            yield from (run.href for run in block.line if run.href)
            if isinstance(block, Asked):
                yield from (action.href for action in block.buttons + block.more)
            else:
                yield from (action.href for action in block.actions)
            if isinstance(block, Row) and block.button is not None:
                yield block.button.href

    for section in document.sections:
        for block in section.blocks:
            yield from of_block(block)
