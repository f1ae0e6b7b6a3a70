"""How is somebody new led from nothing to a first report? `noshow init --guided`.

Asked and done in one go: settings, login, the most useful part of the first look, the first
report, and the line that makes the next ones come by themselves. Each step can be repeated; a
step that fails says why, names the command that repeats it, and ends the tour.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from config.clock import Clock
from config.errors import ConfigError, NoshowError
from config.loading import load, text_of
from config.paths import paths_from
from config.settings import Mailbox, Remind, Settings
from config.settings_file import is_address, local_zone, quoted, save, with_value, written
from jobs.console.outcome import DONE, INTERRUPTED, NOTHING, PARTLY, USAGE, Outcome, StopFlag
from jobs.context import Context, opened, settings_file

#: For so long one waits for the first look [s]. Calendars and dialogues come first, adverts last;
#: what is left comes with the next syncs, and the report says how much that is.
FIRST_LOOK = 360.0
AGAIN = "noshow init --guided"
_PROVIDERS = {
    "google": "Google (Gmail, Workspace)",
    "microsoft": "Microsoft 365 (a work or school account)",
    "files": "Files that I export (Takeout, Outlook, any mail client)",
}


@dataclass(frozen=True)
class _Step:
    """One step of the tour; `command` is what repeats it alone."""

    title: str
    command: str
    work: Callable[[], Outcome]


class _Deadline(StopFlag):
    """The user's stop flag, that is also set when the time is over."""

    def __init__(self, asked: StopFlag, clock: Clock, seconds: float) -> None:
        super().__init__()
        self._asked, self._clock = asked, clock
        self._end = clock.steady() + seconds

    def __call__(self) -> bool:
        return self._asked() or self._clock.steady() >= self._end


def run() -> Outcome:
    """Lead through all of it. Raises ConfigError where the settings that are there are wrong."""
    path = settings_file(paths_from())
    if path.exists():
        typer.echo(f"Using the settings in {path}.")
    else:
        _ask_for_settings(path)
    settings = load(path)
    if not settings.mailbox:
        raise ConfigError(
            f"{path} names no mailbox", hint=f"add a [[mailbox]] to it, then: {AGAIN}"
        )
    if all(box.provider == "files" for box in settings.mailbox):
        return _with_files(settings)
    for box in settings.mailbox:
        if not _registered(path, box):
            typer.echo(f"\nWhen you have it: {AGAIN}   (it goes on here)")
            return Outcome(USAGE)
    return _with_accounts()


def _ask_for_settings(path: Path) -> None:
    typer.echo(
        "noshow reads calendars and the headers of mails, on this machine; nothing leaves it.\n"
    )
    provider = _choice("Where are your calendar and mail?", _PROVIDERS)
    address = _asked("Your e-mail address", "like you@yourcompany.com", is_address)
    zone = local_zone()
    while True:
        zone = typer.prompt("Your time zone", default=zone)
        try:
            text = written(address, provider, zone)
            break
        except ConfigError as error:
            typer.echo("; ".join(error.problems) or error.message)
            zone = "UTC"
    save(path, text)
    typer.echo(f"\nWrote {path}; every key is explained in it.")


def _registered(path: Path, box: Mailbox) -> bool:
    """Is there an app at the provider to log in with? Asked for once, and kept in the settings."""
    settings = load(path)
    if box.provider == "google":
        plan = settings.google
        if plan.client_file is not None or plan.service_account_file is not None:
            return True
        _explain(box)
        given = _optional("Path of the JSON file that you downloaded")
        file = Path(given.strip("'\"")).expanduser().absolute()
        if not given or not file.is_file():
            if given:
                typer.echo(f"There is no file {file}.")
            return False
        _keep(path, "google", client_file=str(file))
    elif box.provider == "microsoft" and not settings.microsoft.client_id:
        _explain(box)
        client = _optional("Application (client) ID")
        if not client:
            return False
        tenant = _optional("Directory (tenant) ID", "any organisation") or "organizations"
        _keep(path, "microsoft", client_id=client, tenant=tenant)
    return True


def _explain(box: Mailbox) -> None:
    from jobs.setup import connect

    with opened(quiet=True) as context:
        steps = connect.run(context, provider=box.provider, mailbox=box.address, explain=True)
    typer.echo("")
    for line in steps.lines:
        typer.echo(line)


def _keep(path: Path, table: str, **values: str) -> None:
    text = text_of(path)
    for key, value in values.items():
        text = with_value(text, table, key, quoted(value))
    save(path, text)
    typer.echo(f"Wrote it into [{table}] of {path}.")


def _with_accounts() -> Outcome:
    from jobs.fetch import sync
    from jobs.setup import connect

    with opened() as context, context.stop.listening():
        boxes = [box for box in context.settings.mailbox if box.provider != "files"]

        def look() -> Outcome:
            timed = replace(context, stop=_Deadline(context.stop, context.clock, FIRST_LOOK))
            found = sync.run(timed)
            if found.code == PARTLY and _empty(context):
                return Outcome(NOTHING, found.lines, found.problems)
            if found.code != INTERRUPTED or context.stop():
                return found
            lines = ("enough for a first report; the rest comes with the next syncs",)
            return Outcome(PARTLY, lines, found.problems)

        steps = [
            _Step(
                f"log in {box.address}",
                f"noshow connect {box.provider} -m {box.address}",
                lambda box=box: connect.run(  # type: ignore[misc]
                    context, provider=box.provider, mailbox=box.address, if_needed=True
                ),
            )
            for box in boxes
        ]
        steps.append(_Step("fetch, the most useful first (some minutes)", "noshow sync", look))
        steps.append(_report(context))
        outcome = _walk(context, steps, last="every Monday by itself")
        if outcome.code in (DONE, PARTLY):
            _by_itself(context)
            _day_before(context)
        return outcome


def _empty(context: Context) -> bool:
    """Is there nothing yet that a report could be about?"""
    facts = context.store.frames()
    return facts.meetings.empty and facts.messages.empty


def _with_files(settings: Settings) -> Outcome:
    from jobs.fetch import import_files

    typer.echo(
        "\nExport your calendar (.ics) and mail (.mbox, .eml): Google Takeout, Outlook's or your\n"
        "mail program's export. A zip or a folder is fine."
    )
    given = _optional("Paths of the files, separated by spaces")
    if not given:
        typer.echo(f"When you have them: noshow import FILES...   and then: {AGAIN}")
        return Outcome(USAGE)
    paths = _paths(given)
    owner = settings.mailbox[0].address
    with opened() as context, context.stop.listening():
        command = f"noshow import {given} --me {owner}"
        steps = [
            _Step(
                "read the files",
                command,
                lambda: import_files.run(context, paths=paths, me=(owner,)),
            ),
            _report(context),
        ]
        outcome = _walk(context, steps)
        if outcome.code in (DONE, PARTLY):
            typer.echo(
                "\nNext week: export again, then the same two commands; nothing counts twice."
            )
            typer.echo(f"  {command}\n  noshow report --open")
        return outcome


def _paths(given: str) -> tuple[Path, ...]:
    import shlex

    try:
        parts = shlex.split(given)
    except ValueError:
        parts = given.split()
    return tuple(Path(part).expanduser() for part in parts)


def _report(context: Context) -> _Step:
    from jobs.delivery import by_hand

    def write() -> Outcome:
        seen = sys.stdout.isatty()
        return by_hand.run(context, by_hand.Wish(to=("folder",), open_report=seen, first=True))

    return _Step("write the first report", "noshow report --open", write)


def _walk(context: Context, steps: list[_Step], last: str = "") -> Outcome:
    """Do the steps in order until one fails; what each says is printed at once."""
    outcome, total = Outcome(), len(steps) + bool(last)
    for number, step in enumerate(steps, 1):
        typer.echo(f"\nStep {number} of {total}: {step.title}")
        try:
            with context.say.running():
                result = step.work()
        except NoshowError as error:
            typer.echo(f"That did not work: {error.message}")
            for problem in error.problems if isinstance(error, ConfigError) else ():
                typer.echo(f"  {problem}")
            if error.hint:
                typer.echo(f"  -> {error.hint}")
            typer.echo(f"When that is solved: {step.command}   and then: {AGAIN}")
            return Outcome(error.exit_code)
        for line in (*result.lines, *(f"! {one}" for one in result.problems)):
            typer.echo(line)
        if result.code not in (DONE, PARTLY):
            typer.echo(f"Go on with: {step.command}   and then: {AGAIN}")
            return Outcome(result.code)
        outcome += Outcome(result.code)
    if last:
        typer.echo(f"\nStep {total} of {total}: {last}")
    return outcome


def _by_itself(context: Context) -> None:
    from jobs.schedule import serve

    typer.echo("Put this into your crontab (crontab -e); for others: noshow schedule --print\n")
    typer.echo(serve.printed("cron"))
    ways = ", ".join(context.settings.report.deliver)
    typer.echo(
        f"Reports go to: {ways}. By mail: set deliver in [report] of "
        f"{settings_file(context.paths)}, then: noshow doctor --probe"
    )


def _day_before(context: Context) -> None:
    """Offer the reminder of the working day before, to somebody who can answer."""
    if context.settings.remind.at or not sys.stdin.isatty():
        return
    typer.echo(
        "\nOn the working day before a meeting with somebody on the list noshow can send you one short\n"
        "mail with a ready draft, the same ways as the report."
    )
    while given := _optional("At which hour, like 16:00", "no such mail"):
        try:
            at = Remind(at=given).at
        except ValueError:
            typer.echo("Please write it like 16:00.")
            continue
        _keep(settings_file(context.paths), "remind", at=at)
        typer.echo("Try it: noshow remind --dry-run")
        return


def _choice(question: str, options: dict[str, str]) -> str:
    typer.echo(question)
    keys = list(options)
    for number, label in enumerate(options.values(), 1):
        typer.echo(f"  {number}  {label}")
    while True:
        text: str = typer.prompt("Number", default="1")
        if text.isdigit() and 1 <= int(text) <= len(keys):
            return keys[int(text) - 1]
        if text.strip().lower() in keys:
            return text.strip().lower()
        typer.echo(f"Please type a number from 1 to {len(keys)}.")


def _asked(question: str, example: str, good: Callable[[str], bool]) -> str:
    while True:
        text: str = typer.prompt(question).strip()
        if good(text):
            return text
        typer.echo(f"That cannot be right; write it {example}.")


def _optional(question: str, absent: str = "later") -> str:
    """An answer that may be left out with Enter."""
    text: str = typer.prompt(f"{question} (Enter: {absent})", default="", show_default=False)
    return text.strip()
