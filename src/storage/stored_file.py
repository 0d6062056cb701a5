"""Small files that are read and written whole: atomic writes, damaged files kept aside. Standard library only."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO

PRIVATE = 0o600
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


@contextlib.contextmanager
def write_atomically(path: str, mode: int, folder: int | None = None) -> Iterator[BinaryIO]:
    """A file for the new content of *path*, which it replaces at the end, with *mode*. Raises OSError.

    When anything is raised, *path* is as it was. With *folder*, a descriptor, *path* is a name in that folder.
    """
    scratch = f"{path}.{os.getpid()}-{threading.get_ident()}.part"
    discard(scratch, folder)  # of a process that had this number and was killed
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _BINARY, mode, dir_fd=folder)
        with open(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        discard(scratch, folder)
        raise


def write_text(path: str, text: str, mode: int = PRIVATE) -> None:
    """As `write_bytes`, *text* in UTF-8. Raises UnicodeEncodeError too."""
    write_bytes(path, text.encode(), mode)


def write_bytes(path: str, data: bytes, mode: int = PRIVATE) -> None:
    """Replaces *path* by *data* at once; a new file gets *mode*. Raises OSError, then nothing has changed.

    A symbolic link is followed, so that the link stays one.
    """
    target = os.path.realpath(path)
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        mode = os.stat(target).st_mode & 0o777
    try:
        with write_atomically(target, mode) as file:
            file.write(data)
    except OSError as error:
        error.filename = path  # not the scratch file, and a full disk names none
        raise


def regular(path: str, flags: int) -> int:
    """Opens a regular file, for `open(path, opener=regular)`. Raises OSError at once for a pipe or a device."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", path)
    return descriptor


def is_scratch(name: str) -> bool:
    """Whether *name* is that of a file that `write_text` has not finished yet: `settings.json.4242-1399.part`."""
    parts = name.split(".")
    return len(parts) > 2 and parts[-1] == "part" and parts[-2].replace("-", "", 1).isdigit()


def keep_aside(path: str) -> str:
    """Renames the damaged file *path* to a name that holds `.bad-` and the time; the new name. Raises OSError."""
    stem = f"{path}.bad-{time.strftime('%Y%m%d-%H%M%S')}"
    aside, number = stem, 1
    while os.path.lexists(aside):
        number += 1
        aside = f"{stem}-{number}"
    os.replace(path, aside)
    return aside


def discard(path: str, folder: int | None = None) -> None:
    """Deletes *path* if it is there and may be deleted."""
    with contextlib.suppress(OSError):
        os.unlink(path, dir_fd=folder)
