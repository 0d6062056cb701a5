"""All that this process asks of the disk while it is watched, whoever asks.

What is watched are the functions of `os` that ask, and every opening of a file, which Python reports itself. So no
reader can be forgotten. Files are compared as `disk` does it: installed ones by size and time of change, others by
content, too. Writing, starting a process and speaking to another machine are beyond this: there are no `looks` then.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from importguard.storage.disk import INSTALLED, LOOKED
from importguard.storage.looks import Look, Looks, content_of, link_of, listing_of, refusal
from importguard.storage.own_files import ROOT, is_settled
from importguard.storage.regular_file import open_regular

# The beginnings of what Python reports where more is asked than the disk.
_BEYOND = ("os.fork", "os.posix_spawn", "os.exec", "os.spawn", "os.system", "os.start", "subprocess.", "socket.connect")
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ASKING = ("stat", "lstat", "readlink", "listdir", "scandir", "access")
# What asks `os.stat` only whether there is something, and of which kind.
_OF_KIND = {
    function.__code__
    for function in (
        os.path.exists,
        os.path.isfile,
        os.path.isdir,
        open_regular,
        Path.exists,
        Path.is_file,
        Path.is_dir,
        Path.resolve,
    )
    if hasattr(function, "__code__")
}
_STDLIB = os.path.join(os.path.dirname(os.path.abspath(os.__file__)), "")


class Watch:
    """Watches between `begin` and `end`. What the folder *apart* holds, the cache's own, is no part of it."""

    def __init__(self, apart: str) -> None:
        self._apart = os.path.join(apart, ""), os.path.join(ROOT, "")  # importguard's own files have a stamp
        self._complete = True
        self._kinds: dict[str, int] = {}
        self._stats: dict[str, os.stat_result | int] = {}
        self._read: dict[str, os.stat_result | int] = {}
        self._listings: dict[str, bytes] = {}
        self._links: dict[str, str | int] = {}
        self._accesses: dict[tuple[str, int], bool] = {}
        self._real: dict[str, Callable[..., Any]] = {}

    def begin(self) -> None:
        """From here on it watches."""
        if not _HOOKED:
            _HOOKED.append(True)
            sys.addaudithook(_heard)
        self._real = {name: getattr(os, name) for name in _ASKING}
        os.stat = self._stat
        for name, note in (
            ("lstat", self._note_link),
            ("readlink", self._note_link),
            ("listdir", self._note_listing),
            ("scandir", self._note_scan),
            ("access", self._note_access),
        ):
            setattr(os, name, self._noting(name, note))
        _WATCHES.append(self)

    def end(self) -> None:
        """It does not watch any more."""
        if self in _WATCHES:
            _WATCHES.remove(self)
            for name, function in self._real.items():
                setattr(os, name, function)

    def _give_up(self) -> None:
        """There will be no looks, so the rest need not take longer."""
        self._complete = False
        self.end()

    def looks(self) -> Looks | None:
        """What was asked, once it has ended; None where that is not all. What has changed since will not hold."""
        if not self._complete:
            return None
        contents = {path: content_of(path) for path in self._read}
        if any(_stamp(found) != _stamp(_status(path)) for path, found in self._read.items()):
            return None  # perhaps after it was read
        looks: dict[str, Look] = {path: (kind, 0, 0) for path, kind in self._kinds.items()}
        looks.update((path, _look(path, status)) for path, status in self._stats.items())
        stats: dict[str, dict[str, Look]] = {}
        # The project's own first: there an edit shows.
        for path, look in sorted(looks.items(), key=lambda one: INSTALLED.search(one[0]) is not None):
            folder, name = os.path.split(path)
            stats.setdefault(os.path.join(folder, "") if folder else "", {})[name] = look
        accesses = [(path, mode, answer) for (path, mode), answer in self._accesses.items()]
        return stats, contents, self._listings, self._links, accesses

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python reports *event*."""
        if event != "open":
            if event.startswith(_BEYOND):
                self._give_up()
            return
        path, mode, flags = arguments
        if isinstance(path, int) or (place := os.fsdecode(path)).startswith(self._apart):
            return
        if flags & _TO_WRITE or not {"w", "a", "x", "+"}.isdisjoint(mode or ""):
            self._give_up()
            return
        if place.startswith(_STDLIB) or INSTALLED.search(place) is not None:
            self._note_status(place, self._status(place))
        elif place not in self._read:
            found = self._read[place] = self._status(place)
            self._kinds.setdefault(place, _kind_of(found))
            self._demand_settled(found)

    def _stat(self, path: Any, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        """In place of `os.stat`: asks once, as most questions are this one."""
        real = self._real["stat"]
        place = self._place(path, dir_fd)
        if place is None or not follow_symlinks:
            if place is not None:
                self._note_link(place)
            found: os.stat_result = real(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
            return found
        try:
            found = real(path)
        except (OSError, ValueError) as error:
            self._note_status(place, refusal(error))
            raise
        if _asks_for_kind(sys._getframe(1)):
            self._kinds.setdefault(place, stat.S_IFMT(found.st_mode))
        else:
            self._note_status(place, found)
        return found

    def _place(self, path: Any, dir_fd: int | None = None) -> str | None:
        """None where nobody has to look. Where that is nobody can tell, this is not all."""
        if isinstance(path, int) or dir_fd is not None:
            self._give_up()
            return None
        place = os.fsdecode(path)
        return None if place.startswith(self._apart) else place

    def _noting(self, name: str, note: Callable[..., None]) -> Callable[..., Any]:
        real = self._real[name]

        def ask(path: Any = ".", *arguments: Any, **options: Any) -> Any:
            place = self._place(path, options.get("dir_fd"))
            if place is not None:
                note(place, *arguments)
            return real(path, *arguments, **options)

        return ask

    def _status(self, path: str) -> os.stat_result | int:
        try:
            found: os.stat_result = self._real["stat"](path)
        except (OSError, ValueError) as error:
            return refusal(error)
        return found

    def _note_status(self, path: str, found: os.stat_result | int) -> None:
        """The first answer counts: where a later one differs, this will not hold."""
        if path not in self._stats:
            self._stats[path] = found
            self._demand_settled(found)

    def _demand_settled(self, found: os.stat_result | int) -> None:
        if isinstance(found, int) or not stat.S_ISREG(found.st_mode):
            return
        if not is_settled((found.st_mtime_ns, found.st_ctime_ns, found.st_size)):
            self._give_up()

    # These ask again, of functions that are watched themselves: what is noted already is not noted once more.
    def _note_link(self, path: str) -> None:
        if path not in self._links:
            self._links[path] = 0
            self._links[path] = link_of(path)

    def _note_listing(self, path: str) -> None:
        if path not in self._listings:
            self._listings[path] = b""
            self._listings[path] = listing_of(path)

    def _note_scan(self, path: str) -> None:
        self._note_listing(os.path.join(path, ""))

    def _note_access(self, path: str, mode: int) -> None:
        self._accesses.setdefault((path, mode), self._real["access"](path, mode))


_HOOKED: list[bool] = []  # Python keeps a hook for good
_WATCHES: list[Watch] = []  # those that watch now


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    for watch in tuple(_WATCHES):
        watch.heard(event, arguments)


def _asks_for_kind(caller: FrameType) -> bool:
    """Whether *caller* of `os.stat` looks at nothing else, or is `Path.stat` for somebody who does not."""
    if caller.f_code is Path.stat.__code__ and caller.f_back is not None:
        caller = caller.f_back
    return caller.f_code in _OF_KIND


def _status(path: str) -> os.stat_result | int:
    try:
        return os.stat(path)
    except (OSError, ValueError) as error:
        return refusal(error)


def _stamp(status: os.stat_result | int) -> tuple[int, ...]:
    """What any change of a file leaves a trace in."""
    if isinstance(status, int):
        return (status,)
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size


def _kind_of(status: os.stat_result | int) -> int:
    return status if isinstance(status, int) else stat.S_IFMT(status.st_mode)


def _look(path: str, status: os.stat_result | int) -> Look:
    if isinstance(status, int):
        return status, 0, 0
    kind = stat.S_IFMT(status.st_mode)
    # What came into a folder is in its listing: its time counts where somebody has taken it for that.
    counts = kind == stat.S_IFREG or path in LOOKED
    return (kind, status.st_mtime_ns, status.st_size) if counts else (kind, 0, 0)
