"""How are all facts judged by several processes at once, as one would judge them?

This process surveys all facts, hands out every shard but the first, and judges that one itself. A shard
whose process died is judged here as well: it costs time, and no finding.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field

from config.policy import Policy
from connectors.model.frames import Frames
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.detect.shards import joining
from reports.detect.shards.cut import Cut, packed
from reports.detect.shards.joining import Joined, Part
from reports.detect.shards.survey import Survey, survey

#: It is looked so often whether the run is to end [s].
_STEP = 0.5


def _go_on() -> None:
    """Nobody asked for an end."""


@dataclass(frozen=True)
class Helpers:
    """Who judges beside this process. `number`: into so many shards the facts are cut, one of them for
    this process; `deaths`: by these errors the executor says that a process died; `died` is then told the
    shard. `go_on` raises where the run was asked to end.
    """

    executor: Executor
    number: int
    deaths: tuple[type[BaseException], ...] = ()
    died: Callable[[int], None] = field(default=lambda _: None)
    go_on: Callable[[], None] = _go_on


def judge(unit: bytes) -> bytes:
    """What a packed shard says; in another process."""
    cut, policies = pickle.loads(unit)  # noqa: S301 - our own
    return packed(_judged(cut, policies))


def ready() -> None:
    """Does nothing: whoever was asked for it has begun, and has loaded what judging needs."""


def detection(
    frames: Frames, setting: Setting, helpers: Helpers, policies: Sequence[Policy] = ()
) -> Detection:
    """The detection of these facts. policies: other limits under which it will be asked for standings and
    for what is owed (`Detection.under`), so that the shards find these as well.
    """
    seen = survey(frames, setting)
    asked = [policy for policy in policies if seen.holds_under(policy)]
    first, *others = seen.shards(helpers.number)
    waiting = {shard: _handed_out(seen, shard, helpers, asked) for shard in others}
    helpers.go_on()
    part = _judged(seen.shard(first, helpers.number), asked)
    parts = [joining.own(seen, part, first, helpers.number)]
    for shard, future in waiting.items():
        part = _result(seen, shard, future, helpers, asked)
        parts.append(joining.own(seen, part, shard, helpers.number))
    return Joined(seen, parts, asked)


def _judged(cut: Cut, policies: Sequence[Policy]) -> Part:
    return joining.said(cut.detection(), policies)


def _handed_out(
    seen: Survey, shard: int, helpers: Helpers, policies: Sequence[Policy]
) -> Future[bytes] | None:
    helpers.go_on()
    unit = packed((seen.shard(shard, helpers.number), tuple(policies)))
    try:
        return helpers.executor.submit(judge, unit)
    except helpers.deaths:
        return None


def _result(
    seen: Survey,
    shard: int,
    future: Future[bytes] | None,
    helpers: Helpers,
    policies: Sequence[Policy],
) -> Part:
    while future is not None and not future.done():
        helpers.go_on()
        wait([future], timeout=_STEP)
    try:
        if future is not None:
            part: Part = pickle.loads(future.result())  # noqa: S301 - our own
            return part
    except helpers.deaths:
        pass
    helpers.died(shard)
    return _judged(seen.shard(shard, helpers.number), policies)
