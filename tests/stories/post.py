"""What does the mailbox of a story show to the sync engine?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.interfaces import Failure, Listed, Page
from connectors.model.records import MeetingSeen, MessageSeen
from tests.stories.apart import PLAIN, Mark


@dataclass
class Post:
    """A MailSource: all mail so far, then what came since; what is `pending` stays so."""

    messages: list[MessageSeen] = field(default_factory=list)
    notices: list[MeetingSeen] = field(default_factory=list)
    waiting: list[MessageSeen] = field(default_factory=list)
    parameters: str = "story"
    mark: Mark = PLAIN

    def pages(self, cursor: str | None, since: int) -> Iterator[Page]:
        messages, notices = tuple(self.messages), tuple(self.notices)
        self.messages, self.notices = [], []
        yield Page(
            messages=self.mark.on(messages),
            meetings=self.mark.on(notices),
            listed=tuple(Listed(one.provider_id, not_after=one.at) for one in self.waiting),
            cursor="on",
            last=True,
            full=False,
        )

    def fetch(self, wanted: Sequence[Listed]) -> Iterator[Page]:
        yield Page(failed=tuple(Failure(one.provider_id, "slow", final=False) for one in wanted))
