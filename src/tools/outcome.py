"""What a tool's call comes to. Values only."""

from __future__ import annotations

import json

from src.value import Value


class ToolError(ValueError):
    """A call that cannot be done; the message tells the model what to do instead."""


class Workspace(Value):
    """Where tools may work: the project's roots, and the real paths of files that may be read and not changed.

    `accepted` are digests of texts that look like secrets and that the user said are none.
    """

    roots: tuple[str, ...]
    read_only: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()


class Answer(Value):
    """A tool's answer, for the model."""

    text: str
    failed: bool = False


class Edit(Value):
    """A change of one file, not made yet. `before` is None for a file that is new; `diff` is what to show."""

    path: str
    before: str | None
    after: str
    diff: str

    @property
    def title(self) -> str:
        """One line for the question."""
        return f"{'Create' if self.before is None else 'Change'} {self.path}"


class Command(Value):
    """A command, not run yet: no shell reads it."""

    argv: tuple[str, ...]
    cwd: str
    timeout_s: float

    @property
    def title(self) -> str:
        """One line for the question."""
        return f"Run {json.dumps(self.argv[0])}"

    @property
    def detail(self) -> str:
        """Every argument and the folder, odd characters escaped so that none can pass for another."""
        return f"argv: {json.dumps(self.argv)}\ncwd: {json.dumps(self.cwd)}\nat most {self.timeout_s:.0f} s"
