"""Dicts with constant keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    is_constant,
    is_key,
    key_of,
)
from importguard.startup.values.choice import one_of
from importguard.startup.values.heap import Mutable
from importguard.startup.values.lists import ListValue
from importguard.startup.values.merge import continues, merge
from importguard.startup.values.natives import Native
from importguard.startup.values.sets import SetValue

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class DictValue(Abstract, Mutable):
    """A dict with constant keys. `open`: it may hold more; `maybe`: what one of several ways has put in."""

    __slots__ = ("items", "maybe", "open")
    maybe: dict[Value, Value] | None
    type_name = "dict"

    def __init__(self, items: dict[Value, Value], open: bool = False) -> None:  # noqa: A002 - as ListValue
        self.items = items
        self.open = open
        self.maybe = None

    @classmethod
    def of_names(cls, names: dict[str, Value], open: bool = False) -> DictValue:  # noqa: A002 - as ListValue
        """The dict of a namespace or of keyword arguments: what changes in the one changes in the other."""
        return cls(names, open)  # type: ignore[arg-type]  # keys that are no texts stay out of the way

    def contents(self) -> dict[Value, Value]:
        """Its items."""
        return self.items

    def snapshot(self) -> DictState:
        """Its items now."""
        return dict(self.items), self.open

    def restore(self, state: DictState) -> None:
        """As before."""
        items, self.open = state
        self.items.clear()
        self.items.update(items)

    def join(self, states: Sequence[DictState]) -> None:
        """The keys that every way has left; it may hold more where ways differ."""
        sure, *others = [items for items, _ in states]
        for items in others:
            if continues(sure, items):  # the usual case, of dicts that may be large
                sure = items if len(items) < len(sure) else sure
            else:
                sure = {key: merge(value, items[key]) for key, value in sure.items() if key in items}
        longer = [items for items, _ in states if len(items) > len(sure)]
        self.restore((sure, bool(longer) or any(opened for _, opened in states)))
        some = {key: one for items in longer for key, one in items.items() if key not in sure}
        self.maybe = {**(self.maybe or {}), **some} if some else self.maybe

    def in_common(self, other: Value) -> Value:
        """What both hold."""
        if not isinstance(other, DictValue):
            return MISSING
        made = DictValue({})
        made.join([self.snapshot(), other.snapshot()])
        return made

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        method = self.methods().get(name)
        return UNKNOWN if method is None else Native(name, partial(method, self))

    @staticmethod
    def methods() -> Mapping[str, Callable[..., Value]]:
        """What its methods do: each gets the dict and the call."""
        return METHODS

    def item(self, key: Value, machine: MachineState, _frame: Frame) -> Value:
        """What is at the key; a KeyError only where the program would catch it."""
        key = key_of(key, self.items, machine)
        if key is MISSING:
            return one_of(self.items.values()) if self.items or self.open else missing_key(machine, UNKNOWN)
        if key in self.items:
            return self.items[key]
        if self.open and self.maybe is not None and key in self.maybe:
            return one_of([self.maybe[key]], more=True)
        return UNKNOWN if self.open else missing_key(machine, key)

    def iterate(self, machine: MachineState) -> Items | None:
        """Its keys."""
        machine.spend(len(self.items))
        return list(self.items), not self.open

    def some_item(self, _machine: MachineState) -> Value:
        """One of the keys that it may hold."""
        return one_of(self.maybe or (), more=True)

    def truth(self, _machine: MachineState) -> bool | None:
        """Whether it holds something."""
        return True if self.items else (None if self.open else False)

    def length(self, _machine: MachineState) -> int | None:
        """How much it holds."""
        return None if self.open else len(self.items)

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether there is such a key."""
        item = key_of(item, self.items, machine)
        if item is MISSING:
            return None if self.items or self.open else False
        return True if item in self.items else (None if self.open else False)

    def compare(self, op: str, other: Value, machine: MachineState) -> Value:
        """Equal where they hold the same constants."""
        if op not in {"Eq", "NotEq"} or not isinstance(other, DictValue) or self.open or other.open:
            ordered = op not in {"Eq", "NotEq"} and is_constant(other)
            return machine.mistake(TypeError) if ordered else super().compare(op, other, machine)
        if not all(map(is_constant, (*self.items.values(), *other.items.values()))):
            return UNKNOWN if self.items.keys() == other.items.keys() else op == "NotEq"
        machine.spend(len(self.items))
        return (self.items == other.items) is (op == "Eq")

    def binary(self, op: str, other: Value, machine: MachineState) -> Value:
        """`|`."""
        if op != "BitOr" or not isinstance(other, DictValue):
            return UNKNOWN
        machine.spend(len(self.items) + len(other.items))
        made = DictValue({**self.items, **other.items}, self.open or other.open)
        made.maybe = {**(self.maybe or {}), **(other.maybe or {})} or None
        return made

    def in_place(self, op: str, other: Value, machine: MachineState) -> Value:
        """`self |= other` changes the dict."""
        if op != "BitOr":
            return MISSING
        self.update(other, machine)
        return self

    def set_item(self, key: Value, value: Value, machine: MachineState) -> None:
        """Under a key that is known."""
        key = key_of(key, self.items, machine)
        machine.heap.changing(self)
        if key is not MISSING and (len(self.items) < MAX_KEYS or key in self.items):
            self.items[key] = value
        else:
            self.open = True
            if key is MISSING:  # it may be any of them
                self.items.update({known: merge(one, value) for known, one in self.items.items()})

    def delete_item(self, key: Value, machine: MachineState) -> None:
        """Under a key that is known."""
        key = key_of(key, self.items, machine)
        machine.heap.changing(self)
        if key is not MISSING:
            self.items.pop(key, None)
        else:
            self.lose()

    def lose(self) -> None:
        """Which of the keys are left is not known."""
        self.maybe = {**(self.maybe or {}), **self.items}
        self.items.clear()
        self.open = True

    def update(self, source: Value, machine: MachineState) -> None:
        """`self.update(source)`: another dict, or pairs."""
        machine.heap.changing(self)
        if isinstance(source, DictValue):
            machine.spend(len(source.items))
            self.items.update(source.items)
            self.open |= source.open
            self.maybe = {**(self.maybe or {}), **(source.maybe or {})} or None
            return
        found = machine.items_of(source)
        for pair in found[0] if found is not None else ():
            if isinstance(pair, tuple) and len(pair) == 2 and is_key(pair[0]):
                self.items[pair[0]] = pair[1]
            else:
                self.open = True
        self.open |= found is None or not found[1]

    def is_callable(self) -> bool | None:
        """No dict is."""
        return False

    def size(self) -> int:
        """How many keys it has."""
        return len(self.items)

    def forget(self) -> None:
        """It may hold more."""
        self.open = True


DictState: TypeAlias = tuple[dict[Value, Value], bool]


def missing_key(machine: MachineState, key: Value) -> Value:
    """There is no such *key*: a KeyError where the module itself would catch it, else unknown."""
    return machine.fail(KeyError, key)


def _get(value: DictValue, call: Invocation) -> Value:
    key = key_of(call.first(), value.items, call.machine)
    if key is MISSING:
        return one_of([*value.items.values(), call.get(1, "default")])
    if key in value.items:
        return value.items[key]
    if value.open and value.maybe is not None and key in value.maybe:
        return one_of([value.maybe[key], call.get(1, "default")], more=True)
    return UNKNOWN if value.open else call.get(1, "default")


def _set_default(value: DictValue, call: Invocation) -> Value:
    key = key_of(call.first(), value.items, call.machine)
    call.machine.heap.changing(value)
    if key is MISSING:
        value.open = True
        return UNKNOWN
    if len(value.items) >= MAX_KEYS:
        value.open = True
        return value.items.get(key, UNKNOWN)
    default = call.get(1, "default")
    return value.items.setdefault(key, merge(UNKNOWN, default) if value.open else default)


def _pop(value: DictValue, call: Invocation) -> Value:
    key = key_of(call.first(), value.items, call.machine)
    call.machine.heap.changing(value)
    if key is MISSING:
        value.lose()
        return UNKNOWN
    return value.items.pop(key, UNKNOWN if value.open or len(call.args) < 2 else call.args[1])


def _pop_item(value: DictValue, call: Invocation) -> Value:
    """The last pair."""
    call.machine.heap.changing(value)
    if value.open or not value.items:
        value.lose()
        return UNKNOWN
    return value.items.popitem()


def _clear(value: DictValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    value.items.clear()
    value.open = False
    return None


def _update(value: DictValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    value.items.update(call.keywords)
    value.open |= not call.complete
    for source in call.args:
        if len(value.items) >= MAX_KEYS:
            value.open = True
            break
        value.update(source, call.machine)
    return None


class Keys(SetValue):
    """`table.keys()`: what changes in the table changes in it."""

    __slots__ = ("table",)
    type_name = "dict_keys"

    def __init__(self, table: DictValue) -> None:
        self.table = table

    @property
    def items(self) -> dict[Value, None]:  # type: ignore[override]  # nobody writes it
        """Its keys."""
        return dict.fromkeys(self.table.items)

    @property
    def open(self) -> bool:  # type: ignore[override]  # nobody writes it
        """Whether the table may hold more."""
        return self.table.open

    @property
    def maybe(self) -> tuple[Value, ...]:  # type: ignore[override]  # nobody writes it
        """What the table may hold."""
        return tuple(self.table.maybe or ())

    def forget(self) -> None:
        """Nobody changes a table through its keys."""


def _keys(value: DictValue, _call: Invocation) -> Value:
    return Keys(value)


def _values(value: DictValue, _call: Invocation) -> Value:
    made = ListValue(list(value.items.values()), value.open)
    made.remember((value.maybe or {}).values())
    return made


def _items(value: DictValue, _call: Invocation) -> Value:
    made = ListValue(list(value.items.items()), value.open)
    made.remember((value.maybe or {}).items())
    return made


def _copy(value: DictValue, _call: Invocation) -> Value:
    made = DictValue(dict(value.items), value.open)
    made.maybe = value.maybe
    return made


METHODS: dict[str, Callable[[DictValue, Invocation], Value]] = {
    "get": _get,
    "setdefault": _set_default,
    "pop": _pop,
    "popitem": _pop_item,
    "clear": _clear,
    "update": _update,
    "keys": _keys,
    "values": _values,
    "items": _items,
    "copy": _copy,
}
