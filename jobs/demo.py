"""What does noshow do, shown without an account? Half a year of a made-up salesperson's life.

A scripted world is served by the sandbox over HTTP on loopback; the real client libraries, the
real store and the real report run against it, and its clock moves through one working week. At the
end the reports are compared with what was planted: a difference is printed as WRONG, and ends it
with exit code 1.
"""

from __future__ import annotations

import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import typer

from config.clock import Clock
from config.errors import ConfigError
from config.paths import Paths
from config.settings import Settings
from connectors.auth.google_consent import SCOPES, Stored
from connectors.sandbox.google import GoogleSandbox
from connectors.sandbox.scenario import DEMO_NOW, demo_script
from connectors.sandbox.scenario_stage import KATE
from connectors.sandbox.world import World
from jobs import demo_check, sync, weekly, wiring
from jobs.context import Context, opened
from jobs.runs import BUG, DONE, PARTLY, Outcome
from jobs.schedule import report_week

#: A look every two hours, as the schedule has it.
STEP = timedelta(hours=2)
#: And one a day for the half year before, to be quicker.
DAY = timedelta(days=1)
HALF_YEAR = timedelta(weeks=25)
PROVIDERS = ("google",)


@dataclass
class Stage:
    """The running demonstration: a world, its servers, and a context that reads them."""

    world: World
    context: Context
    servers: list[demo_check.Server]


def run(
    *, provider: str = "google", folder: Path | None = None, open_report: bool = False
) -> Outcome:
    """Sync, report, let a week pass with an answer by mail, report again, compare with the truth.

    `folder`: where its store and reports go, anew each time; default `noshow-demo` here.
    Raises ConfigError for an unknown provider or a folder that holds something else.
    """
    if provider not in PROVIDERS:
        raise ConfigError(f"{provider!r} is not one of {', '.join(PROVIDERS)}")
    began = time.monotonic()
    root = _fresh(folder or Path("noshow-demo"))
    with stage(root, provider) as play, play.context.stop.listening():
        reports = _play(play)
        checked = demo_check.compare(play.world, play.context)
        asked = demo_check.asked(play.servers)
    for line in (*asked, "", *checked.lines):
        typer.echo(line)
    typer.echo(f"\nDone in {time.monotonic() - began:.0f} s. Reports:")
    for path in reports:
        typer.echo(f"  {path}")
        if open_report:
            webbrowser.open(path.as_uri())
    typer.echo(
        f"Look closer: NOSHOW_HOME={root} NOSHOW_NOW={play.world.now.isoformat()} "
        "noshow contact omar@client.example"
    )
    return Outcome(DONE if checked.fair else BUG)


def _play(play: Stage) -> list[Path]:
    """The week, told as it goes."""
    world, context = play.world, play.context
    say = typer.echo
    say(f"{world.now:%a %d %b %H:%M} UTC  first sync, over HTTP on loopback ...")
    _expect(sync.run(context, heal=True), (DONE,))
    days = _look_until(play, DEMO_NOW, DAY)
    say(f"{world.now:%a %d %b %H:%M} UTC  half a year later, after {days} daily looks")
    first = _report(play)
    answered = _answer_by_mail(play)
    say(f"{world.now:%a %d %b %H:%M} UTC  a look every 2 hours for a week ...")
    monday = world.now + timedelta(days=7)
    ticks = _look_until(play, monday, STEP)
    say(f"{world.now:%a %d %b %H:%M} UTC  {ticks} syncs; {answered}")
    _expect(sync.run(context, heal=True), (DONE,))
    return [*first, *_report(play)]


def _look_until(play: Stage, end: datetime, step: timedelta) -> int:
    """Let time pass until `end`, with a sync at every step; returns how many."""
    world, count = play.world, 0
    while world.now < end and not play.context.stop():
        world.advance_to(min(world.now + step, end))
        _expect(sync.run(play.context), (DONE, PARTLY))
        count += 1
    return count


def _report(play: Stage) -> list[Path]:
    """The report of the week before now, delivered as the schedule would."""
    now = play.world.now
    outcome = weekly.run(play.context, week=report_week(now.date()))
    _expect(outcome, (DONE, PARTLY))
    for line in (*outcome.lines, *outcome.problems):
        typer.echo(f"{now:%a %d %b %H:%M} UTC  {line}")
    paths = [Path(line.partition(": ")[2]) for line in outcome.lines if line.endswith(".html")]
    return [path for path in paths if path.exists()]


def _answer_by_mail(play: Stage) -> str:
    """Kate answers the first question of her report by a mail to herself, a day later."""
    open_questions = demo_check.question_ids(play.context)
    if not open_questions:
        return "no question was open"
    claim = open_questions[0]
    at = play.world.now + timedelta(hours=26)
    play.world.mail(at, KATE, KATE, f"noshow {claim} them")
    return f"question {claim} was answered by a mail to oneself"


def _expect(outcome: Outcome, codes: tuple[int, ...]) -> None:
    if outcome.code not in codes:
        raise ConfigError(
            f"the demonstration failed: {'; '.join(outcome.problems or outcome.lines)}",
            hint="run it again with NOSHOW_LOG=info",
        )


@contextmanager
def stage(
    root: Path, provider: str = "google", *, now: datetime = DEMO_NOW, quiet: bool = False
) -> Iterator[Stage]:
    """The demonstration's world with its servers and a context over a store in `root`."""
    world = demo_script(now)
    world.advance_to(now - HALF_YEAR)
    with ExitStack() as open_:
        servers: list[demo_check.Server] = []
        tree: dict[str, object] = {
            "zone": "Europe/Berlin",
            "own": {"domains": ["ourco.example"], "countries": ["DE"]},
            "report": {"deliver": ["folder"], "folder": str(root / "reports")},
        }
        logins = []
        if provider == "google":
            google = open_.enter_context(
                GoogleSandbox(world, enforce_quota=True, steady=lambda: world.now.timestamp())
            )
            servers.append(google)
            tree["google"] = google_settings(google)
            logins.append(google)
        boxes = [
            {
                "address": KATE,
                "provider": "google",
                "name": "Kate Lind",
                "aliases": ["k.lind@ourco.example"],
            }
        ]
        tree["mailbox"] = boxes
        settings = Settings.model_validate(tree)
        paths = Paths(config=root, state=root / "state", reports=root / "reports")
        context = open_.enter_context(
            opened(settings, paths=paths, clock=world_clock(world), quiet=quiet)
        )
        for google in logins:
            log_in(context, google)
        yield Stage(world, context, servers)


def google_settings(google: GoogleSandbox) -> dict[str, object]:
    """The settings' table that points at this sandbox."""
    return {
        "calendar_root": f"{google.api_root}calendar/v3/",
        "gmail_root": google.api_root,
        "meet_root": google.api_root,
        "token_uri": google.token_uri,
        "auth_uri": google.auth_uri,
    }


def log_in(context: Context, google: GoogleSandbox, purpose: str = "read") -> None:
    """Put a login of each Google mailbox into the vault, as its owner's consent would."""
    for box in context.settings.mailbox:
        if box.provider == "google":
            info = google.issue_token(box.address, SCOPES[purpose])
            stored = Stored.from_authorized_user(info, purpose, context.clock.micros())
            name = wiring.login_name("google", box, purpose)
            wiring.vault(context).write(name, stored.entry())


def world_clock(world: World) -> Clock:
    """The world's time. Waiting (for quota) lets it pass, so that the demonstration does not wait."""
    guard = threading.Lock()

    def sleep(seconds: float) -> None:
        with guard:
            world.advance_to(world.now + timedelta(seconds=seconds))

    return Clock(now_=lambda: world.now, steady_=time.monotonic, sleep_=sleep)


def _fresh(root: Path) -> Path:
    """An empty folder of ours; an earlier demonstration in it is replaced."""
    import shutil

    marker = root / ".noshow-demo"
    if root.exists() and any(root.iterdir()):
        if not marker.exists():
            raise ConfigError(
                f"{root} holds something else than a demonstration",
                hint="say --folder with another",
            )
        shutil.rmtree(root)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker.write_text("noshow demo writes here, anew each time\n", "utf-8")
    return root.absolute()
