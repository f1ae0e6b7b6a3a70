"""Which rows of all findings belong to this reader, and what do their keys lead to?

The sections of the report ask here for names, subjects and links, so that each frame is searched
once and the choice of mailboxes is made in one place.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import numpy as np
import pandas as pd

from reports.columns import tables
from reports.columns.rows import moment, number, rows
from reports.detect.pipeline import Detection
from reports.detect.scoring.past_standings import LISTED_SILENCE
from reports.schemas import Coverage
from reports.vocabulary import Tier
from reports.weekly import links
from reports.weekly.lookups import lookups
from reports.weekly.person import Notice, Who, apart

#: The lists of whom meetings or a silence put there.
BY_EVENTS = (Tier.TALK, Tier.PAUSE, Tier.COLD)


class ReaderView:
    """What was detected, narrowed to some mailboxes (None: all), with look-ups by key; `known`: those
    that are the same for every reader."""

    def __init__(self, detection: Detection, mailboxes: Collection[int] | None = None) -> None:
        findings, facts = detection.findings, detection.given
        self.findings, self.facts = findings, facts
        self.known = lookups(detection)
        self.policy, self.zone = detection.setting.policy, detection.setting.ours.zone
        self.as_of: pd.Timestamp = findings.as_of
        known = [int(one) for one in facts.mailboxes["mailbox_id"]]
        self.mailboxes = frozenset(known if mailboxes is None else mailboxes)
        self.coverage: tuple[Coverage, ...] = tuple(
            one for one in findings.coverage if one.mailbox_id in self.mailboxes
        )
        self.addresses: dict[int, str] = {
            int(row.mailbox_id): str(row.address)
            for row in rows(facts.mailboxes)
            if row.mailbox_id in self.mailboxes
        }
        self._providers = {int(row.mailbox_id): str(row.provider) for row in rows(facts.mailboxes)}
        said = pd.concat([facts.answers, detection.by_mail.answers])
        self.said = self.mine(said).sort_values(["at", "answer_id"], kind="stable")
        self.slots = self.mine(findings.slots)
        self.silences = self.mine(findings.silences)
        self.asks = self.mine(findings.asks)

    def provider(self, mailbox_id: int) -> str:
        """google, microsoft or files; "" for a mailbox that is not known."""
        return self._providers.get(mailbox_id, "")

    def mine(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a frame with a `mailbox_id` that belong to this reader."""
        return frame.loc[frame["mailbox_id"].isin(self.mailboxes)]

    @cached_property
    def contacts(self) -> frozenset[str]:
        """Everybody whom this reader has met, asked, heard from in mail, or owes."""
        frames = (self.slots, self.silences, self.asks, self.mine(self.findings.owed))
        found = {str(one) for frame in frames for one in frame["contact"].unique()}
        acts = self.mine(self.findings.acts)
        return frozenset(found | {str(one) for one in acts["contact"].unique()})

    @cached_property
    def standings(self) -> pd.DataFrame:
        """The standings of this reader's contacts. Their counts are of all mailboxes; whoever is listed only by
        what others' mailboxes show is on no list here, where nothing could say why.
        """
        frame = self.findings.standings
        mine = tables.kept(frame, frame["contact"].isin(self.contacts))
        if self.sees_all:
            return mine
        late = self.slots.loc[self.slots["in_k"] & self.recent(self.slots), "contact"]
        asked = self.silences.loc[self.silences["rule"].isin(LISTED_SILENCE), "contact"]
        listed = mine["tier"].isin(BY_EVENTS)
        meetings = listed & mine["contact"].isin(late) & mine["rules"].str.contains("R")
        silence = listed & mine["contact"].isin(asked) & mine["rules"].str.contains(r"T[2-4]")
        as_told = (meetings & mine["by"].isin(["meetings", "both"])) | (
            silence & mine["by"].isin(["silence", "both"])
        )
        # A pause by the other side alone is none here, and the step was chosen for it.
        rest = (meetings | silence) & ~as_told
        side = np.select(
            [meetings & silence, meetings, silence], ["both", "meetings", "silence"], ""
        )
        kept = as_told | ~listed
        return mine.assign(
            by=pd.Series(side, index=mine.index, dtype=mine["by"].dtype),
            tier=mine["tier"].where(kept, "").mask(rest, Tier.TALK),
            step=mine["step"].where(kept, ""),
            step_detail=mine["step_detail"].where(kept, ""),
        )

    @property
    def sees_all(self) -> bool:
        """Is it about all mailboxes that are read?"""
        return self.mailboxes.issuperset(int(one) for one in self.facts.mailboxes["mailbox_id"])

    def recent(self, slots: pd.DataFrame) -> pd.Series:
        """Which slots lie in the time that counts."""
        flags: pd.Series = slots["start_at"] > self.as_of - pd.Timedelta(
            days=self.policy.horizon_days
        )
        return flags

    @cached_property
    def listed_elsewhere(self) -> frozenset[str]:
        """This reader's contacts whom only what others' mailboxes show puts on a list."""
        everywhere = self.findings.standings["tier"].reindex(self.standings.index)
        gone = (self.standings["tier"] == "") & (everywhere != "")
        return frozenset(str(one) for one in self.standings.loc[gone, "contact"])

    @cached_property
    def _apart(self) -> dict[str, Who]:
        """This reader's contacts as printed."""
        known = self.known.people
        return apart(known[one][0] for one in self.contacts if one in known)

    def who(self, contact: str) -> Who:
        """The contact as printed; by their address where nothing else is known."""
        named = self._apart.get(contact)
        if named is not None:
            return named
        known = self.known.people.get(contact)
        if known is not None:
            return known[0]
        return Who(contact, self.known.assistants.get(contact) or links.clean(contact))

    def shown(self, contact: str) -> bool:
        """This reader's contact, and neither let go nor a machine."""
        known = self.known.people.get(contact)
        return contact in self.contacts and not (known is not None and known[1])

    def mail(self, message_id: int) -> tuple[str, str]:
        """(subject, link) of a mail; "" where it is not known."""
        mailbox, subject, thread_id = self.known.mails.get(message_id, (-1, "", ""))
        address = self.addresses.get(mailbox, "")
        link = links.thread(self._providers.get(mailbox, ""), address, thread_id) if address else ""
        return links.clean(subject, 70), link

    @cached_property
    def _meeting_links(self) -> dict[tuple[str, int], str]:
        frame = self.mine(self.facts.meetings)
        frame = frame.loc[frame["html_link"] != ""]
        return {
            (f"{row.series_uid} {row.recurrence_id}", int(row.mailbox_id)): str(row.html_link)
            for row in rows(frame)
        }

    def meeting_link(self, meeting_key: str, mailbox_id: int) -> str:
        """A link that opens this copy of the meeting, else another copy of this reader's."""
        own = self._meeting_links.get((meeting_key, mailbox_id), "")
        if not own:
            for mailbox in sorted(self.mailboxes):
                own = own or self._meeting_links.get((meeting_key, mailbox), "")
        return links.web(own)

    def replies(
        self, contact: str, least: int
    ) -> tuple[tuple[int, float] | None, tuple[int, float] | None]:
        """(count, median business hours) of their replies and of ours, from `least` replies on."""
        theirs, hours, ours, own = self.known.speeds.get(contact, (0, None, 0, None))
        return (
            (theirs, hours) if hours is not None and theirs >= least else None,
            (ours, own) if own is not None and ours >= least else None,
        )

    @cached_property
    def answers(self) -> dict[tuple[str, str], tuple[str, pd.Timestamp]]:
        """The last answer (word, when) by contact and meeting key."""
        claims = self.facts.claims.merge(self.said, on=["mailbox_id", "claim_id"])
        found: dict[tuple[str, str], tuple[str, pd.Timestamp]] = {}
        for row in rows(claims.sort_values(["at", "answer_id"], kind="stable")):
            at = moment(row.at)
            if row.meeting_key and at is not None:
                found[(str(row.contact), str(row.meeting_key))] = (str(row.word), at)
        return found


def notice(lo: object, hi: object) -> Notice:
    """An interval of hours from two numbers that may be NaN."""
    return Notice(number(lo), number(hi))
