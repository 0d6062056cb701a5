"""The tool propose_edit: a change of one file, shown as a diff, made when somebody applies it, and undone again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from src.chat import ToolSpec
from src.privacy.detector import secret_name
from src.project import roots
from src.storage import stored_file
from src.tools.files import MAX_FILE, read_text, shown
from src.tools.outcome import Edit, ToolError, Workspace

NEW_MODE = 0o644

SPEC = ToolSpec(
    "propose_edit",
    "Proposes to replace a passage of a file, or to create a file. The user sees the difference and decides.",
    {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "The file, from the project's folder."},
            "old_text": {
                "type": "string",
                "description": "The passage, exactly as it stands there once; empty for a new file.",
            },
            "new_text": {"type": "string", "description": "What stands there afterwards."},
        },
        "required": ["path", "old_text", "new_text"],
    },
)


def prepare(arguments: Mapping[str, Any], workspace: Workspace) -> Edit:
    """The edit, with nothing changed yet. Raises ToolError."""
    path, old, new = arguments["path"], arguments["old_text"], arguments["new_text"]
    real = roots.resolve(workspace.roots, path)
    if real in workspace.read_only:
        raise ToolError(f"{path} is read-only in this project.")
    if secret_name(os.path.basename(real)):
        raise ToolError(f"{path} holds secrets by its name and is not changed by a model.")
    before = read_text(workspace, path) if os.path.exists(real) else None
    after = _replace(path, before, old, new)
    if len(after.encode()) > MAX_FILE:
        raise ToolError(f"{path} would be larger than {MAX_FILE // 1_000_000} MB.")
    if before is None and not os.path.isdir(os.path.dirname(real)):
        raise ToolError(f"The folder of {path} does not exist.")
    return Edit(real, before, after, _diff(shown(workspace, real), before, after))


def apply(edit: Edit, workspace: Workspace) -> Edit:
    """Makes the change whole or not at all; the edit that undoes it. Raises ToolError when the file has changed."""
    roots.resolve(workspace.roots, edit.path)
    _check_unchanged(edit)
    stored_file.write_text(edit.path, edit.after, NEW_MODE)
    name = shown(workspace, edit.path)
    return Edit(edit.path, edit.after, edit.before or "", _diff(name, edit.after, edit.before or ""))


def undo(made: Edit, applied: Edit) -> None:
    """Takes back the edit *made*, with what `apply` answered. Raises ToolError when the file changed since."""
    _check_unchanged(applied)
    if made.before is None:
        os.unlink(made.path)
    else:
        stored_file.write_text(made.path, made.before)


def _replace(path: str, before: str | None, old: str, new: str) -> str:
    if before is None:
        if old:
            raise ToolError(f"{path} does not exist; leave old_text empty to create it.")
        return new
    if not old:
        raise ToolError(f"{path} exists; name in old_text the passage to replace.")
    found = before.count(old)
    if found != 1:
        raise ToolError(f"old_text stands {found} times in {path}; it must stand there once. Read the file again.")
    if old == new:
        raise ToolError("old_text and new_text are the same.")
    return before.replace(old, new)


def _check_unchanged(edit: Edit) -> None:
    try:
        with open(edit.path, "rb") as file:
            now: bytes | None = file.read(MAX_FILE * 4)
    except FileNotFoundError:
        now = None
    if now != (None if edit.before is None else edit.before.encode()):
        raise ToolError(f"{edit.path} has changed since; nothing was written. Read it and propose the edit again.")


def _diff(name: str, before: str | None, after: str) -> str:
    import difflib  # a model asks for edits seldom, and never before the window is there

    old = "/dev/null" if before is None else f"a/{name}"
    lines = difflib.unified_diff(_lines(before or ""), _lines(after), old, f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    # By line feeds alone: a diff that broke at other characters would show other lines than the file has.
    pieces = text.split("\n")
    return [f"{piece}\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])
