"""Was a step that we proposed taken, and may it be proposed again?

rules.md section 8: *ask directly* stays somebody's step until it is taken, by a mail of ours to
them or a call after the report that proposed it, or until 180 days; it is not proposed again within
180 days of that.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from connectors.model.frames import Frames
from reports.columns import addresses, tables
from reports.columns.moment_index import Timeline
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting


def find_taken(setting: Setting, frames: Frames, index: MailIndex) -> Timeline:
    """When we wrote to somebody by hand, or called them, by contact."""
    mail, person = index.named["mail"].to_numpy(), index.named["person"].to_numpy()
    to = index.ours[mail] & (person >= 0) & index.named["to"].to_numpy()
    wrote = pd.DataFrame({"contact": index.text(person[to]), "at": index.at(mail[to])})
    who = addresses.contacts(frames.calls["address"], setting.ours, setting.merge)
    called = pd.DataFrame({"contact": who, "at": frames.calls["at"]})
    taken = [
        tables.kept(one, (one["contact"] != "") & (one["at"] <= setting.as_of))
        for one in (wrote, called)
    ]
    return Timeline.of(*taken)


def to_be_asked(
    contact: str,
    proposed: Sequence[pd.Timestamp],
    taken: Timeline,
    as_of: pd.Timestamp,
    lasts: pd.Timedelta,
) -> bool:
    """Is *ask directly* their step now, by the reports that proposed it (their moments, in order)?

    lasts: how long it stands where it is not taken, and how long it then is not proposed again.
    """
    ended = None
    for at in proposed:
        if ended is not None and at < ended + lasts:
            continue
        first = taken.after(pd.Series([contact]), pd.Series([at])).iloc[0]
        ended = at + lasts if pd.isna(first) else min(first, at + lasts)
    return ended is None or ended > as_of or ended + lasts <= as_of
