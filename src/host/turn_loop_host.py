"""Starts the loop on which replies stream once its module is warm, and ends it.

Guarantees
- No loop starts after `stop`. `_lock` guards the fields.
"""

from __future__ import annotations

import threading
from typing import Any

from importguard.warmup import require_warmed as _require_warmed
from src.turn.replies import TURN_LOOP, Replies
from src.work.background import Background
from src.work.io_pool import IoPool


class TurnLoopHost:
    """The turn loop of one running Sloppy; a job of the pool."""

    def __init__(self, pool: IoPool, background: Background, replies: Replies) -> None:
        self._pool = pool
        self._background = background
        self._replies = replies
        self._lock = threading.Lock()
        self._stopped = False
        self._loop: Any = None
        background.when_warm((TURN_LOOP,), self._start)

    def stop(self) -> None:
        """Cancels what still streams and ends the loop."""
        with self._lock:
            self._stopped = True
            loop = self._loop
        if loop is not None:
            loop.stop()

    def join(self, timeout: float) -> bool:
        """Waits up to *timeout* seconds for the loop's own threads; True when none is left."""
        with self._lock:
            loop = self._loop
        return loop is None or bool(loop.join(timeout))

    def _start(self) -> None:
        with self._lock:
            if self._stopped:  # nobody would stop it again
                return
            loop = self._loop = _require_warmed("src.turn.loop").TurnLoop()
        self._pool.submit(loop.run)
        self._replies.use_loop(loop)
        self._background.set_clock(loop)
