"""The disk as it would be with another commit's files in a repository: those from git, all else as it is today."""

from __future__ import annotations

import os
from collections.abc import Mapping

from importguard.storage.commit import Commit
from importguard.storage.disk import INSTALLED, Disk, Mark, Now


class Past(Now):
    """What a command sees when the files of a repository are those of *commit*.

    *apart* are folders that are today's wherever they are: the interpreter's.
    """

    def __init__(self, commit: Commit, apart: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.identity = f"{commit.top}\0{commit.name}"
        self.commit = commit
        self._below = os.path.join(commit.top, "")
        # An environment is often within the repository; a repository may be within an environment, too.
        self._apart = tuple(os.path.join(one, "") for one in apart if one.startswith(self._below))

    def disk(self, trusted: tuple[str, ...] = (), unchanged: Mapping[str, Mark] | None = None) -> Disk:
        """As `Now.disk`."""
        return _PastDisk(self, trusted, unchanged)

    def is_file(self, path: str) -> bool:
        """As `Now.is_file`."""
        inside = self.inside(path)
        return super().is_file(path) if inside is None else self.commit.is_file(inside)

    def is_folder(self, path: str) -> bool:
        """As `Now.is_folder`."""
        inside = self.inside(path)
        return super().is_folder(path) if inside is None else self.commit.is_folder(inside)

    def resolved(self, path: str) -> str:
        """As `Now.resolved`; a link is not followed, as there is none in a commit."""
        return super().resolved(path) if self.inside(path) is None else os.path.abspath(path)

    def inside(self, path: str) -> str | None:
        """Where *path* is in the commit; None for what is today's."""
        place = os.path.abspath(path)
        if place == self.commit.top:
            return ""
        below = place[len(self._below) :]
        if not place.startswith(self._below) or place.startswith(self._apart) or INSTALLED.search(os.sep + below):
            return None
        return below.replace(os.sep, "/")


class _PastDisk(Disk):
    """Remembers of today's disk alone: a commit does not change."""

    def __init__(self, past: Past, trusted: tuple[str, ...], unchanged: Mapping[str, Mark] | None) -> None:
        super().__init__(trusted, unchanged)
        self._past = past

    def read(self, path: str) -> bytes:
        inside = self._past.inside(path)
        return super().read(path) if inside is None else self._past.commit.read(inside)

    def digest(self, path: str) -> bytes | None:
        return super().digest(path) if self._past.inside(path) is None else None

    def size(self, path: str) -> int:
        inside = self._past.inside(path)
        return super().size(path) if inside is None else self._past.commit.size(inside)

    def names(self, directory: str) -> frozenset[str]:
        inside = self._past.inside(directory)
        return super().names(directory) if inside is None else self._past.commit.names(inside)

    def is_file(self, path: str) -> bool:
        inside = self._past.inside(path)
        return super().is_file(path) if inside is None else self._past.commit.is_file(inside)

    def ask(self, question: str, *about: str) -> str | bool | int | None:
        inside = self._past.inside(about[0]) if len(about) == 1 else None
        if inside is None:
            return super().ask(question, *about)
        commit = self._past.commit
        if question in {"abspath", "realpath"}:
            return os.path.abspath(about[0])
        is_file, is_folder = commit.is_file(inside), commit.is_folder(inside)
        if question == "getsize":
            return commit.size(inside) if is_file else None
        if question == "names":
            return "/".join(sorted(commit.names(inside))) if is_folder else None
        return {"exists": is_file or is_folder, "isfile": is_file, "isdir": is_folder}[question]
