"""Objects of a git repository, read by one `git cat-file --batch`.

**Guarantees**
- Only what is asked for is read, and only up to a size, which git says before the content: a larger object costs a new
  process, not memory.
- Each answer is waited for a bounded time. The process ends with the context.
"""

from __future__ import annotations

import os
import select
import subprocess
from typing import IO, NamedTuple

from importguard.storage.git import SECONDS, Repository

_MAX_LINE = 1024
_PIECE = 1024 * 1024


class ObjectError(Exception):
    """Git has no such object, or ended."""


class _Process(NamedTuple):
    process: subprocess.Popen[bytes]
    asked: IO[bytes]
    answers: IO[bytes]


class Objects:
    """The objects of *repository*. Use it as a context."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._running: _Process | None = None
        self._sizes: dict[str, int] = {}

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def size(self, name: str, limit: int) -> int:
        """Of the object *name* in bytes, which is cheap where that has been read, and is above *limit*."""
        if name not in self._sizes:
            self.read(name, limit)
        return self._sizes[name]

    def read(self, name: str, limit: int) -> bytes | None:
        """The content of the object *name*; None when that is more than *limit* bytes. Raises ObjectError."""
        if self._sizes.get(name, 0) > limit:
            return None
        running = self._running = self._running or self._start()
        try:
            running.asked.write(name.encode("ascii") + b"\n")
            line, _, begun = self._until_line_end(running).partition(b"\n")
            words = line.split()
            if len(words) != 3 or not words[2].isdigit():
                missing = words[1:] == [b"missing"]
                raise ObjectError("this clone has not got it; run: git fetch --refetch --no-filter" if missing else "")
            self._sizes[name] = size = int(words[2])
            if size > limit:
                self._end()  # the content is on its way
                return None
            return self._whole(running, begun, size + 1)[:size]
        except OSError as error:
            self._end()
            raise ObjectError(str(error)) from error
        except ObjectError:
            self._end()
            raise

    def _start(self) -> _Process:
        try:
            process = subprocess.Popen(
                ["git", f"--git-dir={self._repository.own}", "cat-file", "--batch"],
                cwd=self._repository.own,
                env=self._repository.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        except OSError as error:
            raise ObjectError(f"git cannot be run: {error}") from error
        if process.stdin is None or process.stdout is None:
            raise ObjectError("git cannot be spoken to")
        return _Process(process, process.stdin, process.stdout)

    def _until_line_end(self, running: _Process) -> bytes:
        begun = b""
        while b"\n" not in begun and len(begun) < _MAX_LINE:
            begun += _some(running, _MAX_LINE)
        return begun

    def _whole(self, running: _Process, begun: bytes, count: int) -> bytes:
        parts = [begun]
        left = count - len(begun)
        while left > 0:
            parts.append(_some(running, left))
            left -= len(parts[-1])
        return b"".join(parts)

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.process.kill()
            running.asked.close()
            running.answers.close()
            running.process.wait()


def _some(running: _Process, count: int) -> bytes:
    # A repository may hold a pipe where an object should be. Windows has none, and cannot wait here either.
    if os.name == "posix" and not select.select([running.answers], [], [], SECONDS)[0]:
        raise ObjectError(f"git gave no answer within {SECONDS} s")
    some = running.answers.read(min(count, _PIECE))
    if not some:
        raise ObjectError("git ended; run: git fsck")
    return some
