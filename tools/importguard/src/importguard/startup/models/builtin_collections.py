"""Built-in functions and types that make, measure or walk collections, on values of the analysis."""

from __future__ import annotations

from typing import Any

from importguard.startup.values.base import UNKNOWN, Invocation, Value, is_constant, truth
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model
from importguard.startup.values.sets import SetValue

MAX_RANGE = 1_000


def _len(call: Invocation) -> Value:
    length = behaviour(call.first()).length(call.machine)
    return UNKNOWN if length is None else length


def _list(call: Invocation) -> Value:
    if not call.args:
        return ListValue([])
    found = call.machine.items_of(call.args[0])
    return ListValue([], True) if found is None else ListValue(list(found[0]), not found[1])


def _tuple(call: Invocation) -> Value:
    if not call.args:
        return ()
    found = call.machine.items_of(call.args[0])
    return tuple(found[0]) if found is not None and found[1] else UNKNOWN


def _set(call: Invocation) -> Value:
    if not call.args:
        return SetValue({})
    found = call.machine.items_of(call.args[0])
    return SetValue({}, True) if found is None else SetValue.of(*found)


def _dict(call: Invocation) -> Value:
    made = DictValue.of_names(dict(call.keywords), not call.complete)
    if call.args:
        made.update(call.args[0], call.machine)
    return made


def _sorted(call: Invocation) -> Value:
    found = call.machine.items_of(call.args[0]) if call.args else None
    if found is None:
        return UNKNOWN
    items, complete = found
    call.machine.spend(8 * len(items))
    return ListValue(_ordered(items) if not call.keywords else list(items), not complete)


def _ordered(items: list[Value]) -> list[Value]:
    constants: list[Any] = [item for item in items if is_constant(item)]
    if len(constants) < len(items):
        return list(items)
    try:
        return sorted(constants)
    except TypeError:
        return list(items)


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
    bounds = [argument for argument in call.args if type(argument) is int]
    if bounds and len(bounds) == len(call.args):
        numbers = range(*bounds[:3]) if 0 not in bounds[2:3] else range(0)
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


def _any_all(wanted: bool) -> Model:
    def decide(call: Invocation) -> Value:
        found = call.machine.items_of(call.args[0]) if call.args else None
        if found is None:
            return UNKNOWN
        answers = [truth(item, call.machine) for item in found[0]]
        if wanted in answers:
            return wanted
        return UNKNOWN if None in answers or not found[1] else not wanted

    return decide


def _iter(call: Invocation) -> Value:
    return call.args[0] if len(call.args) == 1 else UNKNOWN


def _next(call: Invocation) -> Value:
    return behaviour(call.first()).next(call)


COLLECTION_FUNCTIONS: dict[str, Model] = {
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
COLLECTION_TYPES: dict[str, Model] = {
    "list": _list,
    "tuple": _tuple,
    "set": _set,
    "frozenset": _set,
    "dict": _dict,
}
