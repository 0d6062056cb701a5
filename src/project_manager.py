"""The project that is open, live: its file, who may change it, and what was chosen. Its files are `project.files`.

Guarantees
- `_lock` guards every field. A change shows at once; the disk is read and written by jobs on the pool only.
- One Sloppy at a time may change a project: a second opens it read-only and says who has it.
- A project file that is not TOML is kept aside as `.bad-…`, and the project starts with defaults.
"""

from __future__ import annotations

import binascii
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from src.privacy.redactor import current
from src.project import file as project_file
from src.project.file import Project, ProjectError
from src.project.files import FilesState, ProjectFiles, Sent
from src.project.scan import ContextFile
from src.storage import stored_file
from src.storage.instance_lock import InstanceLock
from src.value import Value
from src.work.background import Background
from src.work.toasts import ToastKind

if TYPE_CHECKING:
    from src.project.servers import Server

RETRY_S = 5.0
_MODULES = ("tomlkit",)


class NoProjectError(ProjectError):
    """The folder exists and holds no project file."""


class ProjectState(Value):
    """What the context panel shows; all but the project and its lock as in FilesState."""

    project: Project | None = None
    files: tuple[ContextFile, ...] = ()
    scanning: bool = False
    total_tokens: int = 0
    read_only: bool = False
    notice: str = ""
    held: tuple[ContextFile, ...] = ()
    accepted: tuple[ContextFile, ...] = ()
    looks: int = 0


class _Open(Value):
    project: Project | None = None
    read_only: bool = False
    notice: str = ""


class ProjectManager:
    """The open project, or none. `opened` is called on the pool with the project or None; `tell` shows a sentence."""

    def __init__(
        self,
        background: Background,
        notify: Callable[[], None],
        tell: Callable[[str, ToastKind], object],
        opened: Callable[[Project | None], None],
    ) -> None:
        self._background = background
        self._notify = notify
        self._tell = tell
        self._opened = opened
        self._lock = threading.Lock()
        self._disk = threading.Lock()  # one writer at a time; taken before `_lock`
        self._locks_folder: str | None = None
        self._early: list[Callable[[], None]] = []
        self._files = ProjectFiles(background, notify, tell, self._current)
        self._open_now = _Open()
        self._shown: tuple[_Open, FilesState, ProjectState] = (_Open(), FilesState(), ProjectState())
        self._instance: InstanceLock | None = None
        self._unsaved: dict[str, Any] = {}
        self._saving = False

    def snapshot(self) -> ProjectState:
        """The project now. The same value until something changes."""
        files = self._files.snapshot()
        with self._lock:
            now = self._open_now
            if self._shown[0] is not now or self._shown[1] is not files:
                shown = ProjectState(**now._asdict(), **files._asdict())
                self._shown = (now, files, shown)
            return self._shown[2]

    # Opening and closing: in the background; the future tells when, or raises ProjectError or OSError

    def open(self, path: str) -> Future[None]:
        """Opens the project in the folder, or the project file, at *path*."""
        return self._when_ready(lambda: self._open(project_file.find(path)))

    def create(self, path: str) -> Future[None]:
        """Makes a project in the folder at *path* and opens it. Raises ProjectError with a sentence where it cannot."""

        def make() -> None:
            file = project_file.find(path)
            try:
                project_file.create(file)
            except FileExistsError as error:
                raise ProjectError(f"{file} is there already; open it.") from error
            self._open(file)

        return self._when_ready(make)

    def close(self) -> Future[None]:
        """Leaves the project."""
        return self._when_ready(self._close)

    def use_locks(self, folder: str) -> None:
        """Keeps lock files in *folder* and does what was asked for before. Called once, on the pool."""
        with self._lock:
            self._locks_folder = folder
            early, self._early = self._early, []
        for job in early:
            job()

    def end(self) -> bool:
        """Writes what is not written and lets the lock go; True when all is written. For the end of the program."""
        self.flush()
        with self._lock:
            instance, self._instance = self._instance, None
            written = not self._unsaved
        if instance is not None:
            instance.release()
        return written

    # Changing: raises ProjectError without a project or in a read-only one

    def set_included(self, path: str, included: bool) -> None:
        """Sends the file, or does not, whatever the patterns say. Raises ProjectError for one that cannot be sent."""
        project = self._own()
        self._files.check(path, sendable=included)
        chosen, dropped = project.chosen - {path}, project.dropped - {path}
        if included:
            chosen |= {path}
        else:
            dropped |= {path}
        self._change(chosen=chosen, dropped=dropped)

    def set_all_included(self, paths: Iterable[str], included: bool) -> None:
        """As `set_included` for many files at once; those that cannot be sent are left as they are."""
        project = self._own()
        wanted = self._files.among(paths, sendable=included)
        chosen, dropped = project.chosen - wanted, project.dropped - wanted
        self._change(chosen=chosen | wanted if included else chosen, dropped=dropped if included else dropped | wanted)

    def set_pinned(self, path: str, pinned: bool) -> None:
        """Sends the file first and whatever the patterns say, or no longer. Raises ProjectError."""
        project = self._own()
        self._files.check(path, sendable=pinned)
        kept = tuple(one for one in project.pinned if one != path)
        self._change(pinned=(*kept, path) if pinned else kept)

    def set_read_only(self, path: str, read_only: bool) -> None:
        """Sends the file for reading only: no edit of it is proposed to the user. Raises ProjectError."""
        project = self._own()
        self._files.check(path, sendable=False)
        self._change(read_only=project.read_only | {path} if read_only else project.read_only - {path})

    def accept(self, path: str, digest: str) -> None:
        """The text that is taken for a secret in the file is none, from now on and in every file of the project.

        Only its digest is kept. Raises ProjectError when the file holds no such text, and for one of the user's keys.
        """
        suspect = self._files.file(path).suspect
        if suspect is None or suspect.digest != digest:
            raise ProjectError(f"{path} has changed: this text is no longer what keeps it back.")
        self.accept_text(digest)

    def accept_text(self, digest: str) -> None:
        """As `accept`, for a text that a tool answered with. Raises ProjectError for one of the user's keys."""
        project = self._own()
        if current().knows(digest):
            raise ProjectError("This is one of your own keys; it stays hidden and is not sent.")
        self._change(not_secret=project.not_secret | {digest})

    def take_back(self, path: str) -> None:
        """The texts in the file that were accepted may be secrets after all. Raises ProjectError without any."""
        accepted = self._files.file(path).accepted
        if not accepted:
            raise ProjectError(f"No text in {path} was said to be no secret.")
        self.take_back_texts(one.digest for one in accepted)

    def take_back_texts(self, digests: Iterable[str]) -> None:
        """The texts of these digests may be secrets after all. Raises ProjectError."""
        self._change(not_secret=self._own().not_secret.difference(digests))

    def set_globs(self, include: tuple[str, ...], exclude: tuple[str, ...]) -> None:
        """Sets the patterns, as in `.gitignore`, and looks at the folders again. Raises ProjectError."""
        self._own()
        self._change(include=tuple(include), exclude=tuple(exclude))
        self.rescan()

    def choose_preset(self, name: str) -> None:
        """Makes the preset *name* the system prompt; an empty name means none. Raises ProjectError."""
        project = self._own()
        if name and name not in project.presets:
            raise ProjectError(f"There is no preset {name!r} in {project.path}.")
        self._change(preset=name)

    def set_preset(self, name: str, text: str) -> None:
        """Writes the preset *name*; the empty text takes it away. Raises ProjectError."""
        project = self._own()
        presets = {key: value for key, value in project.presets.items() if key != name}
        if text:
            presets[name] = text
        preset = project.preset if project.preset in presets else ""
        self._change(presets=presets, preset=preset)

    def set_server(self, server: Server) -> None:
        """Names *server* in the file, in the place of one with the same name. Raises ProjectError."""
        from src.project.servers import MAX_SERVERS  # no start without servers pays for it

        project = self._own()
        others = tuple(one for one in project.mcp if one.name != server.name)
        if len(others) < len(project.mcp):
            servers = tuple(server if one.name == server.name else one for one in project.mcp)
        elif len(others) < MAX_SERVERS:
            servers = (*others, server)
        else:
            raise ProjectError(f"A project names at most {MAX_SERVERS} MCP servers; remove one first.")
        self._change_servers(servers, {server.name: server})

    def remove_server(self, name: str) -> None:
        """Takes the server *name* out of the file. Raises ProjectError."""
        servers = tuple(one for one in self._own().mcp if one.name != name)
        self._change_servers(servers, {name: None})

    def rescan(self) -> None:
        """Looks at the folders again, in the background."""
        self._files.scan()

    # Reading; all but `known_files` reads the disk and is not for the main thread

    def read(self, path: str) -> str:
        """The text of a file of the project. Raises ProjectError saying why there is none."""
        return self._files.read(path)

    def digests(self, paths: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """For each path the digest of its text as it is now, or empty and why there is none."""
        return self._files.digests(paths)

    def sent_files(self) -> Sent:
        """What is sent now, read anew where it changed: each file with its text, the pinned first."""
        return self._files.sent()

    def known_files(self) -> Sent:
        """As `sent_files`, as last read; does not touch the disk. The same tuple until something changes."""
        return self._files.known()

    # Inside

    def _when_ready(self, job: Callable[[], None]) -> Future[None]:
        """Runs *job* on the pool once the folders are known and the libraries warm."""
        future: Future[None] = Future()

        def run() -> None:
            try:
                job()
            except Exception as error:
                self._tell(_sentence(error), "error")
                future.set_exception(error)
            else:
                future.set_result(None)

        def fail(reason: str) -> None:
            self._tell(reason, "error")
            future.set_exception(ProjectError(reason))

        def wait_for_libraries() -> None:
            self._background.when_warm(_MODULES, lambda: self._background.submit(run), fail)

        with self._lock:
            waits = self._locks_folder is None
            if waits:
                self._early.append(wait_for_libraries)
        if not waits:
            wait_for_libraries()
        return future

    def _open(self, path: str) -> None:
        if not os.path.isdir(os.path.dirname(path)):
            raise ProjectError(f"There is no folder {os.path.dirname(path)}.")
        if not os.path.isfile(path):
            raise NoProjectError(f"There is no project in {os.path.dirname(path)}: {project_file.NAME} is missing.")
        instance, notice = self._lock_project(path)
        try:
            project, warnings = self._read(path, instance is not None)
        except BaseException:
            if instance is not None:
                instance.release()
            raise
        self.end()
        with self._lock:
            self._instance, self._unsaved = instance, {}
            self._open_now = _Open(project, bool(notice), notice)
        self._files.clear()
        for warning in warnings:
            self._tell(warning, "warning")
        if notice:
            self._tell(notice, "warning")
        self._opened(project)
        self.rescan()

    def _read(self, path: str, may_mend: bool) -> tuple[Project, tuple[str, ...]]:
        try:
            return project_file.read(path)
        except project_file.DamagedProjectError as error:
            if not may_mend:
                raise
            aside = stored_file.keep_aside(path)
            project_file.create(path)
            self._tell(f"{error}. It is kept as {aside}, and the project starts with defaults.", "warning")
            return project_file.read(path)

    def _lock_project(self, path: str) -> tuple[InstanceLock | None, str]:
        with self._lock:
            folder, mine = self._locks_folder or "", self._instance
        instance = InstanceLock(os.path.join(folder, f"{slug(path)}.lock"))
        if mine is not None and mine.path == instance.path:  # opened again
            with self._lock:
                self._instance = None
            return mine, ""
        try:
            if instance.take():
                return instance, ""
        except OSError as error:
            return None, f"{path} is read-only here: its lock cannot be written ({error.strerror})."
        owner = instance.owner() or "unknown"
        return None, f"{path} is open in another Sloppy (process {owner}) and read-only here."

    def _close(self) -> None:
        self.end()
        with self._lock:
            self._open_now, self._unsaved = _Open(), {}
        self._files.clear()
        self._opened(None)
        self._notify()

    def _current(self) -> Project | None:
        with self._lock:
            return self._open_now.project

    def _own(self) -> Project:
        with self._lock:
            state = self._open_now
        if state.project is None:
            raise ProjectError("No project is open.")
        if state.read_only:
            raise ProjectError(state.notice)
        return state.project

    def _change(self, **fields: Any) -> None:
        with self._lock:
            if self._open_now.project is None:
                return
            self._open_now = self._open_now._replace(project=self._open_now.project._replace(**fields))
            self._unsaved |= fields
        self._background.submit(self._files.decide)
        self._save()
        self._notify()

    def _change_servers(self, servers: tuple[Server, ...], changes: Mapping[str, Server | None]) -> None:
        """As `_change`, and only the servers that change are written: the file may have got others meanwhile."""
        with self._lock:
            if self._open_now.project is None:
                return
            self._open_now = self._open_now._replace(project=self._open_now.project._replace(mcp=servers))
            self._unsaved["mcp"] = {**self._unsaved.get("mcp", {}), **changes}
        self._save()
        self._notify()

    def _save(self) -> None:
        with self._lock:
            if self._saving or not self._unsaved:
                return
            self._saving = True
        self._background.submit(self.flush)

    def flush(self) -> None:
        """Writes what is not written yet. On the pool, and once more at the end."""
        with self._disk:  # a writer that was slower than this one would put older values over the newer
            path, failure = self._write()
        if failure:
            self._tell(f"{path} cannot be written ({failure}); the change holds and is tried again.", "error")
            self._background.later(RETRY_S, self._save)
        else:
            self._save()

    def _write(self) -> tuple[str, str]:
        """Writes what is not written yet; the project's file, and why it failed."""
        with self._lock:
            project, fields = self._open_now.project, dict(self._unsaved)
        path, failure = project.path if project is not None else "", ""
        if path and fields:
            try:
                project_file.write(path, {name: _toml(value) for name, value in fields.items()})
            except (OSError, ProjectError, RuntimeError) as error:  # the last: the warmup ended before tomlkit came
                failure = _sentence(error)
        with self._lock:
            self._saving = False
            if not failure:
                for name, value in fields.items():
                    if self._unsaved.get(name) is value:
                        del self._unsaved[name]
        return path, failure


def slug(path: str) -> str:
    """A file name that tells the project file at *path* from others: its folder's name and a checksum."""
    real = os.path.realpath(path)
    name = "".join(letter if letter.isalnum() else "_" for letter in os.path.basename(os.path.dirname(real)))[:40]
    return f"{name}-{binascii.crc32(real.encode(errors='surrogateescape')):08x}"


def _toml(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__
