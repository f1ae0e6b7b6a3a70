"""How does the report become a mail: its subject, its text, its HTML and its pictures?

HTML and text come from one tree (reports.render.letter). All foreign text is escaped by the
template; links come from reports.weekly.links alone, and whatever is neither https nor mailto is
refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import pandas as pd
from jinja2 import Environment

from reports.render import letter, templating
from reports.render.arrange import arrange
from reports.render.document import check
from reports.render.parts import charts
from reports.render.parts.twelve_weeks import PICTURE, tones
from reports.render.plain_text import plain
from reports.render.writer import Pen
from reports.weekly.report import WeeklyReport


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's parts. `html` names its pictures as `cid:<name>`; `pictures` are PNGs by name.

    `page` is the file of the evidence, `attached` whether it goes along, `stop` the link of a mail
    that stops the report.
    """

    subject: str
    text: str
    html: str
    pictures: Mapping[str, bytes]
    page: str = ""
    attached: bool = False
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the job knows of a mail beside the report.

    `token` stands in the subject, so that the next sync finds the mail; `resent_of` says when the
    first copy was handed over, where this is the second; `stop` is a link that stops the report;
    `page_url` the address of this week's page, `attach` whether the page goes with the mail.
    """

    token: str = ""
    resent_of: pd.Timestamp | None = None
    stop: str = ""
    page_url: str = ""
    attach: bool = True


def render(report: WeeklyReport, envelope: Envelope | None = None, page: str = "") -> Rendered:
    """The report as a mail; `page` is the file of its evidence (reports.render.page), "" for none.

    Raises ValueError where a link is neither https nor mailto, KeyError for a language without
    words.
    """
    about = envelope or Envelope()
    attached = bool(page) and about.attach
    pen = Pen(report, page=about.page_url, attached=attached)
    tree = arrange(pen, token=about.token, resent_of=about.resent_of, stop=about.stop)
    return Rendered(
        subject=tree.subject,
        text=plain(tree, pen),
        html=html(tree),
        pictures=MappingProxyType(_pictures(pen, tree)),
        page=page,
        attached=attached,
        stop=about.stop,
    )


def html(tree: letter.Letter) -> str:
    """The mail as HTML. Raises ValueError for a link that must not leave."""
    check(letter.hrefs(tree))
    template = _environment().get_template("mail.html.j2")
    return template.render(letter=tree, css=templating.source("mail.css"))


def _pictures(pen: Pen, tree: letter.Letter) -> dict[str, bytes]:
    twelve = pen.report.twelve
    shown = any(isinstance(block, letter.Picture) for one in tree.sections for block in one.blocks)
    if twelve is None or not shown:
        return {}
    last = len(twelve.weeks) - 1
    labels = [
        pen.say("from {day}", day=pen.days.short(week.monday))
        if at == last
        else pen.days.short(week.monday)
        if at % 3 == 0 and at < last - 3
        else ""
        for at, week in enumerate(twelve.weeks)
    ]
    return {PICTURE: charts.twelve_weeks(twelve.weeks, labels, tones(pen))}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = templating.environment()
    environment.tests["do_block"] = lambda block: isinstance(block, letter.Do)
    environment.tests["card_block"] = lambda block: isinstance(block, letter.Card)
    environment.tests["picture_block"] = lambda block: isinstance(block, letter.Picture)
    return environment
