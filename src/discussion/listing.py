"""The discussions of a folder, by the first lines of their files. Touches disk: for the pool."""

from __future__ import annotations

import os

from src.discussion.log import SUFFIX
from src.discussion.reading import first_text
from src.discussion.tree import Turn
from src.storage import inside
from src.storage.inside import OutsideError
from src.value import Value

HEAD_BYTES = 16_384
MAX_TITLE = 60


class DiscussionInfo(Value):
    """A discussion in the folder: its name, title, when it last changed (seconds since 1970), its size in bytes."""

    name: str
    title: str
    modified: float
    size: int


def list_discussions(folder: str) -> tuple[DiscussionInfo, ...]:
    """The discussions in *folder*, the newest first; none when it cannot be read."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False):
                    state = entry.stat()
                    title = _read_title(entry.path)
                    found.append(DiscussionInfo(entry.name.removesuffix(SUFFIX), title, state.st_mtime, state.st_size))
    except OSError:
        return ()
    return tuple(sorted(found, key=lambda one: one.modified, reverse=True))


def _read_title(path: str) -> str:
    """The beginning of the first message, read from the first lines of the file."""
    try:
        head = inside.read_bytes((os.path.dirname(path),), path, HEAD_BYTES)
    except (OSError, OutsideError):
        return ""
    return _title(first_text(head))


def title_of(turns: tuple[Turn, ...]) -> str:
    """The beginning of the first message; empty when there is none."""
    return next((_title(turn.message.text) for turn in turns if turn.message.role == "user"), "")


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_TITLE else f"{line[: MAX_TITLE - 3]}..."
