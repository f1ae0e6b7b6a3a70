"""After a holiday longer than Google's memory, is everything still there and nobody accused?

The real client against a Google that forgets sync tokens and history after five days and deleted
entries after three. Eleven days pass between two polls.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pandas as pd

from config.clock import Clock
from config.phrasing import load as load_phrases
from config.policy import Policy
from config.settings import Settings
from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.world.recurrence import Rule
from connectors.store.store import Store
from connectors.sync import SyncOutcome, sync_calendar, sync_mail
from jobs.context import ours_from
from reports.detect.pipeline import detect
from tests.support.providers.google_office import DANA, KATE, LEE, Office, at, office
from tests.support.stored_mails import stored_mails

FORGETFUL = Quirks(sync_token_days=5, history_days=5, tombstone_days=3)
BEFORE, AFTER = at(1), at(12)


class Holiday:
    """Kate's office with a store; `look()` syncs both, and `pass_by()` lets the eleven days go."""

    def __init__(self, one: Office, store: Store) -> None:
        self.office, self.store, self.world = one, store, one.world
        self.box = store.mailboxes.ensure(KATE, "google", "Europe/Berlin")

    def poll(self) -> tuple[SyncOutcome, SyncOutcome]:
        calendar = sync_calendar(
            self.store, self.office.calendar, self.box, "primary", self.office.window
        )
        return calendar, sync_mail(self.store, self.office.mail, self.box, 0)

    def begin(self) -> None:
        self.world.advance_to(BEFORE)
        for outcome in self.poll():
            assert outcome.complete

    def pass_by(self) -> tuple[SyncOutcome, SyncOutcome]:
        self.world.advance_to(AFTER)
        self.office.sandbox.log.clear()
        return self.poll()

    def lost(self) -> dict[str, int]:
        """Which cursors did Google refuse?"""
        statuses = self.office.sandbox.log.statuses()
        return {
            "calendar": statuses["calendar.events.list", 410],
            "mail": statuses["gmail.users.history.list", 404],
        }

    def looks_at(self, uid: str) -> pd.DataFrame:
        """The observations of one meeting, in their order."""
        frames = self.store.frames()
        numbers = frames.meetings.loc[frames.meetings["series_uid"] == uid.lower(), "meeting_id"]
        return frames.observations[frames.observations["meeting_id"].isin(numbers)]

    def slots(self) -> pd.DataFrame:
        """What the report makes of the meetings with Dana."""
        settings = Settings.model_validate(
            {"mailbox": [{"address": KATE, "provider": "google"}], "zone": "Europe/Berlin"}
        )
        as_of = pd.Timestamp(self.world.now)
        found = detect(
            self.store.frames(), ours_from(settings), Policy(), load_phrases(), as_of
        ).slots
        return found[found["contact"] == DANA]


@contextmanager
def holiday(folder: Path) -> Iterator[Holiday]:
    with office(folder, quirks=FORGETFUL) as one:
        clock = Clock(now_=lambda: one.world.now, steady_=one.fast.steady, sleep_=one.fast.sleep)
        with Store.open(f"sqlite:///{folder / 'noshow.db'}", clock) as store:
            yield Holiday(one, store)


def stamp(moment: datetime) -> pd.Timestamp:
    return pd.Timestamp(moment).tz_convert("UTC").as_unit("us")


def test_what_happened_while_the_calendars_token_was_lost_is_found_and_dated_no_closer_than_known(
    tmp_path: Path,
) -> None:
    with holiday(tmp_path) as it:
        world = it.world
        made = {
            name: world.invite(at(0), KATE, [DANA], at(10, hour), title=name)
            for hour, name in enumerate(("kept", "gone", "declined", "moved", "cancelled"))
        }
        theirs = world.invite(at(0), DANA, [KATE], at(10, 6), title="theirs")
        series = world.invite(at(0), KATE, [LEE], at(2, 4), title="weekly", rule=Rule("weekly"))
        for uid in made.values():
            world.answer(at(0, 4), uid, DANA, "accepted")
        # Deleted so long ago that the listing does not know it any more.
        world.cancel(at(3), made["gone"], mail=False)
        world.cancel(at(3), theirs, mail=False)
        world.cancel(at(3), series, occurrence=at(9, 4), mail=False)
        world.answer(at(9, 6), made["declined"], DANA, "declined", mail=False)
        world.move(at(9, 6), made["moved"], at(11), mail=False)
        world.cancel(at(9, 23), made["cancelled"], mail=False)
        new = world.invite(at(5), KATE, [DANA], at(15), title="new")
        it.begin()
        before = it.store.frames().observations
        calendar, _ = it.pass_by()
        frames = it.store.frames()
        after = frames.observations
        assert it.lost()["calendar"] == 1
        assert calendar.complete
        # Not a single earlier poll is lost, or another one now.
        pd.testing.assert_frame_equal(after.iloc[: len(before)], before)

        def states(uid: str) -> list[str]:
            return it.looks_at(uid)["status"].tolist()

        assert states(made["kept"]) == ["confirmed"]
        assert states(made["gone"]) == ["confirmed", "vanished"]
        assert states(theirs) == ["confirmed", "vanished"]
        assert states(made["declined"]) == ["confirmed", "confirmed"]
        assert states(made["moved"]) == ["confirmed", "confirmed"]
        assert states(made["cancelled"]) == ["confirmed", "cancelled"]
        assert states(new) == ["confirmed"]
        # An exception of a living series stays listed for as long as the series.
        assert states(series).count("confirmed") > 10
        assert states(series).count("cancelled") == 1
        assert "vanished" not in states(series)
        # Whatever changed, changed between the two polls; nothing says when.
        fresh = after.iloc[len(before) :]
        known = fresh[fresh["meeting_id"].isin(before["meeting_id"])]
        assert len(known) == 6
        assert set(known["seen_after"]) == {stamp(BEFORE)}
        assert set(known["seen_at"]) == {stamp(AFTER)}
        # Nobody is accused: what cannot be dated closer than eleven days is not known.
        slots = it.slots()
        assert not slots["in_k"].any()
        said = slots.set_index("subject")["outcome"]
        assert said["kept"] == "kept"
        for name in ("gone", "theirs", "declined", "cancelled"):
            assert said[name] == "unknown", name


def test_what_happened_while_the_mails_history_was_lost_is_found_and_nothing_is_fetched_twice(
    tmp_path: Path,
) -> None:
    with holiday(tmp_path) as it:
        world = it.world
        for number in range(40):
            world.mail(at(0, 0.1 * number), LEE, KATE, f"Old {number}")
        ask = world.mail(at(0, 5), KATE, DANA, "Offer")
        star = world.mail(at(0, 6), DANA, KATE, "Star")
        junk = world.mail(at(0, 7), LEE, KATE, "Junk")
        gone = world.mail(at(0, 8), LEE, KATE, "Gone")
        it.begin()
        before = stored_mails(it.store).set_index("message_key")
        world.label(at(2), KATE, star, add=["STARRED"])
        world.label(at(2), KATE, junk, add=["SPAM"], remove=["INBOX"])
        world.delete_mail(at(2), KATE, gone)
        # It came and went while nobody looked: never seen, and never needed.
        world.delete_mail(at(4), KATE, world.mail(at(3), LEE, KATE, "Never seen"))
        answer = world.mail(at(3), DANA, KATE, "Re: Offer", reply_to=ask)
        nudge = world.mail(at(4), KATE, LEE, "Nudge")
        _, mail = it.pass_by()
        mails = stored_mails(it.store).set_index("message_key")
        asked = it.office.sandbox.log.counts()
    assert it.lost()["mail"] == 1
    assert mail.complete
    assert mails.index.is_unique
    assert set(mails.index) == set(before.index) | {answer, nudge}
    assert asked["gmail.users.messages.get"] + asked["gmail.users.threads.get"] == 2
    assert mails.loc[star, "flagged"]
    assert mails.loc[junk, "spam"]
    assert not mails.loc[junk, "inbox"]
    assert mails.index[mails["deleted_at"].notna()].tolist() == [gone]
    same = ["subject", "from_address", "at", "headers", "thread_id"]
    pd.testing.assert_frame_equal(mails.loc[before.index, same], before[same])
