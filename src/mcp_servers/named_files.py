"""The project's own files that a server's command names, by digest: who agrees to a line agrees to what it runs.

Reads the disk, bounded; for the pool. What such a file imports in its course is not looked at.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping

from src.storage import stored_file

MAX_FILE = 32 * 1024 * 1024  # bytes of one file; of a larger one its size and its beginning count
MAX_FILES = 64
PIECE = 1 << 20


def digests(command: tuple[str, ...], folder: str) -> Mapping[str, str]:
    """The files of the project in *folder* that *command* names, by their path in it: each its digest.

    A module behind `-m` and what a folder starts with (`__main__.py`) are named, too. One that cannot be read has the
    digest "unreadable", so that it is another once it can be.
    """
    found: dict[str, str] = {}
    for path in _named(command, folder):
        inner = os.path.relpath(path, folder)
        if inner not in found and len(found) < MAX_FILES:
            found[inner] = _digest(path)
    return found


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The files that differ, came or went."""
    return tuple(sorted(path for path in {*before, *now} if before.get(path) != now.get(path)))


def _named(command: tuple[str, ...], folder: str) -> Iterator[str]:
    for place, argument in enumerate(command):
        for text in dict.fromkeys((argument, argument.partition("=")[2])):
            yield from _files_at(text, folder)
        if place and command[place - 1] == "-m":
            inner = os.path.join(*argument.split(".")) if argument.strip(".") else ""
            yield from _files_at(inner, folder)
            yield from _files_at(f"{inner}.py", folder)


def _files_at(text: str, folder: str) -> Iterator[str]:
    """The file of the project that *text* is a path of, or the file that runs when the folder at *text* is run."""
    if not text or "\0" in text:
        return
    path = os.path.normpath(os.path.join(folder, text))
    if not path.startswith(folder.rstrip(os.sep) + os.sep):
        return  # not the project's: /usr/bin/python changes with the system
    for one in (path, os.path.join(path, "__main__.py")):
        if os.path.isfile(one):
            yield one


def _digest(path: str) -> str:
    try:
        with open(path, "rb", opener=stored_file.regular) as file:
            digest = hashlib.sha256(str(os.fstat(file.fileno()).st_size).encode())
            left = MAX_FILE
            while left and (piece := file.read(min(PIECE, left))):
                digest.update(piece)
                left -= len(piece)
    except OSError:
        return "unreadable"
    return digest.hexdigest()
