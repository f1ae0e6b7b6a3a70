"""Which baseline fits this user's own meetings? `noshow tune` proposes; only a person writes it."""

from __future__ import annotations

from config.paths import paths_from
from config.settings_file import save, with_value
from jobs.context import Context, settings_file
from jobs.delivery.weekly import found, moment
from jobs.outcome import Outcome

#: With fewer meetings than this the data say less than the default (facts on estimation).
LEAST = 50


def run(context: Context, *, write: bool = False) -> Outcome:
    """Print the proposal with its facts; with `write`, put it into the settings file."""
    findings = found(context, moment(context, "")).findings
    k, n = int(findings.standings["k"].sum()), int(findings.standings["n"].sum())
    if n < LEAST:
        return Outcome(
            lines=(f"{n} meetings came to their day; from {LEAST} on there is a proposal",)
        )
    value = propose_baseline(k, n)
    now = context.settings.policy.baseline
    lines = (
        f"{k} of {n} meetings that came to their day fell through late: {k / n:.3f}",
        f"baseline now {now:.2f}, proposed {value:.2f} (kept within 0.10 and 0.30)",
    )
    if not write:
        return Outcome(lines=(*lines, "write it with: noshow tune --write"))
    path = settings_file(paths_from())
    save(path, with_value(path.read_text("utf-8"), "policy", "baseline", f"{value:.2f}"))
    return Outcome(lines=(*lines, f"wrote it into {path}"))


def propose_baseline(k: int, n: int) -> float:
    """The share of meetings that fell through late, clipped to [0.10, 0.30] (rules, section 4)."""
    return min(0.30, max(0.10, k / n))
