"""When was somebody away, by their own out-of-office notices?

rules.md section 5: a notice in any thread opens an absence, from one business day before it until
their next human act, at most 15 business days. Absences that touch are one. No notice does not
mean that somebody was in the office (RFC 5230 4.1: one answer a sender and week).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from config.phrasing import Phrases
from config.policy import Policy
from connectors.model.frames import empty, enforce
from reports.columns.business_days import Calendar, countries_of
from reports.columns.instants import Flags, Ints, micros
from reports.columns.moment_index import Timeline
from reports.detect.mail import mail_class, references
from reports.detect.mail.mail_index import Post
from reports.schemas import ABSENCES


def notices(post: Post, people: pd.DataFrame, phrases: Phrases) -> pd.DataFrame:
    """Out-of-office notices of persons; columns contact, at; ordered, each once.

    people: by PEOPLE. Machines are never away. A notice is known by its headers or its subject, or
    in any language by this: a person's mailbox answered a mail of ours by itself.
    """
    persons = post.among(people.loc[~people["machine"], "contact"])
    came_in = (post.mails["direction"] == "in") & (post.mails["mail_class"] == "auto")
    place = np.flatnonzero(came_in.to_numpy() & post.by(persons))
    subject = post.facts["subject"].take(place)
    headers = post.headers.take(place)
    worded = mail_class.away_notice(headers, subject, phrases)
    silent = place[~worded & mail_class.answered_by_itself(headers)]
    away = np.concatenate([place[worded], silent[_answers_ours(post, silent)]])
    found = pd.DataFrame({"contact": post.text(post.writer[away]), "at": post.at(away)})
    return found.drop_duplicates().sort_values(["contact", "at"], ignore_index=True)


def _answers_ours(post: Post, place: Ints) -> Flags:
    """Which of the mails at these places name a mail of ours?"""
    if not len(place):
        return np.zeros(0, dtype=bool)
    named = post.facts[["in_reply_to", "reference_keys"]].take(place)
    sent = (post.mails["direction"] == "out").to_numpy()
    return references.naming(named.reset_index(drop=True), post.facts.loc[sent, "message_key"])


def find(
    notices: pd.DataFrame,
    acts: pd.DataFrame,
    days: Calendar,
    policy: Policy,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Absences known at `as_of`; a frame by ABSENCES, ordered by contact, none touching another.

    notices: contact and at (see `notices`). acts: by ACTS. An open absence closes in the future.
    """
    known = notices.loc[notices["at"] <= as_of, ["contact", "at"]].drop_duplicates()
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
