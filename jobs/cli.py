"""What can one type? The command line: it reads arguments, runs a job, prints, and exits.

The commands themselves lie in jobs.commands, each group in a module of its own.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command_name

from config.errors import ConfigError, NoshowError
from jobs.commands import asking, fetching, keeping, reporting, set_up, team, telling
from jobs.console import logs, terminal
from jobs.console.outcome import BUG, DONE, INTERRUPTED, NOTHING, TERMINATED, USAGE

#: So many new objects are made before garbage is looked for. Hardly anything that is loaded becomes
#: garbage, and looking through it every 700 objects, as Python does, is a tenth of the start.
_OBJECTS = 200_000


def _whole(
    version: Annotated[bool, typer.Option("--version", help="Say the version and end.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as of

        typer.echo(f"noshow {of('noshow')}")
        raise typer.Exit


about = typer.Typer()


@about.command("help", epilog="Example: noshow help report")
def help_(
    command: Annotated[list[str] | None, typer.Argument(help="Which command; none: all.")] = None,
    man: Annotated[bool, typer.Option("--man", help="All of it as a man page.")] = False,
    page: Annotated[
        str, typer.Option(help="configuration: every setting; export: every column.")
    ] = "",
) -> None:
    """How a command is used; --man: the manual page; --page: every setting, every column."""
    from jobs.commands import manual

    if page:
        sys.stdout.write(manual.reference(page))
    else:
        typer.echo(manual.page(app) if man else manual.of(app, " ".join(command or ())))


@about.command(epilog="Example: noshow completion bash >> ~/.bashrc")
def completion(
    shell: Annotated[str, typer.Argument(help="bash, zsh or fish")],
) -> None:
    """The lines that let your shell complete commands and options."""
    from jobs.commands import manual

    typer.echo(manual.completion(shell))


GROUPS = (
    *(group.commands for group in (set_up, fetching, team, reporting, asking, telling, keeping)),
    about,
)


def app_of(*groups: typer.Typer) -> typer.Typer:
    """The command line with these groups of commands."""
    made = typer.Typer(
        name="noshow",
        no_args_is_help=True,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # its tracebacks print local variables: addresses, subjects
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        help=(
            "Which contacts keep cancelling at the last minute, which never answer, and what you "
            "owe.\n\n"
            "Start with: noshow demo     (no account needed)\n\n"
            "then:       noshow init --guided"
        ),
    )
    made.callback()(_whole)
    for group in groups:
        made.add_typer(group)
    return made


app = app_of(*GROUPS)


def _app_for(arguments: Sequence[str]) -> typer.Typer:
    """With the one command that is asked for, if there is one: to make all of them ready takes as
    long as what most of them do.
    """
    word = next((one for one in arguments if not one.startswith("-")), "")
    for group in GROUPS:
        for command in group.registered_commands:
            called = command.callback.__name__ if command.callback else ""
            if (command.name or get_command_name(called)) == word:
                alone = typer.Typer()
                alone.registered_commands.append(command)
                return app_of(alone)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script: run, and translate errors into one clear message and an exit code.

    `arguments`: what was typed after the name; None: what the process was started with.
    """
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    # Nobody adds to our settings: to look for plugins, it would read what every package says of itself.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")
    logs.begin_run()
    terminal.opened()
    with terminal.guarded(), logs.all_in_lines():
        code = _run(sys.argv[1:] if arguments is None else arguments)
    if code in (INTERRUPTED, TERMINATED):
        # It ends: one more Ctrl-C, which nobody hears any longer, is no traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    if "_NOSHOW_COMPLETE" in os.environ:
        from jobs.commands import manual

        manual.answering()
    try:
        # What typer.Exit bears is handed back, not raised, outside of the standalone mode.
        ended = _app_for(arguments)(list(arguments), standalone_mode=False)
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
    except (BrokenPipeError, SystemExit):
        # The reader (head, less) has gone: nothing is wrong, and nobody reads more. (Our parser ends the
        # process itself there, and nowhere else.)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        return _os_error(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return _usage_or_bug(error)


def _explain(error: NoshowError) -> int:
    terminal.line(f"noshow: {error.message}", stderr=True, bold=True)
    if isinstance(error, ConfigError):
        for problem in error.problems:
            terminal.line(f"  {problem}", stderr=True)
    if error.hint:
        terminal.line(f"  -> {error.hint}", stderr=True)
    return error.exit_code


def _os_error(error: OSError) -> int:
    terminal.line(
        f"noshow: {error.strerror or type(error).__name__}: {error.filename or 'a file'}\n"
        "  -> check free space and rights; nothing that was stored is lost",
        stderr=True,
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
