"""The tool read_file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.chat import ToolSpec
from src.tools.files import read_text
from src.tools.outcome import Answer, ToolError, Workspace

MAX_CHARACTERS = 100_000

SPEC = ToolSpec(
    "read_file",
    "Reads a text file of the project. Long files come in pieces: ask again with a later first_line.",
    {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "The file, from the project's folder."},
            "first_line": {"type": "integer", "description": "The first line wanted, from 1."},
            "lines": {"type": "integer", "description": "How many lines are wanted; all without it."},
        },
        "required": ["path"],
    },
)


def prepare(arguments: Mapping[str, Any], workspace: Workspace) -> Answer:
    """The file's text, or the lines asked for, up to MAX_CHARACTERS. Raises ToolError with the model's answer."""
    first, wanted = arguments.get("first_line", 1), arguments.get("lines")
    if first < 1 or (wanted is not None and wanted < 1):
        raise ToolError("read_file: first_line and lines count from 1.")
    lines = read_text(workspace, arguments["path"]).splitlines(keepends=True)
    last = len(lines) if wanted is None else min(first - 1 + wanted, len(lines))
    text = "".join(lines[first - 1 : last])
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        last = first - 1 + text.count("\n")
    if last < len(lines):
        text += f"\n(lines {first} to {last} of {len(lines)})"
    return Answer(text or f"(nothing: the file has {len(lines)} lines)")
