"""What do exported calendars and mailboxes hold? `noshow import`, with or without settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from config import private_files
from config.clock import to_micros
from config.errors import ConfigError
from config.settings import Mailbox
from connectors.files import owner
from connectors.files.importing import import_files
from connectors.files.problems import Lost, Problem, Progress
from connectors.interfaces import Window
from connectors.model.normal_forms import address as normal_address
from jobs.console.outcome import DONE, NOTHING, PARTLY, Outcome
from jobs.console.progress import lasting
from jobs.context import Context, own_addresses

#: Kinds of problem named one by one; the rest are counted.
_NAMED = 20
_NOT_LOST = (Lost.STRANGER, Lost.DETAIL, Lost.IGNORED)
#: No forecast before so many seconds: the first files are small, and say little.
_SOON = 2.0


def with_or_without_settings(
    paths: tuple[Path, ...],
    me: tuple[str, ...],
    with_context: Callable[..., None],
    *,
    problems_to: Path | None = None,
    settled: tuple[str, ...] = (),
) -> None:
    """Import into the settings' store; without a settings file, one is made for the owner first."""
    from config.paths import paths_from
    from config.settings_file import local_zone, save, written
    from jobs.context import settings_file

    if not (paths or settled):
        raise ConfigError(
            "there is nothing to import", hint="noshow import takeout.zip --me kate@ourco.example"
        )
    _there(paths)
    places = paths_from()
    if not settings_file(places).exists():
        who = me or _guess(paths)
        zone = local_zone()
        save(settings_file(places), written(who[0], "files", zone))
    with_context(run, paths=paths, me=me, problems_to=problems_to, settled=settled)


def run(
    context: Context,
    *,
    paths: tuple[Path, ...],
    me: tuple[str, ...] = (),
    problems_to: Path | None = None,
    settled: tuple[str, ...] = (),
) -> Outcome:
    """Read the files into the owner's mailbox. Repeating it adds nothing; a newer export adds.

    `problems_to`: a file for all that could not be read. `settled`: words in the paths of files
    lost by earlier imports whose content is here by now, or of no concern.
    Raises ConfigError where nobody knows whose they are, or a path does not exist.
    """
    _there(paths)
    if settled:
        done = _settle(context, _mailbox(context, me, paths), settled)
        if not paths:
            return done
    box = _mailbox(context, me, paths)
    number = context.mailbox_id(box)
    now, plan = context.clock.now(), context.settings.sync
    horizon = Window(
        to_micros(now - timedelta(days=max(plan.past_days, context.settings.store.keep_days))),
        to_micros(now + timedelta(days=plan.ahead_days)),
    )
    problems: list[Problem] = []
    before = context.store.pending.counts(number)
    job = context.store.ledger.begin_run("import")
    voice = Voice(context)
    with context.store.locks.mailbox(number, wait=60.0):
        result = import_files(
            context.store,
            number,
            paths,
            me=tuple(sorted({*own_addresses(box), *(normal_address(one) for one in me)})),
            zone=context.settings.zone_of(box),
            horizon=horizon,
            problems=problems.append,
            progress=voice,
            should_stop=context.stop,
        )
    after = context.store.pending.counts(number)
    lost = [one for one in problems if one.lost not in _NOT_LOST]
    if problems_to is not None:
        _write(problems_to, problems)
    code = PARTLY if lost else DONE
    if not voice.read and not before.stored:
        code = NOTHING
    context.store.ledger.finish_run(job, str(code), f"{len(lost)} not read" if lost else "")
    return Outcome(
        code,
        (
            f"{voice.read} mails, meetings and calls read for {box.address}: "
            f"{after.stored - before.stored} mails new; {result.observations} meeting facts new",
            *((f"wrote {len(problems)} problems to {problems_to}",) if problems_to else ()),
            *(("next: noshow report --open",) if voice.read or before.stored else ()),
        ),
        _named(problems),
    )


def _there(paths: tuple[Path, ...]) -> None:
    missing = [str(path) for path in paths if not (path.exists() or path.is_symlink())]
    if missing:
        raise ConfigError(
            f"there is no file or folder {', '.join(missing)}",
            hint="give paths of .ics, .mbox, .eml, .csv, folders or archives",
        )


def _mailbox(context: Context, me: tuple[str, ...], paths: tuple[Path, ...]) -> Mailbox:
    """Whose files these are: --me, else the only mailbox of the settings. Raises ConfigError."""
    boxes = context.settings.mailbox
    if not boxes and not me:
        _guess(paths)
    if me:
        wanted = {normal_address(one) for one in me}
        for box in boxes:
            if wanted & own_addresses(box):
                return box
        raise ConfigError(
            f"{me[0]} is no mailbox or alias in the settings",
            hint='add a [[mailbox]] with this address and provider = "files"',
        )
    if len(boxes) == 1:
        return boxes[0]
    names = ", ".join(box.address for box in boxes)
    raise ConfigError("whose files are these?", hint=f"say --me with one of: {names}")


def _guess(paths: tuple[Path, ...]) -> tuple[str, ...]:
    found = owner.guess_owner(paths)
    listed = [f"{one.address} ({one.share:.0%} of the signs)" for one in found[:5]]
    raise ConfigError(
        "whose calendar and mail is this?",
        problems=tuple(f"perhaps {line}" for line in listed),
        hint=f"noshow import ... --me {found[0].address if found else 'you@yourcompany.com'}",
    )


class Voice:
    """Tells bytes of all files, mails a second, and how long the rest will take at this pace."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._began = context.clock.steady()
        self._first: int | None = None
        self.read = 0

    def __call__(self, now: Progress) -> None:
        if self._first is None:
            # What an import that was stopped had read is no work of this one.
            self._first = now.whole_done - now.done
        self.read = now.messages_out + now.records
        seconds = max(self._context.clock.steady() - self._began, 1e-6)
        words = [f"{now.messages_out / seconds:.0f} mails/s", f"{now.records} records"]
        pace, rest = (now.whole_done - self._first) / seconds, now.whole_total - now.whole_done
        if seconds >= _SOON and pace > 0 and rest > 0:
            words.append(f"{lasting(rest / pace)} left")
        whole = (now.whole_total >> 10) or None
        self._context.say("import", now.whole_done >> 10, whole, f"KiB, {', '.join(words)}")


def _settle(context: Context, box: Mailbox, settled: tuple[str, ...]) -> Outcome:
    """Forget the losses whose path holds one of the words."""
    gone = context.store.losses.settle(
        context.mailbox_id(box), lambda place: any(word in place for word in settled)
    )
    if not gone:
        raise ConfigError(
            f"no lost file is named like {', '.join(settled)}",
            hint="noshow status names the files that were not read",
        )
    return Outcome(DONE, tuple(f"settled: {place}" for place in gone))


def _ordered(problems: list[Problem]) -> list[Problem]:
    """What has cost most comes first: files, then mails, parts, entries, lines, repairs."""
    order = list(Lost)
    return sorted(problems, key=lambda one: order.index(one.lost))


def _line(one: Problem) -> str:
    return f"{one.place}: {one.reason}" + (f" -> {one.hint}" if one.hint else "")


def _write(path: Path, problems: list[Problem]) -> None:
    text = "".join(f"{_line(one)}\n" for one in _ordered(problems))
    try:
        private_files.write(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error


def _named(problems: list[Problem]) -> tuple[str, ...]:
    """The losses first; equal ones as one line with their number."""
    groups: dict[tuple[Lost, str, str], list[Problem]] = {}
    for one in _ordered(problems):
        groups.setdefault((one.lost, one.reason, one.hint), []).append(one)
    named = list(groups.values())
    lines = [
        _line(same[0]) + (f" (and {len(same) - 1} more like it)" if len(same) > 1 else "")
        for same in named[:_NAMED]
    ]
    rest = sum(len(same) for same in named[_NAMED:])
    if rest:
        lines.append(f"and {rest} more like these; noshow import --problems FILE writes all")
    return tuple(lines)
