"""Is what was found what the story expects?

Each kind of expectation looks at one frame of the findings. A key that is not given is not looked
at; an expectation that names what is not there fails, and says what is there instead.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from config.clock import from_micros
from reports.schemas import Findings
from tests.stories.cast import address
from tests.stories.reading import Expected, Story

#: Everything that puts somebody into a report in a bad light.
_SILENCES = ("T2+", "T3", "T4", "T5")
_SLOT = ["meeting_key", "contact", "start_at", "outcome", "rule", "origin", "grade", "why_not"]


def check(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    """Raises AssertionError with what was found instead."""
    _CHECKS[expected.about](story, expected, found, mails)


def _moment(story: Story, text: str) -> pd.Timestamp:
    return pd.Timestamp(from_micros(story.at(text)))


def _same(expected: Expected, pairs: dict[str, Any], instead: object) -> None:
    """Every given key has its value; numbers of hours within a second's worth."""
    wrong = {}
    for name, value in pairs.items():
        wanted = getattr(expected, name)
        if wanted is None:
            continue
        near = isinstance(wanted, float) and abs(float(value) - wanted) < 1e-3
        if not near and value != wanted:
            wrong[name] = f"{value!r} instead of {wanted!r}"
    assert not wrong, f"{wrong}\nfound:\n{instead}"


def _slot(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    slots = found.slots
    start, who = _moment(story, expected.slot), address(expected.who)
    mine = slots[(slots["start_at"] == start) & (slots["contact"] == who)]
    if expected.meeting:
        key = f"{expected.meeting.partition('#')[0]}@cal.example "
        mine = mine[mine["meeting_key"].str.startswith(key)]
    instead = slots[_SLOT].to_string()
    if expected.outcome == "":
        assert mine["outcome"].isin([""]).all(), instead
        if not len(mine):
            return
    assert len(mine) == 1, f"{len(mine)} slots of {who} at {start}\nfound:\n{instead}"
    row = mine.iloc[0]
    assert row["eligible"] == (row["why_not"] == ""), f"eligible, and why not: {row['why_not']!r}"
    if expected.note is not None:
        assert expected.note in row["note"], f"the note is {row['note']!r}"
    if expected.replaced is not None:
        wanted = _moment(story, expected.replaced) if expected.replaced else pd.NaT
        both_missing = pd.isna(row["replaced_at"]) and pd.isna(wanted)
        assert both_missing or row["replaced_at"] == wanted, f"replaced at {row['replaced_at']}"
    if expected.asked is not None:
        asked = found.questions
        there = asked[(asked["evidence_key"] == row["evidence_key"]) & (asked["contact"] == who)]
        kinds = list(there["kind"])
        assert kinds == ([expected.asked] if expected.asked else []), f"asked: {kinds}"
    via = None if expected.via is None else expected.via and address(expected.via)
    assert via is None or row["via"] == via, f"via {row['via']!r}"
    pairs = {
        name: row[name]
        for name in ("outcome", "rule", "origin", "grade", "why_not", "lost_hours", "limit_hours")
    }
    pairs |= {name: bool(row[name]) for name in ("in_n", "in_k", "hard")}
    pairs |= {"counted_unknown": bool(row["unknown"]), "notice_hours": row["notice_hi"]}
    _same(expected, pairs, mine.drop(columns=["subject"]).T.to_string())


def _standing(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    rows = found.standings[found.standings["contact"] == address(expected.standing)]
    if not len(rows):
        empty = dict.fromkeys(_COUNTS, 0) | {
            "tier": "", "by": "", "step": "", "step_detail": "", "rules": "", "too_early": False,
            "moves_only": False, "lost_hours": 0.0,
        }  # fmt: skip
        _same(expected, empty, "no standing at all")
        return
    row = rows.iloc[0]
    pairs = {name: int(row[name]) for name in _COUNTS}
    pairs |= {name: row[name] for name in ("tier", "by", "step", "rules", "lost_hours")}
    pairs |= {name: bool(row[name]) for name in ("too_early", "moves_only")}
    detail = expected.step_detail
    wanted = detail and ("@" in detail or detail.isalpha()) and address(detail)
    assert detail is None or row["step_detail"] == (wanted or detail), row["step_detail"]
    _same(expected, pairs, row.to_string() + "\n" + found.slots[_SLOT].to_string())


_COUNTS = ("k", "k_hard", "n", "unknown", "early", "excused", "agreed", "own_late")


def _silence(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    rows = found.silences[found.silences["contact"] == address(expected.silence)]
    instead = f"{found.silences.T.to_string()}\n{found.asks.to_string()}"
    if expected.rule == "":
        assert not len(rows), instead
        return
    assert len(rows) == 1, f"no silence\n{instead}"
    row = rows.iloc[0]
    pairs = {name: row[name] for name in ("rule", "grade", "why")}
    pairs |= {"asks": int(row["asks"]), "calls": int(row["calls"])}
    colleague = expected.colleague
    wanted = address(colleague) if colleague else colleague
    assert colleague is None or row["colleague"] == wanted, row["colleague"]
    _same(expected, pairs, instead)


def _owed(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    rows = found.owed[
        (found.owed["contact"] == address(expected.owed)) & found.owed["answered_at"].isna()
    ]
    if expected.perhaps is not None:
        rows = rows[rows["perhaps"] == expected.perhaps]
    assert expected.count is None or len(rows) == expected.count, found.owed.to_string()


def _promise(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    rows = found.passed[found.passed["contact"] == address(expected.promise)]
    assert expected.count is None or len(rows) == expected.count, found.passed.to_string()
    if expected.word_at is not None:
        wanted = [_moment(story, expected.word_at)] if expected.word_at else []
        assert list(rows["word_at"].dropna()) == wanted, rows.to_string()


def _question(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    rows = found.questions[found.questions["contact"] == address(expected.question)]
    assert expected.count is None or len(rows) == expected.count, found.questions.to_string()
    for name in ("kind", "was", "would_change"):
        wanted = getattr(expected, name)
        assert wanted is None or set(rows[name]) == {wanted}, rows.to_string()
    if expected.names_mail is not None:
        wanted = {_moment(story, expected.names_mail)} if expected.names_mail else set()
        assert set(rows["mail_at"].dropna()) == wanted, rows.to_string()


def _person(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    rows = found.people[found.people["contact"] == address(expected.person)]
    if expected.count is not None:
        assert len(rows) == expected.count, found.people["contact"].tolist()
        return
    assert len(rows) == 1, found.people["contact"].tolist()
    row = rows.iloc[0]
    pairs = {name: row[name] for name in ("stage", "dead_reason")}
    flags = ("warm", "machine", "client", "dead", "let_go")
    pairs |= {name: bool(row[name]) for name in flags}
    _same(expected, pairs, row.to_string())


def _coming(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    rows = found.coming[found.coming["contact"] == address(expected.coming)]
    assert expected.count is None or len(rows) == expected.count, found.coming.to_string()
    if expected.accepted is not None:
        assert set(rows["accepted"]) == {expected.accepted}, rows.to_string()


def _absence(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    rows = found.absences[found.absences["contact"] == address(expected.absence)]
    assert expected.count is None or len(rows) == expected.count, found.absences.to_string()
    if expected.closes is not None:
        assert list(rows["closes_at"]) == [_moment(story, expected.closes)], rows.to_string()


def _mail(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    rows = found.mails[found.mails["message_id"] == mails.get(expected.mail, -1)]
    assert len(rows) == (1 if expected.count is None else expected.count), list(mails)
    wanted = expected.class_
    assert wanted is None or rows.iloc[0]["mail_class"] == wanted, rows.iloc[0]["mail_class"]


def _accused(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    """`accused = "nobody"`: no incident, no listing, no silence that is printed, for anybody.

    `accused = "dana"`: the same for one person; others may be.
    """
    everybody = expected.accused == "nobody"
    who = "" if everybody else address(expected.accused)

    def of(frame: pd.DataFrame) -> pd.DataFrame:
        return frame if everybody else frame[frame["contact"] == who]

    slots = of(found.slots)
    assert not slots["in_k"].any(), slots.loc[slots["in_k"], _SLOT].to_string()
    standing = of(found.standings)
    listed = standing[standing["tier"] != ""]
    assert not len(listed), listed.T.to_string()
    silences = of(found.silences)
    silent = silences[silences["rule"].isin(_SILENCES)]
    assert not len(silent), silent.T.to_string()
    passed = of(found.passed)
    assert not len(passed), passed.to_string()


def _notice(story: Story, expected: Expected, found: Findings, mails: dict[str, int]) -> None:
    """`notice = "not obeyed"`: the report says so; `printed = false`: it says nothing of the kind."""
    said = any(expected.notice in text for text in found.notices)
    assert said is (expected.printed is not False), found.notices


_CHECKS = {
    "slot": _slot,
    "standing": _standing,
    "silence": _silence,
    "owed": _owed,
    "promise": _promise,
    "question": _question,
    "person": _person,
    "coming": _coming,
    "absence": _absence,
    "mail": _mail,
    "accused": _accused,
    "notice": _notice,
}
