"""By which ways does a report leave, and to whom? The settings' channels, or a folder by hand."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from config.errors import AuthError, ConfigError, DeliveryError, NoshowError, TransientError
from config.settings import Mailbox
from connectors.interfaces import Mailer
from connectors.mailer.folder import FolderMailer, StdoutMailer
from connectors.model.frames import Frames
from jobs.context import Context
from jobs.delivery import delivery
from jobs.outcome import Outcome
from jobs.providers.mailers import Channel, channel
from reports.weekly.report import WeeklyReport

LOCAL = ("folder", "stdout")


@dataclass(frozen=True)
class Audience:
    """Who gets one report, and over which mailboxes."""

    recipient: str
    boxes: tuple[Mailbox, ...]


def audiences(context: Context, mailboxes: tuple[str, ...] = ()) -> tuple[Audience, ...]:
    """One report over all mailboxes for each named recipient, else one for each mailbox's owner."""
    boxes = context.chosen(mailboxes)
    if not boxes:
        raise ConfigError("the settings name no mailbox", hint="add a [[mailbox]]; see noshow init")
    named = context.settings.report.recipients
    if named:
        return tuple(Audience(one, boxes) for one in named)
    return tuple(Audience(box.address, (box,)) for box in boxes)


def delivered(
    context: Context, audience: Audience, report: WeeklyReport, frames: Frames
) -> Outcome:
    """Send it by the ways of the settings if it is to be sent (jobs.delivery.delivery).

    Raises ConfigError where the recipient may not receive it, StoreError.
    """
    plan = context.settings
    with ExitStack() as open_:
        channels = [_way_out(context, audience, way, open_) for way in plan.report.deliver]
        return delivery.deliver(
            context.store,
            report,
            channels,
            context.clock,
            recipient=audience.recipient,
            sender=plan.report.sender or audience.boxes[0].address,
            facts=frames,
            may_receive=delivery.allowed(plan),
            resend=plan.report.resend,
        )


@dataclass(frozen=True)
class _Closed:
    """A way out that could not be prepared: it takes no mail and says why, so the others serve."""

    error: NoshowError

    # The parameters are those of every Mailer.
    def send(self, mail: EmailMessage, recipients: Sequence[str]) -> str:  # noqa: ARG002
        if isinstance(self.error, AuthError | TransientError):
            raise self.error
        raise DeliveryError(self.error.message, hint=self.error.hint) from self.error


def _way_out(context: Context, audience: Audience, way: str, open_: ExitStack) -> Channel:
    try:
        return open_.enter_context(channel(context, audience.boxes[0], way))
    except NoshowError as error:
        return Channel(way, _Closed(error))


def by_hand(
    context: Context,
    audience: Audience,
    report: WeeklyReport,
    ways: tuple[str, ...],
    preview: bool,
    open_report: bool,
) -> Outcome:
    """Write it into the folder or print it, and open it in a browser if wanted: no delivery."""
    mailers: dict[str, Mailer] = {
        "folder": FolderMailer(context.report_folder),
        "stdout": StdoutMailer(sys.stdout),
    }
    outcome = delivery.by_hand(
        context.store,
        report,
        [Channel(way, mailers[way], local=True) for way in ways],
        context.clock,
        recipient=audience.recipient,
        sender=context.settings.report.sender or audience.boxes[0].address,
        preview=preview,
    )
    if open_report:
        for line in outcome.lines:
            path = line.partition(": ")[2]
            if path.endswith(".html"):
                webbrowser.open(Path(path).as_uri())
    return outcome


def chosen(to: tuple[str, ...]) -> tuple[str, ...]:
    """The local ways among `--to`; () means as the settings say. Raises ConfigError."""
    wanted = tuple(one for part in to for one in part.split(","))
    unknown = [one for one in wanted if one not in (*LOCAL, "mail")]
    if unknown:
        raise ConfigError(f"--to {unknown[0]!r} is not one of folder, stdout, mail")
    return tuple(one for one in wanted if one != "mail")
