"""What is found of some facts, where a test asks for a part of it?

Most tests look at one frame. What a report reads of all the others is half of what detection costs.
"""

from __future__ import annotations

from typing import Any, cast

import pandas as pd

from config.ours import Ours
from config.phrasing import Phrases
from config.policy import Policy
from connectors.model.frames import Frames
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.schemas import SHAPES, Findings


class _Asked:
    """Findings of which each frame is computed when it is first asked for."""

    def __init__(self, detection: Detection) -> None:
        self._detection = detection

    def __getattr__(self, name: str) -> Any:
        whole = name not in SHAPES and name != "coverage"
        return getattr(self._detection.findings if whole else self._detection, name)


def asked(detection: Detection) -> Findings:
    """The findings of a detection, each when it is asked for; to be read, not to be taken apart."""
    return cast("Findings", _Asked(detection))


def detect(
    frames: Frames, ours: Ours, policy: Policy, phrases: Phrases, as_of: pd.Timestamp
) -> Findings:
    """As `pipeline.detect`, each frame when it is asked for."""
    return asked(Detection(frames, Setting.of(frames.tags, ours, policy, phrases, as_of)))
