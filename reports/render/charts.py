"""How do twelve weeks look? One stacked bar a week, as a PNG for light and dark backgrounds.

The picture is transparent, and its colours and its grey text stand out from white and from dark
alike: mail programs that darken a mail leave pictures as they are. All its numbers are also in
its alt text and in the sentence below it, so that a blocked picture hides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from types import MappingProxyType

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reports.weekly.report import Week

#: Tone and colour from the ground up. Each is at least 3:1 against white and against #1c211f
#: (WCAG 2.2, 1.4.11) where it accuses; neighbours differ in lightness, for colour-blind readers.
COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "kept": "#4a9c88",
        "late": "#c98a0c",
        "absent": "#d2492f",
        "ours": "#7d7fb5",
        "unknown": "#93a19b",
    }
)
INK = "#7a8681"
_WIDTH, _HEIGHT, _SCALE = 544, 176, 2


def twelve_weeks(weeks: Sequence[Week], numbers: Sequence[int]) -> bytes:
    """A PNG of 1088 x 352 px (shown at half of it): stacked counts, week numbers below.

    `numbers` are the ISO week numbers of `weeks`. Above each bar stands how many meetings it
    holds; unknown ones are hatched, since they are no finding. The same input gives the same
    bytes: no date and no version is written into the file.
    """
    figure = Figure(figsize=(_WIDTH / 100, _HEIGHT / 100), dpi=100 * _SCALE)
    FigureCanvasAgg(figure)
    figure.patch.set_alpha(0.0)
    axes = figure.add_axes((0.0, 0.13, 1.0, 0.76))
    axes.patch.set_alpha(0.0)
    places = list(range(len(weeks)))
    floor = [0] * len(weeks)
    for tone, colour in COLOURS.items():
        heights = [getattr(week, tone) for week in weeks]
        if not any(heights):
            continue
        hatched = tone == "unknown"
        axes.bar(
            places,
            heights,
            bottom=floor,
            width=0.62,
            color="none" if hatched else colour,
            edgecolor=colour if hatched else "none",
            hatch="////" if hatched else None,
            linewidth=0.8 if hatched else 0.0,
        )
        floor = [low + height for low, height in zip(floor, heights, strict=True)]
    top = max([*floor, 1])
    for place, total, number in zip(places, floor, numbers, strict=True):
        axes.text(
            place,
            total + top * 0.03,
            str(total) if total else "–",
            ha="center",
            va="bottom",
            fontsize=10,
            color=INK,
        )
        axes.text(place, -top * 0.05, str(number), ha="center", va="top", fontsize=10, color=INK)
    axes.plot([-0.5, len(weeks) - 0.5], [0, 0], color=INK, linewidth=0.8)
    axes.set_xlim(-0.5, len(weeks) - 0.5)
    axes.set_ylim(0, top * 1.02)
    axes.axis("off")
    for text in axes.texts:
        text.set_clip_on(False)
    target = BytesIO()
    figure.savefig(target, format="png", transparent=True, metadata={"Software": None})
    return target.getvalue()
