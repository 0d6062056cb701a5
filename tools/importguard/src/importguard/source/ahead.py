"""Reads the files that one imports from beside it in a second process, while the start is walked in the first.

**Guarantees**
- The second process reads files and sends back what it made of them, by the digest of what it read; it changes nothing.
  It ends on request, and when the first one ends, whose end of the pipe closes then.
- Nobody waits for it: a Program that is not there yet is made by whoever needs it, and a wish that does not fit into
  the pipe is sent later. So the two never wait for each other.
- It is started only where the first process has one thread, has not been started by another for this, and where
  there is a second processor.
"""

from __future__ import annotations

import contextlib
import gc
import mmap
import os
import sys
import threading
from collections.abc import Callable
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection

import msgspec

from importguard.errors import SourceError
from importguard.source import program as ir
from importguard.source.reader import read_program
from importguard.source.skimming import is_compiled
from importguard.storage.digests import digest
from importguard.storage.disk import Disk

_PIPE_BYTES = 1024 * 1024
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ
_MAX_FILES = 50_000
_ATOMIC = 4_000  # bytes of wishes in one message: below PIPE_BUF a write goes through whole or not at all


class Ahead:
    """The second process."""

    def __init__(self, salt: bytes) -> None:
        context = get_context("fork")
        results, made = context.Pipe(duplex=False)
        wishes, asked = context.Pipe(duplex=False)
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            fcntl.fcntl(results.fileno(), _SET_PIPE_SIZE, _PIPE_BYTES)
        os.set_blocking(asked.fileno(), False)
        self._results, self._asked = results, asked
        self._wishes: list[list[tuple[int, str]]] = []  # messages that are still to be sent, the next one last
        self._found: dict[bytes, bytes] = {}
        self._listings: dict[str, frozenset[str]] = {}
        self._number: dict[str, int] = {}
        self._taken = mmap.mmap(-1, _MAX_FILES)  # a byte a file that was asked for: the first process has it already
        self._process = context.Process(
            target=_serve, args=(wishes, made, (results, asked), salt, self._taken), daemon=True
        )
        self._process.start()
        wishes.close()
        made.close()

    def beside(self, path: str, program: ir.Program, names: Callable[[], list[str]]) -> None:
        """*path* is the *program*; asks for what that imports from the files of its folder, *names*, each once."""
        imported = [f"{name}.py" for name in imported_by(program)]
        folder = os.path.dirname(path)
        if imported and folder not in self._listings:
            self._listings[folder] = frozenset(names())
        files = [os.path.join(folder, name) for name in imported if name in self._listings[folder]]
        files = [file for file in files if file not in self._number][: _MAX_FILES - len(self._number)]
        first = len(self._number)
        self._number.update((file, first + index) for index, file in enumerate(files))
        self._wishes += reversed(_messages([(self._number[file], file) for file in files]))
        self._send()

    def take_over(self, path: str) -> None:
        """*path* is about to be read here."""
        if path in self._number:
            self._taken[self._number[path]] = 1
        elif len(self._number) < _MAX_FILES:
            self._taken[self._number.setdefault(path, len(self._number))] = 1

    def _send(self) -> None:
        """Sends what fits into the pipe now."""
        with contextlib.suppress(OSError):
            while self._wishes:
                self._asked.send(self._wishes[-1])
                self._wishes.pop()

    def take(self, key: bytes) -> bytes | None:
        """The encoded Program of the source with *key*, if it is there."""
        self._send()
        with contextlib.suppress(OSError, EOFError):
            while key not in self._found and self._results.poll():
                found, program = self._results.recv()
                self._found[found] = program
        return self._found.pop(key, None)

    def end(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.join()
        self._results.close()
        self._asked.close()


def imported_by(program: ir.Program) -> list[str]:
    """The last parts of the names that *program* imports when it is loaded, and the names from packages: each once."""
    found: dict[str, None] = {}
    pending = list(reversed(program.body))
    while pending:
        node = pending.pop()
        if type(node) is ir.ImportFrom:
            if node.module:
                found[node.module.rpartition(".")[2]] = None
            found.update((alias.name, None) for alias in node.names)
        elif type(node) is ir.Import:
            found.update((alias.name.rpartition(".")[2], None) for alias in node.names)
        elif type(node) is ir.Try:
            pending += reversed(node.body)
    return list(found)


def _messages(wishes: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """*wishes* in parts that are written at once; a path that is too long for that is left out."""
    parts: list[list[tuple[int, str]]] = []
    room = 0
    for number, path in wishes:
        size = len(os.fsencode(path)) + 32  # beside the text: the number and what pickle adds
        if size > _ATOMIC:
            continue
        if size > room:
            parts.append([])
            room = _ATOMIC
        parts[-1].append((number, path))
        room -= size
    return parts


def worthwhile() -> bool:
    """Whether a second process can be of use here."""
    if not sys.platform.startswith("linux") or threading.active_count() > 1 or parent_process() is not None:
        return False
    return len(os.sched_getaffinity(0)) > 1


def _serve(wishes: Connection, made: Connection, others: tuple[Connection, ...], salt: bytes, taken: mmap.mmap) -> None:
    for other in others:
        other.close()
    gc.disable()  # what is made of a file is no garbage until it has been sent
    pending: list[tuple[int, str]] = []
    with contextlib.suppress(OSError, EOFError, KeyboardInterrupt):
        while True:
            while wishes.poll() or not pending:
                pending += wishes.recv()  # the newest folder first, from its end: the first process starts at its top
            number, path = pending.pop()
            if taken[number]:
                continue
            try:
                source = Disk().read(path)
                program = read_program(source, path, compiled=is_compiled(path, len(source)))
            except (OSError, SourceError):
                continue
            made.send((digest(salt + digest(source)), msgspec.msgpack.encode(program)))
