"""Who is in the Workspace, and in which group? users.list and members.list of the Directory API.

For an administrator alone, of the whole customer (`my_customer`). Pages hold 500 people and 200 members
at most, by the discovery document. A group that is not there is a 404 of its key. Members from outside
are listed like others; a group within a group is a row of its own and, with
includeDerivedMembership, its members too.
"""

from __future__ import annotations

from typing import Any

from connectors.sandbox.google import errors
from connectors.sandbox.google.call import Call, pack, unpack
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.people import Account

Row = dict[str, Any]
_MOST_PEOPLE, _MOST_MEMBERS = 500, 200


def users_list(call: Call) -> Row:
    """One page of everybody, by address. Raises Refused for who is no administrator."""
    _administrators_only(call)
    if call.values.get("customer") != "my_customer":
        raise errors.bad_value("customer", "Bad Request")
    google = [one for one in call.state.accounts.values() if _here(call, one.address)]
    rows = [_user(call, one) for one in sorted(google, key=lambda one: one.address)]
    return _paged(call, rows, "users", min(call.values.get("maxResults") or 100, _MOST_PEOPLE))


def members_list(call: Call) -> Row:
    """One page of a group's members. Raises Refused for who is no administrator, and for no group."""
    _administrators_only(call)
    group = call.path["groupKey"]
    if group not in call.state.groups:
        raise errors.refusal(404, "notFound", "Resource Not Found: groupKey", rpc=False)
    named = list(call.state.groups[group])
    if call.values.get("includeDerivedMembership"):
        named = list(dict.fromkeys([*named, *call.state.in_group(group)]))
    rows = [_membership(call, one) for one in named]
    return _paged(call, rows, "members", min(call.values.get("maxResults") or 200, _MOST_MEMBERS))


def _administrators_only(call: Call) -> None:
    if call.account.address not in call.quirks.administrators:
        text = "Not Authorized to access this resource/api"
        raise errors.refusal(403, "forbidden", text, rpc=False)


def _here(call: Call, address: str) -> bool:
    """Is this mailbox Google's? Others of the organisation are served elsewhere."""
    return call.state.human(address).system == "google"


def _paged(call: Call, rows: list[Row], name: str, size: int) -> Row:
    token = call.values.get("pageToken")
    start = int(unpack(token, "pageToken")["at"]) if token else 0
    largest = min(size, call.quirks.directory_page)
    page = call.page(list(enumerate(rows))[start:], largest, lambda pair: [pair[0] + 1])
    reply: Row = {"kind": f"admin#directory#{name}", "etag": f'"{call.state.version}"'}
    if page.rows:
        reply[name] = [row for _, row in page.rows]
    if page.again or page.cursor:
        reply["nextPageToken"] = pack({"at": page.cursor[0] if page.cursor else start})
    return reply


def _user(call: Call, account: Account) -> Row:
    first, _, last = account.name.partition(" ")
    row: Row = {
        "kind": "admin#directory#user",
        "id": str(digest("user", account.address) % 10**21),
        "etag": f'"{digest("etag", account.address):x}"',
        "primaryEmail": account.address,
        "name": {"givenName": first, "familyName": last, "fullName": account.name},
        "isAdmin": account.address in call.quirks.administrators,
        "suspended": account.address in call.state.blocked,
        "archived": False,
        "isMailboxSetup": True,
        "orgUnitPath": "/",
    }
    if account.aliases:
        row["aliases"] = list(account.aliases)
    return row


def _membership(call: Call, address: str) -> Row:
    kind = "GROUP" if address in call.state.groups else "USER"
    row: Row = {
        "kind": "admin#directory#member",
        "id": str(digest("user", address) % 10**21),
        "etag": f'"{digest("member", address):x}"',
        "email": address,
        "role": "MEMBER",
        "type": kind,
    }
    if call.state.account_of(address) is not None:
        row["status"] = "SUSPENDED" if address in call.state.blocked else "ACTIVE"
    return row
