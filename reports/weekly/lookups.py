"""Where do the keys of findings lead to, whoever reads: names, mails, speeds, standings?

A team's reports are made of one detection, a reader at a time. What depends on no reader is looked up
once for all of them: else each of a thousand reports would search the facts of a thousand mailboxes.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from reports.columns.rows import number, rows
from reports.detect.pipeline import Detection
from reports.weekly import links
from reports.weekly.person import Who

_KNOWN: WeakKeyDictionary[Detection, LookUps] = WeakKeyDictionary()


def lookups(detection: Detection) -> LookUps:
    """The look-ups of this detection, the same ones for each of its readers."""
    known = _KNOWN.get(detection)
    if known is None:
        known = _KNOWN[detection] = LookUps(detection)
    return known


class LookUps:
    """Dictionaries over the whole of one detection's findings and facts."""

    def __init__(self, detection: Detection) -> None:
        # Not the detection itself: it would be kept for ever by what it is the key of.
        self._findings, self._facts = detection.findings, detection.given

    @cached_property
    def last_heard(self) -> dict[str, pd.Timestamp]:
        """When each contact last did something of their own, as far as was read."""
        known = self._findings.people.loc[self._findings.people["last_act_at"].notna()]
        return {str(row.contact): row.last_act_at for row in rows(known)}

    @cached_property
    def people(self) -> dict[str, tuple[Who, bool]]:
        """Each contact as printed, and whether they are let go or a machine."""
        return {
            str(row.contact): (
                Who(
                    address=str(row.contact),
                    name=links.called(str(row.name), str(row.contact)),
                    organisation=links.clean(str(row.organisation), 40),
                    stage=str(row.stage),
                    warm=bool(row.warm),
                ),
                bool(row.let_go) or bool(row.machine),
            )
            for row in rows(self._findings.people)
        }

    @cached_property
    def rows_of_people(self) -> dict[str, Any]:
        """The row of each contact."""
        return {str(row.contact): row for row in rows(self._findings.people)}

    @cached_property
    def assistants(self) -> dict[str, str]:
        """The name of each assistant."""
        return {
            str(row.assistant): links.called(str(row.name), str(row.assistant))
            for row in rows(self._findings.assistants)
        }

    @cached_property
    def mails(self) -> dict[int, tuple[int, str, str]]:
        """Mailbox, subject and thread of each mail that is owed or asks."""
        wanted = {
            *(int(one) for one in self._findings.owed["message_id"]),
            *(int(one) for one in self._findings.asks["message_id"]),
        }
        frame = self._facts.messages
        return {
            int(row.message_id): (int(row.mailbox_id), str(row.subject), str(row.thread_id))
            for row in rows(frame.loc[frame["message_id"].isin(wanted)])
        }

    @cached_property
    def speeds(self) -> dict[str, tuple[int, float | None, int, float | None]]:
        """Replies of each contact and to them: how many, and the median [business hours]."""
        return {
            str(row.contact): (
                int(row.theirs),
                number(row.their_median_hours),
                int(row.ours),
                number(row.our_median_hours),
            )
            for row in rows(self._findings.replies)
        }

    @cached_property
    def first_starts(self) -> pd.Series:
        """By slot: the start of the contact's first slot of all."""
        slots = self._findings.slots
        return slots.groupby("contact")["start_at"].transform("min")
