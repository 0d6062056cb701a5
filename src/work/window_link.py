"""The way from other threads into the window's thread. Knows neither imgui nor what the window is.

Guarantees
- A question runs on the window's thread, between two frames; `ask` only hands it over and wakes the window.
- Every question is answered: what it returns or raises, or NoWindowError once the window has closed.
- At most `MAX_WAITING` questions wait.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

MAX_WAITING = 100


class NoWindowError(RuntimeError):
    """There is no window that could answer."""


class WindowLink:
    """Questions for the window. `_lock` guards all fields."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window: Any = None
        self._wake: Callable[[], None] | None = None
        self._waiting: deque[tuple[Callable[[Any], Any], Future[Any]]] = deque()

    def open(self, window: Any, wake: Callable[[], None]) -> None:
        """From now on *window* is asked; *wake* makes it draw a frame, from any thread."""
        with self._lock:
            self._window, self._wake = window, wake

    def close(self) -> None:
        """Rejects all waiting questions with NoWindowError."""
        with self._lock:
            self._window = self._wake = None
            left, self._waiting = self._waiting, deque()
        for _, answer in left:
            if answer.set_running_or_notify_cancel():
                answer.set_exception(NoWindowError("The window has closed."))

    @property
    def is_open(self) -> bool:
        """There is a window."""
        return self._wake is not None

    def ask(self, question: Callable[[Any], Any]) -> Future[Any]:
        """What `question(window)` returns, at the next frame. Raises NoWindowError without a window or when flooded."""
        answer: Future[Any] = Future()
        with self._lock:
            if self._wake is None:
                raise NoWindowError("Sloppy runs without a window; start it without --headless.")
            if len(self._waiting) >= MAX_WAITING:
                raise NoWindowError(f"{MAX_WAITING} questions wait for the window; try again.")
            self._waiting.append((question, answer))
            wake = self._wake
        wake()
        return answer

    def answer(self) -> None:
        """Answers those that wait now. Once a frame, on the window's thread."""
        if not self._waiting:  # the usual frame takes no lock
            return
        with self._lock:
            window, asked, self._waiting = self._window, self._waiting, deque()
        for question, answer in asked:
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(question(window))
            except Exception as error:
                answer.set_exception(error)
