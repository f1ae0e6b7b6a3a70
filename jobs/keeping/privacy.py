"""What must go, and when? A person on request, everything by age; the reports in the folder with it.

`forget` removes a person from the store, the reports in the folder and the log; `retain`, once a
day, ends what is older than `keep_days`. Mails that were sent and exports that were written
elsewhere are nobody's here to reach; docs/privacy.md says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from config.clock import to_micros
from config.errors import Busy, ConfigError, NoshowError
from connectors.mailer import report_files
from connectors.model.normal_forms import address as normal_address
from connectors.model.written_addresses import one_typed
from connectors.store.privacy.traces import naming
from jobs.console.outcome import DONE, PARTLY, Outcome
from jobs.context import Context, own_addresses

#: A shorter name ("Jo") stands in too many words to tell whom a report means.
_SHORTEST = 4
#: A report within this time has kept in memory whatever may end now.
_REMEMBERED = timedelta(days=35)
_DAILY = timedelta(hours=23)
#: Nothing had run for so long: either nobody used it, or the clock is ahead; a week tells.
_LEAP = timedelta(days=60)
_BELIEVED = timedelta(days=7)
JOB = "retention"


def forget(context: Context, *, address: str) -> Outcome:
    """Remove all that is known of a person, for good. Raises ConfigError for one of our own."""
    who = typed_address(context, address)
    if any(who in own_addresses(box) for box in context.settings.mailbox):
        raise ConfigError(
            "this is a mailbox of your own, and all that is known lies in it",
            hint="take it out of the settings; to remove everything, delete the state folder",
        )
    # The names are known only as long as the person is; the reports bear names.
    names = context.store.privacy.names_of(who)
    merged = context.store.privacy.merged_with(who)
    number = context.store.ledger.begin_run("forget")
    with context.store.locks.report(wait=30.0):
        removed = _reports_naming(context, who, names)
        forgotten = context.store.privacy.forget(who)
    cut = _log_lines(context, who)
    context.store.ledger.finish_run(number, str(DONE), "")
    lines = [f"removed {forgotten.rows} entries; later syncs keep them out"]
    if not forgotten.rows and not removed:
        lines = [
            "nothing that is stored names this address: look whether it is spelt right; later syncs "
            "keep it out"
        ]
    if removed:
        lines += [
            "removed these reports, which named the person:",
            *(f"  {one}" for one in removed),
        ]
    if merged:
        others = ", ".join(merged)
        lines.append(f"still known, and by your tag the same person: {others}; forget that as well")
    if cut:
        lines.append(f"removed {cut} lines of the log")
    lines.append("not reached: mails that were sent, exports elsewhere, backups of this machine")
    code = PARTLY if any("again" in one for one in forgotten.unreached) else DONE
    problems = forgotten.unreached if code == PARTLY else ()
    return Outcome(code, (*lines, *(() if problems else forgotten.unreached)), problems)


def typed_address(context: Context, text: str) -> str:
    """The address in normal form, also of `Dana Kim <dana@client.example>`.

    Raises ConfigError where it is none, or several.
    """
    found = one_typed(text)
    if not found and context.store.people.known(normal_address(text)):
        # Whatever stands in a mail can be named as it stands there.
        found = normal_address(text)
    if not found:
        raise no_address(text)
    return found


def no_address(text: str) -> ConfigError:
    """What to say of what was typed in place of an address."""
    return ConfigError(f"{text!r} is no e-mail address", hint="write it like dana@client.example")


def check_known(context: Context, address: str) -> None:
    """Raises ConfigError where this person was forgotten: nothing is kept of them any more."""
    if context.store.privacy.is_forgotten(address):
        raise ConfigError(
            "this person was forgotten, and nothing is kept of them any more",
            hint="a forgotten address stays forgotten as long as this store lasts",
        )


def retain_when_due(context: Context) -> Outcome:
    """End what is too old, once a day: with the nightly listing, or whenever noshow runs next.

    What goes wrong is in the outcome: it must not undo what the run before it did.
    """
    try:
        return retain(context) if _due(context) else Outcome()
    except Busy as error:
        return Outcome(PARTLY, (f"retention: {error.message}; the other process does it",))
    except NoshowError as error:
        return Outcome(error.exit_code, problems=(f"retention: {error.message}", error.hint))
    except OSError as error:
        said = f"retention: old reports could not be removed: {error.strerror}"
        return Outcome(PARTLY, problems=(f"{said} -> check the rights of {context.report_folder}",))


def _due(context: Context) -> bool:
    now = context.clock.now()
    known = context.store.ledger.runs(since=to_micros(now - _DAILY))
    return not any(one.job == JOB and one.ended_at is not None for one in known)


def retain(context: Context) -> Outcome:
    """End what is older than `keep_days`, in the store and in the folder of reports.

    What is known of a contact is put into the memory that stays, before the facts go. A clock that
    has leapt ahead may be wrong: for a week nothing ends.
    """
    now = context.clock.now()
    idle = timedelta(microseconds=context.store.ledger.idle_before(to_micros(now - _BELIEVED)))
    number = context.store.ledger.begin_run(JOB)
    if idle > _LEAP:
        context.store.ledger.finish_run(number, str(DONE), "nothing ended: the clock has leapt")
        return Outcome(
            lines=(
                f"nothing was ended: the clock has moved on by {idle.days} days at once. If it is "
                f"right, what is too old ends in {_BELIEVED.days} days",
            )
        )
    before = now - timedelta(days=context.settings.store.keep_days)
    _remember(context)
    gone = context.store.privacy.retain(to_micros(before))
    removed = 0
    for stem, files in report_files.reports(context.report_folder).items():
        if report_files.last_day(stem) < before.date():
            for one in files:
                one.unlink(missing_ok=True)
            removed += 1
    for one in report_files.half_written(context.report_folder):
        one.unlink(missing_ok=True)
    context.store.ledger.finish_run(number, str(DONE), f"{gone} rows, {removed} reports")
    if not gone and not removed:
        return Outcome()
    days = context.settings.store.keep_days
    return Outcome(
        lines=(f"ended what is older than {days} days: {gone} entries, {removed} reports",)
    )


def _remember(context: Context) -> None:
    from jobs.delivery import judging, remember

    since = to_micros(context.clock.now() - _REMEMBERED)
    runs = context.store.ledger.runs(since=since, limit=5000)
    if any(one.job.startswith("report") and one.ended_at is not None for one in runs):
        return
    detection = judging.found(context, context.clock.now())
    context.store.contact_memory.remember(remember.memories(detection))


def _reports_naming(context: Context, who: str, names: tuple[str, ...]) -> list[Path]:
    """Remove the reports that name the person, in all their forms; returns what was removed."""
    named = naming(who)
    words = [name.casefold() for name in names if len(name) >= _SHORTEST]
    spoken = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)") if words else None
    gone = report_files.half_written(context.report_folder)
    for one in gone:
        one.unlink(missing_ok=True)
    for files in report_files.reports(context.report_folder).values():
        texts = list(_texts(files))
        # One that cannot be read as text is not known to be innocent.
        if texts and not any(
            named(text) or (spoken is not None and spoken.search(text.casefold())) for text in texts
        ):
            continue
        for one in files:
            one.unlink(missing_ok=True)
            gone.append(one)
    return gone


def _texts(files: list[Path]) -> Iterator[str]:
    for one in files:
        if one.suffix in report_files.READABLE:
            yield one.read_text("utf-8", "replace").replace("&#64;", "@").replace("%40", "@")


def _log_lines(context: Context, who: str) -> int:
    """Cut the lines that name the address out of the logs beside the store; returns how many."""
    named, cut = naming(who), 0
    for log in context.paths.state.glob("*.log"):
        lines = log.read_text("utf-8", "replace").splitlines(keepends=True)
        kept = [line for line in lines if not named(line)]
        if len(kept) < len(lines):
            # In place: the shell that appends to it keeps it open.
            with log.open("r+", encoding="utf-8") as file:
                file.writelines(kept)
                file.truncate()
            cut += len(lines) - len(kept)
    return cut
