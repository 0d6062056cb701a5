"""Which tools the user has switched on in which discussion, on this machine. A log that names tools agrees to nothing.

A discussion is known by the place and the first line of its log, so that one that was brought here, or put in the place
of another, is another. `_lock` guards the table; called on the pool but for `of` and `add`, which touch no disk.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping

from src.storage import inside, stored_file

MAX_KEPT = 1000
MAX_BYTES = 1_000_000


class AgreedTools:
    """The table in the file at *path*, or in memory alone without one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._saving = threading.Lock()
        self._path = ""
        self._is_new = False
        self._agreed: dict[str, tuple[str, ...]] = {}

    def load(self, path: str) -> None:
        """Keeps the table at *path* from now on. A file that cannot be read agrees to nothing."""
        try:
            kept = json.loads(inside.read_bytes((os.path.dirname(path),), path, MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            kept = {}
        rows = kept.items() if isinstance(kept, Mapping) else ()
        found = {key: tuple(names) for key, names in rows if isinstance(names, list) and all(map(_is_text, names))}
        with self._lock:
            self._path = path
            self._agreed = {**found, **self._agreed}

    def of(self, discussion: str) -> frozenset[str]:
        """The tools that were switched on in it."""
        with self._lock:
            return frozenset(self._agreed.get(discussion, ()))

    def add(self, discussion: str, names: tuple[str, ...]) -> None:
        """The user has switched these on."""
        with self._lock:
            known = self._agreed.pop(discussion, ())
            both = tuple(sorted({*known, *names}))
            if both:
                self._agreed[discussion] = both
            while len(self._agreed) > MAX_KEPT:
                del self._agreed[next(iter(self._agreed))]
            self._is_new |= both != known

    def save(self) -> None:
        """Writes what is new in the table. Raises OSError."""
        with self._saving:
            with self._lock:
                path, text, self._is_new = (self._path if self._is_new else ""), json.dumps(self._agreed), False
            if path:
                try:
                    stored_file.write_text(path, text)
                except OSError:
                    with self._lock:
                        self._is_new = True
                    raise


def key_of(path: str, first_line: bytes) -> str:
    """What the discussion in the log at *path* is known by."""
    import hashlib  # with OpenSSL 3 ms, which the start saves: no discussion is open before the first frame

    return hashlib.sha256(path.encode(errors="surrogateescape") + b"\n" + first_line).hexdigest()


def _is_text(value: object) -> bool:
    return isinstance(value, str)
