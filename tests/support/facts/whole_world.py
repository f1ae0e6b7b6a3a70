"""Which small words build a whole world: meetings as calendars saw them, beside the mail of a Box?

`World` adds to tests.support.facts.mail_box.Box what meetings need: looks one after the other, dated
acts, records, printed claims and earlier reports; and it runs `reports.detect.pipeline.detect` on all of
it. What a story does not say is ordinary: one hour, on line, agreed a month before, ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from config.ours import Ours
from config.policy import Policy
from connectors.model.frames import Frames
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.schemas import Findings
from tests.support.facts.asked import asked
from tests.support.facts.mail_box import ADA, DANA, NOW, OURS, PHRASES, Box, instant

MINUTE, HOUR, DAY = (pd.Timedelta(1, unit) for unit in ("min", "h", "D"))
#: The moment of a report, and from when on its calendar and mail were read.
AS_OF = instant(NOW)
BEGAN = "2025-06-01 00:00"
STANDARD = Policy()


class Meeting:
    """One copy of one meeting, told look by look."""

    def __init__(self, world: World, number: int, state: dict[str, Any]) -> None:
        self.world, self.number, self.state = world, number, state
        self.seen = state["made"]
        self.end = state["start"] + state["length"]

    def poll(
        self,
        at: str | pd.Timestamp,
        *,
        since: str | pd.Timestamp | None = None,
        exact: bool = False,
        at_said: pd.Timestamp | None = None,
        says: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> Meeting:
        """What the next poll saw: `says` are new answers (dated by `at_said`), `changes` new facts.

        `since`: the poll before (2 h earlier); `exact`: the provider dates the change.
        """
        moment = instant(at)
        self.state.update(changes)
        for who, answer in (says or {}).items():
            self.state["guests"][who] = (answer, at_said)
        self._observe(moment, instant(since) if since is not None else moment - 2 * HOUR, exact)
        return self

    def says(self, who: str, word: str, at: str | pd.Timestamp, **more: Any) -> Meeting:
        """A poll that shows an answer which the provider dates exactly (Graph)."""
        moment = instant(at)
        return self.poll(moment + MINUTE, at_said=moment, says={who: word}, **more)

    def moved(self, at: str | pd.Timestamp, start: str | pd.Timestamp) -> Meeting:
        """A poll that shows a new start, dated exactly."""
        return self.poll(at, exact=True, start=instant(start))

    def message(
        self, method: str, at: str | pd.Timestamp, who: str = DANA, **guest: Any
    ) -> Meeting:
        """What an iTIP message said, dated by its DTSTAMP; the guest row is that of `who`."""
        moment = instant(at)
        seen = self.world.observe(
            self.number,
            str(self.state["start"]),
            evidence="itip",
            method=method,
            seen=str(moment),
            seen_after=moment - HOUR,
            acted_at=moment,
            actor=who,
            organizer=self.state["organizer"],
        )
        if method in ("reply", "counter"):
            self.world.guest(
                seen, self.number, who, response=guest.pop("response", "none"), **guest
            )
        return self

    def _observe(self, at: pd.Timestamp, since: pd.Timestamp | None, exact: bool) -> None:
        state, world = self.state, self.world
        row = world.rows["meetings"][self.number - 1]
        number = world.add(
            "observations",
            observation_id=len(world.rows["observations"]) + 1,
            meeting_id=self.number,
            mailbox_id=state["mailbox"],
            evidence="snapshot",
            seen_at=at,
            seen_after=pd.NaT if since is None else since,
            status=state["status"],
            start_at=state["start"],
            end_at=state["start"] + state["length"],
            organizer=state["organizer"],
            guests_complete=True,
            updated_at=at if exact else pd.NaT,
            updated_exact=exact,
            mark=state.get("mark", ""),
            **{name: row.get(name, False) for name in ("free", "private", "on_site")},
        )
        for who, (answer, said) in state["guests"].items():
            world.add(
                "guests",
                observation_id=number,
                meeting_id=self.number,
                address=who,
                response=answer,
                responded_at=pd.NaT if said is None else said,
                is_organizer=who == state["organizer"],
                is_self=who == state["owner"],
            )
        row["status"], row["last_seen_at"] = state["status"], at
        row["mark"] = state.get("mark", "")
        row["start_at"], row["end_at"] = state["start"], state["start"] + state["length"]


class World(Box):
    """A Box whose calendars were read as long as its mail."""

    def __init__(self, began: str = BEGAN) -> None:
        self.began = began
        super().__init__()
        self.rows["polls"].clear()
        self.watched(1, began)

    def watched(self, mailbox: int, began: str | pd.Timestamp) -> None:
        """The first look at both streams of a mailbox, back to then and no further."""
        for stream in ("mail", "calendar:primary"):
            self.glance(mailbox, stream, began, kind="full", window_from=instant(began))

    def glance(self, mailbox: int, stream: str, at: str | pd.Timestamp, **more: Any) -> None:
        moment = instant(at)
        self.add(
            "polls",
            poll_id=len(self.rows["polls"]) + 1,
            mailbox_id=mailbox,
            stream=stream,
            started_at=moment,
            **{"finished_at": moment, "kind": "delta", "window_from": instant(self.began), **more},
        )

    def colleague(self, number: int, address: str) -> None:
        """One more mailbox of ours."""
        self.add("mailboxes", mailbox_id=number, address=address, zone="Europe/Berlin")
        self.watched(number, self.began)

    def meet(
        self,
        start: str | pd.Timestamp,
        *,
        guests: Sequence[str] | Mapping[str, str] = (DANA,),
        agreed: str | pd.Timestamp | None = None,
        made: str | pd.Timestamp | None = None,
        dated: bool = True,
        organizer: str = ADA,
        minutes: int = 60,
        mailbox: int = 1,
        owner: str = ADA,
        **facts: Any,
    ) -> Meeting:
        """A meeting seen when it was made and when it was agreed (a month before its start).

        `dated`: the provider says when they answered. `made`: when it was created.
        """
        begin = instant(start)
        yes = instant(agreed) if agreed is not None else begin - 30 * DAY
        created = instant(made) if made is not None else yes - HOUR
        answers = guests if isinstance(guests, Mapping) else dict.fromkeys(guests, "accepted")
        people: dict[str, tuple[str, pd.Timestamp | None]]
        people = {owner: ("accepted", None), organizer: ("accepted", None)}
        people |= {who: (answer, yes if dated else None) for who, answer in answers.items()}
        number = self.add(
            "meetings",
            meeting_id=len(self.rows["meetings"]) + 1,
            mailbox_id=mailbox,
            series_uid=facts.pop("series", f"uid{len(self.rows['meetings']) + 1}"),
            recurrence_id=facts.pop("recurrence", ""),
            subject=facts.pop("subject", "Review"),
            organizer=organizer,
            organizer_is_self=organizer == owner,
            kind="default",
            guests_complete=True,
            created_at=facts.pop("created_at", created),
            first_seen_at=facts.pop("first_seen_at", created),
            last_seen_at=created,
            online=facts.pop("online", "call"),
            **facts,
        )
        meeting = Meeting(
            self,
            number,
            {
                "made": created,
                "start": begin,
                "length": minutes * MINUTE,
                "status": "confirmed",
                "organizer": organizer,
                "owner": owner,
                "mailbox": mailbox,
                "guests": people,
            },
        )
        first = self.rows["meetings"][number - 1]["first_seen_at"]
        # A sequence of 0 says that nothing was moved since it was made.
        meeting._observe(max(first, yes + MINUTE) if dated else first, None, exact=False)
        self.rows["observations"][-1]["sequence"] = 0
        return meeting

    def record(self, meeting: Meeting, who: Mapping[str, int], mailbox: int = 1) -> None:
        """A record of an online meeting: seconds present by participant."""
        row = self.rows["meetings"][meeting.number - 1]
        number = len(self.rows["attendance"]) + 1
        start = meeting.state["start"]
        for address, seconds in who.items():
            self.add(
                "attendance",
                record_id=number,
                mailbox_id=mailbox,
                series_uid=row["series_uid"],
                recurrence_id=row["recurrence_id"],
                started_at=start,
                ended_at=start + HOUR,
                address=address,
                identity="signed_in",
                joined_at=start,
                left_at=start + seconds * pd.Timedelta(1, "s"),
                seconds=seconds,
            )

    def away(self, at: str | pd.Timestamp, who: str = DANA, **more: Any) -> int:
        """An out-of-office notice."""
        headers = "auto-submitted: auto-replied"
        return self.mail(str(instant(at)), who, headers=headers, subject="Out of office", **more)

    def said_us(self, contact: str = DANA, word: str = "us", policy: Policy = STANDARD) -> None:
        """Every open M6 question about a contact was printed and answered with the word."""
        slots = self.detect(policy).slots
        asked = slots[(slots["rule"] == "M6") & (slots["contact"] == contact)]
        assert len(asked), "nothing to answer"
        for key in asked["evidence_key"].unique():
            self.claim("M6", contact, key, word, str(AS_OF - DAY))

    def reported(self, at: pd.Timestamp, contact: str = DANA, **line: Any) -> None:
        """An earlier report that held this line about a contact."""
        base = {
            "contact": contact, "tier": "talk", "by": "meetings", "step": "", "step_detail": "",
            "rules": "R1", "k": 2, "k_hard": 2, "n": 4, "unknown": 0, "posterior": 0.3,
            "incidents": [], "silence": None,
        }  # fmt: skip
        year, week, _ = at.isocalendar()
        name = f"{year}-W{week:02d}"
        payload = {"version": 1, "week": name, "at": at.isoformat(), "contacts": [base | line]}
        self.add("standings", mailbox_id=1, week=name, at=at, payload=json.dumps(payload))

    def facts(self, now: pd.Timestamp | str = NOW, *, looked: bool = True) -> Frames:
        """The frames at a moment; `looked`: all mailboxes' streams were read just then."""
        kept = list(self.rows["polls"])
        if looked:
            for box in {row["mailbox_id"] for row in self.rows["mailboxes"]}:
                for stream in ("mail", "calendar:primary"):
                    self.glance(box, stream, now)
        frames = self.frames()
        self.rows["polls"] = kept
        return frames

    def detect(
        self,
        policy: Policy = STANDARD,
        now: pd.Timestamp | str = NOW,
        *,
        ours: Ours = OURS,
        looked: bool = True,
    ) -> Findings:
        frames = self.facts(now, looked=looked)
        setting = Setting.of(frames.tags, ours, policy, PHRASES, instant(now))
        return asked(Detection(frames, setting))
