"""Which baseline fits this user's own meetings? `noshow tune` proposes; only a person writes it."""

from __future__ import annotations

import re

from config.errors import ConfigError
from config.paths import paths_from
from jobs.context import Context, settings_file
from jobs.first_run import save
from jobs.runs import Outcome
from jobs.weekly import found, moment

#: With fewer meetings than this the data say less than the default (facts on estimation).
LEAST = 50


def run(context: Context, *, write: bool = False) -> Outcome:
    """Print the proposal with its facts; with `write`, put it into the settings file."""
    _, findings = found(context, moment(context, ""))
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
    save(path, with_baseline(path.read_text("utf-8"), value))
    return Outcome(lines=(*lines, f"wrote it into {path}"))


def propose_baseline(k: int, n: int) -> float:
    """The share of meetings that fell through late, clipped to [0.10, 0.30] (rules, section 4)."""
    return min(0.30, max(0.10, k / n))


def with_baseline(text: str, value: float) -> str:
    """The settings text with this baseline in [policy]; everything else stays as it is."""
    line = f"baseline = {value:.2f}"
    table = re.search(r"^\[policy\][^\n]*\n((?:(?!^\[).*\n?)*)", text, re.MULTILINE)
    if table is None:
        return f"{text.rstrip()}\n\n[policy]\n{line}\n"
    body = table.group(1)
    changed, count = re.subn(r"^(# )?baseline\s*=.*$", line, body, count=1, flags=re.MULTILINE)
    if not count:
        changed = f"{line}\n{body}"
    if re.search(r"^baseline\s*=", changed, re.MULTILINE) is None:
        raise ConfigError("the settings file could not be changed", hint=f"write {line} by hand")
    return text[: table.start(1)] + changed + text[table.end(1) :]
