"""Text files inside the roots, as the tools may see them: bounded, no binaries, no secrets, no way out by a link."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator

from src.privacy.detector import find_secret, secret_name
from src.privacy.redactor import current
from src.storage import inside
from src.storage.own_files import HEAD, is_own
from src.tools.outcome import HeldBackError, ToolError, Workspace

MAX_FILE = 1_000_000  # bytes
MAX_ENTRIES = 50_000  # looked at in one walk
MAX_WALK_S = 10.0
SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv"})


def read_text(workspace: Workspace, path: str) -> str:
    """The text of the file. Raises ToolError, OutsideError or OSError."""
    real = inside.resolve(workspace.roots, path)
    mode = os.stat(real).st_mode
    if stat.S_ISDIR(mode):
        raise ToolError(f"{path} is a folder; list_files shows what is in it.")
    if not stat.S_ISREG(mode):
        raise ToolError(f"{path} is not a file.")
    if secret_name(os.path.basename(path)) or secret_name(os.path.basename(real)):
        raise ToolError(f"{path} holds secrets by its name and is not shown to a model.")
    content = inside.read_bytes(workspace.roots, path, MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise ToolError(f"{path} is larger than {MAX_FILE // 1_000_000} MB.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ToolError(f"{path} is not UTF-8 text.") from None
    if is_own(os.path.basename(real), content[:HEAD]):
        raise ToolError(f"{path} is a discussion of Sloppy's and is not shown to a model.")
    if "\0" in text:
        raise ToolError(f"{path} is not text.")
    check_text(workspace, path, text)
    return text


def check_text(workspace: Workspace, what: str, text: str) -> None:
    """Raises HeldBackError when *text* holds a secret that the user did not say is none: it is held back whole."""
    if found := current().find_known(text) or find_secret(text, workspace.accepted):
        raise HeldBackError(
            f"{what} holds {found} and is held back whole. The user can say in Request that it is no secret.", found
        )


def walk(workspace: Workspace, path: str, *, deep: bool) -> Iterator[os.DirEntry[str]]:
    """The entries of the folder, sorted, those of its folders after it when *deep*; links to folders are not followed.

    Ends after MAX_ENTRIES or MAX_WALK_S.
    """
    waiting = [inside.resolve(workspace.roots, path)]
    deadline = time.monotonic() + MAX_WALK_S
    seen = 0
    while waiting:
        folder = waiting.pop(0)
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except PermissionError:
            continue
        for entry in entries:
            seen += 1
            if seen > MAX_ENTRIES or time.monotonic() > deadline:
                return
            yield entry
            if deep and entry.is_dir(follow_symlinks=False) and entry.name not in SKIPPED:
                waiting.append(entry.path)


def shown(workspace: Workspace, path: str) -> str:
    """*path* as the model names it: from the first root that holds it."""
    for root in workspace.roots:
        real = os.path.realpath(root)
        if inside.is_inside(real, path):
            return os.path.relpath(path, real)
    return path
