"""Which tests must one worker run, because they share what was built once, and which begin first?

A group is named by `pytest.mark.xdist_group`; without one, tests that ask for something of their
module's (a fixture of scope `module`) are a group: else each worker would build it for itself. Of the
long tests only those are that say so.
"""

from __future__ import annotations

import pytest


def group_of(item: pytest.Item) -> str:
    """The name of the group of a test; "" where any worker may run it."""
    marker = item.get_closest_marker("xdist_group")
    if marker is not None:
        return str(marker.args[0])
    if item.get_closest_marker("proof") is not None:
        return ""  # few and long: that both workers have something to do matters more
    asked = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    shares = any(known[-1].scope == "module" for known in asked.values())
    return item.nodeid.partition("::")[0] if shares else ""


def in_one_worker(item: pytest.Item) -> None:
    """Write a test's group behind its id, where `--dist loadgroup` looks for it.

    pytest-xdist 3.8 writes it to a name that pytest 9.2 no longer reads: no group was kept together,
    and nobody was told. tests/support/test_workers.py holds that it is.
    """
    group, known = group_of(item), item.nodeid
    if group and not known.endswith(f"@{group}"):
        item._id = type(item._id).parse(f"{known}@{group}")


def long_ones_first(items: list[pytest.Item]) -> None:
    """Put what is marked `lengthy` before all else; the order of the others stays as it is.

    Groups are dealt out by their size, then what is alone by its place: a test of many seconds that
    came last was run by one worker while the others had nothing left to do.
    """
    items.sort(key=lambda item: item.get_closest_marker("lengthy") is None)
