"""`operator`: its functions do what operators do; `itemgetter` and its kind make callables."""

from __future__ import annotations

import operator
from collections.abc import Sequence

from importguard.startup.machine.operators import binary, compare
from importguard.startup.machine.state import MachineState
from importguard.startup.models.conversions import asking
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Value, truth
from importguard.startup.values.constants import behaviour
from importguard.startup.values.natives import Model, Native

_BINARY = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mult",
    "truediv": "Div",
    "floordiv": "FloorDiv",
    "mod": "Mod",
    "or_": "BitOr",
    "and_": "BitAnd",
    "xor": "BitXor",
    "concat": "Add",
}
_COMPARE = {"eq": "Eq", "ne": "NotEq", "lt": "Lt", "le": "LtE", "gt": "Gt", "ge": "GtE"}


def _binary(op: str) -> Model:
    return lambda call: binary(call.machine, op, *call.args) if len(call.args) == 2 else UNKNOWN


def _compare(op: str) -> Model:
    return lambda call: compare(call.machine, call.args[0], op, call.args[1]) if len(call.args) == 2 else UNKNOWN


def _path(value: Value, path: str, machine: MachineState) -> Value:
    for name in path.split("."):
        value = machine.attribute(value, name, machine.frame)
        if value is MISSING:
            return machine.fail(AttributeError)
    return value


def _all(found: Sequence[Value]) -> Value:
    return found[0] if len(found) == 1 else tuple(found)


def _attribute_getter(call: Invocation) -> Value:
    """`attrgetter("a.b", …)`."""
    names = [name for name in call.args if isinstance(name, str)]
    if not names or len(names) < len(call.args) or not call.complete:
        return UNKNOWN
    return Native("attrgetter", lambda use: _all([_path(use.first(), name, use.machine) for name in names]))


def _item_getter(call: Invocation) -> Value:
    """`itemgetter(key, …)`."""
    keys = call.args
    if not keys or not call.complete:
        return UNKNOWN
    return Native("itemgetter", lambda use: _all([_item(use.first(), key, use) for key in keys]))


def _item(owner: Value, key: Value, call: Invocation) -> Value:
    return behaviour(owner).item(key, call.machine, call.frame)


def _method_caller(call: Invocation) -> Value:
    """`methodcaller("name", …)`."""
    name, *rest = call.args or [UNKNOWN]
    if not isinstance(name, str):
        return UNKNOWN

    def run(use: Invocation) -> Value:
        method = use.machine.attribute(use.first(), name, use.frame)
        return use.machine.call(method, rest, call.keywords, use.frame, call.complete)

    return Native("methodcaller", run)


def _not(call: Invocation) -> Value:
    decided = truth(call.first(), call.machine)
    return UNKNOWN if decided is None else not decided


_FUNCTIONS: dict[str, Model] = {
    **{name: _binary(op) for name, op in _BINARY.items() if hasattr(operator, name)},
    **{name: _compare(op) for name, op in _COMPARE.items()},
    "attrgetter": _attribute_getter,
    "itemgetter": _item_getter,
    "methodcaller": _method_caller,
    "getitem": lambda call: _item(call.first(), call.get(1, "key", UNKNOWN), call),
    "call": lambda call: call.machine.call(call.first(), call.args[1:], call.keywords, call.frame, call.complete),
    "not_": _not,
    **asking({"index": lambda call: call.first() if isinstance(call.first(), int) else UNKNOWN}),
}


def _in_place(op: str) -> Model:
    """`iadd(value, other)`: what `value += other` binds."""

    def work_out(call: Invocation) -> Value:
        if len(call.args) != 2:
            return UNKNOWN
        made = behaviour(call.args[0]).in_place(op, call.args[1], call.machine)
        return binary(call.machine, op, *call.args) if made is MISSING else made

    return work_out


_FUNCTIONS.update({f"i{name.strip('_')}": _in_place(op) for name, op in _BINARY.items()})
LIBRARY = Library(functions={"operator": _FUNCTIONS})
