"""How does somebody new get from nothing to a first report? `noshow init`, plain and guided."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import typer

from config.errors import ConfigError, NoshowError
from config.loading import example, load, parse
from config.paths import paths_from
from config.settings import Settings
from jobs.runs import DONE, PARTLY, Outcome

#: Freemail domains that people type at once; the detectors know many more.
_FREE = ("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "icloud.com", "gmx.de")


def written(address: str = "", provider: str = "", zone: str = "") -> str:
    """The commented settings file with these values in place of the examples.

    Raises ConfigError where a value is not one that the settings allow.
    """
    text = example()
    if address:
        domain = address.rpartition("@")[2].lower()
        text = text.replace('address = "you@ourco.example"', f'address = "{address}"', 1)
        own = "[]" if domain in _FREE else f'["{domain}"]'
        text = text.replace('domains = ["ourco.example"]', f"domains = {own}", 1)
    if provider:
        text = text.replace('provider = "google"', f'provider = "{provider}"', 1)
    if zone:
        text = re.sub(r'^zone = ".*"$', f'zone = "{zone}"', text, count=1, flags=re.MULTILINE)
    _check(text)
    return text


def _check(text: str) -> Settings:
    import tomllib

    return parse(tomllib.loads(text), "noshow init")


def run(*, address: str = "", provider: str = "", zone: str = "", force: bool = False) -> Outcome:
    """Write the settings file; one that is there is only overwritten with `--force`."""
    from jobs.context import settings_file

    path = settings_file(paths_from())
    if path.exists() and not force:
        raise ConfigError(
            f"{path} is there already", hint="edit it, or overwrite it with: noshow init --force"
        )
    text = written(address, provider, zone or local_zone())
    save(path, text)
    return Outcome(
        DONE,
        (
            f"wrote {path}",
            "next: edit it, then: noshow connect google (or microsoft), noshow sync, noshow report",
            "or let yourself be led: noshow init --guided",
        ),
    )


def save(path: Path, text: str) -> None:
    """Write a settings file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".new")
    draft.write_text(text, "utf-8")
    draft.chmod(0o600)
    draft.replace(path)


def local_zone() -> str:
    """This machine's IANA zone, else UTC."""
    import tzlocal

    try:
        return tzlocal.get_localzone_name() or "UTC"
    except Exception:  # noqa: BLE001 - any broken zone setup means that we do not know it
        return "UTC"


def guided() -> Outcome:
    """Settings, login, first fetch, first report, schedule: asked and done in one go.

    Each step that fails says so, names the command that repeats it, and ends the tour.
    """
    from jobs.context import settings_file

    path = settings_file(paths_from())
    say = typer.echo
    if path.exists():
        say(f"Using the settings in {path}.")
        settings = load(path)
    else:
        say("noshow reads calendars and mail headers on this machine; nothing leaves it.\n")
        provider = _choice(
            "Where are your calendar and mail?",
            {"google": "Google", "files": "I will export files (Outlook, any mail client)"},
        )
        address = _address()
        zone = typer.prompt("Your time zone", default=local_zone())
        save(path, written(address, provider, zone))
        say(f"\nWrote {path}.")
        settings = load(path)
    return _tour(settings)


def _tour(settings: Settings) -> Outcome:
    from jobs import connecting, serving, sync, weekly
    from jobs.context import opened

    first = settings.mailbox[0]
    if first.provider == "files":
        return Outcome(
            DONE,
            (
                "Export your calendar and mail (Google Takeout, Outlook, any mail client), then:",
                "  noshow import FILES...",
                "  noshow report --open",
            ),
        )
    with opened() as context, context.stop.listening():
        steps: tuple[tuple[str, str, Callable[[], Outcome]], ...] = (
            (
                "log in",
                f"noshow connect {first.provider}",
                lambda: connecting.run(
                    context, provider=first.provider, mailbox=first.address, if_needed=True
                ),
            ),
            ("fetch, the most useful first", "noshow sync", lambda: sync.run(context)),
            (
                "write the first report",
                "noshow report --open",
                lambda: weekly.run(
                    context, to=("folder",), open_report=sys.stdout.isatty(), first=True
                ),
            ),
        )
        outcome = Outcome()
        for number, (title, command, step) in enumerate(steps, 1):
            typer.echo(f"\nStep {number} of {len(steps) + 1}: {title}")
            try:
                with context.say.running():
                    result = step()
            except NoshowError as error:
                typer.echo(f"That did not work: {error.message}")
                if error.hint:
                    typer.echo(f"  -> {error.hint}")
                typer.echo(f"  When that is solved: {command}   and then: noshow init --guided")
                return Outcome(error.exit_code)
            for line in (*result.lines, *(f"! {one}" for one in result.problems)):
                typer.echo(line)
            if result.code not in (DONE, PARTLY):
                typer.echo(f"  Try again with: {command}   and then: noshow init --guided")
                return Outcome(result.code)
            outcome += Outcome(result.code)
        typer.echo(f"\nStep {len(steps) + 1} of {len(steps) + 1}: every Monday by itself")
        typer.echo("Put this into your crontab (crontab -e), or see --print systemd, launchd:\n")
        typer.echo(serving.printed("cron"))
        return outcome


def _choice(question: str, options: dict[str, str]) -> str:
    typer.echo(question)
    keys = list(options)
    for number, label in enumerate(options.values(), 1):
        typer.echo(f"  {number}  {label}")
    while True:
        text: str = typer.prompt("Number", default="1")
        if text.isdigit() and 1 <= int(text) <= len(keys):
            return keys[int(text) - 1]
        if text.lower() in keys:
            return text.lower()
        typer.echo(f"Please type a number from 1 to {len(keys)}.")


def _address() -> str:
    while True:
        text: str = typer.prompt("Your e-mail address").strip()
        if re.fullmatch(r"[^@\s\"\\]+@[^@\s\"\\]+\.[^@\s\"\\]+", text):
            return text
        typer.echo("That is no e-mail address; write it like you@yourcompany.com.")
