"""Built-in functions and types that make, measure or walk collections, on values of the analysis."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.lazy_functions import is_lazy, lazy_enumerate, lazy_map, lazy_until, lazy_zip
from importguard.startup.models.plain_functions import of_constants
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MAX_ITEMS, MISSING, UNKNOWN, Invocation, Value, is_key, truth
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.iterators import END, OPEN, IteratorValue, iterator
from importguard.startup.values.lists import ListValue, ordered, perhaps_in
from importguard.startup.values.natives import Model
from importguard.startup.values.sets import SetValue

MAX_RANGE = 1_000


def _len(call: Invocation) -> Value:
    if isinstance(call.first(), int | float | None):
        return call.machine.mistake(TypeError)
    length = behaviour(call.first()).length(call.machine)
    return UNKNOWN if length is None else length


def _list(call: Invocation) -> Value:
    if not call.args:
        return ListValue([])
    found = call.machine.items_of(call.args[0])
    if found is None:
        return ListValue([], True)
    made = ListValue(list(found[0]), not found[1])
    made.loose = _is_loose(call.args[0])
    made.remember(perhaps_in(call.args[0]))
    return made


class OpenTuple(ListValue):
    """A tuple of which not all items are known."""

    __slots__ = ()
    type_name = "tuple"


def _tuple(call: Invocation) -> Value:
    if not call.args:
        return ()
    found = call.machine.items_of(call.args[0])
    if found is None:
        return UNKNOWN
    if not found[1]:
        made = OpenTuple(list(found[0]), True)
        made.loose = _is_loose(call.args[0])
        made.remember(perhaps_in(call.args[0]))
        return made if made.maybe else UNKNOWN
    return tuple(found[0]) if not _is_loose(call.args[0]) or len(found[0]) < 2 else call.args[0]


def _set(call: Invocation) -> Value:
    if not call.args:
        return SetValue({})
    found = call.machine.items_of(call.args[0])
    if found is None:
        return SetValue({}, True)
    made = SetValue.made(*found, call.machine)
    made.remember(one for one in perhaps_in(call.args[0]) if is_key(one))
    return made


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
    made = ordered(items, call)
    result = ListValue(items if made is None else made, not complete)
    result.loose = made is None or not complete
    result.remember(perhaps_in(call.args[0]))
    return result


def _reversed(call: Invocation) -> Value:
    value = call.first()
    if isinstance(value, Instance):
        made = value.special("__reversed__", call.machine)
        if made is not MISSING:
            return made
    found = call.machine.items_of(value) if call.args else None
    if found is None:
        return UNKNOWN
    made = ListValue(list(reversed(found[0])), not found[1])
    made.loose = not found[1] or _is_loose(call.args[0])
    made.remember(perhaps_in(call.args[0]))
    return made


def _is_loose(value: Value) -> bool:
    return isinstance(value, ListValue) and value.loose


def _enumerate(call: Invocation) -> Value:
    if is_lazy(call) and call.args and isinstance(call.args[0], IteratorValue) and not call.args[0].loose:
        return lazy_enumerate(call)
    found = call.machine.items_of(call.args[0]) if call.args else None
    start = call.get(1, "start", 0)
    if found is None or _is_loose(call.args[0]):
        return UNKNOWN if found is None else ListValue([(UNKNOWN, item) for item in found[0]], not found[1])
    places = [start + place if type(start) is int else UNKNOWN for place in range(len(found[0]))]
    made = ListValue([*zip(places, found[0], strict=True)], not found[1])
    made.remember((UNKNOWN, one) for one in perhaps_in(call.args[0]))
    return made


def _zip(call: Invocation) -> Value:
    if is_lazy(call) and "strict" not in call.keywords and any(isinstance(one, IteratorValue) for one in call.args):
        return lazy_zip(call)
    found = [call.machine.items_of(argument) for argument in call.args]
    known = [one for one in found if one is not None]
    if len(known) < len(found) or any(map(_is_loose, call.args)):
        return UNKNOWN
    shortest = min((len(items) for items, _ in known), default=0)
    ends = not known or any(complete and len(items) == shortest for items, complete in known)
    return ListValue([tuple(row) for row in zip(*(items for items, _ in known), strict=False)], not ends)


def _range(call: Invocation) -> Value:
    bounds = [argument for argument in call.args if type(argument) is int]
    if bounds and len(bounds) == len(call.args):
        numbers = range(*bounds[:3]) if 0 not in bounds[2:3] else range(0)
        most = MAX_ITEMS if call.frame.module.origin == Origin.FIRST_PARTY else MAX_RANGE
        return ListValue(list(numbers[:most]), bool(numbers[most:]))
    return UNKNOWN


def _map(call: Invocation) -> Value:
    if call.args and is_lazy(call):
        return lazy_map(call)
    if len(call.args) != 2:
        return UNKNOWN
    found = call.machine.items_of(call.args[1])
    if found is None:
        return UNKNOWN
    function = call.args[0]
    return ListValue([call.machine.call(function, [item], {}, call.frame, True) for item in found[0]], not found[1])


def _any_all(wanted: bool) -> Model:
    def decide(call: Invocation) -> Value:
        if call.args and isinstance(call.args[0], IteratorValue):
            return _first_that(wanted, call.args[0], call.machine)
        found = call.machine.items_of(call.args[0]) if call.args else None
        if found is None:
            return UNKNOWN
        answers = [truth(item, call.machine) for item in found[0]]
        if wanted in answers:
            return wanted
        return UNKNOWN if None in answers or not found[1] else not wanted

    return decide


def _first_that(wanted: bool, source: IteratorValue, machine: MachineState) -> Value:
    """`any` and `all` go no further than the first answer."""
    sure = True
    while True:
        made = source.step(machine)
        if made is END or made is OPEN:
            return (not wanted) if made is END and sure else UNKNOWN
        decided = truth(made, machine)
        if decided is wanted:
            return wanted if sure or decided else UNKNOWN
        if decided is None:
            sure = False
            source.lose()  # it may end here
            return UNKNOWN


def _iter(call: Invocation) -> Value:
    if is_lazy(call) and len(call.args) == 2:
        return lazy_until(call)
    if is_lazy(call) and len(call.args) == 1 and call.args[0] is not UNKNOWN:
        return iterator(call.args[0], call.machine)
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


def _from_keys(call: Invocation) -> Value:
    """`dict.fromkeys(names, value)`."""
    found = call.machine.items_of(call.first())
    if found is None:
        return DictValue({}, True)
    keys = [item for item in found[0] if is_key(item)]
    return DictValue(dict.fromkeys(keys, call.get(1, "value")), not found[1] or len(keys) < len(found[0]))


TYPE_FUNCTIONS: dict[str, Model] = {
    "dict.fromkeys": _from_keys,
    "bytes.fromhex": of_constants(bytes.fromhex),
    "int.from_bytes": of_constants(int.from_bytes),
}
