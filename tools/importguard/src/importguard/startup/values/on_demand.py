"""What a `type` statement and brackets of a class or a function make: its parts are evaluated when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import UNKNOWN, Unknown, Value
from importguard.startup.values.functions import FunctionValue

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class OnDemand(Unknown):
    """*parts*: the functions that give its attributes, by name."""

    __slots__ = ("parts",)

    def __init__(self, parts: dict[str, Value]) -> None:
        self.parts = parts

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """`__value__`, `__bound__`, `__constraints__`, `__default__`: worked out once."""
        part = self.parts.get(name, UNKNOWN)
        if isinstance(part, FunctionValue):
            given: list[Value] = [UNKNOWN] * len(part.parameters.positional)
            part = self.parts[name] = machine.call(part, given, {}, frame, complete=True)
        return part
