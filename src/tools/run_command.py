"""The tool run_command: what would be run. Running it, once approved, is `src.tools.process`'s."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from src.chat import ToolSpec
from src.storage import inside
from src.tools.outcome import Command, ToolError, Workspace

MAX_ARGUMENTS = 200
MAX_TEXT = 32_000  # characters of all arguments
DEFAULT_S = 60
LONGEST_S = 600

SPEC = ToolSpec(
    "run_command",
    "Runs a program in the project's folder. No shell reads it: no pipes, no variables. The user sees it and decides.",
    {
        "type": "object",
        "properties": {
            "argv": {"type": "array", "items": {"type": "string"}, "description": "The program and its arguments."},
            "cwd": {"type": "string", "description": "The folder to run in, from the project's folder."},
            "timeout_s": {"type": "integer", "description": f"Seconds until it is ended; {DEFAULT_S} without it."},
        },
        "required": ["argv"],
    },
)


def prepare(arguments: Mapping[str, Any], workspace: Workspace) -> Command:
    """The command, with nothing run yet. Raises ToolError, UnicodeError."""
    argv = tuple(arguments["argv"])
    if not argv or not argv[0].strip():
        raise ToolError("run_command: argv must name a program.")
    if len(argv) > MAX_ARGUMENTS or sum(map(len, argv)) > MAX_TEXT:
        raise ToolError(f"run_command: at most {MAX_ARGUMENTS} arguments of {MAX_TEXT:,} characters are taken.")
    "".join(argv).encode()  # half of a surrogate pair is no argument
    timeout = arguments.get("timeout_s", DEFAULT_S)
    if not 1 <= timeout <= LONGEST_S:
        raise ToolError(f"run_command: timeout_s must be from 1 to {LONGEST_S}.")
    cwd = inside.resolve(workspace.roots, arguments.get("cwd", "."))
    if not os.path.isdir(cwd):
        raise ToolError(f"{arguments.get('cwd', '.')} is not a folder.")
    return Command(argv, cwd, float(timeout))
