"""Values in the order that their own comparisons say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from importguard.startup.values.base import Abstract, Value, holds, truth

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState


class NotKnown(Exception):  # noqa: N818 - no error of anybody's
    """Which of two is less is not known."""


def is_among(items: Sequence[Value], wanted: Value, machine: MachineState) -> bool | None:
    """`wanted in items`; None when that is not known. The project's own classes say what is equal to their objects."""
    if not any(isinstance(one, Abstract) and one.is_own() and not one.by_identity for one in (wanted, *items)):
        return holds(items, wanted)
    answers: list[bool | None] = []
    for one in items:
        answers.append(True if one is wanted else truth(machine.compare(one, "Eq", wanted), machine))
        if answers[-1]:
            break
    return True if answers[-1:] == [True] else (None if None in answers else False)


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
