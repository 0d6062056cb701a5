"""`heapq`: the order of a heap, by the comparisons of what it holds."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from importguard.startup.machine.operators import compare
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value, truth
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState


class NotKnown(Exception):  # noqa: N818 - no error of anybody's
    """Which of two is less is not known."""


class Compared:
    """A value that Python's own algorithms can order: they ask the machine."""

    __slots__ = ("machine", "value")

    def __init__(self, value: Value, machine: MachineState) -> None:
        self.value = value
        self.machine = machine

    def __lt__(self, other: Compared) -> bool:
        decided = truth(compare(self.machine, self.value, "Lt", other.value), self.machine)
        if decided is None:
            raise NotKnown
        return decided


def _on_heap(run: Callable[..., Any]) -> Model:
    def work_out(call: Invocation) -> Value:
        heap, machine = call.first(), call.machine
        if not isinstance(heap, ListValue):
            return UNKNOWN
        machine.heap.changing(heap)
        items = [Compared(one, machine) for one in heap.items]
        given = [Compared(one, machine) for one in call.args[1:]]
        try:
            if heap.open or heap.loose:
                raise NotKnown
            made = run(items, *given)
        except (NotKnown, IndexError):
            heap.items += [one.value for one in given]
            heap.loose = True
            heap.open = True
            return UNKNOWN
        heap.items[:] = [one.value for one in items]
        return made.value if isinstance(made, Compared) else None

    return work_out


_NAMES = ("heappush", "heappop", "heapify", "heapreplace", "heappushpop")
LIBRARY = Library(functions={"heapq": {name: _on_heap(getattr(heapq, name)) for name in _NAMES}})
