"""Of whom does an earlier report's claim speak, now that the user has joined addresses, or parted them?

A claim bears the address that stood for the person when it was printed. What the user said of it holds
for that person, whichever address stands for them since (rules.md sections 1 and 9).
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from connectors.model.frames import Frames, enforce
from connectors.model.schemas import CLAIMS
from reports.columns import tables
from reports.columns.rows import rows
from reports.detect.setting import Setting
from reports.detect.tags import merge_map

_TAGS = ("same-person", "not-same-person")


def of_persons(frames: Frames, setting: Setting) -> Frames:
    """The facts, each claim under the address that stands now for whom it was printed of.

    One that was printed of two addresses, which were parted since, is a claim about each of them.
    Done twice it changes nothing more.
    """
    claims, tags = frames.claims, frames.tags
    told = tables.kept(tags, tags["word"].isin(_TAGS), ["address", "value"])
    named = claims["contact"].isin({*told["address"], *told["value"]} - {""})
    if not named.any():
        return frames
    found: list[dict[str, object]] = []
    for _, some in tables.kept(claims, named).groupby("first_printed_at", sort=False):
        were = merge_map(tags, some["first_printed_at"].iloc[0])
        for row in rows(some):
            who = str(row.contact)
            held = [one for one, stood in were.items() if stood == who] or [who]
            found += [
                row._asdict()
                | {"contact": now, "evidence_key": key_of(str(row.evidence_key), who, now)}
                for now in sorted({setting.merge.get(one, one) for one in held})
            ]
    theirs = enforce(pd.DataFrame(found)[list(claims.columns)], CLAIMS, "claims")
    table = pd.concat([tables.kept(claims, ~named), theirs], ignore_index=True).drop_duplicates()
    return replace(frames, claims=enforce(table, CLAIMS, "claims"))


def key_of(evidence_key: str, contact: str, now: str) -> str:
    """The evidence's natural key, which names the contact: of a slot behind its meeting, of a
    silence before its first ask; of mails and promises nowhere.
    """
    if evidence_key.startswith(f"{contact} "):
        return f"{now} {evidence_key.removeprefix(f'{contact} ')}"
    meeting, between, rest = evidence_key.rpartition(f"|{contact}|")
    return f"{meeting}|{now}|{rest}" if between else evidence_key
