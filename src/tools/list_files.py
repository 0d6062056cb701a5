"""The tool list_files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from src.chat import ToolSpec
from src.storage import inside
from src.tools.files import shown, walk
from src.tools.outcome import Answer, ToolError, Workspace

MAX_SHOWN = 1000

SPEC = ToolSpec(
    "list_files",
    "Lists a folder of the project: folders end in /, files come with their size in bytes.",
    {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "The folder, from the project's folder; that itself without it."},
            "deep": {"type": "boolean", "description": "The folders inside it, too."},
        },
    },
)


def prepare(arguments: Mapping[str, Any], workspace: Workspace) -> Answer:
    """One line for each entry, up to MAX_SHOWN. Raises ToolError with the reason that the model gets."""
    path = arguments.get("path", ".")
    if not os.path.isdir(inside.resolve(workspace.roots, path)):
        raise ToolError(f"{path} is not a folder.")
    lines: list[str] = []
    for entry in walk(workspace, path, deep=arguments.get("deep", False)):
        if len(lines) == MAX_SHOWN:
            lines.append(f"(more than {MAX_SHOWN}; list a folder inside)")
            break
        lines.append(_line(workspace, entry))
    return Answer("\n".join(lines) or "(empty)")


def _line(workspace: Workspace, entry: os.DirEntry[str]) -> str:
    name = shown(workspace, entry.path)
    if entry.is_symlink():
        try:
            return f"{name} -> {shown(workspace, inside.resolve(workspace.roots, entry.path))}"
        except inside.OutsideError:
            return f"{name} (a link that leaves the project)"
    return f"{name}/" if entry.is_dir() else f"{name} {entry.stat().st_size}"
