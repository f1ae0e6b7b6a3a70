"""How does a report leave through the owner's own Microsoft 365, at most once?

One POST of sendMail in MIME with a login of its own (Mail.Send), never repeated once data was sent:
Graph has no key against doubles, and a 504 may still have delivered (facts/microsoft.md 7). It
answers 202 without an id: accepted, not delivered. Recipients stand in the headers.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

from connectors.mailer.provider_api import handing_over, in_base64, raw
from connectors.microsoft.client import Graph

#: A request of Graph takes 4 MB, and base64 makes four bytes of three.
LARGEST = 3_000_000  # [bytes]


class MicrosoftMailer:
    """A Mailer (connectors.interfaces) over a login that was given for `send`."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def send(self, mail: EmailMessage, recipients: Sequence[str]) -> str:
        """The mail's own Message-ID; Graph gives no other reference.

        Raises DeliveryError: `handed_over` is False where Graph refused it or never saw it, None
        where the connection broke, or Graph failed, after data was sent.
        """
        written = raw(mail, recipients, "Microsoft 365", LARGEST)
        with handing_over("Microsoft 365"):
            self._graph.send_mime(in_base64(written, url_safe=False))
        return str(mail.get("Message-ID") or "")
