"""Which tags of the user hold, and who is one person by them?

Tags are the user's own words about an address (`noshow tag`). `same-person` alone merges people:
rules.md section 1, nobody is merged by name.
"""

from __future__ import annotations

import pandas as pd

from reports.columns import tables


def tagged(tags: pd.DataFrame, word: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Who bears a tag at `as_of`; columns address, value, at; one row an address and value.

    `not-<word>` takes the tag back. The last of both holds, of equal moments the later tag_id.
    """
    if not len(tags):
        return tables.narrow(tags, ["address", "value", "at"])
    known = tags[(tags["at"] <= as_of) & tags["word"].isin([word, f"not-{word}"])]
    known = tables.once(tables.ordered(known, ["at", "tag_id"]), ["address", "value"], keep="last")
    return tables.kept(known, known["word"] == word, ["address", "value", "at"]).reset_index(
        drop=True
    )


def merge_map(tags: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, str]:
    """Every address of a merged person -> the one that stands for all (the first by alphabet).

    tags: by connectors.model.schemas.TAGS. Addresses that were never merged are not in it.
    """
    parent: dict[str, str] = {}

    def root(address: str) -> str:
        while parent.setdefault(address, address) != address:
            address = parent[address]
        return address

    pairs = tagged(tags, "same-person", as_of)
    for one, other in zip(pairs["address"], pairs["value"], strict=True):
        if one and other:
            low, high = sorted((root(one), root(other)))
            parent[high] = low
    return {address: root(address) for address in parent}
