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
