"""The files of importguard itself, with their times of change. Lean, as `digests` is."""

from __future__ import annotations

import os
import time

from importguard.storage.digests import digest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SETTLED_NS = 2_000_000_000  # a time of change that is younger when it is noted may hide another change: not trusted

Stamp = tuple[int, int, int]  # times of content and of status in ns, size


def own_files() -> list[tuple[str, str, Stamp]]:
    """Each by its path in the package: name, absolute path, stamp."""
    found: list[tuple[str, str, Stamp]] = []
    _add(ROOT, "", found)
    return found


def _add(folder: str, inside: str, found: list[tuple[str, str, Stamp]]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = inside + entry.name
            if name.endswith((".py", ".json", ".txt")):
                status = entry.stat()
                found.append((name, entry.path, (status.st_mtime_ns, status.st_ctime_ns, status.st_size)))
            elif entry.is_dir() and entry.name != "__pycache__":
                _add(entry.path, name + os.sep, found)


def is_settled(stamp: Stamp) -> bool:
    """Whether another change would show."""
    return time.time_ns() - max(stamp[:2]) > SETTLED_NS


def own_stamp() -> bytes:
    """Of all these files: the same as long as none of them changes. Empty while a change would not show."""
    files = sorted((name, stamp) for name, _, stamp in own_files())
    return (
        digest(repr((ROOT, files)).encode("utf-8", "surrogateescape")) if all(is_settled(s) for _, s in files) else b""
    )
