"""What may every detector know beside the facts?

One value for one run: who we are, by which numbers and words we judge, which days are business
days, who is one person under several addresses, and as of when. It is the first argument of every
detector, so that no two of them can be told different things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from config.ours import Ours
from config.phrasing import Phrases
from config.policy import Policy
from reports.columns.business_days import Calendar
from reports.columns.instants import micro
from reports.detect.tags import merge_map


@dataclass(frozen=True)
class Setting:
    """What holds for all detectors of one run.

    `days` is the calendar of our business days; `merge` maps each address of a merged person to
    the one that stands for all; `as_of` is in UTC, by microseconds.
    """

    ours: Ours
    policy: Policy
    phrases: Phrases
    days: Calendar
    merge: Mapping[str, str]
    as_of: pd.Timestamp

    @classmethod
    def of(
        cls,
        tags: pd.DataFrame,
        ours: Ours,
        policy: Policy,
        phrases: Phrases,
        as_of: pd.Timestamp,
    ) -> Setting:
        """The setting as of a moment (with a zone). tags: by connectors.model.schemas.TAGS."""
        as_of = as_of.tz_convert("UTC").as_unit("us")
        days = Calendar(ours.zone, ours.countries, ours.weekend)
        return cls(ours, policy, phrases, days, merge_map(tags, as_of), as_of)

    @cached_property
    def now(self) -> int:
        """The moment itself as the detectors compare it [us UTC]."""
        return micro(self.as_of)
