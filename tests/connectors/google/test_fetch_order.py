"""Does what would date an undated ending come early, and is the order never more than an order?"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from config.clock import Clock, to_micros
from connectors.google.mail.fetch_order import (
    ADVERTS,
    BAND,
    DIALOGUE,
    DISCARDED,
    INBOX,
    SOUGHT,
    in_order,
    places_in,
)
from connectors.google.mail.listing import Listing
from connectors.google.mail.message_ids import moment_of, tells_time
from connectors.google.mail.source import GoogleMail
from connectors.interfaces import Window
from connectors.store.store import Store
from connectors.sync import sync_calendar
from tests.support.providers.google_office import DANA, KATE, LEE, at, messages, office

NOW = to_micros(datetime(2026, 11, 2, 8, tzinfo=UTC))
HOUR = 3_600_000_000
DAY = 24 * HOUR


def id_at(moment: int, salt: int = 7) -> str:
    return format(((moment // 1000) << 20) | salt, "016x")


def listing(mails: dict[int, str], *, probed: dict[str, int] | None = None) -> Listing:
    """Mails by the hours since they came, newest first, each with its labels and its own thread."""
    ids = {hours: id_at(NOW - hours * HOUR) for hours in sorted(mails)}
    return Listing(
        threads={one: one for one in ids.values()},
        labels={ids[hours]: frozenset(labels.split()) for hours, labels in mails.items()},
        since=None,
        probed={id_: NOW - hours * HOUR for hours, id_ in ids.items()}
        if probed is None
        else probed,
    )


def hours(found: Listing, *sought: Window) -> list[int]:
    """The order of the mails, as hours since they came."""
    return [
        round((NOW - (moment_of(one.provider_id) or 0)) / HOUR)
        for one in in_order(found, NOW, sought)
    ]


def around(hours_ago: int) -> Window:
    return Window(NOW - (hours_ago + 1) * HOUR, NOW - (hours_ago - 1) * HOUR)


@pytest.mark.parametrize(
    ("message_id", "accepted"),
    [
        ("14804ad5ff61cc88", 1_408_827_743_000),
        ("17ed3860b714f93e", 1_644_225_863_000),
        ("17ed36c19ec18aeb", 1_644_224_582_000),
    ],
)
def test_real_ids_tell_the_moment_of_their_message(message_id: str, accepted: int) -> None:
    # From Gmail's answers in public logs, beside the date of acceptance [ms].
    assert tells_time({message_id: accepted * 1_000})
    assert not tells_time({message_id: accepted * 1_000 - DAY})


@pytest.mark.parametrize("message_id", ["", "m1", "17ED3860B714F93E", "7ed3860b714f93e", "z" * 16])
def test_another_kind_of_id_tells_nothing(message_id: str) -> None:
    assert moment_of(message_id) is None


def test_ids_are_believed_where_most_probes_agree() -> None:
    right = {id_at(NOW - day * DAY): NOW - day * DAY for day in range(3)}
    moved = {id_at(NOW, salt): NOW - 900 * DAY for salt in (1, 2)}
    assert tells_time(right)
    assert tells_time(right | moved)
    assert not tells_time(moved)
    assert not tells_time({"m1": NOW, "m2": NOW})
    assert not tells_time({})


def test_a_message_belongs_to_the_first_window_that_holds_it() -> None:
    ids = [id_at(NOW - hour * HOUR) for hour in range(4)]
    windows = [Window(NOW - HOUR, NOW), Window(NOW - 3 * HOUR, NOW), Window(0, 1)]
    # From the start on, to before the end.
    assert places_in(windows, ids) == {ids[1]: 0, ids[2]: 1, ids[3]: 1}


def test_what_came_lately_and_what_is_sought_goes_before_the_inbox() -> None:
    found = listing({1: "INBOX", 800: "INBOX", 1000: "INBOX", 2000: "INBOX", 3000: "INBOX"})
    assert hours(found) == [1, 800, 1000, 2000, 3000]
    assert hours(found, around(3000), around(1000)) == [1, 3000, 1000, 800, 2000]
    bands = [one.priority // BAND * BAND for one in in_order(found, NOW, [around(3000)])]
    assert bands == [SOUGHT, SOUGHT, INBOX, INBOX, INBOX]


def test_our_own_threads_stay_first_and_adverts_and_spam_are_never_sought() -> None:
    found = listing(
        {
            900: "INBOX",
            1000: "CATEGORY_PROMOTIONS INBOX",
            1001: "SPAM",
            1002: "TRASH",
            1003: "DRAFT",
            4000: "SENT",
        }
    )
    window = Window(NOW - 1100 * HOUR, NOW - 950 * HOUR)
    order = in_order(found, NOW, [window])
    assert hours(found, window) == [4000, 1002, 900, 1001, 1000]
    assert [one.priority // BAND * BAND for one in order] == [
        DIALOGUE,
        SOUGHT,
        INBOX,
        DISCARDED,
        ADVERTS,
    ]


def test_where_ids_tell_nothing_the_order_is_that_of_the_list() -> None:
    mails = {1: "INBOX", 1000: "INBOX", 3000: "INBOX"}
    wrong = {id_at(NOW - HOUR): NOW - 400 * DAY}
    assert hours(listing(mails, probed=wrong), around(3000)) == [1, 1000, 3000]
    assert hours(listing(mails, probed={}), around(3000)) == [1, 1000, 3000]


def test_an_order_leaves_nothing_out_and_says_nothing_of_when_mail_came() -> None:
    found = listing(dict.fromkeys(range(0, 4000, 50), "INBOX"))
    plain = in_order(found, NOW)
    sought = in_order(found, NOW, [around(2000), around(300)])
    assert {one.provider_id for one in sought} == {one.provider_id for one in plain}
    assert {(one.not_before, one.not_after) for one in sought} == {(None, NOW)}


@pytest.mark.parametrize("since_days", [0, 90])
def test_the_notices_that_date_declined_meetings_are_fetched_before_newer_mail(
    tmp_path: Path, since_days: int
) -> None:
    with office(tmp_path) as one:
        world = one.world
        for number, day in enumerate((2.0, 4.0)):
            uid = world.invite(at(day), KATE, [DANA], at(day + 5), title=f"Talk {number}")
            world.answer(at(day, 2), uid, DANA, "accepted")
            world.answer(at(day + 4.9), uid, DANA, "declined")
        for hour in range(60):
            world.mail(at(20, hour), LEE, KATE, f"Notice {hour}")
        world.advance_to(at(50))
        since = to_micros(at(50 - since_days)) if since_days else 0
        with Store.open(f"sqlite:///{tmp_path}/noshow.db", Clock(now_=lambda: at(50))) as store:
            box = store.mailboxes.ensure(KATE, "google", "Europe/Berlin")
            assert sync_calendar(store, one.calendar, box, "primary", one.window).complete
            sought = partial(store.undated_changes.sought, box, least=2, late_hours=24)
            mail = GoogleMail(one.google, sought=sought)
            wanted = [listed for page in mail.pages(None, since) for listed in page.listed]
            first = sorted(wanted, key=lambda listed: listed.priority)[:4]
            seen = messages(list(mail.fetch(first))).values()
        probes = one.sandbox.log.counts()["gmail.users.messages.get"] - len(first)
        assert one.purse.net("gmail:1") == one.sandbox.log.units("gmail.")
        assert one.sandbox.misuse == []
    assert len(wanted) == 64
    assert sorted(one.subject.partition(":")[0] for one in seen) == [
        *["Accepted"] * 2,
        *["Declined"] * 2,
    ]
    assert {one.from_.address for one in seen if one.from_} == {DANA}
    assert probes == 3
