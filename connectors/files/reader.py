"""How do files become pages of facts? The one entry of an import.

Calendars first (so that an act upon "this and all later" occurrences finds them), then mails, then
calls. Reading the same files again yields the same records; the cursor of a page lets a stopped
import go on behind it, and the last one remembers how new each calendar's export was.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import tzinfo
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from config.errors import ConfigError, Stopped
from config.hired import without_collector
from connectors.files import archive, call_list, vouching
from connectors.files.bounded import DAMAGED, why
from connectors.files.containers import Source
from connectors.files.file_kinds import Kind
from connectors.files.ical import calendar_file, itip_occurrences
from connectors.files.ical.recurrence import Budget
from connectors.files.mail import mbox, side_by_side
from connectors.files.mail import message as mail
from connectors.files.mail.folders import maildir_flags
from connectors.files.mail.readings import EMPTY, MailReader, Reading
from connectors.files.place_in_files import State
from connectors.files.problems import Lost, Problem, Progress, Reach, Report, shown
from connectors.interfaces import Page, Window
from connectors.model import normal_forms
from connectors.model.records import Call, MeetingSeen, MessageSeen

#: A store pays for each page, the more the larger it is; a stop waits for the end of one.
PAGE = 16_000
#: So many exports of one calendar are known again; older ones are named when they come back.
_REMEMBERED = 100
_LARGEST_EML = 64 << 20


def read(
    paths: Sequence[str | Path],
    *,
    me: tuple[str, ...],
    zone: str,
    horizon: Window,
    problems: Report,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    cursor: str | None = None,
    known: itip_occurrences.Known | None = None,
    reach: Reach | None = None,
    now: int | None = None,
) -> Iterator[Page]:
    """Pages of meetings, mails and calls from files, folders and zips.

    `me`: the owner's addresses and aliases. `zone`: IANA name, for times without one. `horizon`
    bounds the occurrences of calendars; mails are read whatever their age. `problems` is called
    for all that could not be read. `cursor`: of the last stored page. `known`: recurrence ids of a
    series that the store holds already, sorted. `reach` is told until when the files can tell.
    `now` [µs UTC]: a mail dated later bears no date; by default the end of the horizon.

    Raises ConfigError for a zone that is none, Stopped after a page when asked to stop.
    """
    try:
        floating = ZoneInfo(zone)
    except (LookupError, ValueError, OSError) as error:
        raise ConfigError(
            f"{zone!r} is no time zone", hint="write it like Europe/Berlin"
        ) from error
    owner = frozenset(filter(None, (normal_forms.address(one) for one in me)))
    yield from _Import(
        owner,
        floating,
        horizon,
        problems,
        progress,
        should_stop,
        State.parse(cursor),
        known,
        reach,
        now,
    ).pages(paths)


class _Import:
    def __init__(
        self,
        me: frozenset[str],
        floating: tzinfo,
        horizon: Window,
        problems: Report,
        progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
        state: State,
        known: itip_occurrences.Known | None,
        reach: Reach | None,
        now: int | None,
    ) -> None:
        self._me = me
        self._floating = floating
        self._horizon = horizon
        self._problems = problems
        self._progress = progress
        self._should_stop = should_stop or (lambda: False)
        self._state = state
        self._known = known
        self._latest = horizon.end if now is None else min(now, horizon.end)
        self._reach = reach if reach is not None else Reach()
        state.tell(self._reach)
        self._named = vouching.Named(self._report)
        self._crew = side_by_side.Crew()
        self._reading: Source | None = None
        self._occurrences: dict[str, list[str]] = defaultdict(list)
        self._count = {"in": 0, "out": 0, "records": 0, "problems": 0}
        self._passed = self._total = 0
        self._meetings: list[MeetingSeen] = []
        self._messages: list[MessageSeen] = []
        self._calls: list[Call] = []

    def pages(self, paths: Sequence[str | Path]) -> Iterator[Page]:
        with ExitStack() as stack:
            stack.callback(self._crew.close)
            made = self._all(archive.sources(paths, self._report, stack))
            while True:
                with without_collector():
                    page = next(made, None)
                if page is None:
                    return
                yield page

    def _all(self, sources: list[Source]) -> Iterator[Page]:
        self._total = sum(source.size for source in sources)
        yield from self._calendars([one for one in sources if one.kind is Kind.ICS])
        done = set(self._state.done)
        for source in sources:
            if source.kind is Kind.ICS:
                continue
            if source.key in done:
                self._passed += source.size
                continue
            self._reading = source
            try:
                yield from self._source(source)
            except DAMAGED as error:
                self._failed(source, error)
            self._named.end_file(source)
            self._state.done.append(source.key)
            self._state.at = None
            self._finished(source)
            if self._full():
                yield from self._page()
        self._named.end()
        # The next import begins anew, but still knows how new each calendar was.
        self._state = State(self._state.exports)
        yield self._take(last=True)

    def _report(self, problem: Problem) -> None:
        self._count["problems"] += 1
        if problem.lost is Lost.FILE:
            self._reach.lose(problem.place, problem.reason, problem.until)
        elif problem.lost is Lost.MESSAGE and self._reading is not None:
            until = self._reading.written if problem.until is None else problem.until
            self._reach.lose(self._reading.place, problem.reason, until)
        self._problems(problem)

    def _failed(self, source: Source, error: BaseException) -> None:
        reason = f"could not be read to its end: {why(error)}"
        self._report(Problem(source.place, reason, Lost.FILE, until=source.written))

    def _tell(self, source: Source, done: int) -> None:
        if self._progress is not None:
            count = self._count
            self._progress(
                Progress(
                    source.place,
                    min(done, source.size),
                    source.size,
                    count["in"],
                    count["out"],
                    count["records"],
                    count["problems"],
                    self._passed + min(done, source.size),
                    self._total,
                )
            )

    def _finished(self, source: Source) -> None:
        self._reach.whole.add(shown(source.place))
        self._tell(source, source.size)
        self._passed += source.size

    def _full(self) -> bool:
        return len(self._messages) + len(self._meetings) + len(self._calls) >= PAGE

    def _take(self, *, last: bool = False) -> Page:
        if not last:
            self._state.hear(self._reach)
        page = Page(
            meetings=tuple(self._meetings),
            messages=tuple(self._messages),
            calls=tuple(self._calls),
            cursor=self._state.text(),
            last=last,
        )
        self._meetings, self._messages, self._calls = [], [], []
        return page

    def _page(self) -> Iterator[Page]:
        """What has gathered, then a chance to stop: all behind this page will be read again."""
        yield self._take()
        if self._should_stop():
            raise Stopped("the import was stopped", hint="run it again: it goes on where it was")

    def _exports(self, sources: list[Source]) -> list[tuple[Source, calendar_file.Export]]:
        """What can be read of them. Several exports of one calendar: the older first, whatever their names."""
        exports = []
        for source in sources:
            try:
                export = self._calendar(source)
            except DAMAGED as error:
                self._failed(source, error)
                export = None
            if export is None:
                self._finished(source)
            else:
                exports.append((source, export))
        exports.sort(key=lambda pair: pair[1].moment)
        calendar_file.continued([export for _, export in exports])
        return exports

    def _calendars(self, sources: list[Source]) -> Iterator[Page]:
        exports = self._exports(sources)
        for source, export in exports:
            if not self._outdated(export):
                for meeting in export.meetings(self._horizon, Budget(), self._report):
                    self._see(meeting, export)
                    if self._full():
                        yield from self._page()
                self._read(export)
            self._finished(source)
        for _, export in exports:
            for act in export.acts(self._me, self._later, self._latest, self._report):
                self._meetings.append(act)
                self._learn(act)
                self._count["records"] += 1
                if self._full():
                    yield from self._page()
        if self._meetings:
            yield from self._page()

    def _outdated(self, export: calendar_file.Export) -> bool:
        """Was a newer export of this calendar read? Then this one would take its news back."""
        read = self._state.exports.get(export.calendar_id, [])
        if not export.snapshot or export.moment >= max(read, default=0):
            return False
        if export.moment not in read:
            reason = "an older export of a calendar that was read already: nothing is taken"
            hint = "if it is another calendar, give the file another name"
            self._report(Problem(export.place, reason, Lost.OLDER, hint))
        return True

    def _read(self, export: calendar_file.Export) -> None:
        if export.snapshot:
            read = {*self._state.exports.get(export.calendar_id, ()), export.moment}
            self._state.exports[export.calendar_id] = sorted(read)[-_REMEMBERED:]
            self._reach.see_calendar(export.continued_by, export.seen_to, export.seen_to)

    def _calendar(self, source: Source) -> calendar_file.Export | None:
        largest, data = calendar_file.LARGEST, b""
        if source.size <= largest or not source.exact:
            with source.open() as stream:
                data = stream.read(largest + 1)
        if not 0 < len(data) <= largest and source.size:
            reason = "a calendar that is too large"
            self._report(Problem(source.place, reason, Lost.FILE, until=source.written))
            return None
        return calendar_file.read(
            data,
            place=source.place,
            written=source.written,
            me=self._me,
            floating=self._floating,
            report=self._report,
        )

    def _see(self, meeting: MeetingSeen, export: calendar_file.Export) -> None:
        self._meetings.append(meeting)
        if meeting.start_at is not None and meeting.start_at < export.seen_to:
            self._reach.see_calendar(export.continued_by, meeting.start_at, export.seen_to)
        self._count["records"] += 1
        self._learn(meeting)

    def _learn(self, meeting: MeetingSeen) -> None:
        """An occurrence that is there, for the acts upon it and all later ones."""
        if meeting.recurrence_id and meeting.start_at is not None:
            known = self._occurrences[meeting.series_uid]
            if not known or known[-1] < meeting.recurrence_id:
                known.append(meeting.recurrence_id)
            elif meeting.recurrence_id not in known:
                insort(known, meeting.recurrence_id)

    def _later(self, series_uid: str) -> Sequence[str]:
        """The known occurrences of a series, from these calendars and from the store, sorted."""
        here = self._occurrences.get(series_uid, [])
        stored = self._known(series_uid) if self._known is not None else ()
        return sorted({*here, *stored}) if stored else here

    def _source(self, source: Source) -> Iterator[Page]:
        if source.kind is Kind.CALLS:
            with source.open() as stream:
                data = stream.read(call_list.LARGEST)
            found = call_list.read(
                data, place=source.place, floating=self._floating, report=self._report
            )
            for call in found:
                self._calls.append(call)
                self._count["records"] += 1
                if self._full():
                    yield from self._page()
        elif source.kind is Kind.EML:
            self._one_mail(source)
        else:
            yield from self._mailbox(source)

    def _context(self, source: Source) -> mail.Context:
        return mail.Context(
            source.place,
            self._me,
            self._floating,
            source.parts,
            maildir_flags(source.parts[-1]),
            self._later,
            self._latest,
        )

    def _take_mail(self, reading: Reading) -> None:
        for problem in reading.problems:
            self._report(problem)
        if reading.message is not None:
            self._messages.append(reading.message)
            self._count["out"] += 1
            written = self._reading.written if self._reading is not None else None
            vouching.see(self._reach, reading, written)
            self._named.see(reading)
        if reading.acts:
            self._meetings += reading.acts
            self._count["records"] += len(reading.acts)
            for act in reading.acts:
                self._learn(act)

    def _one_mail(self, source: Source) -> None:
        with source.open() as stream:
            data = stream.read(_LARGEST_EML)
        if source.parts[-1].lower().endswith(".emlx"):
            data = mbox.of_apple(data)
        self._count["in"] += 1
        self._take_mail(MailReader(self._context(source), self._report).read(mbox.one(data)))

    def _mailbox(self, source: Source) -> Iterator[Page]:
        offset = number = 0
        if self._state.at is not None and self._state.at[0] == source.key:
            _, offset, number = self._state.at
        context = self._context(source)
        reader = MailReader(context, self._report)
        with source.open() as stream:
            _skip(stream, offset, seekable=source.seekable)
            splitter = mbox.Splitter(stream, number=number, offset=offset)
            for raw, reading in self._crew.each(splitter.messages(), context, source.size):
                if self._full():
                    # This message is the first one behind the page.
                    self._state.at = (source.key, raw.offset, raw.number - 1)
                    self._tell(source, raw.offset)
                    yield from self._page()
                self._count["in"] += raw.size >= EMPTY
                self._take_mail(reader.of_mailbox(raw) if reading is None else reading)
            if splitter.junk and splitter.count == 0:
                reason = "no mail in it (no From line)"
                self._report(Problem(source.place, reason, Lost.FILE, until=source.written))
            elif splitter.junk:
                reason = f"{splitter.junk} bytes before the first message"
                lost = Lost.MESSAGE if splitter.headed else Lost.DETAIL
                self._count["in"] += splitter.headed
                self._report(Problem(source.place, reason, lost))


def _skip(stream: IO[bytes], offset: int, *, seekable: bool) -> None:
    if seekable:
        stream.seek(offset)
        return
    while offset > 0:
        block = stream.read(min(offset, mbox.BLOCK))
        if not block:
            return
        offset -= len(block)
