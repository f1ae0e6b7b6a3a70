"""Do the frames say what the store knows, as of any moment?"""

from __future__ import annotations

import pandas as pd
import pytest

from connectors.interfaces import Page
from connectors.model.records import AttendanceSeen, Call, Method, Participant, Response, Status
from connectors.model.schemas import SCHEMAS
from connectors.store.claims import Claim
from connectors.store.contact_memory import Memory
from connectors.store.store import Store
from connectors.sync import apply_pages
from tests.support.facts.seen import DANA, OWNER, Hands, act, at, mail, mailbox, meeting, stub
from tests.support.stored_mails import stored_mails

PRIMARY = "calendar:primary"


def moment(text: str) -> pd.Timestamp:
    return pd.Timestamp(at(text), unit="us", tz="UTC")


def test_frames_of_an_empty_store_fit_their_schemas(store: Store) -> None:
    for name, frame in store.frames():
        assert list(frame.columns) == list(SCHEMAS[name]), name
        assert len(frame) == 0, name
        assert [str(kind) for kind in frame.dtypes] == [
            column.dtype for column in SCHEMAS[name].values()
        ], name


def test_everything_that_was_stored_comes_out(store: Store, hands: Hands) -> None:
    box = mailbox(store)
    hands.to("Mon 10:00")
    session = AttendanceSeen(
        "s1", "m1@cal.example", "", at("Mon 09:00"), at("Mon 09:20"),
        (Participant("", "Dana", "phone", at("Mon 09:01"), None, 1140),),
    )  # fmt: skip
    apply_pages(
        store,
        box,
        PRIMARY,
        [Page(meetings=(meeting(accepted=DANA, on_site=True),), attendance=(session,))],
    )
    written = mail(moment="Mon 09:30", labels=("b", "a"), references=("x@y", "z@y"), due_at=None)
    call = Call(at("Mon 09:45"), DANA, "spoke")
    apply_pages(store, box, "mail", [Page(messages=(written, mail(moment=None)), calls=(call,))])
    store.user_input.tag(box, DANA, "warm", "", at("Mon 09:00"))
    store.user_input.promise(
        box, DANA, "the contract", at("Mon 09:00"), at("2026-11-05"), "command"
    )
    (claim,) = store.claims.ids(box, [Claim("M6", DANA, "m1@cal.example ", "o1")])
    store.claims.answer(box, claim, "us", at("Mon 10:00"), "command")
    store.contact_memory.remember([Memory(DANA, first_ask=at("Mon 08:00"), stage="met")])
    store.ledger.save_standings(box, "2026-W45", at("Mon 10:00"), '{"version": 1}')

    frames = store.frames()
    row = frames.meetings.iloc[0]
    assert (row.status, row.subject, row.on_site, row.stub) == ("confirmed", "Talk m1", True, False)
    assert row.start_at == moment("Mon 09:00")
    assert list(frames.guests.response) == ["accepted"]
    assert frames.messages.labels[0] == "a\nb"
    assert frames.messages.reference_keys[0] == "x@y z@y"
    assert frames.messages["at"].isna().tolist() == [False, True]
    assert frames.recipients.role.tolist() == ["to", "to"]
    assert frames.attendance[["identity", "seconds"]].to_numpy().tolist() == [["phone", 1140]]
    assert frames.calls.outcome.tolist() == ["spoke"]
    assert frames.tags.word.tolist() == ["warm"]
    assert frames.promises.words.tolist() == ["the contract"]
    assert frames.claims.claim_id.tolist() == [claim]
    assert frames.answers.word.tolist() == ["us"]
    assert frames.memory.first_ask.tolist() == [moment("Mon 08:00")]
    assert frames.standings.week.tolist() == ["2026-W45"]
    assert frames.polls.kind.tolist() == ["import", "import"]
    assert frames.polls.finished_at.notna().all()


def test_the_state_of_a_meeting_is_that_of_its_last_look_as_of_then(
    store: Store, hands: Hands
) -> None:
    box = mailbox(store)
    polls = (
        ("Mon 10:00", meeting(start="Thu 09:00", subject="First")),
        ("Tue 10:00", meeting(start="Fri 09:00", subject="Second", accepted=DANA)),
        ("Wed 10:00", stub()),
    )
    for when, seen in polls:
        hands.to(when)
        apply_pages(store, box, PRIMARY, [Page(meetings=(seen,))])
    hands.to("Thu 10:00")

    assert len(store.frames(at("Mon 09:00")).meetings) == 0
    monday = store.frames(at("Mon 12:00"))
    assert monday.meetings.subject.tolist() == ["First"]
    assert monday.meetings.last_seen_at.tolist() == [moment("Mon 10:00")]
    assert monday.guests.response.tolist() == ["none"]
    tuesday = store.frames(at("Tue 12:00")).meetings.iloc[0]
    assert (tuesday.subject, tuesday.start_at) == ("Second", moment("Fri 09:00"))
    now = store.frames().meetings.iloc[0]
    assert (now.status, now.subject, now.start_at) == (
        "cancelled", "Second", moment("Fri 09:00"),
    )  # fmt: skip
    assert not now.stub


def test_a_dated_act_is_cut_by_its_own_moment_and_an_answer_decides_no_state(
    store: Store, hands: Hands
) -> None:
    box = mailbox(store)
    hands.to("Fri 10:00")
    request = act(method=Method.REQUEST, acted="Mon 08:00", response=Response.NONE)
    cancel = act(method=Method.CANCEL, acted="Tue 08:00")
    reply = act(method=Method.REPLY, acted="Wed 08:00")
    apply_pages(store, box, "mail", [Page(meetings=(request, cancel, reply))])

    monday = store.frames(at("Mon 09:00"))
    assert monday.observations.method.tolist() == ["request"]
    assert monday.meetings.status.tolist() == ["confirmed"]
    friday = store.frames()
    assert friday.observations.method.tolist() == ["request", "cancel", "reply"]
    assert friday.meetings.status.tolist() == ["cancelled"]


def test_a_calendar_goes_before_what_mails_say(store: Store, hands: Hands) -> None:
    box = mailbox(store)
    hands.to("Fri 10:00")
    apply_pages(store, box, PRIMARY, [Page(meetings=(meeting(),))])
    cancelled = act(method=Method.CANCEL, acted="Fri 09:59", subject="Cancelled: Talk")
    apply_pages(store, box, "mail", [Page(meetings=(cancelled,))])
    frames = store.frames()
    assert frames.meetings[["status", "subject"]].to_numpy().tolist() == [["confirmed", "Talk m1"]]
    assert frames.observations.evidence.tolist() == ["snapshot", "itip"]


def test_what_was_not_known_then_is_not_shown(store: Store, hands: Hands) -> None:
    box = mailbox(store)
    hands.to("Fri 10:00")
    early, late = mail(moment="Mon 09:00"), mail(moment="Thu 09:00")
    apply_pages(store, box, "mail", [Page(messages=(early, late))])
    apply_pages(store, box, "mail", [Page(removed=(early.provider_id,))])
    store.contact_memory.remember(
        [Memory(DANA, first_ask=at("Mon 08:00"), last_ask=at("Thu 08:00"))]
    )
    store.user_input.tag(box, DANA, "warm", "", at("Thu 09:00"))

    tuesday = store.frames(at("Tue 00:00"))
    assert tuesday.messages.message_key.tolist() == [early.message_key]
    assert len(tuesday.memory) == 0
    assert len(tuesday.tags) == len(tuesday.polls) == 0
    assert stored_mails(store).deleted_at.notna().tolist() == [True, False]
    assert store.frames().memory.last_ask.notna().all()


def test_a_mailbox_that_was_read_by_then_knew_no_mail_that_came_in_later(
    store: Store, hands: Hands
) -> None:
    box = mailbox(store)
    hands.to("Mon 10:00")
    store.pages.finish_poll(store.pages.begin_poll(box, "mail", "delta"))
    apply_pages(store, box, "mail", [Page(messages=(mail(moment="Mon 09:00"),))])
    hands.to("Wed 10:00")
    late = mail(moment="Mon 11:00")
    cancel = act(method=Method.CANCEL, acted="Mon 11:00")
    request = act(method=Method.REQUEST, acted="Mon 08:00", response=Response.NONE)
    apply_pages(store, box, "mail", [Page(messages=(late,), meetings=(request, cancel))])

    tuesday = store.frames(at("Tue 09:00"))
    assert len(tuesday.messages) == 1
    assert set(tuesday.recipients.message_id) == set(tuesday.messages.message_id)
    assert len(tuesday.observations) == len(tuesday.guests) == len(tuesday.meetings) == 0
    assert len(store.frames().messages) == 2
    assert len(store.frames(at("Mon 09:30")).messages) == 1


def test_recipients_are_in_the_order_of_their_mails_and_places_whenever_they_were_written(
    store: Store, hands: Hands
) -> None:
    box = mailbox(store)
    hands.to("Mon 10:00")
    first, second = mail(provider_id="one", draft=True), mail(provider_id="two", cc=DANA)
    apply_pages(store, box, "mail", [Page(messages=(first, second))])
    # A draft is written anew, and its recipients behind those of the other.
    again = mail(provider_id="one", cc="eve@corp.example")
    apply_pages(store, box, "mail", [Page(messages=(again,))])

    frames = store.frames()
    assert frames.recipients.message_id.is_monotonic_increasing
    assert frames.recipients.address.tolist() == [OWNER, "eve@corp.example", OWNER, DANA]
    assert frames.recipients.role.tolist() == ["to", "cc", "to", "cc"]


def test_absurd_moments_and_odd_text_do_not_poison_the_frames(store: Store, hands: Hands) -> None:
    box = mailbox(store)
    odd = meeting(subject="a\0b \ud800", created=None, sequence=2**40)
    seen = [
        Page(meetings=(odd, meeting("m2", start=at("1601-01-01")), meeting("m3", at("4501-01-01"))))
    ]
    apply_pages(store, box, PRIMARY, seen)
    apply_pages(store, box, "mail", [Page(messages=(mail(moment="4501-01-01T00:00"),))])
    frames = store.frames()
    assert frames.meetings.subject[0] == "ab ?"
    assert frames.meetings.start_at.isna().tolist() == [False, True, True]
    assert frames.messages["at"].isna().all()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_snapshot_file_is_private_and_always_removed(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathlib import Path

    from connectors.store.read import frames as module

    state = Path(url.removeprefix("sqlite:///")).parent
    found: list[tuple[str, int]] = []

    def failing(*_: object, **__: object) -> None:
        for path in [*state.glob("frames-*"), *state.glob("frames-*/copy.db")]:
            found.append((path.name, path.stat().st_mode & 0o777))
        raise RuntimeError("while reading")

    monkeypatch.setattr(module, "_frames", failing)
    with pytest.raises(RuntimeError, match="while reading"):
        store.frames()
    assert [mode for _, mode in found] == [0o700, 0o600]
    assert list(state.glob("frames-*")) == []


def test_vanished_shows_as_a_stub_of_a_known_meeting(store: Store, hands: Hands) -> None:
    box = mailbox(store)
    there = [meeting(f"m{n}") for n in range(3)]
    whole = [Page(meetings=tuple(there), full=True, last=True)]
    apply_pages(store, box, PRIMARY, whole)
    hands.go(hours=1)
    seen_at = store.frames().meetings.last_seen_at[0]
    hands.go(hours=1)
    apply_pages(store, box, PRIMARY, [Page(meetings=tuple(there[:2]), full=True, last=True)])
    frames = store.frames()
    gone = frames.meetings.iloc[2]
    assert (gone.status, gone.subject, gone.stub) == (Status.VANISHED, "Talk m2", False)
    assert gone.last_seen_at == seen_at
    assert frames.observations.stub.tolist() == [False, False, False, True]
