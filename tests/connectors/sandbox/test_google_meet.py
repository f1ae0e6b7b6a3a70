"""Does the sandbox's Meet tell what Meet tells, and forget it after 30 days?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.sandbox.google.server import MAIL, MEET, GoogleSandbox
from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.script import micros
from tests.support.providers.sandbox_requests import EVENTS, KATE, OMAR, Asker, day, world_of_kate

RECORDS = "v2/conferenceRecords"


def world_with_a_call():
    world = world_of_kate()
    meeting = world.invite(day(0), KATE, [OMAR], day(9), title="Call", online=True)
    low, high = micros(day(9)), micros(day(9, 9.4))
    world.hold(
        day(9, 9.5),
        meeting,
        [
            Participant("Kate Lind", "signed_in", low, high, KATE),
            Participant("Omar H", "anonymous", low + 60_000_000, high),
            Participant("+49 ••• 12", "phone", low + 90_000_000, high),
        ],
    )
    return world


def test_a_record_is_found_by_the_code_in_the_event_and_bears_no_address() -> None:
    world = world_with_a_call()
    world.advance_to(day(10))
    with GoogleSandbox(world) as google:
        asker = Asker(google)
        (event,) = asker.events()
        code = event["conferenceData"]["conferenceId"]
        (record,) = asker.get(RECORDS, filter=f'space.meeting_code = "{code}"')["conferenceRecords"]
        reply = asker.ask(f"v2/{record['name']}/participants")
        people = reply.json()["participants"]
        space = asker.get("v2/spaces/" + code)
    assert [next(key for key in one if key.endswith("ser")) for one in people] == [
        "signedinUser",
        "anonymousUser",
        "phoneUser",
    ]
    assert "@" not in reply.text
    assert record["space"] == space["name"]
    assert people[1]["earliestStartTime"] == "2026-06-10T09:01:00Z"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('start_time >= "2026-06-10T08:00:00Z" AND start_time <= "2026-06-10T10:00:00Z"', 1),
        ('start_time>="2026-06-10T09:30:00Z"', 0),
        ('end_time<"2026-06-10T09:00:00Z"', 0),
        ('space.meeting_code = "aaa-bbbb-ccc"', 0),
    ],
)
def test_filters_are_obeyed(text: str, count: int) -> None:
    world = world_with_a_call()
    world.advance_to(day(10))
    with GoogleSandbox(world) as google:
        assert len(Asker(google).get(RECORDS, filter=text).get("conferenceRecords", [])) == count


def test_a_record_dies_thirty_days_after_its_end() -> None:
    world = world_with_a_call()
    world.advance_to(day(39))
    with GoogleSandbox(world) as google:
        asker = Asker(google)
        (record,) = asker.get(RECORDS)["conferenceRecords"]
        world.advance_to(day(39) + timedelta(hours=1))
        assert asker.get(RECORDS) == {}
        assert asker.ask("v2/" + record["name"]).status_code == 404


def test_strangers_and_other_scopes_see_nothing() -> None:
    world = world_with_a_call()
    world.account("jonas@ourco.example", "Jonas Weber")
    world.advance_to(day(10))
    with GoogleSandbox(world) as google:
        assert Asker(google, MEET, who="jonas@ourco.example").get(RECORDS) == {}
        assert Asker(google, MAIL).ask(RECORDS).status_code == 403
        assert Asker(google).ask(RECORDS, filter="nonsense").status_code == 400
        assert Asker(google, MEET).ask(EVENTS).status_code == 403
