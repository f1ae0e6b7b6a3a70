"""What is a subject without its trimmings, and which kind of meeting mail do its first words say?

By the subject alone, which is no proof of anything: others ask for a second sign.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from config.phrasing import Phrases
from reports.columns import text

_TAIL: Final = r" @ [^@]*\d.*$"


def base(subjects: pd.Series, phrases: Phrases) -> pd.Series:
    """Subjects in `plain` form without reply and forward prefixes, for comparing them."""
    return text.without(text.plain(subjects), phrases.prefix_pattern)


def titles(subjects: pd.Series, phrases: Phrases) -> pd.Series:
    """What a meeting mail's subject, or a meeting's own title, says the meeting is called.

    In `plain` form, without the words of the mail (`Declined:`) and without Google's tail
    ` @ <date> (<calendar>)`. A cancelled copy in Outlook may bear such a word too.
    Source: facts of real Google mails (`Prefix: Title @ Ddd Mon D, YYYY ... (address)`).
    """
    return text.without(text.without(text.plain(subjects), phrases.meeting_pattern), _TAIL)


def whole_titles(subjects: pd.Series) -> pd.Series:
    """What a meeting is called as it stands, also where its own title begins like a notice's.

    In `plain` form, without Google's tail.
    """
    return text.without(text.plain(subjects), _TAIL)


def kinds(subjects: pd.Series, phrases: Phrases) -> pd.Series:
    """Which kind of meeting mail the first words say; "" where they say none.

    One of config.phrasing.MEETING_KINDS. By the subject alone: no proof of anything.
    """
    spoken = text.plain(subjects)
    result = pd.Series("", index=subjects.index, dtype="str")
    found = text.matches(spoken, phrases.meeting_pattern)
    if found.any():
        words = spoken[found].str.partition(":")[0].str.strip()
        result[found] = text.translated(words, phrases.meeting).to_numpy()
    return result
