"""The append-only file of one discussion: one JSON line per event, written by one writer at a time on the pool.

Guarantees
- A line reaches the kernel within `FLUSH_S` seconds, at once for everything but pieces of a reply: what was shown a
  second ago survives a kill -9. It reaches the disk (fsync) when a reply ends and when the log is closed: a power
  failure costs at most the reply that streams.
- Lines keep their order; pieces of text that wait together become one line.
- A write that fails leaves the file as it was before it; the lines stay in memory and are tried again every `RETRY_S`
  seconds. The user hears once that it fails, and once that it is written again.
- One writer: the lock belongs to the log, which gives it up only when nothing waits any more. A log that was closed
  while its disk was full goes on until all is written.
- A new log never opens a file that exists: it takes the next name. A file that somebody else changed is left alone.
- Appending costs the same however long the file is.
- `_lock` guards the fields of `DiscussionLog`; only the job that set `_writing` touches the file.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from collections.abc import Callable

from src.chat import Text
from src.discussion import format as log_format
from src.discussion.events import Arrived, DiscussionEvent, Ended
from src.storage import inside
from src.storage.inside import OutsideError
from src.storage.instance_lock import InstanceLock
from src.work.background import Background
from src.work.toasts import ToastKind

FLUSH_S = 0.25
RETRY_S = 5.0
CLOSE_S = 2.0  # that another writer may take
SUFFIX = ".jsonl"
MAX_NAMES = 1_000  # that are tried for a new file
AT_ONCE = 262_144  # bytes of JSON that are read in one call


class LockedError(OSError):
    """Another Sloppy is the writer of the discussion."""


class DiscussionLog:
    """The writer of `path`, made with its first line. *size*: the file's length as it was read, 0 for a new one.

    *instance*: the lock of a file that was read; a log without one takes it with its first line. *tell* shows a
    sentence, *written* is called once a log that was closed has nothing left to write,
    *begun* once the first events of a new one are written.
    """

    def __init__(
        self,
        background: Background,
        path: str,
        size: int,
        tell: Callable[[str, ToastKind], object],
        *,
        root: str = "",
        header: bytes = b"",
        instance: InstanceLock | None = None,
        written: Callable[[], object] = tuple,
        begun: Callable[[], object] = tuple,
    ) -> None:
        self.path = path
        self.header = header or log_format.encode_header(os.path.basename(path).removesuffix(SUFFIX), time.time())
        self._root = root
        self._roots = (root or os.path.dirname(path),)
        self._background = background
        self._tell = tell
        self._written, self._begun = written, begun
        self._has_events = size > 0
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._waiting: list[DiscussionEvent] = []
        self._size = size
        self._is_there = size > 0 or instance is not None
        self._writing = self._scheduled = self._closing = False
        self._failing = ""
        self._instance = instance
        self._descriptor: int | None = None

    @property
    def name(self) -> str:
        """The discussion's name: its file's, without the ending."""
        return os.path.basename(self.path).removesuffix(SUFFIX)

    @property
    def failure(self) -> str:
        """Why it cannot be written now; empty when it can."""
        with self._lock:
            return self._failing

    def lock(self) -> None:
        """Takes the lock before the first line is written, so that another Sloppy sees it. A full disk may wait."""
        with self._idle:
            self._idle.wait_for(lambda: not self._writing, CLOSE_S)
            if self._writing or self._closing or self._descriptor is not None:
                return
            self._writing = True
        with contextlib.suppress(OSError, OutsideError):  # said when there is a line that cannot be written
            self._own()
        self._rest()
        self.flush()

    def append(self, event: DiscussionEvent) -> None:
        """Adds *event*; returns at once."""
        is_piece = isinstance(event, Arrived)
        with self._lock:
            last = self._waiting[-1] if self._waiting else None
            if is_text(event) and last is not None and is_text(last):
                self._waiting[-1] = Arrived(Text(last.piece.text + event.piece.text))  # type: ignore[union-attr]
            else:
                self._waiting.append(event)
            already, self._scheduled = self._scheduled, self._scheduled or is_piece
        if not is_piece:
            self._write_soon()
        elif not already:
            self._background.later(FLUSH_S, self._on_time)

    def flush(self) -> bool:
        """Writes here and now what waits; True when nothing is left. Another writer goes on by itself."""
        while True:
            with self._lock:
                if self._writing or not self._waiting:
                    return not (self._writing or self._waiting)
                self._writing = True
                events, self._waiting = self._waiting, []
            failure = self._try_to_write(events)
            with self._lock:
                self._writing = False
                if failure:
                    self._waiting = events + self._waiting
                before, self._failing = self._failing, failure
                begins, self._has_events = not (failure or self._has_events), self._has_events or not failure
                ends = self._closing and not self._waiting
                self._idle.notify_all()
            self._say(before, failure)
            if begins:
                self._begun()
            if failure:
                self._background.later(RETRY_S, self._write_soon)
                return False
            if ends and self._let_go():
                self._written()

    def close(self) -> bool:
        """Writes what waits and lets the file go; True when all is on the disk.

        Else it stays the file's writer, tries on, and lets the file go when all is written; `reopen` ends that.
        """
        with self._idle:
            self._closing = True
            self._idle.wait_for(lambda: not self._writing, CLOSE_S)
        return self.flush() and self._let_go()

    def reopen(self) -> None:
        """Goes on after `close`."""
        with self._lock:
            self._closing = False

    def _let_go(self) -> bool:
        """Gives up the file and its lock unless it is still wanted; True when all is on the disk."""
        with self._idle:
            self._idle.wait_for(lambda: not self._writing, CLOSE_S)  # another thread may be at the same
            if self._writing or self._waiting or not self._closing:
                return False
            self._writing = True
            descriptor, self._descriptor = self._descriptor, None
            instance, self._instance = self._instance, None
        synced = True
        try:
            if descriptor is not None:
                os.fsync(descriptor)
        except OSError:
            synced = False
        finally:
            if descriptor is not None:
                os.close(descriptor)
            if instance is not None:
                instance.release()
            self._rest()
        return synced

    def _rest(self) -> None:
        with self._lock:
            self._writing = False
            self._idle.notify_all()

    def _say(self, before: str, failure: str) -> None:
        if failure and not before:
            self._tell(f"{self.path} cannot be written ({failure}); nothing is lost while Sloppy runs.", "error")
        elif before and not failure:
            self._tell(f"{self.path} is written again; nothing is missing in it.", "success")

    def _on_time(self) -> None:
        with self._lock:
            self._scheduled = False
        self._write_soon()

    def _write_soon(self) -> None:
        # Every worker may be taken by jobs that last; the guarantee of this file does not wait for them.
        if self._background.is_full:
            self._background.later(0.0, self.flush)
        else:
            self._background.submit(self.flush)

    def _try_to_write(self, events: list[DiscussionEvent]) -> str:
        """What went wrong; empty when *events* are in the file."""
        data = b"".join(log_format.encode(event) for event in events)
        is_new = self._size == 0
        try:
            descriptor = self._open()
            if is_new:
                data = self.header + data
            _write_all(descriptor, data, self._size)
            self._size += len(data)
            if any(isinstance(event, Ended) for event in events):
                os.fsync(descriptor)
        except OSError as error:
            if self._size == 0:
                self._remove_empty()
            return error.strerror or str(error)
        except OutsideError as error:
            return str(error)
        return ""

    def _open(self) -> int:
        """The file, opened by its only writer. Raises OSError, OutsideError."""
        self._own()
        if self._descriptor is None:
            flags = os.O_WRONLY | (0 if self._is_there else os.O_CREAT | os.O_EXCL)
            descriptor = inside.open_file(self._roots, self.path, flags, links=False)
            self._is_there = True
            if os.fstat(descriptor).st_size != self._size:
                os.close(descriptor)
                raise OSError(errno.EEXIST, "another program has changed it", self.path)
            self._descriptor = descriptor
        return self._descriptor

    def _own(self) -> None:
        """Makes this the only writer; a new file gets the first name that is free. Raises OSError, OutsideError."""
        inside.make_folder(self._roots, os.path.dirname(self.path))
        if self._is_there:
            if self._instance is None:
                self._instance = _take_lock(self.path, self._root)
            return
        stem = self.path.removesuffix(SUFFIX)
        for number in range(2, MAX_NAMES):
            with contextlib.suppress(LockedError):  # another Sloppy is about to make this one
                self._instance = self._instance or _take_lock(self.path, self._root)
                if not os.path.lexists(self.path):
                    return
                self._instance.release()
                self._instance = None
            self.path = f"{stem}-{number}{SUFFIX}"
        raise OSError(errno.EEXIST, "every name is taken", self.path)

    def _remove_empty(self) -> None:
        """Takes away the new file that nothing could be written to: an empty one would be listed as a discussion."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
            with contextlib.suppress(OSError, OutsideError):
                inside.remove(self._roots, self.path)
                self._is_there = False


def _take_lock(path: str, root: str) -> InstanceLock:
    """The lock of the discussion at *path*. Raises LockedError when another Sloppy has it, OSError, OutsideError."""
    instance = InstanceLock(f"{path}.lock", root)
    if not instance.take():
        raise LockedError(errno.EAGAIN, f"process {instance.owner() or 'unknown'} has it open", path)
    return instance


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    """Writes *data* at offset *at*; when that fails, the file ends at *at* again. Raises OSError."""
    done = 0
    try:
        while done < len(data):
            os.lseek(descriptor, at + done, os.SEEK_SET)
            done += os.write(descriptor, data[done:])
    except OSError:
        if done:
            os.ftruncate(descriptor, at)
        raise


def is_text(event: DiscussionEvent) -> bool:
    """*event* is a piece of text."""
    return isinstance(event, Arrived) and isinstance(event.piece, Text)
