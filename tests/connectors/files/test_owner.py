"""Whose files are these? The owner comes first, and is only proposed."""

from __future__ import annotations

from pathlib import Path

from connectors.files.owner import guess_owner
from tests.support.facts.files import (
    DANA,
    ME,
    calendar,
    event,
    guest,
    mail,
    mbox,
    organizer,
    zipped,
)


def test_the_one_who_sent_the_sent_mail_comes_first(tmp_path: Path) -> None:
    received = [mail("Delivered-To: me@acme.example", key=f"<{n}@x.example>") for n in range(5)]
    sent = [
        mail("X-Gmail-Labels: Sent", sender=ME, to=DANA, key=f"<s{n}@x.example>") for n in range(3)
    ]
    (tmp_path / "All mail.mbox").write_bytes(mbox(*received, *sent))
    best, *others = guess_owner([tmp_path])
    assert (best.address, dict(best.signs)) == (ME, {"delivered": 5, "sent": 3})
    assert [one.address for one in others] == [DANA]
    assert best.share > 0.5


def test_a_calendar_is_named_after_its_owner_or_invites_them_always(tmp_path: Path) -> None:
    entries = [
        event(organizer(who), guest(ME), guest(who), uid=f"u{number}")
        for number, who in enumerate(["a@x.example", "b@x.example", "c@x.example"])
    ]
    (tmp_path / "calendar.ics").write_bytes(calendar(*entries))
    assert guess_owner([tmp_path])[0].address == ME
    named = zipped({"Takeout/Calendar/you@acme.example.ics": calendar(entries[0])})
    (tmp_path / "takeout.zip").write_bytes(named)
    assert guess_owner([tmp_path / "takeout.zip"])[0].address == "you@acme.example"


def test_files_without_any_sign_propose_nobody(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_bytes(b"rubbish")
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 rubbish")
    assert guess_owner([tmp_path]) == ()
