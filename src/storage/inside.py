"""Files inside folders that may be reached, and nothing outside them. Standard library only.

Guarantees
- `resolve` follows every link first and then compares: neither `..` nor a symbolic link leads out.
- What is opened is what was compared: from the folder down, one name after another, each opened in the one before it
  and none through a link, so that a link put there in between is refused (where the system opens files by folder,
  which Windows does not: there the path is compared once more after it was opened).
- Only regular files are opened: a pipe or a device could block a worker without end.
- `write_text` replaces the file at once or not at all, in the folder that was compared.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from src.storage.stored_file import write_atomically

_BY_FOLDER = os.open in os.supports_dir_fd
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_LINK
_BINARY = getattr(os, "O_BINARY", 0)


class OutsideError(ValueError):
    """A path that leaves the folders; the message names it."""


def resolve(roots: tuple[str, ...], path: str) -> str:
    """The real path of *path*, taken from the first root when it is relative. Raises OutsideError."""
    return _resolve(roots, path)[1]


def is_inside(folder: str, path: str) -> bool:
    """*path* is *folder* or in it; both are real paths."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def open_file(
    roots: tuple[str, ...], path: str, flags: int = os.O_RDONLY, mode: int = 0o600, *, links: bool = True
) -> int:
    """A descriptor of the file, for the caller to close. Raises OutsideError; OSError when it cannot be opened.

    Without *links* a file that is a link is refused even when it leads to another inside.
    """
    if not links and os.path.islink(path):
        raise OutsideError(f"{path} is a link; Sloppy's own files are never links.")
    with _parent(roots, path) as (folder, name, real):
        descriptor = os.open(name, flags | _NO_LINK | _NO_WAIT | _BINARY, mode, dir_fd=folder)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "not a regular file", path)
            if folder is None and os.path.realpath(real) != real:
                raise OutsideError(f"{path} has become a link.")
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor


def make_folder(roots: tuple[str, ...], path: str) -> None:
    """Makes the folder and those above it, readable by the user alone. Raises OutsideError, OSError."""
    if path not in roots:
        resolve(roots, path)
    os.makedirs(path, mode=0o700, exist_ok=True)


def read_bytes(roots: tuple[str, ...], path: str, limit: int) -> bytes:
    """Up to *limit* bytes of the file. Raises OutsideError, and OSError when it cannot be read."""
    with open(open_file(roots, path), "rb") as file:
        return file.read(limit)


def remove(roots: tuple[str, ...], path: str) -> None:
    """Deletes the file. Raises OutsideError, OSError."""
    with _parent(roots, path) as (folder, name, _):
        os.unlink(name, dir_fd=folder)


def write_text(roots: tuple[str, ...], path: str, text: str, mode: int) -> None:
    """Replaces the file by *text* at once; a new one gets *mode*. Raises OutsideError, OSError; nothing has changed."""
    with _parent(roots, path) as (folder, name, _):
        try:
            about = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if not stat.S_ISREG(about.st_mode):
                raise OSError(errno.EINVAL, "not a regular file", path)
            mode = stat.S_IMODE(about.st_mode)
        except FileNotFoundError:
            pass
        try:
            with write_atomically(name, mode, folder) as file:
                file.write(text.encode())
        except OSError as error:
            error.filename = path  # not the scratch file, and a full disk names none
            raise


def _resolve(roots: tuple[str, ...], path: str) -> tuple[str, str]:
    if "\0" in path:
        raise OutsideError("A path cannot hold a null byte.")
    base = os.path.realpath(roots[0]) if roots else os.sep
    try:
        real = os.path.realpath(os.path.join(base, path))
    except (UnicodeEncodeError, OSError) as error:  # half a surrogate pair, or a name that is too long
        raise OutsideError(f"{ascii(path)[:200]} is no path.") from error
    for root in map(os.path.realpath, roots):
        if is_inside(root, real):
            return root, real
    raise OutsideError(f"{path} is outside the project's folders.")


@contextlib.contextmanager
def _parent(roots: tuple[str, ...], path: str) -> Iterator[tuple[int | None, str, str]]:
    """The folder of the file as a descriptor, the file's name in it, and its real path.

    Where files cannot be opened by folder there is no descriptor, and the name is the whole path.
    """
    root, real = _resolve(roots, path)
    parts = os.path.relpath(real, root).split(os.sep)
    if not _BY_FOLDER:
        yield None, real, real
        return
    folder = os.open(root, _FOLDER)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder, parts[-1], real
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR) and error.filename != path:
            error.filename = path
        raise
    finally:
        os.close(folder)
