"""What do all facts say of one contact, without judging all others?

The survey is made of all facts; what is judged is the contact's organisation alone, with those of whom one
word of the user speaks together with them.
"""

from __future__ import annotations

from typing import Final

from connectors.model.frames import Frames
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.detect.shards.survey import survey

#: Of fewer facts all are judged sooner than it is found which of them are the contact's.
FEW: Final = 20_000


def judged(frames: Frames, setting: Setting, contact: str, *, few: int = FEW) -> Detection:
    """A detection that is right for this contact (an address after merges), whatever it says of others."""
    if len(frames.messages) + len(frames.observations) < few:
        return Detection(frames, setting)
    seen = survey(frames, setting)
    return seen.of_roots(seen.roots.of_contact(contact))
