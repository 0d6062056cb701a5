"""Threads of the runtime's own, and the ways out of a process whose import hangs.

Guarantees
- Every thread made here is a daemon: an import that hangs on one does not hold the interpreter's exit. A subinterpreter
  that allows no daemons gets plain threads, and its end waits for the job that runs.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "importguard-warmup"


class Submits(Protocol):
    """What a warmup wants of an executor; every concurrent.futures executor of threads has it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Any:
        """Runs `fn(*args)` on a thread, soon."""


class DaemonThreads:
    """An executor that gives each job a daemon thread of its own."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> None:
        """Runs `fn(*args)`. Raises RuntimeError when no thread can be started."""
        start_daemon(fn, *args)


def start_daemon(target: Callable[..., Any], *args: Any) -> None:
    """Runs `target(*args)` on a new daemon thread. Raises RuntimeError when none can be started."""
    try:
        threading.Thread(target=target, args=args, name=NAME, daemon=True).start()
    except RuntimeError as error:
        if "daemon" not in str(error):
            raise
        threading.Thread(target=target, args=args, name=NAME, daemon=False).start()


def no_thread(error: BaseException) -> bool:
    """Whether *error* says that the system has no thread to give just now, so that a later try may have one."""
    return isinstance(error, RuntimeError) and "thread" in str(error) and "shutdown" not in str(error)


def end_process(code: int) -> NoReturn:
    """Ends the process now, although a thread that is no daemon hangs in an import.

    The interpreter's own exit joins the workers of a ThreadPoolExecutor without a timeout. What is registered
    with `atexit` and `logging` runs, and the standard streams are flushed. `finally` blocks of
    other threads do not run.
    """
    import atexit
    import os

    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # closed, or nobody listens
    os._exit(code)
