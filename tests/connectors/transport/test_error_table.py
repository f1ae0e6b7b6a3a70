"""Does every refusal come with a next step that fits its reason and its provider?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.transport.error_table import TABLE, Action, Asked, Fault, Verdict, Who, classify
from connectors.transport.hints import PROVIDERS, Step, hint

#: What ends something for somebody; the others are done with by the transport and the sync.
ENDS = {Action.LOGIN, Action.PAUSE, Action.STOP}
APIS = (*PROVIDERS, "")
#: What a person can do with a hint: type, open, change, ask, or know that nothing is to be done.
DOABLE = ("noshow ", "https://", "settings", "set ", "ask ", "check ", "the next run")


def every_answer() -> Iterator[tuple[str, Verdict]]:
    """All statuses that are no success, with each reason that the table knows and one it does not."""
    reasons = {name for row in TABLE for name in row.reasons} | {"somethingnew", ""}
    for status in (*range(300, 520), 599):
        for reason in sorted(reasons):
            for asked in Asked:
                found = Fault((reason,) if reason else ())
                yield f"{status} {reason} {asked}", classify(status, found, asked)


def test_every_verdict_that_needs_a_person_has_a_hint_at_every_provider() -> None:
    seen: set[Step] = set()
    for name, verdict in every_answer():
        if verdict.action not in ENDS:
            assert verdict.step is Step.NOTHING, name
            continue
        seen.add(verdict.step)
        for api in APIS:
            assert any(word in hint(verdict.step, api) for word in DOABLE), (name, api)
    assert seen == set(Step) - {Step.NOTHING}


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.NOTHING])
def test_no_hint_sends_anybody_to_the_other_provider(step: Step) -> None:
    words = {"google": ("google", "gmail"), "microsoft": ("microsoft", "exchange", "graph")}
    for api in APIS:
        for provider, names in words.items():
            if PROVIDERS.get(api) != provider:
                said = hint(step, api).lower()
                assert not any(name in said for name in names), (step, api, said)


def told(status: int, reason: str, api: str, asked: Asked = Asked.LISTING) -> str:
    return hint(classify(status, Fault((reason.lower(),)), asked).step, api)


@pytest.mark.parametrize(
    ("status", "reason", "api", "words"),
    [
        (403, "accessNotConfigured", "gmail", "library/gmail.googleapis.com"),
        (403, "SERVICE_DISABLED", "calendar", "library/calendar-json.googleapis.com"),
        (403, "accessNotConfigured", "meet", "library/meet.googleapis.com"),
        (403, "accessNotConfigured", "reports", "library/admin.googleapis.com"),
        (403, "billingNotEnabled", "gmail", "billing account"),
        (403, "CONSUMER_SUSPENDED", "gmail", "suspended"),
        (403, "requiredAccessLevel", "calendar", "ask the calendar's owner"),
        (403, "forbidden", "calendar", "ask its owner to share"),
        (403, "forbidden", "gmail", "noshow connect google"),
        (403, "forbidden", "reports", "--for audit"),
        (403, "forbidden", "meet", "attendance = false"),
        (403, "domainPolicy", "gmail", "https://admin.google.com"),
        (403, "insufficientPermissions", "gmail", "every box ticked"),
        (404, "notFound", "gmail", "no Gmail mailbox"),
        (404, "notFound", "calendar", "'primary'"),
        (403, "ErrorAccessDenied", "graph", "noshow connect microsoft --explain"),
        (404, "ErrorItemNotFound", "graph", "`calendars`"),
        (402, "PaymentRequired", "graph", "licence"),
        (302, "", "graph", "sign in to the network"),
        (407, "", "gmail", "sign in to the network"),
        (409, "conflict", "gmail", "noshow doctor --probe"),
        (409, "conflict", "graph", "noshow doctor --probe"),
        (400, "badRequest", "gmail", "update noshow"),
    ],
)
def test_the_next_step_fits_the_reason(status: int, reason: str, api: str, words: str) -> None:
    assert words in told(status, reason, api)


def test_a_failed_precondition_is_a_mailbox_that_is_not_there_and_no_policy() -> None:
    for reason in ("failedPrecondition", "FAILED_PRECONDITION"):
        verdict = classify(400, Fault((reason.lower(),)), Asked.LISTING)
        assert verdict.who is Who.SETTINGS
        assert "Gmail is off" in hint(verdict.step, "gmail")
        assert "policy" not in hint(verdict.step, "gmail")
