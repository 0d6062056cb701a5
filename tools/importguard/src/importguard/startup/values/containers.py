"""The containers of `collections`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Items, Value, is_constant, key_of, truth
from importguard.startup.values.dicts import METHODS as DICT_METHODS
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.lists import METHODS as LIST_METHODS
from importguard.startup.values.lists import ListValue

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.builtin_types import BuiltinType
    from importguard.startup.values.frames import Frame


class Deque(ListValue):
    """A deque."""

    __slots__ = ("most",)
    type_name = "deque"

    def __init__(self, items: list[Value], open: bool = False, most: int | None = None) -> None:  # noqa: A002 - as ListValue
        super().__init__(items, open)
        self.most = most
        self.cut(left=True)

    @staticmethod
    def methods() -> Mapping[str, Callable[..., Value]]:
        """Those of a list and its own."""
        return _DEQUE_METHODS

    def cut(self, *, left: bool) -> None:
        """It holds no more than it may: what is too much goes, at one end."""
        surplus = len(self.items) - self.most if self.most is not None else 0
        if surplus > 0:
            del self.items[slice(surplus) if left else slice(-surplus, None)]
        self.loose |= self.open and self.most is not None


def deque(call: Invocation) -> Value:
    """`deque(items, maxlen)`."""
    found = call.machine.items_of(call.args[0]) if call.args else ([], True)
    most = call.get(1, "maxlen")
    if most is not None and (type(most) is not int or most < 0):
        return UNKNOWN
    items, complete = found if found is not None else ([], False)
    return Deque(list(items), not complete, most)


def _bounded(method: Callable[..., Value], *, left: bool) -> Callable[..., Value]:
    def run(value: Deque, call: Invocation) -> Value:
        answer = method(value, call)
        value.cut(left=left)
        return answer

    return run


def _append_left(value: Deque, call: Invocation) -> Value:
    return LIST_METHODS["insert"](value, call.after(0))


def _pop_left(value: Deque, call: Invocation) -> Value:
    return LIST_METHODS["pop"](value, call.after(0))


def _extend_left(value: Deque, call: Invocation) -> Value:
    found = call.machine.items_of(call.first())
    call.machine.heap.changing(value)
    value.items[:0] = reversed(found[0]) if found is not None else []
    value.loose |= found is None or not found[1]
    value.open |= found is None or not found[1]
    return None


def _rotate(value: Deque, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    times = call.get(0, "n", 1)
    if type(times) is not int or value.open:
        value.loose = True
    elif value.items:
        places = times % len(value.items)
        value.items[:] = value.items[-places:] + value.items[:-places]
    return None


_DEQUE_METHODS: dict[str, Callable[..., Value]] = {
    **LIST_METHODS,
    "append": _bounded(LIST_METHODS["append"], left=True),
    "extend": _bounded(LIST_METHODS["extend"], left=True),
    "appendleft": _bounded(_append_left, left=False),
    "popleft": _pop_left,
    "extendleft": _bounded(_extend_left, left=False),
    "rotate": _rotate,
}


class OrderedDict(DictValue):
    """An OrderedDict."""

    __slots__ = ()
    type_name = "OrderedDict"

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """A dict, too."""
        return super().is_a(builtin) or builtin.name == "dict"

    @staticmethod
    def methods() -> Mapping[str, Callable[..., Value]]:
        """Those of a dict and its own."""
        return _ORDERED_METHODS


def ordered_dict(call: Invocation) -> Value:
    """`OrderedDict(pairs, a=1)`."""
    made = OrderedDict({}, not call.complete)
    if call.args:
        made.update(call.args[0], call.machine)
    made.items.update(call.keywords)
    return made


def _move_to_end(value: OrderedDict, call: Invocation) -> Value:
    call.machine.heap.changing(value)
    key, last = call.first(), truth(call.get(1, "last", True), call.machine)
    if is_constant(key) and key in value.items and last is not None:
        moved = {key: value.items.pop(key)}
        rest = dict(value.items)
        value.items.clear()
        value.items.update(rest | moved if last else moved | rest)
    return None


def _pop_item(value: OrderedDict, call: Invocation) -> Value:
    last = truth(call.get(0, "last", True), call.machine)
    if last or value.open or not value.items:
        return DICT_METHODS["popitem"](value, call)
    call.machine.heap.changing(value)
    key = next(iter(value.items))
    if last is None:
        value.lose()
        return UNKNOWN
    return key, value.items.pop(key)


_ORDERED_METHODS: dict[str, Callable[..., Value]] = {
    **DICT_METHODS,
    "move_to_end": _move_to_end,
    "popitem": _pop_item,
}


class DefaultDict(DictValue):
    """A defaultdict: `factory` makes what is not there."""

    __slots__ = ("factory",)
    type_name = "defaultdict"

    def __init__(self, factory: Value, items: dict[Value, Value], open: bool = False) -> None:  # noqa: A002 - as DictValue
        super().__init__(items, open)
        self.factory = factory

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """A dict, too."""
        return super().is_a(builtin) or builtin.name == "dict"

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """What is there, else what the factory makes, which is there from then on."""
        key = key_of(key, self.items, machine)
        if key is MISSING or self.open or key in self.items or self.factory is None:
            if key not in self.items:
                machine.may_call(self.factory)
            return super().item(key, machine, frame)
        made = machine.invoke(self.factory)
        self.set_item(key, made, machine)
        return made


def default_dict(call: Invocation) -> Value:
    """`defaultdict(factory, items)`."""
    made = DefaultDict(call.args[0] if call.args else None, {}, not call.complete)
    for source in call.args[1:2]:
        made.update(source, call.machine)
    made.items.update(call.keywords)
    return made


class Counter(DictValue):
    """A Counter: how often each constant was met."""

    __slots__ = ()
    type_name = "Counter"

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """A dict, too."""
        return super().is_a(builtin) or builtin.name == "dict"

    @staticmethod
    def methods() -> Mapping[str, Callable[..., Value]]:
        """Those of a dict and its own."""
        return _COUNTER_METHODS

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """0 for what was never met."""
        if is_constant(key) and key not in self.items and not self.open:
            return 0
        return super().item(key, machine, frame)

    def count(self, source: Value, sign: int, machine: MachineState) -> None:
        """Counts what *source* gives: a mapping says how often."""
        machine.heap.changing(self)
        if isinstance(source, DictValue):
            pairs, complete = list(source.items.items()), not source.open
        else:
            found = machine.items_of(source)
            items, complete = found if found is not None else ([], False)
            pairs = [(item, 1) for item in items if is_constant(item)]
            complete &= len(pairs) == len(items)
        if not complete:  # any of them may be met more often
            self.lose()
            return
        for key, times in pairs:
            known = self.items.get(key, UNKNOWN if self.open else 0)
            numbers = isinstance(known, int) and isinstance(times, int)
            self.items[key] = known + sign * times if numbers else UNKNOWN  # type: ignore[operator]  # both are ints


def counter(call: Invocation) -> Value:
    """`Counter(items, a=1)`."""
    made = Counter({}, not call.complete)
    if call.args:
        made.count(call.args[0], 1, call.machine)
    if call.keywords:
        made.count(DictValue.of_names(call.keywords), 1, call.machine)
    return made


def _count(sign: int) -> Callable[[Counter, Invocation], Value]:
    def run(value: Counter, call: Invocation) -> Value:
        for source in (*call.args, DictValue.of_names(call.keywords)):
            value.count(source, sign, call.machine)
        return None

    return run


def _most_common(value: Counter, call: Invocation) -> Value:
    if call.get(0, "n") is not None:
        call.machine.import_dynamic("heapq", call, "collections")  # as the method itself does
    counts = [times for times in value.items.values() if isinstance(times, int)]
    wanted = call.get(0, "n")
    if value.open or len(counts) < len(value.items) or not (wanted is None or isinstance(wanted, int)):
        return UNKNOWN
    call.machine.spend(4 * len(counts))
    pairs: list[Value] = [*sorted(value.items.items(), key=lambda pair: pair[1], reverse=True)]  # type: ignore[arg-type,return-value]  # they are ints
    return ListValue(pairs[:wanted])


_COUNTER_METHODS: dict[str, Callable[..., Value]] = {
    **DICT_METHODS,
    "update": _count(1),
    "subtract": _count(-1),
    "most_common": _most_common,
}


class ChainMap(DictValue):
    """A ChainMap: the first of `maps` that has a key answers, and is the one that is written to."""

    __slots__ = ("maps",)
    type_name = "ChainMap"

    def __init__(self, maps: list[DictValue]) -> None:
        super().__init__(maps[0].items, maps[0].open)
        self.maps = maps

    @staticmethod
    def methods() -> Mapping[str, Callable[..., Value]]:
        """Those that read."""
        return _CHAIN_METHODS

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """Its maps, and its methods."""
        return ListValue([*self.maps]) if name == "maps" else super().attribute(name, machine, frame)

    def whole(self) -> DictValue:
        """All keys, each as the first map that has it says."""
        found = DictValue({})
        for one in reversed([self, *self.maps[1:]]):
            if one.open:
                found = DictValue(dict.fromkeys(found.items, UNKNOWN), True)
            found = DictValue({**found.items, **one.items}, found.open)
        return found

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """What the first map that has the key says."""
        return self.whole().item(key, machine, frame)

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether one of the maps has the key."""
        return self.whole().contains(item, machine)

    def iterate(self, machine: MachineState) -> Items | None:
        """All keys."""
        return self.whole().iterate(machine)

    def truth(self, machine: MachineState) -> bool | None:
        """Whether one of the maps holds something."""
        return self.whole().truth(machine)

    def length(self, machine: MachineState) -> int | None:
        """How many keys there are."""
        return self.whole().length(machine)


def chain_map(call: Invocation) -> Value:
    """`ChainMap(first, second)`."""
    maps = [one for one in call.args if isinstance(one, DictValue)]
    if len(maps) < len(call.args) or not call.complete:
        return UNKNOWN
    return ChainMap(maps or [DictValue({})])


def _chain_get(value: ChainMap, call: Invocation) -> Value:
    return DICT_METHODS["get"](value.whole(), call)


def _chain_view(name: str) -> Callable[[ChainMap, Invocation], Value]:
    return lambda value, call: DICT_METHODS[name](value.whole(), call)


def _new_child(value: ChainMap, call: Invocation) -> Value:
    child = call.get(0, "m")
    first = child if isinstance(child, DictValue) else DictValue({}, child is not None)
    return ChainMap([first, *value.maps])


_CHAIN_METHODS: dict[str, Callable[..., Value]] = {
    "get": _chain_get,
    "keys": _chain_view("keys"),
    "values": _chain_view("values"),
    "items": _chain_view("items"),
    "new_child": _new_child,
}
