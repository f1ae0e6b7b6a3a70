"""Which folders of a mailbox hold mail, and what does lying in each of them mean?

facts/microsoft.md 2.1: the tree is walked, search folders repeat what lies elsewhere, `wellKnownName`
is no property of v1.0, so the fixed folders are asked for by name; a folder takes its meaning from
the fixed folder that it lies in. A program that reads the mailbox by IMAP makes folders of its own
for what it sends, drafts and throws away: they are known by their names, in the languages of
connectors.model.folder_names. Ids of folders never change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from config.errors import ProviderError
from connectors.microsoft.client import Endless, Graph, Part, unusable
from connectors.microsoft.mail.parse import Kind
from connectors.microsoft.times import Json, rows, text
from connectors.model.folder_names import MEANING, folded

#: Graph's fixed names, and what lying below them means. An outbox holds what is not yet sent.
FIXED: Mapping[str, Kind] = {
    "inbox": "inbox",
    "sentitems": "sent",
    "drafts": "drafts",
    "junkemail": "junk",
    "deleteditems": "deleted",
    "outbox": "drafts",
}
#: What a report needs comes first; what can only end a silence comes last.
_ORDER: tuple[Kind, ...] = (
    "sent",
    "named-sent",
    "inbox",
    "other",
    "named-drafts",
    "junk",
    "deleted",
)
#: What the name of an ordinary folder makes of it. Anybody may name one so: who wrote a mail in it
#: is looked at, too (parse.parsed).
_NAMED: Mapping[str, Kind] = {
    "sent": "named-sent",
    "draft": "named-drafts",
    "spam": "junk",
    "trash": "deleted",
}
_SEARCH = "#microsoft.graph.mailsearchfolder"
_PAGE = "250"
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder to read. `kind`: what its mails are."""

    id: str
    kind: Kind


def fixed_ids(graph: Graph) -> dict[str, str]:
    """The ids of the fixed folders by their names; one that a mailbox lacks is left out."""
    parts = [
        Part(name, f"/mailFolders/{name}", "/me/mailFolders/{name}", {"$select": "id"})
        for name in FIXED
    ]
    found = {}
    for told in graph.batch(parts):
        if told.status == 200:
            found[told.key] = text(told.body.get("id"))
        elif told.status != 404:
            raise unusable(told, "/me/mailFolders/{name}")
    if not {"inbox", "sentitems"} <= found.keys():
        raise ProviderError("/me/mailFolders: the mailbox has no inbox or no sent items")
    return found


def tree(graph: Graph, fixed: Mapping[str, str]) -> list[Folder]:
    """All folders whose mail is read, in the order in which it is worth most."""
    by_id = {folder_id: FIXED[name] for name, folder_id in fixed.items()}
    found = [Folder(one, kind) for one, kind in _walk(graph, by_id) if kind != "drafts"]
    return sorted(found, key=lambda one: _ORDER.index(one.kind))


def _walk(graph: Graph, by_id: Mapping[str, Kind]) -> Iterator[tuple[str, Kind]]:
    """Ids and kinds of all folders, parents first. Below the inbox a folder is an ordinary one."""
    waiting: list[tuple[str, Kind, int]] = [("/mailFolders", "other", 0)]
    seen: set[str] = set()
    while waiting:
        path, inherited, depth = waiting.pop(0)
        name = "/me/mailFolders" if path == "/mailFolders" else "/me/mailFolders/{id}/childFolders"
        for row in _listed(graph, path, name):
            folder = text(row.get("id"))
            if not folder or folder in seen or _is_search(row):
                continue
            seen.add(folder)
            kind = by_id.get(folder, inherited)
            if kind == "other":
                kind = _NAMED.get(MEANING.get(folded(text(row.get("displayName"))), ""), "other")
            yield folder, kind
            children = row.get("childFolderCount")
            if isinstance(children, int) and children > 0 and depth < _DEEPEST:
                below: Kind = "other" if kind == "inbox" else kind
                waiting.append(
                    (f"/mailFolders/{quote(folder, safe='')}/childFolders", below, depth + 1)
                )


def _listed(graph: Graph, path: str, name: str) -> Iterator[Json]:
    try:
        for answer in graph.pages(path, {"$top": _PAGE}, name=name):
            yield from rows(answer.get("value"))
    except Endless as error:
        raise ProviderError(error.message) from error


def _is_search(row: Json) -> bool:
    return text(row.get("@odata.type")).lower() == _SEARCH
