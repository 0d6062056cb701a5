"""All discussions of the folder that is open: found by their words, renamed, pinned, deleted and brought back.

Guarantees
- Everything that touches the disk runs on the pool; `_lock` guards the state, which is swapped as a frozen value.
- A deleted discussion is moved to `deleted/` beside the others and stays there for KEPT_S; one that any Sloppy has open
  is not moved.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from src.discussion.live import LiveDiscussion
from src.value import Value
from src.work.background import Background
from src.work.toasts import ToastKind

if TYPE_CHECKING:
    from src.discussion.index import Found

DELETED = "deleted"
KEPT_S = 30 * 24 * 3600.0


class LibraryState(Value):
    """`searched` is what `found` answers; `is_searching`: an answer is on its way; `deleted`: the last one first."""

    searched: str = ""
    found: tuple[Found, ...] = ()
    is_searching: bool = False
    deleted: tuple[str, ...] = ()


class Library:
    """The discussions beside the one that is open. `cache` is the folder of the index, "" until it is known."""

    def __init__(
        self,
        background: Background,
        discussion: LiveDiscussion,
        cache: Callable[[], str],
        notify: Callable[[], None],
        tell: Callable[[str, ToastKind], object],
    ) -> None:
        self._background = background
        self._discussion = discussion
        self._cache = cache
        self._notify = notify
        self._tell = tell
        self._lock = threading.Lock()
        self._state = LibraryState()
        self._wanted = ""

    def snapshot(self) -> LibraryState:
        """What was found, and what was deleted."""
        return self._state

    def search(self, text: str) -> None:
        """Looks for *text* in all discussions; the last text wins."""
        with self._lock:
            if text == self._wanted:
                return
            self._wanted = text
            if not text.strip():
                self._state = self._state._replace(searched="", found=(), is_searching=False)
                return
            self._state = self._state._replace(is_searching=True)
        self._background.submit(partial(self._search, text))

    def rename(self, name: str, title: str) -> None:
        """Calls the discussion *title*; an empty one gives it back the title from its first message."""
        self._background.submit(lambda: self._label(name, title=" ".join(title.split())))

    def pin(self, name: str, pinned: bool) -> None:
        """Keeps the discussion at the top of the list, or no longer."""
        self._background.submit(lambda: self._label(name, pinned=pinned))

    def delete(self, name: str) -> None:
        """Moves the discussion to the deleted ones; one that is open here is closed first."""
        if name == self._discussion.snapshot().name:
            closed = self._discussion.new()
            closed.add_done_callback(lambda _: self._background.submit(lambda: self._delete(name)))
        else:
            self._background.submit(lambda: self._delete(name))

    def restore(self) -> None:
        """Brings back what was deleted last in this run."""
        if deleted := self._state.deleted:
            self._background.submit(lambda: self._restore(deleted[0]))

    def _search(self, text: str) -> None:
        from src.discussion import index  # here and below: on the pool, and only for who asks

        folder, cache = self._discussion.folder, self._cache()
        with self._lock:
            if self._wanted != text:  # typed on since
                return
        found: tuple[Found, ...] = ()
        try:
            if folder and cache:
                found = index.search(os.path.join(cache, index.FILE), folder, text)
        except OSError as error:
            self._tell(f"The discussions cannot be searched: {error.strerror}.", "error")
        with self._lock:
            if self._wanted == text:
                self._state = self._state._replace(searched=text, found=found, is_searching=False)
        self._notify()

    def _label(self, name: str, **fields: object) -> None:
        from src.discussion import labels

        try:
            labels.change(self._discussion.folder, name, **fields)
        except OSError as error:
            self._tell(f"{name} keeps its name and place: {error.strerror}.", "error")
        self._discussion.refresh()

    def _delete(self, name: str) -> None:
        from src.discussion.log import SUFFIX
        from src.storage.instance_lock import InstanceLock

        folder = self._discussion.folder
        path = os.path.join(folder, name + SUFFIX)
        kept = os.path.join(folder, DELETED)
        lock = InstanceLock(f"{path}.lock")
        try:
            if not lock.take():
                self._tell(f"{name} is open in another Sloppy and stays.", "warning")
                return
            try:
                os.makedirs(kept, mode=0o700, exist_ok=True)
                os.replace(path, os.path.join(kept, name + SUFFIX))
            finally:
                lock.release()
            _forget_old(kept)
        except FileNotFoundError:
            pass  # nothing was ever written
        except OSError as error:
            self._tell(f"{name} cannot be deleted: {error.strerror}.", "error")
            return
        else:
            with self._lock:
                self._state = self._state._replace(deleted=(name, *self._state.deleted))
            self._tell("Deleted; 'Undo the deletion' in the menu Discussion brings it back.", "info")
        self._discussion.refresh()

    def _restore(self, name: str) -> None:
        from src.discussion.log import SUFFIX

        folder = self._discussion.folder
        try:
            os.replace(os.path.join(folder, DELETED, name + SUFFIX), os.path.join(folder, name + SUFFIX))
        except OSError as error:
            self._tell(f"{name} cannot be brought back: {error.strerror}.", "error")
            return
        with self._lock:
            self._state = self._state._replace(deleted=tuple(one for one in self._state.deleted if one != name))
        self._discussion.refresh()
        self._notify()


def _forget_old(folder: str) -> None:
    """Removes what was deleted long ago."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False) and time.time() - entry.stat().st_mtime > KEPT_S:
                os.unlink(entry.path)
