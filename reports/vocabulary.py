"""Which words may stand in a finding, a claim and an answer?

Members are plain text where they are written, compared, stored or printed; frames hold the text. What
each word means is in docs/rules.md; an empty text says that none of them holds.
"""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of a slot (rules.md section 3)."""

    ATTENDED = "attended"
    KEPT = "kept"
    CANCELLED_LATE = "cancelled_late"
    MOVED_LATE = "moved_late"
    ABSENT = "absent"
    AGREED = "agreed"
    CHANGED_EARLY = "changed_early"
    EXCUSED = "excused"
    UNKNOWN = "unknown"
    COMING = "coming"


class Origin(StrEnum):
    """Who made an outcome."""

    THEM = "them"
    US = "us"
    BOTH = "both"
    NONE = "none"
    UNKNOWN = "unknown"


class Grade(StrEnum):
    """How sure a finding is."""

    CERTAIN = "certain"
    LIKELY = "likely"


class Rule(StrEnum):
    """By which rule; `docs/rule-index.md` says where each is decided."""

    M1 = "M1"
    M2 = "M2"
    M3 = "M3"
    M4 = "M4"
    M5 = "M5"
    M6 = "M6"
    M7 = "M7"
    M8 = "M8"
    M9 = "M9"
    M10 = "M10"
    R1 = "R1"
    R2 = "R2"
    T1 = "T1"
    T2 = "T2"
    T2_PLUS = "T2+"
    T3 = "T3"
    T4 = "T4"
    T5 = "T5"
    P1 = "P1"
    F1 = "F1"
    F2 = "F2"
    #: A silence that may be none.
    UNKNOWN = "unknown"


class Tier(StrEnum):
    """On which list a contact stands (rules.md section 8)."""

    TALK = "talk"
    PAUSE = "pause"
    COLD = "cold"
    DEAD = "dead"


class Step(StrEnum):
    """The one thing to do next with a contact (rules.md section 8)."""

    ANSWER_FIRST = "answer-first"
    YOUR_CHANGES_FIRST = "your-changes-first"
    ASK_DIRECTLY = "ask-directly"
    INVITE_CLOSER = "invite-closer"
    WRITE_TO = "write-to"
    ANOTHER_WAY = "another-way"
    CONFIRM_BEFORE = "confirm-before"
    LET_REST = "let-rest"


class ClaimKind(StrEnum):
    """What can be contradicted; the first three are questions (rules.md section 9)."""

    M1 = "M1"
    M6 = "M6"
    M8 = "M8"
    INCIDENT = "incident"
    KEPT = "kept"
    SILENCE = "silence"
    PROMISE = "promise"
    OWED = "owed"


class Word(StrEnum):
    """What the user answers (rules.md section 9)."""

    THEM = "them"
    US = "us"
    BOTH = "both"
    NONE = "none"
    HELD = "held"
    ABSENT = "absent"
    REACHED = "reached"
    DONE = "done"
    WRONG = "wrong"
    UNDO = "undo"
