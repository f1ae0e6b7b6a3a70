"""How does a report leave through a provider's own API, at most once?

What Gmail's and Graph's sendings share: both send to the addresses in the headers and know no
other, and of both it must be told apart whether a mail was refused, or perhaps taken.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP

from config.errors import (
    AuthError,
    ConfigError,
    DeliveryError,
    ProviderError,
    Stopped,
    StoreError,
    TransientError,
)
from connectors.model.headers.address_lists import people
from connectors.model.normal_forms import address
from connectors.transport.client import Unsettled


def raw(mail: EmailMessage, recipients: Sequence[str], provider: str, largest: int) -> bytes:
    """The mail as it is handed over, with CRLF line ends; at most `largest` bytes.

    Raises DeliveryError where the recipients are not those of the headers, or it is too large.
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
            hint=f"{provider} sends to the headers: deliver by SMTP where they must differ",
        )
    try:
        written = mail.as_bytes(policy=SMTP)
    except Exception as error:
        raise DeliveryError(f"the report cannot be written ({type(error).__name__})") from error
    if len(written) > largest:
        raise DeliveryError(
            f"the report has {len(written)} bytes, {provider} takes {largest}",
            hint="deliver it to a folder",
        )
    return written


def in_base64(written: bytes, *, url_safe: bool) -> str:
    """The bytes as base64 text, in the alphabet of addresses or the common one."""
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    return encode(written).decode("ascii")


@contextmanager
def handing_over(provider: str) -> Iterator[None]:
    """Turn what goes wrong in the block into DeliveryError.

    `handed_over` is False where the provider refused the mail or never saw it, None where the
    connection broke, or the provider failed, after data was sent, and where nobody foresaw what
    happened. A store that fails does so before: it counts the quota.
    """
    try:
        yield
    except Stopped:
        raise
    except Unsettled as error:
        raise DeliveryError(
            f"{provider} did not confirm the report: {error.message}",
            handed_over=None if error.sent else False,
            hint="the next sync looks for it among the sent mail"
            if error.sent
            else "nothing was sent; the next run tries again",
        ) from error
    except (AuthError, ConfigError, ProviderError, StoreError, TransientError) as error:
        raise DeliveryError(
            f"{provider} did not take the report: {error.message}",
            handed_over=False,
            hint=error.hint or "noshow doctor --probe",
        ) from error
    except Exception as error:
        raise DeliveryError(
            f"{provider} was asked to send the report, and what followed is not understood "
            f"({type(error).__name__})",
            handed_over=None,
            hint="the next sync looks for it among the sent mail",
        ) from error
