"""Does Microsoft 365 work through the jobs: sync, attendance, the audit log, delivery, many at once?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.clock import Clock
from config.errors import ConfigError
from connectors.microsoft.client import Graph
from connectors.microsoft.concurrency import Lanes
from connectors.microsoft.mail.single_reads import NO_CASTS
from connectors.model.records import DETAILS
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.microsoft.server import CLIENT_ID, MicrosoftSandbox
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.script import micros
from connectors.sandbox.world.world import World
from connectors.store.store import Store
from connectors.transport.client import Transport
from jobs.console.outcome import DONE, NOTHING, PARTLY
from jobs.delivery.weekly import scheduled
from jobs.providers import mailers
from jobs.providers.microsoft import places
from jobs.query import status
from jobs.query.tables import Format
from reports.detect.mail import read_until
from tests.support.providers.desk import Desk, Given, desk, desk_at
from tests.support.providers.microsoft_office import DANA, KATE, LEE, at, office, small
from tests.support.servers.scripted_http import Purse, Reply, Seen, serving

WEEK = "2026-W47"
ATTENDANCE = Given({"microsoft": {"attendance": True}, "google": {"attendance": True}})


def office_world() -> World:
    world = small(World(at(-14)))
    held = world.invite(at(-8), KATE, [DANA], at(-1), title="Pilot", online=True)
    world.answer(at(-7), held, DANA, "accepted")
    world.hold(at(-1, 0.6), held, [there(KATE, at(-1)), there(DANA, at(-1))])
    theirs = world.invite(at(-8), LEE, [KATE], at(-1, 2), title="Vendor", online=True)
    world.answer(at(-7), theirs, KATE, "accepted")
    world.hold(at(-1, 2.6), theirs, [there(KATE, at(-1, 2)), there(LEE, at(-1, 2))])
    world.mail(at(-3), KATE, DANA, "Offer")
    world.advance_to(at(0))
    return world


def there(who: str, start: datetime) -> Participant:
    """Half an hour in the call, signed in."""
    return Participant(who, "signed_in", micros(start), micros(start + timedelta(minutes=30)), who)


@pytest.fixture
def kate(tmp_path: Path) -> Iterator[Desk]:
    with desk("microsoft", office_world(), tmp_path, ATTENDANCE) as made:
        made.log_in("attendance")
        yield made


def test_a_sync_reads_calendar_mail_and_attendance(kate: Desk) -> None:
    outcome = kate.sync()
    assert (outcome.code, outcome.problems) == (DONE, ())
    assert [line.partition(", ")[2] for line in outcome.lines] == [
        "calendar: 2 read",
        "mail: 5 read",
        "attendance: 1 read",
    ]
    assert kate.coverage().problems == ()


def test_a_record_that_names_them_makes_the_meeting_attended(kate: Desk) -> None:
    kate.sync()
    slots = kate.findings().slots.set_index("subject")
    assert slots.loc["Pilot", "outcome"] == "attended"
    # Nobody of ours may read the record of a meeting that somebody else organises.
    assert slots.loc["Vendor", "outcome"] == "kept"
    assert kate.server.log.counts()["onlineMeetings.list"] == 1


def test_records_are_asked_for_once_more_and_then_no_longer(kate: Desk) -> None:
    kate.sync()
    kate.server.log.clear()
    # Within a day of the poll before, a report that was late would still be found.
    kate.world.advance_to(at(0, 2))
    kate.sync()
    kate.world.advance_to(at(2))
    kate.server.log.clear()
    kate.sync()
    assert kate.server.log.counts()["onlineMeetings.list"] == 0
    assert len(kate.context.store.frames().attendance) == 2


def test_a_meeting_that_the_calendar_showed_late_is_still_asked_for(kate: Desk) -> None:
    kate.server.faults.add(Fault("forbidden", where="calendarView.list"))
    assert kate.sync().code == PARTLY
    assert kate.server.log.counts()["onlineMeetings.list"] == 0
    # Three days later the record is older than what is asked for again anyway.
    kate.world.advance_to(at(3))
    assert kate.sync().code == DONE
    assert len(kate.context.store.frames().attendance) == 2


def test_what_a_mailbox_does_not_tell_of_its_mails_is_said_until_it_tells_it(kate: Desk) -> None:
    """Two refusals of the details: a report without the cancellations that only a mail tells."""
    assert isinstance(kate.server, MicrosoftSandbox)
    kate.server.dialect = "no_cast"
    assert kate.sync().code == DONE
    (said,) = kate.coverage().problems
    assert said == NO_CASTS
    (lost,) = json.loads(status.run(kate.context, form=Format.JSON).lines[0])["losses"]
    assert (lost["file"], lost["reason"]) == (DETAILS, NO_CASTS)
    # No mail is unread for it: what nobody answered stays unanswered.
    frames = kate.context.store.frames()
    assert read_until.unread_until(frames.pending, frames.losses) is None

    kate.server.dialect = "full"
    kate.world.invite(at(0, 1), LEE, [KATE], at(9), title="Vendor again")
    kate.world.advance_to(at(0, 2))
    kate.sync()
    assert kate.coverage().problems == ()


def test_attendance_without_a_login_is_a_problem_and_stops_nothing(tmp_path: Path) -> None:
    for provider in ("microsoft", "google"):
        with desk(provider, office_world(), tmp_path / provider, ATTENDANCE) as kate:
            outcome = kate.sync()
            assert outcome.code == PARTLY
            assert "attendance: this mailbox is not connected" in outcome.problems[0]
            assert kate.coverage().problems == ("attendance: this mailbox is not connected",)
            assert {"Pilot", "Vendor"} <= set(kate.context.store.frames().meetings["subject"])


def test_without_the_setting_nobody_is_asked_for_records(tmp_path: Path) -> None:
    with desk("microsoft", office_world(), tmp_path) as kate:
        kate.log_in("attendance")
        assert kate.sync().code == DONE
        assert kate.server.log.counts()["onlineMeetings.list"] == 0


def test_google_s_records_come_through_the_same_way(tmp_path: Path) -> None:
    with desk("google", office_world(), tmp_path, ATTENDANCE) as kate:
        kate.log_in("attendance")
        outcome = kate.sync()
        assert outcome.code == DONE
        # Meet shows a participant the record, too; it names nobody by an address.
        assert outcome.lines[-1].endswith("attendance: 2 read")
        assert set(kate.context.store.frames().attendance["address"]) == {""}


def test_the_audit_log_dates_an_act_to_the_second(tmp_path: Path) -> None:
    world = office_world()
    review = world.invite(at(0, 1), KATE, [DANA], at(5), title="Review")
    world.answer(at(0, 2), review, DANA, "accepted")
    world.answer(
        at(
            1,
            3,
        ),
        review,
        DANA,
        "declined",
        mail=False,
    )

    def answer(seen: Seen) -> Reply:
        if seen.query["eventName"] != ["change_event_guest_response"]:
            return Reply(body={})
        event = world.state.event_id(review)
        named = {
            "event_id": event,
            "organizer_calendar_id": KATE,
            "calendar_id": KATE,
            "event_guest": DANA,
            "event_response_status": "declined",
        }
        parameters = [{"name": name, "value": value} for name, value in named.items()]
        act = {"name": "change_event_guest_response", "parameters": parameters}
        stamp = f"{at(1, 3):%Y-%m-%dT%H:%M:%S.000Z}"
        return Reply(
            body={"items": [{"id": {"time": stamp}, "actor": {"email": DANA}, "events": [act]}]}
        )

    with serving(answer=answer) as log, GoogleSandbox(world) as google:
        given = Given(
            {"google": {"reports_root": f"{log.url}/", "audit_account": "admin@ourco.example"}}
        )
        key = tmp_path / "key.json"
        scopes = [
            "https://www.googleapis.com/auth/calendar.events.readonly",
            "https://www.googleapis.com/auth/gmail.metadata",
            "https://www.googleapis.com/auth/admin.reports.audit.readonly",
        ]
        world.account("admin@ourco.example", "Admin")
        key.write_text(json.dumps(google.service_account(scopes)), "utf-8")
        given = Given({"google": {**given.tables["google"], "service_account_file": str(key)}})
        with desk_at(google, world, tmp_path / "house", given) as kate:
            world.advance_to(at(0, 4))
            assert kate.sync().code == DONE
            world.advance_to(at(2))
            outcome = kate.sync()
            assert (outcome.code, outcome.problems) == (DONE, ())
            seen = kate.context.store.frames().observations
            acts = seen.loc[seen["evidence"] == "audit"]
            assert set(acts["acted_at"]) == {at(1, 3)}
            assert set(acts["actor"]) == {DANA}


def test_a_report_leaves_by_graph_and_comes_back_with_the_next_sync(tmp_path: Path) -> None:
    given = Given({"report": {"deliver": ["folder", "provider"]}})
    with desk("microsoft", office_world(), tmp_path, given) as kate:
        kate.log_in("send")
        kate.sync()
        outcome = scheduled(kate.context, WEEK)
        assert "provider: handed over" in outcome.lines
        assert kate.server.log.counts()["sendMail"] == 1
        (line,) = kate.context.store.ledger.reports("handed_over")
        kate.world.advance_to(at(0, 1))
        kate.sync()
        subjects = kate.context.store.frames().messages["subject"]
        assert subjects.str.contains(f"({line.token})", regex=False).any()
        # However often it is asked for: it was sent, and is not sent again.
        scheduled(kate.context, WEEK)
        assert kate.server.log.counts()["sendMail"] == 1


def test_without_a_login_for_sending_the_folder_still_gets_the_report(tmp_path: Path) -> None:
    for provider in ("microsoft", "google"):
        given = Given({"report": {"deliver": ["folder", "provider"]}})
        folder = tmp_path / provider
        with desk(provider, office_world(), folder, given) as kate:
            kate.sync()
            outcome = scheduled(kate.context, WEEK)
            assert outcome.code in (PARTLY, NOTHING)
            assert any("nobody is logged in for sending" in one for one in outcome.problems)
            assert list((folder / "reports").rglob("*.eml"))
            # And it waits for the login, not for ever.
            kate.log_in("send")
            assert "provider: handed over" in scheduled(kate.context, WEEK).lines


def test_two_mailboxes_of_one_app_are_read_four_requests_at_a_time(tmp_path: Path) -> None:
    world = office_world()
    mira = "mira@ourco.example"
    world.account(mira, "Mira Sol", zone="Europe/Berlin", system="exchange")
    for number in range(30):
        world.invite(world.now, mira, [DANA], at(3 + number % 5, number % 8), title=f"M{number}")
    world.advance_to(at(0, 1))
    with MicrosoftSandbox(world, strict=True) as server:
        server.faults.add(Fault("slow", where="*", times=None, seconds=0.01))
        with desk_at(server, world, tmp_path, Given(also=(mira,))) as kate:
            kate.log_in("read")
            assert kate.sync().code == DONE
        assert 2 <= server.log.peak <= 4
        assert not [one for one in server.log.entries() if one.status == 429]


def test_two_processes_of_one_store_share_the_four_places(tmp_path: Path) -> None:
    """Three ways that know nothing of each other's lanes: only the store's places hold them back."""
    with office(tmp_path) as kate:
        kate.sandbox.faults.add(Fault("slow", where="*", times=None, seconds=0.05))
        clock = Clock(now_=lambda: kate.world.now)

        def process(_number: int) -> None:
            with (
                Store.open(f"sqlite:///{tmp_path / 'noshow.db'}", clock) as store,
                Transport(clock, Purse(), ca_file=kate.sandbox.ca_file) as way,
                ThreadPoolExecutor(4) as pool,
            ):
                graph = Graph(
                    way,
                    kate.bearer(),
                    app=CLIENT_ID,
                    account="1",
                    root=kate.sandbox.graph_root,
                    lanes=Lanes(),
                    places=places(store, CLIENT_ID, 4),
                )
                assert set(pool.map(lambda _: graph.owner(), range(12))) == {KATE}

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(process, range(3)))
        assert kate.sandbox.log.counts()["calendars.list"] == 36
        assert 2 <= kate.sandbox.log.peak <= 4


def test_a_mailbox_read_from_files_cannot_send(tmp_path: Path) -> None:
    with desk("microsoft", office_world(), tmp_path) as kate:
        box = kate.context.settings.mailbox[0].model_copy(update={"provider": "files"})
        with pytest.raises(ConfigError, match="no provider that could send"):
            with mailers.channel(kate.context, box, "provider"):
                pass
