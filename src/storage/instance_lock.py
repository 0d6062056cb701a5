"""One writer per project and per discussion: a file with the owner's pid, locked by the kernel.

Guarantees
- The kernel lets go of the lock when its process ends, however it ends: a file nobody holds is stale and taken over.
- Of two that take it at once one succeeds. Stdlib only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator

from src.storage import inside, stored_file

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 20  # a byte behind the text, so that others can still read the pid

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


ATTEMPTS = 10
TICK_S = 0.01


@contextlib.contextmanager
def lock_waiting(path: str, wait_s: float) -> Iterator[None]:
    """Holds the lock of the file at *path*, which stays; waits up to *wait_s* seconds for others. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), stored_file.PRIVATE)
    try:
        end = time.monotonic() + wait_s
        while True:
            try:
                _lock(descriptor)
                break
            except OSError:
                if time.monotonic() >= end:
                    raise OSError(errno.EAGAIN, f"another Sloppy holds its lock for {wait_s:.0f} s", path) from None
            time.sleep(TICK_S)
        yield
    finally:
        os.close(descriptor)  # which lets it go


class InstanceLock:
    """The lock file at *path*, which stays inside *root*, or in its own folder without one."""

    def __init__(self, path: str, root: str = "") -> None:
        self.path = path
        self._roots = (root or os.path.dirname(path),)
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Takes the lock; False when another instance holds it.

        Raises OSError when the file cannot be made, OutsideError when it is a link or behind one that leaves *root*.
        """
        inside.make_folder(self._roots, os.path.dirname(self.path))
        for _ in range(ATTEMPTS):
            descriptor = inside.open_file(self._roots, self.path, os.O_RDWR | os.O_CREAT, links=False)
            try:
                _lock(descriptor)
            except OSError:
                os.close(descriptor)
                return False
            if self._is_there(descriptor):
                self._descriptor = descriptor
                try:
                    os.ftruncate(descriptor, 0)
                    os.write(descriptor, f"{os.getpid()}\n".encode())
                except OSError:  # the disk is full: who tries again finds it free
                    self.release()
                    raise
                return True
            os.close(descriptor)  # its owner deleted it between our opening and our locking
        return False

    def owner(self) -> str:
        """The pid in the file, for the notice; empty when there is none."""
        try:
            with open(self.path, encoding="utf-8") as file:
                return file.read(20).strip()
        except (OSError, ValueError):
            return ""

    def release(self) -> None:
        """Gives the lock back if it is ours."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            stored_file.discard(self.path)
            os.close(descriptor)

    def _is_there(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self.path))
        except FileNotFoundError:
            return False
