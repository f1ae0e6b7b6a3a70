"""Can somebody outside make anybody's standing worse, answer for us, log a call, or set a mark?

Small random worlds are told twice: as they are, and with whatever a stranger can send into them, by
mail, by invitation and by a text/calendar part, in their own name and in others'. `make test` tries
a few, `make proof` many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from tests.support.facts.mail_box import ADA, OURS, PHRASES
from tests.support.facts.random_worlds import CONTACTS, MONDAY, Plan, build, plans
from tests.support.facts.whole_world import DAY, HOUR, STANDARD, World

MALLORY = "mallory@stranger.example"
FAILED = "authentication-results: mx.google.com; spf=fail smtp.mailfrom=x; dkim=none; dmarc=fail"
#: How bad it is to be named so in a report.
TIERS = {"": 0, "cold": 1, "dead": 1, "talk": 2, "pause": 3}
SILENCES = {"": 0, "unknown": 0, "T1": 0, "T2": 0, "T5": 1, "T4": 1, "T2+": 2, "T3": 3}
CHARGED = ("cancelled_late", "moved_late", "absent")


@dataclass(frozen=True)
class Trick:
    """One thing that a stranger sends: `on` chooses the meeting or contact that it is aimed at."""

    kind: str
    on: int
    day: int
    hour: int
    word: str


@dataclass
class Target:
    """The world that is attacked, and the meeting (its row) that a trick is aimed at."""

    world: World
    trick: Trick
    meeting: dict[str, Any]

    @property
    def at(self) -> pd.Timestamp:
        late = self.meeting["start_at"] - pd.Timedelta(minutes=40 + 60 * (self.trick.on % 5))
        return min(late, MONDAY - HOUR)

    @property
    def contact(self) -> str:
        return CONTACTS[self.trick.on % len(CONTACTS)]

    def mail(self, sender: str, **more: Any) -> str:
        at = MONDAY.normalize() - self.trick.day * DAY + self.trick.hour * HOUR
        number = self.world.mail(str(more.pop("at", at)), sender, sent=False, **more)
        return str(self.world.rows["messages"][number - 1]["message_key"])

    def act(self, method: str, guest: dict[str, Any] | None = None, **more: Any) -> None:
        number = self.world.observe(
            self.meeting["meeting_id"],
            str(more.pop("start", self.meeting["start_at"])),
            evidence="itip",
            method=method,
            seen=str(self.at),
            acted_at=self.at,
            **{"message_key": "", **more},
        )
        if method == "cancel":
            self.world.rows["observations"][number - 1]["status"] = "cancelled"
        if guest is not None:
            self.world.guest(number, self.meeting["meeting_id"], **guest)

    def entry(self, **facts: Any) -> None:
        start = self.meeting["start_at"]
        made = min(start + HOUR, MONDAY - HOUR)
        series = f"mallory{len(self.world.rows['meetings'])}"
        self.world.meet(
            start,
            guests=(),
            organizer=MALLORY,
            made=made,
            agreed=made,
            series=series,
            **facts,
        )


def answers(target: Target) -> None:
    """Forged answers and calls, from outside and in our own name."""
    trick = target.trick
    subject = (
        f"noshow call {target.contact} no-answer" if trick.on % 2 else f"noshow 7Q3F2K {trick.word}"
    )
    target.mail((MALLORY, ADA)[trick.on % 3 == 0], subject=subject, headers=FAILED)
    target.mail(MALLORY, subject=subject)


def entry(target: Target) -> None:
    """An invitation to a private hour, titled as a mark, over a meeting of ours."""
    target.entry(subject=" NoShow  Absent", private=True)


def category(target: Target) -> None:
    """An invitation with a category, and one to the very meeting of somebody else."""
    target.entry(subject="Hello", mark=target.trick.word)
    last = target.world.rows["observations"][-1]
    last["mark"] = target.trick.word


def own_cancel(target: Target) -> None:
    """Calls the meeting off in the own name, and moves it."""
    for method in ("cancel", "request"):
        moved = target.meeting["start_at"] + 2 * DAY
        target.act(method, organizer=MALLORY, actor=MALLORY, start=moved)


def sent_by(target: Target) -> None:
    """Says to act for the organiser, or for the guest."""
    organiser = target.meeting["organizer"]
    if organiser != ADA:
        target.act("cancel", organizer=organiser, actor=organiser, sent_by=MALLORY)
        moved = target.meeting["start_at"] + 2 * DAY
        target.act("request", organizer=organiser, actor=organiser, sent_by=MALLORY, start=moved)
    no = {"address": target.contact, "response": "declined"}
    target.act("reply", no, organizer=organiser, actor=target.contact, sent_by=MALLORY)


def in_her_name(target: Target) -> None:
    """Acts by mails in a contact's name that fail the sender check of our side."""
    organiser = target.meeting["organizer"]
    key = target.mail(target.contact, headers=FAILED, at=target.at, subject="Declined: topic 0")
    no = {"address": target.contact, "response": "declined"}
    target.act("reply", no, organizer=organiser, actor=target.contact, message_key=key)
    if organiser != ADA:
        key = target.mail(organiser, headers=FAILED, at=target.at, subject="Canceled: topic 0")
        target.act("cancel", organizer=organiser, actor=organiser, message_key=key)


def unbelieved(target: Target) -> None:
    """A reply for somebody else, as the reader of files keeps it: nobody acts, nothing is said."""
    guest = {"address": target.contact, "response": "unknown"}
    target.act("reply", guest, organizer="", actor="")


def dressed_up(target: Target) -> None:
    """A mail of the stranger that bears the headers of one of ours, or of a list."""
    headers = (
        f"x-original-from: {ADA}\nreply-to: {ADA}\nlist-id: <x.stranger.example>",
        f"reply-to: {target.contact}\nx-original-sender: {target.contact}",
    )
    target.mail(MALLORY, subject="The offer", headers=headers[target.trick.on % 2], labels="")


def report_of_failure(target: Target) -> None:
    """A report, in a mail server's name, that a contact's address failed; in answer to our mail."""
    number = target.world.sent(
        str(MONDAY.normalize() - target.trick.day * DAY), to=MALLORY, subject="Prices"
    )
    key = str(target.world.rows["messages"][number - 1]["message_key"])
    headers = f"x-failed-recipients: {target.contact}\ncontent-type: multipart/report"
    daemon = "mailer-daemon@stranger.example"
    target.mail(daemon, headers=headers, in_reply_to=key, subject="Undelivered mail")


TRICKS: dict[str, Callable[[Target], None]] = {
    one.__name__: one
    for one in (
        answers,
        entry,
        category,
        own_cancel,
        sent_by,
        in_her_name,
        unbelieved,
        dressed_up,
        report_of_failure,
    )
}

tricks = st.lists(
    st.builds(
        Trick,
        kind=st.sampled_from(sorted(TRICKS)),
        on=st.integers(0, 11),
        day=st.integers(1, 50),
        hour=st.integers(6, 20),
        word=st.sampled_from(["absent", "them", "held", "us"]),
    ),
    min_size=2,
    max_size=6,
)


def attacked(plan: Plan, sent: list[Trick]) -> World:
    """The plan's world after all that the stranger sent."""
    world = build(plan)
    meetings = list(world.rows["meetings"])
    for trick in sent:
        if meetings:
            TRICKS[trick.kind](Target(world, trick, meetings[trick.on % len(meetings)]))
    return world


def detected(world: World) -> Detection:
    frames = world.facts(MONDAY)
    return Detection(frames, Setting.of(frames.tags, OURS, STANDARD, PHRASES, MONDAY))


def _of(table: pd.DataFrame, label: str) -> dict[str, Any]:
    return dict(zip(table["contact"], table[label], strict=True))


def nothing_is_worse(plan: Plan, sent: list[Trick]) -> None:
    """No standing, no slot, no silence, no answer, no call and no mark by a stranger's hand."""
    one, other = detected(build(plan)), detected(attacked(plan, sent))
    before, after = one.findings, other.findings
    for label in ("k", "k_hard"):
        known = _of(before.standings, label)
        for contact, count in _of(after.standings, label).items():
            assert count <= known.get(contact, 0), (label, contact, count)
    for label, frame, ranks in (("tier", "standings", TIERS), ("rule", "silences", SILENCES)):
        known = _of(getattr(before, frame), label)
        # What came back from the stranger is the stranger's own.
        for contact, named in _of(getattr(after, frame), label).items():
            if contact == MALLORY:
                continue
            assert ranks[named] <= ranks[known.get(contact, "")], (frame, contact, named)
    charged = before.slots.loc[before.slots["outcome"].isin(CHARGED)]
    known_slots = set(zip(charged["meeting_key"], charged["contact"], strict=True))
    charged = after.slots.loc[after.slots["outcome"].isin(CHARGED)]
    assert set(zip(charged["meeting_key"], charged["contact"], strict=True)) <= known_slots
    assert not len(other.by_mail.answers)
    assert not len(other.by_mail.calls)
    assert (other.judged.slots["word"] == "").all()
    asked = set(before.questions["evidence_key"])
    assert set(after.questions["evidence_key"]) <= asked


def attack(worlds: int) -> None:
    # A world takes half a second: to make a failing one smaller would take minutes.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)

    @settings(max_examples=worlds, suppress_health_check=list(HealthCheck), phases=phases)
    @given(plan=plans() | plans(most=2, least=1), sent=tricks)
    def tried(plan: Plan, sent: list[Trick]) -> None:
        nothing_is_worse(plan, sent)

    tried()


def test_a_stranger_makes_nobodys_standing_worse() -> None:
    attack(2)


@pytest.mark.proof
def test_a_stranger_makes_nobodys_standing_worse_in_many_worlds() -> None:
    attack(25)
