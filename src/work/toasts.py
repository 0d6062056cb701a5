"""Short notices for the user. Values and one bounded list; knows no window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal

from src.value import Value

ToastKind = Literal["info", "success", "warning", "error"]
MAX_TOASTS = 20


class Toast(Value):
    """One notice; `number` tells one from the next, a `sticky` one stays until it is dismissed."""

    number: int
    kind: ToastKind
    text: str
    sticky: bool = False


class Toasts:
    """The notices not yet dismissed, oldest first, at most 20. `_lock` guards them."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._lock = threading.Lock()
        self._shown: tuple[Toast, ...] = ()
        self._number = 0

    def snapshot(self) -> tuple[Toast, ...]:
        """The notices now."""
        with self._lock:
            return self._shown

    def add(self, text: str, kind: ToastKind = "info", *, sticky: bool = False) -> Toast:
        """Shows *text*. The same text again takes the place of the one that is shown."""
        with self._lock:
            self._number += 1
            toast = Toast(self._number, kind, text, sticky)
            others = [one for one in self._shown if one.text != text]
            if len(others) >= MAX_TOASTS:
                others.remove(next((one for one in others if not one.sticky), others[0]))
            self._shown = (*others, toast)
        self._notify()
        return toast

    def dismiss(self, number: int) -> None:
        """Takes the notice away; an unknown number is none."""
        with self._lock:
            kept = tuple(one for one in self._shown if one.number != number)
            changed, self._shown = kept != self._shown, kept
        if changed:
            self._notify()
