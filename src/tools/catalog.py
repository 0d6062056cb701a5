"""The tools that there are: their specifications, and what a call comes to.

A tool that only reads answers at once. One that would change something comes to a plan (a proposed edit, a command)
which shows what it would do and does nothing until somebody carries it out; approval is the caller's matter. What a
tool answers is data: it goes back to the model as it is and is never followed here.

Guarantees
- Every path is resolved inside the workspace's roots (`src.storage.inside`), links included; what leaves is refused.
- Every answer and every wait is bounded; `prepare` never raises for what a model wrote: it answers with `failed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from src.chat import ToolCallPart, ToolSpec
from src.models.estimate import estimate_tool
from src.storage.inside import OutsideError
from src.tools import list_files, propose_edit, read_file, run_command, search_files
from src.tools.arguments import check_arguments
from src.tools.outcome import Answer, Command, Edit, HeldBackError, ToolError, Workspace

Prepare = Callable[[Mapping[str, Any], Workspace], Answer | Edit | Command]

_TOOLS: tuple[tuple[ToolSpec, Prepare], ...] = (
    (read_file.SPEC, read_file.prepare),
    (list_files.SPEC, list_files.prepare),
    (search_files.SPEC, search_files.prepare),
    (propose_edit.SPEC, propose_edit.prepare),
    (run_command.SPEC, run_command.prepare),
)
SPECS = tuple(spec for spec, _ in _TOOLS)
NAMES = tuple(spec.name for spec in SPECS)
# For people: what a tool is called, and what it lets the model do.
WORDS: Mapping[str, tuple[str, str]] = {
    "read_file": ("Read files", "The model reads files of the project, without asking each time."),
    "list_files": ("List files", "The model sees the names of the project's files."),
    "search_files": ("Search in files", "The model looks for words in the project's files."),
    "propose_edit": ("Edit files", "The model proposes changes; each is shown to you before it is made."),
    "run_command": ("Run commands", "The model asks to run a program; each is shown to you before it runs."),
}


def tokens_of(name: str) -> int:
    """About how many tokens the definition of the tool *name* has. Raises StopIteration for an unknown one."""
    return estimate_tool(next(spec for spec in SPECS if spec.name == name))


def prepare(call: ToolCallPart, workspace: Workspace) -> Answer | Edit | Command:
    """What *call* comes to: an answer, or an edit or command that wants approval. Touches disk: call it on the pool."""
    found = next(((spec, run) for spec, run in _TOOLS if spec.name == call.name), None)
    if found is None:
        return Answer(f"There is no tool {call.name!r}; there are {', '.join(NAMES)}.", failed=True)
    spec, run = found
    try:
        return run(check_arguments(spec, call.arguments), workspace)
    except HeldBackError as error:
        return Answer(str(error), failed=True, held=error.finding)
    except (ToolError, OutsideError, UnicodeError) as error:  # the last: half a surrogate pair is no path and no file
        return Answer(str(error), failed=True)
    except OSError as error:
        return Answer(f"{call.name}: {error.strerror or error}", failed=True)
