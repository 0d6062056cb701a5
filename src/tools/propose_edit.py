"""The tool propose_edit: a change of one file, shown as a diff, made when somebody applies it, and undone again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from src.chat import ToolSpec
from src.privacy.detector import secret_name
from src.storage import inside
from src.tools import hunks as hunks_module
from src.tools.files import MAX_FILE, check_text, read_text, shown
from src.tools.hunks import Hunk
from src.tools.outcome import Edit, ToolError, Workspace

NEW_MODE = 0o644
CONTEXT = 3  # lines around a change
COMPARED = 10_000  # pairs of lines that are compared with each other

SPEC = ToolSpec(
    "propose_edit",
    "Proposes to replace a passage of a file, or to create a file. The user sees the difference and decides.",
    {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "The file, from the project's folder."},
            "old_text": {
                "type": "string",
                "description": "The passage, exactly as it occurs there, once; empty for a new file.",
            },
            "new_text": {"type": "string", "description": "What replaces it."},
        },
        "required": ["path", "old_text", "new_text"],
    },
)


def prepare(arguments: Mapping[str, Any], workspace: Workspace) -> Edit:
    """The edit, with nothing changed yet. Raises ToolError."""
    path, old, new = arguments["path"], arguments["old_text"], arguments["new_text"]
    real = inside.resolve(workspace.roots, path)
    if real in workspace.read_only:
        raise ToolError(f"{path} is read-only in this project.")
    if secret_name(os.path.basename(real)):
        raise ToolError(f"{path} holds secrets by its name and is not changed by a model.")
    before = read_text(workspace, path) if os.path.exists(real) else None
    after = _replace(path, before, old, new)
    check_text(workspace, "new_text", new)
    if len(after.encode()) > MAX_FILE:
        raise ToolError(f"{path} would be larger than {MAX_FILE // 1_000_000} MB.")
    if before is None and not os.path.isdir(os.path.dirname(real)):
        raise ToolError(f"The folder of {path} does not exist.")
    return Edit(real, before, after, _diff(shown(workspace, real), before, after), workspace.roots)


def part_of(edit: Edit, hunks: tuple[Hunk, ...], taken: frozenset[int], workspace: Workspace) -> Edit:
    """*edit* with only those of its *hunks* that the user has *taken*; *edit* itself when those are all."""
    if len(taken) == len(hunks):
        return edit
    after = hunks_module.apply(edit.before, hunks, taken)
    return edit._replace(after=after, diff=_diff(shown(workspace, edit.path), edit.before, after))


def apply(edit: Edit, workspace: Workspace) -> Edit:
    """Makes the change whole or not at all; the edit that undoes it. Raises ToolError when the file has changed."""
    _check_unchanged(edit)
    inside.write_text(workspace.roots, edit.path, edit.after, NEW_MODE)
    name, back = shown(workspace, edit.path), edit.before or ""
    return Edit(edit.path, edit.after, back, _diff(name, edit.after, back), workspace.roots)


def undo(made: Edit, applied: Edit) -> None:
    """Takes back the edit *made*, with what `apply` answered. Raises ToolError when the file changed since."""
    _check_unchanged(applied)
    if made.before is None:
        inside.remove(made.roots, made.path)
    else:
        inside.write_text(made.roots, made.path, made.before, NEW_MODE)


def _replace(path: str, before: str | None, old: str, new: str) -> str:
    if before is None:
        if old:
            raise ToolError(f"{path} does not exist; leave old_text empty to create it.")
        return new
    if not old:
        raise ToolError(f"{path} exists; name in old_text the passage to replace.")
    found = before.count(old)
    if found != 1:
        raise ToolError(f"old_text occurs {found} times in {path}; it must occur there once. Read the file again.")
    if old == new:
        raise ToolError("old_text and new_text are the same.")
    return before.replace(old, new)


def _check_unchanged(edit: Edit) -> None:
    try:
        now: bytes | None = inside.read_bytes(edit.roots, edit.path, MAX_FILE * 4)
    except FileNotFoundError:
        now = None
    if now != (None if edit.before is None else edit.before.encode()):
        raise ToolError(f"{edit.path} has changed since; nothing was written. Read it and propose the edit again.")


def _diff(name: str, before: str | None, after: str) -> str:
    """The change as a unified diff of one hunk. Ends that are alike are left out first: the work is linear."""
    old, new = _lines(before or ""), _lines(after)
    least = min(len(old), len(new))
    start = next((at for at in range(least) if old[at] != new[at]), least)
    same = next((at for at in range(least - start) if old[-1 - at] != new[-1 - at]), least - start)
    first, last = max(0, start - CONTEXT), max(0, same - CONTEXT)
    rows = [*_marked(" ", old[first:start]), *_compared(old[start : len(old) - same], new[start : len(new) - same])]
    rows += _marked(" ", old[len(old) - same : len(old) - last])
    was, now = _range(first, len(old) - last), _range(first, len(new) - last)
    head = [f"--- {'/dev/null' if before is None else f'a/{name}'}\n", f"+++ b/{name}\n", f"@@ -{was} +{now} @@\n"]
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in [*head, *rows]
    )


def _compared(gone: list[str], come: list[str]) -> list[str]:
    """The lines of a passage before and after. A long one is taken out and put in whole: comparing it has no bound."""
    if len(gone) * len(come) > COMPARED:
        return [*_marked("-", gone), *_marked("+", come)]
    import difflib  # a model asks for edits seldom, and never before the window is there

    rows = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, gone, come, autojunk=False).get_opcodes():
        rows += (
            _marked(" ", gone[i1:i2]) if kind == "equal" else [*_marked("-", gone[i1:i2]), *_marked("+", come[j1:j2])]
        )
    return rows


def _marked(mark: str, lines: list[str]) -> list[str]:
    return [f"{mark}{line}" for line in lines]


def _range(first: int, end: int) -> str:
    """Lines from *first* to *end* as the head of a hunk has them."""
    count = end - first
    return f"{first + 1}" if count == 1 else f"{first + 1 if count else first},{count}"


def _lines(text: str) -> list[str]:
    # By line feeds alone: a diff that broke at other characters would show other lines than the file has.
    pieces = text.split("\n")
    return [f"{piece}\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])
