"""What does whoever judges a shard get? The facts that it needs, and what the survey says of them.

It is small enough to be handed to another process: each column once, as it lies in memory.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from connectors.model.frames import Frames
from reports.detect.mail.believed import Believed
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting


@dataclass(frozen=True)
class Cut:
    """`facts`: what is believed, with `doubted` and `vouched` as in Believed; `meetings`, `guests`: all
    that was given of them. `surveyed`: what further steps say, by their names.
    """

    facts: Frames
    doubted: pd.DataFrame
    vouched: frozenset[str]
    meetings: pd.DataFrame
    guests: pd.DataFrame
    setting: Setting
    surveyed: Mapping[str, Any]
    thorough: bool = False

    def detection(self) -> Detection:
        """The detection of these facts."""
        given = replace(self.facts, meetings=self.meetings, guests=self.guests)
        believed = Believed(self.facts, self.doubted, self.vouched)
        surveyed = {**self.surveyed, "believed": believed}
        return Detection(given, self.setting, thorough=self.thorough, surveyed=surveyed)


def packed(value: Any) -> bytes:
    """The value as bytes for another process of ours; `pickle.loads` takes it out again."""
    held = io.BytesIO()
    pickler = pickle.Pickler(held, protocol=5)
    # The settings hold tables that nobody can change; Python itself does not pickle these.
    pickler.dispatch_table = {**copyreg.dispatch_table, MappingProxyType: _taken_apart}
    pickler.dump(value)
    return held.getvalue()


def _view_of(table: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(table)


def _taken_apart(
    view: MappingProxyType[Any, Any],
) -> tuple[Callable[..., Any], tuple[dict[Any, Any]]]:
    return _view_of, (dict(view),)
