"""Is Google asked through our transport alone, and is every answer the one that was asked for?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from config.errors import AuthError, ConfigError, ProviderError
from connectors.google import resources
from connectors.google.client import NEW_PRICES, OLD_PRICES, Prices, confirm_owner
from connectors.google.mail.parse import ASKED_HEADERS, MESSAGE_MASK
from connectors.google.resources import Metadata
from connectors.sandbox.server.quota import PRICES
from connectors.transport.error_table import Asked
from tests.support.providers.google_office import google_at
from tests.support.servers.scripted_http import Purse, Reply, failure, serving


def test_building_and_asking_reaches_nothing_but_the_endpoint() -> None:
    # The door to the outside is closed in every test: a discovery request would fail this one.
    with serving(Reply(body={"emailAddress": "kate@ourco.example", "historyId": "5"})) as script:
        with google_at(script.url) as google:
            assert google.profile()["historyId"] == "5"
    assert script.seen[0].path == "/gmail/v1/users/me/profile"
    assert script.seen[0].headers["authorization"] == "Bearer key"


def test_a_login_says_whose_mailbox_it_opens_and_another_one_is_refused() -> None:
    kates = frozenset({"kate@ourco.example", "k.lind@ourco.example"})
    with serving(Reply(body={"emailAddress": "K.Lind+news@OurCo.example"})) as script:
        with google_at(script.url) as google:
            owner = google.owner()
    confirm_owner(owner, kates)
    with pytest.raises(AuthError, match="another account") as caught:
        confirm_owner("eve@ourco.example", kates)
    assert "eve" not in caught.value.message + caught.value.hint
    # Nobody who is not known is accused of being somebody else.
    confirm_owner("", kates)
    confirm_owner("eve@ourco.example", frozenset())


def test_metadata_is_asked_for_with_every_header_and_without_a_snippet() -> None:
    with serving(Reply(body={"id": "m1"})) as script, google_at(script.url) as google:
        google.message("m1", ASKED_HEADERS, MESSAGE_MASK)
    query = script.seen[0].query
    assert query["format"] == ["metadata"]
    assert query["metadataHeaders"] == list(ASKED_HEADERS)
    assert "snippet" not in query["fields"][0]
    assert "body" not in query["fields"][0]


@pytest.mark.parametrize("what", ["message", "thread"])
def test_an_answer_about_something_else_is_not_believed(what: str) -> None:
    with serving(Reply(body={"id": "m2"})) as script, google_at(script.url) as google:
        with pytest.raises(ProviderError, match="another"):
            getattr(google, what)("m1", ASKED_HEADERS, MESSAGE_MASK)


@pytest.mark.parametrize(("prices", "name"), [(NEW_PRICES, "new"), (OLD_PRICES, "old")])
def test_units_are_paid_as_google_charges_them(prices: Prices, name: str) -> None:
    charged = PRICES[name]  # type: ignore[index]
    assert charged == {
        "gmail.users.getProfile": prices.profile,
        "gmail.users.labels.list": prices.labels,
        "gmail.users.labels.get": prices.labels,
        "gmail.users.messages.list": prices.listing,
        "gmail.users.threads.list": prices.listing,
        "gmail.users.history.list": prices.history,
        "gmail.users.messages.send": prices.send,
        "gmail.users.messages.get": prices.get,
        "gmail.users.threads.get": prices.thread,
    }
    purse = Purse()
    with serving(Reply(body={"id": "m1"})) as script:
        with google_at(script.url, purse=purse, prices=prices) as google:
            google.message("m1", ASKED_HEADERS, MESSAGE_MASK)
            google.events("primary", Asked.LISTING, {})
    assert purse.taken == {"gmail:7": prices.get, "calendar:7": 1}


def test_an_api_that_is_not_enabled_names_the_settings_and_a_scope_names_the_owner() -> None:
    with serving(failure(403, "accessNotConfigured")) as script, google_at(script.url) as google:
        with pytest.raises(ConfigError) as config:
            google.labels()
    assert "apis/library/gmail.googleapis.com" in config.value.hint
    with serving(failure(403, "insufficientPermissions")) as script:
        with google_at(script.url) as google, pytest.raises(AuthError) as auth:
            google.labels()
    assert "noshow connect" in auth.value.hint


@pytest.mark.parametrize("collection", [resources.messages, resources.threads])
@pytest.mark.parametrize(
    "asked", [Metadata(("From", "Message-ID"), "id,payload(headers)"), Metadata((), "id")]
)
@pytest.mark.parametrize("item_id", ["19a1c9ec35aa946f", "any-item", "a/b c~é%3F"])
def test_a_request_built_once_is_the_one_that_the_library_builds_each_time(
    collection: Callable[[str], Any], asked: Metadata, item_id: str
) -> None:
    endpoint = "https://gmail.example/"
    form: dict[str, Any] = {"format": "minimal"}
    if asked.headers:
        form = {"format": "metadata", "metadataHeaders": list(asked.headers)}
    whole = collection(endpoint).get(userId="me", id=item_id, fields=asked.mask, **form)
    for _ in range(2):
        once = resources.one(collection, endpoint, item_id, asked)
        assert (once.uri, once.method, once.body) == (whole.uri, whole.method, whole.body)
        assert once.headers == whole.headers
        # What sending it notes there is this request's alone.
        once.headers["x-noted"] = "here"
