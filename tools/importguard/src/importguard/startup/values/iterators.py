"""Iterators that give one item at a time, as far as it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from importguard.startup.values.base import (
    MAX_ITEMS,
    MAX_TURNS,
    MISSING,
    UNKNOWN,
    Abstract,
    Invocation,
    Items,
    Missing,
    Raised,
    Value,
)
from importguard.startup.values.constants import behaviour
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

END = Missing()  # what a step gives after the last item
OPEN = Missing()  # and where it is not known whether there are more


class Unsure(Exception):  # noqa: N818 - no error: there may be more items
    """What a source raises where its items are not known any further. *some*: one that it may give."""

    def __init__(self, some: Value = UNKNOWN) -> None:
        self.some = some
        super().__init__()


class IteratorValue(Abstract):
    """An iterator over what *source* gives. `loose`: its items come in an order that is not known."""

    __slots__ = ("_doubt", "_ended", "_running", "_source", "loose", "some")

    def __init__(self, source: Iterator[Value], machine: MachineState, loose: bool = False) -> None:
        self._source = source
        self._doubt = machine.possible
        self._ended: Value = None
        self._running = False
        self.loose = loose
        self.some: Value = UNKNOWN  # an item that it may give where its items are not known any further

    def step(self, machine: MachineState) -> Value:
        """The next item; END, or OPEN where there may be one."""
        if self._ended is not None or self._running:
            return OPEN if self._ended is None else self._ended
        self._running = True
        try:
            machine.spend(1)
            made = self.advance(machine)
        except Raised:
            self._ended = END
            raise
        finally:
            self._running = False
        if made is END or made is OPEN:
            self._ended = made
        elif machine.possible > self._doubt:  # it may not have gone on: how far it has come is not known
            self._ended = OPEN
        return made

    def advance(self, _machine: MachineState) -> Value:
        """One step of the source."""
        try:
            return next(self._source, END)
        except Unsure as unsure:
            self.some = unsure.some
            return OPEN

    def some_item(self, _machine: MachineState) -> Value:
        """One that it may give."""
        return self.some

    def lose(self) -> None:
        """What it gives from here is not known."""
        self._ended = OPEN

    def iterate(self, machine: MachineState) -> Items | None:
        """All that is left."""
        items: list[Value] = []
        while len(items) < MAX_ITEMS:
            made = self.step(machine)
            if made is END or made is OPEN:
                return items, made is END
            items.append(made)
        return items, False

    def next(self, call: Invocation) -> Value:
        """`next(self)`, or `next(self, default)`."""
        made = self.step(call.machine)
        if made is OPEN or (self.loose and made is not END):
            return UNKNOWN
        if made is not END:
            return made
        return call.args[1] if len(call.args) > 1 else self.ended(call.machine)

    def ended(self, machine: MachineState) -> Value:
        """A StopIteration."""
        return machine.fail(StopIteration)

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """It goes on up to the item."""
        while True:
            made = self.step(machine)
            if made is END or made is OPEN:
                return False if made is END else None
            answer = behaviour((made,)).contains(item, machine)
            if answer is not False:
                return answer

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        if name == "__next__":
            return Native(name, lambda call: self.next(call.after(self)))
        return Native(name, lambda _: self) if name == "__iter__" else UNKNOWN

    def forget(self) -> None:
        """Somebody may have let it go on."""
        self.lose()


def pull(value: Value, machine: MachineState) -> Iterator[Value]:
    """The items of *value*, each when it is asked for. Raises Unsure where there may be more than is known."""
    if isinstance(value, IteratorValue):
        while True:
            made = value.step(machine)
            if made is END:
                return
            if made is OPEN:
                raise Unsure(value.some_item(machine))
            yield made
    if type(value) is ListValue and not value.loose:  # it may grow while somebody walks it
        place = 0
        while place < min(len(value.items), MAX_ITEMS):
            yield value.items[place]
            place += 1
        if value.open or place < len(value.items):
            raise Unsure(value.some_item(machine))
        return
    if isinstance(value, Instance) and value.held is None:
        yield from _of_instance(value, machine)
        return
    found = machine.items_of(value)
    yield from found[0] if found is not None else ()
    if found is None or not found[1]:
        raise Unsure(behaviour(value).some_item(machine))


def _of_instance(value: Instance, machine: MachineState) -> Iterator[Value]:
    made = value.special("__iter__", machine)
    if made is not MISSING and made is not value:
        if made is UNKNOWN:
            raise Unsure
        yield from pull(made, machine)
        return
    if value.cls.lookup("__next__") is MISSING and value.cls.lookup("__getitem__") is MISSING:
        raise Unsure
    for turn in range(MAX_TURNS):
        machine.catchers.append(frozenset({"StopIteration", "IndexError"}))
        try:
            item = value.special("__next__", machine)
            item = value.special("__getitem__", machine, turn) if item is MISSING else item
        except Raised as raised:
            if {"StopIteration", "IndexError"} & set(raised.names):
                return
            raise
        finally:
            machine.catchers.pop()
        if item is MISSING or item is UNKNOWN:
            raise Unsure
        yield item
    raise Unsure


def iterator(value: Value, machine: MachineState) -> IteratorValue:
    """`iter(value)`."""
    if isinstance(value, IteratorValue):
        return value
    return IteratorValue(pull(value, machine), machine, isinstance(value, ListValue) and value.loose)
