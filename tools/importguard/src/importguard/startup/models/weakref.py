"""`weakref`: references that hold nothing; what runs when an object goes may run at any time."""

from __future__ import annotations

from importguard.startup.machine.branches import perhaps
from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Items, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.choice import one_of
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native
from importguard.startup.values.sets import SetValue


def _finalize(call: Invocation) -> Value:
    """`finalize(object, function, …)`."""
    machine, given = call.machine, call.args
    if len(given) > 1:
        perhaps(
            machine, call.frame, lambda: machine.call(given[1], given[2:], call.keywords, call.frame, call.complete)
        )
    return UNKNOWN


def _is_held(value: Value, machine: MachineState) -> bool:
    """Whether a name of the running code or of a module that is the project's own surely holds *value*."""
    modules = [one.namespace for one in machine.modules.values() if one.is_own()]
    names = [machine.frame.namespace, machine.frame.module.namespace, *modules]
    return any(one is value for held in names for one in held.values())


class Reference(Abstract):
    """`ref(target)`: what it refers to as long as somebody holds that, then None."""

    __slots__ = ("target",)
    by_identity = True

    def __init__(self, target: Value) -> None:
        self.target = target

    def call(self, call: Invocation) -> Value:
        """`self()`."""
        held = not isinstance(self.target, Abstract) or _is_held(self.target, call.machine)
        return self.target if held else one_of([self.target, None])

    def is_callable(self) -> bool | None:
        """It is."""
        return True


def _reference(call: Invocation) -> Value:
    """`ref(object, callback)`."""
    _may_end(call)
    return Reference(call.first())


def _proxy(call: Invocation) -> Value:
    """`proxy(object, callback)`: as good as the object itself."""
    _may_end(call)
    return call.first()


def _may_end(call: Invocation) -> None:
    callback = call.get(1, "callback")
    if callback is not None:
        call.machine.call_perhaps(callback, [UNKNOWN])


class WeakSet(SetValue):
    """Those of its items that somebody holds are in it."""

    __slots__ = ()

    def iterate(self, machine: MachineState) -> Items | None:
        """Those that surely are."""
        items = [one for one in self.items if _is_held(one, machine)]
        self.remember(one for one in self.items if one not in items)
        return items, not self.open and len(items) == len(self.items)


def _set(call: Invocation) -> Value:
    """`WeakSet(items)`."""
    made, found = WeakSet({}), call.machine.items_of(call.first()) if call.args else ([], True)
    for one in found[0] if found is not None else ():
        made.add(one, call.machine)
    made.open |= found is None or not found[1]
    return made


def _dict(call: Invocation) -> Value:
    """A dict whose items may go."""
    made = DictValue({})
    if call.args:
        made.update(call.args[0], call.machine)
    return made


_TYPES = {
    "ref": _reference,
    "WeakMethod": _reference,
    "WeakSet": _set,
    "WeakValueDictionary": _dict,
    "WeakKeyDictionary": _dict,
}


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    for name, make in _TYPES.items():
        if name in module.namespace:
            module.namespace[name] = BuiltinType(name, (name, "object"), make)
    module.namespace["proxy"] = Native("proxy", _proxy)


LIBRARY = Library(functions={"weakref": {"finalize": _finalize}}, fill={"weakref": _fill})
