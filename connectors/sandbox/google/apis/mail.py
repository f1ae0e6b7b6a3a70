"""What does the Gmail API answer? profile, labels, messages, threads, history, send.

Facts: facts/google.md 2.1 (what the metadata scope may not), 2.3 (history, labels, threads), 2.5 (send),
7 (samples). A token that holds gmail.metadata is restricted even beside a wider scope.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from connectors.sandbox.google import errors
from connectors.sandbox.google.call import Call, Page, pack, unpack
from connectors.sandbox.world.mailboxes import Change, Mailbox, Stored, digest

_DAY = 86_400_000_000
_LARGEST = 500
SYSTEM_LABELS = (
    "INBOX",
    "SENT",
    "DRAFT",
    "SPAM",
    "TRASH",
    "UNREAD",
    "STARRED",
    "IMPORTANT",
    "CHAT",
    "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_UPDATES",
    "CATEGORY_FORUMS",
)
_HISTORY = {
    "added": "messageAdded",
    "deleted": "messageDeleted",
    "labelled": "labelAdded",
    "unlabelled": "labelRemoved",
}


def own_mailbox(call: Call) -> Mailbox:
    """`me`, or the account's own address; nobody else's."""
    asked = call.path["userId"]
    if asked != "me" and not call.account.owns(asked):
        raise errors.refusal(403, "forbidden", f"Delegation denied for {call.account.address}")
    return call.mailbox


@lru_cache(maxsize=10_000)
def label_id(name: str) -> str:
    """A user label's id; system labels are their own ids."""
    return name if name in SYSTEM_LABELS else f"Label_{digest('label', name) % 10**12}"


def profile(call: Call) -> dict[str, Any]:
    mailbox = own_mailbox(call)
    return {
        "emailAddress": call.account.address,
        "messagesTotal": len(mailbox.mails),
        "threadsTotal": len(mailbox.threads),
        "historyId": str(mailbox.history_id),
    }


def _label(name: str) -> dict[str, Any]:
    if name in SYSTEM_LABELS:
        return {"id": name, "name": name, "type": "system"}
    return {
        "id": label_id(name),
        "name": name,
        "type": "user",
        "messageListVisibility": "show",
        "labelListVisibility": "labelShow",
    }


def _names(mailbox: Mailbox) -> list[str]:
    own = {label for mail in mailbox.mails.values() for label in mail.labels}
    return [*SYSTEM_LABELS, *sorted(own - set(SYSTEM_LABELS))]


def labels_list(call: Call) -> dict[str, Any]:
    return {"labels": [_label(name) for name in _names(own_mailbox(call))]}


def labels_get(call: Call) -> dict[str, Any]:
    mailbox = own_mailbox(call)
    for name in _names(mailbox):
        if label_id(name) == call.path["id"]:
            held = [mail for mail in mailbox.mails.values() if name in mail.labels]
            unread = [mail for mail in held if "UNREAD" in mail.labels]
            return _label(name) | {
                "messagesTotal": len(held),
                "messagesUnread": len(unread),
                "threadsTotal": len({mail.thread for mail in held}),
                "threadsUnread": len({mail.thread for mail in unread}),
            }
    raise errors.not_found()


def _chosen(call: Call, mail: Stored) -> bool:
    asked = call.values.get("labelIds", ())
    held = {label_id(name) for name in mail.labels}
    if not held.issuperset(asked):
        return False
    if call.values.get("includeSpamTrash") or {"SPAM", "TRASH"} & set(asked):
        return True
    return not mail.labels & {"SPAM", "TRASH"}


def _no_search(call: Call) -> None:
    if "q" not in call.values:
        return
    if call.has("gmail.metadata"):
        raise errors.metadata_scope("Metadata scope does not support 'q' parameter")
    raise errors.refusal(
        501, "notImplemented", "This sandbox knows no search: noshow never searches.", rpc=False
    )


def _before(call: Call, mailbox: Mailbox) -> Iterator[Stored]:
    """The mails that a list shows and that are older than the page token's place, newest first."""
    order = mailbox.order
    if call.quirks.listed_last:
        order = sorted((_place(call, mailbox.mails[mail_id]), mail_id) for _, mail_id in order)
    stop = len(order)
    if "pageToken" in call.values:
        at, mail_id = unpack(call.values["pageToken"], "pageToken")["before"]
        stop = bisect.bisect_left(order, (at, mail_id))
    for index in range(stop - 1, -1, -1):
        mail = mailbox.mails[order[index][1]]
        if _chosen(call, mail):
            yield mail


def _place(call: Call, mail: Stored) -> int:
    """By what lists are sorted: the date of acceptance, as far as anybody has seen."""
    return 0 if mail.id in call.quirks.listed_last else mail.at


def _one_page(call: Call, found: Iterable[Stored]) -> Page[Stored]:
    size = min(max(call.values.get("maxResults", 100), 1), _LARGEST)
    # One more than a page tells whether there is a next one; a big mailbox is not walked through.
    return call.page(
        list(islice(found, size + 1)), size, lambda mail: [_place(call, mail), mail.id]
    )


def _next(call: Call, again: bool, cursor: list[Any] | None) -> dict[str, str]:
    if again:
        return {"nextPageToken": call.values.get("pageToken") or pack({"before": [1 << 62, ""]})}
    return {"nextPageToken": pack({"before": cursor})} if cursor else {}


def _estimate(page: Page[Stored]) -> int:
    """Gmail's estimate is famous for being none: 201 wherever there is more."""
    return len(page.rows) if page.cursor is None else 201


def messages_list(call: Call) -> dict[str, Any]:
    mailbox = own_mailbox(call)
    _no_search(call)
    page = _one_page(call, _before(call, mailbox))
    if call.shape == "late_item" and page.rows:
        late = page.rows.pop()
        mailbox.note(call.state.now, "added", late, tuple(sorted(late.labels)))
    reply: dict[str, Any] = _next(call, page.again, page.cursor)
    if page.rows:
        reply["messages"] = [{"id": mail.id, "threadId": mail.thread} for mail in page.rows]
    return reply | {"resultSizeEstimate": _estimate(page)}


def threads_list(call: Call) -> dict[str, Any]:
    mailbox = own_mailbox(call)
    _no_search(call)

    def newest(mail: Stored) -> bool:
        later = (mailbox.mails[one] for one in mailbox.threads[mail.thread])
        return not any(
            (one.at, one.id) > (mail.at, mail.id) and _chosen(call, one) for one in later
        )

    page = _one_page(call, filter(newest, _before(call, mailbox)))
    reply: dict[str, Any] = _next(call, page.again, page.cursor)
    if page.rows:
        reply["threads"] = [
            {"id": mail.thread, "historyId": str(mail.history), **_snippet(call, mail)}
            for mail in page.rows
        ]
    return reply | {"resultSizeEstimate": _estimate(page)}


def _snippet(call: Call, mail: Stored) -> dict[str, str]:
    if call.has("gmail.metadata") and not call.quirks.snippet_under_metadata:
        return {}
    return {"snippet": mail.letter.body}


def _format(call: Call) -> str:
    """The asked format; the default is `full`, which the metadata scope may not have."""
    asked: str = call.values.get("format", "full")
    if asked in ("full", "raw") and call.has("gmail.metadata"):
        raise errors.metadata_scope(f"Metadata scope doesn't allow format {asked.upper()}")
    return asked


def _message(call: Call, mail: Stored, form: str) -> dict[str, Any]:
    reply: dict[str, Any] = {
        "id": mail.id,
        "threadId": mail.thread,
        "historyId": str(mail.history),
        "internalDate": str(mail.at // 1000),
        "sizeEstimate": mail.letter.size,
        **_snippet(call, mail),
    }
    if mail.labels:
        reply["labelIds"] = sorted(label_id(name) for name in mail.labels)
    if form == "minimal":
        return reply
    received_by = call.account.address if mail.received else ""
    lines = mail.letter.lines(received_by=received_by, show_bcc="SENT" in mail.labels)
    asked = call.values.get("metadataHeaders")
    if form == "metadata" and asked is not None:
        wanted = {name.lower() for name in asked}
        lines = [line for line in lines if line[0].lower() in wanted]
    kind = mail.letter.content_type.partition(";")[0]
    payload: dict[str, Any] = {
        "mimeType": kind,
        "headers": [{"name": name, "value": value} for name, value in lines],
    }
    if form == "full":
        payload |= {"partId": "", "filename": "", "body": {"size": len(mail.letter.body)}}
    return reply | {"payload": payload}


def messages_get(call: Call) -> dict[str, Any]:
    mailbox = own_mailbox(call)
    form = _format(call)
    mail = mailbox.mails.get(call.path["id"])
    if mail is None:
        raise errors.not_found()
    return _message(call, mail, form)


def threads_get(call: Call) -> dict[str, Any]:
    mailbox = own_mailbox(call)
    form = _format(call)
    held = mailbox.threads.get(call.path["id"])
    if not held:
        raise errors.not_found()
    mails = sorted((mailbox.mails[mail_id] for mail_id in held), key=lambda mail: mail.at)
    return {
        "id": call.path["id"],
        "historyId": str(max(mail.history for mail in mails)),
        "messages": [_message(call, mail, form) for mail in mails],
    }


def history_list(call: Call) -> dict[str, Any]:
    mailbox = own_mailbox(call)
    if "startHistoryId" not in call.values:
        raise errors.bad_value("startHistoryId", "Missing required parameter: startHistoryId")
    start = int(call.values["startHistoryId"])
    oldest = call.state.now - call.quirks.history_days * _DAY
    first = mailbox.since(start)
    # Too old where a change has been forgotten that the caller has not seen.
    lost = first < len(mailbox.history) and mailbox.history[first].at < oldest
    if lost or start > mailbox.history_id or start < 1:
        raise errors.not_found()
    if "pageToken" in call.values:
        first = mailbox.since(int(unpack(call.values["pageToken"], "pageToken")["after"]))
    size = min(max(call.values.get("maxResults", 100), 1), _LARGEST)
    page = call.page(mailbox.history[first : first + size + 1], size, lambda change: [change.id])
    reply: dict[str, Any] = {"historyId": str(mailbox.history_id)}
    rows = page.rows
    if call.shape == "late_item" and rows:
        late = rows.pop()
        known = mailbox.mails.get(late.mail)
        if known is not None:
            mailbox.note(call.state.now, late.kind, known, late.labels)
    # The filters come after the paging: a page may be empty and still have a next one.
    shown = [_record(call, mailbox, change) for change in rows if _heard(call, change)]
    if shown and call.shape != "no_history_key":
        reply["history"] = shown
    if page.again or call.shape == "no_history_key":
        before = mailbox.history[first - 1].id if first else 0
        reply["nextPageToken"] = pack({"after": before})
    elif page.cursor:
        reply["nextPageToken"] = pack({"after": page.cursor[0]})
    return reply


def _heard(call: Call, change: Change) -> bool:
    kinds = call.values.get("historyTypes")
    if kinds is not None and _HISTORY[change.kind] not in kinds:
        return False
    label = call.values.get("labelId")
    return label is None or label in {label_id(name) for name in change.labels}


def _record(call: Call, mailbox: Mailbox, change: Change) -> dict[str, Any]:
    brief: dict[str, Any] = {"id": change.mail, "threadId": change.thread}
    ids = [label_id(name) for name in change.labels]
    record: dict[str, Any] = {"id": str(change.id), "messages": [brief]}
    if change.kind == "added":
        record["messagesAdded"] = [{"message": brief | {"labelIds": ids}}]
    elif change.kind == "deleted":
        record["messagesDeleted"] = [{"message": brief | {"labelIds": ids}}]
    else:
        key = "labelsAdded" if change.kind == "labelled" else "labelsRemoved"
        mail = mailbox.mails.get(change.mail)
        if call.quirks.history_labels and mail is not None and mail.labels:
            brief = brief | {"labelIds": sorted(label_id(name) for name in mail.labels)}
        record[key] = [{"message": brief, "labelIds": ids}]
    return record
