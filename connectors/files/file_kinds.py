"""What does a file hold, by its name and its first bytes, and what to export instead of it?"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath

#: So many bytes of a file say what it is (a tar says so behind its 257th).
HEAD = 512


class Kind(StrEnum):
    """What a file holds, in the order in which an import reads: meetings before mails."""

    ICS = "ics"
    MBOX = "mbox"
    EML = "eml"
    CALLS = "calls"


_CONNECT = "or read the mailbox itself: noshow connect microsoft"
_DATA_FILE = "an Outlook data file, which is not read"
_AS_MBOX = f"save the calendar as .ics, turn the mails into mbox with readpst, {_CONNECT}"
_UNPACK = "unpack it first"
_ARCHIVE = "an archive of a kind that is not read"
_PACKED = "a compressed file of a kind that is not read"
#: By the end of the name: what it is, and what to give instead.
_FOREIGN = {
    ".pst": (_DATA_FILE, _AS_MBOX),
    ".ost": (_DATA_FILE, _AS_MBOX),
    ".olm": (
        "an Outlook for Mac archive, which is not read",
        f"drag the folders out of Outlook: that makes .mbox, and .ics of a calendar; {_CONNECT}",
    ),
    ".msg": ("an Outlook message file, which is not read", f"save the message as .eml, {_CONNECT}"),
    ".dbx": ("an Outlook Express mailbox, which is not read", "save it as .mbox or .eml"),
    ".nsf": ("a Notes database, which is not read", "save the mails as .eml, the calendar as .ics"),
    ".tbb": ("a mailbox of The Bat, which is not read", "export its folders as .mbox or .eml"),
    ".7z": (_ARCHIVE, _UNPACK),
    ".rar": (_ARCHIVE, _UNPACK),
    ".zst": (_PACKED, _UNPACK),
    ".lzma": (_PACKED, _UNPACK),
    ".z": (_PACKED, _UNPACK),
}
#: An Outlook data file whatever its name (MS-PST 2.2.2.6).
_DATA_FILE_BEGINS = b"!BDN"
#: What Outlook calls the subject of a mail or a meeting; a letter beyond ASCII may be lost.
_SUBJECT = (
    r'"?(?:SUBJECT|BETREFF|OBJET|ASUNTO|OGGETTO|ONDERWERP|ASSUNTO|.{1,2}MNE|EMNE|TEMAT)"?[,;\t]"?'
)
#: By the first line of a table, in the languages of Outlook: its exports, and Teams' attendance.
_TABLES = (
    (
        re.compile(
            _SUBJECT + r"(?:START DATE|BEGINNT AM|D.{1,2}BUT|FECHA DE (?:COMIENZO|INICIO)"
            r"|DATA (?:D')?INIZIO|BEGINDATUM|DATA DE IN.{1,2}CIO|STARTDATUM|STARTDATO"
            r"|DATA ROZPOCZ)"
        ),
        "a calendar as Outlook's table, which bears no answers",
        "save the calendar as .ics (File, Save Calendar), or noshow connect microsoft",
    ),
    (
        re.compile(
            _SUBJECT + r"(?:BODY|TEXT|CORPS|CUERPO|CORPO|HOOFDTEKST|BR.{1,2}DTEXT|TRE.{1,2}"
            r"|(?:FROM|VON|DE|DA|VAN|FR.{1,2}N|FRA|OD): ?\()"
        ),
        "mails as Outlook's table, which bears no dates",
        f"save the mails as .eml, {_CONNECT}",
    ),
    (
        re.compile(
            r'"?(?:1\. (?:SUMMARY|ZUSAMMENFASSUNG|R.{1,2}SUM|RESUM|RIEPILOGO|SAMENVATTING)|MEETING SUMMARY|BESPRECHUNGSZUSAMMENFASSUNG|'
            r"(?:FULL NAME|VOLLSTÄNDIGER NAME|NAME)\"?[,;\t]\"?"
            r"(?:USER ACTION|BENUTZERAKTION|JOIN TIME|FIRST JOIN|BEITRITTSZEIT|ERSTER BEITRITT))"
        ),
        "an attendance list of Teams, which names no meeting",
        "noshow connect microsoft reads attendance itself",
    ),
)
_FIELD = re.compile(rb"(?:From |>From |[!-9;-~]{1,70}[ \t]*:)")
#: Two of these at the beginning make a mail.
_MAIL = re.compile(
    rb"^(from|date|subject|message-id|received|return-path|mime-version|to)[ \t]*:", re.I | re.M
)


def foreign(name: str, head: bytes) -> tuple[str, str]:
    """What a file is that is not read, and what to do instead; ("", "") for any other."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _FOREIGN:
        return _FOREIGN[suffix]
    if head.startswith(_DATA_FILE_BEGINS):
        return _DATA_FILE, _AS_MBOX
    if suffix in (".csv", ".tsv", ".txt"):
        first = _start(head).decode("utf-8", "replace").upper()
        for table, reason, hint in _TABLES:
            if table.match(first):
                return reason, hint
    return "", ""


def _start(head: bytes) -> bytes:
    """The first bytes without a mark of the encoding, and without the zeros of UTF-16."""
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t ").replace(b"\0", b"")


def kind_of(parts: tuple[str, ...], head: bytes, *, named: bool) -> Kind | None:
    """What a file holds; None for a kind that is not ours.

    `parts`: the names on its path. `named`: the user named this very file, so a .csv is a list of
    calls, and what begins like a mail is one, whatever its name. A hidden file is read only if it is a mailbox by its content.
    """
    name = parts[-1].lower()
    suffix = PurePosixPath(name).suffix
    if name.startswith("."):
        mailbox = head.startswith(b"From ") and not name.startswith("._")
        return Kind.MBOX if mailbox else None
    if suffix in (".ics", ".ical", ".icalendar") or _start(head).upper().startswith(
        b"BEGIN:VCALENDAR"
    ):
        return Kind.ICS
    if suffix in (".eml", ".emlx") or (len(parts) > 1 and parts[-2] in ("cur", "new")):
        return Kind.EML
    if suffix in (".mbox", ".mbx") or head.startswith(b"From "):
        return Kind.MBOX
    if is_mh(name) and _FIELD.match(head):
        return Kind.EML
    if named and _FIELD.match(head) and len(set(map(bytes.lower, _MAIL.findall(head)))) > 1:
        return Kind.EML
    if suffix == ".csv" and (named or "call" in name):
        return Kind.CALLS
    return None


def is_mh(name: str) -> bool:
    """Is it named like a message in a folder of MH, Claws, Sylpheed or Cyrus: by a number alone?"""
    return name.removesuffix(".").isascii() and name.removesuffix(".").isdigit()
