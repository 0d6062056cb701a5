"""The commands about what changed since the last commit. Loaded when the first of them is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.window.questions import Question

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.project.git_changes import Change
    from src.window.protocol import Window

MAX_LISTED = 12
ALONE = "No hook, filter or signing of the repository runs."
HOOKED = "The repository's hooks, filters and signing run, as in your terminal: programs that it brings with it."


def choose(controller: AppController, window: Window) -> None:
    """Sends the changed files with the requests that follow."""

    def act() -> None:
        count = controller.changed.choose()
        controller.toasts.add(f"{count} changed file{'s go' if count > 1 else ' goes'} along from now on.")

    window.attempt(act)


def attach(controller: AppController, window: Window) -> None:
    """Attaches the differences of all changed files to the message."""
    if window.attempt(controller.changed.attach):
        window.focus_composer()


def nothing_changed(controller: AppController, _window: Window) -> str:
    """Why nothing that changed can be sent; empty when something can."""
    if controller.project.snapshot().project is None:
        return "no project is open"
    state = controller.changed.snapshot()
    if state.kind != "ready":
        return state.note or "the repository is still being looked at"
    return "" if state.changes else "nothing changed since the last commit"


def commit(controller: AppController, window: Window, hooked: bool) -> None:
    """Asks for the message of a commit of the files that accepted edits touched."""
    changed = controller.changed
    files = changed.to_commit()
    rows = [*map(describe, files[:MAX_LISTED]), *([f"and {len(files) - MAX_LISTED} more"] * (len(files) > MAX_LISTED))]
    body = "\n".join(
        (
            f"On {changed.snapshot().place}, these files as they are now, whoever changed them, and no others:",
            *rows,
            HOOKED if hooked else ALONE,
        )
    )
    take = lambda message: window.attempt(lambda: changed.commit(message, hooked=hooked))  # noqa: E731
    title = "Commit with the repository's hooks" if hooked else "Commit the accepted edits"
    window.ask(Question(title, body, "Commit", take, changed.draft(), is_long=True))


def nothing_to_commit(controller: AppController, window: Window) -> str:
    """Why there is nothing to commit; empty when there is."""
    if reason := nothing_changed(controller, window):
        return reason
    return "" if controller.changed.to_commit() else "no accepted edit waits for a commit"


def describe(change: Change) -> str:
    """A changed file in one line: how, its path, how many lines came and went."""
    lines = change.diff.split("\n@@", 1)[-1].split("\n")[1:]
    come, gone = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    return f"{change.letter}  {change.path}" + (f"   +{come} -{gone}" if change.diff else "")
