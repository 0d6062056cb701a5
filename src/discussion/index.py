"""Full-text search over every discussion of a folder: an index that may be deleted and is built again. For the pool.

Guarantees
- The logs are the truth: before each search the index follows what changed, by time and size of each file.
- A damaged index is deleted and built again. Only the user may read the file.
- What is found is bounded.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator

from src.discussion.log import SUFFIX
from src.discussion.reading import UnreadableDiscussionError, load
from src.storage import stored_file
from src.value import Value

FILE = "discussions.sqlite3"
MAX_HITS = 100
MAX_QUERY = 400
SHORTEST = 3  # letters of which the index knows where they are
_AROUND = 12  # words' worth of text around a hit
_SCHEMA = """
PRAGMA journal_mode = MEMORY;
CREATE TABLE IF NOT EXISTS files (folder TEXT, name TEXT, time INTEGER, size INTEGER, PRIMARY KEY (folder, name));
CREATE VIRTUAL TABLE IF NOT EXISTS turns USING fts5 (
    text, folder UNINDEXED, name UNINDEXED, turn UNINDEXED, tokenize = 'trigram'
);
"""


class Found(Value):
    """A turn that holds what was searched: its discussion, its number, the words around the place."""

    name: str
    turn_id: int
    excerpt: str


def search(path: str, folder: str, text: str) -> tuple[Found, ...]:
    """The turns in *folder*'s discussions that hold *text* in any case, by the index at *path*.

    Raises OSError when the index can neither be read nor made.
    """
    wanted = " ".join(text.split())[:MAX_QUERY]
    if not wanted:
        return ()
    try:
        return _search(path, folder, wanted)
    except sqlite3.DatabaseError:
        for suffix in ("", "-journal"):
            stored_file.discard(path + suffix)
    try:
        return _search(path, folder, wanted)
    except sqlite3.DatabaseError as error:
        raise OSError(0, str(error), path) from error


def _search(path: str, folder: str, wanted: str) -> tuple[Found, ...]:
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, stored_file.PRIVATE))
    with contextlib.closing(sqlite3.connect(path, timeout=5.0)) as base:
        base.executescript(_SCHEMA)
        with base:
            _follow(base, folder)
        if len(wanted) >= SHORTEST:
            condition, value = "turns MATCH ?", '"' + wanted.replace('"', '""') + '"'
        else:
            condition, value = "text LIKE ? ESCAPE '!'", f"%{_escape(wanted)}%"
        rows = base.execute(
            f"SELECT name, turn, text FROM turns WHERE folder = ? AND {condition} ORDER BY name DESC, turn LIMIT ?",  # noqa: S608  the two conditions above
            (folder, value, MAX_HITS),
        )
        return tuple(Found(name, turn, _excerpt(text, wanted)) for name, turn, text in rows)


def _follow(base: sqlite3.Connection, folder: str) -> None:
    """Takes over what changed in *folder* since the last search."""
    known = {
        name: (time, size)
        for name, time, size in base.execute("SELECT name, time, size FROM files WHERE folder = ?", (folder,))
    }
    there = dict(_files(folder))
    for name in known.keys() - there.keys():
        _drop(base, folder, name)
    for name, state in there.items():
        if known.get(name) == state:
            continue
        _drop(base, folder, name)
        try:
            turns = load(os.path.join(folder, name + SUFFIX), mend=False).discussion.turns()
        except (OSError, UnreadableDiscussionError):
            continue
        base.executemany(
            "INSERT INTO turns VALUES (?, ?, ?, ?)", ((turn.message.text, folder, name, turn.id) for turn in turns)
        )
        base.execute("INSERT INTO files VALUES (?, ?, ?, ?)", (folder, name, *state))


def _drop(base: sqlite3.Connection, folder: str, name: str) -> None:
    base.execute("DELETE FROM files WHERE folder = ? AND name = ?", (folder, name))
    base.execute("DELETE FROM turns WHERE folder = ? AND name = ?", (folder, name))


def _files(folder: str) -> Iterator[tuple[str, tuple[int, int]]]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False):
                state = entry.stat()
                yield entry.name.removesuffix(SUFFIX), (state.st_mtime_ns, state.st_size)


def _escape(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _excerpt(text: str, wanted: str) -> str:
    at = max(0, text.casefold().find(wanted.casefold()))
    return " ".join(text[max(0, at - 4 * _AROUND) : at + len(wanted) + 6 * _AROUND].split())
