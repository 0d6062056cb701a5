"""Files as a tree of folders, flattened into the rows that a table shows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.value import Value

if TYPE_CHECKING:
    from collections.abc import Collection

    from src.project.scan import ContextFile


class Row(Value):
    """A line of the tree: a file, or a folder with what is below it. `chosen` of `size` files are sent."""

    path: str
    name: str
    depth: int
    file: ContextFile | None
    tokens: int
    chosen: int
    size: int
    is_open: bool


class Folder:
    """A folder with what is in it, and the sums over all files below it."""

    def __init__(self, path: str, name: str) -> None:
        self.path, self.name = path, name
        self.folders: dict[str, Folder] = {}
        self.files: list[ContextFile] = []
        self.tokens = self.chosen = self.size = 0


def build(files: tuple[ContextFile, ...]) -> Folder:
    """The tree of *files*, with sums in every folder."""
    root = Folder("", "")
    for file in files:
        here = root
        _add(here, file)
        *folders, _ = file.path.split("/")
        for name in folders:
            path = f"{here.path}/{name}" if here.path else name
            here = here.folders.setdefault(name, Folder(path, name))
            _add(here, file)
        here.files.append(file)
    return root


def _add(folder: Folder, file: ContextFile) -> None:
    folder.size += 1
    if file.included:
        folder.chosen += 1
        folder.tokens += file.tokens


def rows(root: Folder, opened: Collection[str], wanted: str = "") -> list[Row]:
    """The rows that are shown: of open folders, or, when *wanted* is given, of every file whose path holds it."""
    found: list[Row] = []
    _collect(root, 0, opened, wanted.casefold(), found)
    return found


def _collect(folder: Folder, depth: int, opened: Collection[str], wanted: str, found: list[Row]) -> None:
    for _, one in sorted(folder.folders.items()):
        is_open = bool(wanted) or one.path in opened
        at = len(found)
        found.append(Row(one.path, one.name, depth, None, one.tokens, one.chosen, one.size, is_open))
        if is_open:
            _collect(one, depth + 1, opened, wanted, found)
        if wanted and len(found) == at + 1:
            found.pop()
    for file in sorted(folder.files, key=lambda one: one.path):
        if not wanted or wanted in file.path.casefold():
            name = file.path.rpartition("/")[2]
            found.append(Row(file.path, name, depth, file, file.tokens, int(file.included), 1, False))


def files_below(files: tuple[ContextFile, ...], folder: str) -> tuple[ContextFile, ...]:
    """The files below *folder*."""
    return tuple(file for file in files if file.path.startswith(f"{folder}/"))
