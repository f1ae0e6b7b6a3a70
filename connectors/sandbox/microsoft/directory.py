"""Who is in the organisation, and in which group? /users, /groups and transitiveMembers of Graph.

Directory objects have refusals of their own (Authorization_RequestDenied, Request_ResourceNotFound).
Who may list a group and not read its people is shown their types and ids alone
(https://learn.microsoft.com/graph/permissions-overview, limited information for inaccessible members).
"""

from __future__ import annotations

import re
from uuid import UUID

from connectors.sandbox.microsoft.methods import Ask, Refused, paged, selected
from connectors.sandbox.microsoft.values import Json
from connectors.sandbox.world.mailboxes import digest

_FILTER = re.compile(r"mail eq '((?:[^']|'')*)'")
_ALWAYS = ("id", "displayName", "mail", "userPrincipalName")


def denied() -> Refused:
    text = "Insufficient privileges to complete the operation."
    return Refused(403, "Authorization_RequestDenied", text)


def answer(ask: Ask) -> Json:
    """One answer about people or groups."""
    state = ask.state
    if ask.method.id == "users.list":
        served = [one for one in state.accounts if state.human(one).system == "exchange"]
        return paged(ask, sorted(served), lambda one: _person(ask, one), ask.size(100, 999))
    if ask.method.id == "groups.list":
        match = _FILTER.fullmatch(ask.query.get("$filter", ""))
        if match is None:
            raise Refused(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter.")
        wanted = match.group(1).replace("''", "'")
        found = [one for one in state.groups if one == wanted]
        return paged(ask, found, lambda one: {"id": number(one)}, ask.size(100, 999))
    for group in state.groups:
        if number(group) == ask.values["group"]:
            inside = state.in_group(group)
            return paged(ask, inside, lambda one: _member(ask, one), ask.size(100, 999))
    text = f"Resource '{ask.values['group']}' does not exist."
    raise Refused(404, "Request_ResourceNotFound", text)


def number(address: str) -> str:
    """The object id of a person or group."""
    return str(UUID(int=digest("object", address) << 64 | digest("id", address)))


def _member(ask: Ask, address: str) -> Json:
    kind: Json = {"@odata.type": "#microsoft.graph.user"}
    if not ask.may("User.Read.All"):
        names = ask.query.get("$select", "").split(",")
        return kind | {name: None for name in names if name} | {"id": number(address)}
    return kind | _person(ask, address)


def _person(ask: Ask, address: str) -> Json:
    account = ask.state.account_of(address)
    aliases = account.aliases if account is not None else ()
    # Somebody from outside, or who is served elsewhere, is in a group as a guest.
    guest = account is None or ask.state.human(address).system != "exchange"
    full: Json = {
        "id": number(address),
        "displayName": ask.state.human(address).name or address,
        "mail": address,
        "userPrincipalName": address.replace("@", "_") + "#EXT#@ourco.example"
        if guest
        else address,
        "proxyAddresses": [f"SMTP:{address}", *(f"smtp:{one}" for one in aliases)],
        "accountEnabled": address not in ask.state.blocked,
        "userType": "Guest" if guest else "Member",
    }
    names = [one for one in ask.query.get("$select", "").split(",") if one]
    for name in names:
        if name not in full:
            text = f"Could not find a property named '{name}' on type 'microsoft.graph.user'."
            raise Refused(400, "BadRequest", text)
    return selected(full, names or _ALWAYS)
