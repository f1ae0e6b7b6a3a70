"""How does a report reach a folder, and how the terminal?

Both take it at once: what is written is there, so there is nothing to confirm later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import TextIO

from config import private_files
from config.errors import DeliveryError
from connectors.mailer.parts import parts_of

#: `X-Noshow-Report: weekly 2026-W47` gives the files their name.
NAME_HEADER = "X-Noshow-Report"
#: How the name of a report's page ends, behind that of its other files.
PAGE = "-page.html"
_UNSAFE = re.compile(r"[^\w.@+-]+")


class FolderMailer:
    """Writes a report as .eml, .html, .txt, pictures and its page, named by kind, week, recipient.

    A report of the same name is replaced file by file, each atomically: a reader, and a crash,
    find the old or the new file and never half of one. Files are readable by their owner only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: EmailMessage, recipients: Sequence[str]) -> str:
        """Write it; returns the path of the HTML file. Raises DeliveryError where it cannot."""
        stem = _stem(mail, recipients)
        parts = parts_of(mail)
        html = parts.html
        try:
            private_files.make_folder(self._folder)
            for cid, picture in parts.pictures.items():
                name = f"{stem}-{_UNSAFE.sub('-', cid)}.png"
                html = html.replace(f'src="cid:{cid}"', f'src="{name}"')
                private_files.write(self._folder / name, picture)
            private_files.write(self._folder / f"{stem}.txt", parts.text.encode())
            private_files.write(self._folder / f"{stem}.eml", mail.as_bytes(policy=SMTP))
            if parts.page:
                private_files.write(self._folder / f"{stem}{PAGE}", parts.page.encode())
            # The mail's HTML comes last: whoever sees it finds its pictures and the page.
            private_files.write(self._folder / f"{stem}.html", html.encode())
        except OSError as error:
            raise DeliveryError(
                f"the report cannot be written to {self._folder}: {error.strerror}",
                hint="free space or change the rights, or set [report] folder",
            ) from error
        return str(self._folder / f"{stem}.html")


class StdoutMailer:
    """Prints a report's text, whoever its recipients are."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def send(self, mail: EmailMessage, recipients: Sequence[str]) -> str:  # noqa: ARG002
        """Print it. Raises DeliveryError where nobody reads any more (a closed pipe)."""
        try:
            self._stream.write(f"{mail['Subject']}\n\n{parts_of(mail).text}")
            self._stream.flush()
        except (OSError, ValueError) as error:
            raise DeliveryError("the report cannot be printed: the output is closed") from error
        return "stdout"


def _stem(mail: EmailMessage, recipients: Sequence[str]) -> str:
    return stem(str(mail.get(NAME_HEADER, "report")), recipients)


def stem(name: str, recipients: Sequence[str]) -> str:
    """How the files of the report with this name to this recipient begin."""
    kind, _, week = name.partition(" ")
    words = [week.strip(), kind, *recipients[:1]]
    made = "-".join(_UNSAFE.sub("-", word) for word in words if word)
    return made.lstrip(".")[:150] or "report"
