"""What `pytest` imports to collect tests, as a program: its plugins, conftest files and test modules, in its order.

Reads configuration files and lists folders; runs nothing. The program is read as any other start.
"""

from __future__ import annotations

import fnmatch
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from importguard.errors import ConfigError
from importguard.project.config import read_toml
from importguard.storage.regular_file import read_regular

NAME = "<pytest>"  # of the program, in place of a file's
_MAX_FILES = 20_000
_MAX_BYTES = 1024 * 1024
_SKIPPED = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}", "__pycache__")
_FIRST = (
    "import pytest",
    "import importlib, importlib.metadata, importlib.util, sys",
    "from _pytest.config import default_plugins",
    "for _name in default_plugins: importlib.import_module('_pytest.' + _name)",
    # What every run comes to in functions of pytest's own: its command line, capturing, its configuration.
    "import _pytest._argcomplete, faulthandler",
    "try: import readline",
    "except ImportError: pass",
    "def _plugins_of(module):",
    "    found = getattr(module, 'pytest_plugins', ())",
    "    for name in [found] if isinstance(found, str) else found: importlib.import_module(name)",
)


class Settings(msgspec.Struct, frozen=True):
    """What a project's configuration of pytest says of the collection."""

    files: tuple[str, ...] = ("test_*.py", "*_test.py")
    skipped: tuple[str, ...] = _SKIPPED
    folders: tuple[str, ...] = ()  # on the search path
    options: tuple[str, ...] = ()

    def after(self, option: str) -> tuple[str, ...]:
        """The values of *option*: `-p name`, `-pname`, `--import-mode=importlib`."""
        found = []
        for place, one in enumerate(self.options):
            if one == option and place + 1 < len(self.options):
                found.append(self.options[place + 1])
            elif one.startswith(f"{option}=" if option.startswith("--") else option) and one != option:
                found.append(one[len(option) :].removeprefix("="))
        return tuple(found)


def collection(root: Path, target: str) -> str:
    """The program that imports what `pytest target` does in *root*. Raises ConfigError where there are no tests."""
    place = Path(os.path.abspath(root / target))
    if not place.exists():
        raise ConfigError(target, "pytest", "no such file or folder; pass the one that has the tests")
    settings = read_settings(root)
    files = [place] if place.is_file() else list(_tests(place, settings))
    if not files:
        patterns = " or ".join(settings.files)
        raise ConfigError(target, "pytest", f"no test modules are there: none is called {patterns}")
    return "\n".join((*_FIRST, *_lines(root, files, settings))) + "\n"


def read_settings(root: Path) -> Settings:
    """The settings of the first file of *root* that has any, in pytest's order."""
    for name, section in (
        ("pytest.ini", "pytest"),
        ("pyproject.toml", ""),
        ("tox.ini", "pytest"),
        ("setup.cfg", "tool:pytest"),
    ):
        found = _table(root / name, section)
        if found is not None:
            return Settings(
                tuple(_words(found.get("python_files"))) or Settings().files,
                tuple(_words(found.get("norecursedirs"))) or _SKIPPED,
                tuple(_words(found.get("pythonpath"))),
                tuple(_words(found.get("addopts"))),
            )
    return Settings()


def _table(file: Path, section: str) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    if not section:
        tool = read_toml(file).get("tool", {}).get("pytest", {})
        return tool.get("ini_options") or ({key: one for key, one in tool.items() if key != "ini_options"} or None)
    import configparser

    parser = configparser.RawConfigParser(strict=False, default_section="")
    try:
        parser.read_string(read_regular(file, _MAX_BYTES).decode("utf-8", "replace"))
    except (OSError, configparser.Error) as error:
        raise ConfigError(str(file), section, f"cannot be read: {error}") from error
    return dict(parser.items(section)) if parser.has_section(section) else None


def _words(value: object) -> list[str]:
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    try:
        return shlex.split(value, comments=True) if isinstance(value, str) else []
    except ValueError:  # a quotation without an end
        return []


def _tests(folder: Path, settings: Settings) -> Iterator[Path]:
    """The test modules in *folder* and below, as pytest goes: a folder's files first."""
    count = 0
    for above, below, names in os.walk(folder):
        below[:] = sorted(one for one in below if not any(fnmatch.fnmatch(one, skip) for skip in settings.skipped))
        for name in sorted(names):
            if any(fnmatch.fnmatch(name, pattern) for pattern in settings.files):
                count += 1
                if count > _MAX_FILES:
                    raise ConfigError(
                        str(folder), "pytest", f"more than {_MAX_FILES:,} test modules; pass a folder of it"
                    )
                yield Path(above, name)


def _lines(root: Path, files: list[Path], settings: Settings) -> Iterator[str]:
    """What comes after pytest itself: a line for each plugin, each folder of the search path, each file."""
    if (root / "pyproject.toml").is_file():
        yield from ("try: import tomllib", "except ImportError: pass")
    yield from (f"sys.path.insert(0, {os.path.abspath(root / one)!r})" for one in settings.folders)
    plugins = settings.after("-p")
    left_out = tuple(one.removeprefix("no:") for one in plugins if one.startswith("no:"))
    yield from (_importing(one) for one in plugins if not one.startswith("no:"))
    yield "for _one in importlib.metadata.entry_points(group='pytest11'):"
    yield f"    if _one.name not in {left_out!r}: _one.load()"
    imported = _Importer("importlib" in settings.after("--import-mode"), root)
    seen: set[Path] = set()
    for file in files:
        for folder in _folders(root, file):
            conftest = folder / "conftest.py"
            if conftest not in seen and conftest.is_file():
                seen.add(conftest)
                yield from imported.lines(conftest)
        yield from imported.lines(file)


def _folders(root: Path, file: Path) -> list[Path]:
    """The folders from *root* down to that of *file*."""
    inside = [one for one in file.parents if one == root or one.is_relative_to(root)]
    return list(reversed(inside)) or [file.parent]


def _importing(name: str) -> str:
    return (
        f"import {name}"
        if all(part.isidentifier() for part in name.split("."))
        else f"importlib.import_module({name!r})"
    )


class _Importer:
    """Says how pytest imports a file: by its package's name, or by its own with its folder on the search path."""

    def __init__(self, by_path: bool, root: Path) -> None:
        self._by_path, self._root = by_path, root
        self._names: set[str] = set()
        self._on_path: set[Path] = set()

    def lines(self, file: Path) -> Iterator[str]:
        """The statements that import *file*."""
        base = file.parent
        while (base / "__init__.py").is_file() and base != base.parent:
            base = base.parent
        name = ".".join(file.relative_to(base).with_suffix("").parts)
        packaged = base != file.parent  # then it is imported by its package's name in every mode
        if (packaged or not self._by_path) and base not in self._on_path:
            self._on_path.add(base)
            yield f"sys.path.insert(0, {str(base)!r})"
        if (self._by_path and not packaged) or name in self._names:
            below = file.relative_to(self._root) if file.is_relative_to(self._root) else Path(file.name)
            name = ".".join(below.with_suffix("").parts)
            yield f"_spec = importlib.util.spec_from_file_location({name!r}, {str(file)!r})"
            yield f"_module = sys.modules[{name!r}] = importlib.util.module_from_spec(_spec)"
            yield f"_spec.loader.exec_module(_module)  # {file.name}"
        else:
            self._names.add(name)
            yield _importing(name)
            if file.name == "conftest.py":
                yield f"_module = sys.modules[{name!r}]"
        if file.name == "conftest.py":
            yield "_plugins_of(_module)"
