"""What a tool's call comes to. Values only."""

from __future__ import annotations

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
        from src.tools.visible import visible

        rows = [f"{number or 'program'}:  {visible(one)}" for number, one in enumerate(self.argv)]
        return "\n".join((*rows, f"folder:  {visible(self.cwd)}", f"time:  at most {self.timeout_s:.0f} s"))
