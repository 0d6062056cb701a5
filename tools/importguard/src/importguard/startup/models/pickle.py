"""`pickle`: what rebuilds an object runs where it is loaded. Reads the names in known bytes, runs none of them."""

from __future__ import annotations

import pickletools

from importguard.startup.models.library import Library
from importguard.startup.values.base import MAX_ITEMS, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance


class Pickled(Abstract):
    """The bytes that stand for *value*. `reduced`: what its `__reduce__` has answered, else None."""

    __slots__ = ("reduced", "value")
    type_name = "bytes"

    def __init__(self, value: Value, reduced: Value) -> None:
        self.value = value
        self.reduced = reduced


def _dumps(call: Invocation) -> Value:
    """`dumps(value)`."""
    value, machine = call.get(0, "obj", UNKNOWN), call.machine
    if not isinstance(value, Instance):
        return Pickled(value, None)
    for name, given in (("__reduce_ex__", [5]), ("__reduce__", [])):
        hook = value.cls.lookup(name)
        if isinstance(hook, FunctionValue):
            return Pickled(
                value, machine.call(machine.attribute(value, name, call.frame), [*given], {}, call.frame, True)
            )
    hook = value.cls.lookup("__getstate__")
    state = (
        machine.invoke(machine.attribute(value, "__getstate__", call.frame))
        if isinstance(hook, FunctionValue)
        else None
    )
    return Pickled(value, (value.cls, (), state) if state is not None else None)


def _loads(call: Invocation) -> Value:
    """`loads(data)`: the object is built again."""
    data = call.get(0, "data", UNKNOWN)
    if isinstance(data, bytes):
        return _load_names(data, call)
    if not isinstance(data, Pickled):
        return UNKNOWN
    reduced, machine = data.reduced, call.machine
    if not isinstance(reduced, tuple) or len(reduced) < 2:
        return data.value
    function, arguments, *rest = reduced
    found = machine.items_of(arguments)
    given = list(found[0]) if found is not None else []
    made = machine.call(function, given, {}, call.frame, complete=found is not None and found[1])
    if rest and rest[0] is not None and isinstance(made, Instance):
        hook = made.cls.lookup("__setstate__")
        if isinstance(hook, FunctionValue):
            machine.invoke(machine.attribute(made, "__setstate__", call.frame), rest[0])
    return made


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
