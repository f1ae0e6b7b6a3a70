"""How is a list of Google's read to its end? By the token of the next page, as long as there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from config.errors import ProviderError
from connectors.google.client import Json


def answers(ask: Callable[[str], Json], most: int, endless: str) -> Iterator[Json]:
    """The answer of each page; `ask` takes a page's token, "" for the first. A page may be empty.

    Raises ProviderError, in the words of `endless`, where a page leads to one that was there, or
    after so many pages.
    """
    page = ""
    seen: set[str] = set()
    while True:
        answer = ask(page)
        yield answer
        page = str(answer.get("nextPageToken") or "")
        if not page:
            return
        if page in seen or len(seen) >= most:
            raise ProviderError(endless)
        seen.add(page)
