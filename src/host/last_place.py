"""Where the user was: project, discussion, the turn in view, and what was written and not sent. For the next start.

Guarantees
- What is typed is in the file within `SAVE_S` seconds: a kill -9 costs no more than that. Atomic, readable by the user
  alone; written on the pool, and once more at the end.
- Nothing is kept or restored before `keep`: a question on the terminal leaves the window's place alone.
- What the user did before the file was read is never overwritten by it.
- `_lock` guards every field.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable

from src.discussion.live import LiveDiscussion
from src.project_manager import ProjectManager
from src.request.composer import Composer
from src.storage import stored_file
from src.value import Value
from src.work.background import Background
from src.work.toasts import ToastKind

SAVE_S = 0.3
RETRY_S = 5.0


class Place(Value):
    """`project` is the project file's path or empty; `turn` the first one in view, 0 for the end of the discussion."""

    project: str = ""
    discussion: str = ""
    turn: int = 0
    draft: str = ""
    files: tuple[str, ...] = ()


def decode(data: object) -> Place:
    """The place in the JSON value *data*; a field that is wrong is as at a first start."""
    found = data if isinstance(data, dict) else {}
    texts = {name: found[name] for name in ("project", "discussion", "draft") if isinstance(found.get(name), str)}
    turn, files = found.get("turn"), found.get("files")
    return Place(
        **texts,
        turn=turn if type(turn) is int and turn > 0 else 0,
        files=tuple(one for one in files if isinstance(one, str)) if isinstance(files, list) else (),
    )


class LastPlace:
    """Keeps the place of *project*, *discussion* and *composer*. `tell` shows a sentence."""

    def __init__(
        self,
        background: Background,
        project: ProjectManager,
        discussion: LiveDiscussion,
        composer: Composer,
        *,
        notify: Callable[[], None],
        tell: Callable[[str, ToastKind], object],
    ) -> None:
        self._notify = notify
        self._background = background
        self._project = project
        self._discussion = discussion
        self._composer = composer
        self._tell = tell
        self._lock = threading.Lock()
        self._disk = threading.Lock()  # one writer at a time; taken before `_lock`
        self._path = ""
        self._is_kept = self._is_restored = self._is_scheduled = False
        self._turn = self._turn_to_show = 0
        self._saved: Place | None = None

    def keep(self) -> None:
        """From now on the place is kept, and the one of the last run is gone back to."""
        with self._lock:
            self._is_kept = True

    def see(self, turn: int) -> None:
        """The first turn in view; 0 at the end of the discussion. Every frame."""
        if turn != self._turn:
            self._turn = turn
            self.look()

    def turn_to_show(self) -> int:
        """The identifier of the turn that was in view in the last run, once; 0 when there is none to go to."""
        if not self._turn_to_show:
            return 0
        with self._lock:
            turn, self._turn_to_show = self._turn_to_show, 0
        return turn

    def restore(self, path: str) -> None:
        """Goes back to the place in the file at *path*. On the pool."""
        with self._lock:
            self._path = path
            if not self._is_kept:
                return
        place = self._read(path)
        now = self._composer.snapshot()
        if not (now.text or now.attachments):
            self._composer.set_text(place.draft)
            for file in place.files:
                self._composer.attach(file)
        if self._project.snapshot().project is None and not self._discussion.snapshot().turns:
            self._go_back(place)
        else:
            self._on_restored()

    def look(self) -> None:
        """Something may have changed; any thread, cheap."""
        with self._lock:
            if self._is_scheduled or not self._is_restored or self._saved == self._now():
                return
            self._is_scheduled = True
        self._background.later(SAVE_S, lambda: self._background.submit(self.flush))

    def flush(self) -> bool:
        """Writes the place; True when it is in the file, or need not be."""
        with self._disk:  # a writer that was slower than this one would put an older draft over the newer
            path, failure = self._write()
        if failure:
            self._tell(
                f"What you have written and not sent cannot be kept in {path} ({failure}); it is tried again.",
                "warning",
            )
            self._background.later(RETRY_S, self.look)
        else:
            self.look()  # for what was typed meanwhile
        return not failure

    def _write(self) -> tuple[str, str]:
        """Writes the place if it is new; the path, and why it failed."""
        with self._lock:
            self._is_scheduled = False
            place, path = self._now(), self._path
            if not self._is_restored or place == self._saved:
                return path, ""
        try:
            stored_file.write_text(path, json.dumps(place._asdict(), ensure_ascii=True, indent=1) + "\n")
        except OSError as error:
            return path, error.strerror or str(error)
        with self._lock:
            self._saved = place
        return path, ""

    def _now(self) -> Place:
        project, composer = self._project.snapshot().project, self._composer.snapshot()
        return Place(
            project.path if project is not None else "",
            self._discussion.snapshot().name,
            self._turn,
            composer.text,
            tuple(one.path for one in composer.attachments if os.path.isabs(one.path)),
        )

    def _go_back(self, place: Place) -> None:
        def open_discussion(*_: object) -> None:
            self._background.submit(lambda: self._open_discussion(place))

        if place.project and os.path.isfile(place.project):
            self._project.open(place.project).add_done_callback(open_discussion)
        else:
            if place.project:
                self._tell(f"The project of the last time is gone: there is no {place.project}.", "warning")
            open_discussion()

    def _open_discussion(self, place: Place) -> None:
        try:
            if place.discussion and self._discussion.go_back(place.discussion):
                with self._lock:
                    self._turn = self._turn_to_show = place.turn
        finally:
            self._on_restored()

    def _on_restored(self) -> None:
        with self._lock:
            self._is_restored = True
        self._notify()

    def _read(self, path: str) -> Place:
        try:
            with open(path, encoding="utf-8", opener=stored_file.regular) as file:
                return decode(json.load(file))
        except FileNotFoundError:
            return Place()
        except OSError as error:
            self._tell(f"Where you were cannot be read from {path} ({error.strerror}).", "warning")
        except ValueError:
            try:
                aside = stored_file.keep_aside(path)
                self._tell(f"Where you were, in {path}, was damaged and is kept as {aside}.", "warning")
            except OSError:
                self._tell(f"Where you were, in {path}, is damaged.", "warning")
        return Place()
