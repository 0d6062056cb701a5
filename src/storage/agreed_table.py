"""What the user agreed to, project by project, in a file of the user's own.

Guarantees
- The file is never in a project's folder: what a project brings with it agrees to nothing.
- Of two saves at once the later table is the one on disk.
- `_lock` guards the table; nothing but `load` and `save` touches the disk.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from src.storage import inside, stored_file

MAX_BYTES = 2_000_000
MAX_PROJECTS = 500
Row = TypeVar("Row")


class AgreedTable(Generic[Row]):
    """A row a project, in the file given to `load`, or in memory alone without one. Rows are never changed in place.

    `read` makes a row of the JSON in the file, None of what is none; `written` is its JSON. *full* is the sentence that
    says what to do about too many projects.
    """

    def __init__(self, read: Callable[[object], Row | None], written: Callable[[Row], object], full: str) -> None:
        self._read, self._written, self._full = read, written, full
        self._lock = threading.Lock()
        self._saving = threading.Lock()  # held while a table is written: an older one never replaces a newer one
        self._path = ""
        self._rows: dict[str, Row] = {}

    def load(self, path: str) -> None:
        """Keeps the table at *path* from now on. A file that cannot be read agrees to nothing."""
        try:
            kept = json.loads(inside.read_bytes((os.path.dirname(path),), path, MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            kept = {}
        rows = {str(project): self._read(one) for project, one in kept.items()} if isinstance(kept, Mapping) else {}
        with self._lock:
            self._path = path
            self._rows = {**{project: row for project, row in rows.items() if row}, **self._rows}

    def of(self, project: str) -> Row | None:
        """The row of the project whose file is at *project*; None when nothing was agreed to in it."""
        with self._lock:
            return self._rows.get(project)

    def change(self, project: str, change: Callable[[Row | None], Row | None]) -> None:
        """Puts `change(row)` in the place of the project's row; nothing in it takes the project out.

        Raises ValueError when there are too many projects, and what *change* raises; then nothing has changed.
        """
        with self._lock:
            row = change(self._rows.get(project))
            if not row:
                self._rows.pop(project, None)
                return
            if project not in self._rows and len(self._rows) >= MAX_PROJECTS:
                raise ValueError(self._full)
            self._rows[project] = row

    def save(self) -> None:
        """Writes the table, on the pool. Raises OSError."""
        with self._saving:
            with self._lock:
                path = self._path
                text = json.dumps({project: self._written(row) for project, row in self._rows.items()})
            if path:
                stored_file.write_text(path, text)
