"""Which mailboxes does a Workspace have, all of them or those of some groups?

Asked of the Admin SDK's Directory API in the name of an administrator. Left out is who has no
mailbox, is suspended or archived; a member of a group from outside the Workspace is nobody of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from connectors.google.client import Google, Json
from connectors.google.json_values import items
from connectors.google.token_pages import answers
from connectors.model import normal_forms
from connectors.model.headers.header_values import plain
from connectors.model.records import Member

#: No directory has so many pages: 50 million people.
_MOST_PAGES = 100_000


def members(google: Google, groups: Sequence[str], *, everybody: bool = False) -> list[Member]:
    """The people of these groups (and of groups within them), or everybody, by address.

    Raises as the client does; ProviderError for a list that does not end.
    """
    wanted: set[str] | None = None
    if not everybody:
        wanted = {
            normal_forms.address(plain(str(row.get("email") or "")))
            for group in groups
            for row in _rows(lambda page, group=group: google.members(group, page), "members")  # type: ignore[misc]
            if row.get("type") == "USER"
        }
    found = {}
    for row in _rows(google.people, "users"):
        member = _member(row)
        if member is None:
            continue
        if wanted is None or wanted & {member.address, *member.aliases}:
            found[member.address] = member
    return [found[address] for address in sorted(found)]


def _rows(ask: Callable[[str], Json], name: str) -> Iterator[Json]:
    """The rows of all pages. Raises ProviderError where a page leads to one that was there."""
    endless = f"directory: the list of {name} does not end, a page came twice"
    for answer in answers(ask, _MOST_PAGES, endless):
        yield from (one for one in items(answer.get(name)) if isinstance(one, dict))


def _member(row: Json) -> Member | None:
    """Somebody with a mailbox; None for who has none or must not log in."""
    if row.get("suspended") or row.get("archived") or row.get("isMailboxSetup") is False:
        return None
    address = normal_forms.address(plain(str(row.get("primaryEmail") or "")))
    if not address:
        return None
    given = row.get("name")
    name = given.get("fullName") if isinstance(given, dict) else ""
    return Member(address, plain(str(name or "")), _others(row, address))


def _others(row: Json, address: str) -> tuple[str, ...]:
    texts: list[Any] = [*(row.get("aliases") or ()), *(row.get("nonEditableAliases") or ())]
    found = {normal_forms.address(plain(str(one))) for one in texts}
    return tuple(sorted(found - {address, ""}))
