"""Folders that a project may reach, and nothing outside them. Standard library only.

Guarantees
- `resolve` follows every link first and then compares: neither `..` nor a symbolic link leads out.
- `read_bytes` opens what was compared, without following a link put there since, and reads a bounded amount.
"""

from __future__ import annotations

import os


class OutsideError(ValueError):
    """A path that leaves the roots; the message names it."""


def resolve(roots: tuple[str, ...], path: str) -> str:
    """The real path of *path*, taken from the first root when it is relative. Raises OutsideError."""
    if "\0" in path:
        raise OutsideError("A path cannot hold a null byte.")
    base = os.path.realpath(roots[0]) if roots else os.sep
    real = os.path.realpath(os.path.join(base, path))
    for root in roots:
        if is_inside(os.path.realpath(root), real):
            return real
    raise OutsideError(f"{path} is outside the project's folders.")


def is_inside(folder: str, path: str) -> bool:
    """*path* is *folder* or in it; both are real paths."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def read_bytes(roots: tuple[str, ...], path: str, limit: int) -> bytes:
    """Up to *limit* bytes of the file. Raises OutsideError, and OSError when it cannot be read."""
    real = resolve(roots, path)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(real, flags), "rb") as file:
        return file.read(limit)
