"""The one executor of the program.

Guarantees
- At most four worker threads, named `controller-io_0` to `controller-io_3`; nothing else in `src/` starts a thread.
- A job that raises is counted and its exception kept by its future; the worker goes on.
- After `close` no job starts; jobs that run are not interrupted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from src.value import Value

WORKERS = 4
PREFIX = "controller-io"


class PoolStatus(Value):
    """Jobs by state, and the worker threads alive."""

    workers: int
    running: int
    queued: int
    completed: int
    failed: int
    threads: tuple[str, ...]


class IoPool:
    """A ThreadPoolExecutor that counts. `_lock` guards the counters."""

    def __init__(self) -> None:
        self._threads: set[threading.Thread] = set()
        self.executor = ThreadPoolExecutor(WORKERS, PREFIX, lambda: self._threads.add(threading.current_thread()))
        self._lock = threading.Lock()
        self._queued = self._running = self._completed = self._failed = 0

    def submit(self, job: Callable[..., Any], *args: Any) -> Future[Any]:
        """Runs `job(*args)` on a worker. Raises RuntimeError after `close`."""
        with self._lock:
            self._queued += 1
        try:
            return self.executor.submit(self._run, job, args)
        except RuntimeError:
            with self._lock:
                self._queued -= 1
            raise

    def status(self) -> PoolStatus:
        """The counters now."""
        names = tuple(sorted(thread.name for thread in tuple(self._threads) if thread.is_alive()))
        with self._lock:
            return PoolStatus(WORKERS, self._running, self._queued, self._completed, self._failed, names)

    @property
    def is_full(self) -> bool:
        """Every worker is taken: a job would wait. The warmup's own jobs count."""
        with self._lock:
            return self._running + self._queued >= WORKERS - 1

    def close(self) -> None:
        """Starts no further job and does not wait."""
        self.executor.shutdown(wait=False, cancel_futures=True)

    def join(self, timeout: float) -> bool:
        """Waits up to *timeout* seconds for the workers; True when none is left. Call `close` first."""
        deadline = time.monotonic() + timeout
        threads = [thread for thread in tuple(self._threads) if thread is not threading.current_thread()]
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _run(self, job: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        with self._lock:
            self._queued -= 1
            self._running += 1
        failed = True
        try:
            result = job(*args)
            failed = False
            return result
        finally:
            with self._lock:
                self._running -= 1
                self._failed += failed
                self._completed += not failed
