"""What do all facts say, where they are judged shard by shard?

The same as `reports.detect.pipeline.detect`, which a test holds it to; each shard needs only its own
part of the facts, so that one contact costs little, and many shards can be judged side by side.
"""

from __future__ import annotations

from connectors.model.frames import Frames
from reports.detect.setting import Setting
from reports.detect.shards import joining
from reports.detect.shards.survey import survey
from reports.schemas import Findings


def detect(frames: Frames, setting: Setting, number: int) -> Findings:
    """All findings, by so many shards one after the other. Raises as `pipeline.detect`."""
    seen = survey(frames, setting)
    return joining.joined(seen, (joining.part_of(seen, one, number) for one in range(number)))
