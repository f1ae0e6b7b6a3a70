"""Do dated acts from mails and logs find their meeting, each once?"""

from __future__ import annotations

import pytest

from connectors.interfaces import Page
from connectors.model.records import Evidence, Guest, Method, Response
from connectors.store.store import Store
from connectors.sync import MAIL, apply_pages
from tests.support.facts.seen import DANA, Hands, act, mailbox, meeting
from tests.support.store_dump import dump

PRIMARY = "calendar:primary"


@pytest.fixture(autouse=True)
def _after_the_week(hands: Hands) -> None:
    hands.to("Sun 00:00")


def see(store: Store, stream: str, *pages: Page) -> None:
    apply_pages(store, mailbox(store), stream, pages)


def test_an_act_joins_the_calendars_copy(store: Store) -> None:
    see(store, PRIMARY, Page(meetings=(meeting(),)))
    see(store, MAIL, Page(meetings=(act(),)))
    frames = store.frames()
    assert frames.meetings.calendar_id.tolist() == ["primary"]
    assert frames.observations.evidence.tolist() == ["snapshot", "itip"]


def test_an_act_without_a_copy_gets_one_and_the_calendar_takes_it_over(store: Store) -> None:
    see(store, MAIL, Page(meetings=(act(), act(method=Method.CANCEL, acted="Tue 08:00"))))
    frames = store.frames()
    assert frames.meetings.provider_id.tolist() == ["m1@cal.example|"]
    assert frames.meetings.calendar_id.tolist() == ["mail"]
    see(store, PRIMARY, Page(meetings=(meeting(),)))
    frames = store.frames()
    assert frames.meetings.provider_id.tolist() == ["id-m1"]
    assert frames.meetings.calendar_id.tolist() == ["primary"]
    assert len(frames.observations) == 3


def test_the_order_of_mail_and_calendar_does_not_matter(store: Store) -> None:
    series = [act(recurrence="20261102T090000Z"), act("m2"), act("m2", Method.CANCEL, "Tue 08:00")]
    calendar = Page(meetings=(meeting("m1", recurrence="20261102T090000Z"), meeting("m2")))
    one, other = mailbox(store, "one@ours.example"), mailbox(store, "two@ours.example")
    apply_pages(store, one, PRIMARY, [calendar])
    apply_pages(store, one, MAIL, [Page(meetings=tuple(series))])
    apply_pages(store, other, MAIL, [Page(meetings=tuple(series))])
    apply_pages(store, other, PRIMARY, [calendar])
    dumped = dump(store)["meetings"]
    by_box = [
        [
            {k: v for k, v in row.items() if k != "mailbox"}
            for row in dumped
            if row["mailbox"] == who
        ]
        for who in ("one@ours.example", "two@ours.example")
    ]
    assert by_box[0] == by_box[1]
    assert len(by_box[0]) == 2


def test_one_act_in_two_mails_is_one(store: Store) -> None:
    twice = (act(message="a@client.example"), act(message="b@client.example"))
    see(store, MAIL, Page(meetings=twice), Page(meetings=twice[:1]))
    assert len(store.frames().observations) == 1
    see(store, PRIMARY, Page(meetings=(meeting(),)))
    see(store, MAIL, Page(meetings=twice))
    assert len(store.frames().observations) == 2


def test_acts_that_differ_in_anything_that_counts_are_two(store: Store) -> None:
    first = act()
    others = (
        act(acted="Mon 08:01"),
        act(who="eli@client.example"),
        act(response=Response.ACCEPTED),
        act(method=Method.COUNTER),
        act(sequence=2),
    )
    see(store, MAIL, Page(meetings=(first, *others)))
    assert len(store.frames().observations) == 6


def test_undated_acts_are_told_apart_by_their_mail(store: Store) -> None:
    undated = (act(acted=None, message="a@x.example"), act(acted=None, message="b@x.example"))
    see(store, MAIL, Page(meetings=undated), Page(meetings=undated))
    assert len(store.frames().observations) == 2


def test_a_log_and_a_notice_are_acts_too(store: Store) -> None:
    notice = act(evidence=Evidence.NOTICE, acted="Mon 08:00")
    audit = act(evidence=Evidence.AUDIT, method=Method.NONE, acted="Mon 09:00")
    see(store, MAIL, Page(meetings=(notice, audit)), Page(meetings=(audit,)))
    assert store.frames().observations.evidence.tolist() == ["notice", "audit"]


def test_the_guest_who_answers_is_kept_with_the_answer(store: Store) -> None:
    see(store, PRIMARY, Page(meetings=(meeting(guests=(DANA, "eli@client.example")),)))
    see(store, MAIL, Page(meetings=(act(),)))
    guests = store.frames().guests
    assert guests.observation_id.tolist() == [1, 1, 2]
    assert guests.iloc[2].response == "declined"
    assert Guest(DANA).address == guests.iloc[2].address
