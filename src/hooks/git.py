"""The hook API's handlers for what changed since the last commit. Plain functions; knows no web framework."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from src.api_hooks import HookError
from src.app_controller import AppController
from src.hooks.git_values import AttachedDiff, ChangedFile, ChangeList
from src.project.git_changes import Change

T = TypeVar("T")


def changes(controller: AppController) -> ChangeList:
    """What changed. Raises HookError without a project."""
    if controller.project.snapshot().project is None:
        raise HookError("No project is open; POST /api/projects/open opens one.")
    state = controller.changed.snapshot()
    waiting = tuple(one.path for one in controller.changed.to_commit())
    files = tuple(map(_describe, state.changes))
    return ChangeList(state.kind, state.note, state.branch, state.head, files, waiting, controller.changed.draft())


def choose(controller: AppController) -> ChangeList:
    """Sends the changed files along. Raises HookError saying why none can be."""
    _attempt(controller.changed.choose)
    return changes(controller)


def attach(controller: AppController, paths: tuple[str, ...]) -> AttachedDiff:
    """Attaches differences to the message. Raises HookError."""
    made = _attempt(lambda: controller.changed.attach(paths))
    return AttachedDiff(made.name, made.tokens)


def commit(controller: AppController, message: str) -> Future[str]:
    """Commits the files of accepted edits, without anything of the repository being run. Raises HookError."""
    return _attempt(lambda: controller.changed.commit(message))


def _attempt(act: Callable[[], T]) -> T:
    try:
        return act()
    except ValueError as error:
        raise HookError(str(error)) from error


def _describe(change: Change) -> ChangedFile:
    return ChangedFile(change.path, change.how, change.diff, change.tokens, change.reason)
