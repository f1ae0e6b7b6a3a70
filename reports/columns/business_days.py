"""How many business days lie between two moments, and when is the n-th from here?

rules.md section 5: the user's zone, weekend and holidays, and the contact's country's where known.
A day is a business day only if it is one on both sides: that makes every wait longer, never
shorter. Holidays come from the `holidays` package, nation-wide ones only.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal

import holidays
import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.columns.text import distinct

Days = npt.NDArray[np.datetime64]

#: A working day for reply times, local time [h]. Only ratios and order are read from them.
OPENS, CLOSES = 9, 17

#: Endings of domains that say little about a country: sold to the whole world.
_WORLDWIDE: Final = frozenset(
    ["ai", "am", "cc", "co", "eu", "fm", "gg", "im", "io", "is", "la", "ly", "me", "nu", "sh", "to"]
    + ["tv", "vc", "ws", "st", "so", "gl", "id", "in", "li", "pw", "sc", "bz", "mn", "ag", "cx"]
)


def countries_of(contacts: pd.Series) -> pd.Series:
    """The ISO 3166 country that a contact's domain ends in; "" where it says none.

    contacts: normalised addresses or domains, any index. `.uk` is GB.
    """
    known = {"uk": "GB"}

    def country(text: str) -> str:
        ending = text.rpartition(".")[2]
        name = known.get(ending, ending.upper())
        told = len(ending) == 2 and ending not in _WORLDWIDE and _is_known(name)
        return name if told else ""

    return distinct(contacts).by(country, contacts.index)


@lru_cache(maxsize=1000)
def _is_known(code: str) -> bool:
    """Are this country's holidays known? Asked one by one: a list of all would import 250 modules."""
    try:
        holidays.country_holidays(code)
    except NotImplementedError:
        return False
    return True


@dataclass(frozen=True)
class Calendar:
    """One user's business days. `zone` is IANA, `countries` ISO 3166, Monday of `weekend` is 0."""

    zone: str = "UTC"
    countries: tuple[str, ...] = ()
    weekend: frozenset[int] = field(default_factory=lambda: frozenset({5, 6}))

    def waited(
        self,
        at: pd.Series,
        until: pd.Series | pd.Timestamp,
        country: pd.Series | None = None,
    ) -> pd.Series:
        """Business days that have ended since, by the clock rule; int64, 0 where a moment is NaT.

        The day of `at` is not counted, and a day counts when its end has passed. `at`: instants;
        `until`: an instant, or a series aligned with `at`; `country`: aligned, see countries_of.
        Never negative. Source: rules.md section 5.
        """
        first, last = self._dates(at) + 1, self._dates(_like(until, at))
        return self._count(first, last, at, country)

    def between(
        self,
        lo: pd.Series,
        hi: pd.Series | pd.Timestamp,
        country: pd.Series | None = None,
    ) -> pd.Series:
        """Business days after the day of `lo` up to and with the day of `hi`; int64, never negative.

        The measure between two acts (rules.md section 5); 0 where a moment is NaT.
        """
        first, last = self._dates(lo) + 1, self._dates(_like(hi, lo)) + 1
        return self._count(first, last, lo, country)

    def add(self, instants: pd.Series, days: int, country: pd.Series | None = None) -> pd.Series:
        """The same local time `days` business days later (earlier where negative); NaT stays NaT.

        From a weekend or holiday the first business day after (before) it is one day away. A
        local time that a clock change skips moves to the change; one that comes twice is the first.
        """
        local = instants.dt.tz_convert(self.zone).dt.tz_localize(None)
        known = local.notna().to_numpy()
        dates = self._dates(instants)
        moved = dates.copy()
        roll: Literal["backward", "forward"] = "backward" if days >= 0 else "forward"
        for calendar, rows in self._by_country(dates[known], country, known):
            moved[rows] = np.busday_offset(dates[rows], days, roll=roll, busdaycal=calendar)
        wall = local + pd.Series((moved - dates).astype("timedelta64[D]"), index=instants.index)
        shifted: pd.Series = wall.dt.tz_localize(
            self.zone, ambiguous=np.ones(len(wall), dtype=bool), nonexistent="shift_forward"
        )
        utc: pd.Series = shifted.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
        return utc

    def number(self, instants: pd.Series, country: pd.Series | None = None) -> pd.Series:
        """Business days from 1970 to the day of each instant, with it; differences are `between`.

        int64; 0 for NaT. Only numbers of the same country can be compared.
        """
        return self._number(self._dates(instants), instants, country)

    def _number(self, dates: Days, like: pd.Series, country: pd.Series | None) -> pd.Series:
        epoch = np.full(len(dates), np.datetime64("1970-01-01", "D"))
        return self._count(np.where(np.isnat(dates), dates, epoch), dates + 1, like, country)

    def hours(
        self, lo: pd.Series, hi: pd.Series | pd.Timestamp, country: pd.Series | None = None
    ) -> pd.Series:
        """Business hours in (lo, hi]: from 9 to 17 local on business days; float64, NaN for NaT."""
        hi = _like(hi, lo)
        worked = self._worked(hi, country) - self._worked(lo, country)
        return worked.clip(lower=0.0)

    def day(self, instants: pd.Series) -> pd.Series:
        """The local date of each instant, as datetime64[s] without a zone; NaT stays NaT."""
        return pd.Series(self._dates(instants).astype("datetime64[s]"), index=instants.index)

    def _worked(self, at: pd.Series, country: pd.Series | None) -> pd.Series:
        """Business hours from 1970 to each instant."""
        local = self._local(at)
        dates: Days = local.astype("datetime64[D]")
        upto = self._number(dates, at, country).to_numpy()
        clock = np.clip((local - dates) / np.timedelta64(1, "h") - OPENS, 0, CLOSES - OPENS)
        today = self._open(dates, country)
        whole = (upto - today) * float(CLOSES - OPENS)
        total = np.where(np.isnat(local), np.nan, whole + np.where(today, clock, 0.0))
        return pd.Series(total, index=at.index)

    def _open(self, dates: Days, country: pd.Series | None) -> npt.NDArray[np.bool_]:
        known = ~np.isnat(dates)
        result = np.zeros(len(dates), dtype=bool)
        for calendar, rows in self._by_country(dates[known], country, known):
            result[rows] = np.is_busday(dates[rows], busdaycal=calendar)
        return result

    def _dates(self, instants: pd.Series) -> Days:
        dates: Days = self._local(instants).astype("datetime64[D]")
        return dates

    def _local(self, instants: pd.Series) -> npt.NDArray[np.datetime64]:
        """The wall clock at each instant, as datetime64 without a zone; NaT stays NaT."""
        array: Any = instants.array  # on the column itself each of the two would make a column
        local: npt.NDArray[np.datetime64] = array.tz_convert(self.zone).tz_localize(None).to_numpy()
        return local

    def _count(
        self, first: Days, last: Days, like: pd.Series, country: pd.Series | None
    ) -> pd.Series:
        known = ~(np.isnat(first) | np.isnat(last))
        counts = np.zeros(len(first), dtype="int64")
        both = np.concatenate([first[known], last[known]])
        for calendar, rows in self._by_country(both, country, known):
            counts[rows] = np.busday_count(first[rows], last[rows], busdaycal=calendar)
        return pd.Series(np.maximum(counts, 0), index=like.index)

    def _by_country(
        self, dates: Days, country: pd.Series | None, known: npt.NDArray[np.bool_]
    ) -> Iterable[tuple[np.busdaycalendar, npt.NDArray[np.bool_]]]:
        """(business calendar, mask of rows) for each country of a contact."""
        if not known.any():
            return
        # One year more on each side: an absence or an offset may lead out of the data's years.
        low = int(dates.min().astype("datetime64[Y]").astype(int)) + 1969
        high = int(dates.max().astype("datetime64[Y]").astype(int)) + 1972
        if country is None:
            yield _business(self.weekend, self.countries, "", low, high), known
            return
        codes, names = pd.factorize(country, use_na_sentinel=False)
        for code, name in enumerate(names):
            rows = known & (codes == code)
            if rows.any():
                yield _business(self.weekend, self.countries, str(name), low, high), rows


def _like(moment: pd.Series | pd.Timestamp, at: pd.Series) -> pd.Series:
    if isinstance(moment, pd.Timestamp):
        return pd.Series(moment, index=at.index, dtype="datetime64[us, UTC]")
    return moment


@lru_cache(maxsize=512)
def _business(
    weekend: frozenset[int], countries: tuple[str, ...], code: str, low: int, high: int
) -> np.busdaycalendar:
    """NumPy's calendar of the days that are business days here and in the contact's country."""
    closed = set(weekend)
    names = list(countries)
    if code and code not in names and _is_known(code):
        names.append(code)
        both = closed | set(holidays.country_holidays(code).weekend)
        # Where no day is left that both work, ours decide.
        closed = both if len(both) < 7 else closed
    free: list[np.datetime64] = []
    for name in names:
        # Of years that a country has not set yet nothing is known: no word of that on each run.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            days = holidays.country_holidays(name, years=range(low, high + 1))
        free.extend(np.datetime64(day, "D") for day in days)
    mask = [weekday not in closed for weekday in range(7)]
    return np.busdaycalendar(weekmask=mask, holidays=np.array(free, dtype="datetime64[D]"))
