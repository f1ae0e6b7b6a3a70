"""What do exported calendars and mailboxes hold? `noshow import`, with or without settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from config.clock import to_micros
from config.errors import ConfigError
from config.settings import Mailbox, Own, Settings
from connectors.files import owner
from connectors.files.importing import import_files
from connectors.files.problems import Lost, Problem, Progress
from connectors.interfaces import Window
from connectors.model.normal_forms import address as normal_address
from connectors.model.normal_forms import domain_of
from jobs.context import Context
from jobs.outcome import DONE, NOTHING, PARTLY, Outcome
from jobs.progress import lasting
from jobs.providers.sources import own_addresses

STREAM = "files"
#: Problems named one by one; the rest are counted by kind.
_NAMED = 20
#: No forecast before so many seconds: the first files are small, and say little.
_SOON = 2.0


def with_or_without_settings(
    paths: tuple[Path, ...],
    me: tuple[str, ...],
    with_context: Callable[..., None],
) -> None:
    """Import into the settings' store; without a settings file, one is made for the owner first."""
    from config.paths import paths_from
    from config.settings_file import local_zone, save, written
    from jobs.context import settings_file

    _there(paths)
    places = paths_from()
    if not settings_file(places).exists():
        who = me or _guess(paths)
        zone = local_zone()
        save(settings_file(places), written(who[0], "files", zone))
    with_context(run, paths=paths, me=me)


def run(context: Context, *, paths: tuple[Path, ...], me: tuple[str, ...] = ()) -> Outcome:
    """Read the files into the owner's mailbox. Repeating it adds nothing; a newer export adds.

    Raises ConfigError where nobody knows whose they are, or a path does not exist.
    """
    _there(paths)
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
    lost = [one for one in problems if one.lost not in (Lost.DETAIL, Lost.IGNORED)]
    code = PARTLY if lost else DONE
    if not voice.read and not before.stored:
        code = NOTHING
    context.store.ledger.finish_run(job, str(code), f"{len(lost)} not read" if lost else "")
    return Outcome(
        code,
        (
            f"{voice.read} mails, meetings and calls read for {box.address}: "
            f"{after.stored - before.stored} mails new; {result.observations} meeting facts new",
            *(("next: noshow report --open",) if voice.read or before.stored else ()),
        ),
        _named(problems),
    )


def _there(paths: tuple[Path, ...]) -> None:
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise ConfigError(
            f"there is no file or folder {', '.join(missing)}",
            hint="give paths of .ics, .mbox, .eml, .csv, folders or zips",
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


def _named(problems: list[Problem]) -> tuple[str, ...]:
    lines = [
        f"{one.place}: {one.reason}" + (f" -> {one.hint}" if one.hint else "")
        for one in problems[:_NAMED]
    ]
    if len(problems) > _NAMED:
        lines.append(f"and {len(problems) - _NAMED} more like these")
    return tuple(lines)


def settings_for(me: str, **more: Any) -> Settings:
    """Settings that suffice to read one person's files."""
    domain = domain_of(normal_address(me))
    return Settings(
        mailbox=(Mailbox(address=me, provider="files"),), own=Own(domains=(domain,)), **more
    )
