"""What can the user contradict, and with which words?

Whatever a report prints that accuses anybody, asks or reminds is a claim. The store gives each
its id, the reader answers by that id, and the answer holds for the evidence as it was printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reports.vocabulary import ClaimKind, Word

#: Who needed a change.
_WHO = (Word.THEM, Word.US, Word.BOTH, Word.NONE)
#: Which words fit which kind of claim, the likeliest first (rules.md section 9).
FITTING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        ClaimKind.M1: (*_WHO, Word.HELD),
        ClaimKind.M6: (*_WHO, Word.HELD),
        ClaimKind.M8: (Word.HELD, Word.ABSENT, *_WHO),
        ClaimKind.INCIDENT: (Word.WRONG, Word.HELD, Word.US, Word.BOTH, Word.NONE),
        ClaimKind.KEPT: (Word.ABSENT,),
        ClaimKind.SILENCE: (Word.REACHED, Word.WRONG, Word.DONE),
        ClaimKind.PROMISE: (Word.REACHED, Word.DONE, Word.WRONG),
        ClaimKind.OWED: (Word.DONE, Word.WRONG),
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
