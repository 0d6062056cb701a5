"""What the user does with what changed since the last commit: send it along, commit the edits that were made.

Knows no git: `src.project.changes` looks and commits.
"""

from __future__ import annotations

import os
from concurrent.futures import Future

from src.chat import TextPart
from src.models.estimate import estimate
from src.project import scan
from src.project.changes import Changes
from src.project.file import ProjectError
from src.project.git_changes import Change, GitState, together
from src.project.git_program import GitError
from src.project_manager import ProjectManager
from src.request.composer import Attachment, Composer
from src.tools.applied_edits import AppliedEdit, AppliedEdits

ATTACHED = "what changed since the last commit"
MAX_NAMED = 2  # files in the draft of a message


class Changed:
    """The changes of the open project, and what can be done with them."""

    def __init__(self, changes: Changes, project: ProjectManager, composer: Composer, edits: AppliedEdits) -> None:
        self._changes = changes
        self._project = project
        self._composer = composer
        self._edits = edits

    def snapshot(self) -> GitState:
        """The changes now."""
        return self._changes.snapshot()

    def refresh(self) -> None:
        """Looks again, in the background."""
        self._changes.refresh()

    def end(self) -> None:
        """Ends what runs."""
        self._changes.end()

    def choose(self) -> int:
        """Sends the changed files with the requests that follow; how many. Raises ProjectError without any."""
        state = self._ready()
        paths = [one.path for one in state.changes if one.how != "deleted" and not one.reason]
        sendable = {file.path for file in self._project.snapshot().files}
        wanted = [path for path in paths if path in sendable]
        if not wanted:
            raise ProjectError("No file that changed since the last commit can be sent.")
        self._project.set_all_included(wanted, True)
        return len(wanted)

    def attach(self, paths: tuple[str, ...] = ()) -> Attachment:
        """Attaches the differences of *paths*, or of all, to the message. Raises ValueError when there is none."""
        state = self._ready()
        if unknown := set(paths) - set(state.by_path):
            raise ProjectError(f"{min(unknown)} has not changed since the last commit.")
        chosen = tuple(state.by_path[path] for path in paths) if paths else state.changes
        kept = next((one for one in chosen if paths and one.reason), None)
        if kept is not None:
            raise ProjectError(f"The difference of {kept.path} is not sent: {kept.reason}.")
        text = together(chosen)
        if not text:
            raise ProjectError("Nothing that changed since the last commit can be sent.")
        name = chosen[0].path if len(chosen) == 1 else ""
        part = TextPart(scan.frame(f"{name}, {ATTACHED}".lstrip(", "), text))
        made = Attachment("", f"diff of {name}" if name else "diff", len(text.encode()), estimate(part.text), part)
        self._composer.put(made)
        return made

    def to_commit(self) -> tuple[Change, ...]:
        """The files that accepted edits touched and that are not as in the last commit."""
        state = self.snapshot()
        waiting = [edit for edit in self._edits.snapshot() if not edit.commit]
        paths = dict.fromkeys(path for edit in waiting if (path := _path(state, edit)))
        return tuple(state.by_path[path] for path in paths if path in state.by_path)

    def draft(self) -> str:
        """A message for the commit: that of one that failed, or of the edits' own words."""
        if failed := self._changes.draft():
            return failed
        files = self.to_commit()
        names = [one.path.rpartition("/")[2] for one in files]
        verb = "Add" if files and all(one.how == "new" for one in files) else "Change"
        more = len(names) - MAX_NAMED
        return f"{verb} {', '.join(names[:MAX_NAMED])}{f' and {more} more' if more > 0 else ''}" if names else ""

    def commit(self, message: str, *, hooked: bool = False) -> Future[str]:
        """Commits the files that accepted edits touched. Raises GitError; so does the future."""
        paths = tuple(one.path for one in self.to_commit())
        if not paths:
            raise GitError("No accepted edit is waiting for a commit.")
        state = self.snapshot()
        numbers = frozenset(one.id for one in self._edits.snapshot() if _path(state, one) in paths)
        made = self._changes.commit(message, paths, hooked=hooked)

        def note(done: Future[str]) -> None:
            if done.exception() is None:
                self._edits.committed(numbers, done.result())

        made.add_done_callback(note)
        return made

    def _ready(self) -> GitState:
        state = self.snapshot()
        if state.kind != "ready":
            raise ProjectError(state.note or "What changed since the last commit is not known yet; try again.")
        return state


def _path(state: GitState, edit: AppliedEdit) -> str:
    """The file of *edit* from the project's folder; empty when it is in none that was looked at. Asks no disk."""
    inside = bool(state.root) and edit.path.startswith(state.root + os.sep)
    return edit.path[len(state.root) + 1 :].replace(os.sep, "/") if inside else ""
