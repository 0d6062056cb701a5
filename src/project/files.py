"""The files of the open project: found by a scan, decided by the project's choices, read when they are sent.

Guarantees
- `_lock` guards every field. What reads the disk says so and is for the pool.
- A scan works in slices of `SLICE_S`, so that other jobs come in between, and is dropped when another begins.
- What is shown was decided by the choices as they are now, whichever job was the last to end.
- Texts are kept in memory only for files that are sent, at most `MAX_SENT_BYTES` of them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from src.privacy.detector import digest_of
from src.project import scan
from src.project.file import Project, ProjectError
from src.project.scan import ContextFile, Found, Inspection
from src.storage.inside import is_inside
from src.value import Value
from src.work.background import Background
from src.work.toasts import ToastKind

if TYPE_CHECKING:
    from importguard import Patterns

SLICE_S = 0.05
MAX_SENT_BYTES = 20_000_000
Sent = tuple[tuple[ContextFile, str], ...]


class FilesState(Value):
    """The files as last scanned and decided; `total_tokens` of those that are sent.

    `held` would be sent but for a text that looks like a secret, `accepted` hold such texts that the user allowed.
    `looks` counts how often the files were looked at and may have changed.
    """

    files: tuple[ContextFile, ...] = ()
    scanning: bool = False
    total_tokens: int = 0
    held: tuple[ContextFile, ...] = ()
    accepted: tuple[ContextFile, ...] = ()
    looks: int = 0


class _Row(Value):
    found: Found
    read: Inspection


class ProjectFiles:
    """The files of *project()*, which is the open one or None. `tell` shows a sentence."""

    def __init__(
        self,
        background: Background,
        notify: Callable[[], None],
        tell: Callable[[str, ToastKind], object],
        project: Callable[[], Project | None],
    ) -> None:
        self._background = background
        self._notify = notify
        self._tell = tell
        self._project = project
        self._lock = threading.Lock()
        self._state = FilesState()
        self._rows: tuple[_Row, ...] = ()
        self._sent: Sent = ()
        self._looks = 0
        self._scan = 0  # tells the scan that runs from those that were dropped

    def snapshot(self) -> FilesState:
        """The files now."""
        with self._lock:
            return self._state

    def clear(self) -> None:
        """Another project, or none, is open: forgets the files and drops the scan that runs."""
        with self._lock:
            self._scan += 1
            self._state, self._rows, self._sent = FilesState(), (), ()

    def scan(self) -> None:
        """Looks at the folders again, in the background."""
        project = self._project()
        if project is None:
            return
        with self._lock:
            self._scan += 1
            self._state = self._state._replace(scanning=True)
            number = self._scan
            known = {row.found.path: row.read for row in self._rows}
        self._notify()
        self._background.submit(lambda: self._begin_scan(number, project, known))

    # About files, by their paths; raises ProjectError for one that is not the project's

    def check(self, path: str, *, sendable: bool) -> None:
        """Raises ProjectError when there is no such file; with *sendable* also saying why it cannot be sent."""
        row = self._row(path)
        if sendable and row.read.reason:
            raise ProjectError(f"{path} cannot be sent: {row.read.reason}.")

    def file(self, path: str) -> ContextFile:
        """The file as last decided. Raises ProjectError."""
        for file in self.snapshot().files:
            if file.path == path:
                return file
        raise ProjectError(f"{path} is not among the project's files.")

    def among(self, paths: Iterable[str], *, sendable: bool) -> frozenset[str]:
        """Those of *paths* that are files of the project; with *sendable* those that can be sent."""
        with self._lock:
            rows = self._rows
        return frozenset(row.found.path for row in rows if not (sendable and row.read.reason)).intersection(paths)

    def read(self, path: str) -> str:
        """The text of a file. Raises ProjectError saying why there is none. Reads the disk."""
        row, project = self._row(path), self._project()
        read = scan.inspect(project.roots, row.found, None, project.not_secret) if project else row.read
        if read.reason:
            raise ProjectError(f"{path}: {read.reason}.")
        return read.text

    def digests(self, paths: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """For each path the digest of its text as it is now, or empty and why there is none. Reads the disk."""
        project, wanted = self._project(), dict.fromkeys(paths, ("", "not among the project's files any more"))
        with self._lock:
            rows = self._rows
        for row in rows:
            if project is not None and row.found.path in wanted:
                read = _inspect(project, row, row.read if row.read.text else None)
                wanted[row.found.path] = ("", read.reason) if read.reason else (digest_of(read.text), "")
        return wanted

    # What is sent

    def sent(self) -> Sent:
        """What is sent now, read anew where it changed: each file with its text, the pinned first. Reads the disk."""
        project = self._project()
        with self._lock:
            rows, files = self._rows, self._state.files
        if project is None:
            return ()
        fresh = tuple(
            row._replace(read=_inspect(project, row, row.read if row.read.text else None)) if file.included else row
            for row, file in zip(rows, files, strict=True)
        )
        if fresh != rows:
            with self._lock:
                self._looks += 1
            self._publish(project, fresh, partial(self._shows, rows))
        return self.known()

    def known(self) -> Sent:
        """As `sent`, as last read; does not touch the disk. The same tuple until something changes."""
        with self._lock:
            return self._sent

    def decide(self) -> None:
        """Decides again what is sent, by the choices as they are now. On the pool."""
        while (project := self._project()) is not None:
            with self._lock:
                rows = self._rows
            # Another job that shows its rows first makes this one look again: nobody's change is lost.
            if self._publish(project, rows, partial(self._shows, rows)):
                return

    # Inside

    def _shows(self, rows: tuple[_Row, ...]) -> bool:
        return self._rows is rows

    def _row(self, path: str) -> _Row:
        with self._lock:
            rows = self._rows
        for row in rows:
            if row.found.path == path:
                return row
        raise ProjectError(f"{path} is not among the project's files.")

    def _begin_scan(self, number: int, project: Project, known: dict[str, Inspection]) -> None:
        if not os.path.isdir(project.folder):
            self._tell(f"{project.folder} is not there any more: none of its files is sent until it is back.", "error")
        found = iter(scan.Walk(project.folder, _outermost(project.roots), scan.patterns().of(project.exclude)))
        self._go_on_scanning(number, project, found, known, [])

    def _go_on_scanning(
        self, number: int, project: Project, found: Iterator[Found], known: dict[str, Inspection], rows: list[_Row]
    ) -> None:
        until = time.monotonic() + SLICE_S
        include, exclude = scan.patterns().of(project.include), scan.patterns().of(project.exclude)
        for one in found:
            read = scan.inspect(project.roots, one, known.get(one.path), project.not_secret)
            if read.text and not _wants(project, one, include, exclude)[0]:
                read = read._replace(text="")
            rows.append(_Row(one, read))
            if len(rows) >= scan.MAX_FILES:
                self._tell(f"{project.folder} has more than {scan.MAX_FILES:,} files; exclude some.", "warning")
                break
            if time.monotonic() > until:
                with self._lock:
                    dropped = self._scan != number
                if not dropped:
                    self._background.submit(lambda: self._go_on_scanning(number, project, found, known, rows))
                return
        with self._lock:
            if self._scan != number:
                return
            self._state = self._state._replace(scanning=False)
            self._looks += 1
        current = self._project()
        if current is not None:
            self._publish(current, tuple(rows), lambda: self._scan == number)
        if self._project() is not current:  # a choice made in between was about the rows before these
            self.decide()

    def _publish(self, project: Project, rows: tuple[_Row, ...], still: Callable[[], bool]) -> bool:
        """Shows *rows* as decided by *project*; False when *still*, asked under the lock, says no."""
        include, exclude = scan.patterns().of(project.include), scan.patterns().of(project.exclude)
        files, kept, held, total, size = [], [], [], 0, 0
        for row in rows:
            wanted, reason = _wants(project, row.found, include, exclude)
            read = row.read if row.read.fits(project.not_secret) else _inspect(project, row, None)
            if wanted and not read.reason and not read.text and read.size:
                read = _inspect(project, row, None)
            included = wanted and not read.reason
            if included and size + read.size > MAX_SENT_BYTES:
                included, reason = False, f"more than {MAX_SENT_BYTES // 1_000_000} MB are chosen"
            if included:
                size, total = size + read.size, total + read.tokens
            elif read.text:
                read = read._replace(text="")
            kept.append(_Row(row.found, read))
            path = row.found.path
            flags = (included, path in project.pinned, path in project.read_only)
            file = ContextFile(path, read.size, read.tokens, *flags, read.reason or reason, read.suspect, read.accepted)
            files.append(file)
            if wanted and read.suspect is not None:
                held.append(file)
        with self._lock:
            if not still():
                return False
            self._rows = tuple(kept)
            self._sent = _order(project, tuple(files), self._rows)
            accepted = tuple(one for one in files if one.accepted)
            self._state = FilesState(tuple(files), self._state.scanning, total, tuple(held), accepted, self._looks)
        self._notify()
        return True


def _inspect(project: Project, row: _Row, known: Inspection | None) -> Inspection:
    return scan.inspect(project.roots, row.found, known, project.not_secret)


def _wants(project: Project, found: Found, include: Patterns, exclude: Patterns) -> tuple[bool, str]:
    """Whether the project's choices send the file, and why they do not by themselves."""
    if found.path in project.pinned or found.path in project.chosen:
        return True, ""
    if exclude.decide(found.path):
        return False, "excluded by the project's patterns"
    if found.ignored_by:
        return False, f"ignored by {found.ignored_by}"
    return found.path not in project.dropped and bool(include.decide(found.path)), ""


def _order(project: Project, files: tuple[ContextFile, ...], rows: tuple[_Row, ...]) -> Sent:
    """The files that are sent with their texts, the pinned first."""
    sent = [(file, row.read.text) for file, row in zip(files, rows, strict=True) if file.included]
    place = {path: number for number, path in enumerate(project.pinned)}
    return tuple(sorted(sent, key=lambda one: (place.get(one[0].path, len(place)), one[0].path)))


def _outermost(roots: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        root
        for number, root in enumerate(roots)
        if root not in roots[:number] and not any(other != root and is_inside(other, root) for other in roots)
    )
