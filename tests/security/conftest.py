"""What do the attacks share? An empty house, and Kate's with her Google."""

from __future__ import annotations

from tests.jobs.conftest import house, kates

__all__ = ["house", "kates"]
