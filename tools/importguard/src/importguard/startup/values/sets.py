"""Sets of constants, frozen or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from importguard.startup.values.base import (
    MAX_KEYS,
    MISSING,
    UNKNOWN,
    Abstract,
    Invocation,
    Items,
    Value,
    is_key,
    key_of,
)
from importguard.startup.values.choice import MAX_CHOICE, one_of
from importguard.startup.values.heap import Mutable
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class SetValue(Abstract, Mutable):
    """A set or frozenset of constants. `open`: it may hold more, for one what is in `maybe`."""

    __slots__ = ("items", "maybe", "open")
    type_name = "set"

    def __init__(self, items: dict[Value, None], open: bool = False) -> None:  # noqa: A002 - as ListValue
        self.items = items
        self.open = open
        self.maybe: tuple[Value, ...] = ()  # what one of several ways has put in

    @classmethod
    def of(cls, items: list[Value], complete: bool) -> SetValue:
        """The constants among *items*."""
        known: dict[Value, None] = {item: None for item in items if is_key(item)}
        return cls(known, not complete or not all(map(is_key, items)))

    @classmethod
    def made(cls, items: list[Value], complete: bool, machine: MachineState) -> SetValue:
        """The set of *items*: of equal ones the first."""
        made = cls({}, not complete)
        for item in items:
            made.add(item, machine)
        return made

    def add(self, item: Value, machine: MachineState) -> None:
        """`self.add(item)`."""
        key = key_of(item, self.items, machine)
        if key is not MISSING and len(self.items) < MAX_KEYS:
            self.items[key] = None
        else:
            self.open = True

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
        self.remember(item for items in [first, *others] for item in items if item not in sure)

    def remember(self, items: Iterable[Value]) -> None:
        """It may hold *items*."""
        self.maybe = tuple(dict.fromkeys((*self.maybe, *items)))[:MAX_CHOICE]

    def some_item(self, _machine: MachineState) -> Value:
        """One of those that it may hold."""
        return one_of(self.maybe, more=True)

    def in_common(self, other: Value) -> Value:
        """What both hold."""
        if not isinstance(other, SetValue):
            return MISSING
        made = SetValue({})
        made.join([self.snapshot(), other.snapshot()])
        return made

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

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether it holds a constant, or something that is equal."""
        item = key_of(item, self.items, machine)
        if item is MISSING:
            return None
        return True if item in self.items else (None if self.open else False)

    def binary(self, op: str, other: Value, machine: MachineState) -> Value:
        """`|`, `-`, `&` and `^`."""
        if not isinstance(other, SetValue) or op not in _COMBINED:
            return UNKNOWN
        machine.spend(len(self.items) + len(other.items))
        return self.combined(op, other)

    def combined(self, op: str, other: SetValue) -> SetValue:
        """A new set; what the other may hold beyond what is known takes away nothing that is sure to stay."""
        opened = self.open or (other.open and op in {"BitOr", "BitXor"})
        if op == "BitOr":
            keys = [*{**self.items, **other.items}]
        elif op == "BitAnd":
            keys = [item for item in self.items if item in other.items]
            opened = (self.open or len(keys) < len(self.items)) and (other.open or self.open)
        elif other.open:  # it may hold, and so take away, any of them
            keys, opened = [], bool(self.items) or opened
        else:
            keys = [item for item in self.items if item not in other.items]
            if op == "BitXor":
                keys += [item for item in other.items if item not in self.items and not self.open]
        made = SetValue(dict.fromkeys(sorted(keys, key=repr)), opened)
        if opened:
            given = {"Sub": [self], "BitAnd": [self]}.get(op, [self, other])
            made.remember(item for one in given for item in (*one.items, *one.maybe) if item not in made.items)
        return made

    def in_place(self, op: str, other: Value, machine: MachineState) -> Value:
        """`self |= other` and its like change the set."""
        if op not in _COMBINED:
            return MISSING
        self.combine(op, other, machine)
        return self

    def combine(self, op: str, source: Value, machine: MachineState) -> None:
        """It becomes what *op* makes of it and the items of *source*."""
        made = self.combined(op, as_set(source, machine))
        machine.heap.changing(self)
        self.restore((made.items, made.open))
        self.remember(made.maybe)

    def lose(self) -> None:
        """Which of the items are left is not known."""
        self.remember(self.items)
        self.items.clear()
        self.open = True

    def size(self) -> int:
        """Its items."""
        return len(self.items)

    def forget(self) -> None:
        """It may hold more."""
        self.open = True


_COMBINED = frozenset({"BitOr", "Sub", "BitAnd", "BitXor"})
SetState: TypeAlias = tuple[dict[Value, None], bool]


def _add(value: SetValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    value.add(call.first(), call.machine)
    return None


def _update(value: SetValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    for source in call.args:
        found = call.machine.items_of(source)
        items, complete = found if found is not None else ([], False)
        room = max(MAX_KEYS - len(value.items), 0)
        fresh: dict[Value, None] = {item: None for item in items[:room] if is_key(item)}
        value.items.update(fresh)
        value.open |= not complete or len(fresh) < len(items)
    return None


def as_set(value: Value, machine: MachineState) -> SetValue:
    """The set of what *value* gives."""
    if isinstance(value, SetValue):
        return value
    found = machine.items_of(value)
    if found is None:
        return SetValue({}, True)
    items = [item for item in found[0] if is_key(item)]
    return SetValue.of(items, found[1] and len(items) == len(found[0]))


def _union(value: SetValue, call: Invocation) -> Value:
    made = _copied(value)
    _update(made, call)
    return made


def _combining(op: str, *, in_place: bool) -> Callable[[SetValue, Invocation], Value]:
    def run(value: SetValue, call: Invocation) -> Value:
        made = value if in_place else _copied(value)
        for source in call.args:
            made.combine(op, source, call.machine)
        return None if in_place else made

    return run


def _discard(value: SetValue, call: Invocation) -> Value:
    item = key_of(call.first(), value.items, call.machine)
    call.machine.heap.changing(value)
    if item is not MISSING:
        value.items.pop(item, None)
    else:
        value.lose()
    return None


def _remove(value: SetValue, call: Invocation) -> Value:
    item = key_of(call.first(), value.items, call.machine)
    if item is not MISSING and item not in value.items and not value.open:
        return call.machine.fail(KeyError, item)
    return _discard(value, call)


def _pop(value: SetValue, call: Invocation) -> Value:
    """Any of them."""
    call.machine.heap.changing(value)
    only = len(value.items) == 1 and not value.open
    found = next(iter(value.items)) if only else UNKNOWN
    value.lose()
    value.open = not only
    return found


def _clear(value: SetValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    value.items.clear()
    value.open = False
    return None


def _asking(decide: Callable[[SetValue, SetValue], bool | None]) -> Callable[[SetValue, Invocation], Value]:
    def run(value: SetValue, call: Invocation) -> Value:
        answer = decide(value, as_set(call.first(), call.machine))
        return UNKNOWN if answer is None else answer

    return run


def _subset(one: SetValue, other: SetValue) -> bool | None:
    if all(item in other.items for item in one.items):
        return None if one.open else True
    return None if other.open else False


def _disjoint(one: SetValue, other: SetValue) -> bool | None:
    if any(item in other.items for item in one.items):
        return False
    return None if one.open or other.open else True


def _copied(value: SetValue) -> SetValue:
    made = SetValue(dict(value.items), value.open)
    made.maybe = value.maybe
    return made


_METHODS: dict[str, Callable[[SetValue, Invocation], Value]] = {
    "add": _add,
    "union": _union,
    "update": _update,
    "discard": _discard,
    "remove": _remove,
    "copy": lambda value, _call: _copied(value),
    "pop": _pop,
    "clear": _clear,
    "difference": _combining("Sub", in_place=False),
    "intersection": _combining("BitAnd", in_place=False),
    "symmetric_difference": _combining("BitXor", in_place=False),
    "difference_update": _combining("Sub", in_place=True),
    "intersection_update": _combining("BitAnd", in_place=True),
    "symmetric_difference_update": _combining("BitXor", in_place=True),
    "issubset": _asking(_subset),
    "issuperset": _asking(lambda one, other: _subset(other, one)),
    "isdisjoint": _asking(_disjoint),
}
