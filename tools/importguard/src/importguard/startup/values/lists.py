"""Lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from importguard.startup.values.base import (
    MAX_ITEMS,
    MISSING,
    UNKNOWN,
    Abstract,
    Invocation,
    Items,
    Value,
    holds,
    index_of,
    is_constant,
    merge,
    same,
)
from importguard.startup.values.heap import Mutable
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class ListValue(Abstract, Mutable):
    """A list, or the results of an iterator. `open`: it may hold more than `items`."""

    __slots__ = ("items", "loose", "open")
    type_name = "list"

    def __init__(self, items: list[Value], open: bool = False) -> None:  # noqa: A002 - the field's word
        self.items = items
        self.open = open
        self.loose = False  # the places of its items are not known

    def contents(self) -> list[Value]:
        """Its items."""
        return self.items

    def snapshot(self) -> ListState:
        """Its items now."""
        return list(self.items), self.open, self.loose

    def restore(self, state: ListState) -> None:
        """As before."""
        self.items[:], self.open, self.loose = state

    def join(self, states: Sequence[ListState]) -> None:
        """The items that every way has left, in order; where lists are as long, item by item."""
        first, *others = [items for items, _, _ in states]
        opened, loose = any(state[1] for state in states), any(state[2] for state in states)
        if all(len(items) == len(first) for items in others):
            for items in others:
                first = [merge(one, other) for one, other in zip(first, items, strict=True)]
            self.restore((first, opened, loose))
            return
        sure = first
        for items in others:
            sure = _in_both(sure, items)
        loose |= any(not _starts_with(items, sure) for items in [first, *others])
        self.restore((sure, True, loose))

    def attribute(self, name: str, machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        machine.spend(len(self.items) >> 3)
        method = _METHODS.get(name)
        return UNKNOWN if method is None else Native(name, partial(method, self))

    def item(self, key: Value, _machine: MachineState, _frame: Frame) -> Value:
        """The item at a place; where there may be more items, the last ones are not known."""
        if type(key) is not int or self.loose or (self.open and key < 0):
            return UNKNOWN
        return self.items[key] if -len(self.items) <= key < len(self.items) else UNKNOWN

    def part(self, bounds: slice) -> Value:
        """A new list."""
        return ListValue(self.items[bounds], self.open)

    def iterate(self, machine: MachineState) -> Items | None:
        """Its items."""
        machine.spend(len(self.items))
        return list(self.items), not self.open

    def truth(self, _machine: MachineState) -> bool | None:
        """Whether it holds something."""
        return True if self.items else (None if self.open else False)

    def length(self, _machine: MachineState) -> int | None:
        """How much it holds."""
        return None if self.open else len(self.items)

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether one of the items is the same or equal."""
        machine.spend(len(self.items))
        answer = holds(self.items, item)
        return answer if answer or not self.open else None

    def binary(self, op: str, other: Value, machine: MachineState) -> Value:
        """`+` and `*`."""
        if op == "Mult" and isinstance(other, int):
            return self.repeated(other)
        if op != "Add":
            return UNKNOWN
        found = machine.items_of(other)
        items, complete = found if found is not None else ([], False)
        machine.spend(len(self.items))
        whole = self.items + items
        return ListValue(whole[:MAX_ITEMS], self.open or not complete or len(whole) > MAX_ITEMS)

    def repeated(self, times: int) -> Value:
        """A new list, cut where it grows too long."""
        return ListValue(self.items * max(0, min(times, MAX_ITEMS // max(len(self.items), 1))), self.open)

    def set_item(self, key: Value, value: Value, machine: MachineState) -> None:
        """At a place that there is."""
        machine.heap.changing(self)
        if type(key) is int and -len(self.items) <= key < len(self.items):
            self.items[key] = value

    def in_place(self, op: str, other: Value, machine: MachineState) -> Value:
        """`self += other` extends the list."""
        if op != "Add":
            return MISSING
        found = machine.items_of(other)
        machine.heap.changing(self)
        if found is None:
            self.open = True
        elif len(self.items) < MAX_ITEMS:
            self.items.extend(found[0])
            self.open |= not found[1]
        return self

    def is_callable(self) -> bool | None:
        """No list is."""
        return False

    def size(self) -> int:
        """Its items."""
        return len(self.items)

    def forget(self) -> None:
        """It may hold more."""
        self.open = True


ListState: TypeAlias = tuple[list[Value], bool, bool]


def _in_both(left: list[Value], right: list[Value]) -> list[Value]:
    """What both hold, in the order of the one: each item as often as it stands in the other."""
    rest = list(right)
    found = []
    for item in left:
        for place, one in enumerate(rest):
            if one is item or (is_constant(one) and is_constant(item) and one == item):
                found.append(item)
                del rest[: place + 1]
                break
    return found


def _starts_with(items: list[Value], start: list[Value]) -> bool:
    return all(same(one, other) for one, other in zip(items, start, strict=False)) and len(items) >= len(start)


def _append(value: ListValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    if len(value.items) < MAX_ITEMS:
        value.items.append(call.first())
    else:
        value.open = True
    return None


def _extend(value: ListValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    found = call.machine.items_of(call.first())
    items, complete = found if found is not None else ([], False)
    value.items.extend(items[: MAX_ITEMS - len(value.items)])
    value.open |= not complete
    return None


def _insert(value: ListValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    place = call.first()
    if len(call.args) == 2 and type(place) is int and len(value.items) < MAX_ITEMS:
        value.items.insert(place, call.args[1])
    else:
        value.open = True
    return None


def _remove(value: ListValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    wanted = call.first()
    known = is_constant(wanted)
    for position, item in enumerate(value.items):
        if item is wanted or (known and is_constant(item) and item == wanted):
            del value.items[position]
            break
    return None


def _pop(value: ListValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    position = call.args[0] if call.args else -1
    if type(position) is int and -len(value.items) <= position < len(value.items) and not value.open:
        return value.items.pop(position)
    return UNKNOWN


def _copy(value: ListValue, _call: Invocation) -> Value:
    return ListValue(list(value.items), value.open)


def _index(value: ListValue, call: Invocation) -> Value:
    return index_of(value.items, call.first())


def _sort(_value: ListValue, _call: Invocation) -> Value:
    return None


_METHODS: dict[str, Callable[[ListValue, Invocation], Value]] = {
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "remove": _remove,
    "pop": _pop,
    "copy": _copy,
    "index": _index,
    "sort": _sort,
}
