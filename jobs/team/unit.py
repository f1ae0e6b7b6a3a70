"""What does a worker do? It reads one mailbox, known to it by a number.

A unit holds nothing live and names nobody: the store's address without its password, and the
mailbox's number in it. The worker has settings of its own, with the same store and the same logins;
dashboards and logs of whatever carries the units see numbers alone.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from config.errors import ConfigError, NoshowError
from connectors.store.database import engine
from jobs.console.outcome import BUG, PARTLY, Outcome
from jobs.context import Context, opened
from jobs.fetch.sync import Manner, Synced, one
from jobs.fleet.executors import asked_to_stop


@dataclass(frozen=True, slots=True)
class Unit:
    """One mailbox of one store."""

    store: str
    mailbox: int


def address_of_store(context: Context) -> str:
    """The store's address as units bear it: without the password."""
    return without_password(context.store.url)


def read(unit: Unit, manner: Manner) -> Synced:
    """One look at the mailbox. Never raises: an error's words could name somebody on a dashboard."""
    try:
        with opened(quiet=True) as context:
            context.stop.asked = asked_to_stop
            if address_of_store(context) != unit.store:
                raise ConfigError(
                    "the settings of this worker name another store",
                    hint="[store] url must be the same on all machines",
                )
            address = context.store.mailboxes.address(unit.mailbox)
            (box,) = context.chosen((address,))
            return one(context, box, manner)
    except NoshowError as error:
        return Synced(Outcome(PARTLY, problems=(f"mailbox {unit.mailbox}: {error.told}",)))
    except Exception as error:  # noqa: BLE001 - see above
        # Our own lines and no more: the message could hold an address.
        frames = traceback.extract_tb(error.__traceback__)[-2:]
        where = ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
        said = f"mailbox {unit.mailbox}: a bug: {type(error).__name__} at {where}"
        return Synced(Outcome(BUG, problems=(said,)))


def without_password(url: str) -> str:
    """The store's address in one form, which anybody may see."""
    return engine.parse(url)._replace(password=None).render_as_string()
