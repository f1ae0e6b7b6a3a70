"""Can a stranger's mails and invitations in imported files speak for anybody else?

The whole way: files are read, stored in a real store, and judged. Dana invited us to Monday at nine,
and it took place; a stranger writes all that a mail can hold. docs/rules.md, section 0.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import pandas as pd
import pytest

from config import phrasing
from config.clock import Clock
from config.policy import Policy
from connectors.files.importing import import_files
from connectors.store.store import Store
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from tests.connectors.files.test_stories import NOW, OURS
from tests.support.facts.files import (
    DANA,
    HORIZON,
    ME,
    calendar,
    event,
    guest,
    mail,
    mbox,
    organizer,
)

MALLORY = "mallory@stranger.example"
UID = "talk@client.example"
END = "DTEND:20261123T093000Z"
LATE = "Mon, 23 Nov 2026 08:20:00 +0000"
STAMP = "DTSTAMP:20261123T082000Z"
MOVED = "20261125T090000Z"
GOING = guest(ME, "ACCEPTED")
#: A mail that came from elsewhere, dressed as one that Gmail exported from our sent folder.
DRESSED = (
    "Received: from evil.example by mx.acme.example; Mon, 23 Nov 2026 08:20:01 +0000",
    "X-Gmail-Labels: Sent",
    "X-GM-THRID: 1722222222222222222",
)


def told(method: str, *lines: str, sender: str = MALLORY, headers: tuple[str, ...] = ()) -> bytes:
    start = next((one for one in lines if one[:1].isdigit()), "20261123T090000Z")
    part = event(STAMP, END, *(one for one in lines if one != start), uid=UID, start=start)
    key = f"<{crc32(repr((method, lines, sender, headers)).encode())}@stranger.example>"
    return mail(
        *headers,
        sender=sender,
        date=LATE,
        key=key,
        subject="Talk",
        ics=calendar(part, method=method),
        method=method,
    )


def written(subject: str, sender: str, *headers: str, number: int) -> bytes:
    key = f"<w{number}@stranger.example>"
    return mail(*headers, sender=sender, date=LATE, key=key, subject=subject)


FAILED = ("Authentication-Results: mx.acme.example; spf=fail; dkim=none; dmarc=fail",)
HERS = (f"X-Original-From: {DANA}", f"Reply-To: {DANA}", f"Sender: {DANA}", f"Delivered-To: {ME}")
ATTACKS: dict[str, bytes] = {
    "answer": written("noshow 7Q3F2K absent", ME, *DRESSED, number=1),
    "answer-by-delivery": written("noshow 7Q3F2K them", ME, f"Delivered-To: {ME}", number=2),
    "call": written(f"noshow call {DANA} no-answer", ME, *DRESSED, number=3),
    "cancel": told("CANCEL", organizer(DANA), GOING),
    "cancel-in-her-headers": told("CANCEL", organizer(DANA), GOING, headers=HERS),
    "cancel-by-sent-by": told(
        "CANCEL", organizer(DANA, **{"SENT-BY": f'"mailto:{MALLORY}"'}), GOING
    ),
    "cancel-that-failed": told("CANCEL", organizer(DANA), GOING, sender=DANA, headers=FAILED),
    "request-of-another": told("REQUEST", MOVED, organizer(MALLORY), GOING),
    "publish-in-our-name": told("PUBLISH", organizer(ME), guest(DANA, "DECLINED")),
    "request-in-our-name": told(
        "REQUEST", MOVED, organizer(ME), guest(DANA, "DECLINED"), sender=ME, headers=DRESSED
    ),
    "reply-for-her": told("REPLY", organizer(DANA), guest(DANA, "DECLINED"), headers=HERS),
    "private-part": told("PUBLISH", "SUMMARY:noshow absent", "CLASS:PRIVATE"),
}
INVITATION = event(
    "SUMMARY:NoShow absent",
    "CLASS:PRIVATE",
    "CATEGORIES:noshow: absent",
    END,
    "CREATED:20261123T100000Z",
    organizer(MALLORY),
    GOING,
    uid="trap@stranger.example",
)


#: The same in our name, written by the stranger.
IN_OUR_NAME = event(
    "SUMMARY:noshow absent",
    "CLASS:PRIVATE",
    END,
    "CREATED:20261123T100000Z",
    organizer(ME, **{"SENT-BY": f'"mailto:{MALLORY}"'}),
    uid="trap2@stranger.example",
)


def judged(folder: Path, attacks: list[bytes], *, exported: bool) -> Detection:
    """What is found in Dana's invitation, our yes, a calendar (`exported`), and the attacks."""
    folder.mkdir()
    invited = mail(
        date="Tue, 10 Nov 2026 08:00:00 +0000",
        key="<invitation@client.example>",
        subject="Talk",
        ics=calendar(
            event("DTSTAMP:20261110T080000Z", END, organizer(DANA), GOING, uid=UID),
            method="REQUEST",
        ),
        method="REQUEST",
    )
    at = "Wed, 25 Nov 2026 08:00:00 +0000"
    hop = f"Received: from x.example by mx.acme.example; {at}"
    later = mail(hop, sender="news@x.example", date=at, key="<n@x.example>")
    files = {"archive.mbox": mbox(invited, *attacks, later)}
    if exported:
        kept = event("DTSTAMP:20261110T080000Z", END, organizer(DANA), GOING, uid=UID)
        traps = [INVITATION, IN_OUR_NAME] if attacks else []
        files["work.ics"] = calendar(kept, *traps)
    written_at = datetime(2026, 11, 25, 8, tzinfo=UTC).timestamp()
    for name, data in files.items():
        (folder / name).write_bytes(data)
        os.utime(folder / name, (written_at, written_at))
    with Store.open(f"sqlite:///{folder / 'store.db'}", Clock(now_=lambda: NOW)) as store:
        box = store.mailboxes.ensure(ME, "files", "Europe/Berlin")
        import_files(
            store,
            box,
            [folder / name for name in files],
            me=(ME,),
            zone="Europe/Berlin",
            horizon=HORIZON,
            problems=lambda _: None,
        )
        frames = store.frames(NOW)
    setting = Setting.of(frames.tags, OURS, Policy(), phrasing.load(), pd.Timestamp(NOW))
    return Detection(frames, setting)


def hers(found: Detection) -> list[tuple[str, str]]:
    slots = found.slots[found.slots["contact"] == DANA]
    return [
        (str(one), str(other))
        for one, other in zip(slots["start_at"], slots["outcome"], strict=True)
    ]


def unheard(found: Detection) -> None:
    assert not len(found.by_mail.answers)
    assert not len(found.by_mail.calls)
    assert (found.judged.slots["word"] == "").all()
    assert not found.slots["in_k"].any(), found.slots[["contact", "outcome", "rule"]]


def test_all_of_it_together_changes_nothing_beside_a_calendar(tmp_path: Path) -> None:
    honest = judged(tmp_path / "one", [], exported=True)
    found = judged(tmp_path / "two", list(ATTACKS.values()), exported=True)
    unheard(found)
    assert hers(found) == hers(honest) == [("2026-11-23 09:00:00+00:00", "kept")]
    said = " ".join(found.findings.notices)
    for words in ("look like answers", "looks like a logged call", "'noshow absent'", "a category"):
        assert words in said, (words, said)


def test_by_mail_alone_it_makes_unknown_at_most(tmp_path: Path) -> None:
    found = judged(tmp_path / "mails", list(ATTACKS.values()), exported=False)
    unheard(found)
    assert hers(found) == [("2026-11-23 09:00:00+00:00", "unknown")]


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_each_of_it_alone_accuses_nobody(tmp_path: Path, name: str) -> None:
    found = judged(tmp_path / "mails", [ATTACKS[name]], exported=False)
    unheard(found)
    touched = name in ("cancel-by-sent-by", "cancel-that-failed")
    outcome = "unknown" if touched else "kept"
    assert hers(found) == [("2026-11-23 09:00:00+00:00", outcome)]
