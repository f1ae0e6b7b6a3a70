"""How is a script written? One method an act, in datetimes and addresses.

`World` inherits these; each method appends acts and returns the key of what it made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from config.clock import to_micros
from connectors.sandbox.world import acts
from connectors.sandbox.world.acts import Act, Answered, Invited, Participant
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.mails import PRIVATE, Kind, Letter
from connectors.sandbox.world.people import Human
from connectors.sandbox.world.recurrence import Rule
from connectors.sandbox.world.state import State


def micros(moment: datetime | date) -> int:
    """A moment as microseconds UTC; a date as its midnight UTC (all-day entries)."""
    if isinstance(moment, datetime):
        return to_micros(moment)
    return to_micros(datetime.combine(moment, time(), UTC))


class Script:
    """The verbs. Moments are aware datetimes; `occurrence` is an occurrence's original start."""

    state: State

    def __init__(self) -> None:
        self._made = 0
        self._letters: dict[str, Letter] = {}
        self._zones: dict[str, tuple[int, int]] = {}

    def add(self, act: Act) -> None:
        raise NotImplementedError

    def invite(
        self,
        at: datetime,
        organizer: str,
        guests: Iterable[str | Invited],
        start: datetime | date,
        *,
        title: str,
        minutes: int = 30,
        days: int = 1,
        rule: Rule | None = None,
        zone: str = "",
        online: bool = False,
        location: str = "",
        guests_hidden: bool = False,
        guests_can_modify: bool = False,
        kind: str = "default",
        free: bool = False,
        visibility: str = "default",
        calendar: str = "",
        color: str = "",
        mail: bool = True,
    ) -> str:
        """A meeting of `minutes`; a plain date as start makes it all-day over `days`. -> its UID."""
        self._made += 1
        number = digest("meeting", organizer, title, at, self._made)
        if self.state.human(organizer).system == "exchange":
            # An Exchange Global Object ID without an instance date, as it travels in iCalendar.
            uid = f"040000008200E00074C5B7101A82E00800000000{number:016X}000000000000000010000000"
            uid += f"{digest('goid', number):016X}{number:016X}"
        else:
            uid = f"{_base32(number)}{_base32(digest('id', number))}@google.com"
        first = micros(start)
        all_day = not isinstance(start, datetime)
        length = timedelta(days=days) if all_day else timedelta(minutes=minutes)
        account = self.state.account_of(organizer)
        self.add(
            acts.Invite(
                at=to_micros(at),
                uid=uid,
                organizer=organizer,
                guests=tuple(Invited(one) if isinstance(one, str) else one for one in guests),
                start=first,
                end=first + length // timedelta(microseconds=1),
                title=title,
                zone=zone or (account.zone if account else "Europe/London"),
                rule=rule,
                all_day=all_day,
                online=online,
                location=location,
                guests_hidden=guests_hidden,
                guests_can_modify=guests_can_modify,
                kind=kind,
                free=free,
                visibility=visibility,
                calendar=calendar,
                color=color,
                mail=mail,
            )
        )
        self._zones[uid] = (first, length // timedelta(microseconds=1))
        return uid

    def answer(
        self,
        at: datetime,
        uid: str,
        who: str,
        response: Answered,
        *,
        occurrence: datetime | date | None = None,
        by: str = "",
        machine: bool = False,
        mail: bool = True,
        comment: str = "",
    ) -> None:
        """A guest accepts, declines or is tentative; `by` an assistant, or by a `machine`."""
        original = None if occurrence is None else micros(occurrence)
        self.add(
            acts.Answer(to_micros(at), uid, who, response, original, by, machine, mail, comment)
        )

    def move(
        self,
        at: datetime,
        uid: str,
        start: datetime | date,
        *,
        minutes: int | None = None,
        occurrence: datetime | date | None = None,
        mover: str = "",
        by: str = "",
        mail: bool = True,
    ) -> None:
        """The meeting, or one occurrence, gets another start. `mover`: "" is the organiser."""
        length = self._zones[uid][1] if minutes is None else minutes * 60_000_000
        first = micros(start)
        original = None if occurrence is None else micros(occurrence)
        self.add(acts.Move(to_micros(at), uid, first, first + length, original, mover, by, mail))

    def cancel(
        self,
        at: datetime,
        uid: str,
        *,
        occurrence: datetime | date | None = None,
        by: str = "",
        mail: bool = True,
    ) -> None:
        """The organiser cancels the meeting, or one occurrence."""
        original = None if occurrence is None else micros(occurrence)
        self.add(acts.Cancel(to_micros(at), uid, original, by, mail))

    def uninvite(
        self,
        at: datetime,
        uid: str,
        who: str,
        *,
        occurrence: datetime | date | None = None,
        mail: bool = True,
    ) -> None:
        """The organiser takes one guest out."""
        original = None if occurrence is None else micros(occurrence)
        self.add(acts.Uninvite(to_micros(at), uid, who, original, mail))

    def add_guest(self, at: datetime, uid: str, guest: str, *, mail: bool = True) -> None:
        """The organiser invites one more to the whole meeting."""
        self.add(acts.AddGuest(to_micros(at), uid, Invited(guest), mail))

    def remove(
        self, at: datetime, uid: str, owner: str, *, occurrence: datetime | date | None = None
    ) -> None:
        """A guest deletes the entry from the own calendar and tells nobody."""
        original = None if occurrence is None else micros(occurrence)
        self.add(acts.Remove(to_micros(at), uid, owner, original))

    def propose(
        self,
        at: datetime,
        uid: str,
        who: str,
        start: datetime,
        *,
        occurrence: datetime | date | None = None,
        by: str = "",
    ) -> None:
        """A guest proposes another start."""
        original = None if occurrence is None else micros(occurrence)
        self.add(acts.Propose(to_micros(at), uid, who, micros(start), original, by))

    def split(
        self, at: datetime, uid: str, occurrence: datetime | date, start: datetime | date
    ) -> str:
        """From this occurrence on the series goes on at another start. -> the new series' UID."""
        name, _, host = uid.partition("@")
        original, length = micros(occurrence), self._zones[uid][1]
        new = f"{name}_R{datetime.fromtimestamp(original // 1_000_000, UTC):%Y%m%dT%H%M%S}@{host}"
        first = micros(start)
        self.add(acts.Split(to_micros(at), uid, new, original, first, first + length))
        self._zones[new] = (first, length)
        return new

    def hand_over(self, at: datetime, uid: str, to: str) -> None:
        """Another organiser takes the meeting; the old one is no guest of it."""
        self.add(acts.HandOver(to_micros(at), uid, to))

    def edit(
        self,
        at: datetime,
        uid: str,
        owner: str,
        *,
        title: str | None = None,
        color: str | None = None,
        private: dict[str, str] | None = None,
        visibility: str | None = None,
    ) -> None:
        """The owner marks the own copy (colour, private properties), or renames the meeting.

        `visibility`: default, public, private or confidential; what is private shows a reader of
        the calendar no details.
        """
        pairs = tuple(sorted((private or {}).items()))
        self.add(acts.Edit(to_micros(at), uid, owner, title, color, pairs, visibility))

    def hold(
        self,
        at: datetime,
        uid: str,
        participants: Sequence[Participant],
        *,
        occurrence: datetime | date | None = None,
    ) -> None:
        """The online meeting took place and ended at `at`, with these people in it."""
        original = None if occurrence is None else micros(occurrence)
        self.add(acts.Hold(to_micros(at), uid, original, tuple(participants)))

    def mail(
        self,
        at: datetime,
        sender: str,
        to: str | Iterable[str],
        subject: str,
        *,
        cc: Iterable[str] = (),
        bcc: Iterable[str] = (),
        reply_to: str = "",
        new_thread: bool = False,
        through: str = "",
        kind: Kind = "human",
        headers: Iterable[tuple[str, str]] = (),
        spam: bool = False,
        promotions: bool = False,
        important: bool = False,
        content_type: str = 'text/plain; charset="UTF-8"',
        null_path: bool = False,
        return_path: str = "",
        draft: bool = False,
        unnamed: bool = False,
    ) -> str:
        """One mail. -> its Message-ID without brackets.

        `reply_to` names the mail it answers (its Re: subject is the caller's); `new_thread`
        leaves In-Reply-To and References out, as somebody who types afresh does. `through` is the
        Sender who writes for `sender`. A `draft` lies in the writer's drafts and goes nowhere; an
        `unnamed` mail bears no Message-ID.
        """
        self._made += 1
        number = digest("mail", sender, subject, at, self._made)
        host = sender.rpartition("@")[2]
        parent = self._letters.get(reply_to)
        if reply_to and parent is None:
            raise ValueError("no such mail to answer")
        tied = parent is not None and not new_thread
        human = self.state.human
        letter = Letter(
            key=f"CA{number:016x}{digest(number) & 0xFFFFFF:06x}@mail.{host}",
            at=to_micros(at),
            from_=human(sender),
            to=tuple(human(one) for one in ([to] if isinstance(to, str) else to)),
            subject=subject,
            cc=tuple(human(one) for one in cc),
            bcc=tuple(human(one) for one in bcc),
            sender=human(through) if through else None,
            kind=kind,
            in_reply_to=parent.key if parent and tied else "",
            references=(*parent.references, parent.key) if parent and tied else (),
            headers=tuple(headers),
            content_type=content_type,
            body=f"{PRIVATE} body {number:x}",
            size=2500 + number % 9000,
            null_path=null_path,
            return_path=return_path,
            spam=spam,
            promotions=promotions,
            important=important,
            draft=draft,
            unnamed=unnamed,
        )
        self._letters[letter.key] = letter
        self.add(acts.Deliver(letter.at, letter))
        return letter.key

    def newsletter(self, at: datetime, sender: Human, to: str, subject: str) -> str:
        """A bulk mail with the headers that senders of bulk mail must add (RFC 2369, RFC 8058)."""
        host = sender.address.rpartition("@")[2]
        return self.mail(
            at,
            sender.address,
            to,
            subject,
            kind="newsletter",
            promotions=True,
            return_path=f"bounce-{digest(subject, at) & 0xFFFFFF:x}@mailer.{host}",
            headers=(
                ("List-Id", f"<news.{host}>"),
                ("List-Unsubscribe", f"<https://{host}/unsubscribe>"),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
                ("Precedence", "bulk"),
                ("Feedback-ID", f"{digest(host) & 0xFFFF}:news:{host}"),
            ),
        )

    def out_of_office(self, at: datetime, who: str, reply_to: str) -> str:
        """The machine of somebody absent answers a mail (facts/google.md 2.5, 7; detection.md 3)."""
        parent = self._letters[reply_to]
        exchange = self.state.human(who).system == "exchange"
        prefix = "Automatic reply" if exchange else "Out of office"
        headers = (
            (
                ("X-Auto-Response-Suppress", "All"),
                ("auto-submitted", "auto-generated"),
                ("X-MS-Exchange-Inbox-Rules-Loop", who),
            )
            if exchange
            else (
                ("Auto-Submitted", "auto-replied"),
                ("Precedence", "bulk"),
                ("X-Autoreply", "yes"),
            )
        )
        return self.mail(
            at,
            who,
            parent.from_.address,
            f"{prefix}: {parent.subject}",
            reply_to=reply_to,
            kind="auto_reply",
            headers=headers,
            null_path=True,
        )

    def label(
        self,
        at: datetime,
        owner: str,
        key: str,
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
    ) -> None:
        """The owner moves or marks a mail, in Gmail's words."""
        self.add(acts.Relabel(to_micros(at), owner, key, tuple(add), tuple(remove)))

    def delete_mail(self, at: datetime, owner: str, key: str) -> None:
        """The owner deletes a mail for good."""
        self.add(acts.Discard(to_micros(at), owner, key))


def _base32(number: int) -> str:
    """13 characters of Google's id alphabet (a to v and digits)."""
    alphabet = "0123456789abcdefghijklmnopqrstuv"
    return "".join(alphabet[(number >> (5 * place)) & 31] for place in range(13))
