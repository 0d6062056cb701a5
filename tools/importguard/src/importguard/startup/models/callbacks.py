"""Built-in functions that call what they get: `filter`, `min`, `max`, `functools.reduce`."""

from __future__ import annotations

from typing import Any

from importguard.startup.models.lazy_functions import is_lazy, lazy_filter
from importguard.startup.values.base import UNKNOWN, Invocation, Items, Value, is_constant, truth
from importguard.startup.values.compared import Compared, NotKnown
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model


def _called(call: Invocation, function: Value, *args: Value) -> Value:
    return call.machine.call(function, list(args), {}, call.frame, complete=True)


def _filter(call: Invocation) -> Value:
    if is_lazy(call) and len(call.args) == 2:
        return lazy_filter(call)
    found = call.machine.items_of(call.args[1]) if len(call.args) == 2 else None
    if found is None:
        return UNKNOWN
    items: list[Value] = []
    complete = found[1]
    for item in found[0]:
        decided = truth(item if call.args[0] is None else _called(call, call.args[0], item), call.machine)
        if decided:
            items.append(item)
        complete &= decided is not None
    return ListValue(items, not complete)


def _extreme(pick: Any) -> Model:
    def choose(call: Invocation) -> Value:
        found: Items | None = (call.args, call.complete)
        if len(call.args) == 1:
            found = call.machine.items_of(call.args[0])
        if found is None:
            return UNKNOWN
        items, key = found[0], call.keywords.get("key")
        if not items:
            return call.keywords.get("default", UNKNOWN) if found[1] else UNKNOWN
        keys: list[Any] = items if key is None else [_called(call, key, item) for item in items]
        if found[1] and not all(map(is_constant, keys)):
            return _of_objects(items, keys, pick, call)
        if not found[1]:
            return UNKNOWN
        try:
            return items[keys.index(pick(keys))]
        except TypeError:
            return UNKNOWN

    return choose


def _of_objects(items: list[Value], keys: list[Value], pick: Any, call: Invocation) -> Value:
    """As their own comparisons say."""
    wrapped = [Compared(key, call.machine) for key in keys]
    try:
        chosen = pick(wrapped)
    except NotKnown:
        return UNKNOWN
    return next(item for item, one in zip(items, wrapped, strict=True) if one is chosen)


def reduce(call: Invocation) -> Value:
    """`functools.reduce(function, items, initial)`."""
    found = call.machine.items_of(call.args[1]) if len(call.args) > 1 else None
    if found is None:
        return UNKNOWN
    rest = [*call.args[2:], *found[0]]
    if not rest:
        return UNKNOWN
    value = rest[0]
    for item in rest[1:]:
        value = _called(call, call.args[0], value, item)
    return value if found[1] else UNKNOWN


CALLBACK_FUNCTIONS: dict[str, Model] = {"filter": _filter, "min": _extreme(min), "max": _extreme(max)}
