"""What may be kept of the words that a person wrote into a calendar entry?

Of a location that it is one, of a mark which it is, and nothing else. Shared by all sources, so
that the same entry read from two providers becomes the same record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from config.phrasing import plain

#: The user's private marks (rules.md section 9).
MARKS = frozenset({"absent", "them", "us", "both", "held"})
_CATEGORY = re.compile(r"noshow\s*:\s*(\w+)")

_LINK = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
_ONLINE_PLACES = re.compile(
    r"\b(?:zoom|teams|webex|google\s*meet|meet\.google|gotomeeting|whereby|jitsi|skype|slack)\b"
    r"|^\s*(?:online|remote|virtual|video(?:call|konferenz|conference)?|phone|telefon\w*|call|tbd|tba)\b"
    r"|^[\s+()\d/.-]{6,}$",
    re.IGNORECASE,
)


def mark(word: str) -> str:
    """The private mark that a word is, in lower case; "" for any other word."""
    lower = word.strip().lower()
    return lower if lower in MARKS else ""


def category_mark(categories: Iterable[str]) -> str:
    """The private mark that one of an entry's categories is, in any case and spacing; "" for none.

    Whether it is the user's word depends on whose entry it is: that is for reports to say
    (reports.detect.meetings.entries).
    """
    for one in categories:
        found = _CATEGORY.fullmatch(plain(one))
        if found and mark(found[1]):
            return mark(found[1])
    return ""


def on_site(location: str) -> bool:
    """Is this location a place to go to, and not a link, a conference service or a number?"""
    text = location.strip()
    return bool(text) and not _LINK.match(text) and not _ONLINE_PLACES.search(text)


def link_host(location: str) -> str:
    """The host of a link that stands where a place would; "" where there is none."""
    if not _LINK.match(location):
        return ""
    try:
        return urlsplit(location.strip().split()[0]).hostname or ""
    except ValueError:
        return ""
