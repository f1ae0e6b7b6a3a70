"""Where do settings, state and reports lie on this machine?

The XDG folders by default; `NOSHOW_HOME` puts everything below one folder (containers, tests).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.errors import ConfigError


@dataclass(frozen=True)
class Paths:
    """The folders: `config` (settings), `state` (store, tokens, locks), `reports` (delivered)."""

    config: Path
    state: Path
    reports: Path

    @property
    def settings_file(self) -> Path:
        return self.config / "noshow.toml"

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.state / 'noshow.db'}"

    @property
    def tokens(self) -> Path:
        return self.state / "tokens"


def paths_from(environ: Mapping[str, str] | None = None) -> Paths:
    """The folders that the environment chooses; none of them is created here.

    Raises ConfigError where NOSHOW_HOME names none.
    """
    env = os.environ if environ is None else environ
    home = env.get("NOSHOW_HOME", "")
    if home:
        try:
            root = Path(home).expanduser().absolute()
        except (RuntimeError, OSError) as error:
            # Nobody's home (`~name`), or a folder that was removed meanwhile.
            raise ConfigError(
                "NOSHOW_HOME names no folder", hint="give it a whole path, such as /home/you/noshow"
            ) from error
        return Paths(config=root, state=root / "state", reports=root / "reports")
    user = Path(env.get("HOME") or Path.home())
    config = Path(env.get("XDG_CONFIG_HOME") or user / ".config") / "noshow"
    state = Path(env.get("XDG_STATE_HOME") or user / ".local" / "state") / "noshow"
    return Paths(config=config, state=state, reports=state / "reports")
