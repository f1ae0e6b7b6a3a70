"""Do shards say together what one detection of all facts says, and one contact's facts the same of them?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

import pandas as pd
from pandas.testing import assert_frame_equal

from config import phrasing
from config.ours import Ours
from config.policy import Policy
from connectors.store.store import Store
from reports.contact import timeline
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.detect.shards import joining, one_contact, survey
from reports.detect.shards.joining import Joined
from reports.schemas import SHAPES, Findings


def hold_together(detection: Detection, setting: Setting, *numbers: int) -> None:
    """Cut into so many shards, the facts of this detection say the same, each frame row by row.

    setting: as the detection was given it.
    """
    seen = survey.survey(detection.given, setting)
    for number in numbers:
        parts = [
            joining.own(seen, joining.said(seen.shard(one, number).detection()), one, number)
            for one in seen.shards(number)
        ]
        agree(Joined(seen, parts), detection, f"{number} shards")


def agree(found: Detection, expected: Detection, about: str) -> None:
    """Both say the same of what reports ask."""
    same(found.findings, expected.findings, about)
    for name in ("introduced", "accepted"):
        one, other = (
            getattr(side, name).sort_values(["contact", "at"], ignore_index=True)
            for side in (found, expected)
        )
        assert_frame_equal(one, other, check_exact=True, obj=f"{about}: {name}")


def same(found: Findings, expected: Findings, about: str) -> None:
    for name in SHAPES:
        one, other = getattr(found, name), getattr(expected, name)
        assert_frame_equal(one, other, check_exact=True, obj=f"{about}: {name}")
    for field in fields(Findings):
        if field.name not in SHAPES:
            assert getattr(found, field.name) == getattr(expected, field.name), (about, field.name)


def hold_alone(store: Store, ours: Ours, as_of: pd.Timestamp, contacts: Iterable[str]) -> None:
    """Each contact's page, from what the store reads for it alone, is the page from all facts."""
    whole = store.frames(as_of.to_pydatetime())
    setting = Setting.of(whole.tags, ours, Policy(), phrasing.load(), as_of)
    of_all = Detection(whole, setting).findings
    for contact in contacts:
        wanted = one_contact.wanted(contact, ours, setting.phrases, setting.as_of)
        some = store.frames(as_of.to_pydatetime(), wanted)
        alone = Detection(some, Setting.of(some.tags, ours, Policy(), setting.phrases, as_of))
        pages = [
            timeline.of(contact, known, setting.policy, ours.zone) for known in (alone, of_all)
        ]
        assert pages[0] == pages[1], contact
