"""How do twelve weeks look? One stacked bar a week: a PNG for the mail, the same bars for the page.

The PNG has a panel of its own, since mail programs that darken a mail leave pictures as they are,
and no grey can be read on white and on dark paper at once. All its numbers are also in its alt
text, so that a blocked picture hides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from types import MappingProxyType

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from reports.weekly.report import Week

#: Tone and colour from the ground up; each at least 3:1 against the panel (WCAG 2.2, 1.4.11).
COLOURS: Mapping[str, str] = MappingProxyType(
    {"kept": "#528d7c", "late": "#b87506", "absent": "#b8341f", "ours": "#66689f", "unknown": "#66736c"}
)  # fmt: skip
#: The last week is darker.
LATEST: Mapping[str, str] = MappingProxyType(
    {"kept": "#0b5a4e", "late": "#8f5500", "absent": "#8c2413", "ours": "#44467a", "unknown": "#4b5751"}
)  # fmt: skip
PANEL, INK, QUIET, BASE = "#edf2ef", "#17211d", "#4b5751", "#7c8982"
#: Shown size [px]; the PNG is twice as large, for dense screens.
WIDTH, HEIGHT, _SCALE = 440, 168, 2
_SIDE, _BASELINE, _TALLEST, _GAP = 16.0, 128.0, 78.0, 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a bar [px from the top left]; `latest`: of the week of this report."""

    tone: str
    x: float
    y: float
    width: float
    height: float
    latest: bool


def total(week: Week) -> int:
    return sum(getattr(week, tone) for tone in COLOURS)


def bars(weeks: Sequence[Week]) -> tuple[Bar, ...]:
    """The parts of all bars, each as high as its count."""
    tallest = max([*(total(week) for week in weeks), 1])
    step = (WIDTH - 2 * _SIDE) / len(weeks)
    width = step * 0.5
    found = []
    for place, week in enumerate(weeks):
        y = _BASELINE
        for tone in COLOURS:
            count = getattr(week, tone)
            if not count:
                continue
            height = count * _TALLEST / tallest
            y -= height
            x = _SIDE + step * place + (step - width) / 2
            gap = _GAP if y + height < _BASELINE else 0.0
            found.append(Bar(tone, x, y, width, max(height - gap, 1.0), place == len(weeks) - 1))
    return tuple(found)


def middles(weeks: int) -> tuple[float, ...]:
    """The middle of each week's bar [px from the left]."""
    step = (WIDTH - 2 * _SIDE) / weeks
    return tuple(_SIDE + step * (place + 0.5) for place in range(weeks))


def twelve_weeks(weeks: Sequence[Week], labels: Sequence[str], legend: Mapping[str, str]) -> bytes:
    """A PNG of twice WIDTH x HEIGHT: stacked counts, how many were late above, days below.

    `labels` are the days of the weeks' Mondays, "" where none is to stand; `legend` names the
    tones. The same input gives the same bytes: no date and no version is written into the file.
    """
    return _drawn(tuple(weeks), tuple(labels), tuple(legend.items()))


@lru_cache(maxsize=16)
def _drawn(
    weeks: tuple[Week, ...], labels: tuple[str, ...], legend: tuple[tuple[str, str], ...]
) -> bytes:
    """Drawn once for all readers of one report, and for each time that it is sent."""
    names = dict(legend)
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100 * _SCALE, facecolor=PANEL)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(HEIGHT, 0)
    axes.axis("off")
    drawn = bars(weeks)
    for bar in drawn:
        colour = (LATEST if bar.latest else COLOURS)[bar.tone]
        axes.add_patch(_patch(bar.x, bar.y, bar.width, bar.height, bar.tone, colour))
    axes.plot([14, WIDTH - 14], [_BASELINE, _BASELINE], color=BASE, linewidth=0.8)
    step = (WIDTH - 2 * _SIDE) / len(weeks)
    for place, (week, label) in enumerate(zip(weeks, labels, strict=True)):
        last = place == len(weeks) - 1
        middle = _SIDE + step * (place + 0.5)
        late = week.late + week.absent
        if late:
            top = min(bar.y for bar in drawn if abs(bar.x + bar.width / 2 - middle) < 1)
            axes.text(middle, top - 5, str(late), ha="center", va="bottom", fontsize=10,
                      fontweight="bold", color="#5f3a00")  # fmt: skip
        if label:
            axes.text(
                WIDTH - 12 if last else middle, _BASELINE + 9, label, fontsize=10.5, va="top",
                ha="right" if last else "center", fontweight="bold" if last else "normal",
                color=INK if last else QUIET,
            )  # fmt: skip
    _legend(axes, {tone: names[tone] for tone in COLOURS if any(getattr(w, tone) for w in weeks)})
    target = BytesIO()
    figure.savefig(target, format="png", facecolor=PANEL, metadata={"Software": None})
    return target.getvalue()


def _patch(x: float, y: float, width: float, height: float, tone: str, colour: str) -> Rectangle:
    hatched = tone == "unknown"
    return Rectangle(
        (x, y), width, height,
        facecolor="none" if hatched else colour,
        edgecolor=colour if hatched else "none",
        hatch="////" if hatched else None,
        linewidth=0.8 if hatched else 0.0,
    )  # fmt: skip


def _legend(axes: object, entries: Mapping[str, str]) -> None:
    for tone, word, x, y in legend_places(entries):
        axes.add_patch(_patch(x, y - 5, 10, 10, tone, COLOURS[tone]))  # type: ignore[attr-defined]
        axes.text(x + 15, y, word, fontsize=10.5, va="center", color=QUIET)  # type: ignore[attr-defined]


def legend_places(entries: Mapping[str, str]) -> tuple[tuple[str, str, float, float], ...]:
    """(tone, word, left, middle from the top) [px] of each entry; long words take a second row."""
    rows: list[list[tuple[str, str, float]]] = [[]]
    x = _SIDE
    for tone, word in entries.items():
        wide = 15 + 9.2 * len(word)
        if rows[-1] and x + wide > WIDTH - _SIDE / 2:
            rows.append([])
            x = _SIDE
        rows[-1].append((tone, word, x))
        x += wide + 16
    middles = (16.0,) if len(rows) == 1 else tuple(10.0 + 15 * row for row in range(len(rows)))
    return tuple(
        (tone, word, left, middle)
        for middle, row in zip(middles, rows, strict=True)
        for tone, word, left in row
    )
