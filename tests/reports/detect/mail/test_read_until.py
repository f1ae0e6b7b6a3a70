"""Until when was a mailbox read, and do its files show what others wrote for as long as what it sent?"""

from __future__ import annotations

import pytest

from connectors.model.frames import Frames
from reports.detect.mail import read_until
from tests.support.facts.mail_box import ADA, DANA, NOW, Box, instant

AS_OF = instant(NOW)
WROTE, LATER = "2026-10-01 09:00", "2026-11-01 09:00"


def imported(**more: bool) -> Frames:
    """Files that tell of mail until November: Dana wrote in October, and one more mail lies a month later."""
    box = Box()
    box.rows["polls"].clear()
    box.looked(1, NOW, kind="import", window_to=instant(LATER))
    box.mail(WROTE)
    box.mail(LATER, ADA if more.get("sent") else DANA, DANA, **more)
    return box.frames()


@pytest.mark.parametrize("what", ["sent", "draft", "chat"])
def test_files_whose_last_mails_nobody_sent_to_the_mailbox_show_no_answer(what: str) -> None:
    frames = imported(**{what: True})
    assert read_until.received_to(frames.messages).to_dict() == {1: instant(WROTE)}
    assert read_until.ahead_of_received(frames.polls, frames.messages, AS_OF) == {1}


def test_files_that_hold_received_mail_to_their_end_show_answers() -> None:
    frames = imported()
    assert read_until.received_to(frames.messages).to_dict() == {1: instant(LATER)}
    assert not read_until.ahead_of_received(frames.polls, frames.messages, AS_OF)


def test_a_mailbox_without_any_received_mail_shows_no_answer() -> None:
    box = Box()
    box.rows["polls"].clear()
    box.looked(1, NOW, kind="import")
    box.mail(WROTE, ADA, DANA)
    frames = box.frames()
    assert read_until.ahead_of_received(frames.polls, frames.messages, AS_OF) == {1}


@pytest.mark.parametrize("kind", read_until.LIVE)
def test_what_was_read_live_was_listed_whole(kind: str) -> None:
    box = Box()
    box.rows["polls"].clear()
    box.looked(1, NOW, kind=kind)
    box.mail(WROTE, ADA, DANA)
    frames = box.frames()
    assert not read_until.ahead_of_received(frames.polls, frames.messages, AS_OF)


def looked(*days: str) -> Frames:
    """Mail was read live at seven on these days."""
    box = Box()
    box.rows["polls"].clear()
    for day in days:
        box.looked(1, f"{day} 07:00", kind="delta")
    return box.frames()


def test_live_sync_begins_anew_after_a_pause_that_no_provider_tells_of() -> None:
    paused = looked("2026-09-01", "2026-09-08", "2026-10-02", "2026-10-03")
    since = read_until.live_since(paused.polls, AS_OF)
    assert since.to_dict() == {1: paused.polls["started_at"].sort_values().iloc[2]}


def test_who_looks_once_a_week_makes_no_pause() -> None:
    weekly = looked("2026-09-01", "2026-09-08", "2026-09-15", "2026-09-22")
    since = read_until.live_since(weekly.polls, AS_OF)
    assert since.to_dict() == {1: weekly.polls["started_at"].min()}
