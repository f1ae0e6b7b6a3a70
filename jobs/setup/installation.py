"""Is this machine as noshow needs it: closed files, room on the disk, a right clock, the right zone?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config import private_files
from config.errors import ConfigError
from connectors.store.database import engine, troubles
from jobs.context import Context
from jobs.setup.checks import Check, fail, ok, warn

_MB = 1_000_000
#: Beside the copy of the store that each report reads, so much must be free [bytes].
_LEAST = 50 * _MB
_EASY = 500 * _MB
#: Clocks of machines differ so far [s]; beyond the second, logins and dates are wrong.
_SKEW, _WRONG = 60.0, 300.0
_SECONDS = 10.0


def modes(context: Context) -> Iterator[Check]:
    """Can others of this machine read what the settings name as secret?"""
    plan = context.settings
    named = (
        plan.google.client_file,
        plan.google.service_account_file,
        plan.microsoft.certificate_file,
    )
    loose = [path for path in named if path is not None and private_files.is_open(path)]
    for path in loose:
        yield warn("files", f"others on this machine can read {path}", f"chmod 600 {path}")
    if not loose:
        yield ok("files", "logins and store can be read by you alone")


def disks(context: Context) -> Iterator[Check]:
    """Is there room for the store, and for the copy of it that a report reads?"""
    url = engine.parse(context.settings.store.url or context.paths.store_url)
    held = troubles.folder_of(url)
    file = Path(str(url.database)) if held is not None else None
    size = file.stat().st_size if file is not None and file.exists() else 0
    folders = dict.fromkeys(
        one for one in (held, context.paths.state, context.report_folder) if one is not None
    )
    seen: set[int] = set()
    for folder in folders:
        there = next((one for one in (folder, *folder.parents) if one.exists()), None)
        if there is None or there.stat().st_dev in seen:
            continue
        seen.add(there.stat().st_dev)
        yield room(there, shutil.disk_usage(there).free, size)


def room(folder: Path, free: int, size: int) -> Check:
    """Is `free` [bytes] enough beside a store of `size` [bytes]?"""
    said = f"{free // _MB:,} MB free at {folder}, the store has {size // _MB:,} MB"
    do = "make room: a report reads a copy of the store there"
    if free < size + _LEAST:
        return fail("disk", said, do)
    return warn("disk", said, do) if free < 2 * size + _EASY else ok("disk", said)


def zone(context: Context) -> Check:
    """Is it likely that the zone of the settings is the user's?"""
    name, now = context.settings.zone, context.clock.now()
    theirs = now.astimezone(ZoneInfo(name)).utcoffset()
    here = datetime.fromtimestamp(now.timestamp()).astimezone()
    if here.utcoffset() == theirs:
        return ok("zone", f"{name}, as on this machine")
    if name == "UTC":
        return warn(
            "zone",
            f"the settings say UTC, this machine {here:%Z}",
            'set zone = "Europe/Berlin", or yours, in noshow.toml',
        )
    return ok("zone", f"{name} (this machine: {here:%Z}; the settings decide)")


def clock(context: Context) -> Check:
    """Does this machine's clock agree with the provider's? Asked without any login."""
    import requests

    from connectors.transport.wire import new_session

    providers = {box.provider for box in context.settings.mailbox}
    if "google" in providers:
        root, trusted = context.settings.google.calendar_root, context.settings.google.ca_file
    elif "microsoft" in providers:
        root, trusted = context.settings.microsoft.graph_root, context.settings.microsoft.ca_file
    else:
        return ok("clock", "no provider to compare it with")
    before = context.clock.now()
    try:
        with new_session(trusted) as session:
            answer = session.get(root, timeout=_SECONDS, allow_redirects=False)
        told = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, ConfigError, KeyError, ValueError, TypeError):
        return warn("clock", "the provider did not say what time it is", "try again later")
    theirs = told if told.tzinfo else told.replace(tzinfo=UTC)
    # The header has whole seconds, and the answer took its time.
    half = (context.clock.now() - before) / 2
    return compared((before + half - theirs).total_seconds())


def compared(ahead: float) -> Check:
    """What is said of a clock that is so far ahead of the provider's [s]."""
    off = abs(ahead)
    if off <= _SKEW:
        return ok("clock", "agrees with the provider's to the minute")
    which = "ahead of" if ahead > 0 else "behind"
    shown = f"{off:.0f} seconds" if off < 600 else f"{off / 60:.0f} minutes"
    said = f"this machine's clock is {shown} {which} the provider's"
    do = "set the clock (timedatectl set-ntp true)"
    return fail("clock", said, do) if off > _WRONG else warn("clock", said, do)
