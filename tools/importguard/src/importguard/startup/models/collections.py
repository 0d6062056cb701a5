"""`collections`: named tuples and containers."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.containers import chain_map, counter, default_dict, deque, ordered_dict
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.records import fields_of, record_class


def _namedtuple(call: Invocation) -> Value:
    """`namedtuple(name, fields, defaults=…)`."""
    name, fields = call.get(0, "typename", UNKNOWN), fields_of(call.get(1, "field_names", UNKNOWN), call)
    given = call.keywords.get("defaults", ())
    values = call.machine.items_of(given) if given is not None else ([], True)
    renamed = "rename" in call.keywords
    if not isinstance(name, str) or fields is None or values is None or not values[1] or renamed or not call.complete:
        return UNKNOWN
    defaults = dict(zip(reversed(fields), reversed(values[0]), strict=False))
    return record_class(name, fields, defaults, call.frame.module)


_TYPES = {
    "deque": deque,
    "OrderedDict": ordered_dict,
    "ChainMap": chain_map,
    "Counter": counter,
    "defaultdict": default_dict,
}
_HOSTS = {
    "OrderedDict": ("OrderedDict", "dict", "object"),
    "Counter": ("Counter", "dict", "object"),
    "defaultdict": ("defaultdict", "dict", "object"),
}


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    for name, make in _TYPES.items():
        if name in module.namespace:
            module.namespace[name] = BuiltinType(name, _HOSTS.get(name, (name, "object")), make)


LIBRARY = Library(functions={"collections": {"namedtuple": _namedtuple}}, fill={"collections": _fill})
