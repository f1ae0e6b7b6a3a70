"""Does the page hold all evidence, ask the network for nothing, and work by mouse, key and ear?"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from config.policy import Policy
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.render.page import page
from reports.weekly import build as weekly
from reports.weekly.limits import OTHERS, find_limits, run_again
from reports.weekly.reader_view import ReaderView
from tests.reports.render.test_looks import measured
from tests.reports.render.test_mail import EVIL, Tags
from tests.support.facts import busy_world, report_story
from tests.support.facts import findings as b
from tests.support.facts.mail_box import NOW, PHRASES, instant
from tests.support.facts.whole_world import OURS, STANDARD
from tests.support.machine.devtools import Browser, Page


@lru_cache(maxsize=2)
def made(language: str = "en") -> str:
    report = b.build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )
    return page.render(replace(report, language=language))


@pytest.fixture
def tab(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    path = tmp_path / "page.html"
    path.write_text(made(), "utf-8")
    with browser.page(path) as opened:
        yield opened


#: The rows as they stand, by their contacts' names.
_ROWS = "[...document.querySelectorAll('#t tbody')].filter(r => !r.hidden).map(r => r.dataset.name)"
_FOCUS = "document.activeElement.textContent.trim() || document.activeElement.id"


def tab_to(tab: Page, wanted: str, *, most: int = 60) -> None:
    """Press Tab until what has the focus says or is called this."""
    for _ in range(most):
        tab.press("Tab")
        if tab.run(_FOCUS) == wanted:
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_every_contact_and_every_id_stands_on_the_page() -> None:
    report = b.build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )
    source = page.render(report)
    assert len(report.people) > 15
    for person in report.people:
        assert f'data-name="{entities.escape(person.who.name)}"' in source
    for claim, ident in report.ids.items():
        assert f"noshow%20{ident}%20" in source, claim


def test_the_page_asks_the_network_for_nothing() -> None:
    tags = Tags(made()).tags
    assert "default-src 'none'" in made()
    for name, attrs in tags:
        assert name not in ("img", "iframe", "object", "embed", "form")
        assert "src" not in attrs
        if name == "link":
            assert attrs["href"] == "data:,"
    assert not re.search(r"url\((?!#)|@import", made())


def test_nothing_is_asked_for_nothing_fails_and_everything_has_a_name(tab: Page) -> None:
    unnamed = (
        "[...document.querySelectorAll('a,button,input,select')].filter(n => !(n.textContent.trim()"
        " || n.getAttribute('aria-label') || n.closest('label'))).length"
    )
    assert tab.run(unnamed) == 0
    assert tab.troubles() == []


def test_the_first_key_leads_past_the_head(tab: Page) -> None:
    tab.press("Tab")
    assert tab.run(_FOCUS) == "To the contacts"
    assert tab.run("document.activeElement.getBoundingClientRect().left") >= 0, "it is seen"
    tab.press("Enter")
    assert tab.run("location.hash") == "#contacts"


def test_a_row_opens_and_closes_by_enter_and_by_space(tab: Page) -> None:
    name = tab.run(_ROWS)[0]
    state = (
        "document.activeElement.getAttribute('aria-expanded') + "
        "getComputedStyle(document.querySelector('.more')).display"
    )
    tab_to(tab, name)
    for key, said in (
        ("Enter", "truetable-row"),
        ("Enter", "falsenone"),
        ("Space", "truetable-row"),
    ):
        tab.press(key)
        assert tab.run(state) == said
    tab.press("Tab")
    inside = "document.activeElement.closest('tbody').dataset.name"
    assert tab.run(inside) == name, "the open row's links come next"


def test_a_column_sorts_by_enter_turns_round_and_goes_back(tab: Page) -> None:
    first = tab.run(_ROWS)
    late = "[...document.querySelectorAll('#t tbody')].map(r => +r.dataset.late)"
    sort = "document.activeElement.parentNode.getAttribute('aria-sort')"
    tab_to(tab, "Late")
    tab.press("Enter")
    assert tab.run(sort) == "descending"
    assert tab.run(late) == sorted(tab.run(late), reverse=True)
    tab.press("Space")
    assert tab.run(sort) == "ascending"
    assert tab.run(late) == sorted(tab.run(late))
    tab.press("Enter")
    assert tab.run(sort) is None
    assert tab.run(_ROWS) == first
    assert tab.run(_FOCUS) == "Late", "the focus stays where it was"


def test_typing_and_arrows_filter(tab: Page) -> None:
    every = len(tab.run(_ROWS))
    count = "document.getElementById('cnt').textContent"
    tab_to(tab, "f")
    tab.write("petra")
    assert tab.run(_ROWS) == ["Petra Voss"]
    assert tab.run(count) == f"1 of {every} contacts"
    tab.write("zzz")
    assert tab.run("!document.getElementById('none').hidden")
    tab.press("Escape")
    assert len(tab.run(_ROWS)) == every
    tab.press("Tab")
    tab.press("ArrowDown")
    chosen = tab.run("document.activeElement.value")
    assert chosen
    listed = "[...document.querySelectorAll('#t tbody')].filter(r => !r.hidden).every(r => r.dataset.list === '{}')"
    assert tab.run(listed.format(chosen))
    assert 0 < len(tab.run(_ROWS)) < every
    tab.press("ArrowUp")
    tab.press("Tab", times=2)
    tab.press("Space")
    late = "[...document.querySelectorAll('#t tbody')].filter(r => !r.hidden).every(r => +r.dataset.late + +r.dataset.absent > 0)"
    assert tab.run("document.activeElement.checked")
    assert tab.run(late)


def test_all_rows_open_by_one_button_and_one_row_by_its_address(tab: Page) -> None:
    tab_to(tab, "Open all")
    opened = "document.querySelectorAll('#t tbody.open').length"
    tab.press("Enter")
    assert tab.run(opened) == len(tab.run(_ROWS))
    tab.press("Enter")
    assert tab.run(opened) == 0
    tab.run("location.hash = 'omar-haddad'")
    tab.run("new Promise(done => setTimeout(done, 50))")
    assert tab.run("[...document.querySelectorAll('tbody.open')].map(r => r.id)") == ["omar-haddad"]
    assert tab.run(_FOCUS) == "Omar Haddad"


def test_the_focus_can_be_seen(tab: Page) -> None:
    for _ in range(40):
        tab.press("Tab")
        style = "getComputedStyle(document.activeElement)"
        assert tab.run(
            f"{style}.outlineStyle !== 'none' && parseFloat({style}.outlineWidth) >= 2"
        ), tab.run(_FOCUS)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_fits_and_can_be_read(
    browser: Browser, tmp_path: Path, language: str, dark: bool
) -> None:
    path = tmp_path / "page.html"
    path.write_text(made(language), "utf-8")
    # The narrowest table is at 1,181 px; below, each contact is a block.
    for width in (380, 1000, 1181, 1400):
        seen = measured(browser, path, width, dark=dark)
        assert seen["scroll"] == width
        assert seen["faint"] == [], "WCAG 2.2, 1.4.3: 4.5 to 1"
    with browser.page(path, 1181, dark=dark) as opened:
        right = "document.querySelector('{}').getBoundingClientRect().right"
        assert opened.run(f"{right.format('#t')} < {right.format('main section')}")


def test_without_script_each_row_opens_by_itself_and_headings_have_no_gap() -> None:
    source = made()
    rows = source.count("<tbody role=")
    assert source.count("<summary>") >= rows == source.count('<details id="d-')
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", source)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert 3 not in levels[:2]
    assert 'class="bar" hidden' in source, "what needs script is not shown without it"


@pytest.mark.parametrize("evil", EVIL)
def test_no_name_or_subject_becomes_markup(evil: str) -> None:
    contact = "omar@client.example"
    found = b.findings(
        people=[b.person(contact, evil, organisation=evil)],
        slots=[b.slot(contact, "2026-11-18 10:00", "cancelled_late", subject=evil)],
        standings=[b.standing(contact, "talk", by="meetings", rules="R1", k=2, n=2, step="ask-directly")],
        questions=[b.question(contact, "2026-11-17 15:00", subject=evil)],
        passed=[b.passed(contact, evil, "2026-11-20")],
        coming=[b.coming(contact, "2026-11-25 10:00", subject=evil)],
        notices=(evil,),
    )  # fmt: skip
    source = page.render(b.build(found, warnings=(evil,)))
    tags = Tags(source)
    assert {tag for tag, _ in tags.tags} <= {tag for tag, _ in Tags(made()).tags} | {"code"}
    assert sum(tag == "script" for tag, _ in tags.tags) == 1
    for _, attrs in tags.tags:
        assert not any(name.startswith("on") for name in attrs)
        assert (attrs.get("href") or "https:").startswith(("https:", "mailto:", "#", "data:,"))
    assert "\u202e" not in source


def whole_detection(policy: Policy = STANDARD) -> Detection:
    facts = busy_world.facts()
    return Detection(facts, Setting.of(facts.tags, OURS, policy, PHRASES, instant(NOW)))


@lru_cache(maxsize=1)
def under_the_limits_in_force() -> Detection:
    return whole_detection()


@pytest.mark.xdist_group("limits")
def test_each_limit_is_run_again() -> None:
    detection = under_the_limits_in_force()
    limits = find_limits(ReaderView(detection), run_again(detection))
    assert {one.name for one in limits} == set(OTHERS)


#: One of meetings and one of mails at every run, each of them among the long tests.
@pytest.mark.xdist_group("limits")
@pytest.mark.parametrize(
    "name",
    [
        name
        if name in ("late_hours", "persistent_asks")
        else pytest.param(name, marks=pytest.mark.proof)
        for name in OTHERS
    ],
)
def test_a_limit_run_again_says_the_same_as_a_whole_run(name: str) -> None:
    other = STANDARD.model_copy(update={name: type(getattr(STANDARD, name))(OTHERS[name][0])})
    quick, whole = under_the_limits_in_force().under(other), whole_detection(other)
    for frame in ("standings", "owed", "slots", "silences"):
        assert getattr(quick, frame).equals(getattr(whole, frame)), frame


def test_a_preview_offers_no_answers() -> None:
    told = b.detected(report_story.full_findings())
    report = weekly.build(told, weekly.Edition(b.WEEK))
    assert "mailto:kate" not in page.render(report)
