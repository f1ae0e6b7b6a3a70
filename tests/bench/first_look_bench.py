"""How fast is a Gmail mailbox read for the first time, against a client that only asks and forgets?

The sandbox lets 50 ms pass at every request, and each client has a process of its own. The bare
client keeps as many connections busy and does nothing with the answers; ours pays the store's
limiter, parses, and stores. Both within a quota that never makes them wait.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests

from config.clock import Clock, to_micros
from connectors.auth.google.consent import SCOPES
from connectors.auth.vault import FileVault
from connectors.google.client import OLD_PRICES
from connectors.google.mail.parse import ASKED_HEADERS, MESSAGE_MASK
from connectors.google.mail.source import GoogleMail
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.scenario.stage import KATE
from connectors.sandbox.scenario.worlds import DEMO_NOW as NOW
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.world import World
from connectors.store.coordination.rate_limits import Rate
from connectors.store.store import Store
from connectors.sync import sync_mail
from connectors.transport.client import Transport
from tests.bench.run import Row, table
from tests.support.providers.google_office import google_over, logged_in

MAILS = 1_500
LATENCY = 0.05  # [s] at every request
IN_FLIGHT = 8
#: So many units a minute that nobody ever waits for them.
PLENTY = 1_000_000


def bare(given: Mapping[str, Any]) -> float:
    """Seconds for every message's metadata, asked for in parallel and thrown away."""
    root, login = given["root"], given["token"]
    fields = ("refresh_token", "client_id", "client_secret")
    answer = requests.post(
        login["token_uri"],
        data={"grant_type": "refresh_token", **{name: login[name] for name in fields}},
        timeout=60,
    )
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    parameters = {
        "format": "metadata",
        "metadataHeaders": list(ASKED_HEADERS),
        "fields": MESSAGE_MASK,
    }
    sessions = [requests.Session() for _ in range(IN_FLIGHT)]
    for session in sessions:
        session.trust_env = False
        session.headers.update(headers)

    def lane(number: int) -> None:
        for one in given["ids"][number::IN_FLIGHT]:
            url = f"{root}gmail/v1/users/me/messages/{one}"
            sessions[number].get(url, params=parameters, timeout=60).raise_for_status()

    began = time.perf_counter()
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        list(pool.map(lane, range(IN_FLIGHT)))
    return time.perf_counter() - began


def ours(given: Mapping[str, Any]) -> float:
    """Seconds of a whole first look: listing, fetching, storing."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(f"sqlite:///{folder}/noshow.db", clock) as store:
            limiter = store.limiter({"gmail": Rate(PLENTY)})
            with Transport(clock, limiter) as transport:
                login = logged_in(given["token"], FileVault(Path(folder, "tokens")), transport)
                google = google_over(given["root"], login, transport, OLD_PRICES)
                source = GoogleMail(google, in_flight=given["in_flight"])
                box = store.mailboxes.ensure(KATE, "google", "Europe/Berlin")
                began = time.perf_counter()
                done = sync_mail(store, source, box, given["since"])
                took = time.perf_counter() - began
                if not done.complete or store.pending.counts(box).stored != len(given["ids"]):
                    raise RuntimeError(done.problem or "not all was read")
                return took


CLIENTS: Mapping[str, Callable[[Mapping[str, Any]], float]] = {"bare": bare, "ours": ours}


def measured(client: str, given: Mapping[str, Any]) -> float:
    """Seconds that a client took in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, client],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout)


def run() -> list[Row]:
    """All rows: (name, value, unit, note)."""
    world = World(NOW - timedelta(days=MAILS / 10))
    world.account(KATE, "Kate Lind")
    # No two of one thread: each costs both clients one request.
    for number in range(MAILS):
        at = world.now + timedelta(hours=2.4 * number)
        world.mail(at, f"person{number % 200}@client.example", KATE, f"Matter {number}")
    world.advance_to(NOW)
    with GoogleSandbox(world, prices="old", enforce_quota=False, access_seconds=1e9) as sandbox:
        ids = [one.id for one in world.state.mailboxes[KATE].mails.values()]
        sandbox.faults.add(Fault("slow", where="gmail.*", times=None, seconds=LATENCY))
        given = {
            "root": sandbox.api_root,
            "token": sandbox.issue_token(KATE, SCOPES["read"]),
            "ids": ids,
            "since": to_micros(world.now) - 400 * 86_400 * 1_000_000,
        }
        plain = len(ids) / measured("bare", given)
        fixed = len(ids) / measured("ours", {**given, "in_flight": IN_FLIGHT})
        chosen = len(ids) / measured("ours", {**given, "in_flight": 0})
        most = sandbox.log.peak
    note = f"{LATENCY * 1000:.0f} ms a request"
    return [
        (f"bare client, {IN_FLIGHT} in flight", plain, "mails/s", note),
        (f"first look, {IN_FLIGHT} in flight", fixed, "mails/s", "listing and storing included"),
        ("  share of the bare client", 100 * fixed / plain, "%", "goal: at least 85"),
        ("first look, as many as the quota pays for", chosen, "mails/s", f"{most} at most"),
    ]


def main(arguments: Sequence[str] = ()) -> None:
    if arguments:
        print(CLIENTS[arguments[0]](json.load(sys.stdin)))
    else:
        print(table(run()))


if __name__ == "__main__":
    main(sys.argv[1:])
