"""The processes that a program has started, also those that have left its group. Linux alone can tell."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

VARIABLE = "IMPORTGUARD_RUN"  # in the environment of the program, and so of whatever it starts
_ROUNDS = 50  # a process may start another while it is looked for


def end_descendants(run: str) -> None:
    """Ends every process whose environment names *run*, by force."""
    if sys.platform != "linux":
        return
    for _ in range(_ROUNDS):
        found = _named(f"{VARIABLE}={run}".encode())
        if not found:
            return
        for number in found:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)


def _named(setting: bytes) -> list[int]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as file:
                if setting in file.read().split(b"\0"):
                    found.append(int(entry))
    return found
