"""What can one type? The command line: it reads arguments, runs a job, prints, and exits.

Jobs are imported when they are called: `noshow --help` does not wait for pandas.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import ConfigError, NoshowError, Stopped
from jobs import terminal
from jobs.outcome import BUG, DONE, INTERRUPTED, NOTHING, TERMINATED, USAGE, Outcome
from jobs.query.tables import Format

if TYPE_CHECKING:
    from jobs.context import Context

app = typer.Typer(
    name="noshow",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks print local variables: addresses, subjects
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=(
        "Which contacts keep cancelling at the last minute, which never answer, and what you owe.\n\n"
        "Start with: noshow demo     (no account needed)\n\n"
        "then:       noshow init --guided"
    ),
)


@app.callback()
def _whole(
    version: Annotated[bool, typer.Option("--version", help="Say the version and end.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as of

        typer.echo(f"noshow {of('noshow')}")
        raise typer.Exit


As = Annotated[
    str,
    typer.Option("--as-of", metavar="TIME", help="What would it have said then? ISO 8601."),
]
New = Annotated[bool, typer.Option("--new", help="Somebody whom no calendar or mail names.")]
Shape = Annotated[Format, typer.Option("--format", help="table, csv or json")]
Boxes = Annotated[
    list[str] | None,
    typer.Option("--mailbox", "-m", metavar="ADDRESS", help="Only this mailbox; repeatable."),
]


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script: run, and translate errors into one clear message and an exit code.

    `arguments`: what was typed after the name; None: what the process was started with.
    """
    with terminal.guarded():
        code = _run(sys.argv[1:] if arguments is None else arguments)
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    if "_NOSHOW_COMPLETE" in os.environ:
        from jobs import manual

        manual.answering()
    try:
        # What typer.Exit bears is handed back, not raised, outside of the standalone mode.
        ended = app(list(arguments), standalone_mode=False)
        return ended if isinstance(ended, int) else DONE
    except typer.Exit as leaving:
        return leaving.exit_code
    except (typer.Abort, KeyboardInterrupt):
        # It ends already: one more Ctrl-C must not turn the last words into a traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stderr.write("\nnoshow: stopped; type the same command again, and it goes on\n")
        return INTERRUPTED
    except NoshowError as error:
        return _explain(error)
    except BrokenPipeError:
        # The reader (head, less) has gone: nothing is wrong, and nobody reads more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        return _os_error(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return _usage_or_bug(error)


def _explain(error: NoshowError) -> int:
    err = terminal.console(stderr=True)
    err.print(f"noshow: {error.message}", style="bold", soft_wrap=True)
    if isinstance(error, ConfigError):
        for problem in error.problems:
            err.print(f"  {problem}", soft_wrap=True)
    if error.hint:
        err.print(f"  -> {error.hint}", soft_wrap=True)
    return error.exit_code


def _os_error(error: OSError) -> int:
    terminal.console(stderr=True).print(
        f"noshow: {error.strerror or type(error).__name__}: {error.filename or 'a file'}\n"
        "  -> check free space and rights; nothing that was stored is lost",
        soft_wrap=True,
    )
    return NOTHING


def _usage_or_bug(error: Exception) -> int:
    show = getattr(error, "show", None)
    if callable(show) and hasattr(error, "exit_code"):
        show()
        return USAGE
    # The frames name our own lines; the message could hold an address and is left out.
    where = "".join(traceback.format_tb(error.__traceback__)[-4:])
    sys.stderr.write(
        f"noshow: a bug: {type(error).__name__}\n{where}"
        "  -> please report it with the lines above; NOSHOW_TRACE=1 shows the whole of it\n"
    )
    if os.environ.get("NOSHOW_TRACE"):
        traceback.print_exception(error)
    return BUG


def finish(outcome: Outcome) -> None:
    """Print what a job says, and end with its code."""
    out, err = terminal.console(), terminal.console(stderr=True)
    for line in outcome.lines:
        out.print(line, soft_wrap=True)
    for problem in outcome.problems:
        err.print(f"  ! {problem}", soft_wrap=True)
    if outcome.code != DONE:
        raise typer.Exit(outcome.code)


def with_context(job: Callable[..., Outcome], *args: object, **options: object) -> None:
    """Open the settings and the store, run the job with signals heard, and finish."""
    from jobs.context import opened

    with opened() as context, context.stop.listening(), context.say.running():
        try:
            outcome = job(context, *args, **options)
        except Stopped:
            outcome = Outcome(
                context.stop.code or INTERRUPTED,
                ("stopped; the next run goes on where this one ended",),
            )
        if context.stop() and outcome.code not in (INTERRUPTED, TERMINATED):
            outcome = Outcome(context.stop.code, outcome.lines, outcome.problems)
    finish(outcome)


@app.command(epilog="Example: noshow demo --folder demo --open")
def demo(
    provider: Annotated[str, typer.Option(help="google, microsoft or both")] = "google",
    folder: Annotated[Path | None, typer.Option(help="Where its store and reports go.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the report in a browser.")] = False,
) -> None:
    """A made-up salesperson's half year, from calendars and mail to two weekly reports."""
    from jobs.demo import demo as job

    finish(job.run(provider=provider, folder=folder, open_report=open_))


@app.command(epilog="Example: noshow init --guided")
def init(
    guided: Annotated[bool, typer.Option(help="Ask, connect, fetch and report at once.")] = False,
    print_: Annotated[bool, typer.Option("--print", help="Only print the commented file.")] = False,
    address: Annotated[str, typer.Option(help="Your address, written into the file.")] = "",
    provider: Annotated[str, typer.Option(help="google, microsoft or files")] = "",
    force: Annotated[bool, typer.Option(help="Overwrite a file that is there.")] = False,
) -> None:
    """Write the commented settings file; with --guided, set everything up."""
    from config import settings_file
    from jobs.setup import guide
    from jobs.setup import init as job

    if print_:
        sys.stdout.write(settings_file.written(address, provider))
        return
    if guided:
        finish(guide.run())
        return
    finish(job.run(address=address, provider=provider, force=force))


@app.command(epilog="Example: noshow connect google --export token.json")
def connect(
    provider: Annotated[str, typer.Argument(help="google or microsoft")],
    mailbox: Annotated[str, typer.Option("--mailbox", "-m", help="Which mailbox.")] = "",
    purpose: Annotated[
        str, typer.Option("--for", help="reading, sending, attendance or audit")
    ] = "reading",
    export: Annotated[
        Path | None, typer.Option("--export", help="Log in here, write the token for a server.")
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", help="Take a token that --export wrote.")
    ] = None,
    paste: Annotated[bool, typer.Option(help="No browser here: paste the address back.")] = False,
    browser: Annotated[bool, typer.Option(help="Microsoft: a browser here, no code.")] = False,
    explain: Annotated[bool, typer.Option(help="Only say what to set up at the provider.")] = False,
) -> None:
    """Log a mailbox in, and say before what to set up at Google or Microsoft."""
    from jobs.setup import connect as job

    with_context(
        job.run,
        provider=provider,
        mailbox=mailbox,
        purpose=purpose,
        export=export,
        import_=import_,
        paste=paste,
        browser=browser,
        explain=explain,
    )


@app.command(epilog="Example: noshow sync -m kate@ourco.example")
def sync(
    mailbox: Boxes = None,
    heal: Annotated[bool, typer.Option(help="Also look again at the whole window.")] = False,
    allow_empty: Annotated[bool, typer.Option(help="Believe a source that is now empty.")] = False,
) -> None:
    """Fetch what has changed in the calendars and mailboxes; --heal also ends what is too old."""
    from jobs import privacy
    from jobs.fetch import sync as job

    def work(context: Context) -> Outcome:
        boxes = tuple(mailbox or ())
        outcome = job.run(context, mailboxes=boxes, heal=heal, allow_empty=allow_empty)
        return outcome + privacy.retain_when_due(context) if heal else outcome

    with_context(work)


@app.command(epilog="Example: noshow backfill --since 2026-01-01")
def backfill(
    since: Annotated[str, typer.Option(help="From this day on, like 2026-01-01.")],
    until: Annotated[str, typer.Option(help="Until this day; default: today.")] = "",
    mailbox: Boxes = None,
) -> None:
    """Fetch older calendars and mail once; can be stopped and goes on."""
    from jobs.fetch import backfill as job

    with_context(job.run, since=since, until=until, mailboxes=tuple(mailbox or ()))


@app.command("import", epilog="Example: noshow import takeout.zip --me kate@ourco.example")
def import_(
    paths: Annotated[
        list[Path] | None, typer.Argument(help=".ics .mbox .eml .csv, folders, archives")
    ] = None,
    me: Annotated[
        list[str] | None, typer.Option("--me", metavar="ADDRESS", help="Whose data it is.")
    ] = None,
    problems: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write down all that was not read.")
    ] = None,
    settled: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A file lost earlier that is no longer missing."),
    ] = None,
) -> None:
    """Read exported calendars and mail; no account needed."""
    from jobs.fetch import import_files as job

    job.with_or_without_settings(
        tuple(paths or ()),
        tuple(me or ()),
        with_context,
        problems_to=problems,
        settled=tuple(settled or ()),
    )


@app.command(epilog="Example: noshow report --to stdout --dry-run")
def report(
    week: Annotated[str, typer.Option(help="Like 2026-W47; default: the last complete one.")] = "",
    to: Annotated[
        list[str] | None, typer.Option(help="folder, stdout or mail; default: folder")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Write nothing down, send nothing.")] = False,
    test: Annotated[bool, typer.Option(help="Mail it to its owner, marked as a test.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    as_of: As = "",
    mailbox: Boxes = None,
) -> None:
    """Make the report now, as often as you like; the scheduled one comes all the same.

    With --week it says what was known when that week's report was due.
    """
    from jobs.delivery import by_hand as job

    wish = job.Wish(
        week=week,
        as_of=as_of,
        to=tuple(to or ()),
        mailboxes=tuple(mailbox or ()),
        dry_run=dry_run,
        open_report=open_,
        test=test,
    )
    with_context(job.run, wish)


@app.command(epilog="Example: noshow remind --dry-run")
def remind(
    dry_run: Annotated[bool, typer.Option(help="Only show what would be sent.")] = False,
) -> None:
    """Send the drafts for tomorrow's meetings that are worth a word, once a day."""
    from jobs.delivery import remind as job

    with_context(job.run, dry_run=dry_run)


@app.command(epilog="Example: noshow contact omar@client.example --as-of 2026-11-02")
def contact(address: str, as_of: As = "", form: Shape = Format.TABLE) -> None:
    """One contact's timeline: each rule with its facts, why listed or why not."""
    from jobs.query import lists as job

    with_context(job.contact, address=address, as_of=as_of, form=form)


@app.command(epilog="Example: noshow contacts omar --tier talk")
def contacts(
    part: Annotated[str, typer.Argument(help="A part of name or address.")] = "",
    tier: Annotated[str, typer.Option(help="Only talk or pause.")] = "",
    as_of: As = "",
    form: Shape = Format.TABLE,
) -> None:
    """Everybody you met, the worst first."""
    from jobs.query import lists as job

    with_context(job.contacts, part=part, tier=tier, as_of=as_of, form=form)


@app.command(epilog="Example: noshow questions --format csv")
def questions(as_of: As = "", form: Shape = Format.TABLE) -> None:
    """The open questions that only you can answer, with their ids."""
    from jobs.query import questions as job

    with_context(job.run, as_of=as_of, form=form)


@app.command("next", epilog="Example: noshow next --days 14")
def next_(
    days: Annotated[int, typer.Option(min=1, max=120, help="How far ahead.")] = 7,
    as_of: As = "",
    form: Shape = Format.TABLE,
) -> None:
    """Coming meetings, the ones worth confirming first."""
    from jobs.query import lists as job

    with_context(job.coming, as_of=as_of, days=days, form=form)


@app.command(epilog="Example: noshow status")
def status(form: Shape = Format.TABLE) -> None:
    """What has been fetched, what is missing, and when each job last ran."""
    from jobs.query import status as job

    with_context(job.run, form=form)


@app.command(epilog="Example: noshow export --format json > findings.json")
def export(
    as_of: As = "",
    form: Annotated[Format, typer.Option("--format", help="json or csv")] = Format.JSON,
    to: Annotated[Path | None, typer.Option(help="A file (json) or folder (csv).")] = None,
) -> None:
    """All findings with their evidence; documented in docs/export.md."""
    from jobs.query import lists as job

    with_context(job.export, as_of=as_of, form=form, to=to)


def _ids_and_word(given: list[str]) -> list[str]:
    if len(given) < 2:
        raise typer.BadParameter("give one id or several, and then the word: 7Q3F2K them")
    return given


@app.command(epilog="Example: noshow answer 7Q3F2K them")
def answer(
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="ID... WORD", callback=_ids_and_word, help="One id or several, and what is so."
        ),
    ],
    mailbox: Boxes = None,
) -> None:
    """Answer questions or contradict claims: them us both none held absent done reached wrong undo."""
    from jobs.query import answer as job

    with_context(job.answer, claims=given[:-1], word=given[-1], mailboxes=tuple(mailbox or ()))


@app.command(epilog="Example: noshow tag omar@client.example client")
def tag(
    address: str,
    word: Annotated[str, typer.Argument(help="client, warm, let-go, machine, same-person")],
    value: Annotated[str, typer.Argument(help="same-person: the other address")] = "",
    remove: Annotated[bool, typer.Option(help="Take the tag off.")] = False,
    new: New = False,
) -> None:
    """Say something about a contact that mail and calendar cannot know."""
    from jobs.query import answer as job

    with_context(job.tag, address=address, word=word, value=value, remove=remove, new=new)


@app.command(epilog="Example: noshow call dana@client.example no-answer")
def call(
    address: str,
    outcome: Annotated[str, typer.Argument(help="no-answer, assistant, spoke or will-call")],
    at: Annotated[str, typer.Option(help="When: yesterday, friday 15:30; default: now.")] = "",
    new: New = False,
) -> None:
    """Log a call."""
    from jobs.query import answer as job

    with_context(job.call, address=address, outcome=outcome, at=at, new=new)


@app.command(epilog='Example: noshow promise tom@northwind.example "deposit" --by 2026-11-20')
def promise(
    address: str,
    text: str,
    by: Annotated[str, typer.Option(help="The day: friday, tomorrow, 2026-11-20.")],
    new: New = False,
) -> None:
    """Remember what a contact promised, and for when."""
    from jobs.query import answer as job

    with_context(job.promise, address=address, text=text, by=by, new=new)


@app.command(epilog="Example: noshow forget omar@client.example")
def forget(
    address: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove all that is stored of a person, for good."""
    from jobs import privacy as job

    if not yes:
        typer.confirm(f"Remove everything about {address}? This cannot be undone", abort=True)
    with_context(job.forget, address=address)


@app.command(epilog="Example: noshow backup noshow-backup.db")
def backup(file: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy the store into a file; safe while noshow runs."""
    from jobs import backup as job

    with_context(job.run, file=file)


@app.command(epilog="Example: noshow doctor")
def doctor(
    probe: Annotated[bool, typer.Option(help="Also ask the providers what they allow.")] = False,
) -> None:
    """Check settings, logins, store and schedule; each problem with the next command."""
    from jobs.setup import doctor as job

    with_context(job.run, probe=probe)


@app.command(epilog="Example: noshow tune --write")
def tune(
    write: Annotated[bool, typer.Option(help="Write it into the settings.")] = False,
) -> None:
    """Propose a baseline from your own meetings; a report never changes it by itself."""
    from jobs.setup import tune as job

    with_context(job.run, write=write)


@app.command(epilog="Example: noshow schedule --print cron")
def schedule(
    print_: Annotated[
        str, typer.Option("--print", metavar="KIND", help="cron, systemd or launchd")
    ] = "",
) -> None:
    """Run sync and report when they are due, until stopped."""
    from jobs.schedule import serve as job

    if print_:
        sys.stdout.write(job.printed(print_))
        return
    with_context(job.run)


@app.command("run-due", epilog="Example: */15 * * * * noshow run-due")
def run_due() -> None:
    """Run what is due now, and end; for cron and timers."""
    from jobs.schedule import serve as job

    with_context(job.run_due)


@app.command("help", epilog="Example: noshow help report")
def help_(
    command: Annotated[str, typer.Argument(help="Which command; none: all.")] = "",
    man: Annotated[bool, typer.Option("--man", help="All of it as a man page.")] = False,
) -> None:
    """How a command is used; with --man the manual page."""
    from jobs import manual

    typer.echo(manual.page(app) if man else manual.of(app, command))


@app.command(epilog="Example: noshow completion bash >> ~/.bashrc")
def completion(
    shell: Annotated[str, typer.Argument(help="bash, zsh or fish")],
) -> None:
    """The lines that let your shell complete commands and options."""
    from jobs import manual

    typer.echo(manual.completion(shell))
