"""The files of a commit. Only regular ones: links and submodules are not there. Reads no more than is asked for."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

from importguard.errors import ConfigError
from importguard.storage.git_objects import ObjectError, Objects
from importguard.storage.regular_file import MAX_BYTES

_MAX_FOLDER = 16 * 1024 * 1024  # bytes of one folder's list
_MAX_FOLDERS = 128 * 1024 * 1024  # of all lists that are asked for


class _Entry(NamedTuple):
    """Of a folder: what git calls its mode, and the name of its object."""

    mode: int
    object: str


_Folder = dict[str, _Entry]


class Commit:
    """The files of the commit *name*, by paths from its top with forward slashes."""

    def __init__(self, top: str, objects: Objects, name: str) -> None:
        """*top* is the repository's folder."""
        self.top = top
        self.name = name
        self.unread: dict[str, str] = {}  # what was asked for and is no file here: path → why
        self._objects = objects
        self._folders: dict[str, _Folder | None] = {}
        self._taken = 0

    def is_file(self, path: str) -> bool:
        """Whether *path* is a regular file."""
        entry = self._entry(path)
        return entry is not None and stat.S_ISREG(entry.mode)

    def is_folder(self, path: str) -> bool:
        """Whether *path* is a folder."""
        return self._folder(path) is not None

    def names(self, path: str) -> frozenset[str]:
        """The names in the folder *path*. Raises OSError."""
        folder = self._folder(path)
        if folder is None:
            number = errno.ENOENT if self._entry(path) is None else errno.ENOTDIR
            raise OSError(number, os.strerror(number), path)
        return frozenset(folder)

    def read(self, path: str) -> bytes:
        """The content of the file *path*. Raises OSError when it is no regular file, or too large."""
        entry = self._entry(path)
        if entry is None or not stat.S_ISREG(entry.mode):
            number = errno.ENOENT if entry is None else errno.EISDIR
            raise OSError(number, os.strerror(number), path)
        content = self._read(entry.object, MAX_BYTES, path)
        if content is None:
            self.unread[path] = f"is larger than {MAX_BYTES >> 20} MiB"
            raise OSError(errno.EFBIG, self.unread[path], path)
        return content

    def size(self, path: str) -> int:
        """Of the file *path* in bytes; 0 when there is none."""
        entry = self._entry(path)
        if entry is None or not stat.S_ISREG(entry.mode):
            return 0
        try:
            return self._objects.size(entry.object, MAX_BYTES)
        except ObjectError as error:
            raise self._refusal(path, str(error)) from error

    def _entry(self, path: str) -> _Entry | None:
        above, _, name = path.rpartition("/")
        folder = self._folder(above)
        found = folder.get(name) if folder is not None else None
        if found is None or stat.S_ISREG(found.mode) or stat.S_ISDIR(found.mode):
            return found
        self.unread[path] = "is a link" if stat.S_ISLNK(found.mode) else "is a repository of its own"
        return None

    def _folder(self, path: str) -> _Folder | None:
        """The entries of the folder *path*, from the top down: a path may be as long as code can make it."""
        place = ""
        folder = self._listed("", f"{self.name}^{{tree}}")
        for part in path.split("/") if path else ():
            entry = folder.get(part) if folder is not None else None
            if entry is None or not stat.S_ISDIR(entry.mode):
                return None
            place = f"{place}/{part}" if place else part
            folder = self._listed(place, entry.object)
        return folder

    def _listed(self, path: str, name: str) -> _Folder | None:
        if path not in self._folders:
            raw = self._read(name, _MAX_FOLDER, path)
            self._taken += len(raw or b"")
            if raw is None or self._taken > _MAX_FOLDERS:
                raise self._refusal(path, "there are more names than are read")
            self._folders[path] = self._parsed(raw, path)
        return self._folders[path]

    def _parsed(self, raw: bytes, path: str) -> _Folder:
        width = len(self.name) // 2
        found: _Folder = {}
        place = 0
        while place < len(raw):
            space, end = raw.find(b" ", place), raw.find(b"\0", place)
            after = end + 1 + width
            octal = raw[place:space]
            if not place < space < end or after > len(raw) or not octal.isdigit() or b"8" in octal or b"9" in octal:
                raise self._refusal(path, "it is damaged; run: git fsck")
            found.setdefault(os.fsdecode(raw[space + 1 : end]), _Entry(int(octal, 8), raw[end + 1 : after].hex()))
            place = after
        return found

    def _read(self, name: str, limit: int, path: str) -> bytes | None:
        try:
            return self._objects.read(name, limit)
        except ObjectError as error:
            raise self._refusal(path, str(error) or "run: git fsck") from error

    def _refusal(self, path: str, reason: str) -> ConfigError:
        return ConfigError(self.top, "--against", f"{path or '/'} of {self.name[:12]} cannot be read: {reason}")
