"""What becomes of warmups when their process forks, and when it ends.

Guarantees
- A fork finds no warmup between two states: their locks are held over it.
- In a fork's child nothing runs; the collector and the switch interval are what they were before.
- At exit no further job begins, no callback is called, and a job that runs on a daemon thread has two seconds to end:
  a thread that the interpreter's end stops in the middle of a C++ initialiser aborts the process.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from typing import Protocol

from importguard.warmup.smoothness import smoothness

EXIT_WAIT_S = 2.0


class Held(Protocol):
    """What the process asks of a warmup."""

    def hold(self) -> None:
        """Nothing changes until `release`: the process forks."""

    def release(self, *, in_child: bool) -> None:
        """The fork is over."""

    def quit(self) -> None:
        """The process ends."""

    def wait(self, timeout: float | None = None) -> bool:
        """Waits up to *timeout* seconds for what still runs."""


_alive: weakref.WeakSet[Held] = weakref.WeakSet()
_held: dict[int, tuple[Held, ...]] = {}  # by thread: two may fork at once


def remember(warmup: Held) -> None:
    """Forks and the exit concern *warmup* too, as long as somebody holds it."""
    _alive.add(warmup)


def alive() -> tuple[Held, ...]:
    """What is remembered and still held by somebody."""
    return tuple(_alive)


def _before_fork() -> None:
    held = _held[threading.get_ident()] = tuple(_alive)
    for warmup in held:
        warmup.hold()
    smoothness.lock.acquire()


def _after_fork(*, in_child: bool) -> None:
    if in_child:
        smoothness.leave_all()
    smoothness.lock.release()
    for warmup in _held.pop(threading.get_ident()):
        warmup.release(in_child=in_child)


def _end() -> None:
    until = time.monotonic() + EXIT_WAIT_S
    for warmup in _alive:
        warmup.quit()
    for warmup in _alive:
        warmup.wait(max(0.0, until - time.monotonic()))


atexit.register(_end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=lambda: _after_fork(in_child=False),
        after_in_child=lambda: _after_fork(in_child=True),
    )
