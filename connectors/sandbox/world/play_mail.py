"""Where does a mail go, and what do its owners do with it?"""

from __future__ import annotations

from connectors.sandbox.world.acts import Deliver, Discard, Relabel
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.mails import Letter
from connectors.sandbox.world.people import Human
from connectors.sandbox.world.state import State

_SECOND = 1_000_000


def deliver(state: State, act: Deliver) -> list[Letter]:
    """Lay a letter into the sender's SENT and the receivers' INBOX, where these are served.

    A mail to oneself is one message with both labels, as in Gmail. Returns the bounces that dead
    addresses cause.
    """
    letter = act.letter
    state.letters.append(letter)
    sender = state.account_of(letter.from_.address)
    if letter.draft:
        if sender is not None:
            state.mailboxes[sender.address].add(letter, {"DRAFT"}, received=False)
        return []
    places: dict[str, set[str]] = {}
    if sender is not None and letter.kind != "notice":
        places[sender.address] = {"SENT"}
    for human in letter.addressed:
        account = state.account_of(human.address)
        if account is not None:
            places.setdefault(account.address, set()).update(_received(letter))
    for address, labels in places.items():
        received = "INBOX" in labels or "SPAM" in labels
        state.mailboxes[address].add(letter, labels, received=received)
    if sender is None:
        return []
    return [
        bounce(letter, human)
        for human in letter.addressed
        if (dead := state.human(human.address).dead_from) is not None and dead <= letter.at
    ]


def _received(letter: Letter) -> set[str]:
    labels = {"SPAM", "UNREAD"} if letter.spam else {"INBOX", "UNREAD"}
    if letter.promotions and not letter.spam:
        labels.add("CATEGORY_PROMOTIONS")
    elif not letter.spam:
        machine = letter.kind in ("newsletter", "machine")
        labels.add("CATEGORY_UPDATES" if machine else "CATEGORY_PERSONAL")
    if letter.important:
        labels.add("IMPORTANT")
    if letter.starred:
        labels.add("STARRED")
    return labels


def bounce(letter: Letter, dead: Human) -> Letter:
    """Gmail's answer for an address that does not exist (facts/google.md 2.5, 7)."""
    number = digest("bounce", letter.key, dead.address)
    return Letter(
        key=f"{number:016x}.{letter.at // _SECOND}@mx.google.com",
        at=letter.at + (3 + number % 9) * _SECOND,
        from_=Human("mailer-daemon@googlemail.com", "Mail Delivery Subsystem"),
        to=(letter.from_,),
        subject="Delivery Status Notification (Failure)",
        kind="bounce",
        in_reply_to=letter.key,
        references=(letter.key,),
        headers=(("Auto-Submitted", "auto-replied"), ("X-Failed-Recipients", dead.address)),
        content_type=f'multipart/report; boundary="{number:x}"; report-type=delivery-status',
        null_path=True,
        size=12_000,
    )


def relabel(state: State, act: Relabel) -> list[Letter]:
    state.mailboxes[act.owner].relabel(act.at, act.key, act.add, act.remove)
    return []


def discard(state: State, act: Discard) -> list[Letter]:
    state.mailboxes[act.owner].discard(act.at, act.key)
    return []
