"""What do the attacks share? An empty house, Kate's with her Google, and a bare store."""

from __future__ import annotations

from tests.connectors.store.conftest import hands, store, url
from tests.jobs.conftest import house, kates

__all__ = ["hands", "house", "kates", "store", "url"]
