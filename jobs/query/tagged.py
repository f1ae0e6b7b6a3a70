"""Which tags hold now, and which addresses do they make one person? Asked of the store alone."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.store.user_input import Said
from jobs.context import Context

SAME = "same-person"


def holding(context: Context) -> list[Said]:
    """The tags that were set and not taken off since, in the order in which they were set."""
    last: dict[tuple[str, str, str], Said] = {}
    for one in context.store.user_input.tags():
        last[(one.address, one.words.removeprefix("not-"), one.more)] = one
    held = [one for one in last.values() if not one.words.startswith("not-")]
    return sorted(held, key=lambda one: (one.at, one.number))


def person(held: Sequence[Said], address: str) -> set[str]:
    """All addresses of whoever has this one, by the tags that hold."""
    found = {address}
    pairs = [{tag.address, tag.more} for tag in held if tag.words == SAME]
    while grown := [pair for pair in pairs if pair & found and not pair <= found]:
        found.update(*grown)
    return found
