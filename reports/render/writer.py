"""What do all parts of mail and page need in order to write: words, days, names, ids, answers?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from zoneinfo import ZoneInfo

import pandas as pd
from babel.dates import get_timezone_location, get_timezone_name

from config.sentences import Sentence, filled, mark
from reports.claims import Claim
from reports.render.document import Action, Line, Run, compose
from reports.render.language.catalogues import catalogue, customs
from reports.render.language.days import Days
from reports.weekly import links
from reports.weekly.person import Who
from reports.weekly.report import Answered, WeeklyReport

#: Words that stand before a name and are none.
_TITLES = re.compile(r"(?i)^(dr|prof|mr|mrs|ms|mx|herr|frau|dipl|ing|sir|dame|lord|lady)\.?$")
_GIVEN = re.compile(r"[^\W\d_][\w'’-]+")
_COUNTS = (
    mark("one"), mark("two"), mark("three"), mark("four"), mark("five"),
    mark("six"), mark("seven"), mark("eight"), mark("nine"), mark("ten"),
)  # fmt: skip
#: More names than this are counted.
MOST_NAMES = 3


class Pen:
    """What all parts need to write: the report, its language, its days, its ids.

    `page` is the address of this report's page, "" where it has none; `attached`: the mail holds it.
    """

    def __init__(self, report: WeeklyReport, *, page: str = "", attached: bool = False) -> None:
        self.report = report
        self.page, self.attached = page, attached
        self.days = Days(report.zone, report.language, report.as_of)
        self._catalogue = catalogue(report.language)
        self._customs = customs(report.language)

    # -- sentences ----------------------------------------------------------------------------

    def say(self, text: str, **places: str) -> str:
        """The sentence in the reader's language, its `{places}` filled."""
        return filled(self._catalogue.gettext(text), places)

    def say_as(self, meaning: str, text: str) -> str:
        """A word that stands in more than one sentence; `meaning` tells translators in which."""
        return self._catalogue.pgettext(meaning, text)

    def plural(self, one: str, many: str, count: int, **places: str) -> str:
        """The sentence of this count; `{count}` is the count itself, written as a number."""
        template = self._catalogue.ngettext(one, many, count)
        return filled(template, {"count": self.days.number(count), **places})

    def told(self, text: str) -> str:
        """What a job or detection tells, in the reader's language where it is a Sentence."""
        if not isinstance(text, Sentence):
            return text
        places = {
            name: self.told(value) if isinstance(value, str) else self.days.of_date(value)
            for name, value in text.places.items()
        }
        if text.many:
            return filled(self._catalogue.ngettext(text.one, text.many, text.number), places)
        return filled(self._catalogue.gettext(text.one), places)

    def rich(self, text: str, **places: str | Run | Sequence[Run]) -> Line:
        """The sentence as a line, whose places keep their weight and their links."""
        return compose(self._catalogue.gettext(text), **places)

    def rich_plural(
        self, one: str, many: str, count: int, **places: str | Run | Sequence[Run]
    ) -> Line:
        """The sentence of this count as a line, `{count}` written as a number."""
        template = self._catalogue.ngettext(one, many, count)
        return compose(template, **{"count": self.days.number(count), **places})

    def listed(self, parts: Sequence[str]) -> str:
        """`a`, `a and b`, `a, b and c`"""
        if len(parts) < 2:
            return "".join(parts)
        return self.say("{some} and {last}", some=", ".join(parts[:-1]), last=parts[-1])

    def clauses(self, parts: Sequence[str]) -> str:
        """`a; b; c`"""
        if len(parts) < 2:
            return "".join(parts)
        return self.say("{some}; {last}", some=self.clauses(parts[:-1]), last=parts[-1])

    def names(self, whos: Sequence[Who], most: int = MOST_NAMES) -> str:
        """First names as a list, the others counted: `Tom, Ines and 4 more`."""
        given = list(dict.fromkeys(self.given(who) for who in whos))
        over = len(given) - most
        if over <= 0:
            return self.listed(given)
        shown = ", ".join(given[:most])
        return self.plural(
            "{names} and {count} more", "{names} and {count} more", over, names=shown
        )

    def counted(self, number: int) -> str:
        """`six`; digits from eleven on."""
        return self.say(_COUNTS[number - 1]) if 0 < number <= 10 else self.days.number(number)

    # -- names and places ---------------------------------------------------------------------

    def given(self, who: Who) -> str:
        """How the reader calls them: the first name where it is one that no other here has, else all."""
        first = _first(who)
        return who.name if len(self._bearers.get(first.casefold(), ())) > 1 else first

    @cached_property
    def _bearers(self) -> dict[str, set[str]]:
        """By what one would call them: the addresses of all whom the report has something to say of."""
        report = self.report
        listed = [one for one in report.people if one.tier]
        whos = [one.who for one in listed]
        whos += [one.step_who for one in listed if one.step_who is not None]
        whos += [one.who for one in report.owed]
        whos += [one.who for one in report.questions]
        whos += [one.who for one in report.coming]
        found: dict[str, set[str]] = {}
        for who in whos:
            found.setdefault(_first(who).casefold(), set()).add(who.address)
        return found

    def called(self, who: Who) -> str:
        """How a letter greets them and signs for the owner: `Petra`, in German `Petra Voss`."""
        return who.alone if self._customs.whole_names else _first(who)

    def zone(self, at: pd.Timestamp) -> str:
        """The reader's zone on that day as a person writes it: `Berlin time`, in German `MEZ`."""
        zone, language = self.report.zone, self.report.language
        if zone in ("UTC", "Etc/UTC", "GMT"):
            return "UTC"
        if self._customs.short_zones:
            local = at.tz_convert(ZoneInfo(zone)).to_pydatetime(warn=False)
            short = get_timezone_name(local, "short", locale=language)
            if short.isalpha():
                return short
        place = get_timezone_location(zone, locale=language, return_city=True)
        return self.say("{place} time", place=place)

    def titled(self, subject: str, link: str = "") -> Run:
        """A meeting's title as part of a sentence."""
        return Run(subject or self.say("a meeting"), "", link)

    def mail_titled(self, subject: str, link: str = "") -> Run:
        return Run(subject or self.say("(no subject)"), "", link)

    # -- claims -------------------------------------------------------------------------------

    def id(self, claim: Claim) -> str:
        """The claim's id; "" in a preview, where nothing can be answered."""
        return self.report.ids.get(claim, "")

    def answer(
        self, claim: Claim, word: str, label: str, *, body: str = "", said: str = ""
    ) -> Action | None:
        """The link that answers a claim with a word; None where nothing can be answered."""
        return self.answer_all((claim,), word, label, body=body, said=said)

    def answer_all(
        self, claims: Sequence[Claim], word: str, label: str, *, body: str = "", said: str = ""
    ) -> Action | None:
        """One link that answers several claims of one mailbox with one word."""
        ids = [self.id(claim) for claim in claims]
        mailbox = self.report.addresses.get(claims[0].mailbox_id, "") if claims else ""
        if not mailbox or not all(ids):
            return None
        subject = f"noshow {' '.join(ids)} {word}"
        return Action(label, links.mailto(mailbox, subject, body), subject, said)

    def undo(self, one: Answered) -> Action:
        """The link that takes an answer back."""
        subject = f"noshow {one.claim_id} undo"
        said = self.say("undo this answer about {name}", name=one.who.name)
        return Action(
            self.say("undo this answer"), links.mailto(one.mailbox, subject), subject, said
        )

    def signature(self) -> str:
        """How the owner signs a draft, "" where the settings name nobody.

        A language may put its closing words before the name.
        """
        address = next(iter(self.report.addresses.values()), "")
        name = self.report.names.get(address, "")
        return self.say("{name}", name=self.called(Who(address, name))) if name else ""


def _first(who: Who) -> str:
    """The first name where it is one, else the whole name."""
    first, _, rest = who.alone.partition(" ")
    plain = rest and "," not in who.alone and not _TITLES.match(first)
    return first if plain and _GIVEN.fullmatch(first) else who.alone


def strong(who: Who) -> Run:
    return Run(who.name, "strong")
