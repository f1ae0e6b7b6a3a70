"""How does Graph answer questions about mail?

Folders, messages, deltas of one folder, and sendMail in MIME. Facts: facts/microsoft.md 2.1 to 2.4,
7: an unqualified property of a subtype fails the whole request; a `$filter` on a delta shows 5,000
messages and no more; a move is `@removed` here and new there; 202 says accepted, not delivered.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime

from config.clock import to_micros
from connectors.sandbox.microsoft.mail_message import (
    Folder,
    Item,
    children,
    halves,
    items,
    render_folder,
    render_message,
    since,
    well_known,
)
from connectors.sandbox.microsoft.methods import (
    Ask,
    Refused,
    not_found,
    paged,
    selected,
    sync_lost,
    unknown_property,
)
from connectors.sandbox.microsoft.values import Json, instant, pack, unpack
from connectors.sandbox.world.mailboxes import Mailbox, digest
from connectors.sandbox.world.mails import Letter
from connectors.sandbox.world.people import Human

_CAP = 5000
_CLAUSE = re.compile(r"receivedDateTime\s+(ge|gt|le|lt)\s+(\S+)", re.IGNORECASE)
_CAST = re.compile(
    r"microsoft\.graph\.(eventMessage|eventMessageRequest|eventMessageResponse)/(\w+)$"
)
_WORDS = """
    id createdDateTime lastModifiedDateTime changeKey categories internetMessageId
    conversationId conversationIndex parentFolderId subject from sender replyTo toRecipients
    ccRecipients bccRecipients receivedDateTime sentDateTime isDraft isRead importance
    inferenceClassification hasAttachments flag webLink internetMessageHeaders body
    bodyPreview uniqueBody isDeliveryReceiptRequested isReadReceiptRequested
"""
_PLAIN = frozenset(_WORDS.split())


def answer(ask: Ask) -> Json:
    """One answer to a mail method."""
    box = ask.state.mailboxes[ask.account.address]
    name = ask.method.id
    if name in ("mailFolders.list", "childFolders.list"):
        parent = _folder(ask, box).name if "folder" in ask.values else ""
        hidden = ask.query.get("includeHiddenFolders", "").lower() == "true"
        found = list(children(box, parent, hidden=hidden))
        return paged(ask, found, lambda one: _shown_folder(box, one), ask.size(10, 250))
    if name == "mailFolders.get":
        return _shown_folder(box, _folder(ask, box))
    if name == "messages.get":
        return _message(ask, _item(ask, box), expand=True)
    if name == "messages.list":
        folder = _folder(ask, box).name if ask.values.get("folder") else ""
        found_items = [item for item in items(box, folder) if _passes(ask, item)]
        return paged(ask, found_items, lambda one: _message(ask, one), ask.size(10, 1000))
    return _delta(ask, box)


def _shown_folder(box: Mailbox, folder: Folder) -> Json:
    return render_folder(box, folder, len(items(box, folder.name)))


def _folder(ask: Ask, box: Mailbox) -> Folder:
    found = well_known(box, ask.values["folder"])
    if found is None:
        raise not_found()
    return found


def _item(ask: Ask, box: Mailbox) -> Item:
    parts = unpack(ask.values["message"])
    if len(parts) != 4 or parts[0] != "m":
        raise Refused(400, "ErrorInvalidIdMalformed", "Id is malformed.")
    mail = box.mails.get(str(parts[1]))
    for item in halves(mail) if mail else ():
        if item.sent == parts[2] and (not parts[3] or parts[3] == item.folder):
            return item
    raise not_found()


def _passes(ask: Ask, item: Item) -> bool:
    text = ask.query.get("$filter", "")
    at = item.mail.at // 1_000_000 * 1_000_000
    for clause in re.split(r"\s+and\s+", text) if text else ():
        match = _CLAUSE.fullmatch(clause.strip())
        if match is None:
            raise Refused(400, "ErrorInvalidUrlQueryFilter", "The query filter is not supported.")
        word, limit = match.group(1).lower(), instant(match.group(2))
        if not {"ge": at >= limit, "gt": at > limit, "le": at <= limit, "lt": at < limit}[word]:
            return False
    return True


def _names(ask: Ask) -> list[str]:
    """The chosen properties, casts taken off. Raises Refused as Graph does for what it cannot find."""
    names = []
    for name in (one.strip() for one in ask.query.get("$select", "").split(",")):
        cast = _CAST.match(name)
        if cast is not None:
            if ask.dialect == "no_cast":
                raise unknown_property(name, "Message")
            names.append(cast.group(2))
        elif name in _PLAIN:
            names.append(name)
        elif name:
            raise unknown_property(name, "Message")
    return names


def _message(ask: Ask, item: Item, *, expand: bool = False) -> Json:
    names = _names(ask)
    wanted = ask.query.get("$expand", "")
    if wanted and (not expand or not wanted.startswith("microsoft.graph.eventMessage/event")):
        raise Refused(400, "ErrorInvalidUrlQuery", "The expansion is not supported.")
    if wanted and ask.dialect in ("no_expand", "no_cast"):
        raise unknown_property("event", "Message")
    full = render_message(ask.state, ask.account, item, ask.immutable, body=ask.may("Mail.Read"))
    event = full.pop("event", None)
    if not names:
        full.pop("internetMessageHeaders", None)  # facts 2.3: only when chosen
    shown = selected(full, names)
    if wanted and "meetingMessageType" in full:
        shown["event"] = event
    return shown


def _delta(ask: Ask, box: Mailbox) -> Json:
    """A page of a folder's round. The token holds where the round began in the mailbox's history."""
    folder = _folder(ask, box)
    known = ask.token("$skiptoken") or ask.token("$deltatoken")
    start, until, skip, turn = -1, box.history_id, 0, 0
    if known:
        start, until, skip, turn = (int(str(part)) for part in known[1:])
        if "$deltatoken" in ask.query:
            until = box.history_id
    lines = _lines(ask, box, folder.name, start)
    size = ask.size(10, 1000)
    shape = ask.shape
    after = skip if shape else skip + size
    page: Json = {"value": [] if shape == "empty_page" else lines[skip : skip + size]}
    drop = ("$skiptoken", "$deltatoken")
    if after < len(lines) or shape:
        token = pack("d", start, until, after, turn + 1)
        page["@odata.nextLink"] = ask.link(drop=drop, skiptoken=token)
    else:
        page["@odata.deltaLink"] = ask.link(drop=drop, deltatoken=pack("d", until, until, 0, 0))
    return page


def _lines(ask: Ask, box: Mailbox, folder: str, start: int) -> list[Json]:
    if start < 0:
        found = [item for item in items(box, folder) if _passes(ask, item)]
        if ask.query.get("$filter"):
            found = found[:_CAP]
        return [_message(ask, item) for item in found]
    if start > box.history_id:
        raise sync_lost()
    now, gone = since(box, start, folder)
    lines = [_message(ask, item) for item in now if _passes(ask, item)]
    for item in gone:
        lines.append(
            {
                "@odata.type": "#microsoft.graph.message",
                "id": item.id(ask.immutable),
                "@removed": {"reason": "deleted"},
            }
        )
    return lines


def posted(ask: Ask) -> Letter:
    """The mail that a sendMail request hands over. Raises Refused where it is none."""
    if not ask.content_type.startswith("text/plain"):
        raise Refused(415, "UnsupportedMediaType", "Only MIME is understood here.")
    try:
        raw = base64.b64decode(ask.body, validate=True)
    except binascii.Error:
        raise Refused(
            400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content."
        ) from None
    mail = message_from_bytes(raw, policy=policy.default)
    to, cc, bcc = (_people(mail, name) for name in ("To", "Cc", "Bcc"))
    if not to + cc + bcc:
        raise Refused(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.")
    now = ask.state.now
    key = (
        str(mail.get("Message-ID", "")).strip("<> ") or f"{digest(raw, now):016x}@prod.outlook.com"
    )
    kept = ("x-", "auto-submitted", "importance")
    return Letter(
        key=key,
        at=now,
        from_=Human(ask.account.address, ask.account.name),
        to=to,
        cc=cc,
        bcc=bcc,
        subject=str(mail.get("Subject", "")),
        headers=tuple(
            (name, str(value)) for name, value in mail.items() if name.lower().startswith(kept)
        ),
        content_type=str(mail.get("Content-Type", "text/plain")),
        size=len(raw),
        sent_at=_dated(mail) or now,
    )


def _people(mail: EmailMessage, name: str) -> tuple[Human, ...]:
    values: Sequence[str] = [str(value) for value in mail.get_all(name, [])]
    return tuple(Human(address, shown) for shown, address in getaddresses(values) if address)


def _dated(mail: EmailMessage) -> int | None:
    try:
        moment = parsedate_to_datetime(str(mail.get("Date", "")))
    except ValueError:
        return None
    aware: datetime = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return to_micros(aware)
