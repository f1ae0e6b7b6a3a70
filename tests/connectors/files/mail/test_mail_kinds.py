"""Is a silence told rightly, whatever the mail looks like that may end it? From the file to the rule.

Dana wrote in July; we asked on 5, 13 and 27 October; a newsletter of 22 November closes the file. By
itself that is T3. Each case adds one mail as programs really write them, or writes ours differently;
it has a Dana of its own, at client7.example, say, so that one import tells of them all.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from config import phrasing
from config.clock import Clock
from config.ours import Ours
from config.policy import Policy
from connectors.files.importing import import_files
from connectors.files.problems import Problem
from connectors.store.store import Store
from reports.schemas import Findings
from tests.support.facts.asked import detect
from tests.support.facts.files import DANA, HORIZON, ME, mail, mbox

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
OURS = Ours(
    mailboxes=MappingProxyType({ME: ME}), domains=frozenset({"acme.example"}), zone="Europe/Berlin"
)
HOP = "Received: from mx by mail.acme.example with ESMTP; {}"
ARRIVED = "Tue, 10 Nov 2026 09:00:00 +0000"
RE = "In-Reply-To: <a0@acme.example>"


def came(
    *headers: str, date: str = ARRIVED, key: str = "<answer@client.example>", **more: str
) -> bytes:
    """What arrived on 10 November, answering our first question unless it says otherwise."""
    hop = more.pop("hop", ARRIVED)
    named = () if any("In-Reply-To" in one for one in headers) else (RE,)
    lines = [*([HOP.format(hop)] if hop else []), *named, *headers]
    return mail(*lines, date=date, key=key, subject=more.pop("subject", "Re: Proposal"), **more)


def ours(day: str, number: int, *headers: str, **more: str) -> bytes:
    date, key = f"{day} 2026 09:00:00 +0000", f"<a{number}@acme.example>"
    given = {"sender": ME, "to": DANA, "subject": "Proposal", "date": date, "key": key} | more
    return mail(*headers, **given)


def hello() -> list[bytes]:
    july = "Wed, 01 Jul 2026 09:00:00 +0000"
    first = came("In-Reply-To:", date=july, hop=july, key="<d0@client.example>", subject="Hello")
    back = ours("Thu, 02 Jul", 9, "In-Reply-To: <d0@client.example>", subject="Re: Hello")
    return [first, back]


def asked() -> list[bytes]:
    return [
        ours("Mon, 05 Oct", 0),
        ours("Tue, 13 Oct", 1, RE, subject="Re: Proposal"),
        ours("Tue, 27 Oct", 2, RE, subject="Re: Proposal"),
    ]


def news(day: str = "Sun, 22 Nov 2026 20:00:00 +0000") -> bytes:
    sender = "News <news@lists.example>"
    return mail(HOP.format(day), "List-Id: <n.lists.example>", sender=sender, date=day, key="<n@x>")


def told(folder: Path, files: dict[str, bytes]) -> tuple[Findings, list[Problem]]:
    """What is found as of 28 November in an import of these files."""
    problems: list[Problem] = []
    for name, data in files.items():
        path = folder / "mail" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    clock = Clock(now_=lambda: NOW)
    with Store.open(f"sqlite:///{folder / 'store.db'}", clock) as store:
        box = store.mailboxes.ensure(ME, "files", "Europe/Berlin")
        import_files(
            store, box, [folder / "mail"], me=(ME,), zone="Europe/Berlin", horizon=HORIZON,
            problems=problems.append,
        )  # fmt: skip
        frames = store.frames(store.now())
    found = detect(frames, OURS, Policy(), phrasing.load(), pd.Timestamp(NOW))
    return found, problems


@dataclass(frozen=True)
class Case:
    """What is told of Dana where `added` arrived, kept in `answer_in`, and we wrote `asks`, in `folder`."""

    rule: str
    added: tuple[bytes, ...] = ()
    asks: tuple[bytes, ...] = ()
    folder: str = ""
    apart: bool = False
    answer_in: str = "all.mbox"


def answer(rule: str, *headers: str, **more: str) -> Case:
    return Case(rule, (came(*headers, **more),))


def unlinked(rule: str, *headers: str, **more: str) -> Case:
    """A mail of 10 November that names none of ours, by its headers and its subject."""
    return answer(rule, "In-Reply-To:", *headers, **{"subject": "A note", **more})


WAYS = {"in answer": answer, "by itself": unlinked}
LIST = "List-Id: <project.lists.example>\nList-Post: <mailto:project@lists.example>"
TAKEOUT = b"X-GM-THRID: 17\nX-Gmail-Labels: Inbox,%s\n"
BEFORE = "Fri, 02 Oct 2026 09:00:00 +0000"
UNTYPED, TYPED = "Content-Type: multipart/report; boundary=x", "Content-Type: multipart/report; report-type=delivery-status"  # fmt: skip
BY_DANA = "Dana <dana@client.example>"


def status(*fields: str, returned: str = "") -> str:
    """The parts of a delivery report; `returned`: the Message-ID of the mail that came back."""
    lines = [
        "--x", "Content-Type: text/plain", "", "It could not be delivered.", "", "--x",
        "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.client.example", "",
        *fields, "", "--x", "Content-Type: text/rfc822-headers", "", "From: x@acme.example",
        *([f"Message-ID: {returned}"] if returned else []), "Subject: x", "", "--x--",
    ]  # fmt: skip
    return "\n".join(lines)


def undelivered(rule: str, *fields: str, kind: str = TYPED, returned: str = "") -> Case:
    """A report that names neither an address nor a mail in its own headers, as Postfix writes them."""
    subject = "Undelivered Mail Returned to Sender"
    body, sender = status(*fields, returned=returned), "MAILER-DAEMON@mx.relay.example"
    return answer(rule, kind, "In-Reply-To:", sender=sender, subject=subject, body=body)


DAEMON, TO_DANA = "MAILER-DAEMON@mx.client.example", "Final-Recipient: rfc822; dana@client.example"
DAYS = ["Mon, 05 Oct", "Tue, 13 Oct", "Tue, 27 Oct"]


def ours_each(*headers: str, **more: str) -> tuple[bytes, ...]:
    return tuple(
        ours(day, n, *((RE,) if n else ()), *headers, **more) for n, day in enumerate(DAYS)
    )


CASES: dict[str, Case] = {
    "three questions and no answer": Case("T3"),
    # A colleague is heard however the mail is named that they answer.
    **{
        f"a colleague answers {header!r}": answer("", header, sender="Emil <emil@client.example>")
        for header in (
            RE,
            "In-Reply-To: =?utf-8?q?=3Ca0=40acme=2Eexample=3E?=",
            "In-Reply-To: <a0@acme.example> (our mail of Monday)",
            "In-Reply-To: (a comment) <a0@acme.example>",
            "In-Reply-To: <ticket-7@desk.client.example> <a0@acme.example>",
            "In-Reply-To: Message of Monday\n <a0@\n acme.example>",
            "In-Reply-To: a0@acme.example",
            "In-Reply-To:\nReferences: <x@y.example>\n <a0@acme.example>",
        )
    },
    **{
        f"a colleague answers {' and '.join(headers)!r}": answer("", *headers, sender="Emil <emil@client.example>")
        for headers in (
            ("In-Reply-To: <x@y.example>", "In-Reply-To: <a0@acme.example>"),
            ("In-Reply-To:", "References: <x@y.example> a0@acme.example"),
            ("In-Reply-To: [a0@acme.example]",),
            ("In-Reply-To: «a0@acme.example»",),
            ("In-Reply-To: <\u200ba0@acme.example\u200b>",),
        )
    },
    # ... and however our own mail calls itself.
    **{
        f"our own id is {own!r}": Case(
            "", (came(sender="emil@client.example"),), (ours(DAYS[0], 0, key=own), *asked()[1:])
        )
        for own in ("<a0@acme.example> (ours)", "a0@acme.example", "< a0@acme.example >")
    },
    # Who wrote is read however it is written.
    **{
        f"From is {sender!r}": answer("", sender=sender)
        for sender in (
            "=?utf-8?q?Dana_Kim_=3Cdana=40client=2Eexample=3E?=",
            "=?utf-8?b?{b64}?=",
            '"Kim, Dana" <dana@client.example>',
            "Dana Kim (sales <dana@client.example>",
            'Dana "Dee Kim <dana@client.example>',
            "Dana Kim <mailto:dana@client.example>",
            "Dana Via <dana@client.example>",
            "Dana <DANA@Client.Example>",
            "dana@client.example (Dana Kim)",
            "Dana Kim <dana@client.example",
            "Dana Kim &lt;dana@client.example&gt;",
            "Dana <\u202adana@client.example\u202c>",
            "Dana {dana@client.example}",
            "Dana <dana%40client.example>",
            'Dana <"dana"@client.example>',
            'Dana <"dana@client.example">',
            "Dana Kim (dana@client.example)",
            "=?utf-8?q?Dana_?= =?utf-8?q?=3Cdana=40client=2Eexample=3E?=",
            '"dana@client.example" <<dana@client.example>>',
        )
    },
    # An answer at an unknown time, or at one that cannot be, makes the silence unknown.
    **{
        f"its date is {written!r}": answer("unknown undated-answer", date=written, hop="")
        for written in (
            "10. November 2026",
            "",
            "2026-11-10T09:00:00",
            "Tue, 10 Nov 2026 24:00:00 +0000",
            "Thu, 01 Jan 1970 00:00:00 +0000",
            "Mon, 10 Nov 2036 09:00:00 +0000",
        )
    },
    **{
        f"its date is written as {written!r}": answer("", date=written, hop="")
        for written in (
            "Tue, 10 Nov 2026 09:00:00.123 +0000",
            "=?utf-8?q?Tue=2C_10_Nov_2026_09=3A00=3A00_+0000?=",
            "Tuesday, 10-Nov-26 09:00:00 GMT",
            "Tue, 10 Nov 2026 09.00.00 +0000",
        )
    },
    **{
        f"its clock says {date}": answer("unknown misdated-answer", date=date, hop="")
        for date in (
            "Fri, 02 Oct 2026 09:00:00 +0000", "Mon, 01 Jun 2026 09:00:00 +0000",
            # In the zone of another country, or by minutes.
            "Mon, 05 Oct 2026 02:00:00 +0000", "Mon, 05 Oct 2026 08:59:00 +0000",
        )
    },
    **{
        f"its clock is behind, {header!r} by {sender}": answer("unknown misdated-answer", header, sender=sender, date=BEFORE, hop="")
        for header, sender in (
            ("In-Reply-To:\nReferences: <a0@acme.example>", DANA),
            (RE, "emil@client.example"), (RE, "dana.kim@newgroup.example"),
        )
    },
    "a program's clock is behind": answer(
        "unknown generated-answer", "Auto-Submitted: auto-generated", sender="desk@client.example", date=BEFORE, hop=""
    ),
    "a colleague names her and has no date": unlinked(
        "unknown undated-answer", "Cc: dana@client.example", sender="emil@client.example", date="", hop=""
    ),
    # A report of success, relay, expansion or delay counts for nothing; one of failure does.
    "delivered": answer("T3", TYPED, sender="MAILER-DAEMON@mx.client.example", subject="Successful Mail Delivery Report"),
    "relayed": answer("T3", TYPED, sender="postmaster@client.example", subject="Relayed: Proposal"),
    "delayed": answer("T3", UNTYPED, sender="MAILER-DAEMON <>", subject="Delivery Status Notification (Delay)"),
    "it does not say": answer("unknown unclear-report", UNTYPED, sender="MAILER-DAEMON <>", subject="Report"),
    **{
        f"a report that says {subject!r}": answer("T3", TYPED, sender="MAILER-DAEMON@mx.client.example", subject=subject)
        for subject in (
            "Delivery Status Notification (Relayed)", "Your message was delivered", "Delivery receipt: Proposal",
            "Consegnato: Proposal", "Doručeno: Proposal", "Παραδόθηκε: Proposal", "[EXT] Delivered: Proposal", "Delivered : Proposal",
        )
    },
    "failed": answer("T5", "X-Failed-Recipients: dana@client.example", sender="MAILER-DAEMON <>", subject="Report"),
    # Most servers name what failed in a part that is for machines.
    "failed, in its part": undelivered("T5", "Final-Recipient: rfc822; dana@client.example", "Action: failed"),
    "failed, in its folded part": undelivered("T5", "final-recipient: RFC822;\n DANA@client.example", "ACTION: Failed (5.1.1)"),
    "failed under the address that we wrote to": undelivered(
        "T5", "Original-Recipient: rfc822; dana@client.example", "Final-Recipient: rfc822; d7@mailhost.example", "Action: failed"
    ),
    "the mail that came back": undelivered(
        "T5", "Final-Recipient: rfc822; d7@mailhost.example", "Action: failed", returned="<a2@acme.example>"
    ),
    "somebody else failed": undelivered("T3", "Final-Recipient: rfc822; emil@client.example", "Action: failed"),
    "delayed, in its part": undelivered(
        "T3", "Final-Recipient: rfc822; dana@client.example", "Action: delayed", returned="<a2@acme.example>"
    ),
    # ... or that nothing did, whatever the subject says; who was reached is not gone where another failed.
    **{
        f"{action}, in its part, under {subject!r}": answer("T3", TYPED, sender=DAEMON, subject=subject, body=status(TO_DANA, f"Action: {action}"))
        for action in ("delivered", "relayed", "expanded", "delayed")
        for subject in ("Report", "Undelivered Mail Returned to Sender")
    },
    "she was reached, another failed": undelivered(
        "T3", TO_DANA, "Action: relayed", "", "Final-Recipient: rfc822; z@client.example", "Action: failed", returned="<a2@acme.example>"
    ),
    # A program of theirs that refuses what we sent is no server.
    "a program of theirs refuses": answer("unknown unclear-report", "Auto-Submitted: auto-generated", sender=BY_DANA, subject="Rejected: Proposal"),
    **{
        f"their help desk writes under {subject!r}": unlinked(rule, "Auto-Submitted: auto-generated", sender="support@client.example", subject=subject)
        for subject, rule in (("[#77] Re: Proposal", "unknown generated-answer"), ("Your invoice", "T3"))
    },
    # ... or in a text alone (test_delivery_report.py has more of these).
    "failed, in a text": undelivered("T5", TO_DANA, "Action: failed", kind="Content-Type: text/plain"),
    # What a program wrote is no answer, and no word that there is none.
    "a help desk": answer("unknown generated-answer", "Auto-Submitted: auto-generated", sender=BY_DANA),
    # Nor is what a service has sent in answer to us, whoever pressed Reply in it.
    **{
        f"{sender!r} answers": answer("unknown generated-answer", *signs, sender=sender)
        for sender in (
            "Dana Kim via Front <reply-7@front.example>", "Dana Kim (via a board) <no-reply@board.example>",
            "Dana Kim <notifications@board.example>", "Dana via Sales <sales@other.example>",
        )
        for signs in [("List-Unsubscribe: <mailto:off@x.example>",)]
    },
    "a service's answering machine": answer("T3", "Auto-Submitted: auto-replied", sender="Desk <no-reply@board.example>"),
    "a service that answers nothing": answer("T3", "In-Reply-To:", sender="Dana Kim <notifications@board.example>"),
    # Nor is what a part of Exchange has let pass, or an answer that went to a list alone.
    **{
        f"{agent} let it pass, {how}": told_by("unknown generated-answer", f"X-MS-Exchange-Generated-Message-Source: {agent}", sender=BY_DANA)
        for agent in ("Transport Rules Agent", "Antispam Quarantine Agent")
        for how, told_by in WAYS.items()
    },
    "she writes by a name with a via": unlinked("unknown generated-answer", sender='"DK (via mobile)" <dana@client.example>'),
    "a list without a return path": unlinked("unknown generated-answer", "Return-Path: <>", "Precedence: bulk"),
    "she answers to a list alone": answer("unknown bulk-answer", LIST, sender=BY_DANA, to="project@lists.client.example"),
    **{
        f"a list writes her as {sender!r}": unlinked("unknown bulk-answer", LIST, *more, sender=sender, to="project@lists.example")
        for sender, more in (
            ("Dana Kim über liste <liste@lists.example>", ["Reply-To: dana@client.example"]),
            ("Dana Kim vía lista <lista@lists.example>", ["Reply-To: dana@client.example"]),
            ("Dana Kim via groups <dana=client.example@groups.example>", []),
            ("Dana Kim <dana=40client.example@dmarc.lists.example>", []),
        )
    },
    # A rule that sends a person's mail on leaves it the person's.
    "a rule's own word": unlinked("", "Auto-Submitted: auto-forwarded", sender=BY_DANA),
    "redirected": answer("", "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", sender=BY_DANA),
    "forwarded": answer("", "X-MS-Exchange-Inbox-Rules-Loop: dana@client.example", sender=BY_DANA),
    "an address that nobody knows": answer("unknown thread-answer dana.kim@newgroup.example", sender="dana.kim@newgroup.example"),
    # A service in her name is a machine.
    "a shared document": answer("T3", "In-Reply-To:", "Reply-To: dana@client.example", sender='"Dana Kim (via Docs)" <shares-noreply@docs.example>'),
    "something to sign": answer("T3", "In-Reply-To:", "Reply-To: dana@client.example", sender="Dana Kim via an e-sign tool <post@esign.example>"),
    "a failed sender check": answer("unknown sender-check", "Authentication-Results: mx.acme.example; dmarc=fail", sender=BY_DANA),
    "a sender check": answer("", "Authentication-Results: mx.acme.example; dmarc=pass", sender=BY_DANA),
    # Two mails with one Message-ID are both read.
    **{
        f"one id twice, first by {author}": Case(
            "",
            (
                came("In-Reply-To:", sender=author, key="<same@x.example>", date="Thu, 01 Oct 2026 09:00:00 +0000", hop=""),
                came(key="<same@x.example>"),
            ),
        )
        for author in ("news@lists.example", BY_DANA)
    },
    **{
        f"six people, {how.format('dana@client.example')!r}": Case(
            "", asks=ours_each(to=", ".join(how.format(one) for one in ("dana@client.example", *(f"p{n}@firm.example" for n in range(5)))))
        )
        for how in ("P &lt;{}&gt;", "P {{{}}}", "P <\u202a{}\u202c>", "P Q {}>", "P Q ({})", 'P <"{}">')
    },
    **{
        f"she alone, {to!r}": Case("T3", asks=ours_each(to=to))
        for to in ("Dana &lt;dana@client.example&gt;", "{dana@client.example}", "\u202adana@client.example\u202c")
    },
    "six people and an open parenthesis": Case(
        "", asks=ours_each(to="Dana (sales <dana@client.example>, " + ", ".join(f"P <p{n}@client.example>" for n in range(5)))
    ),
    # What arrived was not sent by us, whichever folder it is kept in.
    **{
        f"her answer lies in {folder}": Case("", added=(came(sender=BY_DANA),), answer_in=folder)
        for folder in ("Sent", "Gesendete Objekte", "Drafts", "Vorlagen", "Trash")
    },
    # ... though no server's line stands in it, or a label of the user's own is called like a folder.
    **{
        f"her answer without a hop lies in {folder}": Case("", added=(came(sender=BY_DANA, hop=""),), answer_in=folder)
        for folder in ("Sent", "Drafts", "Templates")
    },
    **{
        f"her answer has the label {label}": Case("", added=(TAKEOUT % label.encode() + came(sender=BY_DANA),))
        for label in ("Vorlagen", "Queue", "Maler", "Chat", "Outbox", "Scheduled")
    },
    # What was never sent asks nobody.
    **{
        f"never sent: {mark}": Case("", asks=ours_each(mark), apart=True)
        for mark in (
            "X-Unsent: 1", "X-Mozilla-Draft-Info: internal/draft; vcard=0", "X-Mutt-Fcc: =sent", "X-Claws-End-Special-Headers: 1",
        )
    },
    **{
        f"in the folder {folder}": Case(rule, asks=ours_each(), folder=folder)
        for folder, rule in (
            ("Outbox", ""), ("Unsent Messages", ""), ("Vorlagen", ""), ("Boîte d'envoi", ""), ("Sent", "T3"),
            ("Entwürfe (Nur dieser Computer)", ""), ("Drafts_old", ""), ("Entw%C3%BCrfe", ""), ("Entw├╝rfe", ""),
            ("EntwÃ¼rfe", ""), ("Scheduled", ""), ("Geplant", ""), ("Sent (This computer only)", "T3"), ("Sent-old", "T3"),
        )
    },
}  # fmt: skip


def numbered(data: bytes, number: int) -> bytes:
    """The mail of this number's Dana: addresses, ids and subjects are its own."""
    n = b"%d" % number
    data = re.sub(rb"(?i)(?<![a-z])(client)(=2E|\.)(example)", rb"\g<1>%s\2\3" % n, data)
    data = re.sub(rb"(?<![a-z])(a\d|d0|same|answer|ticket-7)(@|=40)", rb"\g<1>.%s\2" % n, data)
    data = re.sub(rb"\b(Proposal|Hello)\b", rb"\g<1> %s" % n, data)
    return data.replace(b"{b64}", base64.b64encode(b"Dana <dana@client%s.example>" % n))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What one import of all cases tells."""
    files: dict[str, list[bytes]] = {"all.mbox": [news()]}
    for number, case in enumerate(CASES.values()):
        asks = case.asks or tuple(asked())
        names = [
            f"{number}-{n}.eml" if case.apart else case.folder or "all.mbox"
            for n in range(len(asks))
        ]
        for name, one in [
            *zip(names, asks, strict=True),
            *(("all.mbox", one) for one in hello()),
            *((case.answer_in, one) for one in case.added),
        ]:
            files.setdefault(name, []).append(numbered(one, number))
    folder = tmp_path_factory.mktemp("kinds")
    written = {
        name: mbox(*some) if not name.endswith(".eml") else some[0] for name, some in files.items()
    }
    findings, problems = told(folder, written)
    undated = [one for one in CASES.values() if one.rule == "unknown undated-answer"]
    assert len([one for one in problems if "Date" in one.reason]) == len(undated)
    return findings


def silence(found: Findings, contact: str) -> str:
    """The rule of a contact's silence with its reason; "" where there is none."""
    rows = found.silences[found.silences["contact"] == contact]
    return " ".join(f"{row.rule} {row.why}".strip() for row in rows.itertuples())


@pytest.mark.parametrize("name", CASES)
def test_the_silence_is_told_as_it_is(found: Findings, name: str) -> None:
    number = list(CASES).index(name)
    assert silence(found, f"dana@client{number}.example") == CASES[name].rule


def test_a_service_in_somebodys_name_leaves_no_debt(found: Findings) -> None:
    assert not {"shares-noreply@docs.example", "post@esign.example"} & set(found.owed["contact"])


def test_one_mail_from_the_future_does_not_stretch_an_export(tmp_path: Path) -> None:
    later = came("In-Reply-To:", sender="x@lists.example", date="Mon, 10 Nov 2031 09:00:00 +0000", hop="")  # fmt: skip
    closing = news("Thu, 29 Oct 2026 08:00:00 +0000")
    findings, problems = told(tmp_path, {"all.mbox": mbox(*hello(), *asked(), closing, later)})
    # Of the last question nothing is known after 29 October.
    assert silence(findings, DANA) == "T2+"
    assert [one for one in problems if "Date" in one.reason]
