"""What changed in the open project since its last commit, live: looked at anew when its folders were, and on request.

Guarantees
- `_lock` guards every field. Git runs on the pool, one look at a time; what is asked meanwhile is one more look.
- No look begins before something asks for `snapshot`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from src.project.git_changes import GitState, look
from src.project.git_commit import commit
from src.project.git_program import GitError, NoGitError, find
from src.project.git_repository import NoRepositoryError, opened
from src.work.background import Background
from src.work.toasts import ToastKind

if TYPE_CHECKING:
    from src.project.file import Project
    from src.project_manager import ProjectState

UNKNOWN = GitState()


class Changes:
    """The changes of the project of *project()*. `tell` shows a sentence."""

    def __init__(
        self,
        background: Background,
        project: Callable[[], ProjectState],
        notify: Callable[[], None],
        tell: Callable[[str, ToastKind], object],
    ) -> None:
        self._background = background
        self._project = project
        self._notify = notify
        self._tell = tell
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._state = UNKNOWN
        self._seen: tuple[str, int] | None = None
        self._running = self._again = False
        self._draft = ""

    def snapshot(self) -> GitState:
        """The changes as last looked at; looks again in the background when the folders were looked at since."""
        now = self._project()
        seen = (now.project.folder, now.looks) if now.project is not None else None
        with self._lock:
            is_new, is_other = seen != self._seen, (seen or ("",))[0] != (self._seen or ("",))[0]
            self._seen = seen
            if is_other:
                self._state = UNKNOWN
            state = self._state
        if is_new and seen is not None:
            self.refresh()
        return state

    def refresh(self) -> None:
        """Looks again, in the background."""
        with self._lock:
            self._again = True
            begins, self._running = not self._running, True
        if begins:
            self._background.submit(self._look)

    def draft(self) -> str:
        """The message of a commit that could not be made; empty without one."""
        with self._lock:
            return self._draft

    def commit(self, message: str, paths: tuple[str, ...], *, hooked: bool = False) -> Future[str]:
        """Commits *paths* on the pool; the short name of the commit. The future raises GitError, which is shown too."""
        return self._background.submit(lambda: self._commit(message, paths, hooked))

    def end(self) -> None:
        """Ends the git that runs. For the end of the program."""
        self._ended.set()

    def _look(self) -> None:
        while True:
            with self._lock:
                if not self._again or self._ended.is_set():
                    self._running = False
                    return
                self._again = False
            project = self._project().project
            state = self._find(project) if project is not None else UNKNOWN
            with self._lock:
                now = self._project().project
                if now is not None and project is not None and now.folder == project.folder:
                    self._state = state
            self._notify()

    def _find(self, project: Project) -> GitState:
        try:
            with opened(find(project.folder, self._ended)) as repository:
                return look(repository, project)
        except (NoGitError, NoRepositoryError) as error:
            return GitState("none", str(error))
        except Exception as error:  # whatever is in a stranger's repository, the next look has to begin
            return GitState("failed", str(error) or type(error).__name__)

    def _commit(self, message: str, paths: tuple[str, ...], hooked: bool) -> str:
        project = self._project().project
        try:
            if project is None:
                raise GitError("No project is open.")
            with opened(find(project.folder, self._ended)) as repository:
                made = commit(repository, message, paths, hooked=hooked)
                branch = repository.branch
        except (GitError, OSError) as error:
            with self._lock:
                self._draft = message
            self._notify()
            raise GitError(f"Nothing was committed: {error}") from error
        with self._lock:
            self._draft = ""
        count = f"{len(paths)} file{'s' * (len(paths) > 1)}"
        self._tell(f"Committed {count} as {made}{f' on {branch}' if branch else ''}.", "success")
        self.refresh()
        return made
