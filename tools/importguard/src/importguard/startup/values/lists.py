"""Lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

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
    same,
    truth,
)
from importguard.startup.values.choice import MAX_CHOICE, one_of
from importguard.startup.values.compared import Compared, NotKnown, is_among
from importguard.startup.values.heap import Mutable
from importguard.startup.values.merge import merge
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class ListValue(Abstract, Mutable):
    """A list, or the results of an iterator. `open`: it may hold more than `items`, for one what is in `maybe`."""

    __slots__ = ("items", "loose", "maybe", "open")
    type_name = "list"

    def __init__(self, items: list[Value], open: bool = False) -> None:  # noqa: A002 - the field's word
        self.items = items
        self.open = open
        self.loose = False  # the places of its items are not known
        self.maybe: tuple[Value, ...] = ()  # what one of several ways has put in

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
        opened, loose = True in [state[1] for state in states], True in [state[2] for state in states]
        count = len(first)
        if all(len(items) == count for items in others):
            for items in others:
                first = [one if one is other else merge(one, other) for one, other in zip(first, items, strict=True)]
            self.restore((first, opened, loose))
            return
        sure = first
        for items in others:
            sure = _in_both(sure, items)
        loose |= any(not _starts_with(items, sure) for items in [first, *others])
        self.restore((sure, True, loose))
        self.remember(item for items in [first, *others] for item in items if item not in sure)

    def remember(self, items: Iterable[Value]) -> None:
        """It may hold *items*."""
        self.maybe = (*self.maybe, *items)[:MAX_CHOICE]

    def in_common(self, other: Value) -> Value:
        """What both hold."""
        if not isinstance(other, ListValue):
            return MISSING
        made = ListValue([])
        made.join([self.snapshot(), other.snapshot()])
        return made

    def attribute(self, name: str, machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        machine.spend(len(self.items) >> 3)
        method = self.methods().get(name)
        return UNKNOWN if method is None else Native(name, partial(method, self))

    @staticmethod
    def methods() -> Mapping[str, Callable[..., Value]]:
        """What its methods do: each gets the list and the call."""
        return METHODS

    def item(self, key: Value, _machine: MachineState, _frame: Frame) -> Value:
        """The item at a place; where there may be more items, the last ones are not known."""
        place = self._place(key)
        if place is None:
            return one_of((*self.items, *self.maybe), more=True) if self.maybe else UNKNOWN
        return self.items[place]

    def part(self, bounds: slice) -> Value:
        """A new list."""
        if self.loose or (self.open and not _within(bounds, len(self.items))):
            return ListValue([], True)
        whole = bounds.stop is not None or not self.open
        return ListValue(self.items[bounds], not whole)

    def iterate(self, machine: MachineState) -> Items | None:
        """Its items."""
        machine.spend(len(self.items))
        return list(self.items), not self.open

    def some_item(self, _machine: MachineState) -> Value:
        """One of those that it may hold."""
        return one_of(self.maybe, more=True)

    def truth(self, _machine: MachineState) -> bool | None:
        """Whether it holds something."""
        return True if self.items else (None if self.open else False)

    def length(self, _machine: MachineState) -> int | None:
        """How much it holds."""
        return None if self.open else len(self.items)

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether one of the items is the same or equal."""
        machine.spend(len(self.items))
        answer = is_among(self.items, item, machine)
        return answer if answer or not self.open else None

    def compare(self, op: str, other: Value, machine: MachineState) -> Value:
        """Equal where they hold the same constants in the same order."""
        if op not in {"Eq", "NotEq"} or not isinstance(other, ListValue) or self.open or other.open:
            ordered = op not in {"Eq", "NotEq"} and is_constant(other)
            return machine.mistake(TypeError) if ordered else super().compare(op, other, machine)
        if self.loose or other.loose or not all(map(is_constant, (*self.items, *other.items))):
            return UNKNOWN if len(self.items) == len(other.items) else op == "NotEq"
        machine.spend(len(self.items))
        return (self.items == other.items) is (op == "Eq")

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
        made = ListValue(whole[:MAX_ITEMS], self.open or not complete or len(whole) > MAX_ITEMS)
        made.loose = self.loose or (self.open and bool(items))
        made.remember((*self.maybe, *perhaps_in(other)))
        return made

    def repeated(self, times: int) -> Value:
        """A new list, cut where it grows too long."""
        return ListValue(self.items * max(0, min(times, MAX_ITEMS // max(len(self.items), 1))), self.open)

    def next(self, call: Invocation) -> Value:
        """The first item, where the places are known."""
        return UNKNOWN if self.loose else super().next(call)

    def set_item(self, key: Value, value: Value, machine: MachineState) -> None:
        """At a place that there is; at one that is not known, it may be any of them."""
        machine.heap.changing(self)
        place = self._place(key)
        if place is not None:
            self.items[place] = value
        elif not self.open or type(key) is not int or key < 0:
            self.items[:] = [merge(one, value) for one in self.items]

    def delete_item(self, key: Value, machine: MachineState) -> None:
        """At a place that there is."""
        machine.heap.changing(self)
        place = self._place(key)
        if place is not None:
            del self.items[place]
        else:
            self.lose()

    def set_part(self, bounds: slice | None, value: Value, machine: MachineState) -> None:
        """Other items take the place of some."""
        found = machine.items_of(value)
        machine.heap.changing(self)
        if bounds is None or found is None or self.loose or (self.open and not _within(bounds, len(self.items))):
            self.lose()
            return
        items, complete = found
        if not complete and bounds.stop is not None:
            del self.items[bounds.start or 0 :]
            self.open = True
        if bounds.step not in {None, 1} and len(items) != len(self.items[bounds]):
            self.lose()
            return
        if bounds.stop is None:
            self.open = not complete
        self.items[bounds] = items[:MAX_ITEMS]
        self.open |= len(items) > MAX_ITEMS

    def delete_part(self, bounds: slice | None, machine: MachineState) -> None:
        """Some items go."""
        machine.heap.changing(self)
        if bounds is None or self.loose or (self.open and not _within(bounds, len(self.items))):
            self.lose()
            return
        del self.items[bounds]
        self.open &= bounds.stop is not None

    def _place(self, key: Value) -> int | None:
        """The place that *key* surely means."""
        if type(key) is not int or self.loose or (self.open and key < 0):
            return None
        return key if -len(self.items) <= key < len(self.items) else None

    def lose(self) -> None:
        """Which of the items are left is not known."""
        self.remember(self.items)
        self.items.clear()
        self.open, self.loose = True, False

    def take_one(self, *, last: bool) -> Value:
        """One that goes, the *last* one or another: nobody knows which of them that is."""
        found = one_of((*self.items, *self.maybe), more=self.open)
        if last and not self.loose and self.items:
            self.remember(self.items[-1:])
            self.items.pop()  # it may be that one
        else:
            self.lose()
        return found

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
        self.remember(perhaps_in(other))
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
    """What both hold, in the order of the one: each item as often as the other has it."""
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


def perhaps_in(value: Value) -> tuple[Value, ...]:
    """What going over *value* may give besides what it surely gives: items, or the keys of a table."""
    return tuple(getattr(value, "maybe", None) or ())


def _extend(value: ListValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    found = call.machine.items_of(call.first())
    items, complete = found if found is not None else ([], False)
    value.items.extend(items[: MAX_ITEMS - len(value.items)])
    value.open |= not complete
    value.remember(perhaps_in(call.first()))
    return None


def _insert(value: ListValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    place = call.first()
    if len(call.args) != 2 or type(place) is not int or len(value.items) >= MAX_ITEMS:
        value.open = value.loose = True
    else:
        value.loose |= value.open and not 0 <= place <= len(value.items)
        value.items.insert(place, call.args[1])
    return None


def _within(bounds: slice, length: int) -> bool:
    """Whether *bounds* mean the same, however many items follow the first *length*."""
    ends = [end for end in (bounds.start, bounds.stop) if end is not None]
    return bounds.step in {None, 1} and all(0 <= end <= length for end in ends)


def _remove(value: ListValue, call: Invocation) -> Value:
    """The first item that is equal; where that is not known, any of them may be gone."""
    call.machine.heap.changing(value)
    wanted = call.first()
    for position, item in enumerate(value.items):
        equal = holds([item], wanted)
        if equal:
            del value.items[position]
            return None
        if equal is None:
            break
    else:
        if not value.open:
            return call.machine.mistake(ValueError)
    value.lose()
    return None


def _pop(value: ListValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    position = call.args[0] if call.args else -1
    if type(position) is int and not value.loose and (position >= 0 or not value.open):
        if -len(value.items) <= position < len(value.items):
            return value.items.pop(position)
        return one_of(value.maybe, more=True) if value.open else call.machine.mistake(IndexError)
    return value.take_one(last=position == -1)


def _copy(value: ListValue, _call: Invocation) -> Value:
    made = ListValue(list(value.items), value.open)
    made.loose, made.maybe = value.loose, value.maybe
    return made


def _index(value: ListValue, call: Invocation) -> Value:
    if value.loose:
        return UNKNOWN
    found = index_of(value.items, call.first())
    gone = found is UNKNOWN and not value.open and holds(value.items, call.first()) is False
    return call.machine.mistake(ValueError) if gone else found


def _count(value: ListValue, call: Invocation) -> Value:
    known = not value.open and is_constant(call.first()) and all(map(is_constant, value.items))
    return value.items.count(call.first()) if known else UNKNOWN


def _clear(value: ListValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    value.items.clear()
    value.open = value.loose = False
    return None


def _reverse(value: ListValue, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    value.items.reverse()
    value.loose |= value.open
    return None


def ordered(items: list[Value], call: Invocation) -> list[Value] | None:
    """*items* as `key=` and `reverse=` of a call ask for; None where their order is not known."""
    key, backwards = call.keywords.get("key"), truth(call.keywords.get("reverse", False), call.machine)
    call.machine.spend(8 * len(items))
    keys: list[Any] = items if key is None else [call.machine.invoke(key, item) for item in items]
    if len(items) < 2:
        return list(items)
    if backwards is None or not call.complete:
        return None
    if not all(map(is_constant, keys)):
        keys = [Compared(one, call.machine) for one in keys]
    try:
        places = sorted(range(len(items)), key=keys.__getitem__, reverse=backwards)
    except (TypeError, NotKnown):
        return None
    return [items[place] for place in places]


def _sort(value: ListValue, call: Invocation) -> Value:
    made = ordered(list(value.items), call)
    call.machine.heap.changing(value)
    value.loose = made is None or value.open
    if made is not None:
        value.items[:] = made
    return None


METHODS: dict[str, Callable[[ListValue, Invocation], Value]] = {
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "remove": _remove,
    "pop": _pop,
    "copy": _copy,
    "index": _index,
    "count": _count,
    "clear": _clear,
    "reverse": _reverse,
    "sort": _sort,
}
