"""By which ways does a report leave, and to whom? The settings' channels, or a folder by hand."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from config.errors import AuthError, ConfigError, DeliveryError, NoshowError, TransientError
from config.settings import Settings
from connectors.mailer.folder import PAGE, FolderMailer, StdoutMailer
from connectors.model.normal_forms import a_labels
from connectors.model.normal_forms import address as normal
from jobs.console.outcome import Outcome
from jobs.context import Context
from jobs.delivery import delivery
from jobs.delivery.envelope.audience import Audience
from jobs.delivery.envelope.message import letter
from jobs.providers.mailers import Channel, channel
from reports.render.mail import Envelope, Rendered
from reports.weekly.links import mailto
from reports.weekly.report import WeeklyReport

LOCAL = ("folder", "stdout")


def delivered(context: Context, audience: Audience, report: WeeklyReport) -> Outcome:
    """Send it by the ways of the settings if it is to be sent (jobs.delivery.delivery).

    Raises ConfigError where the recipient may not receive it, StoreError.
    """
    with _post(context, audience) as post:
        return delivery.deliver(context.store, report, context.clock, post)


def note(
    context: Context,
    audience: Audience,
    occasion: tuple[str, str],
    render: Callable[[Envelope], Rendered],
) -> Outcome:
    """Send a short mail of this (kind, occasion) to the reader, once. Raises as `delivered`."""
    kind, week = occasion
    with _post(context, audience) as post:

        def made(envelope: Envelope, about: Mapping[str, Any]) -> delivery.Letters:
            mail = letter(render(replace(envelope, stop=post.style.stop)), **about)
            return delivery.Letters(mail, mail)

        return delivery.deliver_once(context.store, context.clock, post, made, kind=kind, week=week)


@contextmanager
def _post(context: Context, audience: Audience) -> Iterator[delivery.Post]:
    plan = context.settings
    with ExitStack() as open_:
        yield delivery.Post(
            channels=[_way_out(context, audience, way, open_) for way in plan.report.deliver],
            recipient=audience.recipient,
            sender=plan.report.sender or audience.boxes[0].address,
            sight=context.store.sightings,
            may_receive=delivery.allowed(plan),
            resend=plan.report.resend,
            style=style(plan, audience.recipient),
        )


def style(plan: Settings, recipient: str) -> delivery.Style:
    """How mail and page look for this reader; only who has a mailbox that is read can answer."""
    read = {normal(box.address) for box in plan.mailbox if box.provider != "files"}
    stop = mailto(a_labels(recipient), "noshow stop") if normal(recipient) in read else ""
    return delivery.Style(plan.report.attach_page, plan.report.page_url, stop)


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


@dataclass(frozen=True)
class ByHand:
    """Where a report goes that somebody asked for: folder, stdout, mail, or to its owner as a test."""

    ways: tuple[str, ...]
    preview: bool = False
    test: bool = False
    open_report: bool = False

    def check(self, settings: Settings) -> None:
        """Raises ConfigError where mail is wanted and the settings name no way for it."""
        if "mail" in self.ways and not _remote(settings):
            raise ConfigError(
                "the settings name no way to send mail",
                hint='set [report] deliver = ["smtp"] or ["provider"]; see: noshow init --print',
            )

    def bring(self, context: Context, audience: Audience, report: WeeklyReport) -> Outcome:
        """Write, print or mail it, and open it in a browser if wanted. Raises ConfigError."""
        reader = audience.boxes[0].address if self.test else audience.recipient
        with ExitStack() as open_:
            found = [
                channel_
                for way in self.ways
                for channel_ in self._channels(context, audience, way, open_)
            ]
            outcome = delivery.by_hand(
                context.store,
                report,
                found,
                context.clock,
                recipient=reader,
                sender=context.settings.report.sender or audience.boxes[0].address,
                may_receive=delivery.allowed(context.settings),
                preview=self.preview,
                test=self.test,
                style=style(context.settings, reader),
            )
        if self.open_report:
            for line in outcome.lines:
                path = line.partition(": ")[2]
                if path.endswith(".html"):
                    page = Path(path.removesuffix(".html") + PAGE)
                    webbrowser.open((page if page.exists() else Path(path)).as_uri())
        return outcome

    def _channels(
        self, context: Context, audience: Audience, way: str, open_: ExitStack
    ) -> tuple[Channel, ...]:
        if way == "folder":
            return (Channel(way, FolderMailer(context.report_folder), local=True),)
        if way == "stdout":
            return (Channel(way, StdoutMailer(sys.stdout), local=True),)
        remote = _remote(context.settings)
        return tuple(_way_out(context, audience, one, open_) for one in remote)


def _remote(settings: Settings) -> tuple[str, ...]:
    return tuple(one for one in settings.report.deliver if one not in LOCAL)


def chosen(to: tuple[str, ...]) -> tuple[str, ...]:
    """The ways that `--to` names, each once. Raises ConfigError for an unknown one."""
    wanted = tuple(dict.fromkeys(one for part in to for one in part.split(",")))
    unknown = [one for one in wanted if one not in (*LOCAL, "mail")]
    if unknown:
        raise ConfigError(f"--to {unknown[0]!r} is not one of folder, stdout, mail")
    return wanted
