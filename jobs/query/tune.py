"""Which baseline fits this user's own meetings? `noshow tune` proposes; only a person writes it.

Beside the proposal it says whom each value of each limit would list or not, so that nobody chooses a
number without seeing what hangs on it.
"""

from __future__ import annotations

from collections.abc import Sequence

from config.loading import text_of
from config.paths import paths_from
from config.settings_file import save, with_value
from jobs.console.outcome import Outcome
from jobs.context import Context, settings_file
from jobs.delivery.judging import found_alone, moment
from jobs.query.status import unfetched
from jobs.query.tables import Columns, Format, show
from reports.weekly.limits import OTHERS, find_limits, run_again
from reports.weekly.person import Who
from reports.weekly.reader_view import ReaderView
from reports.weekly.report import Limit

#: With fewer meetings than this the data say less than the default (facts on estimation).
LEAST = 50
#: The values of the baseline that are tried, besides the proposal.
_BASELINES = (0.10, 0.15, 0.20, 0.25, 0.30)
_COLUMNS: Columns = {
    "limit": "limit",
    "now": "now",
    "value": "with",
    "listed": "would be listed",
    "not_listed": "would not be listed",
    "recounted": "counts otherwise",
}


def run(context: Context, *, write: bool, form: Format = Format.TABLE) -> Outcome:
    """Print the proposal with its facts, and what each value of each limit would change.

    With `write`, put the proposal into the settings file.
    """
    nothing = unfetched(context, _COLUMNS, form)
    if nothing is not None:
        return nothing
    detection = found_alone(context, moment(context, ""))
    findings = detection.findings
    k, n = int(findings.standings["k"].sum()), int(findings.standings["n"].sum())
    value = propose_baseline(k, n) if n >= LEAST else None
    baselines = {*_BASELINES, *([] if value is None else [value])}
    others = {**OTHERS, "baseline": tuple(sorted(baselines))}
    rows = _rows(find_limits(ReaderView(detection), run_again(detection, others)))
    now = context.settings.policy.baseline
    if form is not Format.TABLE:
        return Outcome(lines=(show(_COLUMNS, rows, form),))
    lines = [*show(_COLUMNS, rows, form).splitlines(), ""]
    if value is None:
        lines.append(f"{n} meetings came to their day; from {LEAST} on there is a proposal")
        return Outcome(lines=tuple(lines))
    lines.append(f"{k} of {n} meetings that came to their day were late or missed: {k / n:.3f}")
    lines.append(f"baseline now {now:.2f}, proposed {value:.2f} (kept within 0.10 and 0.30)")
    if not write:
        return Outcome(lines=(*lines, "write it with: noshow tune --write"))
    path = settings_file(paths_from())
    save(path, with_value(text_of(path), "policy", "baseline", f"{value:.2f}"))
    return Outcome(lines=(*lines, f"wrote it into {path}"))


def propose_baseline(k: int, n: int) -> float:
    """The share of meetings that were late or missed, clipped to [0.10, 0.30] (rules, section 4)."""
    return round(min(0.30, max(0.10, k / n)), 2)


def _rows(limits: Sequence[Limit]) -> list[list[object]]:
    """One row a limit and value; names by address, so that they can be typed."""
    return [
        [
            f"policy.{limit.name}",
            limit.value,
            other.value,
            _names(other.added),
            _names(other.gone),
            "; ".join(f"{who.address} {k} of {n}" for who, k, n in other.recounted),
        ]
        for limit in limits
        for other in limit.others
    ]


def _names(people: Sequence[Who]) -> str:
    return " ".join(one.address for one in people)
