"""A subject says the same on a filtered frame as on a whole one: text goes by position."""

from __future__ import annotations

import pandas as pd
import pytest

from config.phrasing import load
from reports.columns import text
from reports.detect.mail.mail_class import away_notice

AUTO = "auto-submitted: auto-generated\nreturn-path: <>"


@pytest.mark.parametrize("index", [[0, 1], [7, 3], [258, 265]])
def test_plain_and_without_keep_every_text_whatever_the_index(index: list[int]) -> None:
    texts = pd.Series(["Automatic  Reply: Offer", "Re: Ünder"], index=index, dtype="str")
    plain = text.plain(texts)
    assert plain.tolist() == ["automatic reply: offer", "re: ünder"]
    assert plain.index.tolist() == index
    assert text.without(plain, r"^re: ").tolist() == ["automatic reply: offer", "ünder"]


def test_an_absence_is_seen_behind_other_mails() -> None:
    """Exchange's notice bears its sign in the subject alone; missing it accuses who is away."""
    headers = ["auto-submitted: auto-replied", AUTO, "list-id: <x.example>", AUTO]
    titles = ["Notice 1", "Automatic reply: Offer", "News", "Automatic reply: Offer, part 2"]
    lines = text.distinct(pd.Series(headers, dtype="str"))
    given = pd.Series(titles, index=[258, 265, 7, 3], dtype="str")
    assert away_notice(lines, given, load()).tolist() == [True, True, False, True]
