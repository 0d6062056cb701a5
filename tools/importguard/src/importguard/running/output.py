"""What a program says, of which the end is kept. Its words go through a pipe, so they fill neither memory nor disk."""

from __future__ import annotations

import os
import threading

_PIECE = 64 * 1024
_LINES = 15
_LINE = 500  # characters of one
_LATE_S = 1.0  # for the last words of a program that has ended


class Output:
    """Use it as a context: `descriptor` is for the program alone, and is closed with `begin`."""

    def __init__(self) -> None:
        self._read, self.descriptor = os.pipe()
        self._kept = b""
        self._thread = threading.Thread(target=self._drain, name="importguard-output", daemon=True)

    def begin(self) -> None:
        """The program has the pipe: reads from now on."""
        os.close(self.descriptor)
        self._thread.start()

    def tail(self) -> str:
        """The last lines of a program that has ended, as the end of a sentence; empty when it said nothing."""
        if self._thread.ident is not None:
            self._thread.join(_LATE_S)  # a process that has left the program's group may hold the pipe open
        lines = self._kept.decode("utf-8", "replace").splitlines()[-_LINES:]
        return "; it said:\n" + "\n".join(f"  {line[-_LINE:]}" for line in lines) if lines else ""

    def _drain(self) -> None:
        with os.fdopen(self._read, "rb", buffering=0) as pipe:
            while piece := pipe.read(_PIECE):
                self._kept = (self._kept + piece)[-_PIECE:]
