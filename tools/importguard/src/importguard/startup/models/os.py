"""`os`: the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from importguard.startup.models.folders import MAX_FOLDERS, names_in
from importguard.startup.models.io import is_gone
from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import plain
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.choice import OneOf
from importguard.startup.values.dicts import METHODS, DictValue, missing_key
from importguard.startup.values.iterators import IteratorValue, Unsure
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model, Namespace, Native
from importguard.startup.values.paths import PathValue

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Completion, Frame
    from importguard.startup.values.modules import ModuleValue


class Environ(Abstract):
    """`os.environ`; `variables` says what is in it."""

    __slots__ = ()

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        model = _METHODS.get(name)
        return UNKNOWN if model is None else Native(name, model)

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """A KeyError where the variable is not set."""
        found = machine.variables.ask(key, frame.module.origin, frame.module.name)
        return missing_key(machine, key) if found is MISSING else found

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether the variable is set."""
        module = machine.frame.module
        return machine.variables.contains(item, module.origin, module.name)

    def set_item(self, key: Value, value: Value, machine: MachineState) -> None:
        """The program sets a variable."""
        _write(machine, key, value)

    def delete_item(self, key: Value, machine: MachineState) -> None:
        """The program removes a variable."""
        _write(machine, key, MISSING)

    def in_place(self, op: str, other: Value, machine: MachineState) -> Value:
        """`os.environ |= {...}`."""
        if op != "BitOr":
            return MISSING
        _write_all(machine, other)
        return self

    def is_of(self, _cls: object) -> bool | None:
        """Not known."""
        return None

    def iterate(self, machine: MachineState) -> tuple[list[Value], bool]:
        """The variables that the program has set, and others."""
        return [*_set_by_program(machine).items], False


def _set_by_program(machine: MachineState) -> DictValue:
    """A dict with what the program has set, and more."""
    names = machine.variables.contents()
    return DictValue({name: one for name, one in names.items() if one is not MISSING}, open=True)


def _of_dict(name: str) -> Model:
    """The method *name* of a dict with what the program has set."""
    return lambda call: METHODS[name](_set_by_program(call.machine), call)


def _write(machine: MachineState, name: Value, value: Value) -> None:
    machine.heap.changing(machine.variables)
    machine.variables.set(name, value)


def _write_all(machine: MachineState, source: Value) -> None:
    made = DictValue({})
    made.update(source, machine)
    for name, value in made.items.items():
        _write(machine, name, value)


def _ask(call: Invocation, name: Value) -> Value:
    return call.machine.variables.ask(name, call.frame.module.origin, call.frame.module.name)


def _get(call: Invocation) -> Value:
    found, default = _ask(call, call.get(0, "key", UNKNOWN)), call.get(1, "default")
    if found is UNKNOWN and isinstance(default, str):
        return OneOf([default], more=True)
    return default if found is MISSING else found


def _set_default(call: Invocation) -> Value:
    """What it returns may be what the variable was; who reads it later finds the default, as in a fresh environment."""
    name, value = call.get(0, "key", UNKNOWN), call.get(1, "value")
    found, module = _ask(call, name), call.frame.module
    unset = call.machine.variables.ask(name, Origin.STDLIB, module.name) is MISSING
    if unset:
        _write(call.machine, name, value)
    return value if found is MISSING else found


def _pop(call: Invocation) -> Value:
    name = call.get(0, "key", UNKNOWN)
    found = _ask(call, name)
    _write(call.machine, name, MISSING)
    if found is not MISSING:
        return found
    if len(call.args) > 1 or "default" in call.keywords:
        return call.get(1, "default")
    return missing_key(call.machine, name)


def _update(call: Invocation) -> Value:
    for source in call.args:
        _write_all(call.machine, source)
    for name, value in call.keywords.items():
        _write(call.machine, name, value)
    return None


def _copy(call: Invocation) -> Value:
    """`os.environ.copy()`."""
    return _set_by_program(call.machine)


_METHODS: dict[str, Model] = {"copy": _copy, "get": _get, "setdefault": _set_default, "pop": _pop, "update": _update,
                              **{name: _of_dict(name) for name in ("items", "keys", "values")}}  # fmt: skip


def _as_text(call: Invocation) -> Value:
    value = call.first()
    return value.text if isinstance(value, PathValue) else value


def _write_files(call: Invocation) -> Value:
    call.machine.writes = True
    if call.keywords.get("exist_ok") is not True:
        call.machine.doubt_success()
    return None


def _folder(call: Invocation) -> Value:
    """`os.getcwd()`."""
    return call.machine.folder


def _list_folder(call: Invocation) -> Value:
    """`os.listdir(path)`: in no order."""
    found = names_in(call.get(0, "path", "."), call.machine)
    if found is None:
        return UNKNOWN
    made = ListValue([*found[1]])
    made.loose = len(found[1]) > 1
    return made


def _scan_folder(call: Invocation) -> Value:
    """`os.scandir(path)`."""
    found = names_in(call.get(0, "path", "."), call.machine)
    if found is None:
        return UNKNOWN
    folder, names = found
    made = Entries([_entry(folder, name, call.machine) for name in names])
    made.loose = len(names) > 1
    return made


def _walk_folders(call: Invocation) -> Value:
    """`os.walk(top)`: whoever goes over it may take folders out of the list that he gets."""
    top, machine = call.get(0, "top", UNKNOWN), call.machine
    path = top.text if isinstance(top, PathValue) else top
    if not isinstance(path, str) or names_in(path, machine) is None or call.get(1, "topdown", True) is not True:
        return UNKNOWN
    return IteratorValue(_below(path, machine), machine)


def _below(path: str, machine: MachineState) -> Iterator[Value]:
    pending = [path]
    for _ in range(MAX_FOLDERS):
        if not pending:
            return
        folder = pending.pop(0)
        found = names_in(folder, machine)
        if found is None:
            continue
        parts = ListValue([]), ListValue([])
        for name in found[1]:
            inside = bool(machine.finder.disk.ask("isdir", os.path.join(found[0], name)))
            parts[not inside].items.append(name)
        for part in parts:
            part.loose = len(part.items) > 1
        yield (folder, *parts)
        pending[:0] = [os.path.join(folder, name) for name in parts[0].items if isinstance(name, str)]
    raise Unsure


class Entries(ListValue):
    """What `scandir` gives: it is a context manager, too."""

    __slots__ = ()

    def around(self, block: Callable[[Value], Completion], _machine: MachineState, _frame: Frame) -> Completion:
        """Itself is entered."""
        return block(self)


def _entry(folder: str, name: str, machine: MachineState) -> Value:
    path = os.path.join(folder, name)
    ask = machine.finder.disk.ask
    return Namespace(
        {
            "name": name,
            "path": path,
            "is_dir": Native("is_dir", lambda _: bool(ask("isdir", path))),
            "is_file": Native("is_file", lambda _: bool(ask("isfile", path))),
        }
    )


def _status(call: Invocation) -> Value:
    """`os.stat(path)`: what it says is not known, but a file that is surely not there has none."""
    path = call.get(0, "path", UNKNOWN)
    call.machine.spend(100)
    gone = is_gone(path.text if isinstance(path, PathValue) else path, call.machine)
    return call.machine.mistake(FileNotFoundError) if gone else UNKNOWN


def _fill(machine: MachineState, module: ModuleValue) -> None:
    module.namespace["environ"] = Environ()
    module.namespace["name"] = machine.environment.os_name


# What the exit status of a process means.
_OF_STATUS = (
    "WIFSTOPPED", "WIFSIGNALED", "WIFEXITED", "WIFCONTINUED", "WCOREDUMP", "WEXITSTATUS", "WTERMSIG", "WSTOPSIG",
    "waitstatus_to_exitcode",
)  # fmt: skip
_WRITING = dict.fromkeys(
    ("mkdir", "makedirs", "rename", "renames", "replace", "link", "symlink", "mknod"), _write_files
)
LIBRARY = Library(
    functions={
        "os": {
            "getenv": _get,
            "fspath": _as_text,
            "listdir": _list_folder,
            "getcwd": _folder,
            "scandir": _scan_folder,
            "stat": _status,
            "walk": _walk_folders,
            "lstat": _status,
            **plain(os, *_OF_STATUS),
            **_WRITING,
        }
    },
    fill={"os": _fill},
)
