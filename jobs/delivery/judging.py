"""As of which moment, and what do all facts of the store say then? A large store is judged by several processes at once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

from config.clock import in_reach
from config.errors import ConfigError, Stopped
from config.hired import cores
from config.phrasing import load as load_phrases
from connectors.model.frames import Frames
from jobs.context import Context, ours_from
from jobs.fleet import executors
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.detect.shards import one_contact, side_by_side
from reports.detect.shards.side_by_side import Helpers
from reports.weekly.limits import Values, tried

#: A store of fewer mails and looks is judged alone sooner than others have begun and been told of it.
MANY = 700_000

log = logging.getLogger("noshow.judging")


def moment(context: Context, text: str) -> datetime:
    """`--as-of` as an aware moment, now where empty. Raises ConfigError."""
    if not text:
        return context.clock.now()
    try:
        found = datetime.fromisoformat(text)
        if not in_reach(found):
            raise ValueError(text)
    except ValueError as error:
        raise ConfigError(
            f"{text!r} is no date and time", hint="write it like 2026-11-02 or 2026-11-02T09:00"
        ) from error
    zoned = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(context.settings.zone))
    if zoned > context.clock.now():
        raise ConfigError(f"{text} lies in the future", hint="--as-of looks back only")
    return zoned


def found(context: Context, as_of: datetime, others: Values | None = None) -> Detection:
    """All facts of the store as of then, and what detection says of them.

    others: values of limits under which it will be judged again (`limits.run_again`). Raises Stopped
    where the run was asked to end meanwhile, and StoreError.
    """
    with _hired(context) as helpers:
        if helpers is None:
            return found_alone(context, as_of)
        frames = context.store.frames(as_of)
        setting = _setting(context, frames, as_of)
        policies = [one.policy for one in tried(setting.policy, frames, others or {})]
        return side_by_side.detection(frames, setting, helpers, policies)


def found_alone(context: Context, as_of: datetime) -> Detection:
    """The same by this process alone: for whoever asks again under limits that follow from the answer."""
    frames = context.store.frames(as_of)
    return Detection(frames, _setting(context, frames, as_of))


def found_of(context: Context, as_of: datetime, contact: str) -> Detection:
    """The same for one contact alone: what it says of others is not to be read."""
    if context.store.size() < one_contact.FEW:
        return found(context, as_of)
    ours, then = ours_from(context.settings), pd.Timestamp(as_of).tz_convert("UTC")
    frames = context.store.frames(as_of, one_contact.wanted(contact, ours, load_phrases(), then))
    return Detection(frames, _setting(context, frames, as_of))


def go_on(context: Context) -> None:
    """Raises Stopped where the run was asked to end: before a report leaves, not after."""
    if context.stop():
        raise Stopped("stopped before the report left")


def _setting(context: Context, frames: Frames, as_of: datetime) -> Setting:
    return Setting.of(
        frames.tags,
        ours_from(context.settings),
        context.settings.policy,
        load_phrases(),
        pd.Timestamp(as_of).tz_convert("UTC"),
    )


@contextmanager
def _hired(context: Context) -> Iterator[Helpers | None]:
    """Who judges beside this process; None where it does so alone. They begin while the facts are read."""
    number = context.settings.report.processes or cores()
    if number < 2 or context.store.size() < MANY:
        yield None
        return
    with executors.beside(number - 1, side_by_side.ready) as crew:
        yield Helpers(
            crew.executor,
            number,
            crew.deaths,
            died=_died,
            go_on=lambda: go_on(context),
        )


def _died(shard: int) -> None:
    log.warning("the process that judged shard %d died; its contacts are judged again here", shard)
