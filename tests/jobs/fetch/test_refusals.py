"""What does somebody read whose provider refuses: does each line end with what to do?"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.google import errors as google_errors
from connectors.sandbox.google import request as google_gate
from tests.support.providers.house import KATE, House

STRANGER = "stranger@client.example"


def refuse(patch: pytest.MonkeyPatch, method: str, status: int, reason: str) -> None:
    """The sandbox's method answers so from now on; Google's texts may hold addresses."""

    def handler(_call: Any) -> Any:
        raise google_errors.refusal(status, reason, f"Not for {STRANGER}")

    patch.setitem(google_gate.HANDLERS, method, handler)


EVENTS, PROFILE = "calendar.events.list", "gmail.users.getProfile"


@pytest.mark.parametrize(
    ("method", "status", "reason", "words"),
    [
        (EVENTS, 403, "forbidden", "ask its owner to share it"),
        (EVENTS, 403, "requiredAccessLevel", "ask the calendar's owner to share it"),
        (EVENTS, 403, "accessNotConfigured", "apis/library/calendar-json.googleapis.com"),
        (EVENTS, 404, "notFound", "correct `calendars`"),
        (EVENTS, 409, "conflict", "noshow doctor --probe"),
        (PROFILE, 403, "forbidden", "noshow connect google with the mailbox's own account"),
        (PROFILE, 403, "accessNotConfigured", "apis/library/gmail.googleapis.com"),
        (PROFILE, 403, "billingNotEnabled", "https://console.cloud.google.com/billing/projects"),
        (PROFILE, 403, "insufficientPermissions", "leave every box ticked"),
        (PROFILE, 400, "failedPrecondition", "Gmail is off for this account"),
        (PROFILE, 404, "notFound", "no Gmail mailbox"),
        (PROFILE, 400, "badRequest", "update noshow"),
    ],
)
def test_a_refusal_ends_with_what_to_do_and_stops_no_other_stream(
    kates: House, method: str, status: int, reason: str, words: str
) -> None:
    refuse(kates.patch, method, status, reason)
    typed = kates.type("sync")
    assert typed.code in (2, 3, 4)
    refused, other = ("calendar", "mail") if method == EVENTS else ("mail", "calendar")
    # The line is wrapped nowhere: what is to be typed or opened can be copied.
    (line,) = [one for one in typed.err.splitlines() if f"{KATE}, {refused}: " in one]
    said, arrow, step = line.partition(" -> ")
    assert arrow, said
    assert words in step
    assert f"{KATE}, {other}: " in typed.out
    assert STRANGER not in typed.said


def test_the_step_of_a_probe_is_the_same_as_that_of_a_sync(kates: House) -> None:
    refuse(kates.patch, PROFILE, 403, "accessNotConfigured")
    typed = kates.type("doctor", "--probe")
    assert "apis/library/gmail.googleapis.com" in typed.said


def test_an_answer_that_nobody_foresaw_names_the_command_that_looks_closer(kates: House) -> None:
    kates.patch.setitem(google_gate.HANDLERS, PROFILE, lambda _call: {"emailAddress": KATE})
    typed = kates.type("sync")
    assert typed.code == 3
    (line,) = [one for one in typed.err.splitlines() if f"{KATE}, mail: " in one]
    assert line.endswith("history id -> noshow doctor --probe shows what can be read")
