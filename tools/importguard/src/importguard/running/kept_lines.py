"""The lines of a program's output that are about something: the rest is read and thrown away, however much it is."""

from __future__ import annotations

import contextlib
import threading
from typing import IO

_PIECE = 64 * 1024
_LONGEST = 64 * 1024  # bytes of a line, of which the end counts
_MOST = 64 * 1024 * 1024  # bytes of all of them


class KeptLines(threading.Thread):
    """Reads *pipe* to its end and keeps of each line what comes from *beginning* on, the first 64 MiB of that.

    Others may have printed without a line's end before it.
    """

    def __init__(self, pipe: IO[bytes], beginning: str) -> None:
        super().__init__(name="importguard-lines", daemon=True)
        self._pipe, self._beginning = pipe, beginning.encode()
        self._kept: list[bytes] = []
        self._size = 0
        self.start()

    def run(self) -> None:
        """Until nobody has the pipe any more."""
        with self._pipe, contextlib.suppress(OSError, ValueError):
            begun = b""
            while piece := self._pipe.read(_PIECE):
                *lines, begun = (begun + piece).split(b"\n")
                for line in lines:
                    self._keep(line)
                begun = begun[-_LONGEST:]
            self._keep(begun)

    def _keep(self, line: bytes) -> None:
        at = line.rfind(self._beginning)
        if at >= 0 and self._size + len(line) - at <= _MOST:
            self._size += len(line) - at
            self._kept.append(line[at:])

    def lines(self) -> list[str]:
        """Those that were kept so far."""
        return [line.decode("utf-8", "replace") for line in self._kept]
