"""By which numbers is found what belongs to a mail's conversation?

A mail is linked by its own Message-ID, by those that it names, and by its provider's thread. Each is
kept as a checksum: two of a million may be equal, which costs whoever asks a mail too many, and a
number takes a third of the room that its text would. What belongs together for sure is for the
detection to say (reports.detect.mail.threads), from the mails themselves.
"""

from __future__ import annotations

from zlib import crc32

#: A mail as it is stored: message_id, mailbox_id, thread_id, message_key, in_reply_to, reference_keys.
Linked = tuple[int, int, str, str, str, str]


def links(mailbox_id: int, thread: str, own: str, answered: str, named: str) -> set[int]:
    """The numbers of one mail. named: Message-IDs with spaces between them."""
    # Not by `link`: a mailbox file asks for millions.
    keys = {own, answered, *named.split(" ")}
    keys.discard("")
    found = {crc32(one.encode()) for one in keys}
    if thread:
        found.add(crc32(f"{mailbox_id} {thread}".encode()))
    return found


def link(message_key: str) -> int:
    """The number of a Message-ID."""
    return crc32(message_key.encode())
