"""Files that the program opens, and the code that it makes of their text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.values.base import UNKNOWN, Abstract, Value
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Completion, Frame


class FileText(Abstract):
    """What a file says: not known to the program's conditions, but it can be run as code."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """The same text in another form."""
        return Native(name, lambda _: self) if name in {"encode", "decode"} else UNKNOWN

    def truth(self, _machine: MachineState) -> bool | None:
        """It may be empty."""
        return None


class OpenFile(Abstract):
    """A file that is read."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """What is read from it."""
        if name == "read":
            return Native(name, lambda call: UNKNOWN if call.args else FileText(self.path))
        return self.path if name == "name" else UNKNOWN

    def around(self, block: Callable[[Value], Completion], _machine: MachineState, _frame: Frame) -> Completion:
        """The file itself is entered."""
        return block(self)


class Code(Abstract):
    """What `compile` makes of a text."""

    __slots__ = ("text",)

    def __init__(self, text: Value) -> None:
        self.text = text
