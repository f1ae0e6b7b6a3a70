"""Does axe-core find anything in mail or page that keeps somebody from using it?

axe-core by Deque, as the package axe-core-python carries it, runs in Chromium: WCAG 2.0 and 2.1, A
and AA, and its best practices. The two that a mail cannot keep are named below.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from reports.render.mail import Envelope, render
from reports.render.page import page
from tests.reports.render.test_golden import CASES, STOP
from tests.reports.render.test_looks import page_of
from tests.support.machine.devtools import Browser, Page

AXE = files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
#: A mail is shown inside another page, which has the main landmark: an `article` has none.
OF_A_MAIL = frozenset({"landmark-one-main", "region"})


def violations(tab: Page, but: frozenset[str] = frozenset()) -> list[str]:
    """What axe-core finds, as `rule: the first element`; `but`: rules that do not apply."""
    tab.run(f"{AXE}; true")
    said: dict[str, Any] = tab.run(
        "axe.run().then(r => ({violations: r.violations, passes: r.passes.length}))"
    )
    assert said["passes"] > 10, "axe-core has looked"
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:150]}"
        for one in said["violations"]
        if one["id"] not in but
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("case", ["full", "incomplete", "de-full"])
def test_axe_finds_nothing_in_the_mail(
    browser: Browser, tmp_path: Path, case: str, dark: bool
) -> None:
    tongue, _, name = case.rpartition("-")
    report = replace(CASES[name](), language=tongue or "en")
    path = page_of(
        render(report, Envelope(stop=STOP, page_url="https://x.example/p.html")), tmp_path
    )
    with browser.page(path, 380, dark=dark) as tab:
        assert violations(tab, OF_A_MAIL) == []


#: Each width and each light at every run; the others in the long tests.
@pytest.mark.parametrize(
    ("width", "dark"),
    [
        (380, True),
        (1200, False),
        pytest.param(380, False, marks=pytest.mark.proof),
        pytest.param(1200, True, marks=pytest.mark.proof),
    ],
    ids=["380-dark", "1200-light", "380-light", "1200-dark"],
)
def test_axe_finds_nothing_in_the_page_with_all_rows_open(
    browser: Browser, tmp_path: Path, width: int, dark: bool
) -> None:
    path = tmp_path / "page.html"
    path.write_text(page.render(CASES["full"]()), "utf-8")
    with browser.page(path, width, dark=dark) as tab:
        tab.run("document.getElementById('all').click()")
        assert violations(tab) == []


def test_axe_finds_what_is_planted(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    bad = '<img src="data:,"><p style="color:#aaa;background:#fff">faint</p></main>'
    path.write_text(page.render(CASES["quiet"]()).replace("</main>", bad), "utf-8")
    with browser.page(path) as tab:
        assert {one.partition(":")[0] for one in violations(tab)} >= {"image-alt", "color-contrast"}
