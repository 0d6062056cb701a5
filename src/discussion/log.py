"""The append-only file of one discussion: one JSON line per event, written by one writer at a time on the pool.

Guarantees
- A line reaches the kernel within `FLUSH_S` seconds, at once for everything but pieces of a reply: what was shown a
  second ago survives a kill -9. It reaches the disk (fsync) when a reply ends and when the log is closed: a power
  failure costs at most the reply that streams.
- Lines keep their order; pieces of text that wait together become one line.
- A write that fails leaves the file as it was before it; the lines stay in memory and are tried again every `RETRY_S`
  seconds. The user is told once.
- Appending costs the same however long the file is.
- `_lock` guards the fields of `DiscussionLog`; only the job that set `_writing` touches the file.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from src.chat import Text
from src.discussion import format as log_format
from src.discussion import message_json
from src.discussion.format import LineError, NewerDiscussionError
from src.discussion.tree import Arrived, Discussion, DiscussionError, DiscussionEvent, Ended
from src.storage import inside, stored_file
from src.storage.inside import OutsideError
from src.value import Value
from src.work.background import Background

FLUSH_S = 0.25
RETRY_S = 5.0
CLOSE_S = 2.0  # that another writer may take
SUFFIX = ".jsonl"
AT_ONCE = 262_144  # bytes of JSON that are read in one call


class UnreadableDiscussionError(ValueError):
    """A discussion that cannot be opened; the message names the file and what became of it."""


class Loaded(Value):
    """A discussion as read: its tree, the file's length in bytes, and what the user has to know about it."""

    discussion: Discussion
    size: int
    notice: str
    header: bytes = b""


class DiscussionLog:
    """The writer of *path*, made with its first line. *size*: the file's length as it was read, 0 for a new one."""

    def __init__(
        self,
        background: Background,
        path: str,
        size: int,
        tell: Callable[[str], object],
        *,
        root: str = "",
        header: bytes = b"",
    ) -> None:
        self.path = path
        self.header = header or log_format.encode_header(os.path.basename(path).removesuffix(SUFFIX), time.time())
        self._roots = (root or os.path.dirname(path),)
        self._background = background
        self._tell = tell
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._waiting: list[DiscussionEvent] = []
        self._size = size
        self._writing = self._scheduled = self._failing = False
        self._descriptor: int | None = None

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
                self._idle.notify_all()
                if failure:
                    self._waiting = events + self._waiting
                told, self._failing = self._failing, bool(failure)
            if failure:
                if not told:
                    self._tell(f"{self.path} cannot be written ({failure}); nothing is lost while Sloppy runs.")
                self._background.later(RETRY_S, self._write_soon)
                return False

    def close(self) -> bool:
        """Writes what waits and lets the file go; True when all is on the disk."""
        with self._idle:
            self._idle.wait_for(lambda: not self._writing, CLOSE_S)
        written = self.flush()
        with self._lock:
            if self._writing:
                return False
            descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            try:
                os.fsync(descriptor)
            except OSError:
                written = False
            finally:
                os.close(descriptor)
        return written

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
        try:
            descriptor = self._open()
            if self._size == 0:
                data = self.header + data
            _write_all(descriptor, data, self._size)
            self._size += len(data)
            if any(isinstance(event, Ended) for event in events):
                os.fsync(descriptor)
        except OSError as error:
            return error.strerror or str(error)
        except OutsideError as error:
            return str(error)
        return ""

    def _open(self) -> int:
        if self._descriptor is None:
            inside.make_folder(self._roots, os.path.dirname(self.path))
            self._descriptor = inside.open_file(self._roots, self.path, os.O_WRONLY | os.O_CREAT, links=False)
        return self._descriptor


def load(path: str, *, mend: bool = True, root: str = "") -> Loaded:
    """Reads *path* and mends it. Raises UnreadableDiscussionError, and OSError when it cannot be read or mended.

    A torn last line is cut off and kept beside the file. Damage before the end: the file is kept aside as `.bad-…` and
    what stands before the damage goes on in a new file of the same name. Without *mend* the file, which another Sloppy
    may be writing, is left as it is.
    """
    roots = (root or os.path.dirname(path),)
    try:
        with open(inside.open_file(roots, path, links=False), "rb") as file:
            data = file.read()
    except OutsideError as error:
        raise UnreadableDiscussionError(f"{path} is not opened: {error}") from error
    whole = data.rfind(b"\n") + 1
    header = data[: data.find(b"\n") + 1]
    notices = []
    discussion, good, damage = _replay(path, data[:whole])
    if not mend:
        return Loaded(discussion, good, f"{path} is damaged ({damage})." if damage else "", header)
    if damage:
        aside = stored_file.keep_aside(path)
        inside.write_text(roots, path, data[:good].decode(), stored_file.PRIVATE)
        notices.append(f"{path} was damaged ({damage}); the turns before that are here, all of it is kept as {aside}.")
    elif whole < len(data):
        aside = f"{path}.torn-{time.strftime('%Y%m%d-%H%M%S')}"
        inside.write_text(roots, aside, data[whole:].decode(errors="replace"), stored_file.PRIVATE)
        descriptor = inside.open_file(roots, path, os.O_WRONLY, links=False)
        try:
            os.ftruncate(descriptor, whole)
        finally:
            os.close(descriptor)
        notices.append(f"The last line of {path} was torn; it is kept as {aside}, everything before it is here.")
    return Loaded(discussion, good, " ".join(notices), header)


def first_text(head: bytes) -> str:
    """The text of the first message in the first bytes of a log, as far as they go; empty when there is none."""
    for line in head.splitlines()[1:]:
        try:
            value = json.loads(line)
            if value.get("e") == "add":
                return message_json.decode(value["message"]).text
        except (ValueError, AttributeError, KeyError, TypeError):
            start = line.partition(b'"kind":"text","text":"')[2]  # longer than what was read
            return start.decode(errors="ignore").replace("\\n", " ").replace('\\"', '"')
    return ""


def _replay(path: str, data: bytes) -> tuple[Discussion, int, str]:
    """The discussion, how many bytes of *data* it stands for, and where the damage after them is, if any."""
    lines = data.split(b"\n")[:-1]
    values, damage = _parse(lines)
    discussion = Discussion()
    number = 0
    pieces: list[str] = []
    try:
        for number, value in enumerate(values):
            text = value.get("+") if type(value) is dict else None
            if type(text) is str:  # joined, so that a long reply does not grow by a word at a time
                pieces.append(text)
                continue
            if pieces:
                discussion.apply(Arrived(Text("".join(pieces))))
                pieces = []
            if number:
                discussion.apply(log_format.decode(value))
            else:
                log_format.check_header(value)
        number = len(values)
        if pieces:
            discussion.apply(Arrived(Text("".join(pieces))))
    except NewerDiscussionError as error:
        raise UnreadableDiscussionError(f"{path} was left as it is: {error}. Upgrade Sloppy to open it.") from error
    except (LineError, DiscussionError, ValueError) as error:
        number -= len(pieces)
        return discussion, _length(lines[:number]), f"line {number + 1}: {error}"
    return discussion, _length(lines[:number]), damage


def _parse(lines: list[bytes]) -> tuple[list[Any], str]:
    """The values of the lines before the first that is no JSON, and what is wrong with that."""
    try:
        # A call for many lines: 20 MB in a third of the time of a call per line. Not for all of them, because no other
        # thread runs meanwhile.
        values = [value for some in _pieces(lines) for value in json.loads((b"[" + b",".join(some) + b"]").decode())]
    except (ValueError, RecursionError):
        values = []
    if len(values) == len(lines):
        return values, ""
    values = []
    for number, line in enumerate(lines, 1):
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            return values, f"line {number}: {error}"
    return values, ""


def _pieces(lines: list[bytes]) -> Iterator[list[bytes]]:
    """*lines* in pieces of about `AT_ONCE` bytes."""
    some: list[bytes] = []
    size = 0
    for line in lines:
        some.append(line)
        size += len(line)
        if size >= AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def _length(lines: list[bytes]) -> int:
    return sum(len(line) + 1 for line in lines)


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
