"""What can the user contradict, and with which words?

Whatever a report prints that accuses anybody, asks or reminds is a claim. The store gives each
its id, the reader answers by that id, and the answer holds for the evidence as it was printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: Which words fit which kind of claim, the likeliest first (rules.md section 9).
FITTING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "M1": ("them", "us", "both", "none", "held"),
        "M6": ("them", "us", "both", "none", "held"),
        "M8": ("held", "absent", "them", "us", "both", "none"),
        "incident": ("wrong", "held", "us", "both", "none"),
        "kept": ("absent",),
        "silence": ("reached", "wrong", "done"),
        "promise": ("reached", "done", "wrong"),
        "owed": ("done", "wrong"),
    }
)


@dataclass(frozen=True, slots=True)
class Claim:
    """The natural key of something printed: new evidence makes another claim."""

    mailbox_id: int
    kind: str
    contact: str
    meeting_key: str
    evidence_key: str
