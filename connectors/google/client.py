"""How is Google asked? google-api-python-client builds the requests, our transport carries them.

The client library knows the paths and parameters (its discovery documents lie in the package, so
nothing is looked up); httplib2, which repeats a dropped POST by itself and mixes up the answers of
threads (facts/google.md 5), is never used. Every answer is a JSON object or an error, and an item
is the one that was asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from config.errors import AuthError, ProviderError
from connectors.google import resources
from connectors.google.resources import Carrier, carry
from connectors.model import normal_forms
from connectors.transport.client import Pressure, Transport
from connectors.transport.error_table import Asked
from connectors.transport.exchange import Bearer

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the APIs live. Calendar's holds its service path, the others are bare roots."""

    calendar: str = "https://www.googleapis.com/calendar/v3/"
    gmail: str = "https://gmail.googleapis.com/"
    meet: str = "https://meet.googleapis.com/"
    reports: str = "https://admin.googleapis.com/"


@dataclass(frozen=True, slots=True)
class Prices:
    """Gmail quota units per method (facts/google.md 2.2); these are a project's of 2026-05 on."""

    get: int = 20
    thread: int = 40
    listing: int = 5
    history: int = 2
    labels: int = 1
    profile: int = 1
    send: int = 100


NEW_PRICES = Prices()
#: Projects that used the API before May 2026.
OLD_PRICES = Prices(get=5, thread=10)


class Google:
    """One login's way to Google. Safe to share between threads.

    `account` names whose quota is spent: a limiter's key is `gmail:<account>` (in units) or
    `calendar:<account>`, `meet:<account>`, `reports:<account>`, `directory:<account>` (in requests). It is no address.
    Every method raises as `Transport.send` does, and ProviderError for an answer that is not what
    was asked for.
    """

    def __init__(
        self,
        transport: Transport,
        bearer: Bearer,
        *,
        account: str,
        endpoints: Endpoints | None = None,
        prices: Prices = NEW_PRICES,
    ) -> None:
        self.transport = transport
        self.prices = prices
        self._bearer = bearer
        self._account = account
        self._endpoints = endpoints or Endpoints()

    def units(self) -> int:
        """How many of Gmail's quota units this account has spent over this transport so far."""
        return self.transport.spent(f"gmail:{self._account}")

    def pressure(self) -> Pressure:
        """How much Gmail's quota has held this account's requests up so far."""
        return self.transport.pressure(f"gmail:{self._account}")

    def events(self, calendar: str, asked: Asked, parameters: Mapping[str, Any]) -> Json:
        """One page of calendar.events.list."""
        request = resources.events(self._endpoints.calendar).list(calendarId=calendar, **parameters)
        return self._ask(request, "/calendars/{calendarId}/events", asked, self._calendar)

    def profile(self) -> Json:
        """gmail.users.getProfile: emailAddress, historyId, totals."""
        request = resources.users(self._endpoints.gmail).getProfile(
            userId="me", fields="emailAddress,historyId,messagesTotal,threadsTotal"
        )
        return self._ask(request, "/users/me/profile", Asked.LISTING, self._gmail(1))

    def owner(self) -> str:
        """Whose mailbox this login opens, as a normalised address: people pick the wrong account."""
        return account_of(self.profile())

    def labels(self) -> Json:
        """gmail.users.labels.list: ids, names and types."""
        request = resources.labels(self._endpoints.gmail).list(
            userId="me", fields="labels(id,name,type)"
        )
        cost = self._gmail(self.prices.labels)
        return self._ask(request, "/users/me/labels", Asked.LISTING, cost)

    def messages(self, label: str, page: str, *, everywhere: bool) -> Json:
        """One page of at most 500 of gmail.users.messages.list (ids and thread ids).

        `label` is a label id or "" for all; `everywhere` includes spam and trash.
        """
        parameters: Json = {"includeSpamTrash": everywhere}
        if label:
            parameters["labelIds"] = [label]
        if page:
            parameters["pageToken"] = page
        request = resources.messages(self._endpoints.gmail).list(
            userId="me",
            maxResults=500,
            fields="nextPageToken,messages(id,threadId)",
            **parameters,
        )
        asked = Asked.CURSOR if page else Asked.LISTING
        return self._ask(request, "/users/me/messages", asked, self._gmail(self.prices.listing))

    def searched(self, words: str) -> Json:
        """The first id that a search finds; refused to a login that sees headers alone."""
        request = resources.messages(self._endpoints.gmail).list(
            userId="me", q=words, maxResults=1, fields="messages(id)"
        )
        cost = self._gmail(self.prices.listing)
        return self._ask(request, "/users/me/messages", Asked.LISTING, cost)

    def history(self, start: str, page: str) -> Json:
        """One page of gmail.users.history.list since a history id."""
        parameters: Json = {"pageToken": page} if page else {}
        request = resources.history(self._endpoints.gmail).list(
            userId="me",
            startHistoryId=start,
            maxResults=500,
            historyTypes=["messageAdded", "messageDeleted", "labelAdded", "labelRemoved"],
            fields=_HISTORY_MASK,
            **parameters,
        )
        cost = self._gmail(self.prices.history)
        return self._ask(request, "/users/me/history", Asked.CURSOR, cost)

    def message(self, message_id: str, headers: tuple[str, ...], mask: str) -> Json:
        """One message's metadata: the named headers (none: labels and dates only), by the mask."""
        asked = resources.Metadata(headers, mask)
        request = resources.one(resources.messages, self._endpoints.gmail, message_id, asked)
        cost = self._gmail(self.prices.get)
        answer = self._ask(request, "/users/me/messages/{id}", Asked.ITEM, cost)
        return _the_one(answer, message_id, "message")

    def thread(self, thread_id: str, headers: tuple[str, ...], mask: str) -> Json:
        """A whole thread's metadata; the mask is that of one message."""
        asked = resources.Metadata(headers, f"id,messages({mask})")
        request = resources.one(resources.threads, self._endpoints.gmail, thread_id, asked)
        cost = self._gmail(self.prices.thread)
        answer = self._ask(request, "/users/me/threads/{id}", Asked.ITEM, cost)
        return _the_one(answer, thread_id, "thread")

    def hand_over(self, raw: str) -> Json:
        """gmail.users.messages.send of one base64url MIME text, in a single POST, never repeated.

        An empty object means: taken, but the answer was lost. Raises ValueError for a success in
        other words than Gmail's own.
        """
        request = resources.messages(self._endpoints.gmail).send(userId="me", body={"raw": raw})
        cost = self._gmail(self.prices.send)
        answer = self._ask(request, "/users/me/messages/send", Asked.SEND, cost)
        if answer and not answer.get("id"):
            raise ValueError("/users/me/messages/send: an answer without an id")
        return answer

    def conferences(self, parameters: Mapping[str, Any]) -> Json:
        """One page of meet.conferenceRecords.list."""
        request = resources.conferences(self._endpoints.meet).list(**parameters)
        return self._ask(request, "/conferenceRecords", Asked.LISTING, self._requests("meet"))

    def participants(self, record: str, parameters: Mapping[str, Any]) -> Json:
        """One page of meet.conferenceRecords.participants.list."""
        request = resources.participants(self._endpoints.meet).list(parent=record, **parameters)
        name = "/conferenceRecords/{id}/participants"
        return self._ask(request, name, Asked.ITEM, self._requests("meet"))

    def sessions(self, participant: str, parameters: Mapping[str, Any]) -> Json:
        """One page of meet.conferenceRecords.participants.participantSessions.list."""
        request = (
            resources.participants(self._endpoints.meet)
            .participantSessions()
            .list(parent=participant, **parameters)
        )
        name = "/conferenceRecords/{id}/participants/{id}/participantSessions"
        return self._ask(request, name, Asked.ITEM, self._requests("meet"))

    def activities(self, application: str, parameters: Mapping[str, Any]) -> Json:
        """One page of reports.activities.list of all users for one application."""
        request = resources.activities(self._endpoints.reports).list(
            userKey="all", applicationName=application, **parameters
        )
        name = "/activity/users/all/applications/{application}"
        return self._ask(request, name, Asked.LISTING, self._requests("reports"))

    def people(self, page: str) -> Json:
        """One page of directory.users.list: everybody of the Workspace."""
        parameters: Json = {"pageToken": page} if page else {}
        request = (
            resources.directory(self._endpoints.reports)
            .users()
            .list(
                customer="my_customer",
                maxResults=500,
                fields="nextPageToken,users(primaryEmail,name/fullName,aliases,nonEditableAliases,"
                "suspended,archived,isMailboxSetup)",
                **parameters,
            )
        )
        asked = Asked.CURSOR if page else Asked.LISTING
        return self._ask(request, "/admin/directory/users", asked, self._requests("directory"))

    def members(self, group: str, page: str) -> Json:
        """One page of directory.members.list: who is in a group, also by a group within it."""
        parameters: Json = {"pageToken": page} if page else {}
        request = (
            resources.directory(self._endpoints.reports)
            .members()
            .list(
                groupKey=group,
                includeDerivedMembership=True,
                maxResults=200,
                fields="nextPageToken,members(email,type,status)",
                **parameters,
            )
        )
        asked = Asked.CURSOR if page else Asked.LISTING
        name = "/admin/directory/groups/{group}/members"
        return self._ask(request, name, asked, self._requests("directory"))

    def _gmail(self, units: int) -> tuple[tuple[str, int], ...]:
        return ((f"gmail:{self._account}", units),)

    def _requests(self, api: str) -> tuple[tuple[str, int], ...]:
        return ((f"{api}:{self._account}", 1),)

    @property
    def _calendar(self) -> tuple[tuple[str, int], ...]:
        return self._requests("calendar")

    def _ask(
        self, request: Any, name: str, asked: Asked, costs: tuple[tuple[str, int], ...]
    ) -> Json:
        answer = carry(request, Carrier(self.transport, self._bearer, name, asked, costs))
        if not isinstance(answer, dict):
            raise ProviderError(f"{name}: the answer is no JSON object")
        return answer


def account_of(profile: Json) -> str:
    """Whose mailbox is it, by its getProfile? A normalised address; "" where it does not say."""
    return normal_forms.address(str(profile.get("emailAddress") or ""))


def confirm_owner(account: str, own: Collection[str]) -> None:
    """Is this account the mailbox that the settings mean? Raises AuthError where it is another.

    `own`: its normalised addresses. In a browser with several accounts the wrong one is a click
    away. An account that nobody names, or settings without an address, decide nothing.
    """
    if account and own and account not in own:
        raise AuthError(
            "this login opens the mailbox of another account",
            hint="noshow connect google with the mailbox's own account; if it is the right one, "
            "add its address to the mailbox's aliases",
        )


_HISTORY_MASK = (
    "nextPageToken,historyId,history("
    "messagesAdded/message(id,threadId,labelIds),"
    "messagesDeleted/message(id),"
    "labelsAdded(labelIds,message(id,threadId,labelIds)),"
    "labelsRemoved(labelIds,message(id,threadId,labelIds)))"
)


def _the_one(answer: Json, asked_for: str, what: str) -> Json:
    if answer.get("id") != asked_for:
        raise ProviderError(f"the answer is another {what} than the one asked for")
    return answer
