"""How does Google say no? The bodies of its errors, one function each.

Sources: facts/google.md 1.1 (410), 2.1 and 2.3 (Gmail), 5 (the two styles of quota errors), 7 (samples);
developers.google.com/workspace/calendar/api/guides/errors.
"""

from __future__ import annotations

import json
from typing import Any

from connectors.sandbox.server.faults import Fault
from connectors.sandbox.server.http import Reply

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class Refused(Exception):
    """An error answer on its way out of a handler."""

    def __init__(
        self, status: int, body: Any, *, headers: dict[str, str] | None = None, reason: str = ""
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.body = body
        self.headers = headers or {}

    def reply(self) -> Reply:
        return Reply(self.status, json.dumps(self.body).encode(), dict(self.headers))


def refusal(
    status: int,
    reason: str,
    message: str,
    *,
    domain: str = "global",
    location: str = "",
    location_type: str = "",
    rpc: bool = True,
    details: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Refused:
    """The usual body: code, message, errors[0] with domain and reason; `rpc` adds the status word."""
    first: dict[str, str] = {"message": message, "domain": domain, "reason": reason}
    if location:
        first |= {"location": location, "locationType": location_type or "parameter"}
    error: dict[str, Any] = {"code": status, "message": message, "errors": [first]}
    if rpc and status in _STATUS:
        error["status"] = _STATUS[status]
    if details:
        error["details"] = details
    return Refused(status, {"error": error}, headers=headers, reason=reason)


def sync_lost() -> Refused:
    return refusal(
        410,
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
        domain="calendar",
        location="syncToken",
        rpc=False,
    )


def updated_min_too_old() -> Refused:
    return refusal(
        410,
        "updatedMinTooLongAgo",
        "The requested minimum modification time lies too far in the past.",
        domain="calendar",
        location="updatedMin",
        rpc=False,
    )


def deleted() -> Refused:
    return refusal(410, "deleted", "Resource has been deleted", rpc=False)


def restrictions() -> Refused:
    return refusal(
        400,
        "syncTokenWithRequestRestrictions",
        "Sync token cannot be used with other request restrictions.",
        domain="calendar",
        location="syncToken",
        rpc=False,
    )


def not_found(calendar: bool = False) -> Refused:
    if calendar:
        return refusal(404, "notFound", "Not Found", rpc=False)
    return refusal(404, "notFound", "Requested entity was not found.")


def unauthenticated() -> Refused:
    return refusal(
        401,
        "authError",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential.",
        location="Authorization",
        location_type="header",
        headers={
            "WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
        },
    )


def insufficient(service: str, method: str) -> Refused:
    return refusal(
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": {"service": service, "method": method},
            }
        ],
        headers={
            "WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", '
            'error="insufficient_scope"'
        },
    )


def not_enabled(service: str) -> Refused:
    """The API is not turned on in the app's project (facts/google.md 4)."""
    message = f"{service} has not been used in project 1 before or it is disabled."
    return refusal(
        403,
        "accessNotConfigured",
        message,
        domain="usageLimits",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {"service": service, "consumer": "projects/1"},
            }
        ],
    )


def metadata_scope(message: str) -> Refused:
    """Gmail's refusals of what the metadata scope may not see (facts/google.md 2.1)."""
    return refusal(403, "forbidden", message)


def unknown_parameter(name: str) -> Refused:
    message = (
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message."
    )
    return refusal(400, "badRequest", message, details=[_violation("", message)])


def bad_value(name: str, message: str) -> Refused:
    return refusal(
        400, "invalidParameter", message, location=name, details=[_violation(name, message)]
    )


def _violation(name: str, message: str) -> dict[str, Any]:
    violation = {"field": name, "description": message} if name else {"description": message}
    return {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [violation],
    }


def over_quota(kind: str, retry_after: float | None = None) -> Refused:
    """The four bodies in which Google says that it is too much. `kind`: a quota word of Faults,
    or `minute` for the allowance of a minute."""
    headers = {} if retry_after is None else {"Retry-After": str(max(0, round(retry_after)))}
    if kind == "too_many":
        return refusal(
            429, "rateLimitExceeded", "Too many concurrent requests for user.", headers=headers
        )
    limit = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'."
    if kind == "minute":
        return refusal(429, "rateLimitExceeded", limit, headers=headers)
    if kind == "rate_403_new":
        body = {
            "error": {
                "code": 403,
                "message": limit,
                "status": "RESOURCE_EXHAUSTED",
                "details": [
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": "RATE_LIMIT_EXCEEDED",
                        "domain": "googleapis.com",
                    }
                ],
            }
        }
        return Refused(403, body, headers=headers, reason="RATE_LIMIT_EXCEEDED")
    word, message = {
        "rate_403": ("userRateLimitExceeded", "User Rate Limit Exceeded"),
        "quota_403": ("quotaExceeded", "Quota exceeded."),
        "daily_403": ("dailyLimitExceeded", "Daily Limit Exceeded"),
        "rate_403_list": ("rateLimitExceeded", "Rate Limit Exceeded"),
    }[kind]
    made = refusal(403, word, message, domain="usageLimits", rpc=False, headers=headers)
    if kind == "rate_403_list":
        made.body = [made.body]
    return made


def struck(fault: Fault, service: str, method: str) -> Refused | None:
    """The answer that a fault puts in place of the real one, or None where it is no answer."""
    if fault.kind in (
        "too_many",
        "rate_403",
        "quota_403",
        "daily_403",
        "rate_403_new",
        "rate_403_list",
    ):
        return over_quota(fault.kind, fault.retry_after)
    if fault.kind == "server_error":
        headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:.0f}"}
        return refusal(fault.status, "backendError", "Backend Error", headers=headers)
    simple = {
        "gone": sync_lost,
        "updated_min": updated_min_too_old,
        "deleted": deleted,
        "expired_token": unauthenticated,
    }.get(fault.kind)
    if simple is not None:
        return simple()
    if fault.kind == "not_found":
        return not_found(service.startswith("calendar"))
    if fault.kind == "forbidden":
        return insufficient(service, method)
    if fault.kind == "not_enabled":
        return not_enabled(service)
    return None
