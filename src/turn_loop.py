"""The asyncio loop on which replies stream: one job of the pool, so that four hung replies cannot starve it. Warmed.

Guarantees
- `run` is the only code that touches the loop from inside; `submit` and `stop` may be called from any thread.
- `stop` cancels what still streams; `run` then returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class TurnLoop:
    """An event loop that runs until `stop`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

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

    def call_later(self, delay_s: float, action: Callable[[], object]) -> None:
        """Calls *action* on the loop's thread in *delay_s* seconds; dropped once the loop has ended."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.call_later, delay_s, action)
