"""Was a step that we proposed taken, and may it be proposed again?

rules.md section 8: *ask directly* stays somebody's step until it is taken, by a mail of ours to
them or a call after the report that proposed it, or until 180 days; it is not proposed again within
180 days of that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from connectors.model.frames import Frames
from reports.columns import addresses, tables
from reports.columns.moment_index import Timeline
from reports.detect.mail.mail_index import MailIndex
from reports.detect.scoring.past_standings import Earlier
from reports.detect.setting import Setting
from reports.vocabulary import Step


def find_taken(setting: Setting, frames: Frames, index: MailIndex, earlier: Earlier) -> Timeline:
    """When we wrote by hand to somebody who was to be asked by an earlier report, or called them."""
    asked = {
        contact
        for _, lines in earlier
        for contact, line in lines.items()
        if line.step == Step.ASK_DIRECTLY
    }
    whom = index.among(pd.Series(sorted(asked), dtype="str"))
    mail, person = index.named["mail"].to_numpy(), index.named["person"].to_numpy()
    to = index.ours[mail] & np.append(whom, False)[person] & index.named["to"].to_numpy()
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
