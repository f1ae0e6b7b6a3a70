"""Is it heeded what a mail server says in no more than a text (qmail, Yahoo, GMX, Zoho, Amazon WorkMail)?

Dana was asked on 5, 13 and 27 October, the last time at 9:00. Each case adds a server's word of 9:01: one
that names nobody puts in doubt whatever had gone out just before, so each is told in a store of its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files.mail import delivery_report, header_scan
from tests.connectors.files.mail.test_mail_kinds import (
    DANA,
    asked,
    came,
    hello,
    news,
    ours,
    silence,
    told,
)
from tests.support.facts.files import mbox

AT, LATER = "Tue, 27 Oct 2026 09:01:00 +0000", "Tue, 27 Oct 2026 13:00:00 +0000"
COPY = "--- Below this line is a copy of the message."
UNCLEAR = "unknown unclear-report"


def refusal(*lines: str, subject: str = "failure notice", at: str = AT, **more: str) -> bytes:
    """A server's text about a mail that came back."""
    signs = ["In-Reply-To:", "Return-Path: <>", "Content-Type: text/plain"]
    told = {"sender": "MAILER-DAEMON@mx.relay.example", "to": "me@acme.example"} | more
    return came(*signs, subject=subject, date=at, hop=at, body="\n".join(lines), **told)


REFUSALS = {
    # The mail that came back went to her alone.
    "whole": (
        "T5",
        refusal("<d7@x.example>:", "550", "", COPY, "", "Message-ID: <a2@acme.example>"),
    ),
    "on a line of its own": ("T5", refusal("message-id:", "  <a2@acme.example>")),
    "quoted": ("T5", refusal("> From: Me <me@acme.example>", "> Message-Id: <a2@acme.example>")),
    "as a part": (
        "T5",
        refusal(
            "--x", "Content-Type: message/rfc822", "", "Message-ID: <a2@acme.example>", "--x--"
        ),
    ),
    # One address, and whose report it is.
    "an address": ("T5", refusal("554 <dana@client.example>... User unknown")),
    "an address and ours": ("T5", refusal("From: <me@acme.example>", "To: <DANA@client.example>")),
    # Which of two it is, or which mail, it does not say.
    "two addresses": (UNCLEAR, refusal("<dana@client.example>: no", "<emil@client.example>: yes")),
    "nobody": (UNCLEAR, refusal("Your message was refused.")),
    "in words that we do not know": (UNCLEAR, refusal("Xyzzy.", subject="Xyzzy")),
    "by no address": (UNCLEAR, refusal("It was refused.", sender="<>")),
    # What is about others, or about nothing, says nothing of her.
    "somebody else": ("T3", refusal("<zoe@other.example>: no such user")),
    "another mail, hours later": ("T3", refusal("Message-ID: <z@acme.example>", at=LATER)),
    "nobody, hours later": ("T3", refusal("Your message was refused.", at=LATER)),
    "it takes longer": (
        "T3",
        refusal("Tried again.", subject="Delivery status notification: delayed"),
    ),
    "it arrived, and names her": (
        "T3",
        refusal("<dana@client.example>: ok", subject="Delivered: Proposal"),
    ),
    "it takes longer, and names her": (
        "T3",
        refusal("<dana@client.example>: later", subject="Warning: delivery delayed"),
    ),
    "it arrived": ("T3", refusal("It did.", subject="Delivered: Proposal")),
}


def of(folder: Path, *mails: bytes) -> str:
    findings, _ = told(folder, {"all.mbox": mbox(*hello(), *mails, news())})
    return silence(findings, DANA)


@pytest.mark.parametrize("name", REFUSALS)
def test_a_servers_text_says_what_came_back(tmp_path: Path, name: str) -> None:
    rule, refused = REFUSALS[name]
    assert of(tmp_path, *asked(), refused) == rule


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (["Message-ID: <a2@acme.example>"], UNCLEAR),
        (["<emil@client.example>: no such user", "Message-ID: <a2@acme.example>"], UNCLEAR),
    ],
)
def test_of_a_mail_to_two_it_may_have_been_either(
    tmp_path: Path, lines: list[str], rule: str
) -> None:
    """We asked her again, with Emil in copy; hours later the server sends that mail back."""
    *before, _ = asked()
    re = "In-Reply-To: <a0@acme.example>"
    last = ours("Tue, 27 Oct", 2, re, "Cc: emil@client.example", subject="Re: Proposal")
    assert of(tmp_path, *before, last) == "T3"
    assert of(tmp_path / "x", *before, last, refusal(*lines, at=LATER)) == rule


def test_what_a_person_quotes_is_no_report() -> None:
    fields = header_scan.scan(
        b"From: Dana <dana@client.example>\nReturn-Path: <dana@client.example>\n"
    )
    assert not delivery_report.is_one(fields)
    for sign in (b"Return-Path: <>", b"From: Mailer-Daemon <>", b"From: PostMaster@x.example"):
        assert delivery_report.is_one(header_scan.scan(sign + b"\n"))
    assert not delivery_report.is_one(header_scan.scan(b"From: postmasters@x.example\n"))


def test_who_is_away_and_names_who_is_there_says_of_nobody_that_mail_fails(tmp_path: Path) -> None:
    """Emil sends with an empty return path, as servers do, and names Dana, whom we had written to."""
    away = refusal(
        "I am away. Please ask dana@client.example.",
        subject="Automatic reply: Proposal",
        sender="Emil <emil@client.example>",
    )
    assert of(tmp_path, *asked(), away) == "T3"


def test_with_one_of_ours_in_copy_it_went_to_her_alone(tmp_path: Path) -> None:
    *before, _ = asked()
    re = "In-Reply-To: <a0@acme.example>"
    last = ours("Tue, 27 Oct", 2, re, "Cc: ben@acme.example", subject="Re: Proposal")
    back = refusal("Message-ID: <a2@acme.example>", at=LATER)
    assert of(tmp_path, *before, last, back) == "T5"
