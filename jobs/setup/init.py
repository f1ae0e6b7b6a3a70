"""How does somebody new get a settings file? `noshow init`; led by the hand: jobs.setup.guide."""

from __future__ import annotations

from config.errors import ConfigError
from config.paths import paths_from
from config.settings_file import local_zone, save, written
from jobs.console.outcome import DONE, Outcome
from jobs.context import settings_file


def run(*, address: str = "", provider: str = "", zone: str = "", force: bool = False) -> Outcome:
    """Write the settings file; one that is there is only overwritten with `force`.

    Raises ConfigError where one is there, or a value is not one that the settings allow.
    """
    path = settings_file(paths_from())
    if path.exists() and not force:
        raise ConfigError(
            f"{path} is there already", hint="edit it, or overwrite it with: noshow init --force"
        )
    save(path, written(address, provider, zone or local_zone()))
    fetch = {
        "files": "noshow import FILES...",
        "microsoft": "noshow connect microsoft, noshow sync",
    }.get(provider, "noshow connect google, noshow sync")
    return Outcome(
        DONE,
        (
            f"wrote {path}",
            f"next: edit it, then: {fetch}, noshow report",
            "or let yourself be led: noshow init --guided",
        ),
    )
