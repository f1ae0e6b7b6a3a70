"""Which small words build the facts of a mail story?

One `Box` holds what a store would hold. Every fact is one call; what a story does not say has a
plain default: Ada (ada@ours.example) writes from Berlin, everybody else is outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from config import phrasing
from config.ours import Ours
from config.policy import Policy
from connectors.model.frames import Frames, empty, empty_frames, enforce
from connectors.model.schemas import SCHEMAS, Column, schema
from reports.columns.business_days import Calendar
from reports.detect.people.absences import find_absences
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.detect.silence import ends
from reports.detect.tags import merge_map
from reports.schemas import ACTS, SLOTS

ADA = "ada@ours.example"
BEN = "ben@ours.example"
DANA = "dana@client.example"
EMIL = "emil@client.example"
FRITZ = "fritz@gmail.com"
BERLIN = ZoneInfo("Europe/Berlin")
PHRASES = phrasing.load()
DAYS = Calendar("Europe/Berlin", ("DE",))
#: A Monday morning on which a report is made.
NOW = "2026-11-23 07:00"

OURS = Ours(
    mailboxes=MappingProxyType({ADA: ADA, BEN: BEN}),
    domains=frozenset({"ours.example"}),
    zone="Europe/Berlin",
)

#: What reports.detect.silence.calendar_acts hands on.
CALENDAR_ACTS = schema(
    **{
        label: ACTS[label]
        for label in ("contact", "at", "kind", "meeting_key", "via", "mailbox_id")
    },
    machine=Column("flag", "a machine answered"),
)
_NO_INVITATIONS = pd.DataFrame({"contact": [], "at": [], "mailbox_id": []})
_DEFAULTS: dict[str, Any] = {"key": -1, "count": 0, "number": 0.0, "text": "", "flag": False}


def instant(text: str | pd.Timestamp) -> pd.Timestamp:
    """`2026-11-02 10:00` as Berlin means it; `... Z` is UTC."""
    moment = pd.Timestamp(text)
    return (moment.tz_localize(BERLIN) if moment.tzinfo is None else moment).tz_convert("UTC")


class Box:
    """Rows by frame name; `frames()` makes them fit the schemas."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
        self.mailbox(1, ADA)

    def add(self, frame: str, **given: Any) -> int:
        schema = SCHEMAS[frame]
        row = {
            label: pd.NaT if column.kind == "instant" else _DEFAULTS[column.kind]
            for label, column in schema.items()
        }
        assert set(given) <= set(row), set(given) - set(row)
        self.rows[frame].append(row | given)
        return len(self.rows[frame])

    def mailbox(self, number: int, address: str) -> None:
        self.add("mailboxes", mailbox_id=number, address=address, zone="Europe/Berlin")
        self.looked(number, "2026-01-01 00:00")

    def looked(self, mailbox: int, began: str, kind: str = "full", **more: Any) -> None:
        """A completed look at the mail of a mailbox; the first one begins live sync."""
        moment = instant(began)
        self.add(
            "polls",
            poll_id=len(self.rows["polls"]) + 1,
            mailbox_id=mailbox,
            stream="mail",
            kind=kind,
            started_at=moment,
            finished_at=more.pop("finished_at", moment),
            **more,
        )

    def mail(
        self,
        at: str,
        from_: str = DANA,
        to: str | Sequence[str] = ADA,
        *,
        cc: str | Sequence[str] = (),
        bcc: str | Sequence[str] = (),
        re: int | None = None,
        mailbox: int = 1,
        name: str = "",
        **more: Any,
    ) -> int:
        """One mail; returns its message_id. From one of ours it lies among the sent mail.

        `re`: the message_id that it answers (In-Reply-To and References).
        """
        number = len(self.rows["messages"]) + 1
        key = more.pop("message_key", f"m{number}@mail.example")
        if re is not None:
            before = self.rows["messages"][re - 1]
            more.setdefault("in_reply_to", before["message_key"])
            chain = [before["reference_keys"], before["message_key"]]
            more.setdefault("reference_keys", " ".join(filter(None, chain)))
        more.setdefault("sent", from_ in OURS)
        self.add(
            "messages",
            message_id=number,
            mailbox_id=mailbox,
            message_key=key,
            from_address=from_,
            from_name=name,
            at=instant(at),
            **more,
        )
        for role, persons in (("to", to), ("cc", cc), ("bcc", bcc)):
            for person in [persons] if isinstance(persons, str) else persons:
                self.add("recipients", message_id=number, role=role, address=person)
        return number

    def sent(self, at: str, to: str | Sequence[str] = DANA, **more: Any) -> int:
        """A mail by Ada."""
        return self.mail(at, more.pop("from_", ADA), to, **more)

    def call(
        self, at: str, address: str = DANA, outcome: str = "no-answer", mailbox: int = 1
    ) -> int:
        return self.add(
            "calls",
            call_id=len(self.rows["calls"]) + 1,
            mailbox_id=mailbox,
            at=instant(at),
            address=address,
            outcome=outcome,
            channel="phone",
        )

    def tag(self, at: str, address: str, word: str, value: str = "") -> int:
        return self.add(
            "tags",
            tag_id=len(self.rows["tags"]) + 1,
            mailbox_id=1,
            address=address,
            word=word,
            value=value,
            at=instant(at),
        )

    def meeting(self, start: str, subject: str = "Review", **more: Any) -> int:
        """One meeting of Ada's calendar; returns its meeting_id. `guests`: addresses."""
        number = len(self.rows["meetings"]) + 1
        guests = more.pop("guests", (DANA,))
        organizer = more.pop("organizer", ADA)
        self.add(
            "meetings",
            meeting_id=number,
            mailbox_id=more.pop("mailbox", 1),
            series_uid=more.pop("series_uid", f"uid{number}"),
            status="confirmed",
            subject=subject,
            organizer=organizer,
            organizer_is_self=organizer in OURS,
            kind="default",
            guests_complete=True,
            start_at=instant(start),
            end_at=instant(start) + pd.Timedelta(hours=1),
            created_at=instant(more.pop("created", "2026-01-02 09:00")),
            first_seen_at=instant("2026-01-02 09:00"),
            last_seen_at=instant("2026-01-02 09:00"),
            **more,
        )
        seen = self.observe(number, start, organizer=organizer)
        for guest in (organizer, *guests):
            self.guest(seen, number, guest, is_organizer=guest == organizer)
        return number

    def observe(self, meeting: int, start: str, **more: Any) -> int:
        number = len(self.rows["observations"]) + 1
        self.add(
            "observations",
            observation_id=number,
            meeting_id=meeting,
            mailbox_id=1,
            evidence=more.pop("evidence", "snapshot"),
            seen_at=instant(more.pop("seen", "2026-01-02 09:00")),
            status="confirmed",
            start_at=instant(start),
            sequence=-1,
            guests_complete=True,
            **more,
        )
        return number

    def guest(self, observation: int, meeting: int, address: str, **more: Any) -> None:
        self.add(
            "guests",
            observation_id=observation,
            meeting_id=meeting,
            address=address,
            response=more.pop("response", "none"),
            is_self=address == ADA,
            **more,
        )

    def claim(self, kind: str, contact: str, evidence_key: str, word: str, at: str) -> None:
        """A printed claim and the user's word on it."""
        number = f"C{len(self.rows['claims'])}"
        moment = instant(at)
        self.add(
            "claims",
            claim_id=number,
            mailbox_id=1,
            kind=kind,
            contact=contact,
            evidence_key=evidence_key,
            first_printed_at=moment - pd.Timedelta(days=1),
            last_printed_at=moment - pd.Timedelta(days=1),
        )
        self.answer(number, word, at)

    def answer(self, claim_id: str, word: str, at: str) -> None:
        self.add(
            "answers",
            answer_id=len(self.rows["answers"]) + 1,
            mailbox_id=1,
            claim_id=claim_id,
            word=word,
            at=instant(at),
            source="command",
        )

    def frames(self, **given: pd.DataFrame) -> Frames:
        """The facts as the store would hand them over."""
        tables = {
            name: enforce(pd.DataFrame(rows), SCHEMAS[name], name)
            for name, rows in self.rows.items()
            if rows
        }
        return empty_frames(**(tables | given))


@dataclass(frozen=True)
class Told:
    """What a story says the meeting side found: acts in calendars, slots, invitations missed."""

    calendar: pd.DataFrame
    slots: pd.DataFrame
    invitations: pd.DataFrame


class Found(Detection):
    """Detection of a mail story: what the meeting side found is told by the story itself."""

    def __init__(self, frames: Frames, setting: Setting, told: Told) -> None:
        super().__init__(frames, setting, thorough=True)
        self.told_by_story = told

    @cached_property
    def calendar_acts(self) -> pd.DataFrame:
        return self.told_by_story.calendar

    @cached_property
    def slots(self) -> pd.DataFrame:
        return self.told_by_story.slots

    @cached_property
    def invitations(self) -> pd.DataFrame:
        return self.told_by_story.invitations

    @cached_property
    def acts(self) -> pd.DataFrame:
        return self.first_acts

    @cached_property
    def absences(self) -> pd.DataFrame:
        return find_absences(self.setting, self.told, self.acts)

    @cached_property
    def endings(self) -> pd.DataFrame:
        return ends.find_ends(self.setting, self.frames, self.index, self.basic)

    def person(self, contact: str = DANA) -> pd.Series:
        found = self.people.set_index("contact").loc[contact]
        assert isinstance(found, pd.Series)
        return found

    def rule(self, contact: str = DANA) -> str:
        """The rule of a contact's silence; "" where none is printed."""
        rows = self.silences[self.silences["contact"] == contact]
        return str(rows["rule"].iloc[0]) if len(rows) else ""

    def classes(self) -> list[str]:
        return self.mails["mail_class"].tolist()


FINDINGS = (
    "mails",
    "people",
    "assistants",
    "notices",
    "acts",
    "absences",
    "endings",
    "asks",
    "silences",
    "owed",
    "passed",
    "replies",
)


def found(
    frames: Frames | Box,
    now: str | pd.Timestamp = NOW,
    *,
    ours: Ours = OURS,
    policy: Policy | None = None,
    days: Calendar = DAYS,
    calendar: pd.DataFrame | None = None,
    slots: pd.DataFrame | None = None,
    invitations: pd.DataFrame | None = None,
    read: bool = True,
) -> Found:
    """The detectors of the mail side as of `now`, wired in their order.

    `read`: all mailboxes of a box were looked at just now.
    """
    as_of = instant(now)
    if isinstance(frames, Box):
        if read:
            for mailbox in {row["mailbox_id"] for row in frames.rows["mailboxes"]}:
                frames.looked(mailbox, str(as_of), kind="delta")
        frames = frames.frames()
    setting = Setting(
        ours, policy or Policy(), PHRASES, days, merge_map(frames.tags, as_of), as_of.as_unit("us")
    )
    told = Told(
        calendar=empty(CALENDAR_ACTS) if calendar is None else calendar,
        slots=empty(SLOTS) if slots is None else slots,
        invitations=_NO_INVITATIONS if invitations is None else invitations,
    )
    return Found(frames, setting, told)
