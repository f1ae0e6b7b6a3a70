"""What may never change a contact's standing?

Small random worlds (tests.support.facts.random_worlds) are told twice, the second time in another order, twice
over, in other mailboxes, in another zone, under other names, weeks earlier, beside a stranger,
after one more sync: what is said of each contact stays the same. `make test` tries a few worlds a
law, `make proof` many.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import SystemRandom
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from config.ours import Ours
from config.policy import Policy
from connectors.model.frames import Frames
from reports.schemas import SHAPES, Findings
from tests.support.facts import asked
from tests.support.facts.mail_box import BEN, OURS, PHRASES
from tests.support.facts.random_worlds import MONDAY, Plan, build, plans, remade
from tests.support.facts.whole_world import DAY, HOUR, STANDARD, World

Law = Callable[[Plan, int], None]

#: What is said of a contact, without row numbers of any store.
STANDING = [
    "contact", "k", "k_hard", "n", "unknown", "early", "excused", "agreed", "own_late", "owed",
    "rules", "tier", "by", "step", "moves_only", "too_early",
]  # fmt: skip
SLOT = [
    "meeting_key", "contact", "number", "start_at", "eligible", "why_not", "outcome", "rule",
    "origin", "grade", "notice_lo", "notice_hi", "in_n", "in_k", "hard", "unknown", "replaced_at",
]  # fmt: skip
SILENCE = ["contact", "rule", "first_ask_at", "last_ask_at", "asks", "calls", "grade", "why"]
QUESTION = ["kind", "contact", "meeting_key", "start_at", "was", "would_change"]
SAID = {"standings": STANDING, "slots": SLOT, "silences": SILENCE, "questions": QUESTION}


def detect(
    frames: Frames,
    as_of: pd.Timestamp = MONDAY,
    ours: Ours = OURS,
    policy: Policy = STANDARD,
) -> Findings:
    return asked.detect(frames, ours, policy, PHRASES, as_of)


@lru_cache(maxsize=32)
def plain(plan: Plan) -> tuple[Frames, Findings]:
    """A plan's world as it is, and what is found of it: most laws compare with that."""
    frames = build(plan).facts(MONDAY)
    return frames, detect(frames)


def said(
    found: Findings,
    *,
    shift: pd.Timedelta | None = None,
    names: dict[str, str] | None = None,
    words: Callable[[str], str] | None = None,
) -> dict[str, list[tuple[Any, ...]]]:
    """What is said, as comparable rows; moments moved by `shift`, names and keys put back."""
    result = {}
    for frame, columns in SAID.items():
        table = getattr(found, frame)[columns].copy()
        for label in columns:
            if shift is not None and label.endswith("_at"):
                table[label] = table[label] + shift
            if names is not None and label == "contact":
                table[label] = table[label].map(lambda one: names.get(one, one))
            if words is not None and label == "meeting_key":
                table[label] = table[label].map(words)
        result[frame] = sorted(
            tuple("" if value is pd.NaT or value != value else value for value in row)
            for row in table.itertuples(index=False)
        )
    return result


def shuffled(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    return table.sample(frac=1, random_state=seed)


# -- the laws --------------------------------------------------------------------------------


def in_any_order(plan: Plan, seed: int) -> None:
    """Every finding is the same, row for row, whatever the order of the facts."""
    frames, found = plain(plan)
    mixed = remade(frames, **{name: shuffled(table, seed) for name, table in frames})
    _identical(found, detect(mixed))


def delivered_twice(plan: Plan, seed: int) -> None:
    """Every finding is the same if each row came twice."""
    frames, found = plain(plan)
    twice = {
        name: shuffled(pd.concat([table, table], ignore_index=True), seed) for name, table in frames
    }
    _identical(found, detect(remade(frames, **twice)))


def _identical(one: Findings, other: Findings) -> None:
    for name in SHAPES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    assert one.coverage == other.coverage
    assert one.notices == other.notices
    assert one.expected_by_chance == other.expected_by_chance


def two_mailboxes(plan: Plan) -> World:
    world = build(plan)
    world.colleague(2, BEN)
    return world


def dealt_to_two_mailboxes(plan: Plan, seed: int) -> None:
    """Which of our mailboxes holds the only copy of a meeting or a conversation does not matter.

    How many questions are asked of it does: so many a mailbox, for each has a reader of its own.
    """
    frames = two_mailboxes(plan).facts(MONDAY)
    chance = np.random.default_rng(seed)
    moved = set(frames.meetings["meeting_id"][chance.random(len(frames.meetings)) < 0.5])
    # All mails of one contact lie in one conversation's reach: deal them by contact.
    third = set(chance.choice(["dana@client.example", "emil@client.example", ""], 1)) - {""}
    to = frames.recipients[frames.recipients["address"].isin(third)]["message_id"]
    from_ = frames.messages[frames.messages["from_address"].isin(third)]["message_id"]
    letters = set(to) | set(from_)

    def second(table: pd.DataFrame, label: str, chosen: set[Any]) -> pd.DataFrame:
        return table.assign(mailbox_id=table["mailbox_id"].mask(table[label].isin(chosen), 2))

    dealt = remade(
        frames,
        meetings=second(frames.meetings, "meeting_id", moved),
        observations=second(frames.observations, "meeting_id", moved),
        messages=second(frames.messages, "message_id", letters),
    )
    all_asked = STANDARD.model_copy(update={"questions_contact": 1_000, "questions_report": 1_000})
    assert said(detect(frames, policy=all_asked)) == said(detect(dealt, policy=all_asked))


def copied_to_a_colleague(plan: Plan, seed: int) -> None:
    """A colleague who holds a copy of every meeting and mail adds nothing and takes nothing away."""
    frames = two_mailboxes(plan).facts(MONDAY)

    def copied(table: pd.DataFrame, *labels: str, **more: Any) -> pd.DataFrame:
        again = table.assign(**{label: table[label] + 10_000 for label in labels}, **more)
        return shuffled(pd.concat([table, again], ignore_index=True), seed)

    both = remade(
        frames,
        meetings=copied(frames.meetings, "meeting_id", mailbox_id=2, organizer_is_self=False),
        observations=copied(frames.observations, "meeting_id", "observation_id", mailbox_id=2),
        guests=copied(frames.guests, "meeting_id", "observation_id", is_self=False),
        messages=copied(frames.messages, "message_id", mailbox_id=2, sent=False, thread_id=""),
        recipients=copied(frames.recipients, "message_id"),
        attendance=copied(frames.attendance, "record_id", mailbox_id=2),
    )
    assert said(detect(frames)) == said(detect(both))


def under_other_names(plan: Plan, seed: int) -> None:
    """Addresses, ids, series, Message-IDs and subject words are names and nothing more."""
    chance = np.random.default_rng(seed)
    shuffle = chance.permutation(26)

    def turned(text: str) -> str:
        return "".join(
            chr(97 + int(shuffle[ord(one) - 97])) if "a" <= one <= "z" else one for one in text
        )

    def name(address: str) -> str:
        local, _, domain = address.partition("@")
        return f"{turned(local)}@{turned(domain.removesuffix('.example'))}.example"

    def word(text: str) -> str:
        return f"q{turned(text)}"

    frames, found = plain(plan)
    other = build(plan, name=name, word=word).facts(MONDAY)
    tables = {}
    for frame, table in other:
        ids = {
            label: table[label].where(table[label] < 0, table[label] * 7 + 3)
            for label in ("meeting_id", "observation_id", "message_id", "record_id", "call_id")
            if label in table.columns
        }
        tables[frame] = table.assign(**ids)
    written = [
        frames.guests,
        frames.recipients,
        frames.messages.rename(columns={"from_address": "address"}),
        frames.calls,
    ]
    back = {name(one): one for table in written for one in table["address"]}
    keys = {
        f"{word(series)} {recurrence}": f"{series} {recurrence}"
        for series, recurrence in zip(
            frames.meetings["series_uid"], frames.meetings["recurrence_id"], strict=True
        )
    }
    renamed = said(detect(remade(other, **tables)), names=back, words=lambda one: keys[one])
    assert said(found) == renamed


def beside_a_stranger(plan: Plan, seed: int) -> None:
    """Whatever happens with somebody of another organisation, at other hours, is theirs alone."""
    stranger = "nia@stranger.example"
    before = said(plain(plan)[1])
    world = build(plan)
    chance = np.random.default_rng(seed)
    for number in range(1 + seed % 4):
        # At night: no meeting of the plan overlaps, and no mail has the same moment.
        start = MONDAY.normalize() - int(chance.integers(1, 40)) * DAY + (22 + number % 2) * HOUR
        meeting = world.meet(start, guests=(stranger,), series=f"stranger{number}")
        if chance.random() < 0.6:
            meeting.says(stranger, "declined", start - 3 * HOUR)
    world.sent(str(MONDAY - 20 * DAY), to=stranger, subject="Hello")
    world.mail(str(MONDAY - 10 * DAY), stranger, subject="Hello too")
    after = said(detect(world.facts(MONDAY)))
    alone = {frame: [row for row in rows if stranger not in row] for frame, rows in after.items()}
    assert before == alone


def after_one_more_sync(plan: Plan, seed: int) -> None:
    """A sync that brings nothing new changes nothing: one more look, and the same state once more."""
    world = build(plan)
    frames, found = plain(plan)
    chance = np.random.default_rng(seed)
    for stream in ("mail", "calendar:primary"):
        world.glance(1, stream, MONDAY - int(chance.integers(1, 300)) * HOUR)
    again = world.facts(MONDAY)
    last = frames.observations[frames.observations["evidence"] == "snapshot"]
    last = last.drop_duplicates("meeting_id", keep="last")
    repeated = last.assign(
        observation_id=last["observation_id"] + 10_000,
        seen_after=last["seen_at"],
        seen_at=MONDAY - HOUR,
        updated_at=pd.Series(pd.NaT, last.index, dtype="datetime64[us, UTC]"),
        updated_exact=False,
    )
    guests = frames.guests[frames.guests["observation_id"].isin(last["observation_id"])]
    again = remade(
        again,
        observations=pd.concat([frames.observations, repeated], ignore_index=True),
        guests=pd.concat(
            [frames.guests, guests.assign(observation_id=guests["observation_id"] + 10_000)],
            ignore_index=True,
        ),
    )
    assert said(found) == said(detect(again))


def weeks_earlier(plan: Plan, seed: int) -> None:
    """Everything, the report too, whole weeks earlier: the same, whole weeks earlier."""
    weeks = 1 + seed % 7
    shift = weeks * 7 * DAY
    now = plain(plan)[1]
    then = detect(build(plan, MONDAY - shift).facts(MONDAY - shift), MONDAY - shift)

    def later(key: str) -> str:
        series, _, stamp = key.partition(" ")
        if not stamp:
            return key
        moved = pd.Timestamp(stamp) + shift
        return f"{series} {moved.strftime('%Y%m%dT%H%M%SZ')}"

    assert said(now) == said(then, shift=shift, words=later)


def in_another_zone(plan: Plan, seed: int) -> None:
    """Where the user lives decides what a local day is, and nothing else.

    Local days decide three things: whether a shift stayed within its day and which moves are one
    incident (section 3), and every count of business days (absences, M9, silences, debts). Without
    moves and absences the outcomes of meetings, k, n, unknown, and all classes and acts of mails
    are the same in any zone; k_hard (M9) and silences may differ and are not compared.
    """
    frames, one = plain(plan)
    zones = ("UTC", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata")
    there = Ours(OURS.mailboxes, OURS.domains, zone=zones[seed % len(zones)])
    other = detect(frames, ours=there)
    for name in ("mails", "acts", "assistants"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    timeless = [label for label in SLOT if label not in ("hard", "replaced_at")]
    pd.testing.assert_frame_equal(one.slots[timeless], other.slots[timeless])
    counts = ["contact", "k", "n", "unknown", "early", "excused", "agreed", "own_late"]
    lines = [found.standings.set_index("contact")[counts[1:]] for found in (one, other)]
    # Who is listed by meetings alone stays in; a debt or a silence may bring a line of noughts.
    shared = lines[0].index.union(lines[1].index)
    here, far = (line.reindex(shared).fillna(0).astype("int64") for line in lines)
    pd.testing.assert_frame_equal(here, far)


def as_evidence_grows(plan: Plan, seed: int) -> None:
    """What was an incident in an earlier report still is one later, unless answered or undone.

    The plans have no out-of-office notice and no record (both may excuse, or show otherwise, what
    looked like an incident), nobody answers, and no incident leaves the window in between.
    """
    world = build(plan)
    sooner = MONDAY - (1 + seed % 40) * DAY
    past = world.facts(sooner)
    cut = {
        "observations": past.observations[past.observations["seen_at"] <= sooner],
        "messages": past.messages[past.messages["at"] <= sooner],
        "calls": past.calls[past.calls["at"] <= sooner],
    }
    polls = past.polls[past.polls["started_at"] <= sooner]
    then = detect(remade(past, polls=polls, **cut), sooner)
    now = plain(plan)[1]
    label = ["meeting_key", "contact", "number"]
    before = then.slots[then.slots["in_k"]].set_index(label)
    after = now.slots.set_index(label)
    assert set(before.index) <= set(after.index[after["in_k"]])
    kept = after.loc[before.index]
    for column in ("rule", "outcome", "start_at", "act_hi", "evidence_key"):
        assert kept[column].tolist() == before[column].tolist(), column


#: Meetings end silences, so some worlds have hardly any.
_EVERYTHING = plans() | plans(most=1, least=0)
#: What a law needs of its worlds where it does not hold, or says less, in all of them.
_NEEDS = {
    "in_another_zone": plans(
        actions=("nothing", "declined", "accepted again", "cancelled", "tentative", "gone"),
        letters=("ask", "again", "theirs", "answer", "bounce", "bulk", "call"),
        away=(False,),
    ),
    "as_evidence_grows": plans(
        letters=("ask", "again", "theirs", "answer", "bulk", "call"),
        records=("",),
        away=(False,),
    ),
}

LAWS: dict[str, Law] = {
    law.__name__: law
    for law in (
        in_any_order,
        delivered_twice,
        dealt_to_two_mailboxes,
        copied_to_a_colleague,
        under_other_names,
        beside_a_stranger,
        after_one_more_sync,
        weeks_earlier,
        in_another_zone,
        as_evidence_grows,
    )
}


#: One for all laws of a run: they are tried on the same worlds, of each of which is found once what
#: there is. A failure shows its whole world.
WORLDS = 0 if settings.default.derandomize else SystemRandom().randrange(2**32)


def attack(law: Law, worlds: int) -> None:
    """Try a law on so many random worlds."""

    # A world takes half a second: to make a failing one smaller would take minutes.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)

    @seed(WORLDS)
    @settings(max_examples=worlds, suppress_health_check=list(HealthCheck), phases=phases)
    @given(plan=_NEEDS.get(law.__name__, _EVERYTHING), chance=st.integers(0, 2**31 - 1))
    def tried(plan: Plan, chance: int) -> None:
        law(plan, chance)

    tried()


@pytest.mark.xdist_group("laws")
@pytest.mark.parametrize("name", sorted(LAWS))
def test_a_contacts_standing_does_not_change(name: str) -> None:
    attack(LAWS[name], 2)


@pytest.mark.proof
def test_the_worlds_have_something_to_say() -> None:
    """Else every law would hold: all outcomes, silences and questions must come up."""
    outcomes: set[str] = set()
    rules: set[str] = set()
    kinds: set[str] = set()

    def looked_at(plan: Plan) -> None:
        found = detect(build(plan).facts(MONDAY))
        outcomes.update(found.slots["outcome"])
        rules.update(found.silences["rule"])
        kinds.update(found.questions["kind"])

    for some in (plans(least=5), plans(least=0, most=1)):
        settings(max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))(
            given(plan=some)(looked_at)
        )()
    assert outcomes >= {
        "attended", "kept", "cancelled_late", "moved_late", "absent", "changed_early", "unknown",
        "excused", "coming",
    }  # fmt: skip
    assert rules >= {"T1", "T2", "T5"}
    assert rules & {"T2+", "T3", "T4"}
    assert kinds >= {"M1", "M6", "M8"}


@pytest.mark.proof
@pytest.mark.xdist_group("laws")
@pytest.mark.parametrize("name", sorted(LAWS))
def test_a_contacts_standing_does_not_change_in_many_worlds(name: str) -> None:
    attack(LAWS[name], 25)
