"""Do the mails of files become the records that an API would have given?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.mail import header_scan
from connectors.files.mail.folders import by_folder, by_labels
from connectors.model.headers import address_lists, header_values, mail_dates
from connectors.model.headers.message_ids import message_ids
from connectors.model.records import MessageSeen
from tests.support.facts.files import DANA, ME, at, imported, imported_file, mail, mbox

TAKEOUT = "From 1828754568043628583@xxx Mon Nov 23 07:59:58 +0000 2026"


def read(
    folder: Path,
    *headers: str,
    name: str = "All mail.mbox",
    separator: str = TAKEOUT,
    **kwargs: Any,
) -> MessageSeen:
    result = imported_file(folder, name, mbox(mail(*headers, **kwargs), separator=separator))
    assert not result.problems
    return result.messages[0]


def test_a_mail_of_gmails_takeout(tmp_path: Path) -> None:
    seen = read(
        tmp_path,
        "X-GM-THRID: 1828754568043628583",
        "X-Gmail-Labels: Inbox,Starred,Category Promotions,Clients/Big,promised/2026-12-01",
        "In-Reply-To: <a@x.example>",
        "References: <r@x.example>\n <a@x.example>",
        "Cc: Sam <Sam+crm@Client.Example>",
        "Importance: High",
    )
    assert seen.message_key == "k1@client.example"
    assert seen.provider_id.startswith("k1@client.example ")
    # The thread is written as Gmail's API writes it: the same number in hexadecimal.
    assert seen.thread_id == "19610a97299d0827"
    assert (seen.inbox, seen.flagged, seen.promotions, seen.sent) == (True, True, True, False)
    assert seen.labels == ("Clients/Big", "promised/2026-12-01")
    assert (seen.in_reply_to, seen.references) == ("a@x.example", ("r@x.example", "a@x.example"))
    assert seen.cc[0].address == "sam@client.example"
    assert seen.important
    assert (seen.at, seen.dated_at) == (at("2026-11-23 07:59:58"), at("2026-11-23 08:00"))


@pytest.mark.parametrize(
    ("labels", "flag"),
    [
        ("Sent,Opened", "sent"),
        ("=?UTF-8?Q?Gesendet,Ge=C3=B6ffnet?=", "sent"),
        ("=?UTF-8?Q?Messages_envoy=C3=A9s,Ouvert?=", "sent"),
        ("Enviados", "sent"),
        ("Posta inviata", "sent"),
        ("Verzonden", "sent"),
        ("Spam,Unread", "spam"),
        ("Trash", "trash"),
        ("Papierkorb,Ungelesen", "trash"),
        ("Corbeille", "trash"),
        ("=?UTF-8?Q?Entw=C3=BCrfe?=", "draft"),
        ("Chat", "chat"),
        ("=?UTF-8?Q?Bo=C3=AEte_de_r=C3=A9ception,Non_lus?=", "inbox"),
        ("=?UTF-8?Q?Posteingang,Kategorie:_=22Werbung=22?=", "promotions"),
        ("=?UTF-8?Q?Cat=C3=A9gorie=C2=A0:_R=C3=A9seaux_sociaux?=", "promotions"),
    ],
)
def test_labels_tell_the_place_in_many_languages(labels: str, flag: str) -> None:
    filing = by_labels(labels)
    assert getattr(filing, flag)
    assert filing.labels == ()


def test_ordinary_tabs_and_states_are_no_labels_of_the_users() -> None:
    for header in ("Category Updates", "=?UTF-8?Q?Kategorie:_=22Neuigkeiten=22,Archiviert?="):
        filing = by_labels(header + ",IMAP_$Forwarded")
        assert (filing.labels, filing.promotions) == ((), False)


def test_a_label_may_hold_a_comma() -> None:
    assert by_labels('Inbox,"Culture, associations",Work').labels == (
        "Culture, associations",
        "Work",
    )


@pytest.mark.parametrize(
    ("parts", "flag"),
    [
        (("Sent.mbox",), "sent"),
        (("Sent-1.mbox",), "sent"),
        (("Sent Items.mbox",), "sent"),
        (("Gesendete Elemente", "1.eml"), "sent"),
        (("Sent Messages.mbox", "mbox"), "sent"),
        (("Éléments envoyés", "x.eml"), "sent"),
        (("Profile", "[Gmail].sbd", "Sent Mail"), "sent"),
        (("Junk", "x.eml"), "spam"),
        (("Papierkorb.mbox",), "trash"),
        (("Drafts.mbox",), "draft"),
        (("Inbox",), "inbox"),
    ],
)
def test_folders_tell_the_place(parts: tuple[str, ...], flag: str) -> None:
    assert getattr(by_folder(parts), flag)


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("보낸메일함", "sent"),
        ("已傳送", "sent"),
        ("Poslano", "sent"),
        ("Elemente trimise", "sent"),
        ("Gönderilenler", "sent"),
        ("العناصر المرسلة", "sent"),
        ("草稿箱", "draft"),
        ("送信箱", "draft"),
        ("Osnutki", "draft"),
        ("Predloge", "draft"),
        ("Șabloane", "draft"),
        ("Εξερχόμενα", "draft"),
        ("טיוטות", "draft"),
        ("받은메일함", "inbox"),
        ("Smeti", "trash"),
        ("垃圾信件", "spam"),
    ],
)
def test_folders_tell_the_place_in_the_languages_of_webmail(name: str, flag: str) -> None:
    assert getattr(by_folder((f"{name}.mbox",)), flag)
    assert getattr(by_labels(name), flag)


def test_an_unknown_folder_tells_nothing() -> None:
    for parts in (("Archive.mbox",), ("Clients", "Sentinel.mbox"), ("important.mbox",)):
        assert not by_folder(parts).known


def test_labels_win_over_the_folders_name(tmp_path: Path) -> None:
    google = ("X-GM-THRID: 1828754568043628583", "X-Gmail-Labels: Inbox")
    assert not read(tmp_path, *google, name="Sent.mbox").sent


def test_what_came_to_its_owner_is_not_sent_mail_under_any_label(tmp_path: Path) -> None:
    google = ("X-GM-THRID: 1828754568043628583", "X-Gmail-Labels: Sent")
    assert not read(tmp_path, *google).sent
    assert read(tmp_path, *google, sender=ME, to=DANA).sent


def test_labels_count_only_where_google_alone_can_write_them(tmp_path: Path) -> None:
    forged = ("X-GM-THRID: 1", "X-Gmail-Labels: Sent")
    hop = HOP.format("ESMTPS")
    assert not read(tmp_path, hop, *forged, name="All mail.mbox", sender=ME).sent
    assert not read(tmp_path, "X-Gmail-Labels: Sent", hop, name="All mail.mbox", sender=ME).sent
    google = ("X-GM-THRID: 2", "X-Gmail-Labels: Inbox")
    assert not read(tmp_path, *google, hop, *forged, sender=ME).sent


HOP = "Received: from a by b.example with {}; Mon, 23 Nov 2026 09:05:00 +0100"


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ((), True),
        ((HOP.format("ESMTPSA id 1"),), True),
        ((HOP.format("ESMTPSA id 1"), "Return-Path: <me@acme.example>"), True),
        (("Authentication-Results: mx.acme.example; auth=pass smtp.auth=me",), True),
        (("Authentication-Results: mx.acme.example; dmarc=none",), False),
        (("Return-Path: <mallory@stranger.example>",), False),
        (("Received-SPF: pass",), False),
        (("X-Received: by 192.0.2.1 with SMTP id 1; Mon, 23 Nov 2026 08:20:01 +0000",), False),
        (("Envelope-To: me@acme.example",), False),
        (("ARC-Seal: i=1",), False),
        ((HOP.format("ESMTPS id 1").replace("from ", "from with ESMTPSA ", 1),), False),
        ((HOP.format("ESMTPS id 1"),), False),
        ((HOP.format("ESMTPSA id 1"), HOP.format("ESMTPS id 2")), False),
        (("Delivered-To: me@acme.example",), False),
    ],
)
def test_without_labels_our_mail_that_never_arrived_anywhere_was_sent(
    tmp_path: Path, headers: tuple[str, ...], sent: bool
) -> None:
    seen = read(tmp_path, *headers, name="Archive.mbox", sender=ME, to=DANA)
    assert seen.sent is sent
    assert not read(tmp_path, *headers, name="Archive.mbox", sender=DANA).sent


def test_the_sent_copy_of_a_mail_to_oneself_keeps_its_place(tmp_path: Path) -> None:
    one = mail(sender=ME, to=ME)
    (tmp_path / "Sent.mbox").write_bytes(mbox(one))
    (tmp_path / "Inbox.mbox").write_bytes(mbox(HOP.format("ESMTPS").encode() + b"\n" + one))
    found = {message.provider_id: message.sent for message in imported([tmp_path]).messages}
    assert sorted(found.values()) == [False, True]
    assert [sent for key, sent in found.items() if key.startswith("sent:k1@client.example")] == [
        True
    ]


def test_the_moment_is_the_best_that_the_mail_has(tmp_path: Path) -> None:
    plain = "From x Mon Nov 23 08:30:00 2026"
    hop = HOP.format("ESMTPS")
    assert read(tmp_path, hop, separator=plain).at == at("2026-11-23 08:05")
    assert read(tmp_path, separator=plain).at == at("2026-11-23 08:00")


@pytest.mark.parametrize(
    "written",
    ["09:00:00 CET", "09:00 MEZ", "10:00:00 EET", "17:00:00 JST (now)", "11:00 msk", "08:00 XYZ"],
)
def test_a_zone_by_a_name_that_means_one_offset_is_read(tmp_path: Path, written: str) -> None:
    moment = read(tmp_path, date=f"Mon, 23 Nov 2026 {written}").dated_at
    assert moment == at("2026-11-23 08:00")


DANA_AND_EMIL = [DANA, "emil@other.example"]


@pytest.mark.parametrize(
    "first",
    [
        "Dana (sales <dana@client.example>",
        '"Dana <dana@client.example>',
        '"dana@client.example',
        "Dana [EXT <dana@client.example>",
        "<dana@client.example",
        "Dana <SMTP:dana@client.example>",
        "mailto:dana@client.example",
        "Dana [mailto:dana@client.example]",
        "Dana ＜dana@client.example＞",
        "\x1b$B;3ED\x1b(B <dana@client.example>",
        "=?utf-8?q?Dana <dana@client.example>",
        "=?utf-8?b?RGFuYSA8ZGFuYUBjbGllbnQuZXhhbXBsZT4=?=",
        "Dana <\u200bdana@client.example>",
    ],
)
@pytest.mark.parametrize("between", [", ", "，", "; "])
def test_one_bad_entry_swallows_none_of_its_neighbours(first: str, between: str) -> None:
    written = f'{first}{between}"Emil Ost" <emil@other.example>'
    assert [one.address for one in header_scan.people(written)] == DANA_AND_EMIL


@pytest.mark.parametrize(
    "written",
    [
        "&lt;a1@acme.example&gt;",
        "<mailto:a1@acme.example>",
        "%3Ca1@acme.example%3E",
        "\\<a1@acme.example\\>",
        "[a1@acme.example]",
        "<mid:a1@acme.example>",
        "<SMTP:a1@acme.example>",
        "<a1%40acme.example>",
        "&#60;a1@acme.example&#62;",
        "＜a1@acme.example＞",
    ],
)
def test_an_id_is_found_in_what_a_web_form_made_of_it(written: str) -> None:
    assert message_ids(written) == ("a1@acme.example",)


@pytest.mark.parametrize("bare", ["a1@acme.example", "a1@acme.example>", "[a1@acme.example]"])
def test_an_id_without_brackets_stands_beside_those_with_them(bare: str) -> None:
    assert message_ids(f"<x@y.example> {bare}") == ("x@y.example", "a1@acme.example")
    assert message_ids("(our mail) <x@y.example> of Monday") == ("x@y.example",)


#: What programs and clocks write that is no date, or cannot be true.
NO_DATES = (
    "",
    "soon",
    "Do, 29 Okt 2026 10:00:00 +0100",
    "jeu., 29 oct. 2026 10:00:00 +0100",
    "2026-10-29T10:00:00+01:00",
    "Thu, 29 Oct 2026 24:00:00 +0000",
    "Thu, 01 Jan 1970 00:00:00 +0000",
    "Fri, 02 Jan 1970 09:00:00 +0000",
    "Wed, 29 Oct 2036 10:00:00 +0000",
)


@pytest.mark.parametrize("written", NO_DATES)
def test_a_date_that_says_nothing_is_named_and_nothing_is_guessed(
    tmp_path: Path, written: str
) -> None:
    separator = "From x Mon Nov 23 08:30:00 2026"
    for headers, moment in (((), None), ((HOP.format("ESMTPS"),), at("2026-11-23 08:05"))):
        raw = mbox(mail(*headers, date=written), separator=separator)
        result = imported_file(tmp_path, "a.mbox", raw)
        assert [one.at for one in result.messages] == [moment]
        assert len(result.problems) == 1
        assert "Date" in result.problems[0].reason


def test_a_mail_that_was_moved_here_later_keeps_its_date_where_an_older_hop_agrees(
    tmp_path: Path,
) -> None:
    moved = "Received: from old by new.example with ESMTP; Mon, 23 Nov 2026 08:00:00 +0000"
    first = "Received: from a by old.example with ESMTP; Tue, 5 May 2026 09:00:10 +0000"
    written = "Tue, 05 May 2026 09:00:00 +0000"
    assert read(tmp_path, moved, first, date=written).at == at("2026-05-05 09:00")
    assert read(tmp_path, moved, date=written).at == at("2026-11-23 08:00")


def test_two_mails_with_one_id_are_both_kept(tmp_path: Path) -> None:
    later = mail(date="Mon, 23 Nov 2026 09:00:00 +0000")
    other = mail(sender="tom@client.example")
    result = imported_file(tmp_path, "a.mbox", mbox(mail(), later, other, mail()))
    assert len({one.provider_id for one in result.messages}) == 3
    assert {one.message_key for one in result.messages} == {"k1@client.example"}


@pytest.mark.parametrize(
    "header",
    ["X-Unsent: 1", "X-Mozilla-Draft-Info: internal/draft; vcard=0", "X-Apple-Auto-Saved: 1"],
)
def test_what_a_program_calls_unsent_is_a_draft_unless_it_arrived(
    tmp_path: Path, header: str
) -> None:
    assert read(tmp_path, header, sender=ME, to=DANA).draft
    assert not read(tmp_path, HOP.format("ESMTPS"), header).draft


@pytest.mark.parametrize(
    "folder",
    [
        "Outbox",
        "Postausgang",
        "Templates",
        "Vorlagen",
        "Unsent Messages",
        "Bandeja de salida",
        "Nicht gesendete Nachrichten",
        "postponed-msgs",
        "Szkice",
    ],
)
def test_outboxes_and_templates_hold_nothing_that_was_sent(tmp_path: Path, folder: str) -> None:
    assert read(tmp_path, name=folder, sender=ME, to=DANA).draft
    assert not read(tmp_path, HOP.format("ESMTPS"), name=folder).draft


def test_a_mail_without_an_id_has_the_same_one_in_every_export(tmp_path: Path) -> None:
    first = read(tmp_path, "X-Gmail-Labels: Inbox", key="")
    second = read(tmp_path, "X-Gmail-Labels: Trash", HOP.format("ESMTPS"), key="", body="other")
    other = read(tmp_path, key="", subject="another")
    assert first.provider_id == second.provider_id != other.provider_id
    assert first.message_key.endswith("@digest.invalid")


@pytest.mark.parametrize("header", ["X-Original-From: {}", "Reply-To: {}"])
def test_the_author_is_the_from_whatever_other_headers_say(tmp_path: Path, header: str) -> None:
    seen = read(tmp_path, header.format(f"Dana Kim <{DANA}>"), sender="Sales <sales@x.example>")
    assert (seen.from_.address, seen.sender_address) == ("sales@x.example", "")


def test_a_person_who_travels_via_somewhere_stays_who_they_are(tmp_path: Path) -> None:
    seen = read(tmp_path, sender='"Dana via Train" <dana@client.example>')
    assert seen.from_.address == DANA


def test_who_sent_it_for_somebody_is_kept(tmp_path: Path) -> None:
    seen = read(tmp_path, "Sender: Ana <ana@client.example>")
    assert (seen.from_.address, seen.sender_address) == (DANA, "ana@client.example")
    assert read(tmp_path, "Sender: dana@client.example").sender_address == ""


def test_flags_of_thunderbird_and_maildir_are_understood(tmp_path: Path) -> None:
    seen = read(tmp_path, "X-Mozilla-Status: 000d", name="Inbox")
    assert (seen.flagged, seen.trash, seen.inbox) == (True, True, True)
    result = imported_file(tmp_path / "box" / "cur", "1700.M1.host:2,FS", mail())
    assert (result.messages[0].flagged, result.messages[0].trash) == (True, False)


def test_a_mail_as_one_file(tmp_path: Path) -> None:
    assert imported_file(tmp_path, "a.eml", mail()).messages[0].subject == "hello"
    crlf = mail().replace(b"\n", b"\r\n")
    assert imported_file(tmp_path, "b.eml", crlf).messages[0].from_.address == DANA
    one = mail()
    apple = f"{len(one)}\n".encode() + one + b'<?xml version="1.0"?><plist>x</plist>'
    seen = imported_file(tmp_path, "c.emlx", apple).messages[0]
    assert (seen.subject, seen.size) == ("hello", len(one))


def test_only_headers_worth_keeping_are_kept_and_no_body(tmp_path: Path) -> None:
    seen = read(
        tmp_path,
        "Auto-Submitted: auto-replied",
        "X-Secret-Thing: SECRET",
        "Comments: SECRET",
        body="SECRET",
    )
    assert "SECRET" not in repr(seen)
    assert seen.headers == "auto-submitted: auto-replied"


def test_headers_in_raw_8_bit_text_and_with_folds_are_read(tmp_path: Path) -> None:
    latin = mail(subject="Gr\u00fc\u00dfe").replace("Gr\u00fc\u00dfe".encode(), b"Gr\xfc\xdfe")
    assert imported_file(tmp_path, "a.eml", latin).messages[0].subject == "Gr\u00fc\u00dfe"
    folded = mail(subject="a\n\tfolded\n  one")
    assert imported_file(tmp_path, "b.eml", folded).messages[0].subject == "a folded one"


def test_something_without_any_header_is_named_and_counted(tmp_path: Path) -> None:
    result = imported_file(tmp_path, "a.mbox", mbox(b"\nonly words\n", mail()))
    assert [problem.reason for problem in result.problems] == ["no mail header in it"]
    assert "message 1 at byte 0" in result.problems[0].place
    last = result.progress[-1]
    assert (last.messages_in, last.messages_out, last.problems) == (2, 1, 1)


ATOM = st.text("abcXYZ019-_", min_size=1, max_size=8)
ADDRESS = st.builds(
    lambda a, b, c: f"{a}@{b}.{c}", ATOM, ATOM, st.sampled_from(["example", "test"])
)
NAME = st.text("abc DEF.'\"\\,;:()<>@=?é_", max_size=14)
ENTRY = st.one_of(
    ADDRESS,
    st.builds(lambda a: f"<{a}>", ADDRESS),
    st.builds(lambda n, a: f"{n} <{a}>", NAME, ADDRESS),
    st.builds(lambda n, a: f'"{n}" <{a}>', NAME, ADDRESS),
    st.builds(lambda n, a: f"=?utf-8?q?{n}?= <{a}>", ATOM, ADDRESS),
    NAME,
)


@given(st.lists(ENTRY, max_size=4).map(", ".join))
def test_the_short_way_to_people_ends_where_the_long_one_does(text: str) -> None:
    assert header_scan.people(text) == address_lists.people(text)


@given(
    st.one_of(
        st.builds(
            "{}{} {} {} {}:{}:{} {}".format,
            st.sampled_from(["Mon, ", "", " Tue, "]),
            st.integers(0, 32),
            st.sampled_from(["Jan", "feb", "DEC", "Foo"]),
            st.sampled_from([1969, 1970, 1971, 1999, 2026, 2199, 2200, 26]),
            st.integers(0, 25).map("{:02}".format),
            st.integers(0, 61).map("{:02}".format),
            st.integers(0, 61).map("{:02}".format),
            st.sampled_from(["+0000", "-0800", "+1445", "GMT", "UTC", "EST", "", "+9999", "x"]),
        ),
        st.text(max_size=30),
    )
)
def test_the_short_way_to_a_date_ends_where_the_long_one_does(text: str) -> None:
    assert header_scan.date(text) == mail_dates.moment(text)


WORDS = st.builds(
    "=?{}?{}?{}?=".format,
    st.sampled_from(["utf-8", "UTF-8", "iso-8859-1", "nonsense"]),
    st.sampled_from(["q", "Q", "b"]),
    st.text("abcXYZ_=C3BC9F20 ?.", max_size=12),
)


@given(st.lists(st.one_of(WORDS, st.text("ab =?_é", max_size=6)), max_size=4).map(" ".join))
def test_the_short_way_to_a_subject_ends_where_the_long_one_does(text: str) -> None:
    assert header_scan.subject(text) == header_values.decoded(text)[:998]
