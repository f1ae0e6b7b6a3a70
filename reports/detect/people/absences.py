"""When was somebody away, by their own out-of-office notices?

rules.md section 5: a notice in any thread opens an absence, from one business day before it until
their next human act, at most 15 business days. Absences that touch are one. No notice does not
mean that somebody was in the office (RFC 5230 4.1: one answer a sender and week).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.model.frames import empty, enforce
from reports.columns.business_days import countries_of
from reports.columns.instants import Flags, Ints, micros
from reports.columns.moment_index import Timeline
from reports.detect.mail import mail_class, references
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting
from reports.schemas import ABSENCES


def find_notices(setting: Setting, index: MailIndex, people: pd.DataFrame) -> pd.DataFrame:
    """Out-of-office notices of persons; columns contact, at; ordered, each once.

    people: by PEOPLE. Machines are never away. A notice is known by its headers or its subject, or
    in any language by this: a person's mailbox answered a mail of ours by itself.
    """
    persons = index.among(people.loc[~people["machine"], "contact"])
    came_in = (index.mails["direction"] == "in") & (index.mails["mail_class"] == "auto")
    place = np.flatnonzero(came_in.to_numpy() & index.by(persons))
    subject = index.facts["subject"].take(place)
    headers = index.headers.take(place)
    worded = mail_class.away_notice(headers, subject, setting.phrases)
    silent = place[~worded & mail_class.answered_by_itself(headers)]
    away = np.concatenate([place[worded], silent[_answers_ours(index, silent)]])
    found = pd.DataFrame({"contact": index.text(index.writer[away]), "at": index.at(away)})
    return found.drop_duplicates().sort_values(["contact", "at"], ignore_index=True)


def _answers_ours(index: MailIndex, place: Ints) -> Flags:
    """Which of the mails at these places name a mail of ours?"""
    if not len(place):
        return np.zeros(0, dtype=bool)
    named = index.facts[["in_reply_to", "reference_keys"]].take(place)
    sent = (index.mails["direction"] == "out").to_numpy()
    return references.naming(named.reset_index(drop=True), index.facts.loc[sent, "message_key"])


def find_absences(setting: Setting, notices: pd.DataFrame, acts: pd.DataFrame) -> pd.DataFrame:
    """Absences known at the setting's moment; a frame by ABSENCES, ordered by contact, none touching another.

    notices: contact and at (see `find_notices`). acts: by ACTS. An open absence closes in the future.
    """
    days, policy = setting.days, setting.policy
    known = notices.loc[notices["at"] <= setting.as_of, ["contact", "at"]].drop_duplicates()
    if not len(known):
        return empty(ABSENCES)
    known = known.sort_values(["contact", "at"], ignore_index=True)
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
    table = (
        known.assign(opens_at=opens, closes_at=closes, excuses_until=excuses)
        .groupby(apart.cumsum())
        .agg(
            contact=("contact", "first"),
            opens_at=("opens_at", "min"),
            noticed_at=("at", "min"),
            closes_at=("closes_at", "max"),
            excuses_until=("excuses_until", "max"),
        )
    )
    return enforce(table, ABSENCES, "absences")
