"""What a command is doing, on standard error, once that takes more than a second.

On a terminal it is one line that is written over and taken away at the end. Elsewhere, in the log of a CI service, a
long command with steps prints a line now and then; one without steps prints nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator

AFTER_S = 1.0
EVERY_S = 0.5  # on a terminal
LINE_S = 10.0  # between two lines of a log

Step = Callable[[int, int], None]


@contextlib.contextmanager
def progress(
    what: str, *, steps: bool = False, quiet: bool = False, clock: Callable[[], float] = time.monotonic
) -> Iterator[Step]:
    """Reports that *what* is being done. Yields a function that takes how many of how many *steps* are done."""
    if quiet:
        yield lambda _done, _of: None
        return
    shown = _Line(what, steps, clock)
    thread = None
    if shown.on_terminal:
        thread = threading.Thread(target=shown.run, name="importguard-progress", daemon=True)
        thread.start()
    try:
        yield shown.step
    finally:
        shown.ended.set()
        if thread is not None:
            thread.join()


class _Line:
    def __init__(self, what: str, steps: bool, clock: Callable[[], float]) -> None:
        self.ended = threading.Event()
        self.on_terminal = sys.stderr.isatty()
        self._what, self._steps, self._clock = what, steps, clock
        self._began = clock()
        self._said = self._began + AFTER_S - LINE_S
        self._done = ""
        escapes = "NO_COLOR" not in os.environ and os.environ.get("TERM", "dumb") not in {"", "dumb"}
        self._erase = "\r\x1b[K" if escapes else ""
        self._width = 0

    def step(self, done: int, of: int) -> None:
        """*done* of *of* steps are over."""
        self._done = f", {done} of {of}"
        now = self._clock()
        if self._steps and not self.on_terminal and done < of and now - self._said >= LINE_S:
            self._said = now
            _write(f"importguard: {self._text(now)}\n")

    def run(self) -> None:
        """Writes the line until the command is over, then takes it away."""
        if self.ended.wait(AFTER_S):
            return
        while True:
            text = self._text(self._clock())
            _write(f"{self._erase}{text}" if self._erase else f"\r{text:<{self._width}}")
            self._width = max(self._width, len(text))
            if self.ended.wait(EVERY_S):
                break
        _write(self._erase or f"\r{'':<{self._width}}\r")

    def _text(self, now: float) -> str:
        return f"{self._what}{self._done} … {now - self._began:.0f} s"


def _write(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # nobody is left to read it
        sys.stderr.write(text)
        sys.stderr.flush()
