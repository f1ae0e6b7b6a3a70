"""Is a mail a calendar mail, a bounce, an auto-reply, bulk, or was it written by a person?

rules.md section 2: the first match wins in that order; a provider's own type beats a header, a
header beats a subject, and a subject never decides alone. Calendar comes first because a machine
may send a person's answer. Headers: RFC 3834, RFC 5230, RFC 6047; signs and their limits:
facts of detection, section 3.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd

from config.phrasing import Phrases
from reports.columns import text
from reports.columns.instants import Flags
from reports.columns.text import Distinct
from reports.detect.mail import references, subject_lines
from reports.detect.mail.mail_index import Arrived
from reports.detect.setting import Setting

#: Patterns over the raw header lines (`name: value`, names in lower case).
_CALENDAR: Final = (
    r"(?im)^content-type: text/calendar"
    r"|^content-class: urn:content-classes:calendarmessage"
    r"|^x-mail-calendar-part:"
    r"|^x-ms-exchange-calendar-(?:originator-id|series-instance-id):"
    r"|^x-ms-traffictypediagnostic:.*ee_meetingmessage"
)
_REPORT: Final = (
    r"(?im)^content-type: multipart/report.*report-type=\"?delivery-status"
    r"|^x-failed-recipients:"
    r"|^x-ms-exchange-message-is-ndr:"
)
_NULL_SENDER: Final = r"(?im)^return-path: ?<>"
_SUBMITTED: Final = r"(?im)^auto-submitted: ?[a-z]"
_SUBMITTED_NO: Final = r"(?im)^auto-submitted: ?no(?:[ ;(]|$)"
_VENDOR: Final = (
    r"(?im)^x-(?:autoreply|autorespond|autoresponder):"
    r"|^precedence: ?auto_reply"
    r"|^x-apple-action: ?vacation"
    r"|^x-ms-exchange-generated-message-source:"
    r"|^content-type: multipart/report.*report-type=\"?disposition-notification"
)
#: Asks others not to answer, or was set on forwarded mail: only with a second sign.
_WEAK: Final = r"(?im)^x-auto-response-suppress:|^x-ms-exchange-inbox-rules-loop:"
_BULK: Final = (
    r"(?im)^list-(?:id|unsubscribe|unsubscribe-post|post):"
    r"|^precedence: ?(?:bulk|list|junk)"
    r"|^feedback-id:"
    r"|^x-(?:hs-email-campaign-id|sg-eid|mailchimp-campaign-id|campaign-id):"
)
_AWAY: Final = (
    r"(?im)^auto-submitted: ?auto-replied"
    r"|^x-(?:autoreply|autorespond|autoresponder):"
    r"|^precedence: ?auto_reply"
    r"|^x-apple-action: ?vacation"
    r"|^x-ms-exchange-generated-message-source: ?mailbox rules agent"
)
_RECEIPT: Final = r"(?im)^content-type: multipart/report"
_GOOGLE_SENDER: Final = "calendar-notification@google.com"
_GOOGLE_KEY: Final = r"^calendar-[^@]+@google\.com$"

CLASSES: Final = ("calendar", "bounce", "auto", "bulk", "human")


def classify(
    setting: Setting,
    arrived: Arrived,
    writer: Distinct,
    *,
    known_contacts: Collection[str],
    known_titles: Collection[str] = frozenset(),
) -> pd.Series:
    """The class of each mail; text, aligned with the mails that arrived, one of CLASSES.

    writer: the contact behind their From, "" for ours. known_contacts: outside addresses we
    have to do with. known_titles: titles of meetings (subject_lines.titles): with a meeting word
    in the subject they make a calendar mail.
    """
    messages, headers, senders = arrived.messages, arrived.headers, arrived.senders
    ours, phrases = setting.ours, setting.phrases
    if not len(messages):
        return pd.Series([], index=messages.index, dtype="str")
    is_ours = senders.holds(ours.__contains__)
    machine, daemon = senders.holds(phrases.is_machine), senders.holds(phrases.is_daemon)

    calendar = _calendar_sign(messages, headers) | senders.holds(_GOOGLE_SENDER.__eq__)
    if known_titles:
        worded = text.matches(text.plain(messages["subject"]), phrases.meeting_pattern)
        if worded.any():
            named = subject_lines.titles(messages.loc[worded, "subject"], phrases)
            # An unknown name in the subject is no second sign; an empty one even less.
            calendar[worded] |= (named.isin(list(known_titles)) & (named != "")).to_numpy()

    null_sender = headers.matches(_NULL_SENDER)
    automatic = headers.matches(_SUBMITTED) & ~headers.matches(_SUBMITTED_NO)
    automatic |= headers.matches(_VENDOR)
    weak = headers.matches(_WEAK)
    bounce = headers.matches(_REPORT) | daemon
    unsure = ~bounce & (machine | null_sender | automatic)
    bounce |= _subjected(messages["subject"], unsure, phrases.bounce_pattern)
    unsure = weak & ~null_sender
    away = weak & null_sender | _subjected(messages["subject"], unsure, phrases.away_pattern)
    auto = automatic | null_sender | away | (machine & ~is_ours)
    bulk = headers.matches(_BULK)
    if bulk.any():
        known = bulk & writer.holds(known_contacts.__contains__)
        bulk &= ~_answers_ours(messages, known, is_ours)

    code = np.select([calendar, bounce, auto, bulk], [0, 1, 2, 3], default=4)
    return text.chosen(CLASSES, code, messages.index)


def away_notice(headers: Distinct, subject: pd.Series, phrases: Phrases) -> Flags:
    """Which auto-replies say that a person is away: no receipt and no generated notice.

    headers, subject: aligned, of mails of class `auto`; the caller leaves out those of machines.
    """
    replied = headers.matches(_AWAY) & ~headers.matches(_RECEIPT)
    return replied | _subjected(subject, ~replied, phrases.away_pattern)


def answered_by_itself(headers: Distinct) -> Flags:
    """Which auto-replies say by their empty return path that the mailbox wrote them? No receipt.

    headers: of mails of class `auto`. What such a mail answers is for the caller to see.
    """
    return headers.matches(_NULL_SENDER) & ~headers.matches(_RECEIPT)


def delay_notice(headers: Distinct, subject: pd.Series, phrases: Phrases) -> Flags:
    """Which bounces only say that delivery takes longer: they count for nothing."""
    headed = headers.matches(r"(?im)^auto-submitted:.*\(warning")
    return headed | _subjected(subject, ~headed, phrases.delay_pattern)


def _calendar_sign(messages: pd.DataFrame, headers: Distinct) -> Flags:
    """Where the provider or a header, not the subject, says that it is a meeting mail."""
    typed = (messages["meeting_type"] != "").to_numpy()
    google = (messages["sender_address"] == _GOOGLE_SENDER).to_numpy()
    keyed = text.matches(messages["message_key"], _GOOGLE_KEY)
    return typed | google | keyed | headers.matches(_CALENDAR)


def _subjected(subject: pd.Series, where: Flags, pattern: str) -> Flags:
    """Where another sign already speaks for it and the subject agrees."""
    found = np.zeros(len(subject), dtype=bool)
    if where.any():
        found[where] = text.matches(text.plain(subject[where]), pattern)
    return found


def _answers_ours(messages: pd.DataFrame, known: Flags, is_ours: Flags) -> Flags:
    """Where a known contact answers a mail of ours: CRMs and lists add bulk headers to such mail."""
    found = np.zeros(len(messages), dtype=bool)
    if known.any():
        mine = is_ours | messages["sent"].to_numpy()
        named = messages.loc[known, ["in_reply_to", "reference_keys"]]
        found[known] = references.naming(named, messages.loc[mine, "message_key"])
    return found
