"""Which mails and meetings must be read to judge some contacts as if all had been read?

The contacts' *inner* groups (their organisations, and of whom one word of the user speaks together with
them) with all their conversations and series; then, as whole, the *outer* groups that stand in these:
how a mail of theirs is to be taken depends on all of theirs. Beside that single facts that decide
something by being there: of our letters the equal ones of a day, what else stood in our calendars at an
hour, an entry by its title, a list by its own word, how far each mailbox tells. Whatever is read beyond
what was needed changes nothing; docs/decisions/0067.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

import pandas as pd

from connectors.model import mail_links
from connectors.model.wanted import Circle, Grouping, Wanted
from connectors.store.read import beside
from connectors.store.read.lookups import Lookups
from connectors.store.tables.facts import NAMED, PECULIAR

#: Where addresses stand: table and column, each indexed (of the last three only the filled ones).
_ADDRESSES = (
    ("messages", "from_address"),
    ("recipients", "address"),
    ("attendees", "address"),
    ("participants", "address"),
    ("contacts_memory", "address"),
    ("observations", "organizer"),
    ("messages", "sender_address"),
    ("observations", "actor"),
    ("observations", "sent_by"),
)
#: Who stands in a mail, and in an entry.
_IN_MAILS = (
    "SELECT DISTINCT from_address FROM messages WHERE message_id IN {among}",
    "SELECT DISTINCT sender_address FROM messages WHERE message_id IN {among}",
    "SELECT DISTINCT address FROM recipients WHERE message_id IN {among}",
)
_IN_ENTRIES = (
    "SELECT DISTINCT a.address FROM observations o"
    " JOIN attendees a ON a.observation_id = o.observation_id WHERE o.meeting_id IN {among}",
    *(
        "SELECT DISTINCT {column} FROM observations WHERE meeting_id IN {among}".replace(
            "{column}", one
        )
        for one in ("organizer", "actor", "sent_by")
    ),
)
_IN_RECORDS = (
    "SELECT DISTINCT p.address FROM attendance a JOIN participants p ON p.record_id = a.record_id"
    " WHERE a.series_uid IN {among}"
)

#: The mails with one of these links, sorted or new (connectors.store.write.mail_links).
_LINKED = (
    "SELECT message_id FROM mail_links WHERE link IN {among}"
    " UNION ALL SELECT message_id FROM new_mail_links WHERE link IN {among}"
)


def find(
    lookups: Lookups, wanted: Wanted, tags: pd.DataFrame, known: Callable[[str], str]
) -> Circle:
    """The circle of these contacts. tags: by TAGS; known: puts what is known of the moment into a query."""
    return _Finder(lookups, wanted, wanted.grouping(tags), known).circle()


class _Finder:
    def __init__(
        self, lookups: Lookups, wanted: Wanted, group: Grouping, known: Callable[[str], str]
    ) -> None:
        self.lookups, self.wanted, self.group, self.known = lookups, wanted, group, known

    def circle(self) -> Circle:
        inner = {self.group(one) for one in self.wanted.contacts} - {""}
        while True:
            mails, entries = self._mails_of(inner), self._entries_of(inner, ())
            uids = self._uids(entries)
            entries = self._of_series(uids)
            spoken = beside.spoken_of(self.lookups, entries)
            more = self._groups_in((), spoken) - inner
            if not more:
                break
            inner |= more
        letters, own = set(mails), (entries, uids)
        outer = inner | self._groups_in(mails, entries, uids)
        mails = self._mails_of(outer)
        entries = self._of_series(self._uids(self._entries_of(outer, mails)) | uids)
        entries |= self._of_series(self._named_by(mails)) | spoken
        uids = self._uids(entries)
        mails |= self._telling_of(entries, uids)
        # Of the others it is asked how their mails are to be taken, not whom a record accuses.
        beside_them = beside.at_the_hour(self.lookups, *own)
        beside_them |= beside.in_their_place(self.lookups, entries)
        mails |= beside.equal_letters(self.lookups, letters, self._ours, self.wanted.zone)
        mails |= self._answers | beside.ends_of_mailboxes(self.lookups, self.known)
        beside_them |= beside.called(self.lookups, mails, self.wanted)
        entries |= self._of_series(self._uids(beside_them)) | beside.first_entries(self.lookups)
        who = self._addresses(outer)
        return Circle(mails, entries, self._uids(entries) | self._recorded(who), who)

    # -- whose is an address --------------------------------------------------------------------

    @cached_property
    def _by_group(self) -> dict[str, list[str]]:
        """The addresses of each group that any fact names; those of "" are ours."""
        found: dict[str, list[str]] = {}
        every: set[str] = set()
        for table, column in _ADDRESSES:
            every |= self.lookups.distinct(table, column)
        for one in every:
            found.setdefault(self.group(one), []).append(one)
        return found

    @cached_property
    def _ours(self) -> set[str]:
        # A list of nobody finds nothing, not even what lies among sent mail.
        return set(self._by_group.get("", ())) or {""}

    def _addresses(self, groups: set[str]) -> set[str]:
        return {one for name in groups for one in self._by_group.get(name, ())}

    def _groups_in(
        self, mails: Iterable[int], entries: Iterable[int], uids: Iterable[str] = ()
    ) -> set[str]:
        """The groups of the persons who stand in these mails, entries and records."""
        named: set[str] = set()
        for queries, among in (
            (_IN_MAILS, set(mails)),
            (_IN_ENTRIES, set(entries)),
            ((_IN_RECORDS,), set(uids)),
        ):
            for query in queries:
                named |= self.lookups.firsts(query, among=among)
        machine = self.wanted.machine
        return {self.group(one) for one in named if one and not machine(one)} - {""}

    # -- mails ----------------------------------------------------------------------------------

    def _mails_of(self, groups: set[str]) -> set[int]:
        """All conversations in which one of these groups stands."""
        who = self._addresses(groups)
        ask = self.lookups.firsts
        found = ask("SELECT message_id FROM messages WHERE from_address IN {among}", among=who)
        found |= ask(
            "SELECT message_id FROM messages WHERE {filled} AND sender_address IN {among}",
            among=who,
            filled=NAMED.format("sender_address"),
        )
        found |= ask("SELECT message_id FROM recipients WHERE address IN {among}", among=who)
        for name in groups:
            found |= self._told.get(name, set())
        return self._whole(found)

    def _whole(self, mails: set[int]) -> set[int]:
        """These mails with their whole conversations."""
        found, new, seen = set(mails), set(mails), set[int]()
        while new:
            links = self._links(new) - seen
            seen |= links
            new = self.lookups.firsts(_LINKED, among=links)
            new -= found
            found |= new
        return found

    def _links(self, mails: set[int]) -> set[int]:
        query = (
            "SELECT mailbox_id, thread_id, message_key, in_reply_to, reference_keys"
            " FROM messages WHERE message_id IN {among}"
        )
        found: set[int] = set()
        for box, thread, own, answered, named in self.lookups.rows(query, among=mails):
            found |= mail_links.asked(box, thread, own, answered, named)
        return found

    def _telling_of(self, entries: set[int], uids: set[str]) -> set[int]:
        """The mails that name these series, or whose calendar part told of these entries."""
        found = self.lookups.firsts(
            "SELECT message_id FROM messages WHERE {filled} AND meeting_uid IN {among}",
            among=uids,
            filled=NAMED.format("meeting_uid"),
        )
        keys = self.lookups.firsts(
            "SELECT message_key FROM observations WHERE meeting_id IN {among} AND message_key <> ''",
            among=entries,
        )
        return found | self.lookups.firsts(
            _LINKED, among=mail_links.asked(0, "", "", "", " ".join(keys))
        )

    @cached_property
    def _peculiar(self) -> list[tuple[int, str, str]]:
        """The mails that tell of somebody in words: number, subject, headers and From as one of them."""
        query = (
            "SELECT message_id, subject, headers || '\nfrom: ' || from_address FROM messages"
            " WHERE {peculiar}"
        )
        return [
            (int(row[0]), str(row[1]), str(row[2]))
            for row in self.lookups.rows(query, peculiar=PECULIAR)
        ]

    @cached_property
    def _told(self) -> dict[str, set[int]]:
        """The mails whose headers name somebody of each group."""
        found: dict[str, set[int]] = {}
        for number, _, headers in self._peculiar:
            for name in {self.group(one) for one in beside.named_in(headers)} - {""}:
                found.setdefault(name, set()).add(number)
        return found

    @cached_property
    def _answers(self) -> set[int]:
        """What may be an answer or a call by mail, with all its copies."""
        return self._whole({one for one, subject, _ in self._peculiar if beside.to_noshow(subject)})

    # -- entries --------------------------------------------------------------------------------

    def _entries_of(self, groups: set[str], mails: Iterable[int]) -> set[int]:
        """The entries in which one of these groups stands, and of which one of these mails told."""
        who = self._addresses(groups)
        ask = self.lookups.firsts
        found = ask(
            "SELECT DISTINCT o.meeting_id FROM attendees a"
            " JOIN observations o ON o.observation_id = a.observation_id WHERE a.address IN {among}",
            among=who,
        )
        for column in ("organizer", "actor", "sent_by"):
            found |= ask(
                "SELECT meeting_id FROM observations WHERE {filled} AND {column} IN {among}",
                among=who,
                filled=NAMED.format(column),
                column=column,
            )
        keys = ask("SELECT message_key FROM messages WHERE message_id IN {among}", among=set(mails))
        found |= ask(
            "SELECT meeting_id FROM observations WHERE message_key <> '' AND message_key IN {among}",
            among=keys - {""},
        )
        return found | self._of_series(self._recorded(who))

    def _recorded(self, who: set[str]) -> set[str]:
        """The series of whose calls a record names one of these addresses."""
        return self.lookups.firsts(
            "SELECT DISTINCT a.series_uid FROM participants p"
            " JOIN attendance a ON a.record_id = p.record_id WHERE p.address IN {among}",
            among=who,
        )

    def _uids(self, entries: set[int]) -> set[str]:
        query = "SELECT DISTINCT series_uid FROM meetings WHERE meeting_id IN {among}"
        return self.lookups.firsts(query, among=entries)

    @cached_property
    def _boxes(self) -> str:
        found = self.lookups.rows("SELECT mailbox_id FROM mailboxes")
        return ", ".join(str(int(row[0])) for row in found) or "-1"

    def _of_series(self, uids: set[str]) -> set[int]:
        """All entries of these series, in whatever mailbox."""
        return self.lookups.firsts(
            "SELECT meeting_id FROM meetings WHERE mailbox_id IN ({boxes}) AND series_uid IN {among}",
            among=uids,
            boxes=self._boxes,
        )

    def _named_by(self, mails: set[int]) -> set[str]:
        query = "SELECT DISTINCT meeting_uid FROM messages WHERE message_id IN {among} AND meeting_uid <> ''"
        return self.lookups.firsts(query, among=mails)
