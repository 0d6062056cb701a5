"""`os.path`: what a path is made of, and what is on the disk. `ntpath` is the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from importguard.startup.models.library import Library
from importguard.startup.values.base import MAX_TEXT, UNKNOWN, Invocation, Value
from importguard.startup.values.natives import Model
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
)


def _of_paths(name: str) -> Model:
    function: Callable[..., Any] = getattr(os.path, name)

    def run(call: Invocation) -> Value:
        paths = [argument for argument in call.args if isinstance(argument, str)]
        if not paths or len(paths) < len(call.args):
            return UNKNOWN
        length = sum(map(len, paths))
        if length > MAX_TEXT:
            return UNKNOWN
        call.machine.spend(length >> 3)
        if name in QUESTIONS:
            call.machine.spend(100)
            answer = call.machine.finder.disk.ask(name, *paths)
            return UNKNOWN if answer is None else answer
        try:
            made: Value = function(*paths)
        except (OSError, ValueError, TypeError):
            return UNKNOWN
        return made

    return run


MODELS = {name: _of_paths(name) for name in _FUNCTIONS}
LIBRARY = Library(functions={"posixpath": MODELS})
