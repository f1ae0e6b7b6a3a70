"""Are the folders that noshow keeps its facts in closed to everybody else?

Home, state and reports hold addresses, subjects and logins. Folders of noshow's own making are
closed without asking; one that the settings name is closed where it holds nothing but noshow's,
and refused otherwise: to shut others out of it is its owner's decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from config import private_files
from config.paths import Paths
from config.settings import Settings
from connectors.mailer.report_files import is_report
from connectors.store.database import engine, troubles

#: What noshow writes: its settings, its store with what lies beside it, logins, logs, reports.
_OURS = re.compile(r"\.?(?:noshow|frames-|tokens$|state$|reports$|run-due\.log|report-)|\..*\.tmp$")


def close(settings: Settings, places: Paths) -> tuple[Path, ...]:
    """Close them; returns those that others could look into until now.

    Raises ConfigError for one that cannot be closed, or is not noshow's to close.
    """
    for one in (places.config, places.state):
        if private_files.is_open(one) and _is_shared(one) and not _is_ours(one):
            raise private_files.refused(one, "it holds other things too", everybodys=True)
    found = [one for one in (places.config, places.state) if private_files.close_folder(one)]
    for one in (places.reports, *_named(settings, places)):
        if not private_files.is_open(one):
            continue
        if one != places.reports and not _is_ours(one):
            why = "it holds other things too"
            raise private_files.refused(one, why, everybodys=_is_shared(one))
        if private_files.close_folder(one):
            found.append(one)
    for held in (
        *places.tokens.glob("*"),
        *places.state.glob("noshow.db*"),
        *places.state.glob("*.log"),
    ):
        if held.is_file():
            # A copy that was put back bears whatever rights its tool gave it.
            with suppress(OSError):
                private_files.close_file(held)
    return tuple(found)


def _named(settings: Settings, places: Paths) -> Iterator[Path]:
    """The folders that the settings name."""
    if settings.report.folder is not None:
        yield settings.report.folder
    held = troubles.folder_of(engine.parse(settings.store.url or places.store_url))
    if held is not None:
        yield held


def _is_shared(folder: Path) -> bool:
    """Is this the root, a folder right below it, or the user's home or one around it?

    Such hold what the whole machine or all of a user's programs need: a slip in NOSHOW_HOME is no
    reason to close them.
    """
    whole = folder.resolve()
    if len(whole.parts) <= 2:
        return True
    try:
        home = Path.home().resolve()
    except RuntimeError:
        # A container's user may be a number that no list of users knows.
        return False
    return whole == home or whole in home.parents


def _is_ours(folder: Path) -> bool:
    return all(is_report(one.name) or _OURS.match(one.name) for one in folder.iterdir())
