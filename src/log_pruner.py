"""Keeps a folder of logs bounded: by age and by number, the oldest first. Standard library only."""

from __future__ import annotations

import os
import time

MAX_AGE_S = 90 * 24 * 3600
MAX_FILES = 500


def prune(folder: str, max_age_s: float = MAX_AGE_S, max_files: int = MAX_FILES, now: float | None = None) -> list[str]:
    """Deletes the `.jsonl` files of *folder* that are too old or too many; their names. A missing folder has none.

    A file that cannot be deleted is left, and the next run tries again.
    """
    moment = time.time() if now is None else now
    try:
        entries = [entry for entry in os.scandir(folder) if entry.name.endswith(".jsonl") and entry.is_file()]
    except FileNotFoundError:
        return []
    newest_first = sorted(entries, key=lambda entry: entry.stat().st_mtime, reverse=True)
    deleted = []
    for position, entry in enumerate(newest_first):
        if position < max_files and moment - entry.stat().st_mtime <= max_age_s:
            continue
        try:
            os.unlink(entry.path)
        except OSError:
            continue
        deleted.append(entry.name)
    return deleted
