"""The files that went out with a turn, beside what they are now. Looks at the disk on the pool, when somebody asks.

Guarantees
- `of` returns at once: what was found before, or None until it is. `_lock` guards the table of the last `MAX_KEPT`.
- A turn is looked at again when the project's files were, and never while an earlier look at it goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from src.discussion.events import SentFile
from src.discussion.live import LiveDiscussion
from src.project.scan import ContextFile
from src.project_manager import ProjectManager
from src.value import Value
from src.work.background import Background

MAX_KEPT = 16


class SentNow(Value):
    """A file that went out; `change` says what became of it since, empty when it is as it was."""

    file: SentFile
    change: str


class _Look(Value):
    sent: tuple[SentFile, ...]
    files: tuple[ContextFile, ...]
    found: tuple[SentNow, ...] | None
    runs: bool


class SentFiles:
    """What the turns of *discussion* were sent with, compared with the files of *project*."""

    def __init__(
        self, background: Background, notify: Callable[[], None], discussion: LiveDiscussion, project: ProjectManager
    ) -> None:
        self._background = background
        self._notify = notify
        self._discussion = discussion
        self._project = project
        self._lock = threading.Lock()
        self._looks: dict[int, _Look] = {}

    def of(self, turn_id: int) -> tuple[SentNow, ...] | None:
        """The files that went out with the turn, or with the request that it answers, the changed ones first.

        None while they are looked at."""
        sent = self._discussion.sent_with(turn_id)
        if not sent:
            return ()
        files = self._project.snapshot().files
        with self._lock:
            last = self._looks.get(turn_id)
            if last is not None and last.sent is sent and (last.runs or last.files is files):
                return last.found
            found = last.found if last is not None and last.sent is sent else None
            self._looks.pop(turn_id, None)
            self._looks[turn_id] = _Look(sent, files, found, runs=True)
            while len(self._looks) > MAX_KEPT:
                del self._looks[next(iter(self._looks))]
        self._background.submit(lambda: self._look(turn_id, sent))
        return found

    def _look(self, turn_id: int, sent: tuple[SentFile, ...]) -> None:
        now = self._project.digests(file.path for file in sent)
        compared = [SentNow(file, _change(file, *now[file.path])) for file in sent]
        found = tuple(sorted(compared, key=lambda one: not one.change))
        with self._lock:
            last = self._looks.get(turn_id)
            if last is None or last.sent is not sent:
                return
            self._looks[turn_id] = last._replace(found=found, runs=False)
        self._notify()


def _change(file: SentFile, digest: str, reason: str) -> str:
    return reason or ("" if digest == file.digest else "changed since")
