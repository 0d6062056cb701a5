"""Reading of files that somebody else wrote: regular ones only, up to a size; never a pipe, device or socket."""

from __future__ import annotations

import errno
import os
import stat
from typing import IO, TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 64 * 1024 * 1024
_USUAL = 64 * 1024


def read_regular(path: str | Path, limit: int = MAX_BYTES) -> bytes:
    """The content of *path*. Raises OSError when it is no regular file, or holds more than *limit* bytes."""
    with open_regular(path) as file:
        return read_bounded(file, path, limit)


def open_regular(path: str | Path) -> BinaryIO:
    """The file *path*, to be read. Raises OSError, also when it is no regular file.

    Nothing else is even opened: opening a pipe waits for its writer, opening a device may act.
    """
    try:
        _demand_file(os.stat(path), path)
        # Should something else have taken its place meanwhile, opening that must not wait either.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError as error:  # a null byte, or a character that the file system cannot write
        raise OSError(errno.EINVAL, "is no file name", os.fspath(path)) from error
    file = open(descriptor, "rb")  # noqa: SIM115  the caller closes it
    try:
        _demand_file(os.fstat(descriptor), path)
    except OSError:
        file.close()
        raise
    return file


def read_bounded(file: IO[bytes], path: str | Path, limit: int = MAX_BYTES) -> bytes:
    """What is in *file*, opened from *path*. Raises OSError when that is more than *limit* bytes."""
    content = file.read(min(limit + 1, _USUAL))  # room for all that is allowed takes longer to get than most to read
    if len(content) == _USUAL:
        content += file.read(limit + 1 - _USUAL)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"is larger than {limit / 2**20:,.4g} MiB", os.fspath(path))
    return content


def _demand_file(status: os.stat_result, path: str | Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        number = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
        raise OSError(number, "is not a regular file", os.fspath(path))
