"""How does a mailbox's owner log in? `noshow connect google|microsoft`, here, by paste, or carried over."""

from __future__ import annotations

import os
import webbrowser
from pathlib import Path

import typer

from config.errors import ConfigError
from config.settings import Mailbox
from connectors.auth import google, google_consent, google_guide
from connectors.model.normal import address as normal_address
from connectors.transport.loop import Transport
from jobs import wiring
from jobs.context import Context
from jobs.runs import Outcome

#: The words on the command line, and those of the vault.
PURPOSES = {"reading": "read", "sending": "send", "attendance": "attendance"}


def run(
    context: Context,
    *,
    provider: str,
    mailbox: str = "",
    purpose: str = "reading",
    export: Path | None = None,
    import_: Path | None = None,
    paste: bool = False,
    explain: bool = False,
    if_needed: bool = False,
) -> Outcome:
    """Log one mailbox in for one purpose, and prove it by asking for a token.

    `if_needed`: do nothing where a login is there. Raises ConfigError, AuthError.
    """
    if provider not in ("google", "microsoft"):
        raise ConfigError(f"{provider!r} is not one of google, microsoft")
    if purpose not in PURPOSES:
        raise ConfigError(f"{purpose!r} is not one of {', '.join(PURPOSES)}")
    if provider == "microsoft":
        raise ConfigError(
            "this version cannot log in to Microsoft 365",
            hint='export calendar and mail, and use provider = "files" with noshow import',
        )
    return _google(
        context,
        mailbox,
        PURPOSES[purpose],
        export,
        import_,
        paste=paste,
        explain=explain,
        if_needed=if_needed,
    )


def the_mailbox(context: Context, provider: str, address: str) -> Mailbox:
    """The mailbox of this provider that is meant. Raises ConfigError where that is unclear."""
    boxes = [box for box in context.chosen() if box.provider == provider]
    if address:
        boxes = [box for box in boxes if normal_address(box.address) == normal_address(address)]
    if len(boxes) == 1:
        return boxes[0]
    if not boxes:
        raise ConfigError(
            f"no {provider} mailbox {address or ''} in the settings".replace("  ", " "),
            hint=f'add a [[mailbox]] with provider = "{provider}"',
        )
    names = ", ".join(box.address for box in boxes)
    raise ConfigError("which mailbox?", hint=f"say -m with one of: {names}")


def write_secret(path: Path, text: str) -> None:
    """Write a login that is carried to another machine: readable by its owner only, never over one."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ConfigError(f"{path} is there already", hint="name another file") from error
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)


def _google(
    context: Context,
    address: str,
    purpose: str,
    export: Path | None,
    import_: Path | None,
    *,
    paste: bool,
    explain: bool,
    if_needed: bool,
) -> Outcome:
    box = the_mailbox(context, "google", address)
    plan = context.settings.google
    workspace = not normal_address(box.address).endswith("@gmail.com")
    if explain:
        return Outcome(lines=(google_guide.guide(purpose, workspace=workspace),))
    name, vault = wiring.login_name("google", box, purpose), wiring.vault(context)
    if if_needed and (vault.has(name) or plan.service_account_file is not None):
        return Outcome(lines=(f"{box.address} is logged in",))
    if import_ is not None:
        try:
            text = import_.read_text("utf-8")
        except OSError as error:
            raise ConfigError(f"{import_} cannot be read: {error.strerror}") from error
        vault.write(name, google.imported(text, purpose).entry())
        return _proved(context, box, purpose, f"took the login of {box.address} from {import_}")
    if plan.client_file is None:
        typer.echo(google_guide.guide(purpose, workspace=workspace))
        raise ConfigError(
            "[google] client_file is not set", hint="do the steps above, then this command again"
        )
    client = google_consent.client_from(
        plan.client_file, auth_uri=plan.auth_uri, token_uri=plan.token_uri
    )
    with wiring.google_transport(context) as transport:
        stored = _consented(client, purpose, transport, box, paste=paste)
    if export is not None:
        write_secret(export, google.exported(stored))
        return Outcome(
            lines=(
                f"wrote {export}; it is as secret as a password",
                f"on the server: noshow connect google --import {export.name}, then delete it",
            )
        )
    vault.write(name, stored.entry())
    return _proved(context, box, purpose, f"{box.address} is logged in for {purpose}")


def _consented(
    client: google_consent.Client, purpose: str, transport: Transport, box: Mailbox, *, paste: bool
) -> google_consent.Stored:
    """Consent in a browser here, or anywhere with its last address pasted (over SSH)."""
    if paste or "SSH_CONNECTION" in os.environ:

        def ask(url: str) -> str:
            typer.echo(
                f"Open this in a browser on any machine:\n\n  {url}\n\n"
                "It ends on a page that cannot be shown; copy that page's whole address."
            )
            return str(typer.prompt("Paste it here"))

        return google_consent.connect_by_paste(client, purpose, transport, ask, address=box.address)

    def show(url: str) -> None:
        typer.echo(f"If no browser opens, open this:\n\n  {url}\n")
        webbrowser.open(url)

    return google_consent.connect_here(client, purpose, transport, show, address=box.address)


def _proved(context: Context, box: Mailbox, purpose: str, line: str) -> Outcome:
    """Ask for a token: a login that does not work is better known now than on Monday."""
    with wiring.google_transport(context) as transport:
        wiring.google_bearer(context, box, purpose, transport).token()
    warning = None
    stored = wiring.stored_google_login(context, box, purpose)
    if stored is not None:
        warning = google.expiry_warning(
            stored, context.clock.micros(), testing=context.settings.google.testing
        )
    lines = (line, *((warning.text,) if warning is not None else ()), "next: noshow sync")
    return Outcome(lines=lines)
