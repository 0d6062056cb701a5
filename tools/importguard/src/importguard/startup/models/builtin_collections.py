"""Built-in functions and types that make, measure or walk collections, on values of the analysis."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.machine.values import (
    UNKNOWN,
    DictValue,
    GeneratorValue,
    Invocation,
    ListValue,
    SetValue,
    Value,
    is_constant,
    truth,
)

if TYPE_CHECKING:
    pass

MAX_RANGE = 1_000


def _len(call: Invocation) -> Value:
    value = call.args[0] if call.args else UNKNOWN
    if isinstance(value, str | bytes | tuple):
        return len(value)
    if isinstance(value, ListValue | DictValue | SetValue) and not value.open:
        return len(value.items)
    return UNKNOWN


def _sequence(kind: str) -> Callable[[Invocation], Value]:
    def make(call: Invocation) -> Value:
        if not call.args:
            return {"list": ListValue([]), "tuple": (), "set": SetValue({})}[kind]
        found = call.machine.items_of(call.args[0])
        if found is None:
            return {"list": ListValue([], True), "tuple": UNKNOWN, "set": SetValue({}, True)}[kind]
        items, complete = found
        if kind == "tuple":
            return tuple(items) if complete else UNKNOWN
        if kind == "list":
            return ListValue(list(items), not complete)
        return SetValue({item: None for item in items if is_constant(item)}, not complete)

    return make


def _dict(call: Invocation) -> Value:
    made = DictValue(dict(call.keywords), not call.complete)
    if call.args:
        _update(made, call, call.args[0])
    return made


def _update(target: DictValue, call: Invocation, source: Value) -> None:
    if isinstance(source, DictValue):
        target.items.update(source.items)
        target.open |= source.open
        return
    found = call.machine.items_of(source)
    if found is None:
        target.open = True
        return
    for pair in found[0]:
        if isinstance(pair, tuple) and len(pair) == 2 and is_constant(pair[0]):
            target.items[pair[0]] = pair[1]
        else:
            target.open = True
    target.open |= not found[1]


def _sorted(call: Invocation) -> Value:
    found = call.machine.items_of(call.args[0]) if call.args else None
    if found is None:
        return UNKNOWN
    items, complete = found
    call.machine.spend(8 * len(items))
    try:
        ordered = sorted(items) if not call.keywords and all(map(is_constant, items)) else list(items)
    except TypeError:
        ordered = list(items)
    return ListValue(ordered, not complete)


def _reversed(call: Invocation) -> Value:
    found = call.machine.items_of(call.args[0]) if call.args else None
    return UNKNOWN if found is None else ListValue(list(reversed(found[0])), not found[1])


def _enumerate(call: Invocation) -> Value:
    found = call.machine.items_of(call.args[0]) if call.args else None
    return UNKNOWN if found is None else ListValue([(i, item) for i, item in enumerate(found[0])], not found[1])


def _zip(call: Invocation) -> Value:
    found = [call.machine.items_of(argument) for argument in call.args]
    if any(one is None for one in found):
        return UNKNOWN
    return ListValue([tuple(row) for row in zip(*(one[0] for one in found if one), strict=False)])


def _range(call: Invocation) -> Value:
    if call.args and all(type(argument) is int for argument in call.args):
        numbers = range(*call.args[:3]) if 0 not in call.args[2:3] else range(0)
        return ListValue(list(numbers[:MAX_RANGE]), bool(numbers[MAX_RANGE:]))
    return UNKNOWN


def _map(call: Invocation) -> Value:
    if len(call.args) != 2:
        return UNKNOWN
    found = call.machine.items_of(call.args[1])
    if found is None:
        return UNKNOWN
    function = call.args[0]
    return ListValue([call.machine.call(function, [item], {}, call.frame, True) for item in found[0]], not found[1])


def _any_all(wanted: bool) -> Callable[[Invocation], Value]:
    def decide(call: Invocation) -> Value:
        found = call.machine.items_of(call.args[0]) if call.args else None
        if found is None:
            return UNKNOWN
        answers = [truth(item) for item in found[0]]
        if wanted in answers:
            return wanted
        return UNKNOWN if None in answers or not found[1] else not wanted

    return decide


def _iter(call: Invocation) -> Value:
    return call.args[0] if len(call.args) == 1 else UNKNOWN


def _next(call: Invocation) -> Value:
    source = call.args[0] if call.args else UNKNOWN
    if isinstance(source, GeneratorValue):
        return (source.advance() or [UNKNOWN])[0]
    found = call.machine.items_of(source)
    if found is None:
        return UNKNOWN
    if found[0]:
        return found[0][0]
    return call.args[1] if len(call.args) > 1 and found[1] else UNKNOWN


COLLECTION_FUNCTIONS: dict[str, Callable[[Invocation], Value]] = {
    "len": _len,
    "sorted": _sorted,
    "reversed": _reversed,
    "enumerate": _enumerate,
    "zip": _zip,
    "range": _range,
    "map": _map,
    "any": _any_all(True),
    "all": _any_all(False),
    "iter": _iter,
    "next": _next,
}
COLLECTION_TYPES: dict[str, Callable[[Invocation], Value]] = {
    "list": _sequence("list"),
    "tuple": _sequence("tuple"),
    "set": _sequence("set"),
    "frozenset": _sequence("set"),
    "dict": _dict,
}
