"""From the controller's threads to the server's loop: coroutines that wait until something changed.

Guarantees
- One listener is registered with the controller per server, however many requests wait.
- A burst of changes wakes the loop once; nothing queues.
"""

from __future__ import annotations

import asyncio
import contextlib

from src.app_controller import AppController


class Changes:
    """What changed is read from snapshots; this only tells when. All but `_tell` belongs to the loop."""

    def __init__(self, controller: AppController) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()
        self._told = False
        self.count = 0  # of changes; take it before you look, so that what comes while you look is not missed
        self.closed = False
        controller.on_change(self._tell)
        controller.on_warmup_complete(lambda _status: self._tell())

    def attach(self) -> None:
        """Begins to wake coroutines of the running loop."""
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """Wakes everybody for good. From any thread."""
        self.closed = True
        self._tell()

    async def wait(self, seen: int, timeout: float) -> None:
        """Returns when something changed since `count` was *seen*, or after *timeout* seconds."""
        if self.count == seen and not self.closed:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), timeout)

    def _tell(self) -> None:
        if self._loop is None or self._told:
            return
        self._told = True
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._told = False  # before the waiters look, so that a change after their look wakes them again
        self.count += 1
        self._changed.set()
        self._changed = asyncio.Event()
