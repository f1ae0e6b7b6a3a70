"""How does a report leave the house: once, and never silently not at all?

claimed -> handed over -> seen. The ledger says what was begun; the Message-ID is noted before the
mail leaves, so that a crash at any point leaves either a surely unsent report, which is sent, or
a perhaps sent one, which is looked for (jobs.delivery.arrival).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from traceback import format_tb
from typing import Any
from urllib.parse import quote

import pandas as pd

from config.clock import Clock, from_micros
from config.errors import (
    AuthError,
    ConfigError,
    DeliveryError,
    NoshowError,
    Stopped,
    StoreError,
    TransientError,
)
from config.settings import Settings
from connectors.mailer.folder import PAGE, stem
from connectors.model.normal_forms import address as normal
from connectors.store.claims import Claim as StoredClaim
from connectors.store.ledger import ReportClaim
from connectors.store.store import Store
from jobs.console.outcome import DONE, NOTHING, PARTLY, Outcome
from jobs.delivery.arrival import Resend, Sight, Verdict, verdict, watched
from jobs.delivery.envelope.audience import LEAD, REMIND, STOP, WEEKLY
from jobs.delivery.envelope.message import letter
from jobs.delivery.envelope.sent_mail import message_key, sent_of
from jobs.providers.mailers import Channel
from reports.claims import Claim
from reports.render.mail import Envelope, render
from reports.render.page import page
from reports.weekly import build as weekly
from reports.weekly.report import WeeklyReport

log = logging.getLogger("noshow.delivery")
#: A page larger than this goes not with the mail: servers refuse, and readers wait.
MOST_ATTACHED = 1_000_000


@dataclass(frozen=True)
class Style:
    """What the settings say of mail and page: does the page go along, where else is it, and which
    mailto link stops the report ("" where the reader cannot answer by mail)?
    """

    attach: bool = True
    page_url: str = ""
    stop: str = ""


@dataclass(frozen=True)
class Letters:
    """One report as it is mailed, and as it is written or printed here, always with its page."""

    mail: EmailMessage
    local: EmailMessage


def _letters(
    report: WeeklyReport, style: Style, envelope: Envelope, *, test: bool = False, **about: Any
) -> Letters:
    """`about`: sender, recipient, key, at and name, as `letter` wants them."""
    evidence = page.render(report)
    small = len(evidence.encode()) < MOST_ATTACHED
    url = ""
    if style.page_url:
        file = f"{stem(about['name'], [about['recipient']])}{PAGE}"
        url = f"{style.page_url.rstrip('/')}/{quote(file)}"
    whole = replace(envelope, stop=style.stop, page_url=url, attach=style.attach and small)
    rendered = render(report, whole, evidence)
    if test:
        rendered = replace(rendered, subject=f"Test: {rendered.subject}")
    return Letters(
        mail=letter(rendered, **about), local=letter(replace(rendered, attached=True), **about)
    )


def allowed(settings: Settings) -> Mapping[str, frozenset[str]]:
    """Who may receive which kind of report: the owners of the mailboxes, and whom the settings add."""
    owners = {normal(box.address) for box in settings.mailbox}
    owners |= {normal(alias) for box in settings.mailbox for alias in box.aliases}
    weekly_ = frozenset(owners | {normal(one) for one in settings.report.allowed})
    lead = frozenset({normal(settings.team.lead)} if settings.team.lead else ())
    return {WEEKLY: weekly_, STOP: frozenset(owners), REMIND: frozenset(owners), LEAD: lead}


def with_store_ids(store: Store, report: WeeklyReport) -> WeeklyReport:
    """The report with the ids of its claims, which from now on count as printed. Raises StoreError."""
    by_mailbox: dict[int, list[Claim]] = {}
    for claim in weekly.claims(report):
        by_mailbox.setdefault(claim.mailbox_id, []).append(claim)
    ids: dict[Claim, str] = {}
    for mailbox_id, claims in by_mailbox.items():
        stored = [
            StoredClaim(one.kind, one.contact, one.meeting_key, one.evidence_key) for one in claims
        ]
        ids |= dict(zip(claims, store.claims.ids(mailbox_id, stored), strict=True))
    return weekly.with_ids(report, ids)


@dataclass(frozen=True)
class Post:
    """Whom a mail of ours goes to, how, and what is seen of the mailboxes (`sight`: in them it is
    looked for, if it left before).
    """

    channels: Sequence[Channel]
    recipient: str
    sender: str
    sight: Sight
    may_receive: Mapping[str, frozenset[str]]
    resend: Resend = "once"
    style: Style = Style()


def deliver(
    store: Store, report: WeeklyReport, clock: Clock, post: Post, *, kind: str = WEEKLY
) -> Outcome:
    """Send this report to this recipient if it is to be sent; else say where it is.

    The caller holds `store.locks.report()`. The claims get their ids only when it is sent.
    Raises ConfigError where the recipient may not receive this kind of report, StoreError.
    """

    def made(envelope: Envelope, about: Mapping[str, Any]) -> Letters:
        return _letters(with_store_ids(store, report), post.style, envelope, **about)

    return deliver_once(store, clock, post, made, kind=kind, week=report.week)


def deliver_once(
    store: Store,
    clock: Clock,
    post: Post,
    make: Callable[[Envelope, Mapping[str, Any]], Letters],
    *,
    kind: str,
    week: str,
) -> Outcome:
    """Send what `make` makes, once for this recipient, kind and occasion (`week`), by the ledger.

    `make` gets the envelope (its token stands in the subject) and sender, recipient, key, at and name.
    Raises ConfigError where the recipient may not receive this kind of mail, StoreError.
    """
    # What was compared is what is mailed: another spelling could lead to another mailbox.
    address = normal(post.recipient)
    _check_recipient(address, post.may_receive, kind)
    line = store.ledger.report(address, week, kind)
    mailbox = post.sight.mailboxes().get(address)
    if line is not None and line.state != "seen" and sent_of(line.message_key) is not None:
        if mailbox is not None and post.sight.arrived(mailbox, line.token):
            store.ledger.report_seen(line.report_id)
            line = replace(line, state="seen")
    what = verdict(line, watched(line, mailbox, post.sight), clock.micros(), post.resend)
    if what not in (Verdict.SEND, Verdict.SEND_AGAIN):
        assert line is not None  # noqa: S101 - without a line the verdict is SEND
        return _standing(line, what)
    claim = _claim(store, line, address, week, kind)
    if claim is None:
        return Outcome(DONE, ("another run is sending this report",))
    return _Sending(store, post.channels, clock, address, post.sender, make).run(claim)


def by_hand(
    store: Store,
    report: WeeklyReport,
    channels: Sequence[Channel],
    clock: Clock,
    *,
    recipient: str,
    sender: str,
    may_receive: Mapping[str, frozenset[str]],
    kind: str = WEEKLY,
    preview: bool = False,
    test: bool = False,
    style: Style = Style(),
) -> Outcome:
    """Bring a report that somebody asked for, as often as wanted: no ledger.

    In a folder it lies beside the scheduled one of its week. A preview gives its claims no ids, so
    that nothing counts as printed. Of several ways that are not local, the next is tried only where
    the one before surely did not take the mail. Raises ConfigError where the recipient may not
    receive this kind of report by mail.
    """
    address = normal(recipient)
    if not all(one.local for one in channels):
        _check_recipient(address, may_receive, kind)
    shown = report if preview else with_store_ids(store, report)
    at = clock.micros()
    made = _letters(
        shown,
        style,
        Envelope(),
        test=test,
        sender=sender,
        recipient=address,
        key=message_key("0" * 6, 0, at, sender),
        at=at,
        name=f"{'preview' if preview else 'by-hand'} {report.week}",
    )
    lines, problems = [], []
    gone = False
    for channel in channels:
        if gone and not channel.local:
            continue
        try:
            reference = channel.mailer.send(made.local if channel.local else made.mail, [address])
        except NoshowError as error:
            problems.append(_said(channel, error))
            gone = gone or (isinstance(error, DeliveryError) and error.handed_over is None)
        else:
            gone = gone or not channel.local
            if channel.name != "stdout":
                lines.append(f"{channel.name}: {reference if channel.local else 'handed over'}")
    code = DONE if not problems else PARTLY if len(problems) < len(channels) else NOTHING
    return Outcome(code, tuple(lines), tuple(problems))


def _check_recipient(address: str, may_receive: Mapping[str, frozenset[str]], kind: str) -> None:
    if address not in may_receive.get(kind, frozenset()):
        raise ConfigError(
            f"the recipient of the {kind} report is neither an owner of a mailbox nor allowed",
            hint='add the address to [report] allowed = ["..."]',
        )


def _claim(
    store: Store, line: ReportClaim | None, recipient: str, week: str, kind: str
) -> ReportClaim | None:
    if line is None or line.state == "released":
        return store.ledger.claim_report(recipient, week, kind)
    return store.ledger.claim_again(line)


def _standing(line: ReportClaim, what: Verdict) -> Outcome:
    """What to say of a report that is not to be sent now."""
    week = line.week
    if what is Verdict.DONE:
        how = "was seen in the mailbox" if line.state == "seen" else "was handed over"
        return Outcome(DONE, (f"the report of {week} {how} before",))
    if what is Verdict.WAIT:
        return Outcome(DONE, (f"the report of {week} left, and is looked for by the next syncs",))
    sent = sent_of(line.message_key)
    times = "twice" if sent is not None and sent.number > 1 else "once"
    if line.state == "claimed" and times == "once":
        said = (
            f"nobody knows whether the report of {week} was taken: the run that sent it ended, or "
            "the server fell silent; it is not sent again"
        )
    else:
        said = f"the report of {week} was sent {times} and is not in the mailbox"
    return Outcome(PARTLY, (), (f"{said}; read it with: noshow report --week {week} --to folder",))


@dataclass(frozen=True)
class _Sending:
    """One claimed report on its way out."""

    store: Store
    channels: Sequence[Channel]
    clock: Clock
    recipient: str
    sender: str
    make: Callable[[Envelope, Mapping[str, Any]], Letters]

    def run(self, claim: ReportClaim) -> Outcome:
        before = sent_of(claim.message_key)
        at = self.clock.micros()
        number = before.number + 1 if before is not None else 1
        key = message_key(claim.token, number, at, self.sender)
        resent_of = None
        if before is not None:
            resent_of = pd.Timestamp(from_micros(claim.handed_over_at or before.at))
        try:
            about = {
                "sender": self.sender,
                "recipient": self.recipient,
                "key": key,
                "at": at,
                "name": f"{claim.kind} {claim.week}",
            }
            made = self.make(Envelope(claim.token, resent_of), about)
        except Exception:
            # Nothing has left: the next run may take it up at once.
            self.store.ledger.release_report(claim.report_id, "could not be made")
            raise
        lines: list[str] = []
        problems: list[str] = []
        for channel in self.channels:
            if channel.local:
                self._local(channel, made.local, lines, problems)
        remote = [channel for channel in self.channels if not channel.local]
        if not remote:
            return self._only_local(claim, key, lines, problems)
        return self._remote(claim, key, remote, made.mail, lines, problems)

    def _local(
        self, channel: Channel, mail: EmailMessage, lines: list[str], problems: list[str]
    ) -> None:
        try:
            reference = channel.mailer.send(mail, [self.recipient])
        except DeliveryError as error:
            problems.append(_said(channel, error))
        else:
            lines.append(f"{channel.name}: {reference}")

    def _only_local(
        self, claim: ReportClaim, key: str, lines: list[str], problems: list[str]
    ) -> Outcome:
        """What was written is there: seen at once. What could not be written is tried again."""
        if not lines:
            self.store.ledger.release_report(claim.report_id, "; ".join(problems))
            return Outcome(NOTHING, (), tuple(problems))
        self.store.ledger.handed_over(claim.report_id, key)
        self.store.ledger.report_seen(claim.report_id)
        return Outcome(PARTLY if problems else DONE, tuple(lines), tuple(problems))

    def _remote(
        self,
        claim: ReportClaim,
        key: str,
        channels: Sequence[Channel],
        mail: EmailMessage,
        lines: list[str],
        problems: list[str],
    ) -> Outcome:
        self.store.ledger.name_report(claim.report_id, key)
        later = False
        for channel in channels:
            try:
                channel.mailer.send(mail, [self.recipient])
            except Stopped:
                self._give_back(claim, problems)
                raise
            except (TransientError, AuthError, ConfigError, StoreError) as error:
                later = later or isinstance(error, TransientError | StoreError)
                problems.append(_said(channel, error))
            except DeliveryError as error:
                problems.append(_said(channel, error))
                if error.handed_over is not False:
                    return self._unknown(lines, problems)
            except NoshowError as error:
                # No door says such a thing before it is sure; so nothing is sure.
                problems.append(_said(channel, error))
                return self._unknown(lines, problems)
            except Exception as error:  # noqa: BLE001 - the other ways out serve
                # A mailer that may have sent says so by DeliveryError (connectors.interfaces).
                log.warning("%s: %s", channel.name, "".join(format_tb(error.__traceback__)[-3:]))
                problems.append(f"{channel.name}: a bug, {type(error).__name__}; nothing was sent")
            else:
                self.store.ledger.handed_over(claim.report_id, key)
                lines.append(f"{channel.name}: handed over")
                return Outcome(PARTLY if problems else DONE, tuple(lines), tuple(problems))
        self._give_back(claim, problems)
        return Outcome(PARTLY if later or lines else NOTHING, tuple(lines), tuple(problems))

    def _give_back(self, claim: ReportClaim, problems: list[str]) -> None:
        """Surely not taken: the name goes back first, so that a crash here makes nothing doubtful."""
        self.store.ledger.name_report(claim.report_id, claim.message_key)
        self.store.ledger.release_report(claim.report_id, "; ".join(problems))

    def _unknown(self, lines: list[str], problems: list[str]) -> Outcome:
        problems.append(
            "nobody knows whether the report was taken: the next syncs look for it in the mailbox, "
            "if it is one that is read here; elsewhere it is not sent again"
        )
        return Outcome(PARTLY, tuple(lines), tuple(problems))


def _said(channel: Channel, error: NoshowError) -> str:
    return f"{channel.name}: {error.message}" + (f" ({error.hint})" if error.hint else "")
