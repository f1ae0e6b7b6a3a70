"""Is each sentence of a report said whole in every language: none untranslated, none glued?

A pseudo-language marks each message with ⟦ ⟧ and makes it longer. What a rendered report shows
outside the marks must be data: names, addresses, titles, ids, numbers, days.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from config.sentences import counted, sentence
from config.settings import Report
from reports.claims import FITTING
from reports.render import lead as lead_mail
from reports.render import notes
from reports.render.language import catalogues as language
from reports.render.language import days
from reports.render.mail import Envelope, Rendered, render
from reports.render.page import page
from reports.render.writer import Pen
from reports.weekly import lead as team
from reports.weekly import links
from reports.weekly.report import WeeklyReport
from tests.reports.render.test_golden import CASES, STOP
from tests.support.facts import findings as b
from tests.support.messages import template

_PLACE = re.compile(r"\{(\w+)\}")
#: Patterns of dates, whose letters are no words.
_PATTERNS = frozenset({"ccc d MMM y", "EEEE d MMMM y", "d MMM y", "d MMMM y", "d"})
OTHERS = tuple(code for code in language.languages() if code != language.SOURCE)


def catalogue_of(code: str) -> Catalog:
    with (language.FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


def forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def places(texts: tuple[str, ...]) -> set[str]:
    return {name for text in texts for name in _PLACE.findall(text)}


# --- the catalogues ------------------------------------------------------------------------------


def test_the_settings_take_the_languages_that_have_words() -> None:
    assert get_args(Report.model_fields["language"].annotation) == language.languages()


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_the_messages_of_the_code_and_no_other(code: str) -> None:
    known = {(one.id, one.context) for one in template() if one.id}
    held = {(one.id, one.context) for one in catalogue_of(code) if one.id}
    assert len(known) > 400
    assert held == known, "make messages, then translate what is empty"


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated_with_the_same_places(code: str) -> None:
    for one in catalogue_of(code):
        if not one.id:
            continue
        source, said = forms(one.id), forms(one.string)
        assert not one.fuzzy, one.id
        assert all(said), one.id
        assert places(said) == places(source), one.id
        # The form of one may leave out its count; the form of many may not.
        assert places(said[-1:]) == places(source[-1:]), one.id
        for text in said:
            assert text.count("„") == text.count("“"), text
            assert text == text.strip(), text
            ends = (source[-1][-1] in ".?:", text[-1] in ".?:")
            assert ends[0] == ends[1] or one.id in _PATTERNS, one.id


#: Judgements and words that claim more than was seen, as test_words keeps them out of English.
_UNSAID = (
    r"(?i)\b(nie|niemals|immer|oft|meist\w*|gewöhnlich|notorisch|unzuverlässig\w*|zuverlässig\w*"
    r"|unhöflich\w*|schlecht\w*|faul\w*|ignorier\w*|weiger\w*|offenbar|offensichtlich|schwänz\w*"
    r"|schuld)\b"
)


def test_no_german_sentence_judges_or_guesses() -> None:
    for one in catalogue_of("de"):
        for text in forms(one.string) if one.id else ():
            said = re.sub(
                r"nie (der Text einer Mail|gesagt|gefragt)|immer wieder",
                "",
                text,
            )
            assert not re.search(_UNSAID, said), text


# --- the pseudo-language -------------------------------------------------------------------------


def longer(text: str) -> str:
    """`⟦èè text⟧`, a third longer; a pattern of dates stays as it is."""
    return text if text in _PATTERNS else f"⟦{'è' * (len(text) // 3 + 1)} {text}⟧"


@pytest.fixture
def pseudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A language whose words are the English ones between marks; its dates are German."""
    made = Catalog(locale="de", fuzzy=False)
    for one in template():
        if one.id:
            marked = tuple(longer(text) for text in forms(one.id))
            made.add(one.id, marked[0] if isinstance(one.id, str) else marked, context=one.context)
    with (tmp_path / "de.po").open("wb") as file:
        write_po(file, made)
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language.catalogue.cache_clear()
    yield "de"
    language.catalogue.cache_clear()


class Shown(HTMLParser):
    """What a reader sees or hears of a page, a text a block; and where its links lead."""

    _INLINE = frozenset({"b", "code"})
    _SAID = ("alt", "aria-label", "placeholder", "title", "data-tip", "data-l", "data-labels",
             "data-open", "data-close", "data-all", "data-some")  # fmt: skip

    def __init__(self, source: str) -> None:
        super().__init__()
        self.blocks, self.hrefs, self._skip = [""], list[str](), 0
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self._skip += tag in ("style", "script")
        if tag == "a" and known.get("href"):
            self.hrefs.append(known["href"] or "")
        if not self._within(tag):
            self.blocks.append("")
        self.blocks[:0] = [known[name] or "" for name in self._SAID if name in known]

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in ("style", "script")
        if not self._within(tag):
            self.blocks.append("")

    def _within(self, tag: str) -> bool:
        """Is the tag part of a sentence? A link or a span is where a message is open around it."""
        open_ = self.blocks[-1].count("⟦") > self.blocks[-1].count("⟧")
        return tag in self._INLINE or (tag in ("a", "span") and open_)

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.blocks[-1] += data


def strings(value: Any) -> Iterator[str]:
    """Every text of the report's facts, however deep."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from strings(getattr(value, one.name))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from strings(key)
            yield from strings(one)
    elif isinstance(value, (tuple, list, frozenset)):
        for one in value:
            yield from strings(one)


def data_of(report: WeeklyReport) -> list[str]:
    """All that may stand outside the marks, the longest first."""
    pen, german = Pen(report), Locale.parse("de")
    found = set(strings(report))
    found |= {part for person in report.people for part in (person.who.name, pen.given(person.who))}
    found |= {links.clean(one, size) for one in set(found) for size in (60, 200, 300)}
    for width in ("wide", "abbreviated"):
        for where in ("format", "stand-alone"):
            found |= set(german.months[where][width].values()) | set(
                german.days[where][width].values()
            )
    words = {word for fitting in FITTING.values() for word in fitting} | {
        "noshow",
        "undo",
        "stop",
        "connect",
    }
    rules = {
        "M1",
        "M2",
        "M3",
        "M4",
        "M5",
        "M6",
        "M7",
        "M8",
        "R1",
        "R2",
        "T2+",
        "T3",
        "T4",
        "T5",
        "F1",
        "P1",
    }
    found |= words | rules | {"noshow:", "Re:", "MEZ", "MESZ", "UTC"}
    return sorted((one for one in found if one.strip()), key=len, reverse=True)  # fmt: skip


_SENTENCE, _PART, _DATUM = "\x00", "\x01", "\x02"


def reduced(text: str, data: list[str]) -> str:
    """The text with each outermost message as one sign, and with each piece of data as one."""
    out, depth, last = "", 0, ""
    for sign in text:
        depth += sign == "⟦"
        if depth == 0:
            out += sign
        elif sign == "⟧":
            depth -= 1
            if depth == 0:
                out += _SENTENCE if last in ".?!:" else _PART
        if sign != "⟧":
            last = sign
    assert depth == 0, text
    out = re.sub(r"https?://\S+|mailto:\S+", _DATUM, out)
    for one in data:
        if one in out:
            out = out.replace(one, _DATUM)
    return out


def untranslated(text: str, data: list[str]) -> list[str]:
    """Words that no message says, and messages that were glued to something."""
    rest = reduced(text, data)
    words = re.findall(r"[^\W\d_]{2,}", rest)
    glued = re.findall(
        rf"{_PART}[ \xa0]?[{_SENTENCE}{_PART}{_DATUM}\w]|[{_DATUM}\w][ \xa0]?[{_SENTENCE}{_PART}]",
        rest,
    )
    glued += re.findall(rf"[{_SENTENCE}{_PART}][ \xa0]?[;.]|[;][ \xa0]?[{_SENTENCE}{_PART}]", rest)
    return words + glued


def texts(mail: Rendered) -> Iterator[str]:
    """All that a reader of a mail and its page can see, hear or send."""
    yield from (mail.subject, mail.text)
    for source in (mail.html, mail.page):
        shown = Shown(source)
        yield from (" ".join(block.split()) for block in shown.blocks)
        for href in shown.hrefs:
            if href.startswith("mailto:"):
                parts = urlsplit(href)
                yield unquote(parts.path)
                for said in parse_qs(parts.query).values():
                    yield from said


def complaints(mail: Rendered, report: WeeklyReport) -> dict[str, list[str]]:
    data = data_of(report)
    found = {text: untranslated(text, data) for text in dict.fromkeys(texts(mail))}
    return {text: said for text, said in found.items() if said}


def told() -> tuple[str, ...]:
    """What jobs and detection tell in a report, as they make it."""
    return (
        sentence("{address} is not logged in: {command}", address=b.KATE, command="noshow connect google"),
        sentence("{login} ended on {day}. Log in again: {command}",
                 login=sentence("The login to Google"), day=date(2026, 12, 3), command="noshow connect google"),
    )  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CASES if name != "hostile"])
def test_every_visible_word_is_a_message_or_data(name: str, pseudo: str) -> None:
    report = replace(CASES[name](), language=pseudo, warnings=(), notices=())
    url = "https://noshow.ourco.example/page.html"
    mail = render(report, Envelope("7Q3F2K", stop=STOP, page_url=url), page.render(report))
    assert mail.text.count("⟦") > 10
    assert complaints(mail, report) == {}


def test_the_short_mails_are_messages_too(pseudo: str) -> None:
    report = replace(CASES["full"](), language=pseudo, warnings=(), notices=())
    envelope = Envelope("7Q3F2K", stop=STOP, resent_of=b.NOW)
    for mail in (
        notes.stopped(report, envelope),
        notes.day_before(report, report.coming[:2], envelope),
        lead_mail.render(Pen(report), team.view([report], {}, mailboxes=2), envelope),
        lead_mail.render(Pen(report), _everybody_twice(report), envelope),
    ):
        assert complaints(mail, report) == {}


def _everybody_twice(report: WeeklyReport) -> team.LeadView:
    """The view over two mailboxes that say the same."""
    hours = {one.who.address: 2.5 for one in report.people}
    return team.view([report, report], hours, mailboxes=3)


def test_what_jobs_and_detection_tell_is_said_in_the_language(pseudo: str) -> None:
    pen = Pen(replace(CASES["quiet"](), language=pseudo))
    for one in told():
        assert pen.told(one).startswith("⟦")
    said = pen.told(counted("{count} day", "{count} days", 3))
    assert said.endswith("3 days⟧")


def test_a_planted_sentence_is_found(pseudo: str) -> None:
    report = replace(CASES["quiet"](), language=pseudo, warnings=(), notices=())
    mail = render(report, Envelope(stop=STOP))
    for planted in (
        "Planted words",
        "⟦è kept⟧ by them",
        "⟦è You owe⟧ ⟦è a reply⟧",
        "⟦è one⟧; ⟦è other⟧",
    ):
        worse = replace(mail, html=mail.html.replace("</h1>", f"</h1><p>{planted}</p>"))
        assert list(complaints(worse, report)) == [planted]


def test_a_command_that_writes_no_report_loads_no_language() -> None:
    asked = "import sys, jobs.cli, jobs.query.status; print(sorted({'babel', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- German --------------------------------------------------------------------------------------


def german(name: str) -> Rendered:
    report = replace(CASES[name](), language="de")
    return render(report, Envelope("7Q3F2K", stop=STOP), page.render(report))


def test_a_german_draft_is_formal_and_names_day_hour_and_zone() -> None:
    hrefs = [href for href in Shown(german("full").html).hrefs if "omar.haddad" in href]
    query = parse_qs(urlsplit(hrefs[0]).query)
    assert query["subject"] == ["Mittwoch, 25. November, 10:00 Uhr"]
    assert query["body"] == [
        "Guten Tag Omar Haddad,\n\npasst Ihnen unser Termin am Mittwoch, 25. November, um "
        "10:00 Uhr (MEZ) weiterhin?\n\nMit freundlichen Grüßen\nKate Lind"
    ]


def test_a_zone_without_a_german_short_name_is_said_by_its_place() -> None:
    report = CASES["quiet"]()
    for zone, said in (("Europe/Berlin", "MEZ"), ("Asia/Tokyo", "Ortszeit Tokio"), ("UTC", "UTC")):
        assert Pen(replace(report, zone=zone, language="de")).zone(b.at("2026-11-24 10:00")) == said
    assert Pen(replace(report, language="de")).zone(b.at("2026-07-24 10:00")) == "MESZ"


def test_german_dates_and_numbers() -> None:
    written = days.Days("Europe/Berlin", "de", b.NOW)
    assert written.full_stamp(b.at("2026-11-03 14:00")) == "Dienstag, 3. November, 14:00 Uhr"
    assert written.stamp(b.at("2026-11-03 14:00")) == "Di, 3. Nov., 14:00 Uhr"
    assert written.date(b.at("2025-03-03 14:00")) == "3. März 2025"
    assert written.of_date(date(2026, 12, 3)) == "3. Dezember"
    assert [written.number(1234), written.number(0.4, 1)] == ["1.234", "0,4"]


def test_an_answer_in_german_keeps_its_command() -> None:
    english = render(CASES["full"](), Envelope("7Q3F2K", stop=STOP))

    def answers(mail: Rendered) -> list[str]:
        subjects = [
            parse_qs(urlsplit(href).query).get("subject", [""]) for href in Shown(mail.html).hrefs
        ]
        return [said for (said,) in subjects if said.startswith("noshow ")]

    assert len(answers(english)) > 10
    assert answers(german("full")) == answers(english)
