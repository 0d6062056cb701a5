"""What `site` adds to an interpreter's search path: folders of packages and their `.pth` files, read as text.

Runs none of it. Lines that begin with `import` are `import_lines`' business; here only the tables of setuptools'
editable installs are taken from the modules that they name, and the folders that they give to `site.addsitedir`, as
uv does where it lays one environment over another.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from importguard.storage.disk import Disk

_MAX_FOLDERS = 10_000
_IMPORTED = re.compile(r"import[ \t]+(\w+)")


class Site(NamedTuple):
    """The search path, and the modules that editable installs map to a file or folder."""

    path: tuple[str, ...]
    editable: dict[str, str]


def read_site(path: tuple[str, ...], folders: tuple[str, ...], disk: Disk) -> Site:
    """*path* with the package *folders* that exist and what their `.pth` files add; each folder once.

    A `.pth` file in a folder that a line of a `.pth` file names is not read, one in a folder that such a line gives to
    `site.addsitedir` is: that is `site`'s rule. Raises OSError for a package folder that cannot be listed.
    """
    found = dict.fromkeys(path)
    editable: dict[str, str] = {}
    left, known = list(dict.fromkeys(folders)), set(folders)
    while left and len(known) < _MAX_FOLDERS:
        folder = left.pop(0)
        if not disk.ask("isdir", folder):
            continue
        disk.names(folder)
        found[folder] = None
        further = []
        for line in pth_lines(folder, disk):
            if not line.startswith(("import ", "import\t")):
                _add_folder(found, folder, line, disk)
                continue
            further += [one for one in _site_folders(line) if one not in known]
            if (named := _IMPORTED.match(line)) is not None:
                editable.update(_mapping(os.path.join(folder, f"{named[1]}.py"), disk))
        known.update(further)
        left[:0] = further
    return Site(tuple(found), editable)


def _site_folders(line: str) -> list[str]:
    """The folders that the `import` *line* of a `.pth` file gives to `site.addsitedir`, as literals."""
    import ast

    if "addsitedir" not in line:
        return []
    try:
        tree = ast.parse(line)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    return [
        os.fsdecode(literal.value)
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "addsitedir"
        for literal in ast.walk(call.args[0])
        if isinstance(literal, ast.Constant) and isinstance(literal.value, str | bytes) and os.path.isabs(literal.value)
    ]


def pth_lines(folder: str, disk: Disk) -> list[str]:
    """The lines of the `.pth` files in *folder* that are neither empty nor comments, in `site`'s order."""
    lines: list[str] = []
    try:
        names = sorted(name for name in disk.names(folder) if name.endswith(".pth") and not name.startswith("."))
    except OSError:
        return []
    for name in names:
        try:
            text = disk.read(os.path.join(folder, name)).decode("utf-8-sig", "surrogateescape")
        except OSError:
            continue
        lines += [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return lines


def _add_folder(found: dict[str, None], folder: str, line: str, disk: Disk) -> None:
    added = disk.ask("abspath", os.path.join(folder, line))
    if isinstance(added, str) and len(found) < _MAX_FOLDERS and disk.ask("exists", added):
        found.setdefault(added)


def _mapping(finder: str, disk: Disk) -> dict[str, str]:
    """The table MAPPING of a setuptools editable finder; empty when *finder* is none."""
    import ast

    def text(node: ast.expr | None) -> str | None:
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

    try:
        tree = ast.parse(disk.read(finder))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and target.id == "MAPPING" and isinstance(value, ast.Dict):
            pairs = [(text(key), text(item)) for key, item in zip(value.keys, value.values, strict=True)]
            return {key: item for key, item in pairs if key is not None and item is not None}
    return {}
