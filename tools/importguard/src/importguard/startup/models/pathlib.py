"""`pathlib`: paths, and what is on disk below them. Windows' paths are not known."""

from __future__ import annotations

import fnmatch
import os
import pathlib
from collections.abc import Callable

from importguard.startup.machine.state import MachineState
from importguard.startup.models.folders import listed, matching
from importguard.startup.models.io import open_file, path_of
from importguard.startup.models.library import Library, use_names_of
from importguard.startup.models.posixpath import on_disk
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.files import FileText
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native
from importguard.startup.values.paths import METHODS, PathValue


def _make(call: Invocation) -> Value:
    """`Path("a", "b")`."""
    return PathValue("").below(list(call.args)) if call.complete else UNKNOWN


def _place(path: PathValue, call: Invocation) -> str:
    return path_of(path.text, call.machine) or path.text


def _asking(question: str) -> Callable[[PathValue, Invocation], Value]:
    def run(path: PathValue, call: Invocation) -> Value:
        call.machine.spend(100)
        return on_disk(question, path.text, call.machine)

    return run


def _found(paths: list[str] | None) -> Value:
    if paths is None:
        return UNKNOWN
    made = ListValue([PathValue(one) for one in paths])
    made.loose = len(paths) > 1
    return made


def _iterate(path: PathValue, call: Invocation) -> Value:
    names = listed(_place(path, call), call.machine)
    return _found(None if names is None else [os.path.join(path.text, name) for name in names])


def _glob(deep: str) -> Callable[[PathValue, Invocation], Value]:
    def run(path: PathValue, call: Invocation) -> Value:
        pattern = call.get(0, "pattern", UNKNOWN)
        use_names_of(call, "pathlib", "_StringGlobber")
        special = any(letter in path.text for letter in "*?[")
        if not isinstance(pattern, str) or special or len(call.args) + len(call.keywords) > 1:
            return UNKNOWN
        return _found(matching(os.path.join(path.text, deep + pattern), call.machine))

    return run


def _absolute(path: PathValue, call: Invocation) -> Value:
    return PathValue(_place(path, call))


def _resolve(path: PathValue, call: Invocation) -> Value:
    answer = call.machine.finder.disk.ask("realpath", _place(path, call))
    return PathValue(answer) if isinstance(answer, str) else UNKNOWN


def _with(name: str) -> Callable[[PathValue, Invocation], Value]:
    def run(path: PathValue, call: Invocation) -> Value:
        if not all(isinstance(argument, str | PathValue) for argument in call.args) or call.keywords:
            return UNKNOWN
        texts = [argument.text if isinstance(argument, PathValue) else argument for argument in call.args]
        try:
            made = getattr(pathlib.PurePosixPath(path.text), name)(*texts)
        except (ValueError, TypeError):
            return UNKNOWN
        return made if isinstance(made, bool | str) else PathValue(str(made))

    return run


def _read(path: PathValue, call: Invocation) -> Value:
    place = _place(path, call)
    return FileText(place) if call.machine.finder.disk.ask("isfile", place) else UNKNOWN


def _write(_path: PathValue, call: Invocation) -> Value:
    call.machine.writes = True
    return UNKNOWN


def _match(path: PathValue, call: Invocation) -> Value:
    pattern = call.first()
    use_names_of(call, "pathlib", "_StringGlobber")
    simple = isinstance(pattern, str) and "/" not in pattern
    return fnmatch.fnmatchcase(pathlib.PurePosixPath(path.text).name, str(pattern)) if simple else UNKNOWN


METHODS.update(
    {
        "exists": _asking("exists"),
        "is_file": _asking("isfile"),
        "is_dir": _asking("isdir"),
        "iterdir": _iterate,
        "glob": _glob(""),
        "rglob": _glob("**/"),
        "absolute": _absolute,
        "resolve": _resolve,
        "joinpath": lambda path, call: path.below(list(call.args)),
        "__fspath__": lambda path, _: path.text,
        "__str__": lambda path, _: path.text,
        "as_posix": lambda path, _: path.text,
        "open": lambda path, call: open_file(call.after(path.text)),
        "read_text": _read,
        "read_bytes": _read,
        "match": _match,
        **dict.fromkeys(("mkdir", "touch", "write_text", "write_bytes", "rename", "replace", "symlink_to"), _write),
        **{
            name: _with(name)
            for name in ("with_name", "with_suffix", "with_stem", "relative_to", "is_relative_to", "is_absolute")
        },
    }
)


def _fill(machine: MachineState, module: ModuleValue) -> None:
    if machine.environment.os_name == "nt":
        return
    for name in ("Path", "PosixPath", "PurePath", "PurePosixPath"):
        made = BuiltinType(name, tuple(base.__name__ for base in getattr(pathlib, name).__mro__), _make)
        made.attributes["cwd"] = Native("cwd", lambda call: PathValue(call.machine.folder))
        module.namespace[name] = made


LIBRARY = Library(fill={"pathlib": _fill})
