"""What do the attacks share? An empty house, Kate's with her Google, and a bare store."""

from __future__ import annotations

from tests.connectors.store.conftest import hands, store, url
from tests.jobs.conftest import fetched, house, kates, synced

__all__ = ["fetched", "hands", "house", "kates", "store", "synced", "url"]
