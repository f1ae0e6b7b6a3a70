"""What does a process use of its machine, and how does one behave that another one of ours has hired?"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STOPS = (signal.SIGINT, signal.SIGTERM)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def without_collector() -> Iterator[None]:
    """A stretch in which the collector of cycles rests: of many rows none is in one.

    It would go through all of them again and again, a tenth of the work of reading. What a block
    leaves behind is collected after it.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def serve() -> None:
    """What a new process does first. Signals are for the process that hired it, which passes them on;
    where that one is killed, this one ends with it.
    """
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """A killed run leaves nobody behind; what is half done is not committed."""
    parent.join()
    os._exit(1)


@contextmanager
def undisturbed() -> Iterator[None]:
    """A stretch in which processes may be hired: a Ctrl-C that reaches all of a terminal waits, here
    until the stretch is over, in a process that begins until it serves.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
