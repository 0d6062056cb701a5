"""`io.open` and the built-in `open`: a file that is there and read."""

from __future__ import annotations

import os

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.files import OpenFile, TextBuffer
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.text import import_codec


def path_of(value: Value, machine: MachineState) -> str | None:
    """The file or folder that *value* names. We assume that a program starts in the project's folder."""
    text = value if isinstance(value, str) else getattr(value, "text", None)
    return os.path.join(machine.folder, text) if isinstance(text, str) and "\0" not in text else None


def open_file(call: Invocation) -> Value:
    """`open(path)`."""
    path, mode = path_of(call.get(0, "file", UNKNOWN), call.machine), call.get(1, "mode", "r")
    import_codec(call.get(3, "encoding"), call, frozenset())
    if not isinstance(mode, str) or not set(mode) <= set("rbtU"):
        call.machine.writes = True
        return UNKNOWN
    if path is None:
        return UNKNOWN
    call.machine.spend(100)
    if call.machine.finder.disk.ask("isfile", path):
        return OpenFile(path)
    gone = is_gone(call.get(0, "file", UNKNOWN), call.machine)
    return call.machine.mistake(FileNotFoundError) if gone else UNKNOWN


def is_gone(path: Value, machine: MachineState) -> bool:
    """Whether there surely is no such file: the path is absolute, and the program has written none before."""
    absolute = isinstance(path, str) and os.path.isabs(path) and "\0" not in path
    return absolute and not machine.writes and not machine.finder.disk.ask("exists", str(path))


def _buffer(call: Invocation) -> Value:
    """`StringIO(text)`."""
    return TextBuffer(call.get(0, "initial_value", ""))


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    module.namespace["StringIO"] = BuiltinType("StringIO", ("StringIO", "object"), _buffer)


LIBRARY = Library(fill={"io": _fill}, functions={"io": {"open": open_file}, "tokenize": {"open": open_file}})
