"""The asyncio loop on which replies stream: one job of the pool, so that four hung replies cannot starve it. Warmed.

Guarantees
- `run` is the only code that touches the loop from inside; `submit` and `stop` may be called from any thread.
- `stop` cancels what still streams; `run` then returns.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class TurnLoop:
    """An event loop that runs until `stop`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._lookers: list[threading.Thread] = []
        # The loop looks up the names of hosts on threads; these are known, so that `join` can tell one that hangs.
        self._lookups = ThreadPoolExecutor(
            4, thread_name_prefix="turn-loop", initializer=lambda: self._lookers.append(threading.current_thread())
        )
        self._loop.set_default_executor(self._lookups)

    def run(self) -> None:
        """Runs the loop; a job of the pool."""
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._lookups.shutdown(wait=False, cancel_futures=True)
            self._loop.close()

    def submit(self, turn: Coroutine[Any, Any, T]) -> Future[T]:
        """Starts *turn*; cancel the future to stop it."""
        return asyncio.run_coroutine_threadsafe(turn, self._loop)

    def wrap(self, future: Future[T]) -> asyncio.Future[T]:
        """*future* of another thread, to be awaited on the loop."""
        return asyncio.wrap_future(future, loop=self._loop)

    def stop(self) -> None:
        """Ends `run`."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)

    def join(self, timeout: float) -> bool:
        """Waits up to *timeout* seconds for lookups of names, which nothing can stop; True when none is left."""
        deadline = time.monotonic() + timeout
        for thread in tuple(self._lookers):
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._lookers)

    def call_later(self, delay_s: float, action: Callable[[], object]) -> None:
        """Calls *action* on the loop's thread in *delay_s* seconds; dropped once the loop has ended."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.call_later, delay_s, action)
