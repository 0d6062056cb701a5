"""Ends a program together with everything that it has started."""

from __future__ import annotations

import os
import signal
import sys
from typing import Protocol


class Leader(Protocol):
    """A process that was started with `start_new_session=True`, so that it leads a group of its own."""

    pid: int

    def kill(self) -> None:
        """Ends it at once."""

    def terminate(self) -> None:
        """Asks it to end."""


def end_group(leader: Leader, *, kill: bool = True) -> None:
    """Ends the group of *leader*, or without *kill* asks it to, whether *leader* itself still runs or not.

    Windows has no such groups: there *leader* alone ends.
    """
    try:
        if sys.platform != "win32":
            os.killpg(leader.pid, signal.SIGKILL if kill else signal.SIGTERM)
        elif kill:
            leader.kill()
        else:
            leader.terminate()
    except (ProcessLookupError, PermissionError):
        return
