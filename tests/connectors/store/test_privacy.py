"""Is a forgotten person gone for good, and old evidence a whole meeting at a time?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.interfaces import Page
from connectors.model.records import AttendanceSeen, Call, Participant
from connectors.store.claims import Claim
from connectors.store.contact_memory import Memory
from connectors.store.store import Store
from connectors.sync import MAIL, apply_pages
from tests.support.facts.seen import DANA, OWNER, Hands, act, at, mail, mailbox, meeting, stub
from tests.support.store_dump import dump

ELI = "eli@client.example"
PRIMARY = "calendar:primary"


def _record(name: str, *who: str) -> AttendanceSeen:
    people = tuple(Participant(one, "", "signed_in", None, None, 60) for one in who)
    return AttendanceSeen(name, "m1@cal.example", "", at("Mon 09:00"), None, people)


def fill(store: Store) -> int:
    box = sync_all(store)
    for who in (DANA, ELI):
        (claim,) = store.claims.ids(box, [Claim("M6", who, "m1@cal.example ", "o1")])
        store.claims.answer(box, claim, "us", at("Mon 10:00"), "command")
    payload = {
        "version": 1,
        "lines": [{"contact": DANA, "k": 2}, {"contact": ELI, "k": 1}],
        "by_contact": {DANA: {"tier": "talk"}, ELI: {"tier": "pause"}},
    }
    store.ledger.save_standings(box, "2026-W45", at("Mon 10:00"), json.dumps(payload))
    return box


def sync_all(store: Store) -> int:
    box = mailbox(store)
    calendar = Page(
        meetings=(
            meeting("m1", guests=(DANA, ELI)),
            meeting("m2", guests=ELI),
            meeting("m3", guests=ELI, organizer=DANA),
        ),
        attendance=(_record("s1", DANA, ELI), _record("s2", ELI)),
    )
    mails = Page(
        messages=(
            mail(DANA, provider_id="from"),
            mail(OWNER, to=(ELI, DANA), sent=True, provider_id="to"),
            mail(OWNER, to=ELI, cc=DANA, sent=True, provider_id="cc"),
            mail(ELI, sender_address=DANA, provider_id="sender"),
            mail(ELI, subject="Ask DANA@CLIENT.Example", provider_id="subject"),
            mail(ELI, provider_id="other"),
        ),
        meetings=(act("m4", guests=()), act("m5", who=ELI)),
        calls=(Call(at("Mon 09:00"), DANA, "spoke"), Call(at("Mon 09:00"), ELI, "spoke")),
    )
    apply_pages(store, box, PRIMARY, [calendar])
    apply_pages(store, box, MAIL, [mails])
    for who in (DANA, ELI):
        store.user_input.tag(box, who, "warm", "", at("Mon 09:00"))
        store.user_input.promise(box, who, "a call", at("Mon 09:00"), at("2026-11-05"), "command")
        store.contact_memory.remember([Memory(who, first_ask=1)])
    return box


@pytest.fixture(autouse=True)
def _after_the_week(hands: Hands) -> None:
    hands.to("Sun 00:00")


def test_nothing_of_a_forgotten_person_is_left(store: Store) -> None:
    fill(store)
    store.privacy.forget("Dana+x@Client.Example")
    left = dump(store)
    assert DANA not in json.dumps(left)
    assert [row["series_uid"] for row in left["meetings"]] == ["m2@cal.example", "m5@cal.example"]
    assert [row["provider_id"] for row in left["messages"]] == ["other"]
    assert [row["provider_id"] for row in left["attendance"]] == ["s2"]
    for name in ("claims", "answers", "calls", "tags", "promises", "memory"):
        assert len(left[name]) == 1, name
    assert json.loads(left["standings"][0]["payload"]) == {
        "version": 1,
        "lines": [{"contact": ELI, "k": 1}],
        "by_contact": {ELI: {"tier": "pause"}},
    }
    assert store.privacy.is_forgotten(DANA)
    assert not store.privacy.is_forgotten(ELI)


@pytest.mark.parametrize("who", ["ana@client.example", "x@client.example", "dana@client.exam"])
def test_nobody_else_is_forgotten(store: Store, who: str) -> None:
    """Whose address ends or begins like another's is not the other."""
    fill(store)
    before = dump(store)
    assert store.privacy.forget(who).rows == 0
    kept = dump(store)
    assert {name: rows for name, rows in kept.items() if rows != before[name]}.keys() <= {
        "suppressed", "meta",
    }  # fmt: skip


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_not_even_in_the_file(store: Store, url: str) -> None:
    fill(store)
    store.privacy.forget(DANA)
    folder = Path(url.removeprefix("sqlite:///")).parent
    held = [path for path in folder.glob("noshow.db*") if path.is_file()]
    assert not any(DANA.encode() in path.read_bytes() for path in held)
    assert any(ELI.encode() in path.read_bytes() for path in held)


def test_later_syncs_do_not_bring_a_forgotten_person_back(store: Store) -> None:
    fill(store)
    store.privacy.forget(DANA)
    before = dump(store)
    sync_all(store)
    apply_pages(store, mailbox(store), MAIL, [Page(meetings=(act("m6"),))])
    assert DANA not in json.dumps(dump(store))
    assert dump(store) == before


def test_what_is_dropped_for_a_forgotten_person_is_settled(store: Store) -> None:
    from connectors.interfaces import Listed

    box = mailbox(store)
    store.privacy.forget(DANA)
    apply_pages(store, box, MAIL, [Page(listed=(Listed("a"), Listed("b")))])
    apply_pages(store, box, MAIL, [Page(messages=(mail(DANA, provider_id="a"),))])
    assert [one.provider_id for one in store.pending.wanted(box, MAIL, 9)] == ["b"]
    apply_pages(store, box, PRIMARY, [Page(meetings=(meeting(), stub("m2")))])
    assert store.frames().meetings.provider_id.tolist() == ["id-m2"]


def test_old_meetings_end_as_a_whole_and_memory_stays(store: Store) -> None:
    box = fill(store)
    apply_pages(store, box, PRIMARY, [Page(meetings=(meeting("late", "Thu 09:00"),))])
    apply_pages(store, box, MAIL, [Page(messages=(mail(moment="Thu 09:00", provider_id="t"),))])
    store.privacy.retain(at("Wed 00:00"))
    left = dump(store)
    assert [row["series_uid"] for row in left["meetings"]] == ["late@cal.example"]
    assert [row["provider_id"] for row in left["messages"]] == ["t"]
    assert left["calls"] == left["attendance"] == left["standings"] == []
    assert len(left["memory"]) == len(left["tags"]) == 2
    frames = store.frames()
    assert len(frames.observations) == 1
    assert len(frames.guests) == 1
    assert len(frames.recipients) == 1


def test_numbers_of_what_ended_are_not_used_again(store: Store) -> None:
    box = fill(store)
    last = store.frames().observations.observation_id.max()
    store.privacy.forget(DANA)
    store.privacy.forget(ELI)
    assert len(store.frames().observations) == 0
    apply_pages(store, box, PRIMARY, [Page(meetings=(meeting("new", guests=()),))])
    assert store.frames().observations.observation_id.tolist() == [last + 1]
