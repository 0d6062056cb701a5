"""The answer of a program that is asked something: a bounded one, within a bounded time.

Guarantees
- When the call is over, however it ends, no process of the program's group is left.
"""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from importguard.running.tree import end_tree

_PIECE = 64 * 1024
_MOST_WORDS = 64 * 1024  # of what it says on its standard error
_LATE_S = 1.0  # for what is left in a pipe whose program has ended


class _Reader(threading.Thread):
    """Takes what comes out of *pipe*: up to *limit* bytes, then calls *over* and throws the rest away."""

    def __init__(self, pipe: IO[bytes], limit: int, over: Callable[[], object]) -> None:
        super().__init__(name="importguard-answer", daemon=True)
        self._pipe, self._limit, self._over = pipe, limit, over
        self.taken = bytearray()
        self.is_over = False

    def run(self) -> None:
        with self._pipe, contextlib.suppress(OSError, ValueError):
            while piece := self._pipe.read(_PIECE):
                if len(self.taken) + len(piece) <= self._limit:
                    self.taken += piece
                elif not self.is_over:
                    self.is_over = True
                    self._over()


def answer_of(
    command: Sequence[str],
    *,
    seconds: float,
    limit: int,
    given: bytes = b"",
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> bytes:
    """What *command* prints when it gets *given*.

    Raises CalledProcessError, TimeoutExpired, and OSError, also when that is more than *limit* bytes.
    """
    with tempfile.TemporaryFile() as asked:
        asked.write(given)
        asked.seek(0)
        process = subprocess.Popen(
            command,
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=folder,
            bufsize=0,
            start_new_session=os.name == "posix",
        )
    if process.stdout is None or process.stderr is None:
        raise OSError(errno.EPIPE, "cannot be spoken to", command[0])
    answer = _Reader(process.stdout, limit, process.kill)
    words = _Reader(process.stderr, _MOST_WORDS, lambda: None)
    for reader in (answer, words):
        reader.start()
    try:
        answer.join(seconds)  # not `process.wait`, which looks at the clock in steps that grow
        if answer.is_alive():
            raise subprocess.TimeoutExpired(list(command), seconds)
        code = process.wait(_LATE_S)
    finally:
        _end(process)
        for reader in (answer, words):
            reader.join(_LATE_S)
    if answer.is_over:
        raise OSError(errno.EFBIG, f"it says more than {limit >> 20} MiB", command[0])
    if code:
        raise subprocess.CalledProcessError(code, list(command), bytes(answer.taken), bytes(words.taken))
    return bytes(answer.taken)


def _end(process: subprocess.Popen[bytes]) -> None:
    end_tree(process)
    process.wait()
