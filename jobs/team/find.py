"""Whose mailboxes do the directories name? Looked up before a team's sync, and kept in the store.

A directory that cannot be asked leaves the list as it was. One that named people and now names nobody
is not believed: somebody has probably renamed a group.
"""

from __future__ import annotations

from config.errors import NoshowError, SuspiciousSync
from connectors.google import directory as google_directory
from connectors.microsoft import directory as microsoft_directory
from connectors.model.records import Member
from jobs.console.outcome import PARTLY, Outcome
from jobs.context import Context
from jobs.providers.google import directory_client, google_transport
from jobs.providers.microsoft import directory_graph, microsoft_transport


def run(context: Context, *, allow_empty: bool = False) -> Outcome:
    """Ask each directory of the settings; the context has the found mailboxes afterwards."""
    outcome = Outcome()
    for provider in context.settings.team.providers:
        before = len(context.store.members.of(provider))
        try:
            found = _google(context) if provider == "google" else _microsoft(context)
            if before and not found and not allow_empty:
                raise SuspiciousSync(
                    f"the directory named {before} mailboxes and now names none",
                    hint="look at the groups in [team]; if it is so: noshow team sync --allow-empty",
                )
        except NoshowError as error:
            outcome += Outcome(PARTLY, problems=(f"{provider} directory: {error.told}",))
            continue
        context.store.members.keep(provider, found)
        noun = "mailbox" if len(found) == 1 else "mailboxes"
        outcome += Outcome(lines=(f"{provider} directory: {len(found)} {noun}",))
    context.take_members()
    return outcome


def _google(context: Context) -> list[Member]:
    plan = context.settings.team
    with google_transport(context) as transport:
        client = directory_client(context, transport)
        return google_directory.members(client, plan.google_groups, everybody=plan.google_everybody)


def _microsoft(context: Context) -> list[Member]:
    plan = context.settings.team
    with microsoft_transport(context) as transport:
        graph = directory_graph(context, transport)
        return microsoft_directory.members(
            graph, plan.microsoft_groups, everybody=plan.microsoft_everybody
        )
