"""How do the pictures of the README come about? From the demonstration's last week, by Chromium.

`make pictures` plays the demonstration, then writes docs/report*.png and docs/page*.png; with a folder
that a demonstration left (python -m tests.support.pictures FOLDER) it plays none. `--all OUT` also
takes those that are looked at and not kept: other widths, pictures blocked, Word imitated, print.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from PIL import Image

from config.clock import Clock
from config.loading import load
from config.paths import Paths
from connectors.sandbox.scenario.worlds import DEMO_NOW
from jobs.context import Context, opened
from jobs.delivery import judging, weekly
from jobs.delivery.delivery import with_store_ids
from jobs.delivery.envelope.audience import audiences
from jobs.delivery.envelope.report_week import report_week
from jobs.demo import demo
from reports.render.mail import Envelope, Rendered, render
from reports.render.page import page
from reports.weekly.limits import run_again
from tests.reports.render.test_looks import as_word, measured, page_of
from tests.support.machine.devtools import Browser, started

DOCS = Path(__file__).parents[2] / "docs"
STOP = "mailto:kate@ourco.example?subject=noshow%20stop"
#: The demonstration's second Monday.
NOW = DEMO_NOW + timedelta(days=7)


@contextmanager
def played(folder: Path, language: str) -> Iterator[Context]:
    """A context over the store of a demonstration, in this language."""
    paths = Paths(config=folder, state=folder / "state", reports=folder / "reports")
    settings = load(paths.settings_file)
    report = settings.report.model_copy(update={"language": language})
    with opened(
        settings.model_copy(update={"report": report}),
        paths=paths,
        clock=Clock(now_=lambda: NOW),
        quiet=True,
    ) as made:
        yield made


def made(folder: Path, language: str) -> Rendered:
    """The mail and the page of the last week, as they are delivered."""
    with played(folder, language) as context:
        detection = judging.found(context, context.clock.now())
        week = report_week(context.clock.now().date())
        audience = audiences(context)[0]
        report = weekly.report_for(context, audience, detection, week, run_again(detection))
        report = with_store_ids(context.store, report)
    return render(report, Envelope("7Q3F2K", stop=STOP), page.render(report))


def take(browser: Browser, mail: Rendered, names: dict[str, str], out: Path) -> None:
    """The pictures that are kept. names: those of the mail at 640 and 380 px and of the page, and
    their dark twins; "" for none.
    """
    with tempfile.TemporaryDirectory() as folder:
        letter = page_of(mail, Path(folder))
        sheet = Path(folder) / "page.html"
        sheet.write_text(mail.page, "utf-8")
        for key, name in names.items():
            kind, _, scheme = key.partition("-")
            path, width = {"wide": (letter, 640), "narrow": (letter, 380), "page": (sheet, 1200)}[
                kind
            ]
            with browser.page(path, width, dark=scheme == "dark") as tab:
                if kind == "page":
                    tab.run("document.querySelector('.tog').click()")
                tab.picture(out / name, high=1400 if kind == "page" else 0)
            # 256 colours keep the edges of letters, at half of the size.
            with Image.open(out / name) as picture:
                small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
            small.save(out / name, optimize=True)
        seen = measured(browser, letter, 380, dark=False)
        figures = ("high", "first", "words", "links", "scroll")
        print(names, {name: seen[name] for name in figures}, len(mail.html.encode()))


def look(browser: Browser, mail: Rendered, language: str, out: Path) -> None:
    """Those that are looked at and not kept."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        letter, sheet = page_of(mail, folder), folder / "page.html"
        sheet.write_text(mail.page, "utf-8")
        for path, kind in ((letter, "mail"), (sheet, "page")):
            for width in (380, 1200):
                for dark in (False, True):
                    scheme = "dark" if dark else "light"
                    with browser.page(path, width, dark=dark) as tab:
                        tab.picture(out / f"{language}-{kind}-{width}-{scheme}.png", high=2800)
            with browser.page(path, 1200) as tab:
                tab.printed(out / f"{language}-{kind}.pdf", landscape=kind == "page")
        word = folder / "word.html"
        word.write_text(as_word(letter.read_text("utf-8")), "utf-8")
        with browser.page(word, 800) as tab:
            tab.picture(out / f"{language}-mail-word.png")
        empty = folder / "blocked"
        empty.mkdir()
        with browser.page(page_of(mail, empty, blocked=True), 380) as tab:
            tab.picture(out / f"{language}-mail-blocked.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--all", type=Path, dest="out")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary) / "demo"
        if asked.folder is None:
            demo.run(folder=folder)
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
        with started(chromium) as browser:
            english, german = made(folder, "en"), made(folder, "de")
            kept = {
                "wide-light": "report.png", "wide-dark": "report-dark.png", "narrow-light": "report-mobile.png",
                "page-light": "page.png", "page-dark": "page-dark.png",
            }  # fmt: skip
            take(browser, english, kept, DOCS)
            take(
                browser,
                german,
                {"narrow-light": "report-de.png", "page-light": "page-de.png"},
                DOCS,
            )
            if asked.out is not None:
                asked.out.mkdir(parents=True, exist_ok=True)
                look(browser, english, "en", asked.out)
                look(browser, german, "de", asked.out)


if __name__ == "__main__":
    main()
