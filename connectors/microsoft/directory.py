"""Which mailboxes does an organisation at Microsoft 365 have, all of them or those of some groups?

Asked of Graph by the app itself. Left out is who is a guest, is blocked from signing in, or has no
address. Without User.Read.All the members of a group come with their ids alone
(https://learn.microsoft.com/graph/api/group-list-transitivemembers): that is an error here, since a
list of nobody would be believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from config.errors import AuthError, ConfigError, ProviderError
from connectors.microsoft.client import Forbidden, Graph
from connectors.microsoft.times import rows, text
from connectors.model import normal_forms
from connectors.model.records import Member

_SELECT = "id,displayName,mail,userPrincipalName,proxyAddresses,accountEnabled,userType"
_OPTIONS = {"$select": _SELECT, "$top": "999"}
_PERSON = "#microsoft.graph.user"
_NEEDED = (
    "an administrator gives the app User.Read.All and GroupMember.Read.All (application permissions) "
    "at https://entra.microsoft.com, and grants consent"
)


def members(graph: Graph, groups: Sequence[str], *, everybody: bool = False) -> list[Member]:
    """The people of these groups (and of groups within them), or everybody, by address.

    `groups`: object ids, or mail addresses of groups. Raises AuthError where the app may not read the
    directory, ConfigError for an unknown group, and as the client does.
    """
    try:
        people = [*_everybody(graph)] if everybody else [*_of_groups(graph, groups)]
    except Forbidden as error:
        raise AuthError(error.message, hint=_NEEDED) from error
    found = {one.address: one for row in people if (one := _member(row)) is not None}
    return [found[address] for address in sorted(found)]


def _everybody(graph: Graph) -> Iterator[Mapping[str, Any]]:
    first = graph.everywhere("/users", _OPTIONS, name="/users")
    for answer in graph.rest(first, name="/users"):
        yield from rows(answer.get("value"))


def _of_groups(graph: Graph, groups: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    name = "/groups/{id}/transitiveMembers"
    for group in groups:
        number = _id_of(graph, group) if "@" in group else group
        path = f"/groups/{quote(number, safe='')}/transitiveMembers"
        try:
            first = graph.everywhere(path, _OPTIONS, name=name)
        except ProviderError as error:
            raise _unknown() if error.status == 404 else error from error
        for answer in graph.rest(first, name=name):
            for row in rows(answer.get("value")):
                if row.get("@odata.type") != _PERSON:
                    continue
                if not text(row.get("mail")) and not text(row.get("userPrincipalName")):
                    raise AuthError(
                        "the directory shows members of a group without their addresses",
                        hint=_NEEDED,
                    )
                yield row


def _id_of(graph: Graph, address: str) -> str:
    """The object id of the group that has this address."""
    literal = address.replace("'", "''")
    options = {"$filter": f"mail eq '{literal}'", "$select": "id", "$top": "2"}
    first = graph.everywhere("/groups", options, name="/groups")
    found = [row for page in graph.rest(first, name="/groups") for row in rows(page.get("value"))]
    if len(found) != 1:
        raise _unknown()
    return text(found[0].get("id"))


def _unknown() -> ConfigError:
    return ConfigError(
        "the organisation has no group of a name in [team] microsoft_groups",
        hint="write the group's mail address or its object id",
    )


def _member(row: Mapping[str, Any]) -> Member | None:
    """Somebody of the organisation with an address; None for guests and for who is blocked."""
    if row.get("accountEnabled") is False or text(row.get("userType")).lower() == "guest":
        return None
    address = normal_forms.address(text(row.get("mail")) or "")
    if not address:
        # Without a mail address there is no mailbox of theirs.
        return None
    proxies = row.get("proxyAddresses")
    given = [text(one) for one in proxies] if isinstance(proxies, list) else []
    others = [one[5:] for one in given if one.lower().startswith("smtp:")]
    known = {normal_forms.address(one) for one in (*others, text(row.get("userPrincipalName")))}
    return Member(address, text(row.get("displayName")), tuple(sorted(known - {address, ""})))
