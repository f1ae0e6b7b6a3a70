"""Which mail is meant by a Message-ID, an In-Reply-To or a References header, however written?

One reader for all sources, so that an answer finds its question whatever program wrote either.
RFC 5322 3.6.4 and 4.5.4 (phrases, comments, blanks inside), and what mail programs make of them:
encoded words, folds inside an id, several ids, no brackets, a bracket that never closes.
"""

from __future__ import annotations

import re

from connectors.model.headers.header_values import decoded, plain, unfolded
from connectors.model.normal_forms import UNSEEN

#: What nearly all headers are: ids in brackets, blanks between them, nothing else.
_USUAL = re.compile(r"\s*(?:<[^<>\s()]+>\s*)+", re.ASCII)
_ONE = re.compile(r"<[!-'*-;=?-~]+>")
_ID = re.compile(r"<([^<>\s]+)>")
#: An id ends at its bracket, at the next one's, or with the header.
_BRACKETED = re.compile(r"<([^<>]*)(?:>|(?=<)|$)")
_COMMENT = re.compile(r"\([^()<>]*\)")
_AROUND = "<>[],;\"'«»“”„‘’"
_WRITTEN = (
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&#60;", "<"),
    ("&#62;", ">"),
    ("＜", "<"),
    ("＞", ">"),
    ("mailto:", ""),
    ("%3C", "<"),
    ("%3E", ">"),
    ("\\", ""),
)
#: As an address of the web (RFC 2392), or as one of a mail system.
_SCHEME = re.compile(r"(?:mid|smtp):", re.IGNORECASE)
#: Longer ones are no ids, and no store takes them.
_LONGEST = 998
_MOST = 200_000


def message_ids(value: str) -> tuple[str, ...]:
    """The ids in a header in their order, each once, without brackets. The case is significant.

    Without any bracket a single word is an id; of several those with an @ are.
    """
    if not value.isascii():
        value = UNSEEN.sub("", value)
    if not value:
        return ()
    if _ONE.fullmatch(value) and "=?" not in value and "mailto:" not in value:
        return (_alone(value[1:-1]),)
    if "=?" not in value and "mailto:" not in value and _USUAL.fullmatch(value):
        return tuple(dict.fromkeys(map(_alone, _ID.findall(value))))
    text = decoded(value) if "=?" in value else unfolded(plain(value[:_MOST]))
    for written, meant in _WRITTEN:
        # By a form on a web page, in a link, as a text with escapes.
        text = text.replace(written, meant)
    if "<" in text:
        outside = _BRACKETED.findall(_COMMENT.sub(" ", text))
        # An id may hold parentheses, though it must not: then the header is read with them.
        found = [*outside] if any(map(str.strip, outside)) else _BRACKETED.findall(text)
        words = ["".join(one.split()) for one in found]
        # Some write one without brackets among others; an address that is named there is no id of any mail.
        words += filter(_is_bare, _words(_BRACKETED.sub(" ", text)))
    else:
        words = _words(text)
        if len(words) > 1:
            words = [*filter(_is_bare, words)]
    return tuple(dict.fromkeys(_alone(one) for one in words if one and len(one) <= _LONGEST))


def _alone(word: str) -> str:
    """The id in a web's or a mail system's address."""
    if ":" in word:
        word = word[len(found[0]) :] if (found := _SCHEME.match(word)) else word
    return word if "@" in word else word.replace("%40", "@")


def _words(text: str) -> list[str]:
    return [one.strip(_AROUND) for one in _COMMENT.sub(" ", text).split()]


def _is_bare(word: str) -> bool:
    """Is it an id without brackets?"""
    return "@" in word.strip("@")


def message_id(value: str) -> str:
    """The id of a mail itself: the first in its Message-ID header; "" where there is none."""
    found = message_ids(value)
    return found[0] if found else ""


def answered(in_reply_to: str, references: str) -> tuple[str, tuple[str, ...]]:
    """(the mail that is answered, all that are referred to, the oldest first).

    A help desk names its own mail beside ours in In-Reply-To: none of them is lost.
    """
    direct, named = message_ids(in_reply_to), message_ids(references)
    if len(direct) > 1:
        named += tuple(one for one in direct[1:] if one not in named)
    return (direct[0] if direct else "", named[-100:])
