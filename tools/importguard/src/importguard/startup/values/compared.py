"""Values in the order that their own comparisons say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import Value, truth

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState


class NotKnown(Exception):  # noqa: N818 - no error of anybody's
    """Which of two is less is not known."""


class Compared:
    """A value that Python's own algorithms can order: they ask the machine. Comparing raises NotKnown."""

    __slots__ = ("machine", "value")

    def __init__(self, value: Value, machine: MachineState) -> None:
        self.value = value
        self.machine = machine

    def __lt__(self, other: Compared) -> bool:
        decided = truth(self.machine.compare(self.value, "Lt", other.value), self.machine)
        if decided is None:
            raise NotKnown
        return decided
