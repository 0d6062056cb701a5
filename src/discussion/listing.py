"""The discussions of a folder, by the first lines of their files. Touches disk: for the pool."""

from __future__ import annotations

import os

from src.discussion.labels import Label
from src.discussion.labels import read as read_labels
from src.discussion.log import SUFFIX
from src.discussion.reading import first_text
from src.discussion.text import as_title
from src.storage import inside
from src.storage.inside import OutsideError
from src.value import Value

HEAD_BYTES = 16_384


class DiscussionInfo(Value):
    """A discussion in the folder: its name, title, when it last changed (seconds since 1970), its size in bytes.

    `own_title` is the one that the user gave it; `title` is that, or the beginning of its first message.
    """

    name: str
    title: str
    modified: float
    size: int
    own_title: str = ""
    pinned: bool = False


def list_discussions(folder: str) -> tuple[DiscussionInfo, ...]:
    """The discussions in *folder*, pinned ones first, then the newest; none when it cannot be read."""
    found, labels = [], read_labels(folder)
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False):
                    state = entry.stat()
                    name = entry.name.removesuffix(SUFFIX)
                    label = labels.get(name, Label())
                    title = label.title or _read_title(entry.path)
                    found.append(DiscussionInfo(name, title, state.st_mtime, state.st_size, label.title, label.pinned))
    except OSError:
        return ()
    return tuple(sorted(found, key=lambda one: (one.pinned, one.modified), reverse=True))


def _read_title(path: str) -> str:
    """The beginning of the first message, read from the first lines of the file."""
    try:
        head = inside.read_bytes((os.path.dirname(path),), path, HEAD_BYTES)
    except (OSError, OutsideError):
        return ""
    return as_title(first_text(head))
