"""What should a person do about what a mail server refuses or lacks?"""

from __future__ import annotations

import ssl
from collections.abc import Sequence

from config.errors import DeliveryError

#: OpenSSL's X509_V_ERR of a certificate that is not valid yet or any more, and of another name.
_DATES, _NAMES = (9, 10), (62, 63, 64)

_EXCHANGE = ("office365.com", "outlook.com")
_GMAIL = ("gmail.com", "googlemail.com")


def advice(host: str) -> str:
    """What is known to trouble mail servers of this name from 2026 on; "" where nothing is.

    Exchange Online switches basic SMTP AUTH off by default at the end of December 2026; Gmail
    takes only app passwords, which need two-step verification.
    """
    if _is_of(host, _EXCHANGE):
        return (
            "Exchange Online turns SMTP passwords off by default at the end of December 2026: "
            'use [report] deliver = ["provider"], or let an administrator allow SMTP AUTH'
        )
    if _is_of(host, _GMAIL):
        return (
            "Gmail takes no account password here: make an app password (it needs two-step "
            'verification), or use [report] deliver = ["provider"]'
        )
    return ""


def after_refusal(code: int, shown: str, host: str, *, login: bool) -> str:
    """What to do about a refusal for good (RFC 3463, RFC 4954). `shown`: its codes; `login`: was one made?"""
    if code == 552 or shown.endswith((" 5.3.4", " 5.2.3")):
        return "it is too large for it: set [report] attach_page = false, or ask its administrator"
    if code == 530 and not login:
        return "it wants a login: set [smtp] user, and security if it is none"
    return advice(host) or "see what its administrator allows this sender"


def way_to_trust(error: ssl.SSLCertVerificationError) -> str:
    """What to do about a certificate, by OpenSSL's number for what is wrong with it."""
    if error.verify_code in _DATES:
        return "check this machine's clock; if it is right, the server needs a new certificate"
    if error.verify_code in _NAMES:
        return "write [smtp] host as the certificate names it, or ask the server's administrator"
    return "set [smtp] ca_file to the authority that signed it"


def only_other_logins(offered: Sequence[str]) -> DeliveryError:
    """A server that takes no password at all, by the names of what it takes."""
    if set(offered) <= {"XOAUTH2", "OAUTHBEARER"}:
        return DeliveryError(
            "the mail server takes no passwords, only OAuth logins (XOAUTH2)",
            hint='set [report] deliver = ["provider"]: it sends through your own mailbox',
        )
    if set(offered) <= {"NTLM", "GSSAPI", "KERBEROS_V4", "GSS-SPNEGO"}:
        return DeliveryError(
            f"the mail server takes only Windows logins ({', '.join(offered)})",
            hint="ask its administrator for a port with PLAIN or LOGIN over TLS, or set [report] "
            'deliver = ["provider"]',
        )
    return DeliveryError(
        f"the mail server offers no login that is supported here ({', '.join(offered)[:80]})",
        hint="ask its administrator for PLAIN or LOGIN over TLS, or use another server",
    )


def _is_of(host: str, domains: Sequence[str]) -> bool:
    return any(host.lower() == one or host.lower().endswith("." + one) for one in domains)
