"""How does a report leave through the owner's own Gmail, at most once?

One POST of users.messages.send with a token of its own (scope gmail.send), never repeated once
data was sent (facts/google.md 2.5 and 5). Recipients stand in the headers: Gmail knows no other.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from config.errors import AuthError, ConfigError, DeliveryError, ProviderError, TransientError
from connectors.google.client import Google
from connectors.model.mailheaders import people
from connectors.model.normal import address
from connectors.transport.loop import Unsettled

#: Gmail's limit on a message handed over whole.
LARGEST = 36_700_160  # [bytes]


class GmailMailer:
    """A Mailer (connectors.base) over a login that was given for `send`."""

    def __init__(self, google: Google) -> None:
        self._google = google

    def send(self, mail: EmailMessage, recipients: Sequence[str]) -> str:
        """Gmail's id of the mail; its own Message-ID where Gmail's answer was lost.

        Raises DeliveryError: `handed_over` is False where Gmail refused it or never saw it, None
        where the connection broke after data was sent.
        """
        named = {
            person.address
            for header in ("To", "Cc", "Bcc")
            for value in mail.get_all(header, [])
            for person in people(str(value))
        }
        if {address(one) for one in recipients} != named or not named:
            raise DeliveryError(
                "the recipients are not those that the mail's headers name",
                hint="Gmail sends to the headers: deliver by SMTP where they must differ",
            )
        raw = mail.as_bytes(policy=SMTP)
        if len(raw) > LARGEST:
            raise DeliveryError(
                f"the report has {len(raw)} bytes, Gmail takes {LARGEST}",
                hint="deliver it to a folder",
            )
        try:
            answer = self._google.hand_over(base64.urlsafe_b64encode(raw).decode("ascii"))
        except Unsettled as error:
            raise DeliveryError(
                f"Gmail did not confirm the report: {error.message}",
                handed_over=None if error.sent else False,
                hint="the next sync looks for it among the sent mail"
                if error.sent
                else "nothing was sent; the next run tries again",
            ) from error
        except (AuthError, ConfigError, ProviderError, TransientError) as error:
            raise DeliveryError(
                f"Gmail did not take the report: {error.message}",
                handed_over=False,
                hint=error.hint or "noshow doctor --probe",
            ) from error
        return str(answer.get("id") or mail.get("Message-ID") or "")
