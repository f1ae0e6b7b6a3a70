"""What must every source do, whoever it reads? One suite for Google, Microsoft 365 and files.

Where a way cannot do something by its nature, it says so (`Reader.cannot`), and the test holds it to
what it does instead: nothing is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from connectors.model.records import Evidence, Response
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.mails import PRIVATE
from tests.contracts.readers import FLAGS, WAYS, Reader, lose_cursors, reader
from tests.contracts.world import ANA, DANA, KATE, LEE, Small, at, small

WEEKLY = [f"{day}T090000Z" for day in ("20261104", "20261111", "20261118", "20261125")]
WEEKLY += ["20261202T090000Z", "20261209T090000Z"]


@pytest.fixture
def story() -> Small:
    return small()


@pytest.fixture(params=WAYS)
def source(request: pytest.FixtureRequest, tmp_path: Path, story: Small) -> Iterator[Reader]:
    with reader(request.param, tmp_path, story.world) as made:
        yield made


def looked(source: Reader) -> Reader:
    """The source after one whole poll."""
    assert all(one.complete for one in source.poll())
    return source


def last_answer(source: Reader, uid: str, who: str, occurrence: str = "") -> str:
    return source.answers()[(uid.lower(), occurrence, who)]


def test_everything_is_read(source: Reader, story: Small) -> None:
    looked(source)
    single = {(uid.lower(), "") for uid in (story.review, story.vendor, story.fair)}
    assert set(source.meetings.index) == single | {(story.weekly.lower(), key) for key in WEEKLY}
    known = {mail.letter.key for mail in story.world.state.mailboxes[KATE].mails.values()}
    # A draft may be left out; nothing else may.
    assert set(source.mails.index) | {story.draft} == known
    assert len(source.store.frames().pending) == 0


def test_an_empty_page_is_not_the_end(source: Reader) -> None:
    if source.server is not None:
        for where in EMPTY[source.way]:
            source.server.faults.add(Fault("empty_page", where=where))
        looked(source)
        assert source.server.faults.fired["empty_page"] == 2
    else:
        looked(source)
    assert len(source.meetings) == 9
    assert len(source.mails) >= 10


#: A page of a calendar and a page of mail, each with nothing on it and a link to the next.
EMPTY = {
    "google": ("calendar.events.list", "gmail.users.messages.list"),
    "microsoft": ("calendarView.list", "messages.delta"),
}


def test_a_second_look_finds_nothing_new(source: Reader) -> None:
    before = looked(source).state()
    counted = len(source.store.frames().observations)
    for outcome in source.poll():
        assert outcome.complete
        assert (outcome.stored, outcome.observations) == (0, 0)
        assert (outcome.vanished, outcome.deleted) == (0, 0)
    assert source.state() == before
    assert len(source.store.frames().observations) == counted


def test_an_occurrence_keeps_its_key_when_it_moves(source: Reader, story: Small) -> None:
    looked(source)
    weekly = source.meetings.loc[story.weekly.lower()]
    assert weekly.index.tolist() == WEEKLY
    # Moved from Wednesday 09:00 to Thursday 11:00, and still known by where it was.
    moved = weekly.loc["20261111T090000Z", "start_at"]
    assert (moved.day, moved.hour) == (12, 11)
    story.world.move(at(5), story.review, at(14, 5))
    source.advance(at(5, 1))
    looked(source)
    assert source.meetings.loc[(story.review.lower(), ""), "start_at"] == at(14, 5)
    assert len(source.meetings) == 9


def test_a_change_is_an_observation_of_its_own(source: Reader, story: Small) -> None:
    looked(source)
    before = source.store.frames().observations
    assert last_answer(source, story.review, DANA) == Response.ACCEPTED
    story.world.answer(at(5), story.review, DANA, "declined", mail=False)
    source.advance(at(5, 1))
    looked(source)
    after = source.store.frames().observations
    assert last_answer(source, story.review, DANA) == Response.DECLINED
    new = after.loc[~after["observation_id"].isin(before["observation_id"])]
    keys = source.store.frames().meetings.set_index("meeting_id")["series_uid"]
    assert keys.loc[new["meeting_id"]].tolist() == [story.review.lower()]
    # What was seen before stays as it was seen.
    assert after.merge(before[["observation_id"]], on="observation_id").equals(before)


def test_an_answer_by_mail_is_dated_by_the_message(source: Reader, story: Small) -> None:
    looked(source)
    story.world.answer(at(5), story.review, DANA, "declined")
    source.advance(at(5, 1))
    looked(source)
    facts = source.store.frames()
    acts = facts.observations.loc[facts.observations["evidence"].isin(["itip", "notice"])]
    acted = acts.loc[acts["actor"] == DANA, "acted_at"].dropna()
    if source.way == "google":
        # Gmail's API shows no part of a mail: its calendar mails are read by their subjects.
        assert len(acted) == 0
        assert "Declined: Review" in " ".join(source.mails["subject"])
    else:
        # The second of the answer (iTIP), or that of its mail (Graph).
        late = [(stamp - at(5)).total_seconds() for stamp in acted]
        assert [one for one in late if 0 <= one < 10]


def test_an_assistant_answers_for_somebody(source: Reader, story: Small) -> None:
    world = story.world
    pitch = world.invite(at(4, 2), KATE, [LEE], at(17), title="Pitch")
    world.answer(at(4, 3), pitch, LEE, "declined", by=ANA)
    source.advance(at(5))
    looked(source)
    assert last_answer(source, pitch, LEE) == Response.DECLINED
    written = source.mails.loc[source.mails["subject"].str.contains("Pitch")]
    assert (written["from_address"].tolist(), written["sender_address"].tolist()) == ([LEE], [ANA])


def test_what_is_gone_is_never_wiped(source: Reader, story: Small) -> None:
    looked(source)
    world = story.world
    world.cancel(at(5), story.vendor, mail=False)
    world.remove(at(5, 1), story.fair, KATE)
    world.cancel(at(5, 2), story.weekly, occurrence=at(23, 1), mail=False)
    world.delete_mail(at(5, 3), KATE, story.doomed)
    source.advance(at(6))
    looked(source)
    meetings, mails = source.meetings, source.mails
    assert len(meetings) == 9
    gone = {
        "vendor": str(meetings.loc[(story.vendor.lower(), ""), "status"]),
        "fair": str(meetings.loc[(story.fair.lower(), ""), "status"]),
        "occurrence": str(meetings.loc[(story.weekly.lower(), WEEKLY[3]), "status"]),
        "mail": "there" if pd.isna(mails.loc[story.doomed, "deleted_at"]) else "deleted",
    }
    assert gone == GONE[source.way]
    assert ("deletion" in source.cannot) == ("confirmed" in gone.values())
    # What a stub or an absence does not say is still known.
    assert meetings.loc[(story.vendor.lower(), ""), "subject"] == "Vendor"
    assert meetings.loc[(story.vendor.lower(), ""), "start_at"] == at(15)


#: How each way says that something is gone.
GONE = {
    "google": {
        "vendor": "cancelled",
        "fair": "cancelled",  # the same stub as for a cancellation: nobody is accused by it (M1)
        "occurrence": "cancelled",
        "mail": "deleted",
    },
    "microsoft": {
        "vendor": "cancelled",  # isCancelled, with all details
        "fair": "vanished",
        "occurrence": "vanished",  # Graph says nothing of a deleted occurrence
        "mail": "deleted",
    },
    "files": {
        # What a newer export lacks stays as it was seen: see Reader.cannot.
        "vendor": "confirmed",
        "fair": "confirmed",
        "occurrence": "removed",  # EXDATE says that it is gone, and not why
        "mail": "there",
    },
}


def test_a_lost_cursor_loses_nothing(source: Reader, story: Small) -> None:
    looked(source)
    before = source.state()
    if source.server is None:
        assert "cursor" in source.cannot
        # A reader that has lost its place reads the files from their beginning.
        looked(source)
        assert source.state() == before
        return
    lose_cursors(source)
    looked(source)
    # Of Microsoft's calendar the whole window is listed every time: there is nothing to lose.
    assert source.server.faults.fired.total() == {"google": 2, "microsoft": 1}[source.way]
    assert source.state() == before
    # And the new cursor is as good as the old one.
    story.world.mail(at(5), DANA, KATE, "After the loss")
    source.advance(at(5, 1))
    looked(source)
    assert "After the loss" in source.mails["subject"].tolist()


def test_a_round_that_was_cut_off_after_a_page_is_made_up_for(source: Reader) -> None:
    source.torn()
    looked(source)
    torn = source.state()
    assert len(source.meetings) == 9
    assert torn["pending"] == 0
    looked(source)
    assert source.state() == torn


def test_no_text_that_a_person_wrote_is_stored(source: Reader, story: Small) -> None:
    world = story.world
    world.answer(at(4, 2), story.review, DANA, "declined", comment=f"{PRIVATE} I am ill")
    world.mail(at(4, 3), LEE, KATE, "Words", content_type="text/plain")
    source.advance(at(5))
    looked(source)
    source.store.close()
    assert PRIVATE.encode() not in source.stored_bytes()
    # The search finds what is there: a subject is kept.
    assert b"Words" in source.stored_bytes()


def test_sent_spam_and_draft_are_the_provider_s_word(source: Reader, story: Small) -> None:
    mails = looked(source).mails
    flags = {
        "ask": mails.loc[story.ask, FLAGS].tolist(),
        "reply": mails.loc[story.reply, FLAGS].tolist(),
        "spam": mails.loc[story.spam, FLAGS].tolist(),
        "forged": mails.loc[story.forged, FLAGS].tolist(),
    }
    assert flags == {
        #        sent   spam   draft  inbox  trash
        "ask": [True, False, False, False, False],
        "reply": [False, False, False, True, False],
        "spam": [False, True, False, False, False],
        # Kate's own address stands in its From, and she did not send it.
        "forged": [False, False, False, True, False],
    }
    assert story.draft not in mails.index or bool(mails.loc[story.draft, "draft"])
    assert mails.loc[story.ask, "labels"] == "Clients"


def test_mail_moved_to_the_spam_folder_is_moved_and_not_lost(source: Reader, story: Small) -> None:
    looked(source)
    story.world.label(at(5), KATE, story.reply, add=["SPAM"], remove=["INBOX"])
    source.advance(at(5, 1))
    looked(source)
    moved = source.mails.loc[story.reply]
    assert (bool(moved["spam"]), bool(moved["inbox"])) == (True, False)
    assert pd.isna(moved["deleted_at"])


def test_a_page_that_ends_a_round_is_the_last_and_alone(source: Reader) -> None:
    rounds = source.pages()
    for stream in ("calendar", "mail") if source.server is not None else ("files",):
        pages = rounds[stream]
        assert [page.last for page in pages].count(True) <= 1
        assert not any(page.last for page in pages[:-1])
    if source.server is not None:
        assert rounds["calendar"][-1].last
        assert rounds["calendar"][-1].cursor is not None
        assert rounds["mail"][-1].last
        assert rounds["mail"][-1].cursor is not None


def test_no_page_shows_a_master_an_opinion_or_a_sentinel(source: Reader) -> None:
    pages = [page for found in source.pages().values() for page in found]
    snapshots = [
        seen
        for page in pages
        for seen in page.meetings
        if seen.evidence is Evidence.SNAPSHOT and not seen.stub
    ]
    assert len(snapshots) == 9
    assert len({(one.series_uid, one.recurrence_id) for one in snapshots}) == 9
    for one in snapshots:
        assert one.series_uid == one.series_uid.lower()
        assert one.start_at is not None
        assert at(-30).timestamp() * 1e6 < one.start_at < at(90).timestamp() * 1e6
    messages = {seen.message_key: seen for page in pages for seen in page.messages}
    assert all(one.at is not None for one in messages.values())


def test_all_ways_read_the_same_keys(tmp_path: Path) -> None:
    found = {}
    for way in WAYS:
        story = small()
        folder = tmp_path / way
        folder.mkdir()
        with reader(way, folder, story.world) as one:
            looked(one)
            meetings = one.meetings.reset_index(drop=True)
            columns = ["series_uid", "recurrence_id", "start_at", "subject", "organizer"]
            found[way] = (
                meetings[columns].to_dict("list"),
                sorted(set(one.mails.index) - {story.draft}),
            )
    assert found["google"] == found["microsoft"] == found["files"]
