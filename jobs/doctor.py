"""Is everything as it must be? Settings, store, logins, mail server: each problem with a command."""

from __future__ import annotations

from config.errors import NoshowError
from jobs import logins, wiring
from jobs.context import Context
from jobs.runs import DONE, PARTLY, Outcome
from jobs.sync import explained


def run(context: Context, *, probe: bool = False) -> Outcome:
    """Settings and store are fine when this runs. `probe` also asks providers and the mail server."""
    lines = ["settings: read", f"store: open, {len(context.chosen())} mailboxes"]
    problems: list[str] = []
    for box in context.chosen():
        said = logins.warnings(context, box)
        problems += said
        if not said:
            lines.append(f"{box.address}: login in order, as far as is known here")
        if probe and box.provider != "files":
            try:
                with wiring.sources(context, box) as found:
                    number = len(found.calendar.calendars()) if found.calendar else 0
                lines.append(f"{box.address}: {number} calendars chosen")
            except NoshowError as error:
                problems += explained(box, error).problems
    if probe and context.settings.smtp.host:
        try:
            wiring.smtp_mailer(context).check()
            lines.append("mail server: greets and accepts the login")
        except NoshowError as error:
            problems.append(f"mail server: {error.message} {error.hint}".strip())
    return Outcome(PARTLY if problems else DONE, tuple(lines), tuple(problems))
