"""Programs of a store that machines share, an object for each distribution, for Python's own, for each own folder."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from importguard.storage.digests import digest
from importguard.storage.disk import INSTALLED
from importguard.storage.pack import Entry

if TYPE_CHECKING:
    from importguard.storage.store import Store

PROGRAM = "program"
_OF_PYTHON = re.compile(r"[\\/]python3\.\d+[\\/]")


class SharedPrograms:
    """Those of *store* that a walk of the project in *root* may want. *salt*: of what a Program's key is made."""

    def __init__(self, store: Store, root: str, salt: bytes) -> None:
        self._store, self._root, self._salt = store, root, salt
        self._asked: set[str] = set()
        self._new: dict[str, list[Entry]] = {}

    def beside(self, path: str) -> list[Entry]:
        """The Programs of the object that *path* belongs to; none when they were asked for before."""
        name = self._object(path)
        if name in self._asked:
            return []
        self._asked.add(name)
        return [one for one in self._store.get(name) if one.kind == PROGRAM]

    def add(self, path: str, key: bytes, encoded: bytes) -> None:
        """The Program of *path* was made here."""
        self._new.setdefault(self._object(path), []).append(Entry(PROGRAM, key, encoded))

    def share(self) -> None:
        """Has what was made here written to the store."""
        for name, entries in self._new.items():
            self._store.add(name, entries)
        self._new = {}

    def _object(self, path: str) -> str:
        return f"programs-{digest(self._salt + group_of(path, self._root).encode('utf-8', 'surrogateescape')).hex()}"


def group_of(path: str, root: str) -> str:
    """What the file *path* comes from: a distribution's package, Python, or a folder of the project in *root*.

    The same on each machine, wherever these are; a guess that is wrong makes an object larger, nothing else.
    """
    installed = INSTALLED.search(path)
    if installed is not None:
        return "installed " + re.split(r"[\\/]", path[installed.end() :])[0].removesuffix(".py")
    if _OF_PYTHON.search(path) is not None:
        return f"python {sys.version_info[0]}"
    inside = os.path.relpath(path, root) if root and path.startswith(root + os.sep) else os.path.basename(path)
    return f"own {os.path.basename(root)} {inside.split(os.sep)[0].removesuffix('.py') if os.sep in inside else ''}"
