"""What an analysis reads of the disk, each answer remembered: a later run can tell whether it would be the same.

Files of the project are compared by content: a fresh checkout counts as unchanged, and a change within one tick of the
clock does not. Installed files and the interpreter's own are compared by size and time first, by content after that.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping

import msgspec

from importguard.storage.digests import SIZE, digest
from importguard.storage.own_files import SETTLED_NS
from importguard.storage.regular_file import open_regular, read_bounded, read_regular

INSTALLED = re.compile(r"[\\/](?:site|dist)-packages(?:[\\/]|$)")
# The names in a folder that can change what an import finds: without logs, editors' files and documents.
_RELEVANT = re.compile(r"(?!__pycache__$)\w+(?:\.(?:.*\.)?(?:py|pyc|pyd|so))?|.*\.(?:pth|dist-info|egg-info)")
LOOKED: set[str] = set()  # what this process has looked at the size and the time of, in place of the content
_SIZE_ONLY = b"size"  # in place of a digest, where nobody has asked for the content
QUESTIONS: dict[str, Callable[..., str | bool | int | tuple[str, str]]] = {
    "exists": os.path.exists,
    "isfile": os.path.isfile,
    "isdir": os.path.isdir,
    "abspath": os.path.abspath,
    "realpath": os.path.realpath,
    "getsize": os.path.getsize,
    "names": lambda path: "/".join(sorted(set(os.listdir(path)) - {"__pycache__"})),  # that one comes and goes
}


class Mark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How something on disk looked. `digest` is empty where nothing could be read, `time` 0 where it proves nothing."""

    digest: bytes
    time: int  # of the last change, in ns
    size: int


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """All that one analysis has read."""

    files: dict[str, Mark]
    folders: dict[str, Mark]
    answers: list[tuple[str, tuple[str, ...], str | bool | int | None]]

    def together(self, other: Seen) -> Seen:
        """What either has read."""
        answers = {(question, about): answer for question, about, answer in self.answers + other.answers}
        return Seen(
            self.files | other.files,
            self.folders | other.folders,
            [(question, about, answer) for (question, about), answer in answers.items()],
        )

    def digests(self) -> list[bytes]:
        """Of the content of each file that was read."""
        return [mark.digest for mark in self.files.values() if len(mark.digest) == SIZE]

    def timeless(self) -> Seen:
        """The same without times of change: each is compared by content."""
        files, folders = (
            {path: Mark(mark.digest, 0, mark.size) for path, mark in marks.items()}
            for marks in (self.files, self.folders)
        )
        return Seen(files, folders, self.answers)


class Disk:
    """Reads for one analysis; lists each folder once. *trusted*: below these a time of change may stand for content."""

    def __init__(self, trusted: tuple[str, ...] = (), unchanged: Mapping[str, Mark] | None = None) -> None:
        """*unchanged*: files that an earlier analysis has read and that have been found to be as they were."""
        self._trusted = trusted
        self._unchanged = unchanged or {}
        self._files: dict[str, Mark] = {}
        self._folders: dict[str, Mark] = {}
        self._answers: dict[tuple[str, tuple[str, ...]], str | bool | int | None] = {}
        self._listings: dict[str, frozenset[str] | OSError] = {}

    def seen(self) -> Seen:
        """What has been read so far."""
        answers = [(question, about, answer) for (question, about), answer in self._answers.items()]
        return Seen(self._files, self._folders, answers)

    def read(self, path: str) -> bytes:
        """The content of the file *path*. Raises OSError."""
        try:
            with open_regular(path) as file:
                status = os.fstat(file.fileno())
                content = read_bounded(file, path)
        except OSError:
            self._files[path] = Mark(b"", 0, 0)
            raise
        self._files[path] = self._mark(path, digest(content), status)
        return content

    def digest(self, path: str) -> bytes | None:
        """Of the file *path*, as if it had been read, if that is known without reading it."""
        mark = self._files.get(path) or self._unchanged.get(path)
        if mark is None or len(mark.digest) != SIZE:
            return None
        self._files[path] = mark
        return mark.digest

    def size(self, path: str) -> int:
        """Of the file *path* in bytes; 0 when there is none."""
        known = self._unchanged.get(path)
        if known is not None and known.digest:  # where nothing could be read, its size was not asked for, either
            self._files.setdefault(path, known)
        if path not in self._files:
            try:
                status = os.stat(path)
            except (OSError, ValueError):
                self._files[path] = Mark(b"", 0, 0)
            else:
                self._files[path] = self._mark(path, _SIZE_ONLY, status)
        return self._files[path].size

    def names(self, directory: str) -> frozenset[str]:
        """The names in *directory*. Raises OSError."""
        known = self._listings.get(directory)
        if known is None:
            known = self._list(directory)
        if isinstance(known, OSError):
            raise known
        return known

    def _list(self, directory: str) -> frozenset[str] | OSError:
        try:
            status = os.stat(directory)
            names = os.listdir(directory)
        except (OSError, ValueError) as error:
            known: frozenset[str] | OSError = error if isinstance(error, OSError) else OSError(str(error))
            self._folders[directory] = Mark(_error_digest(error), 0, 0)
        else:
            known = frozenset(names)
            self._folders[directory] = self._mark(directory, _listing_digest(names), status)
        self._listings[directory] = known
        return known

    def is_file(self, path: str) -> bool:
        """Whether *path* is a regular file; one is asked for more, which is remembered, and so only a no is."""
        return os.path.isfile(path) or bool(self.ask("isfile", path))

    def ask(self, question: str, *about: str) -> str | bool | int | None:
        """What the function *question* of `os.path` answers (a size in bytes); None where it raises."""
        key = question, about
        if key not in self._answers:
            self._answers[key] = _answer(question, about)
        return self._answers[key]

    def _mark(self, path: str, found: bytes, status: os.stat_result) -> Mark:
        old = time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > SETTLED_NS
        trusted = old and (path.startswith(self._trusted) or INSTALLED.search(path) is not None)
        return Mark(found, status.st_mtime_ns if trusted else 0, status.st_size)


def _listing_digest(names: list[str]) -> bytes:
    relevant = sorted(filter(_RELEVANT.fullmatch, names))
    return digest(("\0".join(relevant) + ("/" if names else "")).encode("utf-8", "surrogateescape"))


def _error_digest(error: Exception) -> bytes:
    return type(error).__name__.encode()


def _answer(question: str, about: tuple[str, ...]) -> str | bool | int | None:
    try:
        return QUESTIONS[question](*about)  # type: ignore[return-value]  # one of these by the table
    except (OSError, ValueError, TypeError):
        return None


class Changes(msgspec.Struct, frozen=True):
    """What is no longer as an analysis has read it: *files* whose content differs, in its order; something *elsewhere*.

    *unchanged* are the files that are as they were.
    """

    files: list[str]
    elsewhere: bool
    unchanged: dict[str, Mark]

    def __bool__(self) -> bool:
        return bool(self.files) or self.elsewhere


class Now:
    """The disk as one command finds it: each file is read and each folder listed at most once, whoever asks."""

    def __init__(self, sought: bytes = b"") -> None:
        """*sought*: what `lacking` is about."""
        self.identity = ""  # of a disk that is not today's
        self.lacking: set[str] = set()  # of the files that were read, those in which it is not
        self.read: dict[str, Mark] = {}  # by the walks of this command
        self._sought = sought
        self._digests: dict[str, bytes | None] = {}
        self._listings: dict[str, bytes] = {}
        self._looks: dict[str, tuple[int, int] | None] = {}

    def disk(self, trusted: tuple[str, ...] = (), unchanged: Mapping[str, Mark] | None = None) -> Disk:
        """What an analysis reads it by; the arguments are those of `Disk`."""
        return Disk(trusted, unchanged)

    def remember(self, seen: Seen) -> None:
        """A walk has *seen* that: for the next one of this command its files are as they were."""
        self.read.update((path, mark) for path, mark in seen.files.items() if len(mark.digest) == SIZE)

    def is_file(self, path: str) -> bool:
        """Whether *path* is a regular file."""
        return os.path.isfile(path)

    def is_folder(self, path: str) -> bool:
        """Whether *path* is a folder."""
        return os.path.isdir(path)

    def resolved(self, path: str) -> str:
        """The absolute *path* without links."""
        return os.path.realpath(path)

    def digest(self, path: str) -> bytes | None:
        """Of the file *path*; None when it cannot be read."""
        if path not in self._digests:
            self._digests[path] = self._read(path)
        return self._digests[path]

    def _read(self, path: str) -> bytes | None:
        try:
            content = read_regular(path)
        except OSError:
            return None
        if self._sought not in content:
            self.lacking.add(path)
        return digest(content)

    def listing(self, folder: str) -> bytes:
        """The digest of what is in *folder*, or of why it cannot be read."""
        if folder not in self._listings:
            try:
                self._listings[folder] = _listing_digest(os.listdir(folder))
            except (OSError, ValueError) as error:
                self._listings[folder] = _error_digest(error)
        return self._listings[folder]

    def untouched(self, path: str, mark: Mark) -> bool:
        """Whether time and size say that *path* is as it was."""
        if not mark.time:
            return False
        if path not in self._looks:
            LOOKED.add(path)
            try:
                status = os.stat(path)
            except OSError:
                self._looks[path] = None
            else:
                self._looks[path] = status.st_mtime_ns, status.st_size
        return self._looks[path] == (mark.time, mark.size)


def changes_since(seen: Seen, now: Now | None = None) -> Changes:
    """How the disk, as *now* has found it, differs from what *seen* says."""
    now = now or Now()
    elsewhere = any(_answer(question, about) != answer for question, about, answer in seen.answers) or any(
        not now.untouched(folder, mark) and now.listing(folder) != mark.digest for folder, mark in seen.folders.items()
    )
    changed: list[str] = []
    unchanged: dict[str, Mark] = {}
    for path, mark in seen.files.items():
        if not now.untouched(path, mark):
            if mark.digest == _SIZE_ONLY:
                elsewhere |= _answer("getsize", (path,)) != mark.size
                continue
            found = now.digest(path)
            if (found is None) != (not mark.digest):
                elsewhere = True
                continue
            if found is not None and found != mark.digest:
                changed.append(path)
                continue
        unchanged[path] = mark
    return Changes(changed, elsewhere, unchanged)
