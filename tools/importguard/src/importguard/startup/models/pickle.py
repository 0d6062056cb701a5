"""`pickle`: what objects say of how they are made again. Reads the names in known bytes, runs none of them."""

from __future__ import annotations

import pickletools

from importguard.startup.models.library import Library
from importguard.startup.values.base import MAX_ITEMS, MISSING, UNKNOWN, Abstract, Invocation, Value, is_constant
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native

MAX_OBJECTS = 1_000  # of one pickle


class Pickled(Abstract):
    """The bytes that an object has become."""

    __slots__ = ("again",)
    type_name = "bytes"

    def __init__(self, again: Value) -> None:
        self.again = again  # a Native that makes the object once more; a constant stands for itself


def _dumps(call: Invocation) -> Value:
    """`dumps(object)`: each object inside says how it is made again."""
    return Pickled(_reduced(call.get(0, "obj", UNKNOWN), call, [MAX_OBJECTS]))


def _loads(call: Invocation) -> Value:
    """`loads(data)`."""
    data = call.get(0, "data", UNKNOWN)
    if isinstance(data, bytes):
        return _load_names(data, call)
    return _again(data.again, call) if isinstance(data, Pickled) else UNKNOWN


def _again(value: Value, call: Invocation) -> Value:
    if isinstance(value, Native):
        return value.call(call)
    if isinstance(value, ListValue):
        return ListValue([_again(one, call) for one in value.items], value.open)
    if isinstance(value, DictValue):
        return DictValue({key: _again(one, call) for key, one in value.items.items()}, value.open)
    return tuple(_again(one, call) for one in value) if type(value) is tuple else value


def _reduced(value: Value, call: Invocation, left: list[int]) -> Value:
    """What makes *value* again, part by part."""
    left[0] -= 1
    if left[0] < 0:
        return UNKNOWN
    if isinstance(value, ListValue):
        return ListValue([_reduced(one, call, left) for one in value.items], value.open)
    if isinstance(value, DictValue):
        return DictValue({key: _reduced(one, call, left) for key, one in value.items.items()}, value.open)
    if type(value) is tuple and not is_constant(value):
        return tuple(_reduced(one, call, left) for one in value)
    return _object(value, call, left) if isinstance(value, Instance) else value


def _object(value: Instance, call: Invocation, left: list[int]) -> Value:
    machine = call.machine
    for name, given in (("__reduce_ex__", (4,)), ("__reduce__", ())):
        if isinstance(value.cls.lookup(name), FunctionValue):
            made = value.special(name, machine, *given)
            return _from_parts(made, call, left) if isinstance(made, tuple) else UNKNOWN
    state: Value = DictValue.of_names(dict(value.attributes), value.open)
    if isinstance(value.cls.lookup("__getstate__"), FunctionValue):
        state = value.special("__getstate__", machine)
    kept = _reduced(state, call, left)

    def make(use: Invocation) -> Value:
        again = Instance(value.cls)
        _set_state(again, _again(kept, use), use)
        return again

    return Native("unpickle", make)


def _from_parts(parts: tuple[Value, ...], call: Invocation, left: list[int]) -> Value:
    """`(function, arguments, state)`."""
    maker, given = parts[0], parts[1] if len(parts) > 1 else ()
    args = _reduced(given, call, left)
    state = _reduced(parts[2], call, left) if len(parts) > 2 else None

    def make(use: Invocation) -> Value:
        found = use.machine.items_of(_again(args, use))
        items, complete = found if found is not None else ([], False)
        again = use.machine.call(maker, items, {}, use.frame, complete)
        if state is not None:
            _set_state(again, _again(state, use), use)
        return again

    return Native("unpickle", make)


def _set_state(again: Value, state: Value, call: Invocation) -> None:
    """What `__setstate__` does, else new attributes."""
    own = again.cls.lookup("__setstate__") if isinstance(again, Instance) else MISSING
    if isinstance(again, Instance) and own is not MISSING:
        again.special("__setstate__", call.machine, state)
    elif isinstance(again, Instance) and isinstance(state, DictValue):
        again.attributes.update({name: one for name, one in state.items.items() if isinstance(name, str)})
        again.open |= state.open
    else:
        behaviour(again).forget()


def _load_names(data: bytes, call: Invocation) -> Value:
    """The modules that a pickle names are imported."""
    texts: list[str] = []
    call.machine.spend(len(data))
    try:
        for count, (code, argument, _) in enumerate(pickletools.genops(data)):
            if count > MAX_ITEMS:
                break
            if code.name == "GLOBAL" and isinstance(argument, str):
                call.machine.import_dynamic(argument.partition(" ")[0], call)
            elif code.name == "STACK_GLOBAL" and len(texts) > 1:
                call.machine.import_dynamic(texts[-2], call)
            elif isinstance(argument, str):
                texts.append(argument)
    except ValueError:  # no pickle, or one of a protocol to come
        return call.machine.fail(ValueError)
    return UNKNOWN


def _copied(call: Invocation) -> Value:
    """`dump(value, file)`: as `dumps`."""
    _dumps(call)
    return None


LIBRARY = Library(functions={"pickle": {"dumps": _dumps, "loads": _loads, "dump": _copied}})
