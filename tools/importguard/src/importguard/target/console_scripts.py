"""Console scripts of a target environment: which function one calls. Reads wrappers and `dist-info`; runs nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from importguard.errors import ConfigError
from importguard.storage.disk import Disk
from importguard.storage.regular_file import open_regular
from importguard.target.environment import Environment

if TYPE_CHECKING:
    from importguard.project.declared import Declared

_MAX_WRAPPER = 64 * 1024
_FOLDERS = ("bin", "Scripts")
# What pip, uv, distlib and setuptools write: the import of the function, and the call in the main guard.
_CALL = re.compile(rb"^[ \t]*(?:raise SystemExit|sys\.exit)\((\w[\w.]*)\(\)\)[ \t\r]*$", re.MULTILINE)
_IMPORT = re.compile(rb"^[ \t]*from ([\w.]+) import (\w+)[ \t\r]*$", re.MULTILINE)
_PYTHON = re.compile(rb"^#!.*python|'''exec' ")  # the second line where the path is too long for the first


class Command(msgspec.Struct, frozen=True):
    """What a console script runs: its wrapper's file, or where there is none `text`, which stands for one.

    `path` is the wrapper, the program itself that a distribution has put in its place (`scripts=` of setuptools), or
    the file that declares the command; `module` is what it imports first, "" where nobody says. `installed`: the
    target environment has it. `packages` are the top-level ones of the distribution that installed it.
    """

    path: str
    module: str
    text: str = ""
    installed: bool = True
    packages: tuple[str, ...] = ()


def find_command(name: str, environment: Environment, root: Path) -> Command:
    """The console script *name* of *environment*, else the one that the project in *root* declares.

    A *name* with a colon is the function itself, `package.cli:main`. Raises ConfigError when there is none.
    """
    if ":" in name:
        return _standing_for(_declared_as(name, root), installed=False)
    for folder in dict.fromkeys(_script_folders(environment)):
        path = os.path.join(folder, name)
        module = wrapped_module(path) if os.path.basename(name) == name else None
        if module is not None:
            return Command(path, module, packages=_packages_with(name, module, environment))
        if os.path.basename(name) == name and _is_program(path):
            packages = _packages_of_program(name, environment)
            return Command(path, next(iter(packages), ""), packages=packages)
    import difflib

    from importguard.project.declared import declared_commands  # needed only where there is no wrapper

    installed = {one.name: one for one in _installed(environment)}
    own = {one.name: one for one in declared_commands(root)}
    if name in installed:
        return _standing_for(installed[name], installed=True)
    if name in own:
        return _standing_for(own[name], installed=False)
    close = difflib.get_close_matches(name, [*installed, *own], 1)
    hint = f"did you mean {close[0]}?" if close else "install the project there, or pass --python"
    raise ConfigError(name, "", f"no such console script in the environment of {environment.executable}; {hint}")


def _declared_as(target: str, root: Path) -> Declared:
    """The console script that would call *target*. Raises ConfigError unless that names a module and a function."""
    from importguard.project.declared import parse_point

    found = parse_point(f"{target.rpartition('.')[2]}={target}", str(root / f"<{target}>"), 1)
    if found is None:
        raise ConfigError(target, "", 'expected a module and what a console script calls: "package.cli:main"')
    return found


def wrapped_module(path: str) -> str | None:
    """The module whose function the generated wrapper *path* calls; None for any other file."""
    try:
        with open_regular(path) as file:
            text = file.read(_MAX_WRAPPER)
    except OSError:
        return None
    call = _CALL.search(text)
    if call is None or _PYTHON.search(text[:1024]) is None:
        return None
    called = call[1].partition(b".")[0]
    return next((one[1].decode() for one in _IMPORT.finditer(text) if one[2] == called), None)


def _is_program(path: str) -> bool:
    """Whether the file *path* is written in Python, by its first lines."""
    try:
        with open_regular(path) as file:
            return _PYTHON.match(file.read(1024)) is not None
    except OSError:
        return False


def wrapper_of(path: str) -> tuple[str, str] | None:
    """The command and the interpreter that the file *path* belongs to; None when it is no wrapper in a `bin` folder."""
    folder, name = os.path.split(os.path.abspath(path))
    if os.path.basename(folder) not in _FOLDERS or name.endswith(".py") or wrapped_module(path) is None:
        return None
    interpreters = (os.path.join(folder, python) for python in ("python", "python3", "python.exe"))
    return name, next(filter(os.path.lexists, interpreters), "")


def _script_folders(environment: Environment) -> Iterator[str]:
    yield os.path.dirname(environment.executable)
    yield from (os.path.join(environment.prefix, one) for one in _FOLDERS)


def _installed(environment: Environment) -> Iterator[Declared]:
    """The last one of a name is of the first folder on the path."""
    from importguard.project.declared import points_in_ini

    for folder in _distributions(environment):
        file = os.path.join(folder, "entry_points.txt")
        try:
            text = Disk().read(file).decode("utf-8", "replace")
        except OSError:
            continue
        yield from points_in_ini(text, file)


def _distributions(environment: Environment) -> Iterator[str]:
    """The folders that say what is installed; those that come first on the path last."""
    disk = Disk()
    for folder in reversed(environment.path):
        try:
            entries = sorted(disk.names(folder))
        except OSError:
            continue
        yield from (os.path.join(folder, entry) for entry in entries if entry.endswith((".dist-info", ".egg-info")))


def _packages_with(name: str, module: str, environment: Environment) -> tuple[str, ...]:
    """The top-level packages of the distribution whose command *name* calls something in *module*."""
    declared = next((one for one in _installed(environment) if (one.name, one.module) == (name, module)), None)
    return _packages_among(_record(os.path.dirname(declared.file))) if declared is not None else ()


def _packages_of_program(name: str, environment: Environment) -> tuple[str, ...]:
    """The top-level packages of the distribution that has put the file *name* among the commands."""
    places = {f"../../../{folder}/{name}" for folder in _FOLDERS}
    records = map(_record, _distributions(environment))
    return next((_packages_among(files) for files in records if not places.isdisjoint(files)), ())


def _record(distribution: str) -> list[str]:
    """The files of an installed distribution; none for an editable or an old one: the project's own folder tells."""
    try:
        text = Disk().read(os.path.join(distribution, "RECORD")).decode("utf-8", "replace")
    except OSError:
        return []
    return [line.partition(",")[0] for line in text.splitlines()]


def _packages_among(files: list[str]) -> tuple[str, ...]:
    tops = {one.partition("/")[0].removesuffix(".py") for one in files if one.endswith(".py")}
    return tuple(sorted(top for top in tops if top.isidentifier()))


def _standing_for(one: Declared, *, installed: bool) -> Command:
    """A wrapper such as installers write, with its import on the line that declares the command."""
    first = one.attribute.partition(".")[0]
    lines = f"import sys; from {one.module} import {first}; sys.exit({one.attribute}())"
    return Command(one.file, one.module, "\n" * (max(one.line, 1) - 1) + lines + "\n", installed)
