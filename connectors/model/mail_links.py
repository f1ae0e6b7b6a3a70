"""By which numbers is found what belongs to a mail's conversation?

A mail is linked by its own Message-ID, by those that it names, and by its provider's thread. An id is
taken in whatever case it is written, for gateways rewrite it (which mail it *is*, its case decides:
connectors.model.headers.mail_keys). Each is kept as a checksum: two of a million may be equal, which
costs whoever asks a mail too many, and a number takes a third of the room that its text would. What
belongs together for sure is for the detection to say (reports.detect.mail.threads), from the mails
themselves.
"""

from __future__ import annotations

from zlib import crc32

#: A mail as it is stored: message_id, mailbox_id, thread_id, message_key, in_reply_to, reference_keys.
Linked = tuple[int, int, str, str, str, str]


def links(mailbox_id: int, thread: str, own: str, answered: str, named: str) -> set[int]:
    """The numbers of one mail. named: Message-IDs with spaces between them."""
    # Of all ids at once: a mailbox file asks for millions.
    found = set(map(crc32, f"{own} {answered} {named}".encode().lower().split()))
    if thread:
        found.add(crc32(f"{mailbox_id} {thread}".encode()))
    return found


def asked(mailbox_id: int, thread: str, own: str, answered: str, named: str) -> set[int]:
    """The numbers by which the others of a mail's conversation are found.

    Mails of before ids were compared without their case are linked by ids as they were written.
    """
    found = links(mailbox_id, thread, own, answered, named)
    found.update(map(crc32, f"{own} {answered} {named}".encode().split()))
    return found
