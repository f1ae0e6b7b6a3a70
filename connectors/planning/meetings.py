"""What does one page change in the store? The pure half of the sync engine.

`plan` compares a page with what is known of the things that it names and decides; it knows no
provider, no database and no clock. The rules are those of the design, section 3: an observation
only where something changed, a stub never overwrites, an act is stored once, nothing listed gets
lost, and a bound on when something changed is rather too wide than too narrow.
"""

from __future__ import annotations

from dataclasses import replace

from config.errors import SuspiciousSync
from connectors.interfaces import Page
from connectors.model.records import (
    AttendanceSeen,
    Evidence,
    MeetingSeen,
    Status,
)
from connectors.model.streams import MAIL
from connectors.planning.fingerprints import act_key, fingerprint
from connectors.planning.mails import add_mail
from connectors.planning.types import (
    CURSOR_KINDS,
    CopyPlan,
    Known,
    KnownCopy,
    ObservationPlan,
    Plan,
    Poll,
    Round,
    key_of,
    names_forgotten,
)

#: A round that lists less than this share of what was there is not believed ...
LEAST_SHARE = 0.10
#: ... where so many were there. A round that lists nothing at all is never believed by itself.
MANY = 20
#: A listing blames the deltas for a change older than this before the last of them [µs]: the clocks
#: differ a little, and a provider may tell a change some time after it.
_TARDY = 3_600_000_000
#: In these states nothing is seen of a copy: no poll vouches for what it is.
_UNSEEN = (Status.VANISHED, Status.HIDDEN)


def plan(known: Known, page: Page, poll: Poll) -> Plan:
    """What this page changes, given what is known of the things it names. Pure.

    Repeating a page that was applied gives a plan without observations, messages or copies.
    """
    decided = Plan(
        cursor=page.cursor,
        last=page.last,
        full=page.full,
        window=page.window,
        lacking=page.lacking,
    )
    _Meetings(known, poll, decided).add(page)
    add_mail(known, page, decided, mail=not poll.calendar)
    for record in page.attendance:
        there = record.participants
        texts = (record.series_uid, *(one.name for one in there))
        if not names_forgotten(known, (one.address for one in there), texts):
            decided.attendance.append(_sane_record(record))
    decided.calls.extend(call for call in page.calls if not known.suppressed(call.address))
    _settle(page, decided)
    return decided


def close(ended: Round, poll: Poll, *, allow_empty: bool) -> Plan:
    """What a completed full round changes for what it should have held and did not. Pure.

    Raises SuspiciousSync where the round is not believed.
    """
    _doubt(ended, allow_empty=allow_empty)
    decided = Plan(unlisted=poll.stream == MAIL)
    meetings = _Meetings(Known(pending=ended.pending), poll, decided)
    for known in ended.copies:
        meetings.vanished(known)
    return decided


def _doubt(ended: Round, *, allow_empty: bool) -> None:
    expected, again = ended.expected, ended.expected - ended.missing
    if allow_empty or not expected:
        return
    if ended.listed == 0 or (expected >= MANY and again < LEAST_SHARE * expected):
        raise SuspiciousSync(
            f"the source held {expected} entries and now shows {again} of them",
            hint="look whether the right account and calendar are read; if it is really so, "
            "run again with --allow-empty",
        )


class _Meetings:
    """The copies that a page touches, each once, in the state in which the page leaves it."""

    def __init__(self, known: Known, poll: Poll, decided: Plan) -> None:
        self.known = known
        self.poll = poll
        self.plan = decided
        self.touched: dict[tuple[str, str], CopyPlan] = {}
        self.by_key: dict[tuple[str, str], CopyPlan] = {}
        self.acts: dict[tuple[str, str], set[str]] = {}
        self.entered: set[int] = set()

    def add(self, page: Page) -> None:
        for seen in page.meetings:
            if self._forgotten(seen):
                self.plan.listed.add(seen.provider_id)
                self.plan.settled.add(seen.provider_id)
            elif seen.evidence is Evidence.SNAPSHOT:
                self._snapshot(seen)
            else:
                self._act(seen)
        for seen in page.far:
            if self._is_stored(seen) and not self._forgotten(seen):
                self._snapshot(seen)
        shown = {seen.provider_id for seen in (*page.meetings, *page.far)}
        if self.poll.calendar:
            for provider_id in page.removed:
                if provider_id not in shown:
                    self._removed(provider_id)

    def _is_stored(self, seen: MeetingSeen) -> bool:
        place = (self.poll.calendar or seen.calendar_id, seen.provider_id)
        return place in self.known.copies or place in self.touched

    def _forgotten(self, seen: MeetingSeen) -> bool:
        named = (seen.organizer, seen.actor, seen.sent_by, *(one.address for one in seen.guests))
        names = (seen.organizer_name, *(one.name for one in seen.guests))
        return names_forgotten(self.known, named, (seen.subject, seen.series_uid, *names))

    def _snapshot(self, seen: MeetingSeen) -> None:
        calendar = self.poll.calendar or seen.calendar_id
        self.plan.listed.add(seen.provider_id)
        self.plan.settled.add(seen.provider_id)
        copy, known = self._copy(seen, calendar)
        first = known is None and not copy.fingerprint
        if first and seen.stub and seen.status is Status.REMOVED:
            self._leave(copy)
            return
        if not first and self._late(copy, seen):
            return
        after = self._changed_after(seen, known, first=first)
        if seen.status is not Status.HIDDEN:
            self._vouch(copy)
        copy.gone, copy.true_at = False, seen.true_at
        if seen.updated_at is not None:
            copy.updated_at, copy.updated_exact = seen.updated_at, seen.updated_exact
        print_ = fingerprint(seen)
        if print_ == copy.fingerprint:
            return
        self.plan.missed |= not first and self._missed(seen, known)
        copy.fingerprint, copy.status, copy.changed = print_, seen.status, True
        if not seen.stub:
            copy.subject = seen.subject or copy.subject
            copy.start_at, copy.end_at, copy.all_day = seen.start_at, seen.end_at, seen.all_day
            copy.detailed = True
            if seen.series_uid:
                copy.series_uid, copy.recurrence_id = seen.series_uid, seen.recurrence_id
        self.plan.observations.append(ObservationPlan(copy, seen, after, copy.subject))

    def _missed(self, seen: MeetingSeen, known: KnownCopy | None) -> bool:
        """Should the deltas have told this change? Whether Google's tell answers is not documented."""
        since = self.poll.stream_sure_at
        return (
            self.poll.kind == "backfill"
            and self.poll.comparable
            and since is not None
            and known is not None
            and known.status not in _UNSEEN
            and seen.provider_id not in self.known.pending
            and known.sure_at is not None
            and known.sure_at < since - _TARDY
            and seen.updated_at is not None
            and seen.updated_at < since - _TARDY
        )

    def _late(self, copy: CopyPlan, seen: MeetingSeen) -> bool:
        """A page that was long under way: the provider changed this item since it was made."""
        return (
            seen.updated_at is not None
            and copy.updated_at is not None
            and seen.updated_exact == copy.updated_exact
            and seen.updated_at < copy.updated_at
        )

    def _removed(self, provider_id: str) -> None:
        known = self.known.copies.get((self.poll.calendar, provider_id))
        self.plan.settled.add(provider_id)
        copy = self.touched.get((self.poll.calendar, provider_id))
        if copy is None:
            if known is None:
                return
            copy = self._touch(known)
        self._tell(copy, known, Status.REMOVED)

    def vanished(self, known: KnownCopy) -> None:
        """A completed round that should have held this copy did not."""
        self._tell(self._touch(known), known, Status.VANISHED)

    def _tell(self, copy: CopyPlan, known: KnownCopy | None, status: Status) -> None:
        """Append that the copy is gone, once."""
        gone = MeetingSeen(
            copy.provider_id,
            copy.calendar_id,
            copy.series_uid,
            copy.recurrence_id,
            status,
            stub=True,
        )
        after = self._changed_after(gone, known, first=False)
        if status is not Status.VANISHED:
            # Where it is now, and since when, a listing that does not hold it cannot say: it may
            # have been moved out of the window.
            self._vouch(copy)
        copy.gone = True
        print_ = fingerprint(gone)
        if print_ != copy.fingerprint:
            copy.fingerprint, copy.status, copy.changed = print_, status, True
            self.plan.observations.append(ObservationPlan(copy, gone, after, copy.subject))

    def _act(self, seen: MeetingSeen) -> None:
        key = (seen.series_uid, seen.recurrence_id)
        stored = self.acts.setdefault(key, set(self.known.acts.get(key, ())))
        act = act_key(seen)
        if act in stored:
            return
        stored.add(act)
        copy = self._copy_of_act(seen, key)
        copy.changed = True
        if seen.subject and not copy.subject:
            copy.subject = seen.subject
        if copy.acts_only and seen.start_at is not None:
            copy.start_at, copy.end_at, copy.all_day = seen.start_at, seen.end_at, seen.all_day
            copy.detailed = True
        if copy.acts_only:
            copy.status = seen.status
        # A dated act needs no bound, and a mail may be read long after it came.
        self.plan.observations.append(ObservationPlan(copy, seen, None, seen.subject, act))

    def _copy_of_act(self, seen: MeetingSeen, key: tuple[str, str]) -> CopyPlan:
        if key in self.by_key:
            return self.by_key[key]
        stored = self.known.by_key.get(key, ())
        for known in sorted(stored, key=lambda one: one.calendar_id != seen.calendar_id):
            return self._touch(known)
        copy = CopyPlan(None, seen.calendar_id, key_of(*key), *key, acts_only=True)
        return self._enter(copy)

    def _copy(self, seen: MeetingSeen, calendar: str) -> tuple[CopyPlan, KnownCopy | None]:
        """The copy of a snapshot: touched already, stored, known by acts alone, or new."""
        place = (calendar, seen.provider_id)
        known = self.known.copies.get(place)
        if place in self.touched:
            return self.touched[place], known
        if known is not None:
            return self._touch(known), known
        key = (seen.series_uid, seen.recurrence_id)
        if seen.series_uid:
            adopted = self.by_key.get(key)
            if adopted is None or not adopted.acts_only:
                orphan = next(
                    (one for one in self.known.by_key.get(key, ()) if one.acts_only), None
                )
                adopted = self._touch(orphan) if orphan is not None else None
            if adopted is not None and adopted.acts_only:
                self.touched.pop((adopted.calendar_id, adopted.provider_id), None)
                adopted.calendar_id, adopted.provider_id = place
                adopted.acts_only, adopted.changed = False, True
                return self._enter(adopted), None
        # A stub of something never seen may carry nothing but its id: it must not be taken for
        # the same meeting as other such stubs.
        series = seen.series_uid or f"id:{seen.provider_id}"
        return self._enter(
            CopyPlan(None, *place, series, seen.recurrence_id, acts_only=False, changed=True)
        ), None

    def _touch(self, known: KnownCopy) -> CopyPlan:
        place = (known.calendar_id, known.provider_id)
        if place in self.touched:
            return self.touched[place]
        return self._enter(
            CopyPlan(
                known.meeting_id,
                *place,
                known.series_uid,
                known.recurrence_id,
                acts_only=known.acts_only,
                status=known.status,
                subject=known.subject,
                updated_at=known.updated_at,
                updated_exact=known.updated_exact,
                fingerprint=known.fingerprint,
                sure_at=known.sure_at,
            )
        )

    def _enter(self, copy: CopyPlan) -> CopyPlan:
        place = (copy.calendar_id, copy.provider_id)
        if id(copy) not in self.entered:
            self.entered.add(id(copy))
            self.plan.copies.append(copy)
        self.touched[place] = copy
        self.by_key.setdefault((copy.series_uid, copy.recurrence_id), copy)
        return copy

    def _leave(self, copy: CopyPlan) -> None:
        """Something unknown is gone: an event outside the window, say. Nothing to remember."""
        self.plan.copies.remove(copy)
        self.entered.discard(id(copy))
        self.touched.pop((copy.calendar_id, copy.provider_id), None)
        self.by_key.pop((copy.series_uid, copy.recurrence_id), None)

    def _vouch(self, copy: CopyPlan) -> None:
        """The state is what the round shows, so it was true at or after the round's beginning."""
        if self.poll.kind != "import":
            copy.sure_at = max(self.poll.began_at, copy.sure_at or 0)

    def _changed_after(
        self, seen: MeetingSeen, known: KnownCopy | None, *, first: bool
    ) -> int | None:
        """The latest moment at which the state before this one surely still held; None: unknown.

        - It is the *beginning* of an earlier poll, because a page may be read long before its
          round is complete, and of the whole round, because a round may be cut off and go on.
        - A cursor round vouches for what it does not show, unless its deltas are known to leave
          things out. Where an explicit listing finds a difference, the cursor has missed it, and
          only an earlier listing of this very item counts; and so for an item that could not be
          fetched.
        - What had vanished from a listing was somewhere else meanwhile, where nothing was seen; and
          of what was hidden no poll saw anything, though it was listed.
        - A file is as old as its export, which we do not know.
        - With other parameters the difference may be ours.
        - What we see for the first time may be old, unless it was created since.
        """
        if self.poll.kind == "import" or not self.poll.comparable:
            return None
        stream = self.poll.stream_sure_at if self.poll.kind in CURSOR_KINDS else None
        if first:
            created = seen.created_at
            if stream is None or created is None or created < stream:
                return None
            return stream
        own = known.sure_at if known is not None else None
        unseen = known is not None and known.status in _UNSEEN
        if not self.poll.complete_deltas or unseen or seen.provider_id in self.known.pending:
            stream = None
        bounds = [bound for bound in (own, stream) if bound is not None]
        return max(bounds) if bounds else None


def _sane_record(record: AttendanceSeen) -> AttendanceSeen:
    return replace(record, participants=tuple(sorted(record.participants, key=repr)))


def _settle(page: Page, decided: Plan) -> None:
    """What no longer waits, and what failed. A page's own records win over its own failures."""
    decided.settled.update(page.retracted)
    if page.removed:
        decided.settled.update(page.removed)
    for failure in page.failed:
        if failure.gone:
            decided.settled.add(failure.provider_id)
        elif failure.provider_id not in decided.settled:
            decided.failures.append(failure)
            decided.listed.add(failure.provider_id)
    for provider_id in decided.settled:
        decided.pending.pop(provider_id, None)
