"""How does a report leave through the owner's own Gmail, at most once?

One POST of users.messages.send with a token of its own (scope gmail.send), never repeated once
data was sent (facts/google.md 2.5 and 5). Recipients stand in the headers: Gmail knows no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

from connectors.google.client import Google
from connectors.mailer.provider_api import handing_over, in_base64, raw

#: Gmail's limit on a message handed over whole.
LARGEST = 36_700_160  # [bytes]


class GmailMailer:
    """A Mailer (connectors.interfaces) over a login that was given for `send`."""

    def __init__(self, google: Google) -> None:
        self._google = google

    def send(self, mail: EmailMessage, recipients: Sequence[str]) -> str:
        """Gmail's id of the mail; its own Message-ID where Gmail's answer was lost.

        Raises DeliveryError: `handed_over` is False where Gmail refused it or never saw it, None
        where the connection broke after data was sent.
        """
        written = raw(mail, recipients, "Gmail", LARGEST)
        with handing_over("Gmail"):
            answer = self._google.hand_over(in_base64(written, url_safe=True))
        return str(answer.get("id") or mail.get("Message-ID") or "")
