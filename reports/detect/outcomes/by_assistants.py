"""What did somebody's assistant call off that counts for nobody?

rules.md section 1: where an assistant organises a meeting with several outside persons, nothing says
for whom she called it off. It is said in a line, once.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from config.sentences import sentence
from reports.columns import tables
from reports.columns.rows import rows
from reports.detect.outcomes.remarks import Remark
from reports.vocabulary import Origin, Outcome

_LATE = [Outcome.CANCELLED_LATE, Outcome.MOVED_LATE]
#: The assistant and one more: then it was the other's meeting, or the other's own act.
_PAIR = 2


def called_off(
    slots: pd.DataFrame, raw: pd.DataFrame, people: pd.DataFrame, since: int, zone: str
) -> tuple[Remark, ...]:
    """A line for each meeting with several outside persons that one's assistant called off late.

    slots: from assistants.handed_over, raw: what it was made of; people: by PEOPLE. Only acts after
    `since` [us] are told, by the local day of the start.
    """
    nobodys = tables.kept(slots, slots["why_not"] == "assistant", ["code", "contact", "number"])
    if not len(nobodys):
        return ()
    late = tables.joined(raw, nobodys, ["code", "contact", "number"])
    late = late[
        late["outcome"].isin(_LATE) & (late["origin"] == Origin.THEM) & (late["act_hi"] > since)
    ]
    # Where somebody else's own act is told, it says more.
    late = late[late["persons"].astype("str").str.count(" ") >= _PAIR]
    names = people.set_index("contact")["name"]
    lines = []
    for row in rows(tables.ordered(late, ["start", "meeting_key"])):
        name = str(names.get(row.contact, "")) or str(row.contact)
        day = pd.Timestamp(row.start, unit="us", tz="UTC").tz_convert(zone)
        others = ", ".join(one for one in str(row.persons).split() if one != row.contact)
        places: dict[str, str | date] = {"day": day.date(), "others": others, "name": name}
        if row.outcome == Outcome.MOVED_LATE:
            told = sentence(
                "The meeting of {day} with {others} was moved by {name}, who acts for one of them: it "
                "counts for nobody.",
                **places,
            )
        else:
            told = sentence(
                "The meeting of {day} with {others} was called off by {name}, who acts for one of "
                "them: it counts for nobody.",
                **places,
            )
        at = pd.Timestamp(row.act_hi, unit="us", tz="UTC")
        lines.append(Remark(at, told, own=False, about=str(row.series_uid)))
    return tuple(lines)
