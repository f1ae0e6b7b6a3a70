"""Is a mail a calendar mail, a bounce, an auto-reply, bulk, or was it written by a person?

rules.md section 2: the first match wins in that order; a provider's own type beats a header, a
header beats a subject, and a subject never decides alone. Calendar comes first because a machine
may send a person's answer. Headers: RFC 3834, RFC 5230, RFC 6047; signs and their limits:
facts of detection, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd

from config.phrasing import Phrases
from reports.columns import text
from reports.columns.instants import Flags
from reports.columns.text import Distinct
from reports.detect.mail import references, subject_lines
from reports.detect.mail.list_authors import LISTED
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
_TYPED: Final = r"(?im)^content-type:.*report-type="
#: Reports that are never about a delivery: receipts, and complaints that go to whoever sent it.
_OTHER_REPORT: Final = (
    r"(?im)^content-type: multipart/report.*report-type=\"?(?:disposition-notification"
    r"|feedback-report|delivery-feedback|tlsrpt)"
)
#: Some servers write the empty path without its brackets, or as the one who answers for it.
_NULL_SENDER: Final = (
    r"(?im)^return-path: ?<? ?(?:\"\"|mailer-daemon(?:@[^>\s]*)?)? ?>?(?: ?\(.*)?$"
)
#: Comments may stand before the word, and quotes around it (RFC 3834 5.1, RFC 5322 3.2.2).
_SAYS: Final = r"(?im)^auto-submitted: ?(?:\([^)\n]*\) ?)*\"?"
#: Any word but "no".
_SUBMITTED: Final = _SAYS + r"(?:[a-mo-z]|n[a-np-z]|no[a-z-])"
_REPLIED: Final = _SAYS + "auto-replied"
_VENDOR: Final = (
    r"(?im)^x-(?:autoreply|autorespond|autoresponder):"
    r"|^precedence: ?auto_reply"
    r"|^x-apple-action: ?vacation"
    r"|^x-ms-exchange-generated-message-source:"
    r"|^content-type: multipart/report"
)
#: What a rule of a person's mailbox has sent on; an answer of the mailbox itself has more signs.
_BY_RULE: Final = r"(?im)^x-ms-exchange-generated-message-source: ?mailbox rules agent"
_OWN_ANSWER: Final = (
    r"(?im)^x-auto-response-suppress:|^return-path: ?< ?>|^auto-submitted:.*auto-replied"
)
#: Says failure by itself; every other report needs a subject that says so.
_FAILED: Final = r"(?im)^x-failed-recipients:|^x-ms-exchange-message-is-ndr:"
#: The sender check of our own receiving side (RFC 8601): a policy that failed, or both ways to
#: prove the domain and no policy.
_UNPROVEN: Final = r"(?im)^authentication-results:.*[:; ]dmarc ?= ?fail\b"
_NO_POLICY: Final = r"(?im)^authentication-results:.*[:; ]dmarc ?= ?(?:pass|bestguesspass)\b"
_NO_SPF: Final = r"(?im)^authentication-results:.*[:; ]spf ?= ?(?:fail|softfail)\b"
_NO_DKIM: Final = r"(?im)^authentication-results:.*[:; ]dkim ?= ?(?:fail|permerror)\b"
_SOME_PROOF: Final = r"(?im)^authentication-results:.*[:; ](?:dkim|spf) ?= ?pass\b"
#: How services write that they write for somebody: `Dana (via Docs)`, `Dana via an e-sign tool`.
#: In small letters: with a capital one it is a surname.
_SERVICE: Final = (
    r"\S[ (]+(?:via|vía|über|mediante|tramite|przez|za pośrednictwem|přes|prostřednictvím|genom"
    r"|gennem|gjennom|através d[eao]|a través de|через) +\S"
    r"|\S ?[(（].+(?:経由|aracılığıyla|keresztül|kautta)[)）]|\S ?[(（](?:通过|透過|通過) ?\S"
)
_WORDS: Final = r"\w{3,}"
#: Asks others not to answer, or was set on forwarded mail: only with a second sign.
_WEAK: Final = r"(?im)^x-auto-response-suppress:|^x-ms-exchange-inbox-rules-loop:"
_BULK: Final = (
    r"(?im)^list-(?:id|unsubscribe|unsubscribe-post|post):"
    r"|^precedence: ?(?:bulk|list|junk)"
    r"|^feedback-id:"
    r"|^x-(?:hs-email-campaign-id|sg-eid|mailchimp-campaign-id|campaign-id):"
)
_AWAY: Final = (
    r"(?im)^x-(?:autoreply|autorespond|autoresponder):"
    r"|^precedence: ?auto_reply"
    r"|^x-apple-action: ?vacation"
    r"|^x-ms-exchange-generated-message-source: ?mailbox rules agent"
)
_RECEIPT: Final = r"(?im)^content-type: multipart/report"
#: From whom Google sends what its calendars tell.
GOOGLE_SENDER: Final = "calendar-notification@google.com"
_GOOGLE_KEY: Final = r"^calendar-[^@]+@google\.com$"

#: The last two: what failed its sender check, and replies of a confirming mailbox (confirming.py).
CLASSES: Final = ("calendar", "bounce", "auto", "bulk", "human", "unproven", "confirming")


def classify(
    setting: Setting,
    arrived: Arrived,
    writer: Distinct,
    *,
    known_contacts: Collection[str],
    known_titles: Collection[str] = frozenset(),
    names: Distinct | None = None,
) -> pd.Series:
    """The class of each mail; text, aligned with the mails that arrived, one of CLASSES.

    writer: the contact behind their From, "" for ours. known_contacts: outside addresses we
    have to do with. known_titles: titles of meetings (subject_lines.titles): with a meeting word
    in the subject they make a calendar mail. names: as written beside From. What failed its
    sender check is `unproven`, whatever it looks like (rules.md section 0).
    """
    messages, headers, senders = arrived.messages, arrived.headers, arrived.senders
    ours, phrases = setting.ours, setting.phrases
    if not len(messages):
        return pd.Series([], index=messages.index, dtype="str")
    is_ours = senders.holds(ours.__contains__)
    machine, daemon = senders.holds(phrases.is_machine), senders.holds(phrases.is_daemon)
    # `MAILER-DAEMON <>`: nobody wrote it.
    nobody = senders.holds(lambda one: not one) & ~messages["sent"].to_numpy()
    machine |= nobody
    if names is not None:
        listed = headers.matches(LISTED)
        machine |= _by_service(names, senders) & ~listed & ~is_ours

    calendar = _calendar_sign(messages, headers) | senders.holds(GOOGLE_SENDER.__eq__)
    if known_titles:
        worded = text.matches(text.plain(messages["subject"]), phrases.meeting_pattern)
        if worded.any():
            named = subject_lines.titles(messages.loc[worded, "subject"], phrases)
            # An unknown name in the subject is no second sign; an empty one even less.
            calendar[worded] |= (named.isin(list(known_titles)) & (named != "")).to_numpy()

    null_sender = headers.matches(_NULL_SENDER)
    automatic = headers.matches(_SUBMITTED) | headers.matches(_VENDOR)
    automatic &= ~_sent_on(headers, messages["subject"], phrases)
    weak = headers.matches(_WEAK)
    bounce = headers.matches(_FAILED)
    report = headers.matches(_REPORT) | daemon
    unsure = ~bounce & (report | machine | null_sender | automatic)
    unsure &= ~headers.matches(_OTHER_REPORT)
    bounce |= _subjected(messages["subject"], unsure, phrases.bounce_pattern)
    unsure = weak & ~null_sender
    away = weak & null_sender | _subjected(messages["subject"], unsure, phrases.away_pattern)
    auto = automatic | null_sender | away | report | (machine & ~is_ours)
    bulk = headers.matches(_BULK)
    if bulk.any():
        known = bulk & writer.holds(known_contacts.__contains__)
        bulk &= ~_answers_ours(messages, known, is_ours)

    doubtful = unproven(headers) & ~messages["sent"].to_numpy()
    code = np.select([doubtful, calendar, bounce, auto, bulk], [5, 0, 1, 2, 3], default=4)
    return text.chosen(CLASSES, code, messages.index)


def _by_service(names: Distinct, senders: Distinct) -> Flags:
    """Which mails did a service send in somebody's name?

    One whose address bears the name before the "via" is that person's own, however they sign.
    """
    found = names.matches(_SERVICE)
    place = np.flatnonzero(found)
    written = zip(names.take(place).text(), senders.take(place).text(), strict=True)
    found[place] = [not _bears(str(name), str(address)) for name, address in written]
    return found


def _bears(name: str, address: str) -> bool:
    """Does a word of the name before its "via" stand in the address?"""
    found = re.search(_SERVICE, name)
    before = name[: found.start() + 1] if found else name
    return any(word in address for word in re.findall(_WORDS, before.lower()))


def unproven(headers: Distinct) -> Flags:
    """Which mails failed the sender check of our own receiving side? They prove nothing."""
    neither = headers.matches(_NO_SPF) & headers.matches(_NO_DKIM) & ~headers.matches(_SOME_PROOF)
    return headers.matches(_UNPROVEN) | (neither & ~headers.matches(_NO_POLICY))


def generated(headers: Distinct) -> Flags:
    """Which mails of class `auto` say that a program made them, and not that somebody is away?

    Whatever word but auto-replied they say it with; a report or a receipt is neither.
    """
    return headers.matches(_SUBMITTED) & ~headers.matches(_REPLIED) & ~headers.matches(_RECEIPT)


def unclear_report(
    headers: Distinct, senders: Distinct, subject: pd.Series, phrases: Phrases
) -> Flags:
    """Which mails of class `auto` report on a delivery and do not say whether it failed?"""
    report = headers.matches(_REPORT) | senders.holds(lambda one: not one or phrases.is_daemon(one))
    # A report without its type is one of those that do not say.
    report |= headers.matches(_RECEIPT) & ~headers.matches(_TYPED)
    report &= ~headers.matches(_OTHER_REPORT)
    return report & ~_subjected(subject, report, phrases.delivered_pattern)


def _sent_on(headers: Distinct, subject: pd.Series, phrases: Phrases) -> Flags:
    """Which mails did a forwarding or redirecting rule send on? They stay their writer's."""
    by_rule = headers.matches(_BY_RULE) & ~headers.matches(_OWN_ANSWER)
    return by_rule & ~_subjected(subject, by_rule, phrases.away_pattern)


def away_notice(headers: Distinct, subject: pd.Series, phrases: Phrases) -> Flags:
    """Which auto-replies say that a person is away: no receipt and no generated notice.

    headers, subject: aligned, of mails of class `auto`; the caller leaves out those of machines.
    """
    replied = _replied(headers) & ~headers.matches(_RECEIPT)
    return replied | _subjected(subject, ~replied, phrases.away_pattern)


def answered_by_itself(headers: Distinct) -> Flags:
    """Which auto-replies say by their empty return path that the mailbox wrote them? No receipt.

    headers: of mails of class `auto`. What such a mail answers is for the caller to see.
    """
    return headers.matches(_NULL_SENDER) & ~headers.matches(_RECEIPT)


def only_without_path(headers: Distinct) -> Flags:
    """Which mails have an empty return path, and nothing else says that a program wrote them?"""
    found = headers.matches(_NULL_SENDER) & ~headers.matches(_SUBMITTED)
    return found & ~headers.matches(_VENDOR) & ~headers.matches(_WEAK) & ~headers.matches(_BULK)


def own_answer(headers: Distinct) -> Flags:
    """Which mails of class `auto` did a mailbox write by itself, in answer to another? No receipt."""
    replied = _replied(headers) | headers.matches(_NULL_SENDER)
    return replied & ~headers.matches(_RECEIPT)


def _replied(headers: Distinct) -> Flags:
    """Which mails does a header call an answer that a mailbox gives while its owner is away?"""
    return headers.matches(_REPLIED) | headers.matches(_AWAY)


def delay_notice(headers: Distinct, subject: pd.Series, phrases: Phrases) -> Flags:
    """Which bounces only say that delivery takes longer: they count for nothing."""
    headed = headers.matches(r"(?im)^auto-submitted:.*\(warning")
    return headed | _subjected(subject, ~headed, phrases.delay_pattern)


def _calendar_sign(messages: pd.DataFrame, headers: Distinct) -> Flags:
    """Where the provider or a header, not the subject, says that it is a meeting mail."""
    typed = (messages["meeting_type"] != "").to_numpy()
    google = (messages["sender_address"] == GOOGLE_SENDER).to_numpy()
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
