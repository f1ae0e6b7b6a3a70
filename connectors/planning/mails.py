"""What does one page change of the mails in the store? The mail's part of connectors.planning.meetings."""

from __future__ import annotations

from dataclasses import replace

from connectors.interfaces import Listed, Page
from connectors.model.records import LabelChange, MessageSeen
from connectors.planning.types import Known, Plan, names_forgotten, nobody

#: An unknown mail that was moved or marked is probably one that the report needs.
CHANGED_PRIORITY = 2


def add_mail(known: Known, page: Page, decided: Plan, *, mail: bool) -> None:
    """The mails, flags, removals and listed ids of a page. `mail`: the page is of the mail stream."""
    fresh: dict[str, MessageSeen] = {}
    shown = [message.provider_id for message in page.messages]
    decided.listed.update(shown)
    decided.settled.update(shown)
    for message in page.messages:
        if _names_forgotten(known, message):
            continue
        stored = known.messages.get(message.provider_id)
        if stored is None:
            fresh[message.provider_id] = message
        elif stored.draft:
            # A draft is rewritten until it is sent; its id may stay (Graph's immutable ids).
            decided.rewritten[stored.message_id] = message
        else:
            # What lay among the sent mail was sent, wherever its owner puts it afterwards.
            kept = replace(message, sent=True) if stored.sent and not message.sent else message
            decided.flagged[stored.message_id] = kept
    for change in page.changes:
        decided.listed.add(change.provider_id)
        stored = known.messages.get(change.provider_id)
        if change.provider_id in fresh:
            fresh[change.provider_id] = relabelled(fresh[change.provider_id], change)
        elif stored is not None and stored.message_id in decided.rewritten:
            before = decided.rewritten[stored.message_id]
            decided.rewritten[stored.message_id] = relabelled(before, change)
        elif stored is not None and stored.draft and not change.draft:
            # Sent: its addresses and its moment are those of the mail, no longer of the draft.
            decided.pending.setdefault(
                change.provider_id, Listed(change.provider_id, priority=CHANGED_PRIORITY)
            )
        elif stored is not None and change.sent and not stored.sent and not stored.draft:
            # Somebody's answer may be put among the sent mail: whose it is, the mail itself says.
            decided.pending.setdefault(
                change.provider_id, Listed(change.provider_id, priority=CHANGED_PRIORITY)
            )
        elif stored is not None:
            if stored.sent and not change.sent:
                change = replace(change, sent=True)
            before_ = decided.flagged.get(stored.message_id)
            decided.flagged[stored.message_id] = (
                relabelled(before_, change) if isinstance(before_, MessageSeen) else change
            )
        elif change.provider_id not in decided.settled:
            decided.pending.setdefault(
                change.provider_id, Listed(change.provider_id, priority=CHANGED_PRIORITY)
            )
    decided.new_messages.update(fresh)
    for wanted in page.listed:
        decided.listed.add(wanted.provider_id)
        stored = known.messages.get(wanted.provider_id) if mail else None
        if wanted.provider_id in decided.settled:
            continue
        if stored is None or stored.draft or wanted.again:
            decided.pending[wanted.provider_id] = wanted
        if stored is not None and stored.deleted and not stored.draft:
            decided.revived.append(stored.message_id)
    decided.listed.update(one for one in page.present if one in known.messages)
    if mail:
        for provider_id in page.removed:
            stored = known.messages.get(provider_id)
            if stored is not None:
                decided.deleted.append(stored.message_id)
            elif provider_id in fresh:
                # Came and went within one page: it is kept, marked, as any other.
                decided.born_deleted.add(provider_id)


def _names_forgotten(known: Known, message: MessageSeen) -> bool:
    if known.suppressed is nobody:
        return False
    people = (message.from_, *message.to, *message.cc, *message.bcc)
    named = (message.sender_address, *(one.address for one in people))
    texts = (
        message.subject,
        message.headers,
        message.message_key,
        message.in_reply_to,
        *message.references,
        *(one.name for one in people),
    )
    return names_forgotten(known, named, texts)


def relabelled(message: MessageSeen, change: LabelChange) -> MessageSeen:
    """The mail with the flags of a later change."""
    return replace(
        message,
        sent=change.sent,
        draft=change.draft,
        inbox=change.inbox,
        spam=change.spam,
        trash=change.trash,
        promotions=change.promotions,
        flagged=change.flagged,
        labels=change.labels,
    )
