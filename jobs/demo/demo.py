"""What does noshow do, shown without an account? Half a year of a made-up salesperson's life.

A scripted world is served by the providers' sandboxes over HTTP on loopback (jobs.demo.stage); the
real client libraries, the real store and the real report run against it, and its clock moves through
one working week. With `--check` the reports are compared with what was planted: a difference is printed
as WRONG, and ends it with exit code 1.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import time
import webbrowser
from datetime import datetime, timedelta
from pathlib import Path

import typer

from config import private_files
from config.errors import ConfigError, Stopped
from connectors.sandbox.scenario.stage import KATE
from connectors.sandbox.scenario.worlds import DEMO_NOW
from jobs.console.outcome import BUG, DONE, PARTLY, Outcome
from jobs.delivery import weekly
from jobs.delivery.envelope.report_week import report_week
from jobs.demo import check as demo_check
from jobs.demo.stage import PROVIDERS, Stage, stage
from jobs.fetch import sync

#: A poll every two hours, as the schedule has it.
STEP = timedelta(hours=2)
#: And one a day for the half year before, to be quicker.
DAY = timedelta(days=1)
#: The whole window is listed again every night by the schedule, here once a week before.
NIGHTS = {STEP: DAY, DAY: timedelta(days=7)}


def run(
    *,
    provider: str = "google",
    folder: Path | None = None,
    open_report: bool = False,
    check: bool = False,
) -> Outcome:
    """Sync, report, let a week pass with an answer by mail, report again.

    `provider`: google, microsoft, or both. `folder`: where its store and reports go, anew each time;
    default `noshow-demo` here. `check`: also compare with what was planted. Raises ConfigError for an
    unknown provider or a folder that holds something else.
    """
    if provider not in PROVIDERS:
        raise ConfigError(f"{provider!r} is not one of {', '.join(PROVIDERS)}")
    began = time.monotonic()
    root = _fresh(folder or Path("noshow-demo"))
    with stage(root, provider) as play, play.context.stop.listening():
        try:
            reports = play_week(play)
            checked = _checked(play) if check else demo_check.Checked((), True)
        except Stopped:
            return Outcome(play.context.stop.code, ("stopped; the next demonstration begins anew",))
    for line in checked.lines:
        typer.echo(line)
    typer.echo(f"\nDone in {time.monotonic() - began:.0f} s. The last report, for a browser:")
    typer.echo(f"  {reports[-1]}")
    page = reports[-1].with_name(f"{reports[-1].stem}-page.html")
    if page.exists():
        typer.echo(f"All evidence for it:\n  {page}")
    if open_report:
        webbrowser.open(reports[-1].as_uri())
    for line in next_commands(root, play.world.now):
        typer.echo(line)
    return Outcome(DONE if checked.fair else BUG)


def _checked(play: Stage) -> demo_check.Checked:
    """What was asked of the servers, and each planted contact with what the report says."""
    heard = demo_check.Checked((*play.heard(), ""), True)
    checked = heard + demo_check.compare(play.world, play.context)
    if len(play.context.settings.mailbox) > 1:
        checked += demo_check.joined(play.world, play.context, "omar@client.example")
    return checked


def next_commands(root: Path, now: datetime) -> tuple[str, ...]:
    """What to type next; each line can be pasted, wherever one stands."""
    command = shlex.quote(str(_program()))
    inside = f"NOSHOW_HOME={shlex.quote(str(root))} NOSHOW_NOW={now.isoformat()} {command}"
    return (
        "What is known of somebody on the list:",
        f"  {inside} contact omar",
        "Its coming week:",
        f"  {inside} next",
        "Your own calendar and mail:",
        f"  {command} init --guided",
    )


def _program() -> Path:
    """noshow as it was started, by its whole path."""
    started = Path(sys.argv[0])
    if started.name.startswith("noshow") and started.exists():
        return started.absolute()
    found = shutil.which("noshow")
    return Path(found).absolute() if found else Path(sys.executable).with_name("noshow")


def play_week(play: Stage) -> list[Path]:
    """The week, told as it goes."""
    world, context = play.world, play.context
    say = typer.echo
    say(f"{world.now:%a %d %b %H:%M} UTC  first sync, over HTTP on loopback ...")
    _expect(play, sync.run(context, heal=True), (DONE,))
    days = _look_until(play, DEMO_NOW, DAY)
    say(f"{world.now:%a %d %b %H:%M} UTC  half a year later, after {days} daily looks")
    first = _report(play)
    answered = _answer_by_mail(play)
    say(f"{world.now:%a %d %b %H:%M} UTC  a look every 2 hours for a week ...")
    monday = world.now + timedelta(days=7)
    ticks = _look_until(play, monday, STEP)
    say(f"{world.now:%a %d %b %H:%M} UTC  {ticks} syncs; {answered}")
    _expect(play, sync.run(context, heal=True), (DONE,))
    return [*first, *_report(play)]


def _look_until(play: Stage, end: datetime, step: timedelta) -> int:
    """Let time pass until `end`, with a sync at every step; returns how many."""
    world, count, night = play.world, 0, play.world.now
    while world.now < end:
        _go_on(play)
        world.advance_to(min(world.now + step, end))
        heal = world.now - night >= NIGHTS[step]
        night = world.now if heal else night
        _expect(play, sync.run(play.context, heal=heal), (DONE, PARTLY))
        count += 1
    return count


def _report(play: Stage) -> list[Path]:
    """The report of the week before now, delivered as the schedule would."""
    now = play.world.now
    outcome = weekly.scheduled(play.context, report_week(now.date()))
    _expect(play, outcome, (DONE, PARTLY))
    for line in (*outcome.lines, *outcome.problems):
        typer.echo(f"{now:%a %d %b %H:%M} UTC  {line}")
    paths = [Path(line.partition(": ")[2]) for line in outcome.lines if line.endswith(".html")]
    return [path for path in paths if path.exists()]


def _answer_by_mail(play: Stage) -> str:
    """Kate answers the first question of her report by a mail to herself, a day later."""
    open_questions = demo_check.question_ids(play.context, KATE)
    if not open_questions:
        return "no question was open"
    claim = open_questions[0]
    at = play.world.now + timedelta(hours=26)
    play.world.mail(at, KATE, KATE, f"noshow {claim} them")
    return f"question {claim} was answered by a mail to oneself"


def _go_on(play: Stage) -> None:
    if play.context.stop():
        raise Stopped("the demonstration was stopped")


def _expect(play: Stage, outcome: Outcome, codes: tuple[int, ...]) -> None:
    _go_on(play)
    if outcome.code not in codes:
        raise ConfigError(
            f"the demonstration failed: {'; '.join(outcome.problems or outcome.lines)}",
            hint="run it again with NOSHOW_LOG=info",
        )


def _fresh(root: Path) -> Path:
    """An empty folder of ours; an earlier demonstration in it is replaced."""
    marker = root / ".noshow-demo"
    if root.exists() and any(root.iterdir()):
        if not marker.exists():
            raise ConfigError(
                f"{root} holds something else than a demonstration",
                hint="say --folder with another",
            )
        shutil.rmtree(root)
    private_files.close_folder(root)
    private_files.write(marker, "noshow demo writes here, anew each time\n")
    return root.absolute()
