"""By which key is a mail known in all its copies: its Message-ID, or a digest where it bears none?

One recipe for all sources, so that the same mail out of two mailboxes or a file is the same mail.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable

from connectors.model.headers.message_ids import message_id
from connectors.model.records import Person

_DIGEST = "@digest.invalid"


def mail_key(
    written: str,
    author: Person,
    dated_at: int | None,
    at: int | None,
    subject: str,
    recipients: Iterable[Person],
) -> str:
    """The key of a mail whose Message-ID header says `written` ("" where it has none).

    A digest is made of what all sources tell alike: who wrote it, its Date to the second [µs UTC],
    the readable subject, who is in To and Cc. Without a Date the moment `at` which it came takes
    its place: it differs between copies, but two mails do not become one.
    """
    key = message_id(written)
    if key:
        return key
    moment = dated_at if dated_at is not None else at
    parts = (
        author.address,
        "" if moment is None else str(moment // 1_000_000),
        " ".join(subject.split()),
        *sorted({one.address for one in recipients}),
    )
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()
    return f"{digest[:32]}{_DIGEST}"


def file_id(key: str, author: str, dated_at: int | None, subject: str, *, sent: bool) -> str:
    """By which id does a mail out of a file find its own place again, and never another's?

    One Message-ID twice may be two mails, and a mail to oneself lies in a mailbox twice: what it
    says of itself follows its key. author: the normal form; dated_at: as its Date is written
    [µs UTC], None where that cannot be read.
    """
    date = "" if dated_at is None else str(dated_at)
    content = zlib.crc32(f"{author}\n{date}\n{subject}".encode("utf-8", "replace"))
    return f"{'sent:' if sent else ''}{key} {content:08x}"
