"""Discussions that were left before all that was said in them is on the disk. They hold their trees, logs and locks.

Guarantees
- One of them is here until its log is written whole: opening it again goes on with the same tree and the same writer.
- `lock` is the open discussion's own and guards the field; a log is closed outside it, since that writes.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from src.discussion.text import title_of
from src.value import Value

if TYPE_CHECKING:
    from src.discussion.listing import DiscussionInfo
    from src.discussion.log import DiscussionLog
    from src.discussion.tree import Discussion


class Left(Value):
    """One of them; `agreed` are the tools that the user agreed to in it."""

    tree: Discussion
    log: DiscussionLog
    agreed: frozenset[str]


class LeftDiscussions:
    """Those that are not written yet, in the order in which they were left."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._all: tuple[Left, ...] = ()

    def __iter__(self) -> Iterator[Left]:
        with self._lock:
            return iter(self._all)

    def __bool__(self) -> bool:
        with self._lock:
            return bool(self._all)

    def add(self, left: Left) -> None:
        """This one was left just now."""
        with self._lock:
            self._all += (left,)

    def close(self, left: Left | None) -> None:
        """Writes what waits in it, and lets it go when that is all. On the pool, or at the end of the program."""
        if left is not None and left.log.close():
            self.forget(left.log)

    def forget(self, log: DiscussionLog) -> None:
        """All of the discussion with this log is on the disk."""
        with self._lock:
            self._all = tuple(one for one in self._all if one.log is not log)

    def find(self, path: str) -> Left | None:
        """The one whose log is at *path*."""
        with self._lock:
            return next((one for one in self._all if one.log.path == path), None)

    def listed(self, folder: str | None, known: tuple[DiscussionInfo, ...]) -> tuple[DiscussionInfo, ...]:
        """*known*, what is in *folder*, with those first that have turns and no file yet. On the pool."""
        from src.discussion.listing import DiscussionInfo

        names = {one.name for one in known}
        unwritten = tuple(
            DiscussionInfo(one.log.name, title_of(one.tree.branch()), time.time(), 0)
            for one in self
            if os.path.dirname(one.log.path) == folder and one.log.name not in names and len(one.tree)
        )
        return (*unwritten, *known)
