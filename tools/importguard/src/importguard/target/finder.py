"""Module name to file in the target environment, by the rules of the import system, without importing.

Reads directory listings only; each is read once.
"""

import errno
import os
from enum import StrEnum
from pathlib import Path

import msgspec

from importguard.storage.disk import Disk
from importguard.storage.regular_file import open_regular, read_bounded
from importguard.target.environment import Environment
from importguard.target.site_files import pth_lines

_MAX_DEPTH = 100  # of a folder in an archive
_ARCHIVE_END = 22 + 65_535  # bytes: its last record and the comment in it


class Form(StrEnum):
    """What a found module is made of."""

    SOURCE = "source"
    EXTENSION = "extension"
    BYTECODE = "bytecode"
    NAMESPACE = "namespace"
    BUILTIN = "builtin"


class Found(msgspec.Struct, frozen=True):
    """Where a module is. `locations` is what its `__path__` starts as; None for a plain module."""

    name: str
    form: Form
    path: str | None
    locations: tuple[str, ...] | None = None


class Finder:
    """Finds modules along *roots* (a script's directory, a project's root), then the environment's own path."""

    def __init__(self, environment: Environment, roots: tuple[str, ...] = (), disk: Disk | None = None) -> None:
        self.environment = environment
        self.disk = disk or Disk()
        self.path = tuple(dict.fromkeys((*roots, *environment.path)))
        self._listings: dict[str, frozenset[str]] = {}
        self._archives: dict[str, dict[str, set[str]]] = {}

    def find(self, name: str, locations: tuple[str, ...] | None = None) -> Found | None:
        """The module *name*; *locations* is its parent's `__path__`, None for a top-level name."""
        if locations is None and name in self.environment.builtins:
            return Found(name, Form.BUILTIN, None)
        tail = name.rpartition(".")[2]
        if not tail:
            return None
        portions: list[str] = []
        if locations is None:
            own = (self.environment.stdlib,) if name in self.environment.frozen else ()
            locations = (*own, *self.path)
        for directory in locations:
            found = self._in_directory(name, tail, directory, portions)
            if found is not None:
                return found
        return self._editable(name) or (Found(name, Form.NAMESPACE, None, tuple(portions)) if portions else None)

    def _in_directory(self, name: str, tail: str, directory: str, portions: list[str]) -> Found | None:
        entries = self.listing(directory)
        if tail in entries:
            inner = os.path.join(directory, tail)
            found = self._file(name, inner, "__init__", self.listing(inner), (inner,))
            if found is not None:
                return found
            if self.is_directory(inner):
                portions.append(inner)
        return self._file(name, directory, tail, entries, None)

    def _file(
        self, name: str, directory: str, stem: str, entries: frozenset[str], locations: tuple[str, ...] | None
    ) -> Found | None:
        forms = [(suffix, Form.EXTENSION) for suffix in self.environment.suffixes]
        for suffix, form in (*forms, (".py", Form.SOURCE), (".pyc", Form.BYTECODE)):
            if stem + suffix in entries:
                path = os.path.join(directory, stem + suffix)
                if self._is_module(directory, path):
                    return Found(name, form, path, locations)
        return None

    def _is_module(self, directory: str, path: str) -> bool:
        """Python goes on where a folder, a pipe or a link to nothing has the name; an archive has files alone."""
        return self.disk.is_file(path) or not self.disk.ask("isdir", directory)

    def _editable(self, name: str) -> Found | None:
        """What setuptools' editable finders add: they stand last on `sys.meta_path`."""
        target = self.environment.editable.get(name)
        if target is None:
            return None
        for suffix in ("", ".py"):
            directory, stem = os.path.split(target + suffix)
            if self.is_directory(os.path.join(directory, stem)):
                return self._file(name, target, "__init__", self.listing(target), (target,))
            if stem in self.listing(directory) and self._is_module(directory, target + suffix):
                return Found(name, Form.SOURCE, target + suffix)
        return None

    def is_directory(self, path: str) -> bool:
        """Whether *path* is a directory, on disk or in an archive."""
        return bool(self.disk.ask("isdir", path)) or bool(self.listing(path))

    def listing(self, directory: str) -> frozenset[str]:
        """The names in *directory*, empty if it cannot be read."""
        known = self._listings.get(directory)
        if known is None:
            try:
                known = self.disk.names(directory)
            except NotADirectoryError:
                known = self._archive_listing(directory)
            except OSError:
                known = self._archive_listing(directory) if ".zip" in directory else frozenset()
            self._listings[directory] = known
        return known

    def _archive_listing(self, directory: str) -> frozenset[str]:
        archive = _archive_of(directory, self.disk)
        if archive is None:
            return frozenset()
        if archive not in self._archives:
            tree: dict[str, set[str]] = {}
            for member in _members(archive, self.disk):
                parts = [part for part in member.split("/") if part]
                for depth in range(len(parts)):
                    tree.setdefault("/".join(parts[:depth]), set()).add(parts[depth])
            self._archives[archive] = tree
        inside = os.path.relpath(directory, archive).replace(os.sep, "/")
        return frozenset(self._archives[archive].get("" if inside == "." else inside, ()))


def read_source(path: str, disk: Disk | None = None) -> bytes:
    """The bytes of a source file, from *disk* or from inside an archive there. Raises OSError."""
    disk = disk or Disk()
    try:
        return disk.read(path)
    except NotADirectoryError:
        archive = _archive_of(path, disk)
        if archive is None:
            raise
        return _in_archive(disk.read(archive), os.path.relpath(path, archive).replace(os.sep, "/"))


def is_archive(path: str) -> bool:
    """Whether the file *path* ends as a zip archive does, with other bytes before it or not."""
    try:
        with open_regular(path) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _ARCHIVE_END))
            return b"PK\x05\x06" in file.read(_ARCHIVE_END)
    except OSError:
        return False


def _archive_of(path: str, disk: Disk) -> str | None:
    return next((str(p) for p in (Path(path), *Path(path).parents) if disk.ask("isfile", str(p))), None)


def _members(archive: str, disk: Disk) -> list[str]:
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(disk.read(archive))) as opened:
            return [name for name in opened.namelist() if name.count("/") < _MAX_DEPTH]
    except Exception:  # what a damaged archive makes zipfile raise is no short list
        return []


def _in_archive(archive: bytes, member: str) -> bytes:
    """The content of *member*, as long as what it unpacks to is not too large. Raises OSError."""
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened, opened.open(member) as file:
            return read_bounded(file, member)
    except OSError:
        raise
    except Exception as error:  # a damaged archive, as above
        raise OSError(errno.EINVAL, f"is damaged: {error}", member) from error


def import_lines(finder: Finder) -> list[bytes]:
    """The lines that `site` executes at every start: those of `.pth` files that begin with `import`."""
    return [
        line.encode("utf-8", "surrogateescape")
        for directory in finder.environment.path
        if os.path.basename(directory) in {"site-packages", "dist-packages"}
        for line in pth_lines(directory, finder.disk)
        if line.startswith(("import ", "import\t"))
    ]
