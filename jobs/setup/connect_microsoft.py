"""How does the owner of a Microsoft 365 mailbox log in: by a code, in a browser, or not at all?

A login counts only when it has been proved: it must open this very mailbox, and read what it was
given for. Until then it lies under a name of its own, so that a mistake at the sign-in page does not
cost the login that worked. More than the least permission is asked for after a question, never by
itself. An app's own login (`flow = "app"`) needs no person, and is only proved.
"""

from __future__ import annotations

from datetime import timedelta

import typer

from config.errors import AuthError, ConfigError
from config.settings import Mailbox
from connectors.auth.expiry import command
from connectors.auth.microsoft import login as microsoft
from connectors.auth.microsoft import setup_guide as microsoft_guide
from connectors.auth.microsoft.consent import (
    CALENDAR_BASIC,
    CALENDAR_FULL,
    Stored,
    by_browser,
    by_device,
    scopes_for,
)
from connectors.auth.microsoft.refusals import ConsentWanted
from connectors.microsoft.client import Graph
from connectors.model.normal_forms import address as normal_address
from connectors.transport.client import Transport
from jobs.console.outcome import Outcome
from jobs.context import Context, own_addresses
from jobs.providers import login_status
from jobs.providers.access import login_name, vault
from jobs.providers.microsoft import (
    microsoft_bearer,
    microsoft_graph,
    microsoft_transport,
    registration,
    stored_microsoft_login,
)
from jobs.setup.login_transfer import Ways, taken, write_secret


def run(context: Context, box: Mailbox, purpose: str, ways: Ways) -> Outcome:
    """Log this mailbox in for one purpose, and prove it. Raises ConfigError, AuthError."""
    plan = context.settings.microsoft
    if ways.explain:
        return Outcome(lines=(explanation(context, purpose),))
    if not plan.client_id:
        typer.echo(explanation(context, purpose))
        raise ConfigError(
            "[microsoft] client_id is empty", hint="do the steps above, then this command again"
        )
    if plan.flow == "app":
        return _apps_own(context, box, purpose, ways)
    name, kept = login_name("microsoft", box, purpose), vault(context)
    if ways.if_needed and kept.has(name):
        return Outcome(lines=(f"{box.address} is logged in",))
    if ways.import_ is not None:
        stored = taken(ways.import_, "microsoft", purpose, microsoft.imported)
        said = f"took the login of {box.address} from {ways.import_}"
    else:
        with microsoft_transport(context) as transport:
            stored = _consented(context, box, purpose, transport, ways)
        said = f"{box.address} is logged in for {purpose}"
    more = _more_than_least(context, stored)
    if ways.export is not None:
        write_secret(ways.export, microsoft.exported(stored))
        return Outcome(
            lines=(
                f"wrote {ways.export}; it is as secret as a password",
                "on the server: noshow connect microsoft --import "
                f"{ways.export.name}, then delete it",
                *more,
            )
        )
    _prove(context, box, purpose, stored)
    kept.write(name, stored.entry())
    return Outcome(lines=(said, *more, *login_status.warnings(context, box), "next: noshow sync"))


def explanation(context: Context, purpose: str) -> str:
    """The registration step by step, and the text for an administrator with the link to consent."""
    plan = context.settings.microsoft
    if plan.flow == "app":
        return microsoft_guide.app_guide((purpose,))
    parts = [microsoft_guide.guide(purpose, calendar=plan.calendar_scope)]
    if plan.client_id:
        boxes = [one.address for one in context.chosen() if one.provider == "microsoft"]
        letter = microsoft_guide.admin_letter(
            registration(context), (purpose,), calendar=plan.calendar_scope, mailboxes=boxes
        )
        parts.append(f"A text for such an administrator, ready to be sent:\n\n{letter}")
    else:
        parts.append(
            f"Once client_id stands in the settings, {command('microsoft', purpose)} --explain ends "
            "with a text for such an administrator, with the link on which to consent."
        )
    return "\n".join(parts)


def _consented(
    context: Context, box: Mailbox, purpose: str, transport: Transport, ways: Ways
) -> Stored:
    """The owner's consent to the least permissions, or to Calendars.Read where they say yes."""
    scope = context.settings.microsoft.calendar_scope
    try:
        return _signed_in(context, box, purpose, scopes_for(purpose, scope), transport, ways)
    except ConsentWanted:
        if purpose != "read" or scope != CALENDAR_BASIC or not _yes():
            raise
    wider = scopes_for(purpose, CALENDAR_FULL)
    return _signed_in(context, box, purpose, wider, transport, ways)


def _yes() -> bool:
    """Nobody there to answer is no."""
    try:
        return typer.confirm(microsoft_guide.fallback_question(), default=False)
    except typer.Abort:
        return False


def _signed_in(
    context: Context,
    box: Mailbox,
    purpose: str,
    scopes: tuple[str, ...],
    transport: Transport,
    ways: Ways,
) -> Stored:
    app = registration(context)
    if ways.browser or (context.settings.microsoft.flow == "interactive" and not ways.paste):
        typer.echo("A browser opens; sign in there as the mailbox's owner.")
        return by_browser(app, purpose, scopes, transport, login_hint=box.address)
    return by_device(app, purpose, scopes, transport, typer.echo, context.stop)


def _more_than_least(context: Context, stored: Stored) -> tuple[str, ...]:
    if (
        CALENDAR_FULL in stored.scopes
        and context.settings.microsoft.calendar_scope != CALENDAR_FULL
    ):
        return (
            f'it was granted {CALENDAR_FULL}: set calendar_scope = "{CALENDAR_FULL}" in '
            "[microsoft], and the next login asks for it at once",
        )
    return ()


def _apps_own(context: Context, box: Mailbox, purpose: str, ways: Ways) -> Outcome:
    if ways.export is not None or ways.import_ is not None:
        raise ConfigError(
            "an app logs in by itself: there is no login to carry",
            hint="bring its certificate to the other machine, and name it in [microsoft] there",
        )
    with microsoft_transport(context) as transport:
        graph = microsoft_graph(context, box, purpose, transport)
        microsoft_bearer(context, box, purpose, transport).token()
        if purpose == "read":
            _reads(context, graph)
    said = f"the app's own login opens {box.address} for {purpose}"
    return Outcome(lines=(said, *login_status.warnings(context, box), "next: noshow sync"))


def _prove(context: Context, box: Mailbox, purpose: str, stored: Stored) -> None:
    """Use the login once: what does not work is better known now than on Monday.

    Raises AuthError where it opens another mailbox or lacks a permission.
    """
    kept, trial = vault(context), login_name("microsoft", box, f"{purpose}-trial")
    kept.write(trial, stored.entry())
    try:
        with microsoft_transport(context) as transport:
            microsoft_bearer(context, box, purpose, transport, name=trial).token()
            owner = normal_address(stored.username)
            if purpose == "read":
                graph = microsoft_graph(context, box, purpose, transport, name=trial)
                owner = graph.owner() or owner
                _reads(context, graph)
    finally:
        kept.forget(trial)
    if owner in own_addresses(box):
        return
    reading = stored_microsoft_login(context, box, "read") if purpose != "read" else None
    if reading is None or reading.account != stored.account:
        raise AuthError(
            "this login opens the mailbox of another account",
            hint="sign in with the mailbox's own account; if it is the right one, add its address "
            "to the mailbox's aliases",
        )


def _reads(context: Context, graph: Graph) -> None:
    """One entry of the calendar and one folder: both permissions, asked as every sync asks."""
    now = context.clock.now()
    window = {
        "startDateTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "endDateTime": f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        "$top": "1",
    }
    graph.get("/calendarView", window, name="/me/calendarView")
    graph.get("/mailFolders/inbox", {"$select": "id"}, name="/me/mailFolders/inbox")
