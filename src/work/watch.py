"""Watches a folder's Python files for changes, for `--hot-reload`. A job of the pool; heavy, so it is warmed."""

from __future__ import annotations

import threading
from collections.abc import Callable

import watchfiles


def watch(folder: str, ended: threading.Event, on_change: Callable[[frozenset[str]], object]) -> None:
    """Calls *on_change* with the paths that changed, until *ended* is set. What editors save in steps comes as one."""
    changes = watchfiles.watch(
        folder, watch_filter=watchfiles.PythonFilter(), debounce=200, stop_event=ended, rust_timeout=500
    )
    for found in changes:
        if paths := frozenset(path for change, path in found if change != watchfiles.Change.deleted):
            on_change(paths)
