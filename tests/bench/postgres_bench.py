"""What do COPY and ADBC gain on PostgreSQL, beside statements and rows?

A real server in memory, started for the while. Mails are stored in the pages of an import, once row by
row and once by COPY, and all facts are read, once through SQLAlchemy and once through ADBC: by turns,
and the best of three counts. Wall clock, because most of the work is the server's.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from connectors.interfaces import Page
from connectors.store.database import transactions
from connectors.store.store import Store
from connectors.sync import FILES, apply_pages
from tests.bench.run import Row, table
from tests.support.facts.seen import Hands, at, mail, mailbox
from tests.support.machine.postgres import PostgresServer, running

MAILS = 20_000
#: As many as an import puts into a page.
_PAGE = 4_000
_ROUNDS = 3


def pages(count: int) -> list[Page]:
    """Mails with three recipients and the headers that a mailbox file shows."""
    headers = "return-path: <dana@client.example>\nauthentication-results: mx.example; dkim=pass"
    found = [
        mail(
            f"person{number % 997}@client{number % 101}.example",
            at("2026-01-01") + number * 60_000_000,
            to=("sam@ours.example", "lee@ours.example"),
            cc=f"person{number % 31}@client.example",
            provider_id=f"{number:08}",
            headers=headers,
        )
        for number in range(count)
    ]
    return [Page(messages=tuple(found[start : start + _PAGE])) for start in range(0, count, _PAGE)]


def stored(
    server: PostgresServer, given: list[Page], *, copied: bool = True, counted: bool = True
) -> tuple[float, str]:
    """Seconds to store the pages in a new database, and its address."""
    url = server.fresh()
    kept = transactions.COPIED, transactions.MANY
    transactions.COPIED = kept[0] if copied else sys.maxsize
    transactions.MANY = kept[1] if counted else sys.maxsize
    try:
        with Store.open(url, Hands("2027-01-01").clock) as store:
            number = mailbox(store)
            began = time.perf_counter()
            apply_pages(store, number, FILES, given)
            return time.perf_counter() - began, url
    finally:
        transactions.COPIED, transactions.MANY = kept


@contextmanager
def without_adbc() -> Iterator[None]:
    """As if its driver were not installed."""
    name = "adbc_driver_postgresql"
    kept: Any = sys.modules.get(name)
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if kept is None:
            del sys.modules[name]
        else:
            sys.modules[name] = kept


def read(store: Store) -> float:
    began = time.perf_counter()
    store.frames()
    return time.perf_counter() - began


def best(*ways: Callable[[], float]) -> list[float]:
    """The least seconds of each way, taken by turns."""
    rounds = [[way() for way in ways] for _ in range(_ROUNDS)]
    return [min(one) for one in zip(*rounds, strict=True)]


def run(mails: int = MAILS) -> list[Row]:
    """All rows: (name, value, unit, note)."""
    given = pages(mails)
    urls: list[str] = []

    def store(*, copied: bool, counted: bool) -> float:
        seconds, url = stored(server, given, copied=copied, counted=counted)
        urls.append(url)
        return seconds

    with running() as server:
        plain, by_rows, by_copy = best(
            lambda: store(copied=False, counted=False),
            lambda: store(copied=False, counted=True),
            lambda: store(copied=True, counted=True),
        )
        with Store.open(urls[-1], Hands("2027-01-01").clock) as opened:

            def slowly() -> float:
                with without_adbc():
                    return read(opened)

            read_rows, read_arrow = best(slowly, lambda: read(opened))
    note = f"{mails:,} mails, three recipients each"
    return [
        ("store, row by row", mails / plain, "mails/s", note),
        ("store, row by row, table counted", mails / by_rows, "mails/s", "its first page: ANALYZE"),
        ("store, COPY, table counted", mails / by_copy, "mails/s", "as noshow does it"),
        ("  gain of COPY", by_rows / by_copy, "x", ""),
        ("  gain of both", plain / by_copy, "x", ""),
        ("frames, SQLAlchemy", read_rows, "s", note),
        ("frames, ADBC", read_arrow, "s", ""),
        ("  gain", read_rows / read_arrow, "x", ""),
    ]


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS)
    print(table(run(parser.parse_args(arguments).mails)))


if __name__ == "__main__":
    main(sys.argv[1:])
