"""Reads the log of a discussion: replays its lines, repairs a torn or damaged file. `log` writes what this reads."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

from src.chat import FRAME, Text, framed_name
from src.discussion import format as log_format
from src.discussion import message_json
from src.discussion.events import Arrived
from src.discussion.format import LineError, NewerDiscussionError
from src.discussion.text import typed_text
from src.discussion.tree import Discussion, DiscussionError
from src.storage import inside, stored_file
from src.storage.inside import OutsideError
from src.value import Value

AT_ONCE = 262_144  # bytes of JSON that are read in one call


class UnreadableDiscussionError(ValueError):
    """A discussion that cannot be opened; the message names the file and what became of it."""


class Loaded(Value):
    """A discussion as read: its tree, the file's length in bytes, and what the user has to know about it."""

    discussion: Discussion
    size: int
    notice: str
    header: bytes = b""


def load(path: str, *, mend: bool = True, root: str = "") -> Loaded:
    """Reads *path* and repairs it. Raises UnreadableDiscussionError, and OSError when it cannot be read or repaired.

    A torn last line is cut off and kept beside the file. Damage before the end: the file is kept aside as `.bad-…` and
    what comes before the damage goes on in a new file of the same name. Without `mend` the file, which another Sloppy
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
    """What somebody wrote in the first message, from the first bytes of a log as far as they go; "" without one.

    The name of a file that went along, when nothing else of the message is there.
    """
    for line in head.splitlines()[1:]:
        try:
            value = json.loads(line)
            if value.get("e") == "add":
                message = message_json.decode(value["message"])
                return typed_text(message) or framed_name(message.text)
        except (ValueError, AttributeError, KeyError, TypeError):
            start = line.partition(b'"kind":"text","text":"')[2]  # longer than what was read
            text = start.decode(errors="ignore").replace('\\"', '"')
            return framed_name(text.replace("\\n", "\n")) if text.startswith(FRAME) else text.replace("\\n", " ")
    return ""


def _replay(path: str, data: bytes) -> tuple[Discussion, int, str]:
    """The discussion, how many bytes of *data* it was read from, and where the damage after them is, if any."""
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
