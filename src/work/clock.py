"""How long the window's frames take: the longest since the first one is what a user would feel. Standard library only.

A frame counts from `begin` to `end`; the pause between two frames is the toolkit's idling and no delay.
"""

from __future__ import annotations

import time

_SETTLING = 3  # the first frames build fonts and the dock layout


class FrameClock:
    """Times of the frames drawn so far, in milliseconds. The window's thread writes, any thread reads."""

    def __init__(self) -> None:
        self.count = 0
        self.worst_ms = 0.0
        self._began: float | None = None

    def begin(self) -> None:
        """A frame begins."""
        self._began = time.perf_counter()

    def end(self) -> None:
        """It is on screen."""
        if self._began is None:
            return
        took = (time.perf_counter() - self._began) * 1000
        self._began = None
        self.count += 1
        if self.count > _SETTLING:
            self.worst_ms = max(self.worst_ms, took)
