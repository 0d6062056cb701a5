"""Ends a process with what it has started: its group on POSIX systems, its tree on Windows."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

_SECONDS = 10


def end_tree(process: subprocess.Popen[bytes], *, by_force: bool = True) -> None:
    """Ends *process*, which leads its group, and its descendants; asks them first unless *by_force*. Does not wait."""
    with contextlib.suppress(OSError):  # nobody of it is left
        if hasattr(os, "killpg") and sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL if by_force else signal.SIGTERM)
        elif by_force:
            _end_tree_of_windows(process)
        else:
            process.terminate()


def _end_tree_of_windows(process: subprocess.Popen[bytes]) -> None:
    """There a process has no group that a signal reaches; `taskkill` is part of the system."""
    command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    process.kill()
