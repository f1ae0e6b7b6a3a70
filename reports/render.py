"""How does the report become a mail: its subject, its text, its HTML and its pictures?

HTML and text come from one tree (reports.document). All foreign text is escaped by the template;
links come from reports.links alone, and whatever is neither https nor mailto is refused here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import css_inline
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from reports import charts
from reports.arrange import arrange
from reports.contents import WeeklyReport
from reports.document import Asked, Block, CardBlock, Document, Picture, Row
from reports.listwords import PICTURE
from reports.pen import iso_week
from reports.plain import plain

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


def html(document: Document) -> str:
    """The document as HTML with inlined styles; the media queries stay in the head."""
    _check(document)
    page = _environment().get_template("report.html.j2").render(document=document)
    return _inliner().inline(page)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
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
