"""Does the doctor look at everything, say what to do, and learn what no documentation says?"""

from __future__ import annotations

import json
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Mailbox
from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.microsoft.server import MicrosoftSandbox
from connectors.sandbox.scenario.worlds import small_world
from connectors.sandbox.world.world import World
from jobs.setup import doctor, installation, probe_google, probe_microsoft
from jobs.setup.checks import State
from jobs.setup.granted import compared
from tests.support.providers.desk import desk
from tests.support.providers.google_office import DANA, LEE, MONDAY, at
from tests.support.providers.house import KATE, House, house_with_google
from tests.support.providers.microsoft_office import LEE as LEE_GRAPH
from tests.support.providers.microsoft_office import at as at_microsoft
from tests.support.providers.microsoft_office import small

FACTS = Path(__file__).parents[3] / "docs" / "facts"
PROBES = FACTS / "probes.md"
QUESTIONS = (
    *probe_google.questions(),
    *probe_google.attendance_questions(),
    *probe_microsoft.questions(),
)


def checks(house: House, *words: str) -> dict[str, list[str]]:
    """The lines in JSON: what each is about, with its states."""
    tree = json.loads(house.type("doctor", "--format", "json", *words).out)
    found: dict[str, list[str]] = {}
    for one in tree["checks"]:
        found.setdefault(one["about"], []).append(one["state"])
    return found


def test_every_line_has_a_state_and_what_is_not_well_says_what_to_do(kates: House) -> None:
    assert kates.google is not None
    assert kates.type("sync").code == 0
    kates.agreed, kates.google.ahead = False, timedelta(minutes=2)
    typed = kates.type("doctor", "--probe")
    assert typed.code == 0, typed.err
    assert all(re.match(r"(ok|fact) +", line) for line in typed.out.splitlines())
    for about in ("settings", "zone", "store", "files", "disk", "clock", "delivery", "schedule"):
        assert re.search(rf"^ok +{about}: ", typed.out, re.M), about
    assert (
        f"{KATE}, reading: granted and needed: calendar.events.readonly, gmail.metadata"
        in typed.out
    )
    tree = json.loads(kates.type("doctor", "--format", "json").out)
    assert {one["state"] for one in tree["checks"]} == {"ok"}
    assert {"about", "state", "said", "do"} == set(tree["checks"][0])
    assert kates.type("doctor", "--format", "csv").code == 2


@pytest.mark.parametrize(
    ("minutes", "state"), [(0, "ok"), (-0.5, "ok"), (3, "warn"), (-90, "fail"), (600, "fail")]
)
def test_a_wrong_clock_is_found_by_the_provider_s(kates: House, minutes: float, state: str) -> None:
    assert kates.google is not None
    kates.agreed, kates.google.ahead = False, timedelta(minutes=minutes)
    # Commands are typed a minute after each other.
    kates.commands = -1
    assert checks(kates, "--probe")["clock"] == [state]


@pytest.mark.parametrize(
    ("free", "size", "state"),
    [(10**9, 10**6, State.OK), (4 * 10**8, 10**6, State.WARN), (10**9, 6 * 10**8, State.WARN),
     (10**9, 9.8 * 10**8, State.FAIL), (10**7, 0, State.FAIL)],
)  # fmt: skip
def test_the_disk_must_hold_a_copy_of_the_store(free: int, size: float, state: State) -> None:
    found = installation.room(Path("/srv"), free, int(size))
    assert found.state is state
    assert bool(found.do) is (state is not State.OK)


@pytest.mark.parametrize(("every", "state"), [(2, "ok"), (6, "ok"), (8, "warn"), (24, "fail")])
def test_looks_must_come_often_enough_to_date_a_change(every: float, state: str) -> None:
    found = doctor.gap(every, 24.0)
    assert found.state.value == state
    assert ("sync_every_hours to 2 or less" in found.do) is (state != "ok")


def test_a_day_without_a_look_is_found_afterwards(kates: House) -> None:
    assert kates.world is not None
    for hours in (0, 30):
        kates.now = kates.world.now + timedelta(hours=hours)
        assert kates.type("sync").code == 0
    typed = kates.type("doctor")
    assert typed.code == 3
    assert "of the last week 30 hours were not looked at in one piece" in typed.err


def test_a_damaged_store_ends_the_doctor_with_the_way_back(kates: House) -> None:
    assert kates.type("sync").code == 0
    file = kates.paths.state / "noshow.db"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    typed = kates.type("doctor")
    assert typed.code not in (0, 1, 3)
    assert "the store's file is damaged" in typed.err
    assert "from a backup" in typed.err


def test_a_clock_that_was_ahead_is_found_in_what_it_left(kates: House) -> None:
    assert kates.world is not None
    kates.now = kates.world.now + timedelta(days=400)
    kates.type("sync")
    kates.now = kates.world.now
    typed = kates.type("doctor")
    assert typed.code == 3
    assert "set the clock (timedatectl), then: noshow run-due" in typed.err


@pytest.mark.parametrize(
    ("zone", "machine", "state", "said"),
    [
        ("Europe/Berlin", "Europe/Rome", "ok", "Europe/Berlin, as on this machine"),
        ("UTC", "America/Lima", "warn", "the settings say UTC, this machine -05"),
        ("Europe/Berlin", "America/Lima", "ok", "the settings decide"),
    ],
)
def test_the_zone_of_the_settings_is_compared_with_the_machine_s(
    kates: House, monkeypatch: pytest.MonkeyPatch, zone: str, machine: str, state: str, said: str
) -> None:
    kates.environ["NOSHOW__ZONE"] = zone
    with monkeypatch.context() as patched:
        patched.setenv("TZ", machine)
        time.tzset()
        tree = json.loads(kates.type("doctor", "--format", "json").out)
    time.tzset()
    (found,) = [one for one in tree["checks"] if one["about"] == "zone"]
    assert found["state"] == state
    assert said in found["said"]


def test_ways_that_cannot_be_gone_are_named_with_their_mend(kates: House) -> None:
    kates.settings(report={"deliver": ["folder", "smtp"]}, smtp={"host": "127.0.0.1", "port": 9})
    assert checks(kates)["delivery"] == ["ok", "ok"]
    typed = kates.type("doctor", "--probe")
    assert typed.code == 3
    assert re.search(r"fail +mail server: ", typed.err), typed.err
    kates.settings(report={"deliver": ["provider"]})
    typed = kates.type("doctor")
    assert f"{KATE} is not logged in for sending" in typed.err


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"report": {"recipients": ["lead@elsewhere.example"]}}, "lead@elsewhere.example neither owns"),
        (
            {"report": {"deliver": ["smtp"]}, "smtp": {"host": "smtp.ourco.example", "user": "kate"}},
            "NOSHOW__SMTP__PASSWORD",
        ),
        (
            {"report": {"deliver": ["smtp"]}, "smtp": {"host": "smtp.ourco.example", "ca_file": "no.pem"}},
            "no.pem cannot be read",
        ),
    ],
)  # fmt: skip
def test_what_would_fail_on_monday_only_is_found_before(
    kates: House, tables: dict[str, dict[str, Any]], said: str
) -> None:
    assert kates.type("sync").code == 0
    kates.settings(**tables)
    typed = kates.type("doctor")
    assert typed.code == 3
    assert said in typed.err


def test_a_recipient_who_is_allowed_and_a_server_that_knows_us_are_well(kates: House) -> None:
    assert kates.type("sync").code == 0
    kates.settings(
        report={"recipients": ["lead@ourco.example", KATE], "allowed": ["Lead@ourco.example"], "deliver": ["smtp"]},
        smtp={"host": "smtp.ourco.example", "user": "kate"},
    )  # fmt: skip
    kates.environ["NOSHOW__SMTP__PASSWORD"] = "right"
    typed = kates.type("doctor")
    assert typed.code == 0, typed.err


def test_nobody_logged_in_and_nothing_fetched_are_two_lines_with_two_commands(
    kates: House,
) -> None:
    for file in kates.paths.tokens.iterdir():
        file.unlink()
    typed = kates.type("doctor")
    assert typed.code == 3
    assert f"is not logged in: noshow connect google -m {KATE}" in typed.err
    assert "nothing was fetched yet -> noshow sync" in typed.err


def test_a_machine_on_which_nothing_runs_noshow_is_found(kates: House) -> None:
    assert kates.world is not None
    assert kates.type("sync").code == 0
    kates.now = kates.world.now + timedelta(hours=20)
    typed = kates.type("doctor")
    assert typed.code == 3
    assert (
        "nothing was fetched for 20 hours: does it run by itself? -> noshow schedule" in typed.err
    )


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("https://hc-ping.com/1", "ok"),
        ("http://192.168.1.4:8000/ping/1", "ok"),
        ("http://health/1", "ok"),
        ("http://health.lan/1", "ok"),
        ("http://127.0.0.1/1", "ok"),
        ("http://[fd00::4]/1", "ok"),
        ("http://hc-ping.com/1", "warn"),
        ("http://8.8.8.8/1", "warn"),
        ("http://[2606:4700::1]/1", "warn"),
        ("http://evil.lan.example.com/1", "warn"),
    ],
)
def test_a_monitoring_service_may_be_told_in_the_clear_at_home_only(
    kates: House, url: str, state: str
) -> None:
    kates.settings(report={"ping_url": url})
    assert checks(kates)["[report] ping_url"] == [state]


def test_a_key_that_others_can_read_is_named_with_its_mend(kates: House, tmp_path: Path) -> None:
    path = tmp_path / "client.json"
    path.write_text("{}")
    path.chmod(0o644)
    kates.settings(google={"client_file": str(path)})
    typed = kates.type("doctor")
    assert f"others on this machine can read {path} -> chmod 600 {path}" in typed.err
    path.chmod(0o600)
    assert checks(kates)["files"] == ["ok"]


@pytest.mark.parametrize(
    ("granted", "state", "said"),
    [
        ({"a", "b"}, State.OK, "granted and needed: a, b"),
        ({"a"}, State.FAIL, "not granted: b"),
        ({"a", "b", "mail.readwrite"}, State.WARN, "more is granted than needed: mail.readwrite"),
    ],
)
def test_granted_and_needed_permissions_are_compared(
    granted: set[str], state: State, said: str
) -> None:
    box = Mailbox(address=KATE, provider="google")
    found = compared(box, "send", frozenset(granted), frozenset({"a", "b"}))
    assert (found.state, found.said) == (state, said)
    assert ("noshow connect google -m kate@ourco.example --for sending" in found.do) is (
        state is not State.OK
    )


def answers(house: House) -> dict[str, str]:
    tree = json.loads(house.type("doctor", "--format", "json").out)
    return {one["key"]: one["said"] for one in tree["facts"]}


def deleted_world() -> World:
    """A meeting that was deleted three weeks ago, and mails in an order."""
    world = World(MONDAY)
    world.account(KATE, "Kate Lind")
    world.human(DANA, "Dana Kim")
    world.human(LEE, "Lee Park")
    gone = world.invite(at(1), KATE, [DANA], at(40), title="Plan")
    world.cancel(at(2), gone)
    world.invite(at(1), KATE, [LEE], at(25), title="Talk")
    for hour in range(4):
        world.mail(at(20, hour), DANA, KATE, f"Question {hour}")
    world.advance_to(at(24))
    return world


@pytest.mark.parametrize("other", [False, True])
def test_what_google_leaves_open_is_asked_once_and_shown_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: bool
) -> None:
    world = deleted_world()
    quirks = Quirks(
        **(
            {"tombstone_days": 7, "updated_min_days": 2, "listed_last": newest(world)}
            if other
            else {}
        )
    )
    with house_with_google(tmp_path, monkeypatch, world, quirks=quirks) as house:
        assert answers(house) == {}
        typed = house.type("doctor", "--probe")
        found = answers(house)
        assert set(found) == {one.key for one, _ in probe_google.questions()}
        assert found["google-search"] == "yes"
        assert found["google-order"] == ("no" if other else "yes")
        assert found["google-updated-min"] == ("no" if other else "yes")
        assert found["google-kept"] == ("nothing to see it by" if other else "yes")
        assert found["google-guest-id"] in ("yes", "no")
        assert "fact  a list of mails has the newest first: " in typed.out
        kept = (house.paths.state / "probe.json").read_text()
        assert not any(one in kept for one in (DANA, "Question", "Plan", "Talk"))
        assert house.google is not None
        asked = [one for one in house.google.log if one.verb not in ("GET", "POST")]
        assert asked == [], "nothing is changed"
        for file in house.paths.tokens.iterdir():
            file.unlink()
        assert house.type("doctor", "--probe").code == 3
        assert answers(house) == found, "what cannot be asked now keeps its answer"


def newest(world: World) -> frozenset[str]:
    """The id of the newest mail, which this account's lists show last."""
    return frozenset({world.state.mailboxes[KATE].order[-1][1]})


@pytest.mark.parametrize("dialect", ["full", "no_cast"])
def test_what_graph_leaves_open_is_asked_once_and_kept(tmp_path: Path, dialect: str) -> None:
    world = small(World(at_microsoft(-14)))
    world.mail(at_microsoft(-3), DANA, KATE, "Offer")
    world.invite(at_microsoft(-5), KATE, [DANA], at_microsoft(2), title="Plan")
    gone = world.invite(at_microsoft(-5), LEE_GRAPH, [KATE], at_microsoft(3), title="Talk")
    world.cancel(at_microsoft(-1), gone)
    world.advance_to(at_microsoft(0))
    with desk("microsoft", world, tmp_path) as kate:
        assert isinstance(kate.server, MicrosoftSandbox)
        kate.server.dialect = dialect  # type: ignore[assignment]
        outcome = doctor.run(kate.context, probing=True, as_json=True)
        tree = json.loads(outcome.lines[0])
        found = {one["key"]: one["said"] for one in tree["facts"]}
        assert set(found) == {one.key for one, _ in probe_microsoft.questions()}
        assert found["graph-headers"] == "yes"
        assert found["graph-cast"] == ("yes" if dialect == "full" else "no")
        assert found["graph-span"] == "yes"
        assert found["graph-guests"] == "yes"
        assert found["graph-expand"] == ("yes" if dialect == "full" else "no")
        assert "nothing" not in found["graph-prefix"] + found["graph-free"]
        assert set(found.values()) <= {"yes", "no", "nothing to see it by"}
        again = json.loads(doctor.run(kate.context, as_json=True).lines[0])
        assert again["facts"] == tree["facts"]


def test_each_unconfirmed_line_of_the_sheets_is_asked_or_says_why_not() -> None:
    rows = [
        [one.strip().replace("\\|", "|") for one in re.split(r"(?<!\\)\|", line)[1:3]]
        for line in PROBES.read_text("utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| in the sheet")
    ]
    sheets = [
        line
        for name in ("google.md", "microsoft.md", "detection.md")
        for line in (FACTS / name).read_text("utf-8").splitlines()
        if "UNCONFIRMED" in line
    ]
    for quote, said in rows:
        assert any(quote in line for line in sheets), f"no sheet says {quote!r}"
        assert said.startswith(("`", "not asked: ")), said
    legends = ("Marks:", "Tags:", "## ", "W sources")
    for line in sheets:
        if line in (FACTS / "detection.md").read_text("utf-8") or line.startswith(legends):
            continue
        assert any(quote in line for quote, _ in rows), f"no row for: {line[:120]}"
    asked = {key for _, said in rows for key in re.findall(r"`((?:google|graph)-[a-z-]+)`", said)}
    assert asked == {one.key for one, _ in QUESTIONS}


def test_the_small_world_has_enough_to_be_asked(kates: House) -> None:
    """A partner: on an account that holds everything, most questions have a yes or a no."""
    assert small_world().state.accounts
    kates.type("doctor", "--probe")
    found = answers(kates)
    assert sum(one in ("yes", "no") for one in found.values()) >= 4, found
