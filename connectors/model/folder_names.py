"""What does the name of a mail folder or of a label mean, in the languages of mail programs?

One table for files and for mailboxes read through an API (folder_names.toml): an IMAP program
makes folders of its own names in any mailbox. A name that is in no table is the user's own.
"""

from __future__ import annotations

import tomllib
import unicodedata
from importlib.resources import files


def _table() -> dict[str, str]:
    """What each known name means: the tables of folder_names.toml, turned around."""
    text = files("connectors.model").joinpath("folder_names.toml").read_text("utf-8")
    return {name: flag for flag, names in tomllib.loads(text).items() for name in names}


#: Name -> sent, draft, chat, inbox, spam, trash, flagged or plain; names as `folded` makes them.
MEANING = _table()


def folded(name: str) -> str:
    """The form that names are compared in: one case, one kind of blank, no quotes."""
    name = unicodedata.normalize("NFC", name).replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(name.strip(" \"'„“”«»").lower().split())
