"""Who was introduced to us, and when?

rules.md section 1: a human mail by somebody neither ours nor of their organisation, with us and
them among at most five recipients.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.columns import tables
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting


def find_introductions(setting: Setting, index: MailIndex, people: pd.DataFrame) -> pd.DataFrame:
    """Each introduction; columns contact (who was introduced), at; ordered, each once.

    people: by PEOPLE. Recipients are counted in To and Cc, ours too.
    """
    home = index.homes(people)
    told = index.theirs & index.with_us & (index.shown <= setting.policy.introduction_recipients)
    # A number for each organisation of a person, 0 for freemail; machines have none.
    from_home = np.append(home, -1)[index.writer]
    mail, about = (index.named[label].to_numpy() for label in ("mail", "person"))
    rows = (told & (from_home >= 0))[mail] & (about >= 0) & index.named["shown"].to_numpy()
    mail, about = mail[rows], about[rows]
    stranger = (home[about] == 0) | ((home[about] > 0) & (home[about] != from_home[mail]))
    stranger &= about != index.writer[mail]
    mail, about = mail[stranger], about[stranger]
    found = tables.once(pd.DataFrame({"contact": index.text(about), "at": index.at(mail)}))
    return tables.ordered(found, ["contact", "at"], ignore_index=True)
