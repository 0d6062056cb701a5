"""Sets of constants, frozen or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from importguard.startup.values.base import MAX_KEYS, UNKNOWN, Abstract, Invocation, Items, Value, is_constant
from importguard.startup.values.heap import Mutable
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class SetValue(Abstract, Mutable):
    """A set or frozenset of constants. `open`: it may hold more."""

    __slots__ = ("items", "open")
    type_name = "set"

    def __init__(self, items: dict[Value, None], open: bool = False) -> None:  # noqa: A002 - as ListValue
        self.items = items
        self.open = open

    @classmethod
    def of(cls, items: list[Value], complete: bool) -> SetValue:
        """The constants among *items*."""
        known: dict[Value, None] = {item: None for item in items if is_constant(item)}
        return cls(known, not complete)

    def contents(self) -> dict[Value, None]:
        """Its items."""
        return self.items

    def snapshot(self) -> SetState:
        """Its items now."""
        return dict(self.items), self.open

    def restore(self, state: SetState) -> None:
        """As before."""
        items, self.open = state
        self.items.clear()
        self.items.update(items)

    def join(self, states: Sequence[SetState]) -> None:
        """The items that every way has left; it may hold more where ways differ."""
        first, *others = [items for items, _ in states]
        sure: dict[Value, None] = {item: None for item in first if all(item in items for items in others)}
        self.restore((sure, any(opened or len(items) > len(sure) for items, opened in states)))

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        method = _METHODS.get(name)
        return UNKNOWN if method is None else Native(name, partial(method, self))

    def iterate(self, machine: MachineState) -> Items | None:
        """Its items, in the order in which they were put in."""
        machine.spend(len(self.items))
        return list(self.items), not self.open

    def truth(self, _machine: MachineState) -> bool | None:
        """Whether it holds something."""
        return True if self.items else (None if self.open else False)

    def length(self, _machine: MachineState) -> int | None:
        """How much it holds."""
        return None if self.open else len(self.items)

    def contains(self, item: Value, _machine: MachineState) -> bool | None:
        """Whether it holds a constant."""
        if not is_constant(item):
            return None
        return True if item in self.items else (None if self.open else False)

    def binary(self, op: str, other: Value, machine: MachineState) -> Value:
        """`|`, `-` and `&`."""
        if not isinstance(other, SetValue) or op not in {"BitOr", "Sub", "BitAnd"}:
            return UNKNOWN
        machine.spend(len(self.items) + len(other.items))
        if op == "BitOr":
            keys = [*{**self.items, **other.items}]
        else:
            keys = [item for item in self.items if (item in other.items) is (op == "BitAnd")]
        return SetValue(dict.fromkeys(sorted(keys, key=repr)), self.open or other.open)

    def size(self) -> int:
        """Its items."""
        return len(self.items)

    def forget(self) -> None:
        """It may hold more."""
        self.open = True


SetState: TypeAlias = tuple[dict[Value, None], bool]


def _add(value: SetValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    item = call.first()
    if is_constant(item) and len(value.items) < MAX_KEYS:
        value.items[item] = None
    else:
        value.open = True
    return None


def _update(value: SetValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    for source in call.args:
        found = call.machine.items_of(source)
        items, complete = found if found is not None else ([], False)
        room = max(MAX_KEYS - len(value.items), 0)
        fresh: dict[Value, None] = {item: None for item in items[:room] if is_constant(item)}
        value.items.update(fresh)
        value.open |= not complete or len(fresh) < len(items)
    return None


def _union(value: SetValue, call: Invocation) -> Value:
    made = SetValue(dict(value.items), value.open)
    _update(made, call)
    return made


def _discard(value: SetValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    item = call.first()
    if is_constant(item):
        value.items.pop(item, None)
    return None


def _copy(value: SetValue, _call: Invocation) -> Value:
    return SetValue(dict(value.items), value.open)


_METHODS: dict[str, Callable[[SetValue, Invocation], Value]] = {
    "add": _add,
    "union": _union,
    "update": _update,
    "discard": _discard,
    "remove": _discard,
    "copy": _copy,
}
