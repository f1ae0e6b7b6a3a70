"""Did a mail lie among the sent ones, in spam, in the trash? By labels and by folder names.

Gmail's Takeout writes the labels of a message in the language of the account; mail programs name
their folders in theirs. The names are those that Gmail, Outlook, Exchange, Apple Mail and
Thunderbird show (connectors.model.folder_names); a name that is in no table is a label of the user's own.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from connectors.model.folder_names import MEANING, folded
from connectors.model.headers.header_values import decoded


@dataclass(frozen=True, slots=True)
class Filing:
    """Where a message lay. `known`: labels or a folder's name said so."""

    known: bool = False
    sent: bool = False
    draft: bool = False
    chat: bool = False
    inbox: bool = False
    spam: bool = False
    trash: bool = False
    promotions: bool = False
    flagged: bool = False
    labels: tuple[str, ...] = ()


_CATEGORY = re.compile(
    r"(?:category|kategorie|catégorie|categor[ií]a|categoria|categorie|kategori|kategoria|luokka|"
    r"категория|カテゴリ)\s*[:：]?\s+(.*)"
)
#: Gmail's tabs that are advertising or chatter; "updates" and "personal" are ordinary mail.
_SIDE = re.compile(
    r"promo|werbung|soci[aá]|soziale|sozial|sociaal|forum|foren|fora|reclame|kampanj|reklam|"
    r"реклам|соц|форум|プロモ|ソーシャル|フォーラム"
)


_LABEL = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,]+)')


@lru_cache(maxsize=5_000)
def by_labels(header: str) -> Filing:
    """The filing that an X-Gmail-Labels header tells, in any language of the tables."""
    flags: set[str] = set()
    labels: list[str] = []
    for found in _LABEL.finditer(decoded(header)):
        name = " ".join((found[1] if found[1] is not None else found[2]).split())
        key = folded(name)
        if not key or key.startswith("imap_"):
            continue
        category = _CATEGORY.match(key)
        if category:
            if _SIDE.search(category[1]):
                flags.add("promotions")
        elif key in MEANING:
            flags.add(MEANING[key])
        else:
            labels.append(name[:200])
    return _filing(flags, tuple(labels))


def _filing(flags: set[str], labels: tuple[str, ...] = ()) -> Filing:
    return Filing(
        known=True,
        sent="sent" in flags,
        draft="draft" in flags,
        chat="chat" in flags,
        inbox="inbox" in flags,
        spam="spam" in flags,
        trash="trash" in flags,
        promotions="promotions" in flags,
        flagged="flagged" in flags,
        labels=labels,
    )


_ENDINGS = (
    ".mbox",
    ".mbx",
    ".mbs",
    ".sbd",
    ".mbd",
    ".imapmbox",
    ".partial",
    ".eml",
    ".emlx",
    ".directory",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar",
)
#: Letters beyond ASCII in the names of IMAP folders: UTF-7 in a form of its own (RFC 3501 5.1.3).
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_COPY = re.compile(r"[ _-]*\(?\d{1,3}\)?$")
#: Pine and mutt begin a new file of sent mail each month or year: `sent-mail-nov-2026`, `Sent.2026`.
_MONTH = r"(?:jan|feb|ma[ry]|apr|ju[nl]|aug|sep|oct|nov|dec|\d{2})[a-z]*"
_DATED = re.compile(
    rf"[ ._-]+(?:{_MONTH}[ ._-]?)?(?:19|20)\d{{2}}(?:[ ._-]?{_MONTH}(?:[ ._-]?\d{{2}})?)?$"
)
#: What people and programs write behind the name of a folder: a copy of it, or Outlook's "(This computer only)".
_KEPT = re.compile(
    r"(?: *\([^()]*\)|[ ._-]+(?:old|alt|backup|bak|copy|kopie|archive?|local|imap))$"
)
#: Evolution writes what a file's name must not hold as `_20`.
_HEX = re.compile(r"_([0-9A-F]{2})")


@lru_cache(maxsize=5_000)
def by_folder(parts: tuple[str, ...]) -> Filing:
    """The filing that the path of a file tells: its own name first, then its folders outwards."""
    for part in reversed(parts):
        for name in _names(part):
            plain = _DATED.sub("", name)
            for key in (
                plain,
                _COPY.sub("", name),
                _KEPT.sub("", plain),
                plain.replace("_", " "),
                plain.replace("-", " "),
            ):
                flag = MEANING.get(key.strip())
                if flag is not None and flag not in ("plain", "flagged"):
                    return _filing({flag})
    return Filing()


def _names(part: str) -> list[str]:
    """The names of a folder on a path; a Maildir++ writes all of its levels into one, last first."""
    if "%" in part:
        part = unquote(part)
    if not part.isascii():
        part = _as_meant(part)
    name = folded(_SHIFTED.sub(_unshifted, _HEX.sub(_letter, part) if "_" in part else part))
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    if name.startswith((".", "inbox.")):
        return [one for one in reversed(name.split(".")) if one]
    return [name]


def _as_meant(name: str) -> str:
    """A name in UTF-8 that was read as a letter a byte, as in zips of old programs; any other as it is."""
    for letters in ("cp437", "cp1252", "latin-1"):
        try:
            return name.encode(letters).decode("utf-8")
        except UnicodeError:
            continue
    return name


def _letter(found: re.Match[str]) -> str:
    letter = chr(int(found[1], 16))
    return letter if letter in " .#/:" else found[0]


def _unshifted(found: re.Match[str]) -> str:
    """The letters of one run of IMAP's UTF-7; as it is where it is none."""
    digits = found[1].replace(",", "/")
    if not digits:
        return "&"
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("utf-16-be")
    except ValueError:
        return found[0]


def maildir_flags(name: str) -> str:
    """The flags of a Maildir file name, `...:2,FS`; "" for any other name."""
    found = re.search(r"[:;!_-]2,([A-Za-z]*)$", name)
    return found[1] if found else ""
