"""Do shards say together what one detection of all facts says, and one contact's facts the same of them?"""

from __future__ import annotations

from dataclasses import fields

from pandas.testing import assert_frame_equal

from reports.contact import timeline
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.detect.shards import joining, one_contact, survey
from reports.schemas import SHAPES, Findings


def hold_together(detection: Detection, setting: Setting, *numbers: int) -> None:
    """Cut into so many shards, the facts of this detection say the same, each frame row by row.

    setting: as the detection was given it.
    """
    seen = survey.survey(detection.given, setting)
    for number in numbers:
        parts = [joining.part_of(seen, one, number) for one in range(number)]
        same(joining.joined(seen, parts), detection.findings, f"{number} shards")


def same(found: Findings, expected: Findings, about: str) -> None:
    for name in SHAPES:
        one, other = getattr(found, name), getattr(expected, name)
        assert_frame_equal(one, other, check_exact=True, obj=f"{about}: {name}")
    for field in fields(Findings):
        if field.name not in SHAPES:
            assert getattr(found, field.name) == getattr(expected, field.name), (about, field.name)


def hold_alone(detection: Detection, setting: Setting, contact: str) -> None:
    """The contact's page, from their own facts alone, is the page from all facts."""
    alone = one_contact.judged(detection.given, setting, contact, few=0)
    pages = [
        timeline.of(contact, known, setting.policy, setting.days.zone)
        for known in (alone, detection.findings)
    ]
    assert pages[0] == pages[1]
