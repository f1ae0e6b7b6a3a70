"""Who are we, by the settings and by what our sent mail teaches?"""

from __future__ import annotations

from types import MappingProxyType

from config.ours import Ours
from config.settings import WEEKDAYS, Settings
from connectors.model.normal_forms import address, domain_of


def ours_from(settings: Settings) -> Ours:
    """Our side in the form that detectors take: normalised addresses, aliases, domains."""
    own = settings.own
    boxes: dict[str, str] = {}
    for mailbox in settings.mailbox:
        main = address(mailbox.address)
        for one in (mailbox.address, *mailbox.aliases):
            boxes[address(one)] = main
    return Ours(
        mailboxes=MappingProxyType(boxes),
        domains=frozenset(one.strip().lower().removeprefix("@") for one in own.domains),
        clients=frozenset(
            address(one) if domain_of(one) else one.strip().lower().removeprefix("@")
            for one in own.clients
        ),
        zone=settings.zone,
        countries=own.countries,
        weekend=frozenset(WEEKDAYS.index(day) for day in own.weekend),
    )
