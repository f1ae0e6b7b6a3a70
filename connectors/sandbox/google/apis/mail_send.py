"""What happens to a mail that a client sends through Gmail?

It lies in SENT, and reaches the world's mailboxes; a mail to oneself is one message with both
labels and comes back by the next sync. Facts: facts/google.md 2.5. The body is forgotten at once.
"""

from __future__ import annotations

import base64
import binascii
import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from email.utils import getaddresses
from typing import Any

from connectors.sandbox.google import errors
from connectors.sandbox.google.apis.mail import own_mailbox
from connectors.sandbox.google.call import Call
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.mails import PRIVATE, Letter
from connectors.sandbox.world.people import Human

_LARGEST = 36_700_160
#: Written by the letter itself from its own fields.
_OWN = {
    "from", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references",
    "content-type", "mime-version", "sender", "content-transfer-encoding",
}  # fmt: skip


def send(call: Call) -> dict[str, Any]:
    """users.messages.send with {"raw": base64url of a MIME message, "threadId"?}."""
    mailbox = own_mailbox(call)
    try:
        asked = json.loads(call.body or b"{}")
        raw = base64.urlsafe_b64decode(asked["raw"] + "=" * (-len(asked["raw"]) % 4))
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise errors.refusal(
            400, "invalidArgument", "'raw' RFC822 payload message string or uploading message via "
            "/upload/* URL required"
        ) from error  # fmt: skip
    if len(raw) > _LARGEST:
        raise errors.refusal(413, "uploadTooLarge", "Request Entity Too Large", rpc=False)
    mail = message_from_bytes(raw, policy=modern)
    if not isinstance(mail, EmailMessage):
        raise errors.refusal(400, "invalidArgument", "Invalid MIME")
    letter = _letter(call, mail, asked.get("threadId", ""), len(raw))
    call.world.post(letter)
    stored = mailbox.mails[mailbox.by_key[letter.key]]
    return {"id": stored.id, "threadId": stored.thread, "labelIds": sorted(stored.labels)}


def _people(mail: EmailMessage, name: str) -> tuple[Human, ...]:
    found = getaddresses([str(value) for value in mail.get_all(name, [])])
    return tuple(Human(address.lower(), shown) for shown, address in found if "@" in address)


def _letter(call: Call, mail: EmailMessage, thread: str, size: int) -> Letter:
    account = call.account
    to, cc, bcc = (_people(mail, name) for name in ("To", "Cc", "Bcc"))
    if not (to or cc or bcc):
        raise errors.refusal(400, "invalidArgument", "Recipient address required")
    senders = _people(mail, "From")
    # Gmail writes its own account into From where the given address is no alias of it.
    from_ = senders[0] if senders and account.owns(senders[0].address) else None
    given = str(mail.get("Message-ID", "")).strip().strip("<>")
    number = digest("sent", account.address, call.state.now, call.mailbox.history_id)
    key = given if given and call.quirks.keeps_message_id else f"CA{number:016x}@mail.gmail.com"
    references = str(mail.get("References", "")).replace("<", " ").replace(">", " ").split()
    return Letter(
        key=key,
        at=call.state.now,
        from_=from_ or Human(account.address, account.name),
        to=to,
        cc=cc,
        bcc=bcc,
        subject=" ".join(str(mail.get("Subject", "")).split()),
        in_reply_to=str(mail.get("In-Reply-To", "")).strip().strip("<>"),
        references=tuple(references),
        headers=tuple(
            (name, str(value)) for name, value in mail.items() if name.lower() not in _OWN
        ),
        content_type=str(mail.get("Content-Type", "text/plain")),
        body=f"{PRIVATE} sent",
        size=size,
        thread=thread,
    )
