"""Which parts does a finished mail have: its text, its HTML, its pictures?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Parts:
    """`pictures` are PNG bytes by their content id without brackets; `page` is the attached page."""

    text: str
    html: str
    pictures: Mapping[str, bytes]
    page: str = ""


def parts_of(mail: EmailMessage) -> Parts:
    """The readable parts of a mail; "" where it has none."""
    text = html = page = ""
    pictures: dict[str, bytes] = {}
    for part in mail.walk():
        kind = part.get_content_type()
        if part.is_attachment():
            page = str(part.get_content()) if kind == "text/html" and not page else page
        elif kind == "text/plain" and not text:
            text = str(part.get_content())
        elif kind == "text/html" and not html:
            html = str(part.get_content())
        elif kind == "image/png":
            cid = str(part.get("Content-ID", "")).strip().strip("<>")
            pictures[cid] = bytes(part.get_content())
    return Parts(text, html, pictures, page)
