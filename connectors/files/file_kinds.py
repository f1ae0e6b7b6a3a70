"""What does a file hold, by its name and its first bytes, and what to export instead of it?"""

from __future__ import annotations

import codecs
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
_AWAY = "a file that is not on this machine yet"
_FETCH = "open the folder in its program until it has been fetched, then import again"
_PIECE = "a piece of a divided archive, which is not read"
#: By the first bytes, whatever its name (an Outlook data file: MS-PST 2.2.2.6).
_BEGINNINGS = (
    (b"!BDN", (_DATA_FILE, _AS_MBOX)),
    (b"\x28\xb5\x2f\xfd", (_PACKED, _UNPACK)),
    (b"\x04\x22\x4d\x18", (_PACKED, _UNPACK)),
    (b"\x1f\x9d", (_PACKED, _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", (_ARCHIVE, _UNPACK)),
    (b"Rar!\x1a\x07", (_ARCHIVE, _UNPACK)),
    (b"\x01\x01\x01\x01\n", ("an MMDF mailbox, which is not read", "save it as .mbox or .eml")),
    (b"BABYL OPTIONS:", ("a Babyl mailbox, which is not read", "save it as .mbox or .eml")),
)
#: One file of Dovecot's own format: its version, and how long the head of each mail is.
_DBOX = re.compile(rb"2 M[0-9a-f]{1,4} C[0-9a-f]{1,8}\n")
#: What a program calls a file that it has not fetched whole.
_UNFETCHED = (".icloud", ".crdownload", ".part", ".download", ".opdownload")
#: What would have been read: only such a file is missed.
_OURS = re.compile(
    r"\.(?:ics|ical|icalendar|eml|emlx|mbox|mbx|zip|tar|tgz|gz|bz2|xz|csv)\b", re.IGNORECASE
)
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


#: A mail that was sent bears all of them; what is only set like one has no Message-ID.
_SENT = frozenset((b"from", b"date", b"message-id"))


def foreign(name: str, head: bytes) -> tuple[str, str]:
    """What a file is that is not read, and what to do instead; ("", "") for any other."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _FOREIGN:
        return _FOREIGN[suffix]
    for begins, what in _BEGINNINGS:
        if head.startswith(begins):
            return what
    if _DBOX.match(head):
        return "a mail of Dovecot's own format, which is not read", "export it with doveadm backup"
    if suffix in _UNFETCHED and _OURS.search(name):
        return _AWAY, _FETCH
    if suffix in (".z01", ".001") and (_OURS.search(name) or suffix == ".z01"):
        return _PIECE, "put its pieces together first"
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
    calls, and what begins like a mail is one, whatever its name; in a folder its header must
    show that it was sent. A hidden file is read only if it is a mailbox by its content.
    """
    name = parts[-1].lower()
    suffix = PurePosixPath(name).suffix
    head = head.removeprefix(codecs.BOM_UTF8)
    if _attached(parts):
        return None
    if name.startswith("."):
        return _hidden(name, head)
    if suffix in (".ics", ".ical", ".icalendar") or _start(head).upper().startswith(
        b"BEGIN:VCALENDAR"
    ):
        return Kind.ICS
    if len(parts) > 1 and parts[-2] in ("cur", "new"):
        return Kind.EML
    if suffix in (".eml", ".emlx"):
        # Some programs append to a file, whatever its name.
        return Kind.MBOX if head.startswith(b"From ") else Kind.EML
    if suffix in (".mbox", ".mbx") or head.startswith(b"From "):
        return Kind.MBOX
    if _FIELD.match(head) and (is_mh(name) or _is_mail(head, named=named)):
        return Kind.EML
    if suffix == ".csv" and (named or "call" in name):
        return Kind.CALLS
    return None


def _is_mail(head: bytes, *, named: bool) -> bool:
    """Is what begins with a field a mail? By what every mail bears that was sent, or by a server's lines."""
    header, ends, _ = head.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = set(map(bytes.lower, _MAIL.findall(header)))
    return fields >= _SENT or (not ends and b"received" in fields) or (named and len(fields) > 1)


def _hidden(name: str, head: bytes) -> Kind | None:
    if name.startswith("._"):
        return None
    if name.endswith(".eml") and _FIELD.match(head):
        return Kind.EML
    return Kind.MBOX if head.startswith(b"From ") else None


def _attached(parts: tuple[str, ...]) -> bool:
    """Does Apple Mail keep it beside a mail that it was attached to? Whoever wrote it sent it to nobody here."""
    folders = [one.lower() for one in parts[:-1]]
    return "attachments" in folders and any(
        one.endswith((".mbox", ".imapmbox")) for one in folders[: folders.index("attachments")]
    )


def is_mh(name: str) -> bool:
    """Is it named like a message in a folder of MH, Claws, Sylpheed or Cyrus: by a number alone?"""
    return name.removesuffix(".").isascii() and name.removesuffix(".").isdigit()
