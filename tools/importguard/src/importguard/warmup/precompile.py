"""Bytecode for the jobs of a warmup, written by a child process that imports their modules.

Compiling holds the interpreter lock for as long as one file takes, which is longer than a frame for a large one. A
child has a lock of its own; when it is done, this process only reads what the child wrote.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import PathFinder

POLL_S = 0.02
TIMEOUT_S = 60.0
_HEAD = 16  # bytes: magic number, flags, then the source's time and size
_CHILD = """
import json, os, sys
if hasattr(os, "nice"):
    os.nice(5)  # the program that shows a window goes first
sys.path[:], names = json.load(sys.stdin)
for name in names:
    try:
        __import__(name)
    except BaseException:
        pass
"""


def precompile(modules: Sequence[str], is_wanted: Callable[[], bool], timeout_s: float = TIMEOUT_S) -> str:
    """Has a child process import *modules* when one of them has no valid bytecode. "" when all have it afterwards.

    Otherwise why not: they cannot be written, the child did not end within *timeout_s* seconds, or *is_wanted* says no
    longer. Looks at the files of the modules themselves, not at what they import.
    """
    missing = [path for name in modules if (path := _source_of(name)) and not _is_valid(path)]
    if not missing:
        return ""
    if sys.dont_write_bytecode:
        return "PYTHONDONTWRITEBYTECODE is set"
    if getattr(sys, "frozen", False) or not sys.executable:
        return "there is no Python program to start"
    closed = next((path for path in missing if not _can_write(path)), None)
    if closed is not None:
        return f"{os.path.dirname(closed)} cannot be written to"
    return _in_child(modules, is_wanted, timeout_s)


def _in_child(modules: Sequence[str], is_wanted: Callable[[], bool], timeout_s: float) -> str:
    import time

    until = time.monotonic() + timeout_s
    try:
        child = _Child() if hasattr(os, "posix_spawn") else _PlainChild()
    except OSError as error:
        return f"{sys.executable} cannot be started: {error.strerror or error}"
    try:
        child.write(json.dumps([sys.path, list(modules)]).encode())
        while child.is_running():
            if not is_wanted():
                return "the warmup was closed"
            if time.monotonic() > until:
                return f"it did not end within {timeout_s:g} s"
            time.sleep(POLL_S)
    except BrokenPipeError:
        return "the child ended at once"
    else:
        return ""
    finally:
        child.end()


class _Child:
    """A process that reads what it is to import. Its own, because `subprocess` without bytecode is a late frame."""

    def __init__(self) -> None:
        reader, self._writer = os.pipe()  # the child inherits neither end
        nowhere = [(os.POSIX_SPAWN_OPEN, output, os.devnull, os.O_WRONLY, 0) for output in (1, 2)]
        given = [(os.POSIX_SPAWN_DUP2, reader, 0), *nowhere]
        try:
            self._pid = os.posix_spawn(sys.executable, [sys.executable, "-c", _CHILD], os.environ, file_actions=given)
        except OSError:
            os.close(self._writer)
            raise
        finally:
            os.close(reader)
        self._ended = False

    def write(self, text: bytes) -> None:
        """Hands *text* over, and that is all. Raises BrokenPipeError."""
        try:
            while text:
                text = text[os.write(self._writer, text) :]
        finally:
            os.close(self._writer)

    def is_running(self) -> bool:
        """Whether it has not ended."""
        if not self._ended:
            try:
                self._ended = os.waitpid(self._pid, os.WNOHANG)[0] == self._pid
            except ChildProcessError:  # the program collects its children itself
                self._ended = True
        return not self._ended

    def end(self) -> None:
        """Whatever it does."""
        if self.is_running():
            os.kill(self._pid, 9)
            os.waitpid(self._pid, 0)
            self._ended = True


class _PlainChild:
    """The same where processes are not started in this way: on Windows."""

    def __init__(self) -> None:
        import subprocess

        self._process = subprocess.Popen(
            [sys.executable, "-c", _CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def write(self, text: bytes) -> None:
        """Hands *text* over, and that is all. Raises BrokenPipeError."""
        if self._process.stdin is not None:
            with self._process.stdin as stdin:
                stdin.write(text)

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def end(self) -> None:
        """Whatever it does."""
        if self.is_running():
            self._process.kill()
        self._process.wait()


def _source_of(name: str) -> str:
    """The file of the module *name*; "" when it is no file of source. Imports nothing of it."""
    path: Sequence[str] | None = None
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        spec = PathFinder.find_spec(".".join(parts[:end]), path)
        if spec is None:
            return ""
        path = spec.submodule_search_locations
        if path is None and end < len(parts):
            return ""
    origin = spec.origin if spec is not None and spec.has_location else None
    return origin if origin is not None and origin.endswith(".py") else ""


def _is_valid(source: str) -> bool:
    try:
        with open(importlib.util.cache_from_source(source), "rb") as file:
            head = file.read(_HEAD)
        status = os.stat(source)
    except (OSError, NotImplementedError):
        return False
    if len(head) < _HEAD or head[:4] != importlib.util.MAGIC_NUMBER:
        return False
    if any(head[4:8]):  # it holds a hash
        return True
    return head[8:] == b"".join(
        (int(value) & 0xFFFFFFFF).to_bytes(4, "little") for value in (status.st_mtime, status.st_size)
    )


def _can_write(source: str) -> bool:
    try:
        folder = os.path.dirname(importlib.util.cache_from_source(source))
    except NotImplementedError:
        return False
    while folder and not os.path.isdir(folder):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return os.access(folder, os.W_OK)
