"""When was somebody away, by their own out-of-office notices?

rules.md section 5: a notice in any thread opens an absence, from one business day before it until
their next human act, at most 15 business days. Absences that touch are one. No notice does not
mean that somebody was in the office (RFC 5230 4.1: one answer a sender and week).
"""

from __future__ import annotations

import pandas as pd

from connectors.model.frames import empty, enforce
from reports.columns import addresses, tables
from reports.columns.business_days import countries_of
from reports.columns.instants import micros
from reports.columns.moment_index import Timeline
from reports.detect.setting import Setting
from reports.schemas import ABSENCES

#: A meeting that nobody says they missed: nobody says that they were there either.
_PRESUMED = pd.Series(["kept"])


def find_notices(replies: pd.DataFrame) -> pd.DataFrame:
    """What opens absences; columns contact, at, known; ordered, each once.

    replies: automatic.find_replies. `known`: a header or a phrase table says that they are away;
    else it is a reply alone in words that no table knows.
    """
    opening = tables.kept(replies, replies["away"] | replies["alone"], ["contact", "at", "away"])
    found = tables.ordered(opening.rename(columns={"away": "known"}), ["contact", "at", "known"])
    return tables.once(found, ["contact", "at"], keep="last").reset_index(drop=True)


def find_absences(setting: Setting, notices: pd.DataFrame, acts: pd.DataFrame) -> pd.DataFrame:
    """Absences known at the setting's moment; a frame by ABSENCES, ordered by contact, none touching another.

    notices: see `find_notices`. acts: by ACTS; a meeting merely presumed kept ends no absence, for
    nobody saw them there. An open absence closes in the future.
    """
    days, policy = setting.days, setting.policy
    known = tables.kept(notices, notices["at"] <= setting.as_of, ["contact", "at", "known"])
    if not len(known):
        return empty(ABSENCES)
    known = tables.ordered(known, ["contact", "at"], ignore_index=True)
    acts = acts[~addresses.among(acts["kind"], _PRESUMED)]
    country = countries_of(known["contact"])
    opens = days.add(known["at"], -policy.absence_before_days, country)
    latest = days.add(known["at"], policy.absence_days, country)
    back = Timeline(acts["contact"], acts["at"]).after(known["contact"], known["at"])
    closes = back.where(back < latest, latest)
    excuses = closes + pd.Timedelta(hours=policy.excuse_hours)
    excuses = excuses.where(excuses < latest, latest)
    # Within one contact both ends only grow, so an absence touches at most the one before it.
    furthest = pd.Series(micros(closes)).groupby(known["contact"]).cummax()
    earlier = furthest.groupby(known["contact"]).shift()
    apart = earlier.isna() | (pd.Series(micros(opens)) > earlier)
    number = apart.cumsum()
    table = pd.DataFrame(
        {
            "contact": known["contact"].groupby(number).first(),
            "opens_at": opens.groupby(number).min(),
            "noticed_at": known["at"].groupby(number).min(),
            "known": known["known"].groupby(number).any(),
            "closes_at": closes.groupby(number).max(),
            "excuses_until": excuses.groupby(number).max(),
        }
    )
    return enforce(table, ABSENCES, "absences")
