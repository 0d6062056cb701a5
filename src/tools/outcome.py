"""What a tool's call comes to. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.privacy.detector import Finding
from src.value import Value


class ToolError(ValueError):
    """A call that cannot be done; the message tells the model what to do instead."""


class HeldBackError(ToolError):
    """What looks like a secret is in the way; the user may say of exactly *finding* that it is none."""

    def __init__(self, message: str, finding: Finding) -> None:
        super().__init__(message)
        self.finding = finding


class Workspace(Value):
    """Where tools may work: the project's roots, and the real paths of files that may be read and not changed.

    `accepted` are digests of texts that look like secrets and that the user said are none.
    """

    roots: tuple[str, ...]
    read_only: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()


class Answer(Value):
    """A tool's answer, for the model. `held`: the text because of which it is a refusal, for the user."""

    text: str
    failed: bool = False
    held: Finding | None = None


class Edit(Value):
    """A change of one file, not made yet. `before` is None for a file that is new; `diff` is what to show."""

    path: str
    before: str | None
    after: str
    diff: str
    roots: tuple[str, ...] = ()

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
        from src.tools.visible import visible  # the start asks for no command

        count = len(self.argv) - 1
        return f"Run {visible(self.argv[0])}" + (f" with {count} argument{'s' * (count > 1)}" if count else "")

    @property
    def detail(self) -> str:
        """The program and every argument on a line of its own, as `visible` has them, then the folder and the time."""
        from src.models.patience import in_words
        from src.tools.visible import visible

        rows = [f"{number or 'program'}:  {visible(one)}" for number, one in enumerate(self.argv)]
        return "\n".join((*rows, f"folder:  {visible(self.cwd)}", f"time:  at most {in_words(self.timeout_s)}"))


class ServerCall(Value):
    """A call of a tool of an MCP server, not made yet. `name` is the tool's for the model, `tool` the server's own.

    `line` is the server's URL or command. `is_allowed`: the user allowed it for good.
    """

    name: str
    server: str
    tool: str
    line: str | tuple[str, ...]
    arguments: Mapping[str, Any]
    is_allowed: bool = False

    @property
    def title(self) -> str:
        """One line for the question."""
        from src.tools.visible import visible

        return f"Ask the server {self.server} for {visible(self.tool)}"

    @property
    def detail(self) -> str:
        """The server, the tool and every argument on a line of its own, as `visible` has them."""
        import shlex

        from src.tools.visible import visible

        line = self.line if isinstance(self.line, str) else shlex.join(self.line)
        rows = [f"server:  {visible(line)}", f"tool:  {visible(self.tool)}"]
        rows += [f"with {visible(name)}:  {visible(_written(one))}" for name, one in self.arguments.items()]
        return "\n".join(rows)


def _written(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
