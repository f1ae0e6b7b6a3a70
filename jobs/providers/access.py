"""Where do the logins lie, how are providers reached, and what share of the quota is there?"""

from __future__ import annotations

from pathlib import Path

from config.settings import Mailbox
from connectors.auth.vault import FileVault, entry_name
from connectors.interfaces import Limiter
from connectors.model.normal_forms import address as normal_address
from connectors.store.coordination.rate_limits import Rate
from connectors.transport.client import Transport
from connectors.transport.exchange import Bounds
from jobs.context import Context

#: Units a Gmail user may spend in a minute (facts: quota of projects since, and before, May 2026).
UNITS_PER_MINUTE = {"new": 6_000, "old": 15_000}
#: Graph: 10,000 requests in ten minutes for an app and a mailbox (facts/microsoft.md 4).
GRAPH_PER_MINUTE = 1_000
#: By so much [s] a notice may be told wrongly. A clock that runs free loses minutes a month; one that is
#: set wrongly is an hour off, or days.
_ASTRAY = 1200.0


def vault(context: Context) -> FileVault:
    """Where this installation keeps its logins."""
    return FileVault(context.paths.tokens)


def login_name(provider: str, mailbox: Mailbox, purpose: str) -> str:
    """The vault's name of a mailbox's login for one purpose."""
    return entry_name(provider, normal_address(mailbox.address), purpose)


def transport_to(context: Context, ca_file: Path | None) -> Transport:
    """The way to a provider, to be used as a context manager. `ca_file`: whom to trust besides."""
    return Transport(
        context.clock,
        limiter(context),
        ca_file=ca_file,
        bounds=Bounds(astray=_ASTRAY),
        stopping=context.stop,
        away=context.away,
        reach=context.reach,
    )


def limiter(context: Context) -> Limiter:
    """The quota of every provider, shared by all processes of the store."""
    google = context.settings.google
    rates = {
        "gmail": Rate(gmail_units(context)),
        "calendar": Rate(google.calendar_requests_per_minute),
        "graph": Rate(GRAPH_PER_MINUTE),
    }
    return context.store.limiter(
        rates,
        budget=context.settings.sync.minutes * 60,
        should_stop=context.stop,
        away=context.away,
    )


def gmail_units(context: Context) -> int:
    """How many of Gmail's units one mailbox may spend in a minute."""
    plan = context.settings.google
    return plan.units_per_minute or UNITS_PER_MINUTE[plan.prices]
