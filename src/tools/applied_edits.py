"""The edits that were made for a model, so that the user can take them back. Bounded; `_lock` guards the list."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from src.tools.outcome import Edit
from src.value import Value
from src.work.background import Background
from src.work.toasts import ToastKind

MAX_EDITS = 100


class AppliedEdit(Value):
    """An edit that was made: what it did, the file, the diff, and the commit that it is in, empty without one."""

    id: int
    title: str
    path: str
    diff: str
    commit: str = ""


class AppliedEdits:
    """The edits that can be taken back, newest last. `changed` is called when files have changed."""

    def __init__(
        self, background: Background, changed: Callable[[], None], tell: Callable[[str, ToastKind], object]
    ) -> None:
        self._background = background
        self._changed = changed
        self._tell = tell
        self._lock = threading.Lock()
        self._edits: deque[tuple[AppliedEdit, Edit, Edit]] = deque(maxlen=MAX_EDITS)
        self._number = 0

    def snapshot(self) -> tuple[AppliedEdit, ...]:
        """The edits now."""
        with self._lock:
            return tuple(edit for edit, _made, _applied in self._edits)

    def add(self, made: Edit, applied: Edit) -> None:
        """Remembers the edit *made*, with what applying it answered."""
        with self._lock:
            self._number += 1
            self._edits.append((AppliedEdit(self._number, made.title, made.path, made.diff), made, applied))
        self._changed()

    def committed(self, numbers: frozenset[int], name: str) -> None:
        """The edits of these numbers are in the commit *name*."""
        with self._lock:
            for at, (edit, made, applied) in enumerate(self._edits):
                if edit.id in numbers:
                    self._edits[at] = (edit._replace(commit=name), made, applied)

    def undo(self, number: int) -> Future[bool]:
        """Takes the edit back, on the pool; False with a toast when the file has changed since."""
        return self._background.submit(lambda: self._undo(number))

    def _undo(self, number: int) -> bool:
        with self._lock:
            found = next((row for row in self._edits if row[0].id == number), None)
        if found is None:
            return False
        edit, made, applied = found
        try:
            from src.tools import propose_edit  # on the pool, and seldom

            propose_edit.undo(made, applied)
        except (ValueError, OSError) as error:
            self._tell(f"{edit.title} cannot be taken back: {error}", "error")
            return False
        with self._lock:
            if found in self._edits:
                self._edits.remove(found)
        self._tell(f"Taken back: {edit.title}.", "success")
        self._changed()
        return True
