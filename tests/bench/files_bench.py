"""How fast and how lean is the reading of files, beside Python's own `mailbox` and `grep`?

`run()` gives (name, value, unit, note) rows. Every figure is taken in a process of its own, so
that one reader's memory is not another's. The speeds are messages a second of the processor's own
time (user and system), so that what else the machine does counts for nothing; their ratios are of
runs side by side on the same file, and an import of ours is kept to one process, as the others are.
The rows "all cores" are by the clock: an import as it is, beside the same one kept to one process.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tests.bench.run import Row, table, worked

_HEADER = """From {id}@xxx {day:%a %b %d %H:%M:%S} +0000 {day:%Y}
X-GM-THRID: {id}
X-Gmail-Labels: {labels}
Delivered-To: me@acme.example
Received: by 2002:a05:6402:3c8:b0:5c5:c2a7:c6a1 with SMTP id g8csp1234567edv;
        {day:%a, %d %b %Y %H:%M:%S} -0800 (PST)
X-Received: by 2002:a17:906:c10c:b0:a9a:1b32:5aa8 with SMTP id
 a640c23a62f3a-a9e2b6f1e7amr123456b.1.1731000000000;
ARC-Seal: i=1; a=rsa-sha256; t=1731000000; cv=none; d=relay.example; s=arc-20240605;
        b=H0v4cPq1bG0m9J0f1w8yQ6i7V2kq5xwqTQmI0aV7m3bF1uYw8k5yJrZ7xw9S0LkP1d
         Zb6w==
ARC-Authentication-Results: i=1; mx.relay.example;
       dkim=pass header.i=@client{who}.example header.s=sel header.b=abcd1234;
       spf=pass (relay.example: domain of dana@client{who}.example designates 192.0.2.1)
Return-Path: <dana@client{who}.example>
Received: from mail.client{who}.example (mail.client{who}.example. [192.0.2.1])
        by mx.relay.example with ESMTPS id a640c23a62f3a-a9ee0db4be9si123456b.1
        for <me@acme.example>
        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);
        {day:%a, %d %b %Y %H:%M:%S} -0800 (PST)
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=client{who}.example; s=sel;
        h=from:to:subject:date:message-id:in-reply-to:references; bh=47DEQpj8HBSa=;
        b=Qm5tZ3JzYnZ4a2p3cXJ0eXVpb3Bhc2RmZ2hqa2x6eGN2Ym5t==
MIME-Version: 1.0
From: "Dana Kim {who}" <dana@client{who}.example>
To: Me Myself <me@acme.example>, colleague{who}@acme.example
Cc: Sam <sam@client{who}.example>
Subject: =?UTF-8?Q?Re:_Gr=C3=BC=C3=9Fe_Nr._{number}?=
Date: {day:%a, %d %b %Y %H:%M:%S} +0000
Message-ID: <{number}.{who}@client{who}.example>
In-Reply-To: <{before}.1@acme.example>
References: <{before}.0@acme.example>
 <{before}.1@acme.example>
"""
_PLAIN = """Content-Type: text/plain; charset=utf-8

{body}
"""
_CALENDAR = """Content-Type: multipart/alternative; boundary=b1

--b1
Content-Type: text/plain

{body}
--b1
Content-Type: text/calendar; charset=utf-8; method=REPLY

BEGIN:VCALENDAR
METHOD:REPLY
BEGIN:VEVENT
UID:{number}@acme.example
DTSTAMP:20261123T070000Z
DTSTART:20261201T090000Z
DTEND:20261201T093000Z
ORGANIZER:mailto:me@acme.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:dana@client{who}.example
END:VEVENT
END:VCALENDAR
--b1--
"""
_LINE = "A line of a body, as long as lines of bodies are, and of no interest to anyone at all.\n"
_FIRST = datetime(2024, 11, 23, 7, tzinfo=UTC)
_LABELS = ["Inbox,Opened,Important", "Sent", "Archived,Opened,Clients", "Spam"]


def write_mbox(path: Path, messages: int, body_lines: int) -> None:
    """A Takeout-like mbox: 34 header lines a message, one a minute, every fiftieth with a calendar part."""
    body = _LINE * body_lines
    with path.open("w", encoding="ascii", newline="\n") as stream:
        for number in range(messages):
            values = {
                "id": 1_800_000_000_000_000_000 + number,
                "who": number % 997,
                "number": number,
                "before": max(0, number - 3),
                "day": _FIRST + timedelta(minutes=number),
                "labels": _LABELS[number % 4],
                "body": body,
            }
            stream.write(_HEADER.format(**values))
            stream.write((_PLAIN if number % 50 else _CALENDAR).format(**values))
            stream.write("\n")


def read_ours(path: str) -> int:
    """Everything that an import does with a mailbox file, up to the store."""
    from config.hired import without_collector
    from connectors.files.problems import Problem
    from connectors.files.reader import read
    from connectors.interfaces import Window

    problems: list[Problem] = []
    count = 0
    horizon = Window(1_700_000_000_000_000, 1_900_000_000_000_000)
    pages = read(
        [path], me=("me@acme.example",), zone="UTC", horizon=horizon, problems=problems.append
    )
    with without_collector():
        for page in pages:
            count += len(page.messages)
    if problems:
        raise RuntimeError(problems[0].reason)
    return count


def read_into_store(path: str) -> int:
    """The whole import, with a new store beside the file; the mails that the store counts."""
    from config.clock import Clock
    from connectors.files.importing import import_files
    from connectors.files.problems import Problem
    from connectors.interfaces import Window
    from connectors.store.store import Store

    problems: list[Problem] = []
    with (
        tempfile.TemporaryDirectory(dir=Path(path).parent) as folder,
        Store.open(f"sqlite:///{folder}/store.db", Clock()) as store,
    ):
        box = store.mailboxes.ensure("me@acme.example", "files", "UTC")
        import_files(
            store,
            box,
            [path],
            me=("me@acme.example",),
            zone="UTC",
            horizon=Window(1_700_000_000_000_000, 1_900_000_000_000_000),
            problems=problems.append,
        )
        if problems:
            raise RuntimeError(problems[0].reason)
        return store.pending.counts(box).stored


def _kept_to_one(reader: Callable[[str], int]) -> Callable[[str], int]:
    """The reader in one process, whatever the number of cores."""

    def alone(path: str) -> int:
        from connectors.files.mail import side_by_side

        cores, side_by_side.cores = side_by_side.cores, lambda: 1
        try:
            return reader(path)
        finally:
            side_by_side.cores = cores

    return alone


def read_mailbox(path: str) -> int:
    """Python's `mailbox`: the same messages, the same headers looked up, nothing made of them."""
    import mailbox

    names = ["From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"]
    count = 0
    box = mailbox.mbox(path, create=False)
    try:
        for message in box:
            for name in names:
                message[name]
            count += 1
    finally:
        box.close()
    return count


def read_mailbox_facts(path: str) -> int:
    """Python's `mailbox`, and of its headers what an import needs: people, moment, subject."""
    import mailbox
    from email.header import decode_header, make_header
    from email.utils import getaddresses, parsedate_to_datetime

    count = 0
    box = mailbox.mbox(path, create=False)
    try:
        for message in box:
            for name in ("From", "To", "Cc"):
                getaddresses(message.get_all(name, []))
            str(make_header(decode_header(message["Subject"])))
            parsedate_to_datetime(message["Date"])
            for name in ("Message-ID", "In-Reply-To", "References", "Received"):
                message.get_all(name)
            count += 1
    finally:
        box.close()
    return count


def read_grep(path: str) -> int:
    return int(
        subprocess.run(["grep", "-c", "^From ", path], capture_output=True, check=True).stdout
    )


_READERS: dict[str, Callable[[str], int]] = {
    "ours": _kept_to_one(read_ours),
    "mailbox": read_mailbox,
    "mailbox, facts": read_mailbox_facts,
    "grep": read_grep,
    "store": _kept_to_one(read_into_store),
    "ours, all cores": read_ours,
    "store, all cores": read_into_store,
}
#: Imported before the clock starts: what is compared is the reading.
_READING = ("connectors.files.reader",)
_STORING = ("connectors.files.importing", "connectors.store.store")
_MODULES = {
    "ours": _READING,
    "mailbox": ("mailbox",),
    "mailbox, facts": ("mailbox", "email.header", "email.utils"),
    "store": _STORING,
    "ours, all cores": _READING,
    "store, all cores": _STORING,
}


class Figures(NamedTuple):
    """Of one reader: messages, seconds of the processor and of the clock, peak of memory [MiB], and
    that of the largest process that it has started.
    """

    count: int
    worked: float
    clock: float
    peak: float
    other: float


def _measure(reader: str, path: Path) -> Figures:
    """The figures of one reader in its own process."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.files_bench", reader, str(path)],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    return Figures(*json.loads(done.stdout))


def _found(reader: str, path: Path, messages: int) -> Figures:
    """As `_measure`. Raises RuntimeError where the reader has not found every message."""
    figures = _measure(reader, path)
    if figures.count != messages:
        raise RuntimeError(f"{reader} read {figures.count} of {messages} messages")
    return figures


def _compared(path: Path, messages: int) -> list[Row]:
    """All readers on one file, by the processor's time."""
    write_mbox(path, messages, 300)
    megabytes = path.stat().st_size / 1e6
    rows: list[Row] = []
    rates: dict[str, float] = {}
    for reader in ("grep", "mailbox", "mailbox, facts", "ours", "store"):
        # Twice, the better one: the first run warms the page cache for all.
        worked = min(_found(reader, path, messages).worked for _ in range(2))
        rates[reader] = messages / worked
        rows.append((f"mbox, {reader}", rates[reader], "messages/s", f"{megabytes:.0f} MB"))
    facts = rates["ours"] / rates["mailbox, facts"]
    return [
        *rows,
        ("ours / mailbox", rates["ours"] / rates["mailbox"], "x", "which only looks them up"),
        ("ours / mailbox, facts", facts, "x", "the same facts; goal: at least 5"),
        ("store / ours", rates["store"] / rates["ours"], "x", "goal: at least 0.6"),
        ("grep / ours", rates["grep"] / rates["ours"], "x", "the floor: counting lines"),
    ]


def _alone(path: Path, messages: int) -> tuple[list[Row], dict[str, Figures]]:
    """Our readers on one file, each kept to one process."""
    found = {reader: _found(reader, path, messages) for reader in ("ours", "store")}
    rows: list[Row] = [
        (f"peak, {reader}, {messages} mails", one.peak, "MiB", f"{messages / one.worked:.0f} /s")
        for reader, one in found.items()
    ]
    share = found["ours"].worked / found["store"].worked
    rows.append((f"store / ours, {messages} mails", share, "x", "goal: at least 0.6"))
    return rows, found


def _together(path: Path, messages: int, alone: dict[str, Figures]) -> list[Row]:
    """The same by as many processes as an import takes, and by the clock."""
    rows: list[Row] = []
    for reader, before in alone.items():
        one = _found(f"{reader}, all cores", path, messages)
        note = f"peak {one.peak:.0f} MiB, of each other process {one.other:.0f}"
        name = f"{reader}, all cores, {messages} mails"
        rows.append((name, messages / one.clock, "messages/s", note))
        gain = f"of {messages / before.clock:.0f} /s in one process"
        rows.append((f"all cores / one, {reader}, {messages}", before.clock / one.clock, "x", gain))
    return rows


def run(scale: float = 1.0) -> list[Row]:
    """Rates on one file of 10,000 mails of 28 kB, peak memory for 100,000 and 1,000,000 small ones.

    `scale` times as many: below 1 it is quick, and the figures say less. Raises RuntimeError where
    a reader does not find every message.
    """
    few, many, compared = (
        max(50, round(number * scale)) for number in (100_000, 1_000_000, 10_000)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mails.mbox")
        rows = _compared(path, compared)
        peaks: dict[str, list[float]] = {"ours": [], "store": []}
        for messages in (few, many):
            write_mbox(path, messages, 2)
            alone, figures = _alone(path, messages)
            rows += [*alone, *_together(path, messages, figures)]
            for reader, one in figures.items():
                peaks[reader].append(one.peak)
        for reader, found in peaks.items():
            rows.append((f"peak, {reader}, 1 M / 100 k", found[1] / found[0], "x", "goal: <= 1.15"))
    return rows


def main(arguments: list[str] | None = None) -> None:
    """The whole table. With a reader and a path: one measurement, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="how many mails, beside 1")
    parser.add_argument("measured", nargs="*", metavar="READER PATH", help="one measurement")
    chosen = parser.parse_args(arguments or [])
    if not chosen.measured:
        print(table(run(chosen.scale)))
        return
    reader, path = chosen.measured
    for module in _MODULES.get(reader, ()):
        importlib.import_module(module)
    began, clock = worked(), time.perf_counter()
    count = _READERS[reader](path)
    seconds, clock = worked() - began, time.perf_counter() - clock
    peaks = [
        resource.getrusage(whose).ru_maxrss / 1024
        for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    print(json.dumps([count, seconds, clock, *peaks]))


if __name__ == "__main__":
    main(sys.argv[1:])
