"""`copy`: copies of what is known, inside lists, dicts and sets, too."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.containers import Deque
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native
from importguard.startup.values.sets import SetValue

MAX_COPIED = 400  # objects of one copy
_SHARED = "function type module method".split()  # what copies share


class _Otherwise(Exception):  # noqa: N818 - no error: the library's own code copies it
    """What is copied does more than is worked out here."""


def _copied(value: Value, machine: MachineState, seen: dict[int, Value], *, deep: bool) -> Value:
    """A copy of *value*; *seen* has what has been copied, by identity."""
    if not isinstance(value, Abstract) and type(value) is not tuple:
        return value
    if id(value) in seen:
        return seen[id(value)]
    if len(seen) > MAX_COPIED:
        raise _Otherwise
    machine.spend(10)

    def inner(one: Value) -> Value:
        return _copied(one, machine, seen, deep=True) if deep else one

    if type(value) is tuple:
        return tuple(map(inner, value))
    if type(value) in {ListValue, Deque} and isinstance(value, ListValue):
        made = seen[id(value)] = ListValue([], value.open) if type(value) is ListValue else Deque([], value.open)
        made.items[:] = map(inner, value.items)
        made.loose = value.loose
        return made
    if type(value) is DictValue:
        table = seen[id(value)] = DictValue({}, value.open)
        table.items.update({key: inner(one) for key, one in value.items.items()})
        return table
    if type(value) is SetValue:
        return SetValue(dict(value.items), value.open)
    if isinstance(value, Instance):
        return _of_instance(value, machine, seen, deep=deep)
    if isinstance(value, Abstract) and value.type_name in _SHARED:
        return value
    raise _Otherwise


def _of_instance(value: Instance, machine: MachineState, seen: dict[int, Value], *, deep: bool) -> Value:
    own = value.special("__deepcopy__" if deep else "__copy__", machine, *([DictValue({})] if deep else []))
    if own is not MISSING:
        return own
    others = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__", "__getnewargs_ex__")
    by_pickling = any(value.cls.lookup(one) is not MISSING for one in others)
    if value.held is not None or type(value) is not Instance or by_pickling:
        raise _Otherwise
    made = Instance(value.cls)
    made.open = value.open
    seen[id(value)] = made
    made.attributes.update(
        {name: _copied(one, machine, seen, deep=True) if deep else one for name, one in value.attributes.items()}
    )
    return made


def _model(own: Value, *, deep: bool) -> Native:
    def run(call: Invocation) -> Value:
        try:
            return _copied(call.first(), call.machine, {}, deep=deep)
        except _Otherwise:
            return own.call(call) if isinstance(own, Abstract) else UNKNOWN

    return Native("deepcopy" if deep else "copy", run)


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    for name in ("copy", "deepcopy"):
        module.namespace[name] = _model(module.namespace.get(name, UNKNOWN), deep=name == "deepcopy")


LIBRARY = Library(fill={"copy": _fill})
