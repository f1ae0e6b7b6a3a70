"""What does each function of detection get and give while `pipeline.detect` runs?

Every public function of reports.detect.*.* is wrapped wherever a module holds it, for the length of
a `with`. The wrapper remembers the call and looks whether any
table that went in was changed.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd

import reports.detect

#: What asks the functions of detection: the order of the steps, and shards of the facts.
_ABOVE = ("reports.detect.pipeline", "reports.detect.shards")

Table = pd.DataFrame | pd.Series | np.ndarray


@dataclass(frozen=True)
class Call:
    function: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any]
    result: Any

    @property
    def name(self) -> str:
        return name_of(self.function)


def name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def modules() -> list[Any]:
    return [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(reports.detect.__path__, "reports.detect.")
        if not found.ispkg and not found.name.startswith(_ABOVE)
    ]


def public() -> list[Callable[..., Any]]:
    """All public functions of detection that take a table."""
    found = []
    for module in modules():
        for name, one in vars(module).items():
            own = inspect.isfunction(one) and one.__module__ == module.__name__
            if own and not name.startswith("_") and _takes_tables(one):
                found.append(one)
    return found


def _takes_tables(function: Callable[..., Any]) -> bool:
    kinds = ("DataFrame", "Series", "Frames", "Gathered", "Arrived", "MailIndex")
    given = [str(one.annotation) for one in inspect.signature(function).parameters.values()]
    return any(kind in text for kind in kinds for text in given)


def tables(value: Any, path: str = "") -> Iterator[tuple[str, Table]]:
    """All tables within a value, each with its place."""
    if isinstance(value, pd.DataFrame | pd.Series | np.ndarray):
        yield path, value
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from tables(getattr(value, one.name), f"{path}.{one.name}")
    elif isinstance(value, tuple | list):
        for number, one in enumerate(value):
            yield from tables(one, f"{path}[{number}]")


def copied(table: Table) -> Table:
    return table.copy(deep=True) if not isinstance(table, np.ndarray) else table.copy()


def unchanged(before: Table, after: Table) -> bool:
    if isinstance(before, np.ndarray):
        return bool(np.array_equal(before, np.asarray(after)))
    same = type(before) is type(after) and before.equals(after)  # type: ignore[arg-type]
    return bool(same and before.index.equals(after.index))  # type: ignore[union-attr]


@contextmanager
def watched(calls: list[Call]) -> Iterator[None]:
    """Collect all calls of the public functions; raises AssertionError where an input changed."""
    wrappers = {function: _wrapped(function, calls) for function in public()}
    held = []
    for name, module in list(sys.modules.items()):
        if name == "reports" or name.startswith("reports."):
            for label, one in list(vars(module).items()):
                if inspect.isfunction(one) and one in wrappers:
                    held.append((module, label, one))
    try:
        for module, label, one in held:
            setattr(module, label, wrappers[one])
        yield
    finally:
        for module, label, one in held:
            setattr(module, label, one)


def _wrapped(function: Callable[..., Any], calls: list[Call]) -> Callable[..., Any]:
    def run(*args: Any, **options: Any) -> Any:
        given = list(tables((*args, *options.values()), name_of(function)))
        before = [copied(table) for _, table in given]
        result = function(*args, **options)
        for (path, table), was in zip(given, before, strict=True):
            assert unchanged(was, table), f"{path} was changed"
        calls.append(Call(function, args, options, result))
        return result

    return run
