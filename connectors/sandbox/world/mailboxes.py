"""What lies in one served mailbox, and what changed in it since when?

Labels are Gmail's words (INBOX, SENT, SPAM, TRASH, UNREAD, STARRED, IMPORTANT, CATEGORY_*, and the
user's own by name); another provider's server translates them into folders and flags.
"""

from __future__ import annotations

import bisect
import hashlib
import re
from dataclasses import dataclass, field
from typing import Literal

from connectors.sandbox.world.mails import Letter
from connectors.sandbox.world.people import Account

_PREFIX = re.compile(r"^\s*((re|fwd?|aw|sv)\s*:\s*)+", re.IGNORECASE)


def digest(*parts: object) -> int:
    """A steady 64-bit number from any parts: ids must not depend on the run."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


@dataclass(slots=True)
class Stored:
    """One mail in one mailbox. `history` is the last history id that touched it."""

    id: str
    thread: str
    letter: Letter
    at: int
    labels: set[str]
    received: bool
    history: int


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a mailbox's history. `labels`: those added or removed; `at` in [µs UTC]."""

    id: int
    at: int
    kind: Literal["added", "deleted", "labelled", "unlabelled"]
    mail: str
    thread: str
    labels: tuple[str, ...]


@dataclass(slots=True)
class Mailbox:
    """The mails of one account, ordered by time, with the history of their changes."""

    account: Account
    mails: dict[str, Stored] = field(default_factory=dict)
    order: list[tuple[int, str]] = field(default_factory=list)
    by_key: dict[str, str] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)
    history_id: int = 8_000_000

    def note(
        self,
        at: int,
        kind: Literal["added", "deleted", "labelled", "unlabelled"],
        mail: Stored,
        labels: tuple[str, ...] = (),
    ) -> None:
        """Append a line to the history. Ids rise, but with gaps, as Gmail's do."""
        self.history_id += 1 + digest(self.account.address, self.history_id) % 37
        mail.history = self.history_id
        self.history.append(Change(self.history_id, at, kind, mail.id, mail.thread, labels))

    def since(self, history_id: int) -> int:
        """The index of the first change after a history id."""
        return bisect.bisect_right(self.history, history_id, key=lambda change: change.id)

    def add(self, letter: Letter, labels: set[str], *, received: bool) -> Stored:
        """Lay a letter down, in the thread that Gmail would give it."""
        salt = digest(self.account.address, letter.key) & 0xFFFFF
        mail_id = format(((letter.at // 1000) << 20) | salt, "016x")
        while mail_id in self.mails:
            salt = (salt + 1) & 0xFFFFF
            mail_id = format(((letter.at // 1000) << 20) | salt, "016x")
        mail = Stored(mail_id, "", letter, letter.at, labels, received, 0)
        mail.thread = self._thread(letter) or mail_id
        self.mails[mail_id] = mail
        bisect.insort(self.order, (letter.at, mail_id))
        self.by_key.setdefault(letter.key, mail_id)
        self.threads.setdefault(mail.thread, []).append(mail_id)
        self.note(letter.at, "added", mail, tuple(sorted(labels)))
        return mail

    def _thread(self, letter: Letter) -> str:
        """The thread of a mail that it answers, if the subject is the same; "" opens a new one.

        Source: facts/google.md 2.3; a reply under another subject starts a new thread.
        """
        if letter.thread in self.threads:
            return letter.thread
        for key in (letter.in_reply_to, *reversed(letter.references)):
            known = self.mails.get(self.by_key.get(key, ""))
            # Machines' answers join the thread under any subject (facts/google.md 7, samples 10 and 11).
            if known and (
                letter.kind in ("auto_reply", "bounce")
                or bare_subject(known.letter.subject) == bare_subject(letter.subject)
            ):
                return known.thread
        return ""

    def relabel(self, at: int, key: str, add: tuple[str, ...], remove: tuple[str, ...]) -> bool:
        """Change the labels of the mail with this Message-ID. False where it is not here."""
        mail = self.mails.get(self.by_key.get(key, ""))
        if mail is None:
            return False
        new = tuple(label for label in add if label not in mail.labels)
        old = tuple(label for label in remove if label in mail.labels)
        mail.labels = (mail.labels | set(new)) - set(old)
        if new:
            self.note(at, "labelled", mail, new)
        if old:
            self.note(at, "unlabelled", mail, old)
        return True

    def discard(self, at: int, key: str) -> bool:
        """Delete the mail for good. False where it is not here."""
        mail = self.mails.pop(self.by_key.pop(key, ""), None)
        if mail is None:
            return False
        self.order.remove((mail.at, mail.id))
        self.threads[mail.thread].remove(mail.id)
        if not self.threads[mail.thread]:
            del self.threads[mail.thread]
        self.note(at, "deleted", mail, tuple(sorted(mail.labels)))
        return True


def bare_subject(subject: str) -> str:
    """A subject without its Re: and Fwd:, folded."""
    return " ".join(_PREFIX.sub("", subject).casefold().split())
