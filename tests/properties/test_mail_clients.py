"""May a mail program write a mail differently, and is it still the same mail?

A client orders its headers as it likes, folds them where blanks are, writes names quoted or encoded,
adds comments, and gives a date in its own zone: none of it changes a fact that is read.
"""

from __future__ import annotations

import base64
import quopri
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files.mail import mbox, message
from connectors.model.records import MessageSeen, Person
from tests.support.facts.files import ME

NAMES = [
    "",
    "Dana Kim",
    "Kim, Dana",
    "Dana Via",
    "Jürgen Groß",
    "山田 花子",
    "Ana (sales)",
    "O'Neil",
]
ADDRESSES = [ME, "dana@client.example", "emil@client.example", "x.y+z@sub.other.example"]
SUBJECTS = ["Offer", "Re: Offer for Köln", "noshow 7Q3F2K us", "見積もり", "a, b; <c> (d)", ""]
IDS = ["a1@acme.example", "x$y@client.example", "CAF+ab=c@mail.other.example"]
SIGNS = [
    ("Auto-Submitted", "auto-replied"),
    ("Return-Path", "<>"),
    ("List-Id", "<team.client.example>"),
    ("Content-Type", "multipart/report; report-type=delivery-status"),
    ("Importance", "high"),
    ("X-Failed-Recipients", "dana@client.example"),
]
people = st.builds(Person, st.sampled_from(ADDRESSES), st.sampled_from(NAMES))


@dataclass(frozen=True)
class Mail:
    """What a mail says, before any program has written it."""

    author: Person
    to: tuple[Person, ...]
    subject: str
    at: datetime
    key: str
    answers: str
    references: tuple[str, ...]
    signs: tuple[tuple[str, str], ...]


mails = st.builds(
    Mail,
    people,
    st.lists(people, max_size=4, unique_by=lambda one: one.address).map(tuple),
    st.sampled_from(SUBJECTS),
    st.integers(0, 20_000_000).map(
        lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n)
    ),
    st.sampled_from(IDS),
    st.sampled_from(["", *IDS]),
    st.lists(st.sampled_from(IDS), max_size=3, unique=True).map(tuple),
    st.lists(st.sampled_from(SIGNS), max_size=3, unique_by=lambda one: one[0]).map(tuple),
)


class Client:
    """A program with habits of its own; `draw` decides each of them anew."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def choose(self, *ways: str) -> str:
        return self.draw(st.sampled_from(ways))

    def encoded(self, text: str) -> str:
        raw = text.encode()
        q = quopri.encodestring(raw, header=True).decode().replace("?", "=3F").replace("=\n", "")
        b = base64.b64encode(raw).decode()
        return self.choose(f"=?utf-8?q?{q}?=", f"=?UTF-8?B?{b}?=", f"=?utf-8*en?b?{b}?=")

    def text(self, text: str) -> str:
        plain = text if text.isascii() else self.encoded(text)
        return self.choose(plain, self.encoded(text)) if text else ""

    def person(self, one: Person) -> str:
        if not one.name:
            return self.choose(one.address, f"<{one.address}>", f" < {one.address} > ")
        quoted = f'"{one.name}"' if one.name.isascii() else self.encoded(one.name)
        name = self.choose(quoted, self.encoded(one.name))
        return f"{name} <{one.address}>" + self.choose("", " (at work)", " ")

    def ids(self, *ids: str) -> str:
        written = self.choose(" ", "  ", " (see) ").join(f"<{one}>" for one in ids)
        return written + self.choose("", " (ours)") if ids else ""

    def date(self, at: datetime) -> str:
        local = at.astimezone(timezone(timedelta(minutes=self.draw(st.integers(-11, 13)) * 60)))
        day = self.choose("%a, %d %b %Y", "%d %b %Y")
        return local.strftime(f"{day} %H:%M:%S %z") + self.choose("", " (CET)")

    def folded(self, line: str) -> str:
        name, _, value = line.partition(":")
        words = value.strip(" ").split(" ")
        name = self.choose(name, name.lower(), name.upper())
        glue = [self.choose(" ", " ", "\n ", "\n\t") for _ in words[1:]] + [""]
        # A line that holds nothing but blanks would be no fold but the end of the header.
        glue = [" " if "\n" in one and not words[n + 1] else one for n, one in enumerate(glue)]
        return f"{name}: " + "".join(map("".join, zip(words, glue, strict=True)))

    def write(self, mail: Mail) -> bytes:
        lines = [
            f"From: {self.person(mail.author)}",
            f"Subject: {self.text(mail.subject)}",
            f"Date: {self.date(mail.at)}",
            f"Message-ID: {self.ids(mail.key)}",
            *(f"{name}: {value}" for name, value in mail.signs),
        ]
        if mail.to:
            lines.append("To: " + self.choose(", ", ",", " , ").join(map(self.person, mail.to)))
        if mail.answers:
            lines.append(f"In-Reply-To: {self.ids(mail.answers)}")
        if mail.references:
            lines.append(f"References: {self.ids(*mail.references)}")
        lines = self.draw(st.permutations([self.folded(one) for one in lines]))
        end = self.choose("\n", "\r\n")
        return ("\n".join([*lines, "", "words", ""])).replace("\n", end).encode()


def read(data: bytes) -> MessageSeen:
    problems: list[object] = []
    context = message.Context("box", frozenset([ME]), UTC)
    found, acts = message.read(mbox.one(data), context, problems.append)
    assert found is not None
    assert not problems
    assert not acts
    return replace(found, size=0)


@settings(max_examples=80, deadline=None)
@given(st.data(), mails)
def test_no_program_changes_what_a_mail_says(data: st.DataObject, mail: Mail) -> None:
    clients = [Client(data.draw) for _ in range(2)]
    first, second = (read(one.write(mail)) for one in clients)
    assert first == second
    assert first.from_.address == mail.author.address.replace("+z", "")
    assert first.from_.name == mail.author.name
    assert first.subject == " ".join(mail.subject.split())
    assert first.dated_at == int(mail.at.timestamp()) * 1_000_000
    assert first.message_key == mail.key
    assert first.in_reply_to == mail.answers
    assert first.references[: len(mail.references)] == mail.references
    assert len(first.to) == len(mail.to)
