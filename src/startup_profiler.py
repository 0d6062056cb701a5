"""Named moments of the start, in milliseconds since the process began. Standard library only; any thread may mark."""

from __future__ import annotations

import os
import threading
import time


def _age_at_import_s() -> float:
    """Seconds since the kernel started this process; 0.0 where it does not say."""
    try:
        with open("/proc/self/stat", "rb") as file:
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        with open("/proc/uptime", "rb") as file:
            uptime = float(file.read().split()[0])
        return max(0.0, uptime - ticks / os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


class StartupProfiler:
    """The moments marked so far. `_lock` guards `_marks`."""

    def __init__(self) -> None:
        self._origin = time.perf_counter() - _age_at_import_s()
        self._lock = threading.Lock()
        self._marks: dict[str, float] = {}

    def mark(self, name: str) -> None:
        """Remembers that *name* happened now; the first time counts."""
        now = (time.perf_counter() - self._origin) * 1000
        with self._lock:
            self._marks.setdefault(name, now)

    def marks(self) -> dict[str, float]:
        """Each moment's milliseconds since the process began, in the order they were marked."""
        with self._lock:
            return dict(self._marks)


profiler = StartupProfiler()
