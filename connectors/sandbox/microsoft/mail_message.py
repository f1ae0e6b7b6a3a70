"""What does Graph show of a mailbox: folders, messages, meeting messages?

Translates the world's labels into folders, categories and flags. Facts: facts/microsoft.md 2.1 to
2.4, 9. Mail to oneself is two items, one sent and one received; sent items bear no headers; what a
calendar sent is an eventMessage that knows its event.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace

from connectors.sandbox.microsoft.calendar_event import find, render
from connectors.sandbox.microsoft.values import Json, pack, person, stamp, wall
from connectors.sandbox.world.mailboxes import Change, Mailbox, Stored
from connectors.sandbox.world.mails import PRIVATE, Letter, Notice
from connectors.sandbox.world.people import Account, Human
from connectors.sandbox.world.state import State

#: Where a label puts a mail; the first that fits. A label `Folder/X` is a folder X of the user's.
_PLACES = (("TRASH", "deleteditems"), ("SPAM", "junkemail"), ("DRAFT", "drafts"))
_SYSTEM = {"SENT", "INBOX", "UNREAD", "STARRED", "IMPORTANT", "SPAM", "TRASH", "DRAFT", "CHAT"}
_RESPONSES = {
    "accepted": ("meetingAccepted", "accepted"),
    "declined": ("meetingDeclined", "declined"),
    "tentative": ("meetingTenativelyAccepted", "tentativelyAccepted"),
    "": ("meetingTenativelyAccepted", "tentativelyAccepted"),
}


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder. `parent` is "" directly below the root; `search`: it repeats what lies elsewhere."""

    name: str
    shown: str
    parent: str = ""
    hidden: bool = False
    search: bool = False

    @property
    def id(self) -> str:
        return folder_id(self.name)


_FOLDERS = (
    Folder("archive", "Archive"),
    Folder("conversationhistory", "Conversation History"),
    Folder("deleteditems", "Deleted Items"),
    Folder("deleteditems/old", "Old project", parent="deleteditems"),
    Folder("drafts", "Drafts"),
    Folder("inbox", "Inbox"),
    Folder("junkemail", "Junk Email"),
    Folder("outbox", "Outbox"),
    Folder("sentitems", "Sent Items"),
    Folder("sentitems/2025", "2025", parent="sentitems"),
    Folder("hidden", "Quick Step Settings", hidden=True),
    Folder("unread", "Unread mail", search=True),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of one folder: the sent or the received half of a stored mail."""

    mail: Stored
    sent: bool
    folder: str

    def id(self, immutable: bool) -> str:
        # The default id names the folder: it changes when the item moves.
        place = "" if immutable else self.folder
        return pack("m", self.mail.id, self.sent, place, immutable=immutable)


def folder_id(name: str) -> str:
    return pack("f", name)


def folders(box: Mailbox) -> list[Folder]:
    """All folders, those of the user's `Folder/X` labels below the inbox included."""
    own = {label for mail in box.mails.values() for label in mail.labels if "Folder/" in label}
    own |= {label for change in box.history for label in change.labels if "Folder/" in label}
    names = sorted(label.partition("Folder/")[2] for label in own)
    mine = [Folder(f"inbox/{name}", name, parent="inbox") for name in names]
    return [*_FOLDERS, *mine]


def place(labels: set[str], sent: bool) -> str:
    """The folder of one half of a mail with these labels."""
    for label, name in _PLACES:
        if label in labels:
            return name
    if sent:
        return "sentitems"
    own = sorted(label for label in labels if label.startswith("Folder/"))
    if own:
        return "inbox/" + own[0].removeprefix("Folder/")
    return "inbox" if "INBOX" in labels else "archive"


def halves(mail: Stored, labels: set[str] | None = None) -> list[Item]:
    """The items that a stored mail is: sent, received, or both."""
    labels = mail.labels if labels is None else labels
    sent = "SENT" in labels or not mail.received
    sides = ([True] if sent else []) + ([False] if mail.received else [])
    return [Item(mail, side, place(labels, side)) for side in sides]


def items(box: Mailbox, folder: str) -> list[Item]:
    """What lies in a folder, newest first."""
    found = []
    for _, mail_id in reversed(box.order):
        found += [item for item in halves(box.mails[mail_id]) if folder in ("", item.folder)]
    return found


def since(box: Mailbox, history_id: int, folder: str) -> tuple[list[Item], list[Item]]:
    """What a folder's delta says after a history id: (new or changed, gone from it)."""
    later = box.history[box.since(history_id) :]
    touched: dict[str, list[Change]] = {}
    for change in later:
        touched.setdefault(change.mail, []).append(change)
    now: list[Item] = []
    gone: list[Item] = []
    for mail_id, changes in touched.items():
        mail = box.mails.get(mail_id)
        here = {item.sent: item for item in halves(mail)} if mail else {}
        before = {item.sent: item for item in _before(mail, changes)}
        for side in (True, False):
            item, old = here.get(side), before.get(side)
            if item is not None and item.folder == folder:
                now.append(item)
            elif old is not None and old.folder == folder:
                gone.append(old)
    return now, gone


def _before(mail: Stored | None, changes: list[Change]) -> list[Item]:
    """The halves of a mail as they were before these changes."""
    if changes[0].kind == "added":
        return []
    labels = set(mail.labels) if mail else set()
    for change in reversed(changes):
        if change.kind == "labelled":
            labels -= set(change.labels)
        elif change.kind == "unlabelled":
            labels |= set(change.labels)
        elif change.kind == "deleted":
            labels = set(change.labels)
    if mail is None:
        last = changes[-1]
        nobody = Human("")
        letter = Letter(key="", at=0, from_=nobody, to=(), subject="")
        mail = Stored(last.mail, last.thread, letter, 0, labels, "SENT" not in labels, 0)
        mail.received = "INBOX" in labels or "SENT" not in labels
    return halves(mail, labels)


def render_message(
    state: State, account: Account, item: Item, immutable: bool, *, body: bool
) -> Json:
    """The whole message, before any `$select`."""
    mail = item.mail
    letter = _as_exchange(mail.letter, account, state.mailboxes[account.address])
    named = sorted(
        label
        for label in mail.labels
        if label not in _SYSTEM and not label.startswith(("CATEGORY_", "Folder/"))
    )
    due = next((name for name in named if name.startswith("promised/")), "")
    message: Json = {
        "@odata.type": _type(letter, item),
        "@odata.etag": f'W/"{mail.history:x}"',
        "id": item.id(immutable),
        "createdDateTime": stamp(mail.at),
        "lastModifiedDateTime": stamp(mail.at),
        "changeKey": f"{mail.history:x}",
        "categories": ["promised" if name == due else name for name in named],
        "internetMessageId": None if letter.unnamed else f"<{letter.key}>",
        "conversationId": base64.urlsafe_b64encode(mail.thread.encode()).decode(),
        "conversationIndex": base64.b64encode(mail.thread.encode()).decode(),
        "parentFolderId": folder_id(item.folder),
        "subject": letter.subject,
        "from": person(letter.from_),
        "sender": person(letter.sender or letter.from_),
        "replyTo": [],
        "toRecipients": [person(one) for one in letter.to],
        "ccRecipients": [person(one) for one in letter.cc],
        "bccRecipients": [person(one) for one in letter.bcc] if item.sent else [],
        "receivedDateTime": stamp(mail.at // 1_000_000 * 1_000_000),
        "sentDateTime": stamp((letter.sent_at or letter.at) // 1_000_000 * 1_000_000),
        "isDraft": item.folder == "drafts",
        "isRead": "UNREAD" not in mail.labels,
        "importance": "high" if letter.important else "normal",
        "inferenceClassification": "other" if letter.promotions else "focused",
        "hasAttachments": False,
        "flag": _flag(mail, due),
        "webLink": f"https://outlook.example/mail/{mail.id}",
    }
    if not item.sent:
        message["internetMessageHeaders"] = [
            {"name": name, "value": value}
            for name, value in letter.lines(received_by=account.address)
        ]
    if body:
        message["body"] = {"contentType": "text", "content": letter.body or PRIVATE}
        message["bodyPreview"] = PRIVATE
    if letter.notice is not None and not item.sent:
        message |= _meeting(state, account, letter.notice, immutable)
    return message


def _flag(mail: Stored, due: str) -> Json:
    if due:
        day = {"dateTime": f"{due.removeprefix('promised/')}T00:00:00.0000000", "timeZone": "UTC"}
        return {"flagStatus": "flagged", "startDateTime": day, "dueDateTime": day}
    return {"flagStatus": "flagged" if "STARRED" in mail.labels else "notFlagged"}


def _type(letter: Letter, item: Item) -> str:
    name = "message"
    if letter.notice is not None and not item.sent:
        name = {"request": "eventMessageRequest", "cancel": "eventMessage"}.get(
            letter.notice.method, "eventMessageResponse"
        )
    return f"#microsoft.graph.{name}"


def _meeting(state: State, account: Account, notice: Notice, immutable: bool) -> Json:
    meeting = state.meetings[notice.uid]
    kind = "singleInstance"
    if meeting.rule is not None:
        kind = "seriesMaster" if notice.original is None else "occurrence"
        if notice.original is not None and notice.start != notice.original:
            kind = "exception"
    shown: Json = {
        "startDateTime": wall(notice.start),
        "endDateTime": wall(notice.end),
        "isAllDay": notice.all_day,
        "isDelegated": False,
        "isOutOfDate": False,
        "type": kind,
        "meetingMessageType": "meetingCancelled",
    }
    if notice.method == "request":
        shown["meetingMessageType"] = "meetingRequest"
        shown["meetingRequestType"] = (
            "newMeetingRequest" if notice.previous_start is None else "fullUpdate"
        )
        shown["responseRequested"] = True
        if notice.previous_start is not None and notice.previous_end is not None:
            shown["previousStartDateTime"] = wall(notice.previous_start)
            shown["previousEndDateTime"] = wall(notice.previous_end)
    elif notice.method != "cancel":
        shown["meetingMessageType"], shown["responseType"] = _RESPONSES[notice.response]
        if notice.proposed_start is not None:
            length = notice.end - notice.start
            shown["proposedNewTime"] = {
                "start": wall(notice.proposed_start),
                "end": wall(notice.proposed_start + length),
            }
    entry = find(state, account, account.address, notice.uid, notice.original)
    shown["event"] = render(entry, immutable, body=False) if entry else None
    return shown


def _as_exchange(letter: Letter, account: Account, box: Mailbox) -> Letter:
    """A bounce as Exchange writes it: from its own system address, naming the mail and no address."""
    if letter.kind != "bounce":
        return letter
    host = account.address.rpartition("@")[2]
    about = box.mails.get(box.by_key.get(letter.in_reply_to, ""))
    headers = [pair for pair in letter.headers if pair[0].lower() != "x-failed-recipients"]
    return replace(
        letter,
        from_=Human(
            f"microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@{host}", "Microsoft Outlook"
        ),
        subject="Undeliverable: " + (about.letter.subject if about else ""),
        headers=(*headers, ("X-MS-Exchange-Message-Is-Ndr", "")),
    )


def well_known(box: Mailbox, name: str) -> Folder | None:
    """A folder by its id or by one of Graph's fixed names."""
    return next((one for one in folders(box) if name in (one.id, one.name)), None)


def render_folder(box: Mailbox, folder: Folder, count: int) -> Json:
    """A `mailFolder`; a search folder says so in its type."""
    children = sum(1 for other in folders(box) if other.parent == folder.name and not other.hidden)
    kind = "mailSearchFolder" if folder.search else "mailFolder"
    shown: Json = {
        "@odata.type": f"#microsoft.graph.{kind}",
        "id": folder.id,
        "displayName": folder.shown,
        "parentFolderId": folder_id(folder.parent or "msgfolderroot"),
        "childFolderCount": children,
        "totalItemCount": count,
        "unreadItemCount": 0,
        "isHidden": folder.hidden,
    }
    return shown


def children(box: Mailbox, parent: str, *, hidden: bool) -> Iterator[Folder]:
    """The folders directly below one ("" is the root)."""
    return (one for one in folders(box) if one.parent == parent and (hidden or not one.hidden))
