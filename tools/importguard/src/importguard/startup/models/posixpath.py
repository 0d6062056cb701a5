"""`os.path`: what a path is made of, and what is on the disk. `ntpath` is the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import MAX_TEXT, UNKNOWN, Invocation, Value
from importguard.startup.values.natives import Model
from importguard.startup.values.paths import PathValue
from importguard.storage.disk import QUESTIONS

_FUNCTIONS = (
    "join",
    "dirname",
    "basename",
    "abspath",
    "normpath",
    "exists",
    "isfile",
    "isdir",
    "splitext",
    "realpath",
    "relpath",
    "split",
    "isabs",
)


def on_disk(question: str, path: str, machine: MachineState) -> Value:
    """The answer of the disk. We assume that a program starts in the project's folder, if that has the file at all."""
    if "\0" in path:
        return UNKNOWN
    answer = machine.finder.disk.ask(question, os.path.join(machine.folder, path))
    unsure = answer is False and (machine.writes or not os.path.isabs(path))
    return UNKNOWN if answer is None or unsure else answer


def _of_paths(name: str) -> Model:
    function: Callable[..., Any] = getattr(os.path, name)

    def run(call: Invocation) -> Value:
        given = [argument.text if isinstance(argument, PathValue) else argument for argument in call.args]
        paths = [argument for argument in given if isinstance(argument, str)]
        if not paths or len(paths) < len(call.args):
            return UNKNOWN
        length = sum(map(len, paths))
        if length > MAX_TEXT:
            return UNKNOWN
        call.machine.spend(length >> 3)
        if name in QUESTIONS:
            call.machine.spend(100)
            return on_disk(name, paths[0], call.machine)
        if name in {"abspath", "realpath"}:
            paths = [os.path.join(call.machine.folder, *paths)]
        if name == "relpath":
            paths = [os.path.join(call.machine.folder, one) for one in (*paths, ".")[:2]]
        try:
            made: Value = function(*paths)
        except (OSError, ValueError, TypeError):
            return UNKNOWN
        return made

    return run


MODELS = {name: _of_paths(name) for name in _FUNCTIONS}
LIBRARY = Library(functions={"posixpath": MODELS})
