"""Does a mail sync account for everything that was ever listed, and fetch it once?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from config.errors import SuspiciousSync, TransientError
from connectors.interfaces import Listed, Page
from connectors.store.store import Store
from connectors.sync import MAIL, Steering, SyncOutcome, apply_pages, sync_mail
from tests.support.facts.seen import DANA, OWNER, Hands, at, change, mail, mailbox
from tests.support.servers.slow_provider import Crash, Mailbox, Script
from tests.support.stored_mails import stored_mails


@pytest.fixture(autouse=True)
def _after_the_week(hands: Hands) -> None:
    hands.to("Sun 00:00")


@pytest.fixture
def source() -> Mailbox:
    return Mailbox()


def sync(store: Store, source: Mailbox, *, allow_empty: bool = False) -> SyncOutcome:
    return sync_mail(store, source, mailbox(store), 0, Steering(allow_empty=allow_empty))


def put(source: Mailbox, number: int) -> None:
    for each in range(number):
        source.put(mail(moment=at("Mon 08:00") + each, provider_id=f"{each:04}"))


def test_everything_listed_is_fetched_once(store: Store, source: Mailbox) -> None:
    put(source, 10)
    outcome = sync(store, source)
    assert (outcome.stored, outcome.pending, outcome.failures, outcome.complete) == (10, 0, 0, True)
    source.put(mail(provider_id="0010"))
    sync(store, source)
    assert sorted(source.fetched) == [f"{each:04}" for each in range(11)]


def test_a_quota_that_ends_midway_leaves_stored_and_pending_that_add_up(
    store: Store, source: Mailbox
) -> None:
    put(source, 200)
    source.fetching = Script(broken=20)
    outcome = sync(store, source)
    assert isinstance(outcome.error, TransientError)
    assert (outcome.complete, outcome.pending) == (False, 137)
    counts = store.pending.counts(mailbox(store))
    assert (counts.stored, counts.pending, counts.given_up) == (63, 137, 0)
    source.fetching = Script()
    assert sync(store, source).complete
    assert len(source.fetched) == len(set(source.fetched)) == 200


def test_the_urgent_then_the_newest_is_fetched_first(store: Store) -> None:
    box = mailbox(store)
    listed = (
        Listed("old", priority=1, not_after=at("Mon 08:00")),
        Listed("undated", priority=1),
        Listed("new", priority=1, not_after=at("Tue 08:00")),
        Listed("since", priority=1, not_before=at("Mon 12:00")),
        Listed("urgent", priority=0),
        Listed("dull", priority=9, not_after=at("Fri 08:00")),
    )
    apply_pages(store, box, MAIL, [Page(listed=listed)])
    order = [one.provider_id for one in store.pending.wanted(box, MAIL, 10)]
    assert order == ["urgent", "new", "since", "old", "undated", "dull"]
    assert [one.provider_id for one in store.pending.wanted(box, MAIL, 2)] == ["urgent", "new"]
    apply_pages(store, box, MAIL, [Page(listed=(Listed("dull", priority=0), Listed("urgent")))])
    assert [one.provider_id for one in store.pending.wanted(box, MAIL, 2)] == ["dull", "urgent"]


def test_failures_are_counted_named_and_asked_for_once_a_run(store: Store, source: Mailbox) -> None:
    put(source, 6)
    source.broken, source.hopeless, source.silent = {"0001"}, {"0002"}, {"0003"}
    outcome = sync(store, source)
    assert (outcome.stored, outcome.pending, outcome.failures) == (3, 2, 1)
    assert (outcome.complete, outcome.problem) == (False, "2 entries could not be fetched yet")
    assert [one.reason for one in store.pending.failures(mailbox(store))] == ["cannot be read"]
    sync(store, source)
    assert [source.fetched.count(one) for one in ("0001", "0002", "0003")] == [2, 1, 2]
    tries = store.frames().pending.set_index("provider_id").tries
    assert tries.to_dict() == {"0001": 2, "0002": 1, "0003": 2}
    source.broken, source.silent = set(), set()
    assert sync(store, source).complete


def test_what_is_gone_before_it_is_fetched_is_settled(store: Store, source: Mailbox) -> None:
    put(source, 4)
    source.script = Script(between=lambda _: source.items.pop("0000", None))
    outcome = sync(store, source)
    assert (outcome.stored, outcome.pending, outcome.failures, outcome.complete) == (3, 0, 0, True)


def test_marks_change_and_headers_do_not(store: Store, source: Mailbox) -> None:
    put(source, 2)
    sync(store, source)
    source.flag("0000", flagged=True, inbox=False)
    source.items["0001"] = replace(source.items["0001"], subject="Rewritten")
    source.flag("0001", spam=True)
    sync(store, source)
    box = mailbox(store)
    apply_pages(store, box, MAIL, [Page(messages=(source.items["0001"],))])
    frame = stored_mails(store).sort_values("provider_id")
    assert frame.flagged.tolist() == [True, False]
    assert frame.inbox.tolist() == [False, True]
    assert frame.spam.tolist() == [False, True]
    assert frame.subject.tolist() == ["About 0000", "About 0001"]


def test_a_draft_is_rewritten_until_it_is_sent(store: Store) -> None:
    box = mailbox(store)
    draft = mail(OWNER, provider_id="d", to=(), draft=True, subject="")
    sent = mail(OWNER, provider_id="d", to=DANA, sent=True, subject="Hello")
    apply_pages(store, box, MAIL, [Page(messages=(draft,))])
    apply_pages(store, box, MAIL, [Page(messages=(sent,))])
    frames = store.frames()
    assert frames.messages[["subject", "draft", "sent"]].to_numpy().tolist() == [
        ["Hello", False, True]
    ]
    assert frames.recipients.address.tolist() == [DANA]


def test_a_draft_that_lost_its_mark_is_read_again_as_what_was_sent(store: Store) -> None:
    box = mailbox(store)
    draft = mail(moment="Mon 08:00", provider_id="d", subject="Perhaps", draft=True)
    sent = mail(moment="Mon 17:00", provider_id="d", subject="The offer", sent=True)
    apply_pages(store, box, MAIL, [Page(messages=(draft,), listed=(Listed("d"),))])
    apply_pages(store, box, MAIL, [Page(changes=(change("d", sent=True, draft=False),))])
    assert [one.provider_id for one in store.pending.wanted(box, MAIL, 9)] == ["d"]
    apply_pages(store, box, MAIL, [Page(messages=(sent,))])
    row = store.frames().messages.iloc[0]
    assert (row["subject"], row["draft"], row["sent"]) == ("The offer", False, True)
    assert row["at"] == pd.Timestamp(at("Mon 17:00"), unit="us", tz="UTC")
    assert store.pending.count(box, MAIL) == 0


def test_what_was_sent_stays_sent_wherever_its_owner_puts_it(store: Store) -> None:
    """At Microsoft 365 by a later look at the folder it was put into, at Gmail by a change of labels."""
    box = mailbox(store)
    sent = mail(OWNER, provider_id="s", to=DANA, sent=True)
    apply_pages(store, box, MAIL, [Page(messages=(sent,))])
    apply_pages(store, box, MAIL, [Page(messages=(replace(sent, sent=False, trash=True),))])
    apply_pages(store, box, MAIL, [Page(changes=(change("s", labels=("Clients",)),))])
    row = stored_mails(store).iloc[0]
    assert (row["sent"], row["trash"], row["labels"]) == (True, False, "Clients")


def test_what_is_put_among_the_sent_mail_is_read_again_for_its_writer(store: Store) -> None:
    box = mailbox(store)
    answer = mail(DANA, provider_id="r", to=OWNER)
    apply_pages(store, box, MAIL, [Page(messages=(answer,))])
    apply_pages(store, box, MAIL, [Page(changes=(change("r", sent=True),))])
    assert [one.provider_id for one in store.pending.wanted(box, MAIL, 9)] == ["r"]
    apply_pages(store, box, MAIL, [Page(messages=(answer,))])
    assert store.frames().messages["sent"].tolist() == [False]
    assert store.pending.count(box, MAIL) == 0


def test_a_mark_on_an_unknown_mail_makes_it_wanted(store: Store) -> None:
    box = mailbox(store)
    apply_pages(store, box, MAIL, [Page(changes=(change("unknown", flagged=True),))])
    assert [one.provider_id for one in store.pending.wanted(box, MAIL, 10)] == ["unknown"]


def test_a_deleted_mail_stays_marked(store: Store, source: Mailbox, hands: Hands) -> None:
    put(source, 3)
    sync(store, source)
    hands.go(hours=1)
    source.delete("0001")
    assert sync(store, source).deleted == 1
    assert stored_mails(store).deleted_at.notna().tolist() == [False, True, False]
    assert store.pending.counts(mailbox(store)).stored == 3


def test_a_lost_history_loses_nothing_and_marks_what_is_missing(
    store: Store, source: Mailbox, hands: Hands
) -> None:
    hands.to("Tue 00:00")
    put(source, 7)
    sync(store, source)
    source.items.pop("0003")
    source.lose_cursors()
    hands.go(hours=1)
    outcome = sync(store, source)
    assert (outcome.deleted, outcome.complete) == (1, True)
    frame = stored_mails(store).set_index("provider_id")
    assert frame.index[frame.deleted_at.notna()].tolist() == ["0003"]
    assert len(source.fetched) == 7
    source.put(mail(provider_id="0003"))
    source.lose_cursors()
    sync(store, source)
    assert stored_mails(store).deleted_at.isna().all()


def test_a_mailbox_that_is_suddenly_empty_is_not_believed(
    store: Store, source: Mailbox, hands: Hands
) -> None:
    hands.to("Tue 00:00")
    put(source, 3)
    sync(store, source)
    source.items.clear()
    source.lose_cursors()
    with pytest.raises(SuspiciousSync):
        sync(store, source)
    assert stored_mails(store).deleted_at.isna().all()
    assert sync(store, source, allow_empty=True).deleted == 3


def test_killed_while_listing_and_while_fetching_it_goes_on(store: Store, source: Mailbox) -> None:
    put(source, 10)
    source.script = Script(crash=1)
    with pytest.raises(Crash):
        sync(store, source)
    source.script, source.fetching = Script(), Script(crash=1)
    with pytest.raises(Crash):
        sync(store, source)
    source.fetching = Script()
    assert sync(store, source).complete
    assert len(source.fetched) == len(set(source.fetched)) == 10


def test_retracted_ids_are_no_longer_wanted(store: Store) -> None:
    box = mailbox(store)
    apply_pages(store, box, MAIL, [Page(listed=(Listed("a"), Listed("b")))])
    apply_pages(store, box, MAIL, [Page(retracted=("a",), removed=("b",))])
    assert store.pending.count(box) == 0


def test_many_mails_at_once_are_kept_to_the_letter_as_few_are(store: Store) -> None:
    odd = (
        "",
        "a\tb",
        "\\N",
        "\\.",
        "line\nline",
        'say "no"',
        "naïve ☎ 北京",
        "\\t",
        "a\rb",
        "NULL",
        "{}",
    )
    here = mailbox(store)
    many = [
        mail(
            f"p{number}@client.example",
            None if number % 5 == 0 else at("Mon 08:00") + number,
            provider_id=f"{number:04}",
            subject=odd[number % len(odd)],
            headers=odd[(number + 1) % len(odd)],
            important=number % 3 == 0,
            labels=("a b", "c\\d"),
        )
        for number in range(1_050)
    ]
    apply_pages(store, here, MAIL, [Page(messages=tuple(many))])
    few = mailbox(store, "eli@ours.example")
    apply_pages(store, few, MAIL, [Page(messages=(one,)) for one in many[:60]])
    mails = stored_mails(store)
    same = ["provider_id", "subject", "headers", "important", "labels", "at", "from_address"]
    bulk = mails[mails.mailbox_id == here].reset_index(drop=True)
    single = mails[mails.mailbox_id == few].reset_index(drop=True)
    assert len(bulk) == 1_050
    pd.testing.assert_frame_equal(bulk.loc[:59, same], single[same])
    assert bulk.subject.tolist() == [one.subject for one in many]
