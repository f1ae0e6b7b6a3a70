"""How do these tests ask a sandbox? Small builders around real HTTP and Google's real client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from connectors.sandbox.google.server import (
    CALENDAR,
    CALENDAR_LIST,
    MAIL,
    MEET,
    SEND,
    GoogleSandbox,
)
from connectors.sandbox.world.world import World

KATE = "kate@ourco.example"
OMAR = "omar@client.example"
EVENTS = "calendar/v3/calendars/primary/events"
GMAIL = "gmail/v1/users/me/"
ACTIVITIES = "admin/reports/v1/activity/users/all/applications/calendar"
#: What a test opened and its end must close.
OPEN: list[Callable[[], object]] = []
#: A Monday.
BEGIN = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


def day(number: int, hour: float = 9) -> datetime:
    """Hours UTC on a day counted from the Monday on which these worlds begin."""
    return BEGIN.replace(hour=0) + timedelta(days=number, hours=hour)


def world_of_kate(**account: Any) -> World:
    """Kate, served; Omar, outside."""
    world = World(BEGIN)
    world.account(KATE, "Kate Lind", **account)
    world.human(OMAR, "Omar Haddad")
    return world


class Asker:
    """A client with one token, and nothing clever."""

    def __init__(self, google: GoogleSandbox, *scopes: str, who: str = KATE) -> None:
        self.google = google
        self.login = google.issue_token(who, scopes or (CALENDAR, CALENDAR_LIST, MAIL, MEET))
        self.session = requests.Session()
        self.session.trust_env = False
        OPEN.append(self.session.close)
        self.token = self.refresh().json().get("access_token", "")

    def refresh(self, **changes: str) -> requests.Response:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.login["refresh_token"],
            "client_id": self.login["client_id"],
            "client_secret": self.login["client_secret"],
        }
        return self.session.post(self.google.token_uri, data=form | changes, timeout=5)

    def ask(self, path: str, **query: Any) -> requests.Response:
        """GET; a True becomes `true`, a list a repeated parameter."""
        flat = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in query.items()
        }
        return self.session.get(
            self.google.api_root + path,
            params=flat,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=10,
        )

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """The JSON of an answer that must be 200."""
        reply = self.ask(path, **query)
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    def reason(self, path: str, **query: Any) -> tuple[int, str]:
        """Status and errors[0].reason of a refusal."""
        reply = self.ask(path, **query)
        return reply.status_code, reply.json()["error"]["errors"][0]["reason"]

    def events(self, **query: Any) -> list[dict[str, Any]]:
        """The items of one listing over all its pages."""
        return [item for page in self.pages(EVENTS, **query) for item in page["items"]]

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All pages of a listing, at most 100."""
        for _ in range(100):
            page = self.get(path, **query)
            yield page
            if "nextPageToken" not in page:
                return
            query["pageToken"] = page["nextPageToken"]
        raise AssertionError("the pages do not end")

    def token_of(self, **query: Any) -> str:
        """The sync token of a full listing."""
        return str(list(self.pages(EVENTS, **query))[-1]["nextSyncToken"])

    def sync(self, token: str, **query: Any) -> tuple[list[dict[str, Any]], str]:
        """What changed since a token, and the next one."""
        pages = list(self.pages(EVENTS, syncToken=token, **query))
        return [item for page in pages for item in page["items"]], pages[-1]["nextSyncToken"]

    def mails(self, **query: Any) -> list[dict[str, Any]]:
        """All mails that a listing names, fetched as metadata."""
        found = [
            one
            for page in self.pages(GMAIL + "messages", **query)
            for one in page.get("messages", [])
        ]
        return [self.get(GMAIL + f"messages/{one['id']}", format="metadata") for one in found]


def headers(mail: dict[str, Any]) -> dict[str, str]:
    """The headers of a mail, by lower-case name; the last of repeated ones."""
    return {one["name"].lower(): one["value"] for one in mail["payload"]["headers"]}


def client(google: GoogleSandbox, api: str, *scopes: str) -> Any:
    """Google's own client, pointed at the sandbox."""
    versions = {"calendar": "v3", "gmail": "v1", "meet": "v2"}
    login = google.issue_token(KATE, scopes)
    credentials = Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=login["refresh_token"],
        token_uri=login["token_uri"],
        client_id=login["client_id"],
        client_secret=login["client_secret"],
        scopes=login["scopes"],
    )
    root = google.api_root + ("calendar/v3/" if api == "calendar" else "")
    made = build(
        api,
        versions[api],
        credentials=credentials,
        client_options={"api_endpoint": root},
        cache_discovery=False,
    )
    OPEN.append(made.close)
    return made


__all__ = [
    "BEGIN",
    "CALENDAR",
    "CALENDAR_LIST",
    "EVENTS",
    "GMAIL",
    "KATE",
    "MAIL",
    "MEET",
    "OMAR",
    "OPEN",
    "SEND",
    "Asker",
    "client",
    "day",
    "headers",
    "world_of_kate",
]
