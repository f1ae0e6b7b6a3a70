"""Do all detectors of the mail side keep the house's contract: pure, order-free, shape-true?"""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.ours import Ours
from connectors.model.frames import Frames, empty, empty_frames, enforce
from connectors.model.schemas import SCHEMAS
from reports import schemas
from reports.columns.business_days import Calendar
from reports.detect.mail.meeting_mails import NOTICES
from tests.support.facts.mail_box import (
    ADA,
    BEN,
    DANA,
    EMIL,
    FINDINGS,
    FRITZ,
    OURS,
    Box,
    Found,
    found,
    instant,
)

_SCHEMAS = {
    "mails": schemas.MAILS,
    "people": schemas.PEOPLE,
    "assistants": schemas.ASSISTANTS,
    "notices": NOTICES,
    "acts": schemas.ACTS,
    "absences": schemas.ABSENCES,
    "asks": schemas.ASKS,
    "silences": schemas.SILENCES,
    "owed": schemas.OWED,
    "passed": schemas.PASSED,
    "replies": schemas.REPLIES,
}


def busy_box() -> Box:
    """Something for every detector, with ties in time, two mailboxes and a merged person."""
    box = Box()
    box.mailbox(2, BEN)
    for number in range(6):
        day = (pd.Timestamp("2026-06-01") + pd.Timedelta(weeks=number)).date()
        first = box.sent(f"{day} 09:00", subject=f"s{number}", cc=BEN, thread_id=f"t{number}")
        box.mail(
            f"{day} 09:01",
            ADA,
            DANA,
            cc=BEN,
            mailbox=2,
            sent=False,
            message_key=f"m{first}@mail.example",
        )
        box.mail(f"{day} 12:00", DANA, re=first, name="Dana Diaz", thread_id=f"t{number}")
        box.mail(f"{day} 12:00", EMIL, re=first, sender_address="ana@client.example")
    last = box.sent("2026-10-05 10:00", subject="Offer")
    box.sent("2026-10-14 10:00", subject="Offer", re=last)
    box.sent("2026-10-28 10:00", subject="Offer", thread_id="t9")
    box.mail("2026-10-20 10:00", EMIL, headers="auto-submitted: auto-replied", subject="Away")
    box.sent("2026-10-21 10:00", to=EMIL, subject="Question")
    box.sent("2026-09-01 10:00", to=FRITZ)
    box.mail(
        "2026-09-01 10:01", "mailer-daemon@host.example", headers=f"x-failed-recipients: {FRITZ}"
    )
    box.mail("2026-10-30 10:00", FRITZ, labels="promised/2026-11-10", subject="Numbers")
    box.mail("2026-10-30 10:00", "zoe@third.example", [ADA, "yan@fourth.example"])
    box.sent("2026-08-01 10:00", to="yan@fourth.example", subject="FYI")
    box.mail("2026-11-02 10:00", "yan@fourth.example")
    box.meeting("2026-11-25 10:00", subject="Budget")
    box.mail(
        "2026-11-20 10:00",
        subject="Declined: Budget",
        sender_address="calendar-notification@google.com",
    )
    box.call("2026-11-03 10:00", EMIL)
    box.tag("2026-11-04 10:00", "zdana@home.example", "same-person", DANA)
    box.add("memory", address=EMIL, last_spoke=instant("2026-05-01 10:00"), stage="dialogue")
    box.looked(1, "2026-11-23 07:00", kind="delta")
    box.looked(2, "2026-11-23 07:00", kind="delta")
    return box


@cache
def busy_facts() -> Frames:
    """One for all tests: that nobody changes it is a test of its own."""
    return busy_box().frames()


@cache
def busy_findings() -> Found:
    return found(busy_facts())


def differences(one: Found, other: Found) -> list[str]:
    return [name for name in FINDINGS if not getattr(one, name).equals(getattr(other, name))]


def test_the_busy_box_has_something_for_every_detector() -> None:
    result = found(busy_box(), read=False)
    nothing = [name for name in FINDINGS if getattr(result, name).empty]
    assert nothing == []


def test_no_facts_give_frames_without_rows_but_true_to_their_shape() -> None:
    result = found(empty_frames(), days=Calendar())
    for name, schema in _SCHEMAS.items():
        pd.testing.assert_frame_equal(getattr(result, name), empty(schema))


@pytest.mark.parametrize(
    "kept", ["messages", "recipients", "meetings", "guests", "observations", "calls"]
)
def test_any_frame_alone_is_survived(kept: str) -> None:
    frames = busy_facts()
    alone = empty_frames(**{kept: getattr(frames, kept)})
    result = found(alone)
    for name, schema in _SCHEMAS.items():
        table = getattr(result, name)
        pd.testing.assert_frame_equal(table, enforce(table, schema, name))


@pytest.mark.parametrize(
    "missing", ["messages", "recipients", "meetings", "guests", "observations", "polls"]
)
def test_any_frame_may_be_missing(missing: str) -> None:
    frames = busy_facts()
    tables = {name: table for name, table in frames if name != missing}
    result = found(empty_frames(**tables))
    for name, schema in _SCHEMAS.items():
        table = getattr(result, name)
        pd.testing.assert_frame_equal(table, enforce(table, schema, name))


def shuffled(frames: Frames, seed: int, *, twice: bool) -> Frames:
    def mixed(table: pd.DataFrame) -> pd.DataFrame:
        table = pd.concat([table, table], ignore_index=True) if twice else table
        return table.sample(frac=1, random_state=seed)

    return Frames(**{name: mixed(table) for name, table in frames})


def mixed_up(times: int) -> None:
    @settings(max_examples=times, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**31), twice=st.booleans())
    def tried(seed: int, twice: bool) -> None:
        mixed = shuffled(busy_facts(), seed, twice=twice)
        assert differences(busy_findings(), found(mixed)) == []

    tried()


def test_order_and_repeats_of_rows_change_nothing() -> None:
    mixed_up(2)


@pytest.mark.proof
def test_no_order_and_no_repeats_of_rows_change_anything() -> None:
    mixed_up(20)


def test_inputs_are_left_as_they_were() -> None:
    frames = busy_box().frames()
    before = {name: table.copy(deep=True) for name, table in frames}
    result = found(frames)
    for name in FINDINGS:
        assert len(getattr(result, name))
    for name, table in frames:
        pd.testing.assert_frame_equal(table, before[name])
        assert list(table.columns) == list(SCHEMAS[name])


def test_an_unrelated_contact_changes_nobodys_silence() -> None:
    box = busy_box()
    before = found(box.frames())
    box.sent("2026-10-06 10:00", to="new@fifth.example", subject="Hello")
    box.mail("2026-10-07 10:00", "new@fifth.example", subject="Offer")
    after = found(box.frames())
    for name in ("asks", "silences", "owed", "passed", "absences", "replies", "people"):
        table = getattr(after, name)
        kept = table[table["contact"] != "new@fifth.example"].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, getattr(before, name))


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata"])
def test_the_users_zone_moves_no_act_and_no_class(zone: str) -> None:
    frames = busy_facts()
    here = busy_findings()
    there = found(
        frames,
        ours=Ours(OURS.mailboxes, OURS.domains, zone=zone),
        days=Calendar(zone, ("DE",)),
    )
    for name in ("mails", "assistants", "notices", "acts", "endings"):
        pd.testing.assert_frame_equal(getattr(here, name), getattr(there, name))


def test_what_was_known_then_does_not_depend_on_what_came_later() -> None:
    frames = busy_facts()
    then = instant("2026-10-22 07:00")
    past = frames.messages[frames.messages["at"] <= then]
    known = found(Frames(**{**dict(frames), "messages": past}), then)
    for name in ("mails", "acts", "absences", "asks", "silences", "owed"):
        pd.testing.assert_frame_equal(getattr(found(frames, then), name), getattr(known, name))
