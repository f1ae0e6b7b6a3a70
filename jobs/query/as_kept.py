"""Where judging anew takes long: what did the last report find, of when is it, and how is that said?

In a small store everything is judged in the time that a report's list takes to read.
"""

from __future__ import annotations

from config.clock import from_micros
from connectors.store.question_list import Kept, KeptList
from jobs.context import Context
from jobs.query.tables import local

#: From so many mails and snapshots on a list that is older than the last sync is shown.
LARGE = 20_000


def found(context: Context, listed: KeptList, *, answerable: bool = False) -> Kept | None:
    """The list of the last report, where the store is large and nothing but fetching happened since.

    answerable: its lines are what answers are about.
    """
    if context.store.size() < LARGE:
        return None
    return listed.before_the_last_fetch(answerable=answerable)


def sentence(context: Context, kept: Kept, command: str) -> str:
    """Of when the list is, and how one gets the newest."""
    when = local(from_micros(kept.at), context.settings.zone)
    return f"as of {when}, and what was fetched since is not in it; now: noshow {command} --fresh"
