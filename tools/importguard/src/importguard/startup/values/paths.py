"""Paths of `pathlib`."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from importguard.startup.values.base import MAX_TEXT, UNKNOWN, Abstract, Value
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from collections.abc import Callable

    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.base import Invocation
    from importguard.startup.values.builtin_types import BuiltinType
    from importguard.startup.values.frames import Frame

CLASSES = frozenset({"Path", "PurePath", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath", "object"})
_TEXTS = frozenset({"name", "stem", "suffix", "anchor", "root", "drive"})
METHODS: dict[str, Callable[[PathValue, Invocation], Value]] = {}  # the model of the library fills it


class PathValue(Abstract):
    """A path that is known."""

    __slots__ = ("text",)
    type_name = "Path"

    def __init__(self, text: str) -> None:
        self.text = str(PurePosixPath(text))

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its parts and methods."""
        pure = PurePosixPath(self.text)
        if name in _TEXTS:
            part: str = getattr(pure, name)
            return part
        if name == "parent":
            return PathValue(str(pure.parent))
        if name == "parents":
            return tuple(PathValue(str(one)) for one in list(pure.parents)[:100])
        if name == "parts":
            return pure.parts
        method = METHODS.get(name)
        return UNKNOWN if method is None else Native(name, lambda call: method(self, call))

    def below(self, parts: list[Value]) -> Value:
        """The path with *parts* after it."""
        texts = [one.text if isinstance(one, PathValue) else one for one in parts]
        known = [one for one in texts if isinstance(one, str)]
        if len(known) < len(texts) or sum(map(len, known)) > MAX_TEXT:
            return UNKNOWN
        return PathValue(os.path.join(self.text, *known))

    def binary(self, op: str, other: Value, _machine: MachineState) -> Value:
        """`path / "name"`."""
        return self.below([other]) if op == "Div" else UNKNOWN

    def reflected(self, op: str, left: Value, _machine: MachineState) -> Value:
        """`"folder" / path`."""
        return PathValue(left).below([self]) if op == "Div" and isinstance(left, str) else UNKNOWN

    def compare(self, op: str, other: Value, _machine: MachineState) -> Value:
        """By their texts."""
        if op in {"Eq", "NotEq"} and isinstance(other, PathValue):
            return (self.text == other.text) is (op == "Eq")
        return UNKNOWN

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """A path of the system's kind."""
        return None if builtin.name in CLASSES and builtin.name != "Path" else builtin.name in {"Path", "object"}

    def size(self) -> int:
        """As its text: see `size_of`."""
        return len(self.text) >> 5
