"""Are folders, archives and compressed files read as people have them, and the rest named?"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from pathlib import Path

import pytest

from connectors.files import containers
from connectors.files.file_kinds import HEAD, Kind, kind_of
from connectors.files.problems import Lost
from tests.support.facts.files import (
    DANA,
    ME,
    calendar,
    event,
    imported,
    imported_file,
    mail,
    mbox,
    zipped,
)

SENT = mail(sender=ME, to=DANA, key="<sent@acme.example>")
CAME = mail("Received: by mx; Mon, 23 Nov 2026 08:00:00 +0000", key="<came@x.example>")


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(data), 1_795_000_000
            archive.addfile(member, io.BytesIO(data))
    return held.getvalue()


PACKED = {
    "Inbox.mbox.gz": lambda: gzip.compress(mbox(CAME)),
    "Inbox.mbox.bz2": lambda: bz2.compress(mbox(CAME)),
    "Inbox.xz": lambda: lzma.compress(mbox(CAME)),
    "one.eml.gz": lambda: gzip.compress(CAME),
    "a.tar": lambda: tarred({"Mail/Inbox": mbox(CAME)}),
    "a.tgz": lambda: tarred({"Mail/Inbox": mbox(CAME)}, "w:gz"),
    "a.tar.bz2": lambda: tarred({"Mail/Inbox": mbox(CAME)}, "w:bz2"),
    "a.tar.xz": lambda: tarred({"Mail/Inbox": mbox(CAME)}, "w:xz"),
    "a.tbz2": lambda: tarred({"Mail/Inbox": mbox(CAME)}, "w:bz2"),
    "packed in a.zip": lambda: zipped({"Mail/Inbox.gz": gzip.compress(mbox(CAME))}),
    "tar in a.zip": lambda: zipped({"a.tgz": tarred({"Mail/Inbox": mbox(CAME)}, "w:gz")}),
    "zip in a.tar": lambda: tarred({"a.zip": zipped({"Mail/Inbox": mbox(CAME)})}),
}


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("in_folder", [True, False])
def test_what_is_packed_is_read_as_it_lies_there(
    tmp_path: Path, name: str, in_folder: bool
) -> None:
    path = tmp_path / "given" / name
    path.parent.mkdir()
    path.write_bytes(PACKED[name]())
    result = imported([path.parent if in_folder else path])
    assert [one.message_key for one in result.messages] == ["came@x.example"], result.problems
    assert not result.problems


def test_a_large_tar_is_read_in_its_own_order_and_goes_on_after_a_stop(tmp_path: Path) -> None:
    files = {f"Mail/{n:03}.eml": mail(key=f"<{n}@x.example>") for n in range(60, 0, -1)}
    files["work.ics"] = calendar(event())
    files["Mail/Sent"] = mbox(SENT)
    result = imported_file(tmp_path, "a.tgz", tarred(files, "w:gz"))
    keys = [one.message_key for one in result.messages]
    assert keys == ["sent@acme.example", *(f"{n}@x.example" for n in range(60, 0, -1))]
    assert len(result.meetings) == 1
    assert result.messages[0].sent


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.8])
@pytest.mark.parametrize("name", ["Inbox.mbox.gz", "Inbox.mbox.bz2", "Inbox.xz", "a.tar", "a.tgz"])
def test_one_that_ends_too_early_is_a_lost_file(tmp_path: Path, name: str, cut: float) -> None:
    many = mbox(*(mail(key=f"<{n}@x.example>", body=f"{n * 7919:x}" * 40) for n in range(300)))
    whole = {
        "Inbox.mbox.gz": lambda: gzip.compress(many),
        "Inbox.mbox.bz2": lambda: bz2.compress(many),
        "Inbox.xz": lambda: lzma.compress(many),
        "a.tar": lambda: tarred({"Mail/Inbox": many, "Mail/Sent": mbox(SENT)}),
        "a.tgz": lambda: tarred({"Mail/Inbox": many, "Mail/Sent": mbox(SENT)}, "w:gz"),
    }[name]()
    result = imported_file(tmp_path, name, whole[: int(len(whole) * cut)])
    assert any(one.lost is Lost.FILE for one in result.problems), result.problems


def test_a_tar_cut_between_two_members_is_a_lost_file(tmp_path: Path) -> None:
    whole = tarred({"a.eml": CAME, "b.eml": SENT})
    result = imported_file(tmp_path, "a.tar", whole[:1024])
    assert (len(result.messages), result.reasons(Lost.FILE)) == (
        1,
        ["it ends too early, or is damaged: what lies behind is not read"],
    )


@pytest.mark.parametrize("name", ["bomb.mbox.gz", "bomb.mbox.bz2", "bomb.tgz"])
def test_a_bomb_is_refused_while_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(containers, "SMALL", 1 << 16)
    zeros = mbox(CAME) + bytes(4 << 20)
    made = {
        "bomb.mbox.gz": lambda: gzip.compress(zeros),
        "bomb.mbox.bz2": lambda: bz2.compress(zeros),
        "bomb.tgz": lambda: tarred({"Inbox.mbox": zeros}, "w:gz"),
    }[name]()
    result = imported_file(tmp_path, name, made)
    assert any("bomb" in one for one in result.reasons(Lost.FILE)), result.problems


def test_what_leads_out_of_a_tar_is_refused(tmp_path: Path) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name in ("../out.eml", "/etc/out.eml", "ok/in.eml"):
            member = tarfile.TarInfo(name)
            member.size = len(CAME)
            archive.addfile(member, io.BytesIO(CAME))
        link = tarfile.TarInfo("link.eml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        again = tarfile.TarInfo("again.eml")
        again.type, again.linkname = tarfile.LNKTYPE, "ok/in.eml"
        archive.addfile(again)
    result = imported_file(tmp_path, "a.tar", held.getvalue())
    assert len(result.messages) == 1
    assert sorted(result.reasons(Lost.FILE)) == [
        "a link: refused",
        *(["a path that leads out of the archive: refused"] * 2),
    ]


FOLDERS = {
    "Maildir++": [".Sent/cur/1.host:2,S"],
    "Maildir++ below the inbox": [".INBOX.Sent/cur/1.host:2,S", "cur/2.host:2,S"],
    "Maildir++ of a year": ["cur/2.host:2,S", ".Sent.2026/cur/1.host:2,S"],
    "Maildir++ in another language": [".Gesendete Objekte/cur/1.host:2,S"],
    "Maildir++ in IMAP's letters": [".&AMk-l&AOk-ments envoy&AOk-s/cur/1.host:2,S"],
    "KMail": [".inbox.directory/sent-mail/cur/1.host:2,S"],
    "MH": ["sent/1"],
    "MH, hidden": [".Sent/1", ".Sent/.mh_sequences"],
    "Cyrus": ["Sent/1."],
    "Thunderbird": ["Mail/Local Folders/Sent"],
    "Thunderbird, subfolder": ["Archive.sbd/Sent Items"],
    "a hidden mailbox file": [".Sent"],
    "Pine's of a month": ["mail/sent-mail-nov-2026"],
    "mutt's of a year": ["Mail/Sent.2026"],
    "a file a day": ["Mail/sent-2026-11-23"],
    "Evolution's signs": ["local/.Gesendete_20Objekte/cur/1.host:2,S", "local/cur/2.host:2,S"],
    "an old home folder": [".kde/share/apps/kmail/mail/sent-mail"],
    "a new home folder": [".local/share/local-mail/sent-mail/cur/1.host:2,S"],
    "Thunderbird's home": [".thunderbird/x.default/Mail/Local Folders/Sent"],
    "Evolution": [".maildir/.Sent/cur/1.host:2,S", ".maildir/cur/2.host:2,S"],
}


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_mail_folder_is_read_whatever_program_keeps_it(tmp_path: Path, kind: str) -> None:
    # A mail of a colleague among the sent ones: only the folder says that it was sent.
    ours = mail("Received: by mx; Mon, 23 Nov 2026 08:00:00 +0000", sender=ME, to=DANA)
    for name in FOLDERS[kind]:
        path = tmp_path / "given" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        single = path.name[:1].isdigit()
        data = ours if path.name[:1] == "1" else CAME if single else mbox(ours)
        path.write_bytes(b"" if path.name.endswith("sequences") else data)
    result = imported([tmp_path / "given"])
    (sent,) = (one for one in result.messages if one.from_.address == ME)
    assert sent.sent, kind
    assert not result.reasons(Lost.FILE)


OURS = mail("Received: by mx; Mon, 23 Nov 2026 08:00:00 +0000", sender=ME, to=DANA)
PLIST = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist><dict/></plist>\n'
SINGLY = {
    "webmail's zip of a folder": ("Sent.zip", zipped({"1.eml": OURS})),
    "Zimbra's archive": ("me.tgz", tarred({"Sent/0000000259-Re_ x.eml": OURS}, "w:gz")),
    "Apple's, with its length": ("Sent.mbox/M/1.emlx", b"%d\n" % len(OURS) + OURS + PLIST),
    "Apple's, too long": ("Sent.mbox/M/1.emlx", b"99999 \r\n" + OURS + PLIST),
    "Apple's, too short": ("Sent.mbox/M/1.emlx", b"20\n" + OURS + PLIST),
    "Apple's, without its list": ("Sent.mbox/M/1.partial.emlx", b"20\n" + OURS),
    "packed in a Maildir": ("Mail/.Sent/cur/1.host,S=9:2,S", gzip.compress(OURS)),
    "empty lines before it": ("Sent/a.eml", b"\r\n\n" + OURS),
    "a mark of the encoding before it": ("Sent/a.eml", b"\xef\xbb\xbf" + OURS),
    "the lines of an old Mac": ("Sent.mbox", mbox(OURS).replace(b"\n", b"\r")),
    "a hidden file": ("Sent/.a.eml", OURS),
    "a flag written otherwise": ("Mail/.Sent/cur/1.host-2,S", OURS),
}


@pytest.mark.parametrize("kind", SINGLY)
def test_a_sent_mail_is_read_whole_however_it_was_saved(tmp_path: Path, kind: str) -> None:
    name, data = SINGLY[kind]
    path = tmp_path / "given" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    result = imported([tmp_path / "given"])
    (sent,) = result.messages
    assert (sent.message_key, sent.sent, sent.subject) == ("k1@client.example", True, "hello")
    assert not result.reasons(Lost.FILE)


@pytest.mark.parametrize("name", ["1.2,DS", "1.host_2,DS", "1.host;2,DS"])
def test_a_draft_in_a_maildir_is_one_whatever_stands_before_its_flags(
    tmp_path: Path, name: str
) -> None:
    name = name.replace(".2", ":2")
    assert imported_file(tmp_path / "Mail" / "cur", name, SENT).messages[0].draft


def test_what_was_attached_to_a_mail_came_to_nobody(tmp_path: Path) -> None:
    """Apple Mail keeps attachments beside the mails: an attached mail or meeting is its sender's."""
    cancel = calendar(event("ORGANIZER:mailto:dana@client.example"), method="CANCEL")
    for name, data in {
        "Sent.mbox/U/Data/Messages/1.emlx": b"%d\n" % len(OURS) + OURS + PLIST,
        "Sent.mbox/U/Data/Attachments/1/2/forwarded.eml": CAME,
        "Sent.mbox/U/Data/Attachments/1/3/cancel.ics": cancel,
    }.items():
        path = tmp_path / "given" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    result = imported([tmp_path / "given"])
    assert [one.message_key for one in result.messages] == ["k1@client.example"]
    assert not result.meetings
    assert result.reasons(Lost.IGNORED) == ["2 files of other kinds left alone"]


def test_a_hidden_folder_that_is_passed_over_is_counted(tmp_path: Path) -> None:
    for name in ("Inbox", ".cache/Sent", ".other/Sent"):
        path = tmp_path / "given" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mbox(CAME))
    result = imported([tmp_path / "given"])
    assert len(result.messages) == 1
    assert result.reasons(Lost.IGNORED) == ["2 hidden folders left alone"]


def test_a_journal_of_exchange_is_a_named_loss(tmp_path: Path) -> None:
    wrapped = mail("X-MS-Journal-Report:", sender="Exchange <journal@acme.example>")
    result = imported_file(tmp_path, "a.mbox", mbox(wrapped, CAME))
    assert len(result.messages) == 2
    (problem,) = (one for one in result.problems if one.lost is Lost.MESSAGE)
    assert "journal" in problem.reason


def test_a_linked_folder_is_read_once_and_behind_its_own(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "Sent").write_bytes(mbox(SENT))
    given = tmp_path / "given"
    (given / "b").mkdir(parents=True)
    (given / "b" / "Inbox").write_bytes(mbox(CAME))
    (given / "a").symlink_to(given / "b")
    (given / "z").symlink_to(tmp_path / "elsewhere")
    (given / "y").symlink_to(tmp_path / "elsewhere")
    (given / "up").symlink_to(tmp_path)
    result = imported([given])
    assert sorted(one.message_key for one in result.messages) == [
        "came@x.example",
        "sent@acme.example",
    ]
    assert [one.reason for one in result.problems] == ["a link to a folder above it: left alone"]


def test_a_given_link_to_a_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "Inbox").write_bytes(mbox(CAME))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert len(imported([tmp_path / "link"]).messages) == 1


NOT_READ = {
    "a.pst": (b"!BDN", "readpst"),
    "a.ost": (b"!BDN", "readpst"),
    "a.olm": (zipped({"x": b""}), "drag the folders"),
    "a.msg": (b"\xd0\xcf\x11\xe0", ".eml"),
    "calendar.csv": (b'"Subject","Start Date","Start Time","End Date"\r\n', ".ics"),
    "kalender.CSV": ('"Betreff","Beginnt am","Beginnt um"\r\n'.encode("cp1252"), ".ics"),
    "inbox.csv": (b'"Subject","Body","From: (Name)","From: (Address)"\r\n', ".eml"),
    "attendance.csv": (
        "1. Summary\r\nMeeting title\tReview\r\n".encode("utf-16"),
        "attendance itself",
    ),
    "old attendance.csv": (
        "Full Name\tUser Action\tTimestamp\r\n".encode("utf-16"),
        "attendance itself",
    ),
    "calendrier.csv": ('"Objet","Début","Début"\r\n'.encode("cp1252"), ".ics"),
    "calendario.csv": (b'"Asunto","Fecha de comienzo","Comienzo"\r\n', ".ics"),
    "posta.csv": ('"Oggetto","Corpo","Da: (Nome)"\r\n'.encode("cp1252"), ".eml"),
    "presence.csv": ("1. Résumé\r\n".encode("utf-16"), "attendance itself"),
    "backup of my mail": (b"!BDN\0\0\0\0SM", "readpst"),
    "a.tbb": (b"\0\1", ".mbox"),
    "mail packed otherwise": (b"\x28\xb5\x2f\xfd\0\0", "unpack it first"),
    "Inbox.mbox.lz4": (b"\x04\x22\x4d\x18", "unpack it first"),
    "backup.001": (b"7z\xbc\xaf\x27\x1c", "unpack it first"),
    "mail.zip.001": (b"PK\x03\x04", "put its pieces together"),
    "mail.z01": (b"PK\x07\x08", "put its pieces together"),
    ".Inbox.mbox.icloud": (b"bplist00", "fetched"),
    "Takeout.zip.crdownload": (b"PK\x03\x04", "fetched"),
    "mmdf": (b"\1\1\1\1\nFrom: a@b.example\n", ".mbox or .eml"),
    "RMAIL": (b"BABYL OPTIONS: -*- rmail -*-\n", ".mbox or .eml"),
    "u.1": (b"2 M1e C5d3f2a1b\n\1\2N", "doveadm backup"),
    "a.7z": (b"7z\xbc\xaf", "unpack it first"),
}


@pytest.mark.parametrize("name", ["saved.mail", "message", "letter.txt", "page.mht"])
def test_a_mail_that_was_given_by_its_name_is_read_whatever_that_is(
    tmp_path: Path, name: str
) -> None:
    assert len(imported_file(tmp_path, name, mail()).messages) == 1
    assert not imported_file(tmp_path, f"x {name}", b"To: do\nbuy milk\n").messages


@pytest.mark.parametrize("name", NOT_READ)
@pytest.mark.parametrize("in_folder", [True, False])
def test_what_is_not_read_says_what_to_give_instead(
    tmp_path: Path, name: str, in_folder: bool
) -> None:
    data, hint = NOT_READ[name]
    path = tmp_path / "given" / name
    path.parent.mkdir()
    path.write_bytes(data)
    (problem,) = imported([path.parent if in_folder else path]).problems
    assert problem.lost is Lost.FILE
    assert hint in problem.hint


@pytest.mark.parametrize("name", ["all.mbox", "joined.txt", "one.eml"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_mail_that_a_shell_wrote_in_an_encoding_of_its_own_is_read(
    tmp_path: Path, name: str, encoding: str
) -> None:
    mails = [mail(key=f"<{number}@client.example>") for number in range(3)]
    data = mails[0] if name.endswith(".eml") else mbox(*mails)
    # Longer than what is read at once.
    data += b"words\n" * 20_000
    result = imported_file(tmp_path, name, data.decode().encode(encoding))
    assert {one.from_.address for one in result.messages} == {DANA}
    assert len(result.messages) == (1 if name.endswith(".eml") else 3)
    assert result.problems == []


@pytest.mark.parametrize("name", ["answer.txt", "answer", "answer.mai", "answer.mht"])
def test_a_mail_in_a_folder_is_one_by_its_header_under_any_name(name: str) -> None:
    whole = mail(date="Tue, 10 Nov 2026 09:00:00 +0000")
    told = b"Subject: minutes\nDate: Tue, 10 Nov 2026\nFrom: Dana\n\nMessage-ID: <in-the-text@x>\n"
    assert kind_of(("mails", name), whole, named=False) is Kind.EML
    assert kind_of(("mails", name), whole.replace(b"\n", b"\r\n"), named=False) is Kind.EML
    assert kind_of(("mails", name), told, named=False) is None
    hops = b"".join(b"Received: by mx%d.client.example\n" % n for n in range(40))
    assert kind_of(("mails", name), (hops + whole)[:HEAD], named=False) is Kind.EML
