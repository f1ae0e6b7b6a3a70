"""Who was introduced to us, and when?

rules.md section 1: a human mail by somebody neither ours nor of their organisation, with us and
them among at most five recipients.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from config.policy import Policy
from reports.detect.mail.mail_index import Post


def find(post: Post, people: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Each introduction; columns contact (who was introduced), at; ordered, each once.

    people: by PEOPLE. Recipients are counted in To and Cc, ours too.
    """
    home = post.homes(people)
    told = post.theirs & post.with_us & (post.shown <= policy.introduction_recipients)
    # A number for each organisation of a person, 0 for freemail; machines have none.
    from_home = np.append(home, -1)[post.writer]
    mail, about = (post.named[label].to_numpy() for label in ("mail", "person"))
    rows = (told & (from_home >= 0))[mail] & (about >= 0) & post.named["shown"].to_numpy()
    mail, about = mail[rows], about[rows]
    stranger = (home[about] == 0) | ((home[about] > 0) & (home[about] != from_home[mail]))
    stranger &= about != post.writer[mail]
    mail, about = mail[stranger], about[stranger]
    found = pd.DataFrame({"contact": post.text(about), "at": post.at(mail)}).drop_duplicates()
    return found.sort_values(["contact", "at"], ignore_index=True)
