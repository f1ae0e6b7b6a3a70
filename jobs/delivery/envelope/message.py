"""Of what is the report's mail made, and how is it found again?

multipart/alternative of the text and of multipart/related (HTML with its pictures). Its
Message-ID carries the report's token, which send it is, and when: what the ledger notes before
the mail leaves tells after a crash what may have left.
"""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from config.clock import EPOCH, from_micros
from connectors.mailer.folder import NAME_HEADER
from connectors.model.normal_forms import a_labels
from reports.render.mail import Rendered


def letter(
    rendered: Rendered,
    *,
    sender: str,
    recipient: str,
    key: str,
    at: int,
    name: str,
) -> EmailMessage:
    """The finished mail. `at` [µs UTC] is its Date, `key` its Message-ID without brackets.

    `name` says in a header which report it is: `weekly 2026-W47`.

    `Auto-Submitted` and `X-Auto-Response-Suppress` keep out-of-office machines silent (RFC 3834,
    section 5; MS-OXCMAIL). `List-Id` is what a reader filters by, and `List-Unsubscribe` what a mail
    program's own button uses (RFC 2919, RFC 2369): the mail that stops the report.
    Raises ValueError where an address or the subject cannot be a header.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name="noshow", addr_spec=a_labels(sender))
    mail["To"] = Address(addr_spec=a_labels(recipient))
    mail["Subject"] = rendered.subject
    mail["Date"] = _date(from_micros(at))
    mail["Message-ID"] = f"<{key}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    domain = a_labels(sender).rpartition("@")[2] or "noshow.invalid"
    mail["List-Id"] = f"noshow <{name.partition(' ')[0]}.noshow.{domain}>"
    if rendered.stop:
        mail["List-Unsubscribe"] = f"<{rendered.stop}>"
    mail[NAME_HEADER] = name
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    body = mail.get_payload()[-1]  # type: ignore[index]
    assert isinstance(body, EmailMessage)  # noqa: S101 - just added
    for content_id, picture in rendered.pictures.items():
        body.add_related(
            picture,
            "image",
            "png",
            cid=f"<{content_id}>",
            filename=f"{content_id}.png",
            disposition="inline",
        )
    if rendered.attached:
        week = name.partition(" ")[2]
        mail.add_attachment(
            rendered.page, subtype="html", cte="base64", filename=f"noshow-{week or 'report'}.html"
        )
    return mail


def _date(moment: datetime) -> str:
    return format_datetime(max(moment, EPOCH).replace(microsecond=0))
