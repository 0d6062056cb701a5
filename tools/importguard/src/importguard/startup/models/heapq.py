"""`heapq`: the order of a heap, by the comparisons of what it holds."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.compared import Compared, NotKnown
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model


def on_list(run: Callable[..., Any]) -> Model:
    """The model of a function of C that orders a list by what its items say."""

    def work_out(call: Invocation) -> Value:
        heap, machine = call.first(), call.machine
        if not isinstance(heap, ListValue):
            return UNKNOWN
        machine.heap.changing(heap)
        items = [Compared(one, machine) for one in heap.items]
        given = [Compared(one, machine) for one in call.args[1:]]
        try:
            if heap.open or heap.loose or call.keywords:
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
LIBRARY = Library(functions={"heapq": {name: on_list(getattr(heapq, name)) for name in _NAMES}})
