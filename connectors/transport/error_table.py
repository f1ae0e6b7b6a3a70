"""What does an answer of a provider mean, and who must act on it?

One table for all providers. Google hides the cause of a 403 in the body (`errors[0].reason`, or in
the new style a status with details), Graph in `error.code` and nested inner errors, token endpoints
in a bare `error` (facts/google.md 1.1, 2.2, 5; facts/microsoft.md 1, 4). What the same status means
depends on what was asked: a 404 is a lost cursor on a change list, a deleted item on a get.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connectors.transport.hints import Step


class Asked(StrEnum):
    """What kind of question a request is; it decides what "not there" means."""

    LISTING = "listing"  # a list from its beginning, or a fixed resource
    CURSOR = "cursor"  # a list that goes on from a cursor or a page token
    ITEM = "item"  # one item by its id
    SEND = "send"  # hands something over: never repeated blindly
    TOKEN = "token"  # noqa: S105 - a question to a login endpoint, no secret


class Action(StrEnum):
    """What the transport does with an answer."""

    RETURN = "return"
    RETRY = "retry"
    LOGIN = "login"  # get another access token, once
    RELIST = "relist"  # CursorLost
    SKIP = "skip"  # ItemGone
    PAUSE = "pause"  # TransientError at once: no wait of minutes helps
    STOP = "stop"  # this mailbox ends here: ProviderError, AuthError or ConfigError by `who`


class Who(StrEnum):
    """Who must act so that it works again."""

    NOBODY = "nobody"
    OWNER = "owner"  # the mailbox's owner logs in again
    SETTINGS = "settings"  # whoever keeps the settings or the provider's project
    PROVIDER = "provider"  # the provider refuses for good, or it is our fault: the step says more


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, who must act, and by which step (connectors.transport.hints has the words)."""

    action: Action
    who: Who = Who.NOBODY
    step: Step = Step.NOTHING


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. An empty set matches anything; reasons are compared in lower case."""

    statuses: frozenset[int]
    reasons: frozenset[str]
    asked: frozenset[Asked]
    verdict: Verdict


def _row(
    statuses: tuple[int, ...], reasons: tuple[str, ...], asked: tuple[Asked, ...], verdict: Verdict
) -> Row:
    return Row(
        frozenset(statuses), frozenset(name.lower() for name in reasons), frozenset(asked), verdict
    )


_RETURN = Verdict(Action.RETURN)
_RETRY = Verdict(Action.RETRY)
_RELIST = Verdict(Action.RELIST)
_SKIP = Verdict(Action.SKIP)
_LOGIN = Verdict(Action.LOGIN, Who.OWNER, Step.LOGIN)
_PAUSE = Verdict(Action.PAUSE, Who.NOBODY, Step.TOMORROW)
_SCOPE = Verdict(Action.STOP, Who.OWNER, Step.PERMISSION)
_SWITCHED_OFF = Verdict(Action.STOP, Who.SETTINGS, Step.ENABLE)
_UNPAID = Verdict(Action.STOP, Who.SETTINGS, Step.BILLING)
_SHUT = Verdict(Action.STOP, Who.SETTINGS, Step.PROJECT)
_POLICY = Verdict(Action.STOP, Who.SETTINGS, Step.POLICY)
_NO_MAILBOX = Verdict(Action.STOP, Who.SETTINGS, Step.MAILBOX)
_UNSHARED = Verdict(Action.STOP, Who.PROVIDER, Step.SHARE)
_CLOSED = Verdict(Action.STOP, Who.PROVIDER, Step.CLOSED)
_MISSING = Verdict(Action.STOP, Who.PROVIDER, Step.MISSING)
_ELSEWHERE = Verdict(Action.STOP, Who.PROVIDER, Step.NETWORK)
_OURS = Verdict(Action.STOP, Who.PROVIDER, Step.OURS)
_REFUSED = Verdict(Action.STOP, Who.PROVIDER, Step.LOOK)

_EVERY_DAY = ("dailyLimitExceeded", "dailyLimitExceededUnreg", "quotaExceeded")
_TOO_FAST = (
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "concurrentLimitExceeded",
    "RATE_LIMIT_EXCEEDED",
    "RESOURCE_EXHAUSTED",
    "TooManyRequests",
    "ApplicationThrottled",
    "activityLimitReached",
    "MailboxConcurrency",
)
_STALE = (
    "fullSyncRequired",
    "updatedMinTooLongAgo",
    "syncStateNotFound",
    "syncStateInvalid",
    "resyncRequired",
)
_BAD_VALUE = ("invalid", "invalidArgument", "INVALID_ARGUMENT", "invalidParameter", "badRequest")

_PASSING = (408, 425, 429, 500, 502, 503, 504, 509)

_CODE = re.compile(r"[\w.-]{1,80}")

#: First match wins.
TABLE: tuple[Row, ...] = (
    # RFC 6749 4.1.2.1 has no status for these: they come as 400.
    _row((400,), ("temporarily_unavailable", "server_error", "internal_failure"), (), _RETRY),
    # What a login endpoint says is understood by the login, which knows the age of the consent.
    _row((400, 401, 403), (), (Asked.TOKEN,), _RETURN),
    # A cursor that the provider no longer knows: 410 on Google, several codes on Graph.
    _row((), _STALE, (Asked.CURSOR, Asked.LISTING), _RELIST),
    _row((410, 404), (), (Asked.CURSOR,), _RELIST),
    # A token of another calendar, or a page token that has aged: only the cursor can be at fault,
    # since the same request without it was accepted before.
    _row((400,), ("syncTokenWithRequestRestrictions",), (), _OURS),
    _row((400,), _BAD_VALUE, (Asked.CURSOR,), _RELIST),
    _row((404, 410), (), (Asked.ITEM,), _SKIP),
    _row((401,), (), (), _LOGIN),
    _row((403, 429), _EVERY_DAY, (), _PAUSE),
    _row((403,), _TOO_FAST, (), _RETRY),
    _row(
        (403,),
        ("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes"),
        (),
        _SCOPE,
    ),
    _row((403,), ("accessNotConfigured", "SERVICE_DISABLED"), (), _SWITCHED_OFF),
    _row((403,), ("billingNotEnabled", "BILLING_DISABLED"), (), _UNPAID),
    _row((402,), (), (), _UNPAID),
    _row((403,), ("CONSUMER_SUSPENDED", "CONSUMER_INVALID", "USER_PROJECT_DENIED"), (), _SHUT),
    _row((403,), ("requiredAccessLevel",), (), _UNSHARED),
    _row(
        (403,),
        (
            "domainPolicy",
            "admin_policy_enforced",
            "access_not_configured",
            "ORG_RESTRICTION_VIOLATION",
        ),
        (),
        _POLICY,
    ),
    _row(_PASSING, (), (), _RETRY),
    # No policy: the account has no mailbox, or a service account reads for nobody, which it never
    # does here (facts/google.md 4).
    _row((400,), ("failedPrecondition", "FAILED_PRECONDITION"), (), _NO_MAILBOX),
    _row((400, 405, 406, 411, 413, 414, 415, 422, 501), (), (), _OURS),
    _row((403,), (), (), _CLOSED),
    _row((404, 410), (), (), _MISSING),
    # No API of theirs redirects: a network's sign-in page does, and a proxy wants a password.
    _row((301, 302, 303, 307, 308, 407), (), (), _ELSEWHERE),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What an answer's body says about its failure: reasons in lower case, the outermost first."""

    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The provider's most telling code; "" where it gave none."""
        return self.reasons[0] if self.reasons else ""


def fault(body: object) -> Fault:
    """The reason codes in an error body of Google (old, new, batch style), Graph or OAuth.

    Only what looks like a code, never a message text: those may hold addresses. Any other body gives no reasons.
    """
    return Fault(
        tuple(dict.fromkeys(name.lower() for name in _reasons(body) if _CODE.fullmatch(name)))
    )


def classify(status: int, reasons: Fault, asked: Asked, *, page: bool = False) -> Verdict:
    """Which verdict does the table give? 2xx returns; what no line matches is refused for good.

    `page`: a refusal came as a web page. The providers refuse in JSON: it is a filter's, a proxy's or a
    sign-in page's word, and says nothing of a login or of what was asked for.
    """
    if 200 <= status < 300:
        return _RETURN
    if page and 400 <= status < 500 and status not in _PASSING:
        return _ELSEWHERE
    named = set(reasons.reasons)
    for row in TABLE:
        if row.statuses and status not in row.statuses:
            continue
        if row.reasons and not (row.reasons & named):
            continue
        if row.asked and asked not in row.asked:
            continue
        return row.verdict
    return _RETRY if status >= 500 else _REFUSED


def _reasons(body: object) -> Iterator[str]:
    if isinstance(body, list):  # Google's 403 as a list, which its own client fails on
        body = body[0] if body else None
    if not isinstance(body, Mapping):
        return
    error = body.get("error")
    if isinstance(error, str):  # RFC 6749 5.2
        yield error
        yield _text(body.get("error_subtype"))
        yield _text(body.get("suberror"))
    if not isinstance(error, Mapping):
        return
    for entry in _mappings(error.get("errors")):
        yield _text(entry.get("reason"))
    for detail in _mappings(error.get("details")):
        yield from _detail(detail)
    yield _text(error.get("code"))
    yield _text(error.get("status"))
    inner = error.get("innerError") or error.get("innererror")
    while isinstance(inner, Mapping):
        yield _text(inner.get("code"))
        inner = inner.get("innerError") or inner.get("innererror")


def _detail(detail: Mapping[str, Any]) -> Iterator[str]:
    metadata = detail.get("metadata")
    if isinstance(metadata, Mapping):
        limit = (_text(metadata.get("quota_limit")) + _text(metadata.get("quota_unit"))).lower()
        if "perday" in limit or "/d/" in limit:
            # The new style says RATE_LIMIT_EXCEEDED for the day's quota, too.
            yield "dailyLimitExceeded"
    yield _text(detail.get("reason"))


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    entries = value if isinstance(value, list) else [value]
    return (entry for entry in entries if isinstance(entry, Mapping))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
